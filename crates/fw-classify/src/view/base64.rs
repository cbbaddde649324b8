//! Base64, with and without padding, in one line or many.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::inline::{Decoded, Parts};
use super::reads::{from_bytes, is_printable};

/// The shortest run that is decoded: nine bytes. Shorter ones are words.
const MIN_RUN: usize = 12;
/// With padding it is no word.
const MIN_PADDED: usize = 8;
/// The shortest line that goes on in the next one.
const MIN_LINE: usize = 40;
/// How much is decoded to see where in a run the data begins.
const PROBE: usize = 24;

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Decodes what in `text` is Base64 of text.
pub(super) fn decode(text: &str, room: usize) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut parts = Parts::new(room);
    let mut at = 0;
    while at < bytes.len() && !parts.is_full() {
        if !is_digit(bytes[at]) {
            at += 1;
            continue;
        }
        let (data, end) = run(bytes, at);
        let padded = bytes[at..end].ends_with(b"=");
        let min = if padded { MIN_PADDED } else { MIN_RUN };
        if data.len() >= min
            && is_mixed(&data)
            && let Some((start, text)) = decode_run(&data)
        {
            parts.add(&text, at + start..end);
        }
        at = end;
    }
    parts.finish()
}

/// The digits of the run at `start`, in the standard alphabet, and where it ends with its padding. Lines of the same
/// length, and a shorter last one, are one run.
fn run(bytes: &[u8], start: usize) -> (Vec<u8>, usize) {
    let mut line = digits(bytes, start);
    let width = line.len();
    let mut data = Vec::new();
    loop {
        data.extend(bytes[line.clone()].iter().map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            byte => *byte,
        }));
        let rest = &bytes[line.end..];
        let newline = rest
            .iter()
            .take(2)
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        if width < MIN_LINE || line.len() != width || newline == 0 {
            break;
        }
        let next = digits(bytes, line.end + newline);
        let after = bytes.get(next.end).copied().unwrap_or(b'\n');
        if next.is_empty()
            || next.len() > width
            || !matches!(after, b'\r' | b'\n' | b'=' | b'"' | b'\'' | b'`')
        {
            break;
        }
        line = next;
    }
    let padding = bytes[line.end..]
        .iter()
        .take(2)
        .take_while(|byte| **byte == b'=')
        .count();
    (data, line.end + padding)
}

/// The digits from `start` on.
fn digits(bytes: &[u8], start: usize) -> Range<usize> {
    let len = bytes[start..]
        .iter()
        .take_while(|byte| is_digit(**byte))
        .count();
    start..start + len
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Whether a run is more than a word: there is a digit, or a capital inside.
fn is_mixed(data: &[u8]) -> bool {
    data.iter()
        .skip(1)
        .any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The text of a run, and where in the run it begins: a few digits before it may belong to a name or a path.
fn decode_run(data: &[u8]) -> Option<(usize, String)> {
    (0..4).find_map(|start| {
        let data = &data[start..];
        let probe = bytes(&data[..data.len().min(PROBE)])?;
        looks_like_text(&probe)
            .then(|| bytes(data))
            .flatten()
            .and_then(from_bytes)
            .map(|text| (start, text))
    })
}

/// What the digits stand for. A last digit alone stands for nothing.
fn bytes(digits: &[u8]) -> Option<Vec<u8>> {
    let len = if digits.len() % 4 == 1 {
        digits.len() - 1
    } else {
        digits.len()
    };
    ENGINE.decode(&digits[..len]).ok()
}

/// Whether some bytes, which may end inside a character, begin a text.
fn looks_like_text(bytes: &[u8]) -> bool {
    if bytes.len() >= 8 && (bytes[1] == 0 || bytes[0] == 0) {
        return true; // UTF-16, perhaps.
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => is_printable(text),
        Err(error) => {
            let valid = error.valid_up_to();
            error.error_len().is_none()
                && std::str::from_utf8(&bytes[..valid]).is_ok_and(is_printable)
        }
    }
}
