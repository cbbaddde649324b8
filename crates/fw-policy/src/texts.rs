//! The texts of a whole request or reply.

use fw_stream::Edits;
use fw_wire::{Direction, Endpoint, Role, TextKind};

/// The texts of a whole request or reply, in order. Each policy sees what the one before it left.
#[derive(Debug)]
pub struct Texts {
    endpoint: Endpoint,
    direction: Direction,
    texts: Vec<Text>,
}

impl Texts {
    /// The endpoint.
    pub const fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// Whether these are the texts of a request or of a reply.
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// The texts in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Text> {
        self.texts.iter()
    }

    /// The texts in order, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Text> {
        self.texts.iter_mut()
    }
}

/// One text of a request or reply: the contents of one field, decoded.
///
/// A tool call's arguments are one text, JSON with its string escapes decoded. The tokens of log
/// probabilities are one text together.
pub struct Text {
    kind: TextKind,
    role: Option<Role>,
    text: String,
}

impl Text {
    /// What the text is for.
    pub const fn kind(&self) -> TextKind {
        self.kind
    }

    /// Who speaks, where the body says so.
    pub const fn role(&self) -> Option<Role> {
        self.role
    }

    /// The text as the policies before this one left it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Changes the text. What JSON needs to stay JSON stays: of arguments only strings and numbers change.
    pub fn apply(&mut self, edits: &Edits) {
        self.text = edits.apply(&self.text);
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Text")
            .field("kind", &self.kind)
            .field("role", &self.role)
            .field("len", &self.text.len())
            .finish_non_exhaustive()
    }
}
