//! Judging text for any text and any cuts.
//!
//! The first byte chooses the settings, the second says how many bytes after it are lengths of pieces; the rest
//! is the text. Whatever the pieces are, the verdict is that of the whole text, nothing leaves that is not the
//! beginning of the text, and all places are within the text.

#![no_main]

use std::sync::LazyLock;

use fw_policy_safety::{Detector, SafetyAction, SafetyConfig, SafetyMode};
use fw_stream::{Edits, Scan, TextFilter, Window};
use libfuzzer_sys::fuzz_target;

static DETECTORS: LazyLock<Vec<Detector>> = LazyLock::new(|| {
    let own =
        SafetyConfig::new().block_if(["abba", "ab ba b", "abracadabra is", "爆弾", "c++", "💣"]);
    [
        SafetyConfig::new().mode(SafetyMode::Strict),
        own.clone(),
        own.clone().fuzzy_matching(true).max_distance(3),
        own.action(SafetyAction::Flag),
    ]
    .iter()
    .map(|config| Detector::new(config).expect("settings that can be used"))
    .collect()
});

fuzz_target!(|input: &[u8]| {
    let [which, count, input @ ..] = input else {
        return;
    };
    let (lengths, text) = input.split_at(usize::from(*count % 32).min(input.len()));
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let detector = &DETECTORS[usize::from(*which) % DETECTORS.len()];

    let scan = detector.scan(text);
    assert!((0.0..=1.0).contains(&scan.score));
    for term in &scan.terms {
        assert!(
            text.get(term.range.clone())
                .is_some_and(|term| !term.is_empty())
        );
    }
    let (_, whole) = stream(detector, &[text]);
    let letters: Vec<&str> = text.split_inclusive(|_| true).collect();
    for pieces in [pieces(text, lengths), letters] {
        let (out, stopped) = stream(detector, &pieces);
        assert_eq!(stopped, whole);
        assert!(text.starts_with(&out) && (stopped.is_some() || out == text));
    }
});

/// Pieces of these lengths; the last goes to the end.
fn pieces<'t>(mut text: &'t str, lengths: &[u8]) -> Vec<&'t str> {
    let mut pieces = Vec::new();
    for length in lengths {
        let (piece, rest) = text.split_at(text.floor_char_boundary(usize::from(*length)));
        pieces.push(piece);
        text = rest;
    }
    pieces.push(text);
    pieces
}

/// What leaves a filter to which the text is shown piece by piece, and why it stopped if it did.
fn stream(detector: &Detector, pieces: &[&str]) -> (String, Option<String>) {
    let mut filter = detector.filter();
    let (mut out, mut text, mut start) = (String::new(), String::new(), 0);
    for (number, piece) in pieces.iter().chain([&""]).enumerate() {
        let fresh = text.len();
        text.push_str(piece);
        let is_end = number == pieces.len();
        let window = Window::new(&text, start, fresh, is_end);
        let settled = match filter.scan(&window, &mut Edits::new()) {
            Scan::Settled(settled) => settled,
            Scan::Stop(error) => return (out, Some(error.message().to_owned())),
        };
        assert!(start <= settled && (settled == text.len() || !is_end));
        out.push_str(&text[start..settled]);
        let kept = text.floor_char_boundary(settled.saturating_sub(filter.context()));
        text.drain(..kept);
        start = settled - kept;
    }
    (out, None)
}
