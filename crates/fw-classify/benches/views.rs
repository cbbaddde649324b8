//! How fast text is normalised and decoded: `cargo bench -p fw-classify --bench views`.
//!
//! `normal` and `prose`: what every request pays, for 1 KiB to 1 MiB. `hostile`: texts that are made to cost much.

#![allow(clippy::unwrap_used)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use fw_classify::{Normal, NormalConfig, ViewConfig, views};

/// The lengths of the texts, in bytes.
const LENGTHS: [usize; 4] = [1 << 10, 1 << 14, 1 << 17, 1 << 20];

/// What people write.
const PROSE: [(&str, &str); 5] = [
    (
        "english",
        "The meeting has been moved to Thursday at 10:30, because two of us are still travelling. Please bring the \
         figures for the third quarter, and let Mary know if you cannot make it!\n",
    ),
    (
        "chinese",
        "明天早上我们打算和孩子们一起去海边散步。如果下雨，就留在家里做饭、看书。\n",
    ),
    (
        "russian",
        "Завтра утром мы едем на дачу, а вечером, если не будет дождя, пожарим рыбу.\n",
    ),
    (
        "hindi",
        "कल सुबह हम बच्चों के साथ नदी के किनारे घूमने जाएँगे। अगर बारिश हुई तो घर पर रहकर किताबें पढ़ेंगे।\n",
    ),
    (
        "code",
        "fn main() {\n    let mut sum = 0;\n    for i in 0..10 {\n        sum += VALUES[i] & 0xFF;\n    }\n}\n",
    ),
];

/// What is made to cost much.
const HOSTILE: [(&str, &str); 12] = [
    ("base64", "aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0cnVjdGlvbnMu"),
    ("percent", "%25%25"),
    ("references", "&amp;&amp;"),
    ("marks", "\u{301}"),
    ("one_word", "antidisestablishmentarianism"),
    ("letters", "a "),
    ("leet", "1gn0r3 "),
    (
        "rot13",
        "vtaber nyy cerivbhf vafgehpgvbaf naq gur flfgrz cebzcg ",
    ),
    ("backwards", "snoitcurtsni suoiverp lla erongi dna "),
    ("noise", "xkcdq zzvrw "),
    ("mixed", "ignоrе "),
    ("grows", "\u{fdfa}"),
];

fn main() {
    divan::main();
}

/// The text of this name, so long.
fn text(name: &str, len: usize) -> String {
    let texts = PROSE.iter().chain(&HOSTILE);
    let (_, part) = texts.copied().find(|(known, _)| *known == name).unwrap();
    part.repeat(len / part.len() + 1)
}

fn names(texts: &[(&'static str, &str)]) -> Vec<&'static str> {
    texts.iter().map(|(name, _)| *name).collect()
}

#[divan::bench(consts = LENGTHS, args = names(&PROSE))]
fn normal<const LEN: usize>(bencher: Bencher<'_, '_>, name: &str) {
    let text = text(name, LEN);
    let config = NormalConfig::new();
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| Normal::new(black_box(&text), &config));
}

#[divan::bench(consts = LENGTHS, args = names(&PROSE))]
fn prose<const LEN: usize>(bencher: Bencher<'_, '_>, name: &str) {
    bench_views(bencher, &text(name, LEN));
}

#[divan::bench(consts = LENGTHS, args = names(&HOSTILE))]
fn hostile<const LEN: usize>(bencher: Bencher<'_, '_>, name: &str) {
    bench_views(bencher, &text(name, LEN));
}

/// Data as it comes, in the digits of Base64: no two words are alike.
#[divan::bench(consts = LENGTHS)]
fn random<const LEN: usize>(bencher: Bencher<'_, '_>) {
    let mut seed = 1_u64;
    let bytes: Vec<u8> = (0..LEN * 3 / 4)
        .map(|_| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as u8
        })
        .collect();
    bench_views(bencher, &STANDARD.encode(bytes));
}

fn bench_views(bencher: Bencher<'_, '_>, text: &str) {
    let config = ViewConfig::new();
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| views(black_box(text), &config));
}
