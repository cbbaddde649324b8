//! The contents of JSON strings: decoding and encoding (RFC 8259 section 7).

use std::borrow::Cow;

use super::scan::{hex4, plain_run};

/// Decodes the validated contents of a string, quotes excluded.
pub(super) fn decode(encoded: &[u8]) -> Cow<'_, str> {
    // Keys are short, and then a call of memchr is most of what it takes.
    let first = if encoded.len() < 32 {
        encoded.iter().position(|&byte| byte == b'\\')
    } else {
        memchr::memchr(b'\\', encoded)
    };
    let Some(first) = first else {
        return Cow::Borrowed(core::str::from_utf8(encoded).unwrap_or_default());
    };
    let mut text = String::with_capacity(encoded.len());
    let mut rest = encoded;
    let mut next = Some(first);
    while let Some(at) = next {
        let (plain, escape) = rest.split_at(at);
        push(&mut text, plain);
        let (character, length) = unescape(escape);
        text.push(character);
        rest = escape.get(length..).unwrap_or_default();
        next = memchr::memchr(b'\\', rest);
    }
    push(&mut text, rest);
    Cow::Owned(text)
}

fn push(text: &mut String, plain: &[u8]) {
    text.push_str(core::str::from_utf8(plain).unwrap_or_default());
}

/// The character an escape stands for, and how many bytes the escape takes. Validation has refused
/// what has no meaning; the replacement character stands in for it all the same.
fn unescape(escape: &[u8]) -> (char, usize) {
    let simple = match escape.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let Some(unit) = hex4(escape, 2) else {
                return (char::REPLACEMENT_CHARACTER, 2);
            };
            if let Some(character) = char::from_u32(unit) {
                return (character, 6);
            }
            return match hex4(escape, 8) {
                Some(low @ 0xDC00..=0xDFFF) if unit < 0xDC00 => {
                    let code = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                    (
                        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
                        12,
                    )
                }
                _ => (char::REPLACEMENT_CHARACTER, 6),
            };
        }
        Some(&byte) if byte.is_ascii() => char::from(byte),
        _ => char::REPLACEMENT_CHARACTER,
    };
    (simple, 2)
}

/// Appends `text` as a JSON string with its quotes.
///
/// Only what must be escaped is escaped: quotes, backslashes and control characters.
///
/// ```
/// let mut out = String::new();
/// fw_wire::encode_str(&mut out, "say \"hé\"\n");
/// assert_eq!(out, r#""say \"hé\"\n""#);
/// ```
pub fn encode_str(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.reserve(text.len() + 2);
    out.push('"');
    let bytes = text.as_bytes();
    let (mut plain, mut seen) = (0, 0);
    loop {
        let at = plain_run(bytes, plain, &mut seen);
        // What ends a run is ASCII, so all cuts are at character boundaries.
        out.push_str(text.get(plain..at).unwrap_or_default());
        let Some(&byte) = bytes.get(at) else { break };
        let short = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0C => "\\f",
            _ => "",
        };
        if short.is_empty() {
            out.push_str("\\u00");
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 0xF)]));
        } else {
            out.push_str(short);
        }
        plain = at + 1;
    }
    out.push('"');
}
