//! One pass over a validated text, going into some containers and stepping over others.

use std::borrow::Cow;

use super::scan;
use super::span::Span;
use super::steps::{self, Text};
use super::text::decode;
use super::value::{Kind, Value};

/// A place in a validated text, which only moves forward.
///
/// Iterators over members and elements find the end of each child before they hand it out, so a
/// walk with them reads a text once per level. A walk with a cursor reads it once.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    text: Text<'a>,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of a value.
    pub(crate) fn new(value: Value<'a>) -> Self {
        Self {
            text: value.text(),
            at: value.span().start(),
        }
    }

    /// The kind of the value that starts here.
    pub(crate) fn kind(&self) -> Kind {
        Kind::of(self.text.bytes.get(self.at).copied())
    }

    /// The value that starts here. Reads to its end, but stays.
    pub(crate) fn value(&self) -> Value<'a> {
        Value::at(self.text, self.at, steps::value_end(self.text, self.at))
    }

    /// Steps over the value that starts here. `None` if nothing does, which only happens in a text
    /// that is not JSON.
    pub(crate) fn take(&mut self) -> Option<Span> {
        let start = self.at;
        self.at = steps::value_end(self.text, start);
        (self.at > start).then(|| Span::new(start, self.at))
    }

    /// The bytes of a value that was stepped over, as they are spelt.
    pub(crate) fn raw(&self, span: Span) -> &'a str {
        Value::at(self.text, span.start(), span.end()).raw()
    }

    /// Goes into the container that starts here.
    pub(crate) fn enter(&mut self) {
        self.at += 1;
    }

    /// Moves to the next child of the container that the cursor is in; or leaves the container and
    /// returns false.
    pub(crate) fn next_child(&mut self) -> bool {
        self.at = scan::space(self.text.bytes, self.at);
        match self.text.bytes.get(self.at) {
            Some(b',') => self.at = scan::space(self.text.bytes, self.at + 1),
            Some(b'}' | b']') => {
                self.at += 1;
                return false;
            }
            Some(_) => {}
            None => return false,
        }
        true
    }

    /// Steps over the key that starts here, up to its value.
    pub(crate) fn take_key(&mut self) -> Option<(Span, Cow<'a, str>)> {
        if self.text.bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let span = self.take()?;
        let colon = scan::space(self.text.bytes, self.at);
        self.at = scan::space(self.text.bytes, colon + 1);
        let key = self
            .text
            .bytes
            .get(span.start() + 1..span.end().saturating_sub(1))
            .unwrap_or_default();
        Some((span, decode(key)))
    }
}
