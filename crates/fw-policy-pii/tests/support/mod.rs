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

/// Texts that are full of what is looked for, of pieces of it, of markers and of placeholders.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,9}",
        2 => prop::sample::select(vec![
            "card", "phone:", "SSN", "born", "password =", "account no.", "on 12 May", "call", "é", "日本",
        ])
        .prop_map(str::to_owned),
        4 => prop::sample::select(vec![
            "ann@example.org",
            "Bob.Miller+x@mail.example.com",
            "4111 1111 1111 1111",
            "5500-0000-0000-0004",
            "DE89 3704 0044 0532 0130 00",
            "GB82WEST12345698765432",
            "+49 30 1234567",
            "(212) 555-0143",
            "536-22-1234",
            "192.0.2.17",
            "2001:db8::8a2e:370:7334",
            "EMP-004217",
            "EMP-12",
        ])
        .prop_map(str::to_owned),
        1 => "[0-9]{1,6}",
        1 => "[A-Z]{2}[0-9]{1,4}",
        1 => prop::sample::select(vec![
            "[REDACTED:EMAIL]", "[EMAIL_1]", "[PHONE_2]", "[EMAIL", "****1111", "a***@example.org", "[",
        ])
        .prop_map(str::to_owned),
    ];
    let between = prop::sample::select(vec![
        " ", " ", " ", ", ", "\n", ": ", "\"", "", "@", ".", "-", "**",
    ]);
    prop::collection::vec((piece, between), 0..14).prop_map(|pieces| {
        pieces
            .into_iter()
            .flat_map(|(piece, between)| [piece, between.to_owned()])
            .collect()
    })
}
