//! `policy.prompt-injection`, in all three published dialects.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::text::Pattern;

/// Detection of attempts to take over the model's instructions.
///
/// Three spellings exist and may be mixed as long as they agree: the flat one
/// of the provider pages (`threshold`, `action`), the current one
/// (`embedding_threshold`, `attack_patterns`, `response`), and the nested one
/// (`detection`). [`settings`](Self::settings) gives one form for all.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct PromptInjectionConfig {
    /// Score from which a text counts as an attack. Provider-page spelling of
    /// `embedding_threshold`.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub threshold: Option<f64>,
    /// What happens then. Provider-page spelling of `response.action`.
    pub action: Option<InjectionAction>,
    /// Score from which a text counts as an attack.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub embedding_threshold: Option<f64>,
    /// What computes the score.
    pub backend: InjectionBackend,
    /// Further signatures, as regular expressions.
    #[schemars(length(max = 1024))]
    pub attack_patterns: Vec<Pattern>,
    /// Nested spelling of `attack_patterns` and `embedding_threshold`.
    pub detection: Option<Detection>,
    /// Disguises that are undone before scoring.
    pub encoding: Encoding,
    /// Forged boundaries between roles.
    pub boundaries: Boundaries,
    /// What happens on detection.
    pub response: InjectionResponse,
}

impl PromptInjectionConfig {
    /// The same settings in one spelling.
    #[must_use]
    pub fn settings(&self) -> PromptInjection {
        let nested = self.detection.as_ref();
        let mut attack_patterns = self.attack_patterns.clone();
        attack_patterns.extend(
            nested
                .into_iter()
                .flat_map(|detection| detection.attack_patterns.iter().cloned()),
        );
        PromptInjection {
            threshold: self
                .embedding_threshold
                .or(self.threshold)
                .or_else(|| nested.and_then(|detection| detection.embedding_threshold)),
            backend: self.backend,
            attack_patterns,
            encoding: self.encoding.clone(),
            boundaries: self.boundaries.clone(),
            action: self.response.action.or(self.action).unwrap_or_default(),
            message: self.response.message.clone(),
            log_level: self.response.log_level,
        }
    }
}

/// [`PromptInjectionConfig`] in one spelling.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PromptInjection {
    /// Score from which a text counts as an attack. `None`: the detector's own.
    pub threshold: Option<f64>,
    /// What computes the score.
    pub backend: InjectionBackend,
    /// Further signatures from every place they may stand in.
    pub attack_patterns: Vec<Pattern>,
    /// Disguises that are undone before scoring.
    pub encoding: Encoding,
    /// Forged boundaries between roles.
    pub boundaries: Boundaries,
    /// What happens on detection.
    pub action: InjectionAction,
    /// Text returned to the client. `None`: the policy's own.
    pub message: Option<String>,
    /// Level of the log line.
    pub log_level: LogLevel,
}

/// Nested spelling of the detection settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Detection {
    /// Further signatures, as regular expressions.
    #[schemars(length(max = 1024))]
    pub attack_patterns: Vec<Pattern>,
    /// Score from which a text counts as an attack.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub embedding_threshold: Option<f64>,
}

/// Disguises that are undone before scoring.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Encoding {
    /// Also look into text that decodes as Base64.
    pub decode_base64: bool,
    /// Also look at the text in normalised form.
    pub normalize_unicode: bool,
    /// Also look at the text with look-alike letters folded.
    pub detect_homoglyphs: bool,
}

impl Default for Encoding {
    fn default() -> Self {
        Self {
            decode_base64: true,
            normalize_unicode: true,
            detect_homoglyphs: true,
        }
    }
}

/// Forged boundaries between roles.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Boundaries {
    /// Check for confusing delimiters.
    pub enforce_delimiters: bool,
    /// Refuse forged system or role markers in user text.
    pub reject_fake_boundaries: bool,
}

impl Default for Boundaries {
    fn default() -> Self {
        Self {
            enforce_delimiters: true,
            reject_fake_boundaries: true,
        }
    }
}

/// What happens on detection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InjectionResponse {
    /// What happens on detection. Default: `block`.
    pub action: Option<InjectionAction>,
    /// Text returned to the client.
    #[schemars(length(min = 1, max = 2048))]
    pub message: Option<String>,
    /// Level of the log line.
    pub log_level: LogLevel,
}

/// What happens to a request in which an attack was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InjectionAction {
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

/// What computes the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InjectionBackend {
    /// The detector in this process.
    #[default]
    Local,
}

/// Level of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
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
