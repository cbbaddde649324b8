//! JSON bodies that keep their bytes.

mod children;
mod cursor;
mod edit;
mod ends;
mod error;
mod path;
mod scan;
mod span;
mod steps;
mod text;
mod value;
mod words;

use core::fmt;

use bytes::Bytes;

use self::edit::Edits;
use self::ends::Ends;
use self::steps::Text;

pub use self::children::{Element, Elements, Member, Members};
pub(crate) use self::cursor::Cursor;
pub use self::error::DocumentError;
pub use self::path::Path;
pub use self::span::{ElementSpan, MemberSpan, Span};
pub use self::text::encode_str;
pub use self::value::{Kind, Value};

/// What a [`Document`] accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest text, in bytes. A longer one is refused before it is read.
    pub max_bytes: usize,
    /// The deepest nesting of objects and arrays. More than 128 is taken as 128.
    pub max_depth: usize,
}

/// 4 GiB and 128 levels: servers bound bodies long before, and real ones nest a dozen levels.
impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: u32::MAX as usize,
            max_depth: scan::MAX_DEPTH,
        }
    }
}

/// A JSON body that knows where things are.
///
/// Bytes go in, and the same bytes come out. The text is validated once; reading it is navigation
/// over the bytes ([`Document::root`]), and a change is an edit of a place in them. What no edit
/// names keeps its spelling: key order, white space, number format, duplicate keys, unknown fields.
///
/// # Edits
///
/// Edits are recorded against places in the original text and applied at once by
/// [`Document::finish`]. None of them moves a span, so spans stay good while edits are made, and
/// reading shows the original throughout. Where edits meet:
///
/// - of two edits of the same place the later one counts, but a removal always counts;
/// - an edit inside a value that is removed or replaced is dropped;
/// - removals and insertions take care of the commas, whatever else goes.
///
/// A span must come from the document it is used on. One from elsewhere is refused if it does not
/// fit; if it happens to fit, the result is not JSON, but nothing panics.
///
/// ```
/// use fw_wire::Document;
///
/// let mut body = Document::parse(r#"{ "model": "a",  "n":1.0, "store": true }"#)?;
/// let root = body.root();
/// let (model, store) = (root.get("model"), root.member("store"));
/// let (model, store) = (model.map(|v| v.span()), store.map(|m| m.span()));
/// body.replace_text(model.unwrap(), "b \"quoted\"");
/// body.remove(store.unwrap());
/// assert_eq!(body.finish(), r#"{ "model": "b \"quoted\"",  "n":1.0 }"#);
/// # Ok::<(), fw_wire::DocumentError>(())
/// ```
#[derive(Clone)]
pub struct Document {
    bytes: Bytes,
    ends: Ends,
    root: Span,
    // Boxed: most documents have none, and documents are moved about.
    edits: Option<Box<Edits>>,
}

impl Document {
    /// Validates `bytes` as one JSON text.
    ///
    /// The grammar is RFC 8259, strictly: UTF-8 without a byte order mark, one value, nothing after
    /// it. Like serde_json it refuses escapes of lone surrogates. Numbers may have any size, because
    /// they are passed on as they are spelt. Nesting is bounded, and nothing is allocated.
    ///
    /// # Errors
    ///
    /// When the text is not that, with line and column.
    pub fn parse(bytes: impl Into<Bytes>) -> Result<Self, DocumentError> {
        Self::parse_with(bytes, Limits::default())
    }

    /// Like [`Document::parse`], with limits of your own.
    ///
    /// # Errors
    ///
    /// Also when the text exceeds a limit.
    pub fn parse_with(bytes: impl Into<Bytes>, limits: Limits) -> Result<Self, DocumentError> {
        let bytes = bytes.into();
        if bytes.len() > limits.max_bytes {
            return Err(DocumentError::too_large(bytes.len(), limits.max_bytes));
        }
        let mut ends = Ends::default();
        match scan::validate(&bytes, limits.max_depth, &mut ends) {
            Ok((start, end)) => Ok(Self {
                bytes,
                ends,
                root: Span::new(start, end),
                edits: None,
            }),
            Err(fault) => Err(DocumentError::new(&bytes, fault)),
        }
    }

    /// The document's value, as it was parsed.
    #[must_use]
    pub fn root(&self) -> Value<'_> {
        Value::at(self.text(), self.root.start(), self.root.end())
    }

    /// The bytes as they were parsed.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Whether any edit was made.
    #[must_use]
    pub fn is_edited(&self) -> bool {
        self.edits.is_some()
    }

    /// The path of the value or key at `span`, such as `messages[0].content`, for messages to
    /// people. Worked out when displayed, by walking down from the root.
    #[must_use]
    pub fn path(&self, span: Span) -> Path<'_> {
        Path::new(self.root(), span)
    }

    /// Replaces a value by other JSON.
    ///
    /// # Errors
    ///
    /// When `json` is not one JSON value, or the span is outside the document. Nothing is changed.
    pub fn replace(&mut self, at: Span, json: impl Into<String>) -> Result<(), DocumentError> {
        let json = checked(json.into())?;
        if !self.holds(at) {
            return Err(DocumentError::span(at.start(), "a span of this document"));
        }
        self.edits().replace(at, json);
        Ok(())
    }

    /// Replaces a value by the string `text`. The span may also be that of a key.
    pub fn replace_text(&mut self, at: Span, text: &str) {
        if self.holds(at) {
            self.edits().replace(at, quoted(text));
        }
    }

    /// Gives a member another key, and leaves its value alone.
    pub fn rename(&mut self, member: MemberSpan, key: &str) {
        if self.holds(member.whole()) {
            self.edits().replace(member.key(), quoted(key));
        }
    }

    /// Removes a member of an object.
    pub fn remove(&mut self, member: MemberSpan) {
        if self.holds(member.whole()) {
            self.edits().remove(member.object(), member.whole());
        }
    }

    /// Removes an element of an array.
    pub fn remove_element(&mut self, element: ElementSpan) {
        if self.holds(element.value()) {
            self.edits().remove(element.array(), element.value());
        }
    }

    /// Adds a member at the end of an object. Whether the object has that key already is not looked
    /// at ([`Document::set`] does); of two insertions of one key into one object the later counts.
    ///
    /// # Errors
    ///
    /// When `json` is not one JSON value, or `object` is not the span of an object.
    pub fn insert(
        &mut self,
        object: Span,
        key: &str,
        json: impl Into<String>,
    ) -> Result<(), DocumentError> {
        let json = checked(json.into())?;
        self.opens(object, b'{', "the span of an object")?;
        self.edits().insert(object, Some(quoted(key)), json);
        Ok(())
    }

    /// Adds an element at the end of an array.
    ///
    /// # Errors
    ///
    /// When `json` is not one JSON value, or `array` is not the span of an array.
    pub fn push(&mut self, array: Span, json: impl Into<String>) -> Result<(), DocumentError> {
        let json = checked(json.into())?;
        self.opens(array, b'[', "the span of an array")?;
        self.edits().insert(array, None, json);
        Ok(())
    }

    /// Sets the member `key` of an object, whatever was there: every member of that name is given
    /// the value, and if there is none it is added at the end.
    ///
    /// Members removed or renamed by an earlier edit no longer have the name; members renamed to it
    /// have.
    ///
    /// # Errors
    ///
    /// When `json` is not one JSON value, or `object` is not the span of an object.
    pub fn set(
        &mut self,
        object: Span,
        key: &str,
        json: impl Into<String>,
    ) -> Result<(), DocumentError> {
        let json = checked(json.into())?;
        self.opens(object, b'{', "the span of an object")?;
        let places = self.named(object, key);
        for &member in &places {
            self.edits().replace(member.value(), json.clone());
        }
        // An insertion of that key, if there was one, is overwritten as well.
        let mut made = self.edits.iter();
        if places.is_empty() || made.any(|made| made.inserts_key(object, &quoted(key))) {
            self.edits().insert(object, Some(quoted(key)), json);
        }
        Ok(())
    }

    /// Removes every member `key` of an object, also one inserted by an earlier edit. Returns whether
    /// there was any.
    pub fn unset(&mut self, object: Span, key: &str) -> bool {
        let places = self.named(object, key);
        for member in &places {
            self.remove(*member);
        }
        let mut made = self.edits.iter_mut();
        let inserted = made.any(|made| made.uninsert(object, &quoted(key)));
        inserted || !places.is_empty()
    }

    /// The text with all edits applied. Without edits it is the very same [`Bytes`].
    #[must_use]
    pub fn finish(self) -> Bytes {
        match &self.edits {
            Some(edits) => edits.apply(self.text()).into(),
            None => self.bytes,
        }
    }

    /// The members of an object that have the name `key` after the edits so far.
    fn named(&self, object: Span, key: &str) -> Vec<MemberSpan> {
        let Some(value) = self.root().value_at(object) else {
            return Vec::new();
        };
        let key_edits = self.edits.as_ref().map(|edits| edits.of_object(object));
        value
            .members()
            .filter(|member| {
                let span = member.span();
                let Some(edits) = &key_edits else {
                    return member.key_is(key);
                };
                !edits
                    .removed
                    .is_some_and(|removed| removed.contains(&span.whole()))
                    && match edits.renamed.get(&span.key()) {
                        Some(new) => Value::at(new.as_bytes().into(), 0, new.len()).is_str(key),
                        None => member.key_is(key),
                    }
            })
            .map(Member::span)
            .collect()
    }

    fn text(&self) -> Text<'_> {
        Text::noted(&self.bytes, &self.ends)
    }

    fn edits(&mut self) -> &mut Edits {
        self.edits.get_or_insert_default()
    }

    fn holds(&self, span: Span) -> bool {
        span.start() < span.end() && self.root.contains(span)
    }

    fn opens(&self, span: Span, open: u8, expected: &'static str) -> Result<(), DocumentError> {
        if self.holds(span) && self.bytes.get(span.start()) == Some(&open) {
            Ok(())
        } else {
            Err(DocumentError::span(span.start(), expected))
        }
    }
}

impl<'a> From<&'a Document> for Value<'a> {
    fn from(document: &'a Document) -> Self {
        document.root()
    }
}

/// Shows the size and how many edits were made, never the contents.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("bytes", &self.bytes.len())
            .field("edits", &self.edits.as_ref().map_or(0, |edits| edits.len()))
            .finish()
    }
}

fn checked(json: String) -> Result<String, DocumentError> {
    Value::parse(json.as_bytes()).map(|_| ())?;
    Ok(json)
}

fn quoted(text: &str) -> String {
    let mut json = String::new();
    encode_str(&mut json, text);
    json
}

#[cfg(test)]
mod tests;
