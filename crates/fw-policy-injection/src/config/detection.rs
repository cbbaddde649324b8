//! What is undone before scoring, and what counts beside the score.

use schemars::JsonSchema;
use serde::Deserialize;

/// Nested spelling of the detection settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct DetectionConfig {
    /// Further signatures, as regular expressions. They are added to those outside.
    #[schemars(length(max = 1024), extend("items" = {"type": "string", "format": "rust-regex"}))]
    pub attack_patterns: Vec<String>,
    /// Score from which a text counts as an attack.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub embedding_threshold: Option<f64>,
}

/// Disguises that are undone before scoring. A text is looked at as it is in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct EncodingConfig {
    /// Also look into text that decodes as Base64. The other encodings, such as hexadecimal or rot13, are
    /// always undone.
    pub decode_base64: bool,
    /// Also look at the text in normalised form: compatibility characters, invisible and tag characters.
    pub normalize_unicode: bool,
    /// Also look at the text with look-alike letters folded.
    pub detect_homoglyphs: bool,
}

impl Default for EncodingConfig {
    fn default() -> Self {
        Self {
            decode_base64: true,
            normalize_unicode: true,
            detect_homoglyphs: true,
        }
    }
}

impl EncodingConfig {
    /// All of them.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether Base64 is undone.
    #[must_use]
    pub const fn decode_base64(mut self, on: bool) -> Self {
        self.decode_base64 = on;
        self
    }

    /// Whether Unicode is normalised.
    #[must_use]
    pub const fn normalize_unicode(mut self, on: bool) -> Self {
        self.normalize_unicode = on;
        self
    }

    /// Whether look-alike letters are folded.
    #[must_use]
    pub const fn detect_homoglyphs(mut self, on: bool) -> Self {
        self.detect_homoglyphs = on;
        self
    }
}

/// Forged boundaries between speakers, and between instructions and data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct BoundaryConfig {
    /// Whether forged ends of data count: `--- end of user input ---`, `</user_query>`. They raise the score.
    pub enforce_delimiters: bool,
    /// Whether forged turns of another speaker are refused: `<|im_start|>system`, `[INST]`, `### System:`.
    pub reject_fake_boundaries: bool,
}

impl Default for BoundaryConfig {
    fn default() -> Self {
        Self {
            enforce_delimiters: true,
            reject_fake_boundaries: true,
        }
    }
}

impl BoundaryConfig {
    /// Both.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether forged ends of data count.
    #[must_use]
    pub const fn enforce_delimiters(mut self, on: bool) -> Self {
        self.enforce_delimiters = on;
        self
    }

    /// Whether forged turns of another speaker are refused.
    #[must_use]
    pub const fn reject_fake_boundaries(mut self, on: bool) -> Self {
        self.reject_fake_boundaries = on;
        self
    }
}
