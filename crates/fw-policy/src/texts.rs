//! The texts of a whole request or reply.

use bytes::Bytes;
use fw_wire::{Direction, Document, DocumentError, Endpoint, Value, text_fields};

use crate::Text;

/// The texts of a whole request or reply, in order. Each policy sees what the one before it left.
#[derive(Debug)]
pub struct Texts {
    endpoint: Endpoint,
    direction: Direction,
    document: Document,
    texts: Vec<Text>,
}

// === impl Texts ===

impl Texts {
    /// Finds the texts of a body.
    ///
    /// # Errors
    ///
    /// When the body is not JSON.
    pub fn parse(
        endpoint: Endpoint,
        direction: Direction,
        body: impl Into<Bytes>,
    ) -> Result<Self, DocumentError> {
        Ok(Self::of(Document::parse(body)?, endpoint, direction))
    }

    /// Takes everything in a body for text.
    ///
    /// # Errors
    ///
    /// When the body is not JSON.
    pub fn whole(
        endpoint: Endpoint,
        direction: Direction,
        body: impl Into<Bytes>,
    ) -> Result<Self, DocumentError> {
        Self::parse(endpoint, direction, body)
    }

    pub(crate) fn of(document: Document, endpoint: Endpoint, direction: Direction) -> Self {
        let texts = text_fields(endpoint, direction, &document)
            .map(|field| Text::new(field, document.root()))
            .collect();
        Self {
            endpoint,
            direction,
            document,
            texts,
        }
    }

    pub(crate) fn root(&self) -> Value<'_> {
        self.document.root()
    }

    pub(crate) fn edits(&self) -> usize {
        self.texts.iter().map(Text::edits).sum()
    }

    /// Whether any text was changed.
    pub fn is_changed(&self) -> bool {
        self.edits() > 0
    }

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

    /// The body with all changes. Without changes it is the very same [`Bytes`].
    pub fn finish(mut self) -> Bytes {
        for text in self.texts.iter().filter(|text| text.edits() > 0) {
            self.document.set_text(text.field(), text.as_str());
        }
        self.document.finish()
    }
}
