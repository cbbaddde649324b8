//! The unchecked-but-safe steps that move over text already validated.

use super::ends::Ends;
use super::scan::Noting;
use super::words::{quote_or_backslash, word};

/// A text that was validated, or is a part of one.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) bytes: &'a [u8],
    longest: Longest,
    ends: Option<&'a Ends>,
}

/// Where the longest string is, from its opening quote to the byte after the closing one, if it is long.
///
/// Most of a request is often one string, and whoever looks for members steps over it once for each level.
#[derive(Clone, Copy, Default)]
pub(super) struct Longest {
    open: u32,
    end: u32,
}

impl<'a> Text<'a> {
    pub(super) const fn new(bytes: &'a [u8], longest: Longest) -> Self {
        Self {
            bytes,
            longest,
            ends: None,
        }
    }

    /// A text of which more is known.
    pub(super) const fn noted(bytes: &'a [u8], ends: &'a Ends) -> Self {
        Self {
            bytes,
            longest: ends.longest(),
            ends: Some(ends),
        }
    }
}

impl<'a> From<&'a [u8]> for Text<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::new(bytes, Longest::default())
    }
}

impl Longest {
    /// Shorter strings are found as fast as they are looked up.
    const LEAST: u32 = 64;

    #[inline]
    pub(super) fn note(&mut self, open: usize, end: usize) {
        let least = (self.end - self.open).max(Self::LEAST);
        // A text of more than 4 GiB goes without.
        if end - open > least as usize
            && let (Ok(open), Ok(end)) = (u32::try_from(open), u32::try_from(end))
        {
            *self = Self { open, end };
        }
    }

    #[inline]
    fn end_of(self, open: usize) -> Option<usize> {
        (self.open as usize == open && self.end > 0).then_some(self.end as usize)
    }
}

impl Noting for Longest {
    #[inline]
    fn string(&mut self, open: usize, end: usize) {
        self.note(open, end);
    }

    #[inline]
    fn open(&mut self, _: usize, _: usize) {}

    #[inline]
    fn close(&mut self, _: usize, _: usize) {}
}

/// The end of the value that starts at `start`. The text was validated, so this only finds ends; on
/// text that was not, the answer is wrong but within bounds.
pub(super) fn value_end(text: Text<'_>, start: usize) -> usize {
    let bytes = text.bytes;
    match bytes.get(start) {
        Some(b'"') => string_end(text, start),
        Some(b'{' | b'[') => container_end(text, start),
        Some(b't' | b'n') => (start + 4).min(bytes.len()),
        Some(b'f') => (start + 5).min(bytes.len()),
        Some(_) => {
            let mut at = start;
            while let Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') = bytes.get(at) {
                at += 1;
            }
            at
        }
        None => start,
    }
}

/// The end of the string whose opening quote is at `open`.
#[inline]
pub(super) fn string_end(text: Text<'_>, open: usize) -> usize {
    match text.longest.end_of(open) {
        Some(end) => end,
        None => key_end(text.bytes, open).0,
    }
}

/// The end of the key whose opening quote is at `open`, and whether there may be an escape in it.
#[inline]
pub(super) fn key_end(text: &[u8], open: usize) -> (usize, bool) {
    let mut at = open + 1;
    // Keys and short values end within a few words; for the others the call of memchr pays.
    for _ in 0..4 {
        let Some(word) = word(text, at) else { break };
        let hit = quote_or_backslash(word);
        if hit == 0 {
            at += 8;
            continue;
        }
        at += (hit.trailing_zeros() / 8) as usize;
        if text.get(at) == Some(&b'"') {
            return (at + 1, false);
        }
        break;
    }
    (string_end_from(text, at), true)
}

/// The end of the string that goes on at `at`. Not inlined, so that the short way needs no registers saved.
#[inline(never)]
fn string_end_from(text: &[u8], mut at: usize) -> usize {
    loop {
        match memchr::memchr2(b'"', b'\\', text.get(at..).unwrap_or_default()) {
            Some(step) if text.get(at + step) == Some(&b'"') => return at + step + 1,
            Some(step) => at += step + 2,
            None => return text.len(),
        }
    }
}

#[inline(never)]
fn container_end(text: Text<'_>, open: usize) -> usize {
    if let Some(end) = text.ends.and_then(|ends| ends.of(open)) {
        return end;
    }
    let mut depth = 0_usize;
    let mut at = open;
    while let Some(&byte) = text.bytes.get(at) {
        // Opening and closing brackets differ in one bit, and from each other's kind in another:
        // `[` 5B, `{` 7B, `]` 5D, `}` 7D.
        match byte | 0x20 {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            b'"' if byte == b'"' => {
                at = string_end(text, at);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    text.bytes.len()
}
