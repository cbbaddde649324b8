//! Eight bytes of a string at a time.

/// The eight bytes from `at` on.
#[inline]
pub(super) fn word(text: &[u8], at: usize) -> Option<u64> {
    let bytes = text.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*bytes))
}

const ONES: u64 = 0x0101_0101_0101_0101;
pub(super) const TOPS: u64 = 0x8080_8080_8080_8080;

/// Marks bytes that are a quote, a backslash or below 0x20 with their top bit. The lowest mark is
/// exact; marks above it may be carries.
#[inline]
pub(super) fn special(word: u64) -> u64 {
    let is_control = word.wrapping_sub(ONES * 0x20) & !word;
    quote_or_backslash(word) | is_control & TOPS
}

/// The same without control characters, of which a validated string has none.
#[inline]
pub(super) fn quote_or_backslash(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let is_quote = quote.wrapping_sub(ONES) & !quote;
    let is_backslash = backslash.wrapping_sub(ONES) & !backslash;
    (is_quote | is_backslash) & TOPS
}
