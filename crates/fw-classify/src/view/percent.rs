//! Percent encoding, as in URLs: `%41`, `%u0041`.

use memchr::memchr;

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
        while let Some(byte) = byte_at(bytes, at) {
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
        if inline.is_full() {
            break;
        }
    }
    inline.finish(hidden >= MIN_HIDDEN)
}

/// The byte that `%41` at `at` stands for.
fn byte_at(bytes: &[u8], at: usize) -> Option<u8> {
    if bytes.get(at) != Some(&b'%') {
        return None;
    }
    hex_number(bytes, at + 1, 2).and_then(|number| u8::try_from(number).ok())
}
