//! Reads JSON text that grows, and writes it with the escapes of its strings decoded.

use std::collections::VecDeque;
use std::ops::Range;

/// A number has to be seen whole, because it becomes a string if any of it changes. No number that means
/// anything is longer than this many bytes, so what is longer is not waited for.
pub(super) const MAX_LITERAL: usize = 1024;

/// A stretch of the text, and what it was decoded to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    /// Where it starts in the text, counted from the beginning of the channel.
    pub(super) source: usize,
    pub(super) source_len: usize,
    /// Where it starts in the decoded text, counted in the same way.
    pub(super) decoded: usize,
    pub(super) decoded_len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Quotes, braces, brackets, colons, commas, white space.
    Structure,
    /// Contents of a string, standing for themselves.
    Text,
    /// One escape within a string, or the two of a surrogate pair.
    Escape,
    /// A number, `true`, `false`, `null`, or whatever stands there instead.
    Literal,
    /// A literal over [`MAX_LITERAL`].
    LongLiteral,
}

impl Piece {
    pub(super) const fn decoded_end(&self) -> usize {
        self.decoded + self.decoded_len
    }

    pub(super) const fn source_end(&self) -> usize {
        self.source + self.source_len
    }

    /// The source of a part of what it was decoded to. An escape cannot be taken in parts.
    pub(super) const fn source_of(&self, decoded: &Range<usize>) -> Range<usize> {
        if self.is_plain() {
            let start = self.source + (decoded.start - self.decoded);
            return start..start + (decoded.end - decoded.start);
        }
        match (decoded.start == decoded.end, decoded.start == self.decoded) {
            (false, _) => self.source..self.source_end(),
            (true, true) => self.source..self.source,
            (true, false) => self.source_end()..self.source_end(),
        }
    }

    /// Takes the first bytes of a plain piece away.
    pub(super) const fn split_front(&mut self, len: usize) -> Self {
        let front = Self {
            source_len: len,
            decoded_len: len,
            ..*self
        };
        self.source += len;
        self.source_len -= len;
        self.decoded += len;
        self.decoded_len -= len;
        front
    }

    /// Whether each of its bytes stands for itself, so that it can be taken in parts.
    pub(super) const fn is_plain(&self) -> bool {
        matches!(self.kind, Kind::Structure | Kind::Text | Kind::LongLiteral)
    }
}

/// Where in the grammar the text is. Nesting does not matter here, only what is within quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Outside,
    /// In a literal of so many bytes as yet.
    Literal(usize),
    String,
}

/// Decodes JSON text piece by piece. It takes anything: text that is not JSON is cut into strings,
/// literals and structure all the same, and an escape that JSON does not know stands for itself.
#[derive(Debug)]
pub(super) struct Decoder {
    place: Place,
    source: usize,
    decoded: usize,
}

impl Decoder {
    pub(super) const fn new() -> Self {
        Self {
            place: Place::Outside,
            source: 0,
            decoded: 0,
        }
    }

    /// How much of the text has been read.
    pub(super) const fn source(&self) -> usize {
        self.source
    }

    /// Whether the last piece is a literal that may go on.
    pub(super) const fn in_literal(&self) -> bool {
        matches!(self.place, Place::Literal(_))
    }

    /// Reads `text`, but for an escape at its end that is not whole, unless it is the `end`.
    pub(super) fn read(
        &mut self,
        text: &str,
        end: bool,
        decoded: &mut String,
        pieces: &mut VecDeque<Piece>,
    ) {
        let mut rest = text;
        while !rest.is_empty() {
            let (kind, len) = match self.place {
                Place::Outside => match rest.as_bytes().first() {
                    Some(b'"') => {
                        self.place = Place::String;
                        (Kind::Structure, 1)
                    }
                    Some(byte) if is_structure(*byte) => (Kind::Structure, structure_len(rest)),
                    _ => {
                        self.place = Place::Literal(0);
                        continue;
                    }
                },
                Place::Literal(before) => {
                    let len = literal_len(rest);
                    if len == 0 {
                        self.place = Place::Outside;
                        continue;
                    }
                    self.place = Place::Literal(before.saturating_add(len));
                    if before + len > MAX_LITERAL {
                        (Kind::LongLiteral, len)
                    } else {
                        (Kind::Literal, len)
                    }
                }
                Place::String => match memchr::memchr2(b'"', b'\\', rest.as_bytes()) {
                    Some(0) if rest.starts_with('"') => {
                        self.place = Place::Outside;
                        (Kind::Structure, 1)
                    }
                    Some(0) => match escape(rest.as_bytes(), end) {
                        Escape::Char(char, len) => {
                            self.push_char(char, len, decoded, pieces);
                            rest = rest.get(len..).unwrap_or_default();
                            continue;
                        }
                        Escape::Unfinished => return,
                        Escape::Unknown => (Kind::Text, 1),
                    },
                    Some(len) => (Kind::Text, len),
                    None => (Kind::Text, rest.len()),
                },
            };
            let (plain, after) = rest.split_at(len);
            decoded.push_str(plain);
            self.push(kind, len, len, pieces);
            rest = after;
        }
    }

    fn push_char(
        &mut self,
        char: char,
        source_len: usize,
        decoded: &mut String,
        pieces: &mut VecDeque<Piece>,
    ) {
        decoded.push(char);
        self.push(Kind::Escape, source_len, char.len_utf8(), pieces);
    }

    fn push(
        &mut self,
        kind: Kind,
        source_len: usize,
        decoded_len: usize,
        pieces: &mut VecDeque<Piece>,
    ) {
        match pieces.back_mut() {
            Some(last) if continues(last.kind, kind) => {
                last.kind = kind;
                last.source_len += source_len;
                last.decoded_len += decoded_len;
            }
            _ => pieces.push_back(Piece {
                kind,
                source: self.source,
                source_len,
                decoded: self.decoded,
                decoded_len,
            }),
        }
        self.source += source_len;
        self.decoded += decoded_len;
    }
}

/// Two literals never touch: there is structure between them.
fn continues(last: Kind, kind: Kind) -> bool {
    match kind {
        Kind::Escape => false,
        Kind::LongLiteral => matches!(last, Kind::Literal | Kind::LongLiteral),
        _ => last == kind,
    }
}

/// White space and signs, but for the quote, which also begins a string.
const fn is_structure(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b'{' | b'}' | b'[' | b']' | b':' | b','
    )
}

fn structure_len(text: &str) -> usize {
    let other = text.bytes().position(|byte| !is_structure(byte));
    other.unwrap_or(text.len())
}

fn literal_len(text: &str) -> usize {
    let other = text
        .bytes()
        .position(|byte| byte == b'"' || is_structure(byte));
    other.unwrap_or(text.len())
}

enum Escape {
    /// The character, and how many bytes spell it.
    Char(char, usize),
    /// More text is needed to tell.
    Unfinished,
    /// JSON has no such escape.
    Unknown,
}

/// The escape that `text` starts with, by RFC 8259, section 7.
fn escape(text: &[u8], end: bool) -> Escape {
    let simple = match text.get(1) {
        Some(b'u') => return unicode_escape(text, end),
        Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        None if !end => return Escape::Unfinished,
        _ => return Escape::Unknown,
    };
    Escape::Char(simple, 2)
}

fn unicode_escape(text: &[u8], end: bool) -> Escape {
    let high = match code_unit(text, end) {
        Unit::Is(unit) => unit,
        Unit::Unfinished => return Escape::Unfinished,
        Unit::Not => return Escape::Unknown,
    };
    if !(0xD800..0xDC00).contains(&high) {
        // A low surrogate with no high one before it is no character, and takes the place of one.
        let char = char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER);
        return Escape::Char(char, 6);
    }
    match code_unit(text.get(6..).unwrap_or_default(), end) {
        Unit::Is(low @ 0xDC00..0xE000) => {
            let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            Escape::Char(char, 12)
        }
        Unit::Unfinished => Escape::Unfinished,
        _ => Escape::Char(char::REPLACEMENT_CHARACTER, 6),
    }
}

enum Unit {
    Is(u32),
    Unfinished,
    Not,
}

/// Reads `\uXXXX`.
fn code_unit(text: &[u8], end: bool) -> Unit {
    let mut unit = 0;
    for at in 0..6 {
        let Some(byte) = text.get(at) else {
            return if end { Unit::Not } else { Unit::Unfinished };
        };
        let right = match at {
            0 => *byte == b'\\',
            1 => *byte == b'u',
            _ => match char::from(*byte).to_digit(16) {
                Some(digit) => {
                    unit = unit << 4 | digit;
                    true
                }
                None => false,
            },
        };
        if !right {
            return Unit::Not;
        }
    }
    Unit::Is(unit)
}
