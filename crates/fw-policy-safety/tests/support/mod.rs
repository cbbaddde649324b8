//! What the tests share.

#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod model;

use fw_policy_safety::{Detector, ResponseConfig, ResponseSettings, SafetyConfig};
use fw_stream::{Edits, Scan, TextFilter, Window};
use proptest::prelude::*;

/// A detector whose weights know a few words, and are as sure of them in a reply as in a request.
pub(crate) fn detector(config: &SafetyConfig) -> Detector {
    let mut config = config.clone();
    if config.response == ResponseConfig::Switch(true) {
        config = config.response(ResponseSettings::new().threshold(0.5));
    }
    Detector::with_model(&config, &model::model(&["harm", "toxicity", "weapons"])).unwrap()
}

/// What left a filter, and why it stopped if it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Streamed {
    pub(crate) text: String,
    pub(crate) stopped: Option<String>,
    /// The most that waited.
    pub(crate) held: usize,
}

/// Shows a text to a filter piece by piece, as a stream does, and puts together what leaves.
///
/// Of settled text only as much is shown again as the filter asks for.
pub(crate) fn stream(filter: &mut dyn TextFilter, pieces: &[&str]) -> Streamed {
    let mut streamed = Streamed {
        text: String::new(),
        stopped: None,
        held: 0,
    };
    let mut text = String::new();
    let mut start = 0;
    for (number, piece) in pieces.iter().chain([&""]).enumerate() {
        let fresh = text.len();
        text.push_str(piece);
        let is_end = number == pieces.len();
        let mut edits = Edits::new();
        let settled = match filter.scan(&Window::new(&text, start, fresh, is_end), &mut edits) {
            Scan::Settled(settled) => settled,
            Scan::Stop(error) => {
                streamed.stopped = Some(error.message().to_owned());
                return streamed;
            }
        };
        assert!(edits.is_empty() && start <= settled && text.is_char_boundary(settled));
        assert!(!is_end || settled == text.len());
        streamed.held = streamed.held.max(text.len() - settled);
        streamed.text.push_str(&text[start..settled]);
        let kept = text.floor_char_boundary(settled.saturating_sub(filter.context()));
        text.drain(..kept);
        start = settled - kept;
    }
    streamed
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

/// Terms of one's own.
pub(crate) const TERMS: [&str; 6] = [
    "project nightfall",
    "nightfall over the whole valley",
    "爆弾",
    "💣",
    "forbidden",
    "c++",
];

/// Texts that are full of terms, of what the weights know, and of pieces of them.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        12 => "[a-zé]{1,12}",
        1 => "[a-z]{100,700}",
        4 => prop::sample::select(vec![
            "project", "nightfall", "over", "the", "whole", "valley", "NIGHT", "c+", "wicked", "fool", "爆", "日本語",
            "forbiden", "projects", "ｐｒｏｊｅｃｔ", "e\u{301}", "\u{200b}", "wretched",
        ])
        .prop_map(str::to_owned),
        1 => prop::sample::select(vec![
            "Project\u{200b} Nightfall",
            "nightfall over the whole valley",
            "この爆弾は",
            "💣",
            "forbidden",
            "a wicked scheme",
            "you wretched fool",
            "how to kill myself",
            "cHJvamVjdCBuaWdodGZhbGw=",
        ])
        .prop_map(str::to_owned),
    ];
    let between = prop::sample::select(vec![
        " ",
        " ",
        " ",
        " ",
        ", ",
        ". ",
        "\n",
        ".\n\n",
        "! ",
        "。",
        "",
        "-",
        " \u{200b}",
    ]);
    prop::collection::vec((piece, between), 0..60).prop_map(|pieces| {
        pieces
            .into_iter()
            .flat_map(|(piece, between)| [piece, between.to_owned()])
            .collect()
    })
}
