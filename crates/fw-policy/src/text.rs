//! One text of a request or reply.

use std::fmt;

use fw_stream::{Edits, Scan, TextFilter, Window};
use fw_wire::{ApiError, Role, TextField, TextKind, Value};

/// One text of a request or reply: the contents of one field, decoded.
///
/// A tool call's arguments are one text, JSON with its string escapes decoded. The tokens of log
/// probabilities are one text together.
pub struct Text {
    field: TextField,
    text: String,
    edits: usize,
}

// === impl Text ===

impl Text {
    pub(crate) fn new(field: TextField, root: Value<'_>) -> Self {
        Self {
            field,
            text: field.text(root).into_owned(),
            edits: 0,
        }
    }

    pub(crate) fn field(&self) -> TextField {
        self.field
    }

    pub(crate) fn edits(&self) -> usize {
        self.edits
    }

    /// What the text is for.
    pub fn kind(&self) -> TextKind {
        self.field.kind()
    }

    /// Who speaks, where the body says so.
    pub fn role(&self) -> Option<Role> {
        self.field.role()
    }

    /// The text as the policies before this one left it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Changes the text. What JSON needs to stay JSON stays: of arguments only strings and numbers change.
    pub fn apply(&mut self, edits: &Edits) {
        if !edits.is_empty() {
            self.text = edits.apply(&self.text);
            self.edits += 1;
        }
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
            Scan::Settled(_) => {
                self.apply(&edits);
                Ok(!edits.is_empty())
            }
        }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text")
            .field("kind", &self.kind())
            .field("role", &self.role())
            .field("len", &self.as_str().len())
            .finish_non_exhaustive()
    }
}
