//! Percent encoding, as in URLs: `%41`, `%u0041`, and quoted-printable, as in mails: `=41`.

use memchr::{memchr, memchr_iter};

use super::escape::hex_number;
use super::inline::{Decoded, Inline};

/// How many letters, digits and spaces have to be encoded for a view. Fewer are the spaces of a file name.
const MIN_HIDDEN: usize = 4;

/// Decodes what in `text` is percent-encoded.
pub(super) fn decode(text: &str, room: usize) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut inline = Inline::new(text, room);
    let mut hidden = 0;
    let mut at = 0;
    let mut run = Vec::new();
    while let Some(found) = memchr(b'%', &bytes[at..]) {
        let start = at + found;
        at = start;
        run.clear();
        while let Some(byte) = byte_at(bytes, at, b'%') {
            run.push(byte);
            at += 3;
        }
        if run.is_empty() {
            let code = bytes
                .get(start + 1)
                .filter(|byte| matches!(byte, b'u' | b'U'));
            let c = code
                .and_then(|_| hex_number(bytes, start + 2, 4))
                .and_then(char::from_u32);
            at = start + 1;
            if let Some(c) = c {
                at = start + 6;
                hidden += usize::from(c.is_alphanumeric() || c == ' ');
                inline.replace(start..at, c.encode_utf8(&mut [0; 4]));
            }
        } else if let Ok(decoded) = std::str::from_utf8(&run) {
            hidden += decoded
                .chars()
                .filter(|c| c.is_alphanumeric() || *c == ' ')
                .count();
            inline.replace(start..at, decoded);
        }
    }
    inline.finish(hidden >= MIN_HIDDEN)
}

/// Decodes what in `text` is quoted-printable.
pub(super) fn quoted(text: &str, room: usize) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut inline = Inline::new(text, room);
    let mut hidden = 0;
    let mut run = Vec::new();
    let mut done = 0;
    for start in memchr_iter(b'=', bytes) {
        if start < done {
            continue;
        }
        run.clear();
        let mut at = start;
        loop {
            if let Some(byte) = byte_at(bytes, at, b'=') {
                run.push(byte);
                at += 3;
            } else if let Some(len) = soft_break(&bytes[at..]) {
                at += len;
            } else {
                break;
            }
        }
        let Ok(decoded) = std::str::from_utf8(&run) else {
            continue;
        };
        done = at;
        // A single one is inside a word: else it is a number that something is set to.
        let beside = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
        let inside =
            beside(start.checked_sub(1).and_then(|at| bytes.get(at))) && beside(bytes.get(at));
        if run.len() > 2 || inside {
            hidden += decoded.chars().filter(char::is_ascii_alphabetic).count();
            inline.replace(start..at, decoded);
        }
    }
    (hidden >= MIN_HIDDEN)
        .then(|| inline.finish(true))
        .flatten()
}

/// The length of an end of line that is none.
fn soft_break(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'=', b'\r', b'\n', ..] => Some(3),
        [b'=', b'\n', ..] => Some(2),
        _ => None,
    }
}

/// The byte that `%41` at `at` stands for, with this sign for `%`.
fn byte_at(bytes: &[u8], at: usize, sign: u8) -> Option<u8> {
    if bytes.get(at) != Some(&sign) {
        return None;
    }
    hex_number(bytes, at + 1, 2).and_then(|number| u8::try_from(number).ok())
}
