//! Finds placeholders whose values are known.

use std::ops::Range;

use memchr::memchr;

use crate::pseudonym::{Pseudonyms, Reading, Slot};

/// Appends the placeholders in `text` from `from` on, and gives the position before which there are no
/// others.
pub(crate) fn scan(
    pseudonyms: &Pseudonyms,
    text: &str,
    from: usize,
    is_end: bool,
    found: &mut Vec<(Range<usize>, Slot)>,
) -> usize {
    let mut at = from;
    loop {
        let Some(rest) = text.get(at..) else {
            return text.len();
        };
        let Some(bracket) = memchr(b'[', rest.as_bytes()) else {
            return text.len();
        };
        let start = at + bracket;
        match pseudonyms.read(text.get(start..).unwrap_or_default(), is_end) {
            Reading::Whole(length, slot) => {
                found.push((start..start + length, slot));
                at = start + length;
            }
            Reading::Partial => return start,
            Reading::No => at = start + 1,
        }
    }
}
