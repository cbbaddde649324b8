//! How long judging takes: `cargo bench -p fw-policy-safety`.
//!
//! `whole`: one text of 1 KiB, scored and searched for terms. `terms`: the same with 10,000 terms of one's own, with
//! and without fuzzy matching. `streamed`: a reply of 16 KiB in deltas of about five bytes, by KiB. `hostile`: texts
//! made to be expensive, of growing length; what one KiB takes has to stay the same.

#![allow(clippy::unwrap_used)]

#[path = "../../fw-classify/benches/texts/mod.rs"]
mod texts;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use fw_policy_safety::{Detector, SafetyConfig, SafetyMode};
use fw_stream::{Edits, Scan, TextFilter, Window};
use texts::{KINDS, Kind, text};

/// The length of a delta, about that of a token of a model.
const DELTA: usize = 5;

fn main() {
    divan::main();
}

fn detector(config: &SafetyConfig) -> Detector {
    Detector::new(config).unwrap()
}

#[divan::bench(args = KINDS)]
fn whole(bencher: Bencher<'_, '_>, kind: Kind) {
    let text = text(kind, 1024);
    let detector = detector(&SafetyConfig::new().mode(SafetyMode::Strict));
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(|| detector.scan(black_box(&text)));
}

/// Words that are made of syllables, the same in each run.
fn terms() -> impl Iterator<Item = String> {
    const PARTS: [&str; 20] = [
        "ba", "ker", "lo", "min", "tra", "ves", "on", "ar", "pel", "sti", "cor", "de", "fen", "gu",
        "hal", "ing", "ja", "qui", "mor", "tel",
    ];
    (0..10_000_usize).map(|number| {
        let part = |place: usize| PARTS[number / 20_usize.pow(u32::try_from(place).unwrap()) % 20];
        let word = format!("{}{}{}{}", part(0), part(1), part(2), part(3));
        format!("{word}{} {}", part(1), PARTS[number % 7].repeat(3))
    })
}

#[divan::bench(args = [(Kind::Prose, 0), (Kind::Prose, 1), (Kind::Prose, 2), (Kind::Prose, 3), (Kind::Code, 2)])]
fn terms_10000(bencher: Bencher<'_, '_>, (kind, distance): (Kind, u32)) {
    let text = text(kind, 1024);
    let mut config = SafetyConfig::new().block_if(terms());
    if distance > 0 {
        config = config.fuzzy_matching(true).max_distance(distance);
    }
    let detector = detector(&config);
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(|| detector.scan(black_box(&text)));
}

#[divan::bench]
fn construction_with_10000_terms(bencher: Bencher<'_, '_>) {
    let config = SafetyConfig::new()
        .block_if(terms())
        .fuzzy_matching(true)
        .max_distance(2);
    bencher.bench_local(|| detector(black_box(&config)));
}

#[divan::bench(args = KINDS, sample_count = 10)]
fn streamed(bencher: Bencher<'_, '_>, kind: Kind) {
    let text = text(kind, 16 * 1024);
    let detector = detector(&SafetyConfig::new());
    let mut edits = Edits::new();
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(|| {
            let mut filter = detector.filter();
            let mut settled = 0_usize;
            let mut shown = 0;
            while shown < text.len() {
                let to = text.ceil_char_boundary(shown + DELTA);
                let from = text.floor_char_boundary(settled.saturating_sub(filter.context()));
                let window = Window::new(
                    &text[from..to],
                    settled - from,
                    shown - from,
                    to == text.len(),
                );
                if let Scan::Settled(position) = filter.scan(black_box(&window), &mut edits) {
                    settled = from + position;
                }
                shown = to;
            }
            settled
        });
}

#[divan::bench(args = ["x", "project ", "語", "e\u{301}\u{301}", "QUFB", "a. "], consts = [16, 128, 1024], sample_count = 5)]
fn hostile<const KIB: usize>(bencher: Bencher<'_, '_>, piece: &str) {
    let text = piece.repeat(KIB * 1024 / piece.len());
    let detector = detector(
        &SafetyConfig::new()
            .block_if(["project nightfall"])
            .fuzzy_matching(true),
    );
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(|| detector.scan(black_box(&text)));
}
