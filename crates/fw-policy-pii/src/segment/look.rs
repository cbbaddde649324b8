//! What a token is worth: most hold nothing, and that is to be seen at once.

use std::ops::Range;

use super::bytes::{COLON, DIGIT, LOWER, MARK, OTHER, UPPER, WIDE};
use super::{context_before, numbers, words};

/// What becomes of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Detectors are to see it, even if nothing is linked to it.
    pub(super) judge: bool,
    /// Something may be linked to it.
    pub(super) opens: bool,
    /// Words may be linked to it, not only numbers.
    pub(super) by_words: bool,
}

impl Look {
    /// It is passed over.
    pub(super) const NOTHING: Self = Self {
        judge: false,
        opens: false,
        by_words: false,
    };
}

/// Behind the words of small letters that begin at `at`, which is behind a space: as far as a space follows each,
/// and what stands before the first names nothing. [`look`] passes over each of them; most of a text is that.
#[inline]
pub(super) fn after_plain_words(bytes: &[u8], at: usize) -> usize {
    if !matches!(
        at.checked_sub(2).and_then(|before| bytes.get(before)),
        Some(b'a'..=b'z' | b',' | b'.')
    ) {
        return at;
    }
    let mut end = at;
    loop {
        let rest = bytes.get(end..).unwrap_or_default();
        let length = rest
            .iter()
            .take(LONGEST_WORD)
            .take_while(|byte| byte.is_ascii_lowercase())
            .count();
        if length == 0 || rest.get(length) != Some(&b' ') {
            return end;
        }
        end += length + 1;
    }
}

/// Longer ones are no words, and are looked at.
const LONGEST_WORD: usize = 32;

/// What becomes of the token at `range`, whose bytes are of `classes`.
#[inline]
pub(super) fn look(text: &str, range: Range<usize>, classes: u8, names: bool) -> Look {
    if classes & !(LOWER | OTHER) == 0 && !follows_label(text, range.start) {
        return Look::NOTHING;
    }
    closer(text, range, classes, names)
}

fn closer(text: &str, range: Range<usize>, classes: u8, names: bool) -> Look {
    if classes & (LOWER | UPPER | DIGIT | WIDE) == 0 {
        return Look::NOTHING;
    }
    let start = range.start;
    let token = text.get(range).unwrap_or_default();
    let by_words = words::opens(context_before(text, start), token, names);
    Look {
        judge: classes & (DIGIT | MARK) != 0
            || classes & COLON != 0 && has_label(token)
            || is_code(token, classes)
            || token.ends_with(super::pem::BEGIN)
            || names && token.starts_with(char::is_uppercase)
            || follows_label(text, start),
        opens: by_words || numbers::opens(token),
        by_words,
    }
}

/// `name:value`, not `path::name` or a colon at the end.
fn has_label(token: &str) -> bool {
    token
        .bytes()
        .position(|byte| byte == b':')
        .is_some_and(|at| !matches!(token.as_bytes().get(at + 1), None | Some(b':')))
}

/// Upper-case letters, as many as a bank's code has (ISO 9362: 8 or 11), perhaps at the end of a sentence.
fn is_code(token: &str, classes: u8) -> bool {
    classes & !(UPPER | OTHER | COLON) == 0 && (8..=13).contains(&token.len())
}

/// Whether something is assigned here: after `:` or `=`, maybe a quote or a space, or after `>`.
#[inline]
fn follows_label(text: &str, start: usize) -> bool {
    // As most words do.
    if let Some([.., b'a'..=b'z' | b',' | b'.', b' ']) = text.as_bytes().get(..start) {
        return false;
    }
    for byte in text
        .as_bytes()
        .get(..start)
        .unwrap_or_default()
        .iter()
        .rev()
        .take(3)
    {
        match byte {
            b' ' | b'"' | b'\'' | b'`' => {}
            b':' | b'=' | b'>' => return true,
            _ => return false,
        }
    }
    false
}
