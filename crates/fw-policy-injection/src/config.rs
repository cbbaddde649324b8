//! What is looked for, and what happens then: the words of the configuration.
//!
//! Nothing here reads a file or compiles a pattern. [`Detector::new`](crate::Detector::new) does.

mod detection;
mod reply;
mod thresholds;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

pub use self::detection::{BoundaryConfig, DetectionConfig, EncodingConfig};
pub use self::reply::{LeakConfig, LinkAction, LinkConfig, LogLevel, ResponseConfig};
pub use self::thresholds::Thresholds;
use self::thresholds::{THRESHOLD, is_threshold};
use crate::error::Problem;

/// The settings of `policy.prompt-injection`.
///
/// All published dialects are accepted, and may be mixed as long as they agree: the flat one of the provider
/// pages (`threshold`, `action`), the current one (`embedding_threshold`, `attack_patterns`, `response`), and
/// the nested one (`detection`).
///
/// ```
/// use fw_policy_injection::{Action, InjectionConfig};
///
/// let config = InjectionConfig::new().action(Action::Flag).threshold(0.8);
/// assert!(config.problems().is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct InjectionConfig {
    /// Score from which a text counts as an attack, in every channel that `thresholds` does not name.
    /// Provider-page spelling of `embedding_threshold`.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub threshold: Option<f64>,
    /// What happens then. Provider-page spelling of `response.action`.
    pub action: Option<Action>,
    /// Score from which a text counts as an attack, in every channel that `thresholds` does not name.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub embedding_threshold: Option<f64>,
    /// Scores from which a text counts as an attack, by where it comes from.
    pub thresholds: Thresholds,
    /// What computes the score.
    pub backend: Backend,
    /// A file of weights to use instead of those that come along.
    #[schemars(with = "Option<String>")]
    pub weights: Option<PathBuf>,
    /// Further signatures, as regular expressions. What one matches is an attack, whatever the score.
    #[schemars(length(max = 1024), extend("items" = {"type": "string", "format": "rust-regex"}))]
    pub attack_patterns: Vec<String>,
    /// Nested spelling of `attack_patterns` and `embedding_threshold`.
    pub detection: DetectionConfig,
    /// Disguises that are undone before scoring.
    pub encoding: EncodingConfig,
    /// What happens to a text that holds more encoded text than is decoded within the bounds.
    pub incomplete: Action,
    /// Forged boundaries between speakers, and between instructions and data.
    pub boundaries: BoundaryConfig,
    /// Whether system and developer messages, and descriptions of tools, are looked at too.
    pub scan_system: bool,
    /// Whether the last turns of the user are also looked at together.
    pub multi_turn: bool,
    /// What happens on detection.
    pub response: ResponseConfig,
    /// Whether a reply may repeat the request's own system text.
    pub leak_detection: LeakConfig,
    /// Whether a reply may hold images and links that carry data away.
    pub exfiltration_links: LinkConfig,
}

/// What happens to a request in which an attack was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// It is refused.
    #[default]
    Block,
    /// It passes, and the finding is recorded.
    #[serde(alias = "log")]
    #[schemars(extend("x-aliases" = ["log"]))]
    Flag,
    /// It is refused until a person has decided.
    Escalate,
}

impl Action {
    /// How much it stands in the way of a request.
    pub(crate) const fn weight(self) -> u8 {
        match self {
            Self::Flag => 0,
            Self::Escalate => 1,
            Self::Block => 2,
        }
    }

    /// Its name in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Flag => "flag",
            Self::Escalate => "escalate",
        }
    }
}

/// What computes the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Backend {
    /// The detector in this process.
    #[default]
    Local,
}

/// How long a pattern may be.
const MAX_PATTERN_BYTES: usize = 4096;

/// How many patterns there may be.
const MAX_PATTERNS: usize = 1024;

impl Default for InjectionConfig {
    fn default() -> Self {
        Self {
            threshold: None,
            action: None,
            embedding_threshold: None,
            thresholds: Thresholds::default(),
            backend: Backend::default(),
            weights: None,
            attack_patterns: Vec::new(),
            detection: DetectionConfig::default(),
            encoding: EncodingConfig::default(),
            incomplete: Action::Flag,
            boundaries: BoundaryConfig::default(),
            scan_system: false,
            multi_turn: true,
            response: ResponseConfig::default(),
            leak_detection: LeakConfig::default(),
            exfiltration_links: LinkConfig::default(),
        }
    }
}

impl InjectionConfig {
    /// The defaults: attacks in user turns, tool results and documents are blocked; replies are not looked at.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What happens to a request in which an attack was found.
    #[must_use]
    pub const fn action(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }

    /// The score from which a text counts as an attack, in every channel that has no threshold of its own.
    #[must_use]
    pub const fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// The scores from which a text counts as an attack, by where it comes from.
    #[must_use]
    pub const fn thresholds(mut self, thresholds: Thresholds) -> Self {
        self.thresholds = thresholds;
        self
    }

    /// Uses the weights in this file instead of those that come along.
    #[must_use]
    pub fn weights(mut self, path: impl Into<PathBuf>) -> Self {
        self.weights = Some(path.into());
        self
    }

    /// Adds a regular expression that only attacks match.
    #[must_use]
    pub fn attack_pattern(mut self, pattern: impl Into<String>) -> Self {
        self.attack_patterns.push(pattern.into());
        self
    }

    /// Which disguises are undone.
    #[must_use]
    pub const fn encoding(mut self, encoding: EncodingConfig) -> Self {
        self.encoding = encoding;
        self
    }

    /// What happens to a text that holds more encoded text than is decoded within the bounds. By default it is
    /// flagged.
    #[must_use]
    pub const fn incomplete(mut self, action: Action) -> Self {
        self.incomplete = action;
        self
    }

    /// Which forged boundaries count.
    #[must_use]
    pub const fn boundaries(mut self, boundaries: BoundaryConfig) -> Self {
        self.boundaries = boundaries;
        self
    }

    /// Whether system and developer messages, and descriptions of tools, are looked at too.
    #[must_use]
    pub const fn scan_system(mut self, on: bool) -> Self {
        self.scan_system = on;
        self
    }

    /// Whether the last turns of the user are also looked at together.
    #[must_use]
    pub const fn multi_turn(mut self, on: bool) -> Self {
        self.multi_turn = on;
        self
    }

    /// What the client is told, and what the log says.
    #[must_use]
    pub fn response(mut self, response: ResponseConfig) -> Self {
        self.response = response;
        self
    }

    /// Whether a reply may repeat the request's own system text.
    #[must_use]
    pub const fn leak_detection(mut self, leaks: LeakConfig) -> Self {
        self.leak_detection = leaks;
        self
    }

    /// Whether a reply may hold images and links that carry data away.
    #[must_use]
    pub fn exfiltration_links(mut self, links: LinkConfig) -> Self {
        self.exfiltration_links = links;
        self
    }

    /// What happens to a request in which an attack was found, whichever spelling says it.
    #[must_use]
    pub fn chosen_action(&self) -> Action {
        self.response.action.or(self.action).unwrap_or_default()
    }

    /// The threshold that is set for all channels, whichever spelling says it.
    #[must_use]
    pub fn chosen_threshold(&self) -> Option<f64> {
        self.embedding_threshold
            .or(self.threshold)
            .or(self.detection.embedding_threshold)
    }

    /// The signatures of both spellings, each with the setting that it stands in.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = (String, &str)> {
        let flat = self.attack_patterns.iter().enumerate();
        let nested = self.detection.attack_patterns.iter().enumerate();
        let flat = flat.map(|(index, text)| (format!("attack_patterns[{index}]"), text));
        let nested =
            nested.map(|(index, text)| (format!("detection.attack_patterns[{index}]"), text));
        flat.chain(nested).map(|(field, text)| (field, &**text))
    }

    /// What is wrong with these settings as far as it can be seen without compiling patterns or reading files.
    /// Each problem names the setting.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        self.spellings(&mut found);
        if self
            .weights
            .as_ref()
            .is_some_and(|path| path.as_os_str().is_empty())
        {
            let message = "is empty; leave it out to use the weights that come along";
            found.push(Problem::new("weights", message));
        }
        if self.attack_patterns.len() + self.detection.attack_patterns.len() > MAX_PATTERNS {
            let message = format!("there are more than {MAX_PATTERNS} patterns; join some of them");
            found.push(Problem::new("attack_patterns", message));
        }
        for (field, pattern) in self.patterns() {
            if pattern.is_empty() || pattern.len() > MAX_PATTERN_BYTES {
                let message = format!("a pattern has 1 to {MAX_PATTERN_BYTES} bytes");
                found.push(Problem::new(field, message));
            }
        }
        self.thresholds.problems(&mut found);
        self.response.problems(&mut found);
        self.leak_detection.problems(&mut found);
        self.exfiltration_links.problems(&mut found);
        found
    }

    /// One thing that is said twice must be the same both times.
    fn spellings(&self, found: &mut Vec<Problem>) {
        let thresholds = [
            ("embedding_threshold", self.embedding_threshold),
            ("threshold", self.threshold),
            (
                "detection.embedding_threshold",
                self.detection.embedding_threshold,
            ),
        ];
        let mut said = thresholds
            .iter()
            .filter_map(|(field, value)| Some((*field, (*value)?)));
        let first = said.next();
        for (field, value) in first.into_iter().chain(said) {
            if !is_threshold(value) {
                found.push(Problem::new(field, THRESHOLD));
            } else if let Some((other, of_other)) = first
                && (value - of_other).abs() > f64::EPSILON
            {
                let message = format!(
                    "is not what `{other}` says; both mean the same, so leave one of them out"
                );
                found.push(Problem::new(field, message));
            }
        }
        if let (Some(flat), Some(nested)) = (self.action, self.response.action)
            && flat != nested
        {
            let message =
                "is not what `response.action` says; both mean the same, so leave one of them out";
            found.push(Problem::new("action", message));
        }
    }
}

#[cfg(test)]
mod tests;
