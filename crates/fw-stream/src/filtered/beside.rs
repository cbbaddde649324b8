//! What an event says beside its data: its name, its id, comments, fields that nobody knows.
//!
//! No filter looks there, so nothing that may be text of the reply leaves there.

use crate::event::Event;

/// A name, id or comment of more bytes is no word.
const MAX_WORD: usize = 64;

/// Whether nothing beside the data may be text.
#[inline]
pub(super) fn is_harmless(event: &Event) -> bool {
    // Most events have no more than data and a name; then only that is looked at.
    if !event.has_other_lines() && event.data().is_some() {
        return !event.has_name() || event.name().is_some_and(|name| is_word(name.as_bytes()));
    }
    let has_data = event.data().is_some();
    event
        .lines()
        .all(|(name, value)| is_harmless_line(name, value, has_data))
}

/// The event without what may be text.
#[cold]
pub(super) fn without_harm(event: &Event) -> Event {
    let has_data = event.data().is_some();
    event.with_lines(|name, value| is_harmless_line(name, value, has_data))
}

fn is_harmless_line(name: &[u8], value: &[u8], has_data: bool) -> bool {
    match name {
        b"data" => true,
        b"event" | b"id" => is_word(value),
        b"retry" => value.len() <= MAX_WORD && value.iter().all(u8::is_ascii_digit),
        // An empty line, or a comment. Keep-alives say so in a word or two.
        b"" => {
            let is_plain = |byte: &u8| byte.is_ascii_alphabetic() || b" -_:.".contains(byte);
            value.len() <= MAX_WORD && value.iter().all(is_plain)
        }
        _ => !has_data,
    }
}

/// Whether this is a word that names something, such as `response.output_text.delta` or a number.
#[inline]
fn is_word(value: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/".contains(byte);
    value.len() <= MAX_WORD && value.iter().all(is_plain)
}
