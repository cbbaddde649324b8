//! The texts of a whole request or reply.

mod gather;
pub(crate) mod json;
mod parts;
mod shape;
mod tokens;

use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use fw_stream::TextFilter;
use fw_wire::{ApiError, Direction, Document, DocumentError, Endpoint, TextKind, Value};

pub use self::parts::join_parts;
use self::tokens::{Spelling, SpellingKind};
use crate::Text;
use crate::text::{Form, View};

/// The texts of a whole request or reply, in order. Each policy sees what the one before it left.
///
/// Which they are is the table of [`fw_wire::text_fields`]. In replies `error` is text as well, and a body
/// that is none of the endpoint's, such as an error in a shape of its own, is one text as a whole. Empty
/// strings are left out.
///
/// ```
/// use fw_policy::Texts;
/// use fw_stream::Edits;
/// use fw_wire::{Direction, Endpoint};
///
/// let body = r#"{"model":"m",  "messages":[{"role":"user","content":"caf\u00e9, \"pin\" 1234"}]}"#;
/// let mut texts = Texts::parse(Endpoint::ChatCompletions, Direction::Request, body)?;
/// for text in texts.iter_mut() {
///     if let Some(at) = text.as_str().find("1234") {
///         let mut edits = Edits::new();
///         edits.replace(at..at + 4, "[PIN]");
///         text.apply(&edits);
///     }
/// }
/// // What was not changed is as it was, down to the escapes.
/// let expected = r#"{"model":"m",  "messages":[{"role":"user","content":"caf\u00e9, \"pin\" [PIN]"}]}"#;
/// assert_eq!(texts.finish(), expected);
/// # Ok::<(), fw_wire::DocumentError>(())
/// ```
pub struct Texts {
    endpoint: Endpoint,
    direction: Direction,
    body: Bytes,
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
        let document = Document::parse(body)?;
        Ok(Self::of(&document, endpoint, direction))
    }

    /// Takes all of a body for one text, for bodies of which nobody knows what is text in them, such as
    /// errors: JSON, of which strings and numbers can be changed, or plain text.
    ///
    /// # Errors
    ///
    /// When the body is not UTF-8.
    pub fn whole(
        endpoint: Endpoint,
        direction: Direction,
        body: impl Into<Bytes>,
    ) -> Result<Self, DocumentError> {
        let body = body.into();
        let text = match Document::parse(body.clone()) {
            Ok(document) => gather::whole(&document),
            Err(error) if std::str::from_utf8(&body).is_err() => return Err(error),
            Err(_) => {
                let view = View::Shared(body.clone());
                Text::new(TextKind::Content, None, 0..body.len(), view, Form::Body)
            }
        };
        Ok(Self {
            endpoint,
            direction,
            body,
            texts: vec![text],
        })
    }

    /// The texts of an event of a stream that belong to no channel.
    pub(crate) fn leftovers(endpoint: Endpoint, name: Option<&str>, event: &Document) -> Self {
        Self {
            endpoint,
            direction: Direction::Reply,
            body: event.bytes().clone(),
            texts: gather::leftovers(endpoint, name, event),
        }
    }

    pub(crate) fn of(document: &Document, endpoint: Endpoint, direction: Direction) -> Self {
        Self {
            endpoint,
            direction,
            body: document.bytes().clone(),
            texts: gather::gather(endpoint, direction, document),
        }
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

    /// Runs each text through a filter of its own, and says whether any of them changed.
    ///
    /// # Errors
    ///
    /// What the first filter that stopped did so with. Texts before it may have changed.
    pub fn filter<F: TextFilter>(
        &mut self,
        mut filter: impl FnMut(&Text) -> Option<F>,
    ) -> Result<bool, Box<ApiError>> {
        let mut changed = false;
        for text in &mut self.texts {
            if let Some(mut filter) = filter(text) {
                changed |= text.filter(&mut filter)?;
            }
        }
        Ok(changed)
    }

    /// Whether any text was changed.
    pub fn is_changed(&self) -> bool {
        self.changes() > 0
    }

    /// How many changes there were, to tell whether there were more since.
    pub(crate) fn changes(&self) -> usize {
        self.texts.iter().map(Text::changes).sum()
    }

    /// The body with all changes. Without changes it is the very same [`Bytes`].
    pub fn finish(self) -> Bytes {
        if !self.is_changed() {
            return self.body;
        }
        let mut changes: Vec<(Range<usize>, String)> = self.spellings_to_remove();
        let changed = self.texts.iter().filter(|text| text.changes() > 0);
        changes.extend(changed.filter_map(|text| Some((text.at().clone(), text.written()?))));
        splice(&self.body, changes)
    }

    /// What spells a text a second time, where the text has changed.
    fn spellings_to_remove(&self) -> Vec<(Range<usize>, String)> {
        let Ok(root) = Value::parse(&self.body) else {
            return Vec::new();
        };
        tokens::spellings(self.endpoint, root)
            .into_iter()
            .filter(|spelling| {
                let changed = self.texts.iter().filter(|text| text.changes() > 0);
                changed.into_iter().any(|text| self.spells(spelling, text))
            })
            .map(|spelling| (spelling.at.clone(), spelling.nothing().to_owned()))
            .collect()
    }

    fn spells(&self, spelling: &Spelling, text: &Text) -> bool {
        let within =
            |range: &Range<usize>| range.start <= text.at().start && text.at().end <= range.end;
        within(&spelling.scope)
            && match spelling.kind {
                SpellingKind::Logprobs | SpellingKind::Ids => true,
                // The prompt comes back in raw output, and as the beginning of a text completion.
                SpellingKind::PromptIds => {
                    self.endpoint == Endpoint::Completions || text.kind() == TextKind::RawOutput
                }
            }
    }
}

impl<'a> IntoIterator for &'a Texts {
    type Item = &'a Text;
    type IntoIter = std::slice::Iter<'a, Text>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Texts {
    type Item = &'a mut Text;
    type IntoIter = std::slice::IterMut<'a, Text>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts")
            .field("endpoint", &self.endpoint)
            .field("direction", &self.direction)
            .field("texts", &self.texts)
            .finish_non_exhaustive()
    }
}

/// The body with parts of it replaced. A part within another one is gone with that.
fn splice(body: &[u8], mut changes: Vec<(Range<usize>, String)>) -> Bytes {
    // Of those that start at one place the longest comes first.
    changes.sort_by_key(|(at, _)| (at.start, std::cmp::Reverse(at.end)));
    let mut out = Vec::with_capacity(body.len());
    let mut copied = 0;
    for (at, with) in changes {
        if at.start >= copied {
            out.extend_from_slice(body.get(copied..at.start).unwrap_or_default());
            out.extend_from_slice(with.as_bytes());
            copied = at.end;
        }
    }
    out.extend_from_slice(body.get(copied..).unwrap_or_default());
    out.into()
}
