//! The scanner: strict validation of a whole JSON text (RFC 8259), without recursion, allocation or
//! a tree.

use super::error::{Fault, FaultKind};
use super::words::{TOPS, special, word};

/// Nesting that is ever accepted. One bit per level must fit the scanner's stack.
pub(super) const MAX_DEPTH: usize = 128;

const VALUE: &str = "a JSON value";
const KEY: &str = "a string as the object key";
const KEY_OR_END: &str = "a string as the object key, or '}'";
const COLON: &str = "':' after the object key";
const COMMA_OR_BRACE: &str = "',' or '}' after the object member";
const COMMA_OR_BRACKET: &str = "',' or ']' after the array element";
const END: &str = "the end of the text after the JSON value";
const QUOTE: &str = "'\"' at the end of the string";
const NO_CONTROL: &str = "control characters in a string to be escaped";
const ESCAPE: &str = "one of \"\\/bfnrtu after '\\'";
const HEX: &str = "four hexadecimal digits after \"\\u\"";
const LOW: &str = "a low surrogate escape after a high surrogate (RFC 8259 section 8.2)";
const HIGH: &str = "no low surrogate escape without a high surrogate (RFC 8259 section 8.2)";
const DIGIT: &str = "a digit";
const NO_ZERO: &str = "no digit after a leading zero";
const NO_BOM: &str = "a JSON value without a byte order mark (RFC 8259 section 8.1)";
const UTF8: &str = "valid UTF-8 (RFC 8259 section 8.1)";

fn expected<T>(at: usize, what: &'static str) -> Result<T, Fault> {
    Err(Fault {
        at,
        kind: FaultKind::Expected(what),
    })
}

/// What is told of the values that are passed on the way, for those who want to find them again.
pub(super) trait Noting {
    /// A string value, from its opening quote to the byte after the closing one.
    fn string(&mut self, open: usize, end: usize);
    /// A container opens at `at`; the root's depth is 1.
    fn open(&mut self, depth: usize, at: usize);
    /// The innermost open container ends.
    fn close(&mut self, depth: usize, end: usize);
}

/// Validates `text` as one JSON text and returns where its value starts and ends.
pub(super) fn validate(
    text: &[u8],
    max_depth: usize,
    notes: &mut impl Noting,
) -> Result<(usize, usize), Fault> {
    let mut seen = 0;
    let outcome = structure(text, max_depth, &mut seen, notes);
    // Only a string may hold anything but ASCII, so a sound text without is valid UTF-8.
    if seen & TOPS == 0 && outcome.is_ok() {
        return outcome;
    }
    match core::str::from_utf8(text) {
        Ok(_) => outcome,
        Err(error) => match outcome {
            // A syntax error that comes before the bad byte is what the sender should see first.
            Err(fault) if fault.at < error.valid_up_to() => Err(fault),
            _ => expected(error.valid_up_to(), UTF8),
        },
    }
}

/// What may come next inside a container.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    AfterValue,
}

/// The bytes of strings are or'ed into `seen`: with a top bit some are not ASCII.
fn structure(
    text: &[u8],
    max_depth: usize,
    seen: &mut u64,
    notes: &mut impl Noting,
) -> Result<(usize, usize), Fault> {
    let max_depth = max_depth.min(MAX_DEPTH);
    let start = space(text, 0);
    if text.starts_with(b"\xEF\xBB\xBF") {
        return expected(0, NO_BOM);
    }
    let mut at = start;
    // The open containers, innermost in the lowest bit: 1 for an object, 0 for an array.
    let mut objects: u128 = 0;
    let mut depth: usize = 0;
    let mut next = Next::Value;
    loop {
        if next == Next::Value {
            next = Next::AfterValue;
            match text.get(at) {
                Some(b'"') => {
                    let open = at;
                    at = string(text, at + 1, seen)?;
                    notes.string(open, at);
                }
                Some(b'{') => {
                    depth += 1;
                    if depth > max_depth {
                        return Err(Fault {
                            at,
                            kind: FaultKind::TooDeep(max_depth),
                        });
                    }
                    notes.open(depth, at);
                    objects = objects << 1 | 1;
                    at = space(text, at + 1);
                    match text.get(at) {
                        Some(b'"') => {
                            at = key(text, at, seen)?;
                            next = Next::Value;
                        }
                        // Left for the code below, which closes the object.
                        Some(b'}') => {}
                        _ => return expected(at, KEY_OR_END),
                    }
                }
                Some(b'[') => {
                    depth += 1;
                    if depth > max_depth {
                        return Err(Fault {
                            at,
                            kind: FaultKind::TooDeep(max_depth),
                        });
                    }
                    notes.open(depth, at);
                    objects <<= 1;
                    at = space(text, at + 1);
                    if text.get(at) != Some(&b']') {
                        next = Next::Value;
                    }
                }
                Some(b't') => at = literal(text, at, b"true")?,
                Some(b'f') => at = literal(text, at, b"false")?,
                Some(b'n') => at = literal(text, at, b"null")?,
                Some(b'-' | b'0'..=b'9') => at = number(text, at)?,
                _ => return expected(at, VALUE),
            }
            if next == Next::Value {
                continue;
            }
        }
        if depth == 0 {
            let end = at;
            let rest = space(text, end);
            if rest < text.len() {
                return expected(rest, END);
            }
            return Ok((start, end));
        }
        at = space(text, at);
        let in_object = objects & 1 == 1;
        match text.get(at) {
            Some(b',') => {
                at = space(text, at + 1);
                if in_object {
                    if text.get(at) != Some(&b'"') {
                        return expected(at, KEY);
                    }
                    at = key(text, at, seen)?;
                }
                next = Next::Value;
            }
            Some(b'}') if in_object => {
                at += 1;
                notes.close(depth, at);
                depth -= 1;
                objects >>= 1;
            }
            Some(b']') if !in_object => {
                at += 1;
                notes.close(depth, at);
                depth -= 1;
                objects >>= 1;
            }
            _ => {
                return expected(
                    at,
                    if in_object {
                        COMMA_OR_BRACE
                    } else {
                        COMMA_OR_BRACKET
                    },
                );
            }
        }
    }
}

/// Steps over a key, its colon and the space up to the value. `at` is the opening quote.
#[inline]
fn key(text: &[u8], at: usize, seen: &mut u64) -> Result<usize, Fault> {
    let at = space(text, string(text, at + 1, seen)?);
    if text.get(at) != Some(&b':') {
        return expected(at, COLON);
    }
    Ok(space(text, at + 1))
}

/// The first byte from `at` on that is not JSON white space.
#[inline]
pub(super) fn space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

#[inline]
fn literal(text: &[u8], at: usize, word: &'static [u8]) -> Result<usize, Fault> {
    if text.get(at..at + word.len()) == Some(word) {
        return Ok(at + word.len());
    }
    // Point at the byte that differs, not at the start of the word.
    let mut wrong = at;
    for byte in word {
        if text.get(wrong) != Some(byte) {
            break;
        }
        wrong += 1;
    }
    expected(
        wrong,
        match word {
            b"true" => "the literal true",
            b"false" => "the literal false",
            _ => "the literal null",
        },
    )
}

/// RFC 8259 section 6.
#[inline]
fn number(text: &[u8], mut at: usize) -> Result<usize, Fault> {
    if text.get(at) == Some(&b'-') {
        at += 1;
    }
    match text.get(at) {
        Some(b'0') => {
            at += 1;
            if let Some(b'0'..=b'9') = text.get(at) {
                return expected(at, NO_ZERO);
            }
        }
        Some(b'1'..=b'9') => at = digits(text, at + 1),
        _ => return expected(at, DIGIT),
    }
    if text.get(at) == Some(&b'.') {
        at = some_digits(text, at + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = text.get(at) {
            at += 1;
        }
        at = some_digits(text, at)?;
    }
    Ok(at)
}

#[inline]
fn digits(text: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9') = text.get(at) {
        at += 1;
    }
    at
}

#[inline]
fn some_digits(text: &[u8], at: usize) -> Result<usize, Fault> {
    let end = digits(text, at);
    if end == at {
        expected(at, DIGIT)
    } else {
        Ok(end)
    }
}

/// Steps over a string (RFC 8259 section 7). `at` is the byte after the opening quote; the result is
/// the one after the closing quote.
#[inline]
fn string(text: &[u8], mut at: usize, seen: &mut u64) -> Result<usize, Fault> {
    loop {
        at = plain_run(text, at, seen);
        match text.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at = escape(text, at)?,
            Some(_) => return expected(at, NO_CONTROL),
            None => return expected(at, QUOTE),
        }
    }
}

#[inline(never)]
fn escape(text: &[u8], at: usize) -> Result<usize, Fault> {
    match text.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            let Some(unit) = hex4(text, at + 2) else {
                return expected(at, HEX);
            };
            match unit {
                0xD800..=0xDBFF => {
                    let low = (text.get(at + 6) == Some(&b'\\') && text.get(at + 7) == Some(&b'u'))
                        .then(|| hex4(text, at + 8))
                        .flatten();
                    match low {
                        Some(0xDC00..=0xDFFF) => Ok(at + 12),
                        _ => expected(at + 6, LOW),
                    }
                }
                0xDC00..=0xDFFF => expected(at, HIGH),
                _ => Ok(at + 6),
            }
        }
        _ => expected(at + 1, ESCAPE),
    }
}

/// The code unit of four hexadecimal digits.
pub(super) fn hex4(text: &[u8], at: usize) -> Option<u32> {
    let digits = text.get(at..at.checked_add(4)?)?;
    let mut unit = 0;
    for &digit in digits {
        unit = unit << 4 | char::from(digit).to_digit(16)?;
    }
    Some(unit)
}

/// The first quote, backslash or control character from `at` on, or the end of the text.
#[inline]
pub(super) fn plain_run(text: &[u8], mut at: usize, seen: &mut u64) -> usize {
    // Short strings, the common case, end within a few words; for long ones the call of memchr pays.
    for _ in 0..8 {
        let Some(word) = word(text, at) else {
            return plain_bytes(text, at, seen);
        };
        // What follows the string is ASCII, or no JSON.
        *seen |= word;
        let hit = special(word);
        if hit != 0 {
            return at + (hit.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    long_run(text, at, seen)
}

#[inline(never)]
fn plain_bytes(text: &[u8], mut at: usize, seen: &mut u64) -> usize {
    while let Some(&byte) = text.get(at) {
        *seen |= u64::from(byte);
        if is_special(byte) {
            return at;
        }
        at += 1;
    }
    at
}

/// [`plain_run`] in two steps over wide blocks: the end of the run, and whether a control character comes
/// before it.
#[inline(never)]
fn long_run(text: &[u8], at: usize, seen: &mut u64) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let length = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
    let run = rest.get(..length).unwrap_or(rest);
    // Without a branch, so that the compiler makes vector code of it.
    let (mut least, mut all) = (u8::MAX, 0);
    for &byte in run {
        least = least.min(byte);
        all |= byte;
    }
    *seen |= u64::from(all);
    if least < 0x20 {
        let control = run.iter().position(|&byte| byte < 0x20);
        return at + control.unwrap_or(length);
    }
    at + length
}

#[inline]
fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}
