//! Bytes written as numbers: hexadecimal, binary, decimal.

use std::ops::Range;

use super::inline::Decoded;
use super::parts::Parts;
use super::reads::{from_bytes, reads};

/// The fewest bytes that are decoded: fewer are words, dates and versions.
const MIN_HEX: usize = 6;
const MIN_BINARY: usize = 4;
const MIN_DECIMAL: usize = 8;

/// Decodes hexadecimal bytes, in one row or apart, with and without `0x`.
pub(super) fn hex(text: &str, room: usize) -> Option<Decoded> {
    decode(text, room, MIN_HEX, |token, bytes| {
        let digits = token
            .strip_prefix("0x")
            .or_else(|| token.strip_prefix("0X"))
            .unwrap_or(token);
        digits_of(digits, 2, 16, bytes)
    })
}

/// Decodes bytes of eight binary digits, in one row or apart.
pub(super) fn binary(text: &str, room: usize) -> Option<Decoded> {
    decode(text, room, MIN_BINARY, |token, bytes| {
        // ASCII without its leading zero is common.
        let width = if token.len() == 7 { 7 } else { 8 };
        digits_of(token, width, 2, bytes)
    })
}

/// Decodes lists of decimal character codes.
pub(super) fn decimal(text: &str, room: usize) -> Option<Decoded> {
    decode(text, room, MIN_DECIMAL, |token, bytes| {
        let number: Option<u8> = (2..=3)
            .contains(&token.len())
            .then(|| token.parse().ok())
            .flatten();
        bytes.extend(number);
        number.is_some()
    })
}

/// Decodes lists of octal character codes.
pub(super) fn octal(text: &str, room: usize) -> Option<Decoded> {
    decode(text, room, MIN_DECIMAL, |token, bytes| {
        let number = (2..=3)
            .contains(&token.len())
            .then(|| u8::from_str_radix(token, 8).ok())
            .flatten();
        bytes.extend(number);
        number.is_some()
    })
}

/// Reads `width` digits a byte. `false`, and nothing, if that is not what `token` is.
fn digits_of(token: &str, width: usize, radix: u32, bytes: &mut Vec<u8>) -> bool {
    if token.is_empty() || !token.len().is_multiple_of(width) {
        return false;
    }
    let valid = token.bytes().all(|digit| char::from(digit).is_digit(radix));
    if valid {
        bytes.extend(token.as_bytes().chunks(width).map(|digits| {
            let value = digits
                .iter()
                .filter_map(|digit| char::from(*digit).to_digit(radix));
            value.fold(0, |sum, digit| sum * radix + digit) as u8
        }));
    }
    valid
}

/// Decodes runs of tokens that `parse` takes, with one to three separators between two.
fn decode(
    text: &str,
    room: usize,
    min: usize,
    parse: impl Fn(&str, &mut Vec<u8>) -> bool,
) -> Option<Decoded> {
    let mut parts = Parts::new(room);
    let mut bytes = Vec::new();
    let mut run = 0..0;
    for token in tokens(text) {
        let goes_on = !bytes.is_empty() && separates(&text[run.end..token.start]);
        if !goes_on {
            settle(&mut parts, &mut bytes, run.clone(), min);
            run = token.clone();
        }
        if parse(&text[token.clone()], &mut bytes) {
            run.end = token.end;
        } else {
            settle(&mut parts, &mut bytes, run.clone(), min);
        }
    }
    settle(&mut parts, &mut bytes, run, min);
    parts.finish()
}

/// Ends a run.
fn settle(parts: &mut Parts, bytes: &mut Vec<u8>, source: Range<usize>, min: usize) {
    let bytes = std::mem::take(bytes);
    if bytes.len() < min {
        return;
    }
    if let Some(text) = from_bytes(bytes).filter(|text| reads(text) || text.len() >= 4 * min) {
        parts.add(&text, source);
    }
}

/// Runs of ASCII letters and digits.
fn tokens(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        at += bytes[at..]
            .iter()
            .take_while(|byte| !byte.is_ascii_alphanumeric())
            .count();
        let start = at;
        at += bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        (start < at).then_some(start..at)
    })
}

fn separates(between: &str) -> bool {
    between.len() <= 3
        && between.bytes().all(|byte| {
            matches!(
                byte,
                b' ' | b',' | b':' | b';' | b'-' | b'\r' | b'\n' | b'\t' | b'|' | b'/' | b'\\'
            )
        })
}
