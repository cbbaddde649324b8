//! Looking at text for any text and any cuts.
//!
//! The first byte chooses the channel, the second says how many bytes after it are lengths of pieces; the rest is
//! the text. What is said about a request's text agrees with the text. As a reply, the text comes out the same
//! whatever the pieces are, or is stopped whatever they are.

#![no_main]

use std::sync::LazyLock;

use fw_policy::{Exchange, Policy, Texts};
use fw_policy_injection::{
    Channel, Detector, InjectionConfig, InjectionPolicy, LeakConfig, LinkConfig,
};
use fw_stream::{Edits, Scan, TextFilter, Window};
use fw_wire::{Direction, Endpoint, TextKind};
use libfuzzer_sys::fuzz_target;

const SYSTEM: &str = "{\"messages\":[{\"role\":\"system\",\"content\":\"Ships of more than forty metres pay the large \
    fee, and nobody may learn the code of the gate. See https://port.example/fees\"}]}";

static POLICY: LazyLock<(InjectionPolicy, Exchange)> = LazyLock::new(|| {
    let config = InjectionConfig::new()
        .attack_pattern("ab{1,9}a c")
        .leak_detection(LeakConfig::on().min_words(8))
        .exfiltration_links(LinkConfig::on().max_bytes(8).allow_host("images.example"));
    let detector = Detector::new(&config).expect("settings that can be used");
    let policy = InjectionPolicy::of(detector, &config);
    let endpoint = Endpoint::ChatCompletions;
    let mut exchange = Exchange::new(endpoint);
    let mut texts = Texts::parse(endpoint, Direction::Request, SYSTEM).expect("JSON");
    let _ = policy.request(&mut texts, &mut exchange);
    (policy, exchange)
});

fuzz_target!(|input: &[u8]| {
    let [which, count, input @ ..] = input else {
        return;
    };
    let (lengths, text) = input.split_at(usize::from(*count % 32).min(input.len()));
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let (policy, _) = &*POLICY;

    let channel = Channel::ALL[usize::from(*which) % Channel::ALL.len()];
    let scan = policy.detector().scan(text, channel);
    assert!((0.0..=1.0).contains(&scan.score()));
    assert_eq!(scan.is_attack(), scan.verdict().is_some());
    assert_eq!(scan, policy.detector().scan(text, channel));
    for reason in scan.reasons() {
        assert!(text.get(reason.range()).is_some());
    }
    for view in scan.views() {
        assert!(text.get(view.range()).is_some());
    }
    let turns: Vec<&str> = text.lines().collect();
    let _ = policy.detector().scan_turns(&turns);

    let whole = stream(&[text]);
    assert_eq!(stream(&pieces(text, lengths)), whole);
    let letters: Vec<&str> = text.split_inclusive(|_| true).collect();
    assert_eq!(stream(&letters), whole);
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

/// What leaves a reply that comes piece by piece. `None` if it is stopped.
fn stream(pieces: &[&str]) -> Option<String> {
    let (policy, exchange) = &*POLICY;
    let channel = fw_stream::Channel::new(Endpoint::ChatCompletions, TextKind::Content);
    let mut filter = policy
        .filter(&channel, exchange)
        .expect("replies are looked at");
    let (mut out, mut text, mut start) = (String::new(), String::new(), 0);
    for (number, piece) in pieces.iter().chain([&""]).enumerate() {
        let fresh = text.len();
        text.push_str(piece);
        let is_end = number == pieces.len();
        let mut edits = Edits::new();
        let window = Window::new(&text, start, fresh, is_end);
        let Scan::Settled(settled) = filter.scan(&window, &mut edits) else {
            return None;
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
    Some(out)
}
