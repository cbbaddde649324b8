//! Redaction of text for any text and any cuts.
//!
//! The first byte chooses the settings, the second says how many bytes after it are lengths of pieces; the rest
//! is the text. Whatever the pieces are, the result is that of the whole text, and all that is said about
//! findings agrees with the text.

#![no_main]

use std::sync::LazyLock;

use fw_policy_pii::{Action, Detector, Entity, MarkerFormat, PiiConfig, RedactionConfig};
use fw_stream::{Edits, Scan, TextFilter, Window};
use libfuzzer_sys::fuzz_target;

static DETECTORS: LazyLock<Vec<Detector>> = LazyLock::new(|| {
    let own = PiiConfig::new()
        .detect_pattern(r"EMP-\d{2,6}")
        .detect_pattern(r"\b[A-Z]{2}\d{2,4}\b")
        .detect_pattern("[a-z]@[a-z]{2}");
    let hash = RedactionConfig::new()
        .marker_format(MarkerFormat::Hash)
        .hash_key("a key");
    let padded = RedactionConfig::new()
        .marker_format(MarkerFormat::Partial)
        .preserve_length(true);
    let all = PiiConfig::new()
        .entities(Entity::ALL.iter().copied())
        .min_confidence(0.0);
    [
        PiiConfig::new(),
        all,
        own.clone(),
        own.action(Action::Pseudonymize),
        PiiConfig::new().redaction(hash),
        PiiConfig::new().redaction(padded),
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

    let mut end = 0;
    for found in detector.find(text) {
        assert!(end <= found.bytes().start && found.bytes().start < found.bytes().end);
        end = found.bytes().end;
        assert!(text.get(found.bytes()).is_some());
        assert_eq!(text[..end].chars().count(), found.chars().end);
    }
    let whole = detector.redact(text).text;
    assert_eq!(stream(detector, &pieces(text, lengths)), whole);
    let letters: Vec<&str> = text.split_inclusive(|_| true).collect();
    assert_eq!(stream(detector, &letters), whole);
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

/// What leaves a filter to which the text is shown piece by piece.
fn stream(detector: &Detector, pieces: &[&str]) -> String {
    let mut filter = detector.filter();
    let (mut out, mut text, mut start) = (String::new(), String::new(), 0);
    for (number, piece) in pieces.iter().chain([&""]).enumerate() {
        let fresh = text.len();
        text.push_str(piece);
        let is_end = number == pieces.len();
        let mut edits = Edits::new();
        let window = Window::new(&text, start, fresh, is_end);
        let Scan::Settled(settled) = filter.scan(&window, &mut edits) else {
            panic!("nothing blocks");
        };
        assert!(start <= settled && (settled == text.len() || !is_end));
        assert!(
            edits
                .iter()
                .all(|edit| start <= edit.range.start && edit.range.end <= settled)
        );
        out.push_str(&edits.apply(&text[..settled])[start..]);
        let kept = text.ceil_char_boundary(settled.saturating_sub(filter.context()));
        text.drain(..kept);
        start = settled - kept;
    }
    out
}
