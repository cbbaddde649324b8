//! Who is asked, and what happens then: the words of the configuration.

use std::time::Duration;

use http::Uri;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::Problem;

/// The settings of `policy.external-moderation`. The [crate's docs](crate#settings) have a table.
///
/// ```
/// use fw_policy_external::{ExternalConfig, ExternalFormat};
///
/// let config = ExternalConfig::new("http://localhost:8081/predict")
///     .format(ExternalFormat::Classification)
///     .labels(["INJECTION"])
///     .threshold(0.9);
/// assert!(config.problems().is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExternalConfig {
    /// Where texts are sent: `https://api.openai.com/v1/moderations`.
    #[schemars(length(min = 1, max = 2048))]
    pub url: String,
    /// What is sent there, and what comes back.
    #[serde(default)]
    pub format: ExternalFormat,
    /// Which model is asked. Only with the format `moderation`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 256))]
    pub model: Option<String>,
    /// Where the key of the service is. Without one, none is sent.
    #[serde(default)]
    pub secret_key_ref: Option<KeyRef>,
    /// The categories or labels that count. Empty: all that the service flags.
    #[serde(default)]
    #[schemars(inner(length(min = 1, max = 128)), length(max = 256))]
    pub labels: Vec<String>,
    /// The score from which a category or label counts. Default: what the service flags, or 0.5.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub threshold: Option<f64>,
    /// What happens to a request that counts.
    #[serde(default)]
    pub action: ExternalAction,
    /// What a denied client is told.
    #[serde(default)]
    #[schemars(length(min = 1, max = 2048))]
    pub message: Option<String>,
    /// How long all answers for one request may take together, in milliseconds. Default: 2000.
    #[serde(default)]
    #[schemars(range(min = 1, max = 60_000))]
    pub timeout_ms: Option<u64>,
    /// The most text of one request that is sent, in bytes. Default: 1 MiB.
    #[serde(default)]
    #[schemars(range(min = 1, max = 16_777_216))]
    pub max_bytes: Option<u64>,
    /// What happens to a request about which there is no answer.
    #[serde(default)]
    pub fail_mode: ExternalFailMode,
}

/// Where a key is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("writeOnly" = true))]
#[non_exhaustive]
pub struct KeyRef {
    /// The name of an environment variable.
    #[schemars(length(min = 1, max = 256))]
    pub env: String,
}

/// What a service is asked and answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExternalFormat {
    /// OpenAI's moderation endpoint, and others like it.
    #[default]
    Moderation,
    /// Text classification, as Hugging Face's services have it.
    Classification,
    /// A text and a score.
    Score,
}

/// What happens to a request that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExternalAction {
    /// It is refused.
    #[default]
    Block,
    /// It passes, and the finding is recorded.
    Flag,
    /// It is refused until a person has decided.
    Escalate,
}

/// What happens to a request about which there is no answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExternalFailMode {
    /// It is refused.
    #[default]
    Block,
    /// It passes, and that is recorded.
    Allow,
}

impl ExternalConfig {
    /// The defaults, with this address.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ..Self::default()
        }
    }

    /// What is sent, and what comes back.
    #[must_use]
    pub const fn format(mut self, format: ExternalFormat) -> Self {
        self.format = format;
        self
    }

    /// Which model is asked.
    #[must_use]
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// The categories or labels that count.
    #[must_use]
    pub fn labels<T: Into<String>>(mut self, labels: impl IntoIterator<Item = T>) -> Self {
        self.labels = labels.into_iter().map(Into::into).collect();
        self
    }

    /// The score from which a category or label counts.
    #[must_use]
    pub const fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// What happens to a request that counts.
    #[must_use]
    pub const fn action(mut self, action: ExternalAction) -> Self {
        self.action = action;
        self
    }

    /// What a denied client is told.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// How long all answers for one request may take together.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout_ms = Some(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// The most text of one request that is sent, in bytes.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// What happens to a request about which there is no answer.
    #[must_use]
    pub const fn fail_mode(mut self, mode: ExternalFailMode) -> Self {
        self.fail_mode = mode;
        self
    }

    pub(crate) fn chosen_timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms.unwrap_or(2000))
    }

    pub(crate) fn chosen_max_bytes(&self) -> usize {
        usize::try_from(self.max_bytes.unwrap_or(1 << 20)).unwrap_or(usize::MAX)
    }

    /// What is wrong with these settings. Each problem names the setting.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut say = |field: &str, message: &'static str| found.push(Problem::new(field, message));
        if !is_address(&self.url) {
            say(
                "url",
                "write an address such as `https://api.openai.com/v1/moderations`, without user name and password",
            );
        }
        if self
            .threshold
            .is_some_and(|threshold| !(0.0..=1.0).contains(&threshold))
        {
            say("threshold", "write a number from 0 to 1");
        }
        match self.format {
            ExternalFormat::Moderation => {}
            ExternalFormat::Classification if self.labels.is_empty() => say(
                "labels",
                "name the labels that count, as the model calls them: [INJECTION]",
            ),
            ExternalFormat::Score if !self.labels.is_empty() => {
                say("labels", "does nothing: the format `score` has no labels");
            }
            _ => {}
        }
        if self.model.is_some() && self.format != ExternalFormat::Moderation {
            say(
                "model",
                "does nothing: only the format `moderation` sends it; the address says which model answers",
            );
        }
        if !(1..=60_000).contains(&self.timeout_ms.unwrap_or(1)) {
            say("timeout_ms", "write a number from 1 to 60000");
        }
        if self.max_bytes == Some(0) {
            say("max_bytes", "write a number of at least 1");
        }
        if self.message.as_ref().is_some_and(|it| it.trim().is_empty()) {
            say("message", "is empty; leave it out");
        }
        found
    }
}

/// Whether it is an address that something can be sent to.
fn is_address(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    matches!(uri.scheme_str(), Some("http" | "https"))
        && uri
            .authority()
            .is_some_and(|authority| !authority.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(config: &ExternalConfig) -> Vec<String> {
        let problems = config.problems();
        problems
            .iter()
            .map(|problem| problem.field().to_owned())
            .collect()
    }

    #[test]
    fn settings_are_read_and_unknown_ones_refused() {
        let config: ExternalConfig = serde_json::from_str(
            r#"{"url":"https://a.example/v1/moderations","secret_key_ref":{"env":"KEY"},"fail_mode":"allow"}"#,
        )
        .unwrap();
        assert!(config.problems().is_empty());
        assert_eq!(config.chosen_timeout(), Duration::from_secs(2));
        assert!(
            serde_json::from_str::<ExternalConfig>(r#"{"url":"https://a","urll":""}"#).is_err()
        );
        assert!(serde_json::from_str::<ExternalConfig>("{}").is_err());
    }

    #[test]
    fn what_makes_no_sense_is_a_problem() {
        for url in [
            "",
            "a.example",
            "ftp://a.example",
            "https://me:pw@a.example",
            "/v1",
        ] {
            assert_eq!(fields(&ExternalConfig::new(url)), ["url"], "{url}");
        }
        let config = ExternalConfig::new("http://a.example").threshold(1.5);
        assert_eq!(fields(&config), ["threshold"]);
        let config = ExternalConfig::new("http://a.example").model("m");
        assert!(fields(&config).is_empty());
        let config = config.format(ExternalFormat::Classification);
        assert_eq!(fields(&config), ["labels", "model"]);
        let config = ExternalConfig::new("http://a.example").timeout(Duration::from_secs(90));
        assert_eq!(fields(&config.max_bytes(0)), ["timeout_ms", "max_bytes"]);
    }
}
