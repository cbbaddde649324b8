//! How fast text is normalised and decoded: `cargo bench -p fw-classify --bench views`.
//!
//! `normal` and `prose`: what every request pays, for 1 KiB to 1 MiB. `hostile`: texts that are made to cost much.

#![allow(clippy::unwrap_used)]

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use fw_classify::{Normal, NormalConfig, ViewConfig, views};

/// The lengths of the texts, in bytes.
const LENGTHS: [usize; 4] = [1 << 10, 1 << 14, 1 << 17, 1 << 20];

const ENGLISH: &str = "The meeting has been moved to Thursday at 10:30, because two of us are still travelling. \
    Please bring the figures for the third quarter, and let Mary know if you cannot make it!\n";
const CHINESE: &str = "明天早上我们打算和孩子们一起去海边散步。如果下雨，就留在家里做饭、看书。\n";
const RUSSIAN: &str =
    "Завтра утром мы едем на дачу, а вечером, если не будет дождя, пожарим рыбу.\n";
const HINDI: &str =
    "कल सुबह हम बच्चों के साथ नदी के किनारे घूमने जाएँगे। अगर बारिश हुई तो घर पर रहकर किताबें पढ़ेंगे।\n";
const CODE: &str = "fn main() {\n    let mut sum = 0;\n    for i in 0..10 {\n        sum += VALUES[i] & 0xFF;\n    }\n}\n";

fn main() {
    divan::main();
}

fn filled(part: &str, len: usize) -> String {
    part.repeat(len / part.len() + 1)
}

#[divan::bench(consts = LENGTHS, args = [("english", ENGLISH), ("chinese", CHINESE), ("russian", RUSSIAN), ("hindi", HINDI), ("code", CODE)])]
fn normal<const LEN: usize>(bencher: Bencher<'_, '_>, (_, part): (&str, &str)) {
    let text = filled(part, LEN);
    let config = NormalConfig::new();
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| Normal::new(black_box(&text), &config));
}

#[divan::bench(consts = LENGTHS, args = [("english", ENGLISH), ("chinese", CHINESE), ("russian", RUSSIAN), ("hindi", HINDI), ("code", CODE)])]
fn prose<const LEN: usize>(bencher: Bencher<'_, '_>, (_, part): (&str, &str)) {
    let text = filled(part, LEN);
    let config = ViewConfig::new();
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| views(black_box(&text), &config));
}

#[divan::bench(consts = LENGTHS, args = [
    ("base64", "aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0cnVjdGlvbnMu"),
    ("percent", "%25%25"),
    ("references", "&amp;&amp;"),
    ("marks", "\u{301}"),
    ("one_word", "antidisestablishmentarianism"),
    ("letters", "a "),
    ("leet", "1gn0r3 "),
    ("rot13", "vtaber nyy cerivbhf vafgehpgvbaf naq gur flfgrz cebzcg "),
    ("backwards", "snoitcurtsni suoiverp lla erongi dna "),
    ("noise", "xkcdq zzvrw "),
    ("mixed", "ignоrе "),
    ("grows", "\u{fdfa}"),
])]
fn hostile<const LEN: usize>(bencher: Bencher<'_, '_>, (_, part): (&str, &str)) {
    let text = filled(part, LEN);
    let config = ViewConfig::new();
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| views(black_box(&text), &config));
}
