//! The members of objects and the elements of arrays.

use core::fmt;
use std::borrow::Cow;

use super::scan;
use super::span::{ElementSpan, MemberSpan, Span};
use super::steps::{self, Text};
use super::text::decode;
use super::value::{Value, inner, same_text};

/// A member of an object.
#[derive(Clone, Copy)]
pub struct Member<'a> {
    text: Text<'a>,
    span: MemberSpan,
    /// Whether the key may have an escape; most have none.
    may_escape: bool,
}

impl<'a> Member<'a> {
    /// The key, decoded.
    #[must_use]
    pub fn key(self) -> Cow<'a, str> {
        decode(self.encoded_key())
    }

    /// The bytes of [`Member::key`], to be compared with names: they are not looked at as text first.
    #[must_use]
    pub fn key_bytes(self) -> Cow<'a, [u8]> {
        let encoded = self.encoded_key();
        if self.may_escape && encoded.contains(&b'\\') {
            Cow::Owned(decode(encoded).into_owned().into_bytes())
        } else {
            Cow::Borrowed(encoded)
        }
    }

    /// Whether the key is `key`, in whatever spelling.
    #[must_use]
    pub fn key_is(self, key: &str) -> bool {
        let encoded = self.encoded_key();
        if self.may_escape {
            same_text(encoded, key)
        } else {
            encoded == key.as_bytes()
        }
    }

    /// The value.
    #[must_use]
    pub fn value(self) -> Value<'a> {
        let span = self.span.value();
        Value::at(self.text, span.start(), span.end())
    }

    /// Where the member is, for edits.
    #[must_use]
    pub fn span(self) -> MemberSpan {
        self.span
    }

    fn encoded_key(self) -> &'a [u8] {
        inner(
            self.text
                .bytes
                .get(self.span.key().range())
                .unwrap_or_default(),
        )
    }
}

impl fmt::Debug for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}

/// An element of an array.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    text: Text<'a>,
    span: ElementSpan,
}

impl<'a> Element<'a> {
    /// The value.
    #[must_use]
    pub fn value(self) -> Value<'a> {
        let span = self.span.value();
        Value::at(self.text, span.start(), span.end())
    }

    /// Where the element is, for edits.
    #[must_use]
    pub fn span(self) -> ElementSpan {
        self.span
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element")
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}

/// The members of an object. See [`Value::members`].
#[derive(Clone)]
pub struct Members<'a> {
    text: Text<'a>,
    object: usize,
    at: usize,
    end: usize,
}

impl<'a> Members<'a> {
    pub(super) fn of(value: Value<'a>) -> Self {
        let (text, span) = (value.text(), value.span());
        Self {
            text,
            object: span.start(),
            at: start(value.is_object(), span),
            end: span.end(),
        }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        if self.at >= self.end {
            return None;
        }
        let open = scan::space(self.text.bytes, self.at);
        if open >= self.end || self.text.bytes.get(open) != Some(&b'"') {
            self.at = self.end;
            return None;
        }
        let (key_end, may_escape) = steps::key_end(self.text.bytes, open);
        let colon = scan::space(self.text.bytes, key_end);
        let start = scan::space(self.text.bytes, colon + 1);
        let end = steps::value_end(self.text, start);
        self.at = after_comma(self.text.bytes, end, self.end);
        let span = MemberSpan::new(self.object, Span::new(open, key_end), Span::new(start, end));
        Some(Member {
            text: self.text,
            span,
            may_escape,
        })
    }
}

impl core::iter::FusedIterator for Members<'_> {}

impl fmt::Debug for Members<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Members")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// The elements of an array. See [`Value::elements`].
#[derive(Clone)]
pub struct Elements<'a> {
    text: Text<'a>,
    array: usize,
    at: usize,
    end: usize,
}

impl<'a> Elements<'a> {
    pub(super) fn of(value: Value<'a>) -> Self {
        let (text, span) = (value.text(), value.span());
        Self {
            text,
            array: span.start(),
            at: start(value.is_array(), span),
            end: span.end(),
        }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        if self.at >= self.end {
            return None;
        }
        let start = scan::space(self.text.bytes, self.at);
        let end = steps::value_end(self.text, start);
        // Nothing to step over: this is the closing bracket of an empty array.
        if start >= self.end || end == start {
            self.at = self.end;
            return None;
        }
        self.at = after_comma(self.text.bytes, end, self.end);
        let span = ElementSpan::new(self.array, Span::new(start, end));
        Some(Element {
            text: self.text,
            span,
        })
    }
}

impl core::iter::FusedIterator for Elements<'_> {}

impl fmt::Debug for Elements<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Elements")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// Where the children begin; of what is no such container, the end.
fn start(is_container: bool, span: Span) -> usize {
    if is_container {
        span.start() + 1
    } else {
        span.end()
    }
}

/// Where the next child begins: after the comma, or the end when there is none.
fn after_comma(text: &[u8], at: usize, end: usize) -> usize {
    let at = scan::space(text, at);
    if text.get(at) == Some(&b',') {
        at + 1
    } else {
        end
    }
}
