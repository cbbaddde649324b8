//! One text of a request or reply.

use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use fw_stream::{Edits, Scan, TextFilter, Window};
use fw_wire::{ApiError, Role, TextKind, Value, encode_str};

use crate::texts::json;

/// One text of a request or reply: the contents of one field, decoded.
///
/// What a policy sees is text, and what it changes is written back in the field's own spelling:
///
/// - Tool arguments are one text: the JSON, with the escapes in its strings decoded. Quotes and braces
///   are visible; edits change strings and numbers only, so that JSON stays JSON (see
///   [`JsonText`](fw_stream::JsonText)).
/// - The tokens of log probabilities are joined, once by their names and once by their bytes where that
///   differs; a further text has every token, the alternatives among them, on a line of its own. They
///   all have the kind [`Token`](TextKind::Token). An edit of one of them removes the log probabilities,
///   and so does an edit of the text that they spell.
pub struct Text {
    kind: TextKind,
    role: Option<Role>,
    at: Range<usize>,
    view: View,
    form: Form,
    changes: usize,
}

/// Text that is a part of the body, or made from one.
pub(crate) enum View {
    // UTF-8: a part of a JSON text that was checked.
    Shared(Bytes),
    Owned(String),
}

/// How a text is written in the body. Small: a body may have very many texts.
pub(crate) enum Form {
    /// A JSON string, or a key. One with escapes has its spelling here, quotes included.
    String { spelling: Option<Box<View>> },
    /// JSON in a JSON string.
    JsonInString { json: Box<View> },
    /// A JSON value.
    Json { json: Box<View> },
    /// A number, which becomes a string.
    Number,
    /// An array of bytes.
    Bytes,
    /// Log probabilities, which go if any of it changes.
    Tokens,
    /// All of a body that is no JSON.
    Body,
}

// === impl Text ===

impl Text {
    pub(crate) const fn new(
        kind: TextKind,
        role: Option<Role>,
        at: Range<usize>,
        view: View,
        form: Form,
    ) -> Self {
        Self {
            kind,
            role,
            at,
            view,
            form,
            changes: 0,
        }
    }

    /// What the text is for.
    pub const fn kind(&self) -> TextKind {
        self.kind
    }

    /// Who speaks, where the body says so.
    pub const fn role(&self) -> Option<Role> {
        self.role
    }

    /// Whether the text is JSON, as tool arguments are.
    pub const fn is_json(&self) -> bool {
        matches!(self.form, Form::JsonInString { .. } | Form::Json { .. })
    }

    /// The text as the policies before this one left it.
    pub fn as_str(&self) -> &str {
        self.view.as_str()
    }

    /// Changes the text, and says whether that made a difference.
    ///
    /// What JSON needs to stay JSON stays: of arguments only strings and numbers change.
    pub fn apply(&mut self, edits: &Edits) -> bool {
        if edits.is_empty() {
            return false;
        }
        let changed = match &mut self.form {
            Form::JsonInString { json } | Form::Json { json } => {
                let edited = json::edit(json.as_str(), edits, 0);
                let changed = edited.is_some();
                if let Some(edited) = edited {
                    **json = View::Owned(edited);
                    self.view = json.decoded();
                }
                changed
            }
            form => {
                let text = edits.apply(self.view.as_str());
                let changed = text != self.view.as_str();
                if changed {
                    if let Form::String { spelling } = form {
                        *spelling = spelling
                            .take()
                            .and_then(|spelling| respell(&spelling, edits, &text));
                    }
                    self.view = View::Owned(text);
                }
                changed
            }
        };
        self.changes += usize::from(changed);
        changed
    }

    /// Runs the text through a filter, and says whether it changed.
    ///
    /// # Errors
    ///
    /// What the filter stopped with.
    pub fn filter(&mut self, filter: &mut dyn TextFilter) -> Result<bool, Box<ApiError>> {
        let mut edits = Edits::new();
        match filter.scan(&Window::new(self.as_str(), 0, 0, true), &mut edits) {
            Scan::Stop(error) => Err(error),
            Scan::Settled(_) => Ok(self.apply(&edits)),
        }
    }

    /// How often the text was changed.
    pub(crate) const fn changes(&self) -> usize {
        self.changes
    }

    /// The part of the body that the text is from.
    pub(crate) const fn at(&self) -> &Range<usize> {
        &self.at
    }

    /// What is to be written in its place. `None` for tokens, which are not written but removed.
    pub(crate) fn written(&self) -> Option<String> {
        Some(match &self.form {
            Form::String {
                spelling: Some(spelling),
            } => spelling.as_str().to_owned(),
            Form::String { spelling: None } | Form::Number => quoted(self.as_str()),
            Form::JsonInString { json } => quoted(json.as_str()),
            Form::Json { json } => json.as_str().to_owned(),
            Form::Bytes => format!("{:?}", self.as_str().as_bytes()),
            Form::Body => self.as_str().to_owned(),
            Form::Tokens => return None,
        })
    }
}

/// Changes a JSON string so that what no edit touches keeps its spelling. `None` if it has to be spelt
/// anew.
fn respell(spelling: &View, edits: &Edits, text: &str) -> Option<Box<View>> {
    // The string is JSON by itself, and its contents begin after the quote.
    let edited = json::edit(spelling.as_str(), edits, 1)?;
    let value = Value::parse(edited.as_bytes()).ok()?;
    let keeps = value.is_str(text);
    keeps.then(|| Box::new(View::Owned(edited)))
}

fn quoted(text: &str) -> String {
    let mut json = String::new();
    encode_str(&mut json, text);
    json
}

impl fmt::Debug for Text {
    /// Never the text itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text")
            .field("kind", &self.kind)
            .field("role", &self.role)
            .field("len", &self.as_str().len())
            .field("changes", &self.changes)
            .finish_non_exhaustive()
    }
}

// === impl View ===

impl View {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Shared(bytes) => std::str::from_utf8(bytes).unwrap_or_default(),
            Self::Owned(text) => text,
        }
    }

    /// JSON with the escapes in its strings decoded.
    pub(crate) fn decoded(&self) -> Self {
        match (self, json::decode(self.as_str())) {
            (Self::Shared(bytes), std::borrow::Cow::Borrowed(_)) => Self::Shared(bytes.clone()),
            (_, decoded) => Self::Owned(decoded.into_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body of very many short strings must not become a multiple of its size that hurts.
    #[test]
    fn a_text_is_small() {
        assert!(size_of::<Text>() <= 88, "{}", size_of::<Text>());
    }
}
