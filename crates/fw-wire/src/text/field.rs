//! One text field and what is known about it.

use std::borrow::Cow;

use crate::document::{Document, Kind, Span, Value};

/// Which way a body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client to the model.
    Request,
    /// From the model to the client: a whole reply, or one event of a streamed one.
    Reply,
}

/// What a text field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextKind {
    /// What a participant says: message content, instructions, completion text. Also whatever stands
    /// where nobody knows what it is for.
    Content,
    /// What the model thinks: `reasoning_content`, thinking blocks, reasoning summaries.
    Reasoning,
    /// Why the model will not answer.
    Refusal,
    /// Arguments of a tool call.
    ToolArguments,
    /// What a tool answered.
    ToolResult,
    /// What a document says that a message brings along: the `source` of a document of Messages.
    Document,
    /// A description or title in a tool or in a JSON schema, and the values that a schema lists.
    Description,
    /// Predicted output.
    Prediction,
    /// The prompt of a text completion.
    Prompt,
    /// What follows the completion.
    Suffix,
    /// Text to embed.
    Input,
    /// Quoted text, titles and links of sources.
    Citation,
    /// A token in a list of log probabilities, which spells the text piece by piece.
    Token,
    /// The raw prompt and completion of Fireworks' `raw_output`.
    RawOutput,
}

/// Who speaks, where the body says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// `system`, and instructions outside the conversation.
    System,
    /// `developer`
    Developer,
    /// `user`
    User,
    /// `assistant`
    Assistant,
    /// `tool`, and the older `function`.
    Tool,
    /// A role with another name.
    Other,
}

impl Role {
    pub(super) fn read(value: Value<'_>) -> Option<Role> {
        let role = value.as_str()?;
        Some(match role.as_ref() {
            "system" => Role::System,
            "developer" => Role::Developer,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" | "function" => Role::Tool,
            _ => Role::Other,
        })
    }
}

/// How the text of a field is written in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextEncoding {
    /// A JSON string.
    Plain,
    /// JSON in a JSON string: tool-call arguments. In an event of a stream it is a piece of such.
    /// Edits must keep the inner JSON valid too; [`json_strings`](crate::json_strings) finds the
    /// strings in it.
    JsonInString,
    /// The key of a member: free-form objects and the older shape of log probabilities hold text in
    /// keys.
    Key,
    /// A number in a free-form object. Its digits are the text; a new text makes it a string.
    Number,
    /// An array of the UTF-8 bytes of the text, as in log probabilities.
    Bytes,
}

/// A place in a body that holds text. See [`text_fields`](crate::text_fields).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TextField {
    pub(super) span: Span,
    pub(super) kind: TextKind,
    pub(super) encoding: TextEncoding,
    pub(super) role: Option<Role>,
}

impl TextField {
    /// Where the value (or the key) is.
    #[must_use]
    pub fn span(self) -> Span {
        self.span
    }

    /// What the text is for.
    #[must_use]
    pub fn kind(self) -> TextKind {
        self.kind
    }

    /// How the text is written.
    #[must_use]
    pub fn encoding(self) -> TextEncoding {
        self.encoding
    }

    /// Who speaks, where the body says so. Replies speak as the assistant.
    #[must_use]
    pub fn role(self) -> Option<Role> {
        self.role
    }

    /// The text, decoded. `root` is the value that the field was found in.
    ///
    /// Bytes that are not UTF-8, as happens where a token ends within a character, are replaced by
    /// U+FFFD.
    #[must_use]
    pub fn text(self, root: Value<'_>) -> Cow<'_, str> {
        let Some(value) = root.value_at(self.span) else {
            return Cow::Borrowed("");
        };
        match (self.encoding, value.kind()) {
            (TextEncoding::Bytes, Kind::Array) => {
                let bytes: Vec<u8> = value
                    .elements()
                    .map(|element| element.value().as_u64())
                    .map(|byte| byte.and_then(|byte| byte.try_into().ok()).unwrap_or(0xFF))
                    .collect();
                Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
            }
            (TextEncoding::Number, _) => Cow::Borrowed(value.raw()),
            _ => value.as_str().unwrap_or_default(),
        }
    }
}

impl Document {
    /// Gives a text field another text, in the field's own encoding.
    ///
    /// For [`TextEncoding::JsonInString`] the text is the inner JSON, which the caller keeps valid.
    pub fn set_text(&mut self, field: TextField, text: &str) {
        if field.encoding == TextEncoding::Bytes {
            let bytes: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
            // An array of numbers is JSON; a span that does not fit is ignored as elsewhere.
            let _ = self.replace(field.span, format!("[{}]", bytes.join(",")));
        } else {
            self.replace_text(field.span, text);
        }
    }
}
