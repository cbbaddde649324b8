//! What is let alone.

use std::fmt;

use fw_wire::TextKind;
use schemars::JsonSchema;
use serde::Deserialize;

/// What is let alone although it looks like personal data.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct AllowConfig {
    /// Values, such as the support address that everybody may see. Case and the separators of numbers count
    /// for nothing.
    #[schemars(length(max = 10_000))]
    pub values: Vec<String>,
    /// Regular expressions. What is found is let alone if one of them matches all of it.
    #[schemars(length(max = 1024))]
    pub patterns: Vec<String>,
    /// Kinds of text that are not looked at.
    #[schemars(length(max = 64))]
    pub fields: Vec<TextField>,
}

impl AllowConfig {
    /// Nothing is let alone.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets a value alone.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Lets alone what this regular expression matches as a whole.
    #[must_use]
    pub fn pattern(mut self, pattern: impl Into<String>) -> Self {
        self.patterns.push(pattern.into());
        self
    }

    /// Lets a kind of text alone.
    #[must_use]
    pub fn field(mut self, field: TextField) -> Self {
        self.fields.push(field);
        self
    }
}

impl fmt::Debug for AllowConfig {
    /// Counts only: values that are allowed here may be private elsewhere.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllowConfig")
            .field("values", &self.values.len())
            .field("patterns", &self.patterns.len())
            .field("fields", &self.fields)
            .finish()
    }
}

/// A kind of text in a request or reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TextField {
    /// What a participant says: message content, instructions, completion text.
    Content,
    /// What the model thinks.
    Reasoning,
    /// Why the model will not answer.
    Refusal,
    /// Arguments of a tool call.
    ToolArguments,
    /// What a tool answered.
    ToolResult,
    /// What a document says that a message brings along.
    Document,
    /// A description or title in a tool or in a JSON schema.
    Description,
    /// Predicted output.
    Prediction,
    /// The prompt of a text completion.
    Prompt,
    /// What follows the completion.
    Suffix,
    /// Text to embed.
    Input,
    /// Quoted text and titles of sources.
    Citation,
    /// Tokens in a list of log probabilities.
    Token,
    /// The raw prompt and completion of Fireworks' `raw_output`.
    RawOutput,
}

impl TextField {
    pub(crate) const fn kind(self) -> TextKind {
        match self {
            Self::Content => TextKind::Content,
            Self::Reasoning => TextKind::Reasoning,
            Self::Refusal => TextKind::Refusal,
            Self::ToolArguments => TextKind::ToolArguments,
            Self::ToolResult => TextKind::ToolResult,
            Self::Document => TextKind::Document,
            Self::Description => TextKind::Description,
            Self::Prediction => TextKind::Prediction,
            Self::Prompt => TextKind::Prompt,
            Self::Suffix => TextKind::Suffix,
            Self::Input => TextKind::Input,
            Self::Citation => TextKind::Citation,
            Self::Token => TextKind::Token,
            Self::RawOutput => TextKind::RawOutput,
        }
    }
}
