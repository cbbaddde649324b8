//! What the tests share.

#![allow(dead_code, reason = "each test uses a part of it")]

use fw_stream::{Edits, Scan, TextFilter, Window};
use proptest::prelude::*;

/// Shows a text to a filter piece by piece, as a stream does, and puts together what leaves.
///
/// Of settled text only as much is shown again as the filter asks for.
pub(crate) fn stream(filter: &mut dyn TextFilter, pieces: &[&str]) -> Result<String, String> {
    let mut out = String::new();
    let mut text = String::new();
    let mut start = 0;
    for (number, piece) in pieces.iter().chain([&""]).enumerate() {
        let fresh = text.len();
        text.push_str(piece);
        let is_end = number == pieces.len();
        let mut edits = Edits::new();
        let settled = match filter.scan(&Window::new(&text, start, fresh, is_end), &mut edits) {
            Scan::Settled(settled) => settled,
            Scan::Stop(error) => return Err(error.message().to_owned()),
        };
        assert!(start <= settled && settled <= text.len());
        assert!(!is_end || settled == text.len());
        for edit in &edits {
            assert!(start <= edit.range.start && edit.range.end <= settled);
        }
        let before = text[..start].len();
        out.push_str(&edits.apply(&text[..settled])[before..]);
        let kept = text.ceil_char_boundary(settled.saturating_sub(filter.context()));
        text.drain(..kept);
        start = settled - kept;
    }
    Ok(out)
}

/// A text cut at these places.
pub(crate) fn cut<'t>(text: &'t str, cuts: &[prop::sample::Index]) -> Vec<&'t str> {
    let mut at: Vec<usize> = cuts
        .iter()
        .map(|cut| text.floor_char_boundary(cut.index(text.len() + 1)))
        .collect();
    at.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for to in at.into_iter().chain([text.len()]) {
        pieces.push(&text[from..to]);
        from = to;
    }
    pieces
}

/// One character at a time.
pub(crate) fn letters(text: &str) -> Vec<&str> {
    text.split_inclusive(|_| true).collect()
}
