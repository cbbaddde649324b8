//! What the client is told, what the log says, and what is looked for in replies.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Action;
use crate::error::Problem;

/// What happens on detection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ResponseConfig {
    /// What happens on detection. Default: `block`.
    pub action: Option<Action>,
    /// What the client is told, instead of the policy's own words.
    #[schemars(length(min = 1, max = 2048))]
    pub message: Option<String>,
    /// Level of the log line.
    pub log_level: LogLevel,
}

/// Level of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum LogLevel {
    Error,
    #[default]
    Warn,
    Info,
    Debug,
    Trace,
}

impl ResponseConfig {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What happens on detection.
    #[must_use]
    pub const fn action(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }

    /// What the client is told.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// The level of the log line.
    #[must_use]
    pub const fn log_level(mut self, level: LogLevel) -> Self {
        self.log_level = level;
        self
    }

    pub(super) fn problems(&self, found: &mut Vec<Problem>) {
        if let Some(message) = &self.message
            && !(1..=2048).contains(&message.len())
        {
            found.push(Problem::new(
                "response.message",
                "a message has 1 to 2048 bytes",
            ));
        }
    }
}

/// Whether a reply may repeat the request's own system text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct LeakConfig {
    /// Whether replies are looked at for it. What is found is blocked, flagged or escalated as attacks are.
    pub enabled: bool,
    /// How many words in a row have to be the same.
    #[schemars(range(min = 8, max = 256))]
    pub min_words: usize,
}

impl Default for LeakConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            min_words: 24,
        }
    }
}

impl LeakConfig {
    /// On, with 24 words in a row.
    #[must_use]
    pub const fn on() -> Self {
        Self {
            enabled: true,
            min_words: 24,
        }
    }

    /// How many words in a row have to be the same.
    #[must_use]
    pub const fn min_words(mut self, words: usize) -> Self {
        self.min_words = words;
        self
    }

    pub(super) fn problems(self, found: &mut Vec<Problem>) {
        if !(8..=256).contains(&self.min_words) {
            found.push(Problem::new(
                "leak_detection.min_words",
                "write a number from 8 to 256",
            ));
        }
    }
}

/// Whether a reply may hold images and links that carry data away.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct LinkConfig {
    /// Whether replies are looked at for them.
    pub enabled: bool,
    /// What happens to them.
    pub action: LinkAction,
    /// From how many bytes on a query carries data. A segment of the path may have twice as many, an image as many in all.
    #[schemars(range(min = 8, max = 1024))]
    pub max_bytes: usize,
    /// Hosts that may be sent anything, with all hosts below them.
    #[schemars(length(max = 1024))]
    pub allow_hosts: Vec<String>,
}

/// What happens to an image or a link that carries data away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LinkAction {
    /// Its address is removed, and the rest of the reply stays.
    #[default]
    Redact,
    /// The reply is refused, or ends before it.
    Block,
    /// It passes, and the finding is recorded.
    Flag,
}

impl LinkAction {
    /// Its name in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Redact => "redact",
            Self::Block => "block",
            Self::Flag => "flag",
        }
    }
}

impl Default for LinkConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            action: LinkAction::default(),
            max_bytes: 32,
            allow_hosts: Vec::new(),
        }
    }
}

impl LinkConfig {
    /// On: addresses are removed.
    #[must_use]
    pub fn on() -> Self {
        Self {
            enabled: true,
            ..Self::default()
        }
    }

    /// What happens to them.
    #[must_use]
    pub const fn action(mut self, action: LinkAction) -> Self {
        self.action = action;
        self
    }

    /// From how many bytes on a query carries data.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Lets this host, and all below it, be sent anything.
    #[must_use]
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.allow_hosts.push(host.into());
        self
    }

    pub(super) fn problems(&self, found: &mut Vec<Problem>) {
        if !(8..=1024).contains(&self.max_bytes) {
            let message = "write a number from 8 to 1024";
            found.push(Problem::new("exfiltration_links.max_bytes", message));
        }
        for (index, host) in self.allow_hosts.iter().enumerate() {
            let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
            if !(1..=253).contains(&host.len()) || !host.bytes().all(is_letter) {
                let field = format!("exfiltration_links.allow_hosts[{index}]");
                let message =
                    "write a host name such as `images.example.com`, without scheme and port";
                found.push(Problem::new(field, message));
            }
        }
    }
}
