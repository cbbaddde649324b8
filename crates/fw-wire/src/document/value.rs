//! A view over one value of a validated JSON text.

use core::cmp::Ordering;
use core::fmt;
use std::borrow::Cow;

use super::Span;
use super::children::{Element, Elements, Member, Members};
use super::error::DocumentError;
use super::scan;
use super::steps::{Longest, Text};
use super::text::decode;

/// What a JSON value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number, as spelt.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// The kind of the value that starts with a byte.
    pub(super) fn of(first: Option<u8>) -> Self {
        match first {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') | None => Kind::Null,
            Some(_) => Kind::Number,
        }
    }
}

/// A view of one value in a JSON text that was validated as a whole.
///
/// It is two offsets and a borrow, so it is copied freely. Nothing is decoded before it is asked for:
/// navigating steps over the text, which costs time in proportion to what is stepped over and never
/// any memory.
///
/// ```
/// use fw_wire::Value;
///
/// let chunk = Value::parse(br#"{"choices":[{"delta":{"content":"Hel\u006co"}}]}"#)?;
/// let choice = chunk.get("choices").and_then(|choices| choices.index(0));
/// let delta = choice.and_then(|choice| choice.get("delta")).and_then(|delta| delta.get("content"));
/// assert_eq!(delta.and_then(|text| text.as_str()).as_deref(), Some("Hello"));
/// # Ok::<(), fw_wire::DocumentError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Value<'a> {
    text: Text<'a>,
    start: usize,
    end: usize,
}

impl<'a> Value<'a> {
    /// Validates a whole JSON text and returns a view of its value, without owning or copying it.
    ///
    /// Allocates nothing. The rules are those of [`Document::parse`](crate::Document::parse).
    ///
    /// # Errors
    ///
    /// When the text is not one JSON value in UTF-8, or is nested deeper than 128 levels.
    pub fn parse(text: &'a [u8]) -> Result<Self, DocumentError> {
        let mut longest = Longest::default();
        match scan::validate(text, scan::MAX_DEPTH, &mut longest) {
            Ok((start, end)) => Ok(Self {
                text: Text::new(text, longest),
                start,
                end,
            }),
            Err(fault) => Err(DocumentError::new(text, fault)),
        }
    }

    /// A view of a part of a text that was validated.
    pub(super) fn at(text: Text<'a>, start: usize, end: usize) -> Self {
        Self { text, start, end }
    }

    /// The value at `span` of the same text as this value, if the span lies in it.
    ///
    /// The span must come from a value of the same text; any other gives a meaningless view, though
    /// never a panic.
    #[must_use]
    pub fn value_at(self, span: Span) -> Option<Value<'a>> {
        self.text
            .bytes
            .get(span.range())
            .filter(|bytes| !bytes.is_empty())?;
        Some(Value {
            text: self.text,
            start: span.start(),
            end: span.end(),
        })
    }

    fn bytes(self) -> &'a [u8] {
        self.text
            .bytes
            .get(self.start..self.end)
            .unwrap_or_default()
    }

    /// The whole text that the value is in.
    pub(super) fn text(self) -> Text<'a> {
        self.text
    }

    /// What the value is.
    #[must_use]
    pub fn kind(self) -> Kind {
        Kind::of(self.text.bytes.get(self.start).copied())
    }

    /// Where the value is in its text.
    #[must_use]
    pub fn span(self) -> Span {
        Span::new(self.start, self.end)
    }

    /// The value as it is spelt.
    #[must_use]
    pub fn raw(self) -> &'a str {
        core::str::from_utf8(self.bytes()).unwrap_or_default()
    }

    /// True for `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// True for an object.
    #[must_use]
    pub fn is_object(self) -> bool {
        self.kind() == Kind::Object
    }

    /// True for an array.
    #[must_use]
    pub fn is_array(self) -> bool {
        self.kind() == Kind::Array
    }

    /// True for a string.
    #[must_use]
    pub fn is_string(self) -> bool {
        self.kind() == Kind::String
    }

    /// The contents of a string, decoded. Borrowed unless an escape had to be resolved.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        self.is_string().then(|| decode(inner(self.bytes())))
    }

    /// Whether this is the string `text`. Cheaper than decoding it.
    #[must_use]
    pub fn is_str(self, text: &str) -> bool {
        self.is_string() && same_text(inner(self.bytes()), text)
    }

    /// The boolean.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.bytes() {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// The number, if it is spelt as a non-negative integer that fits.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        (self.kind() == Kind::Number)
            .then(|| self.raw().parse().ok())
            .flatten()
    }

    /// The number, if it is spelt as an integer that fits.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        (self.kind() == Kind::Number)
            .then(|| self.raw().parse().ok())
            .flatten()
    }

    /// The number, rounded to the nearest `f64`. `None` where it is out of range, as in `1e999`.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        (self.kind() == Kind::Number)
            .then(|| self.raw().parse().ok())
            .flatten()
            .filter(|number: &f64| number.is_finite())
    }

    /// The value of the member `key` of an object. Of duplicates the last wins, as in serde_json,
    /// Python and JavaScript.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Value<'a>> {
        self.member(key).map(Member::value)
    }

    /// The values of several members in one pass; what [`Value::get`] would give for each.
    ///
    /// ```
    /// use fw_wire::Value;
    ///
    /// let chunk = Value::parse(br#"{"id":"x","choices":[],"usage":null}"#)?;
    /// let [choices, usage, error] = chunk.get_many(["choices", "usage", "error"]);
    /// assert!(choices.is_some() && usage.is_some() && error.is_none());
    /// # Ok::<(), fw_wire::DocumentError>(())
    /// ```
    #[must_use]
    pub fn get_many<const N: usize>(self, keys: [&str; N]) -> [Option<Value<'a>>; N] {
        let mut found = [None; N];
        for member in self.members() {
            for (value, key) in found.iter_mut().zip(keys) {
                if member.key_is(key) {
                    *value = Some(member.value());
                }
            }
        }
        found
    }

    /// The member `key` of an object; of duplicates the last.
    #[must_use]
    pub fn member(self, key: &str) -> Option<Member<'a>> {
        self.members().filter(|member| member.key_is(key)).last()
    }

    /// The element at `index` of an array.
    #[must_use]
    pub fn index(self, index: usize) -> Option<Value<'a>> {
        self.elements().nth(index).map(Element::value)
    }

    /// The members of an object, in order, duplicates included. Empty for anything else.
    #[must_use]
    pub fn members(self) -> Members<'a> {
        Members::of(self)
    }

    /// The elements of an array, in order. Empty for anything else.
    #[must_use]
    pub fn elements(self) -> Elements<'a> {
        Elements::of(self)
    }
}

/// Shows the kind and the place, never the contents: bodies hold prompts and personal data.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Value")
            .field("kind", &self.kind())
            .field("span", &self.span())
            .finish()
    }
}

/// What stands between the quotes.
pub(super) fn inner(string: &[u8]) -> &[u8] {
    string
        .get(1..string.len().saturating_sub(1))
        .unwrap_or_default()
}

/// Whether the encoded contents of a string spell `text`.
#[inline]
pub(super) fn same_text(encoded: &[u8], text: &str) -> bool {
    // An escape always takes more bytes than what it stands for. So of equal lengths only the same
    // bytes without an escape are equal, and of a longer spelling only one with an escape.
    match encoded.len().cmp(&text.len()) {
        Ordering::Less => false,
        Ordering::Equal => encoded == text.as_bytes() && !encoded.contains(&b'\\'),
        Ordering::Greater => encoded.contains(&b'\\') && decode(encoded) == text,
    }
}
