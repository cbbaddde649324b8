//! Text that is made to be expensive.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

mod support;

use fw_policy_safety::SafetyConfig;
use support::{detector, stream};

/// Long enough for work that grows with the square of it to be felt.
const LENGTH: usize = 96 * 1024;

fn texts() -> Vec<(&'static str, String)> {
    let fill = |piece: &str| piece.repeat(LENGTH / piece.len());
    vec![
        ("no space", fill("x")),
        ("beginnings of terms", fill("project ")),
        ("one letter off", fill("projeckt nightfal ")),
        ("wide characters", fill("語")),
        ("combining marks", fill("e\u{301}\u{301}\u{301}")),
        ("invisible characters", fill("\u{200b}")),
        ("sentences of one letter", fill("a. ")),
        ("lines", fill("\n")),
        ("gaps", fill("-")),
        ("symbols", fill("+#$")),
        ("terms", fill("project nightfall ")),
    ]
}

#[test]
fn hostile_text_is_judged_in_bounded_memory_and_time() {
    let terms = (0..2000).map(|number| format!("project number{number} of the list"));
    let config = SafetyConfig::new()
        .block_if(terms)
        .block_if(["project nightfall"])
        .fuzzy_matching(true)
        .max_distance(3);
    let detector = detector(&config);
    for (name, text) in texts() {
        assert!(detector.scan(&text).terms.len() <= 1024, "{name}");
        let pieces: Vec<&str> = text
            .as_bytes()
            .chunks(600)
            .filter_map(|piece| std::str::from_utf8(piece).ok())
            .collect();
        let streamed = stream(&mut detector.filter(), &pieces);
        assert!(streamed.held <= 8192, "{name}: {}", streamed.held);
    }
}
