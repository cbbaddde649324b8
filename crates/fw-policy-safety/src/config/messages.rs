//! What a client is told.

use schemars::JsonSchema;
use serde::Deserialize;

/// Whether replies are looked at, and what a denied client is told.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ResponseConfig {
    /// Whether replies are looked at.
    Switch(bool),
    /// They are, with these settings.
    Settings(ResponseSettings),
}

/// How replies are looked at, and what a denied client is told.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ResponseSettings {
    /// The message of denials, of requests and of replies. Default: one that names the categories.
    #[schemars(length(min = 1, max = 4096))]
    pub message: Option<String>,
    /// In a reply a score below this is no finding, whatever else is said. Default: 0.8.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub threshold: Option<f64>,
}

/// What is said when the matter is self-harm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct SelfHarmConfig {
    /// The message of the denial. Default: a supportive one that names no service of one country.
    #[schemars(length(min = 1, max = 4096))]
    pub message: Option<String>,
}

impl ResponseConfig {
    /// Whether replies are looked at.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        !matches!(self, Self::Switch(false))
    }

    /// The message of denials.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Switch(_) => None,
            Self::Settings(settings) => settings.message.as_deref(),
        }
    }

    /// The least score of a finding in a reply.
    pub(crate) const fn threshold(&self) -> Option<f64> {
        match self {
            Self::Switch(_) => None,
            Self::Settings(settings) => settings.threshold,
        }
    }
}

impl Default for ResponseConfig {
    fn default() -> Self {
        Self::Switch(true)
    }
}

impl From<bool> for ResponseConfig {
    fn from(on: bool) -> Self {
        Self::Switch(on)
    }
}

impl From<ResponseSettings> for ResponseConfig {
    fn from(settings: ResponseSettings) -> Self {
        Self::Settings(settings)
    }
}

impl ResponseSettings {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The message of denials.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// In a reply a score below this is no finding.
    #[must_use]
    pub const fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }
}
