//! Terms that are written in other ways, in texts and on streams.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

mod support;

use std::time::{Duration, Instant};

use fw_policy_safety::{Detector, SafetyConfig};
use support::{letters, stream};

const TERM: &str = "project nightfall";

fn own(term: &str) -> SafetyConfig {
    SafetyConfig::new().block_if([term])
}

fn is_found(config: &SafetyConfig, text: &str) -> bool {
    !support::detector(config).scan(text).terms.is_empty()
}

#[test]
fn a_term_in_disguise_is_found() {
    let after_each = |mark: &str| -> String {
        let marked = TERM.chars().map(|c| match c {
            ' ' => " ".to_owned(),
            c => format!("{c}{mark}"),
        });
        marked.collect()
    };
    for text in [
        after_each("\u{336}"),
        after_each("\u{332}"),
        after_each("\u{301}"),
        after_each("\u{200b}"),
        after_each("\u{ad}"),
        "p r o j e c t   n i g h t f a l l".to_owned(),
        "p.r.o.j.e.c.t n.i.g.h.t.f.a.l.l".to_owned(),
        "cHJvamVjdCBuaWdodGZhbGw=".to_owned(),
        "talk about cHJvamVjdCBuaWdodGZhbGw= please".to_owned(),
        "рrоjесt nіghtfаll".to_owned(),
        "ｐｒｏｊｅｃｔ　ｎｉｇｈｔｆａｌｌ".to_owned(),
        "ProjectNightfall".to_owned(),
        "#projectNightfall".to_owned(),
        "project_nightfall".to_owned(),
        "project nightfall's".to_owned(),
        "project\n\n\nnightfall".to_owned(),
        "project **nightfall**".to_owned(),
        "project <b>nightfall</b>".to_owned(),
        "project, nightfall".to_owned(),
        "project%20nightfall".to_owned(),
        "project “nightfall”".to_owned(),
    ] {
        assert!(is_found(&own(TERM), &text), "{text}");
    }
    for text in [
        "the project. Nightfall came",
        "projectnightfall",
        "projects",
    ] {
        assert!(!is_found(&own(TERM), text), "{text}");
    }
}

#[test]
fn terms_of_all_scripts_are_found() {
    for (term, text) in [
        ("夜幕计划", "请告诉我夜幕计划的内容"),
        ("夜幕计划", "夜幕 计划"),
        ("ナイト計画", "このナイト計画について"),
        ("프로젝트", "프로젝트를 알려줘"),
        ("โครงการลับ", "บอกโครงการลับหน่อย"),
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("C++", "I like C++ a lot"),
        ("€", "10 €"),
        ("🍆", "send 🍆 now"),
        ("co-op", "co-op"),
        ("O'Neil", "O’Neil"),
        ("naïve", "naive"),
        ("naïve", "nai\u{308}ve"),
        ("मंत्र", "यह मंत्र है"),
        ("кремль", "в Кремль!"),
    ] {
        assert!(is_found(&own(term), text), "{term}: {text}");
    }
}

#[test]
fn misspelt_terms_are_found_as_far_as_the_settings_say() {
    for (term, distance, text, expected) in [
        ("nightfall", 1, "nightfal", true),
        ("nightfall", 1, "nigthfall", true),
        ("nightfall", 2, "nigtfal", true),
        ("nightfall", 1, "mightfall", true),
        ("nightfall", 1, "inghtfall", true),
        (TERM, 1, "projct nightfal", false),
        (TERM, 1, "projectnightfall", true),
        ("kill", 3, "bill", false),
        ("assault", 3, "result", false),
        ("bomb", 1, "bmob", false),
        ("drug dealer", 3, "drug leader", false),
    ] {
        let config = own(term).fuzzy_matching(true).max_distance(distance);
        assert_eq!(is_found(&config, text), expected, "{term}: {text}");
    }
}

/// A filter for one term, and what left it of `before` and what is hidden.
fn left(detector: &Detector, before: usize, hidden: &str) -> (String, bool) {
    let words: String = "word or ".repeat(80).chars().take(before).collect();
    let text = format!("{words} and {hidden} is here. And so on it goes.");
    let streamed = stream(&mut detector.filter(), &letters(&text));
    (streamed.text, streamed.stopped.is_some())
}

#[test]
fn nothing_of_a_term_is_out_wherever_a_block_ends() {
    let detector = support::detector(&own(TERM));
    for between in [" ", "\n", ", ", "  -  ", " <b>", "%20", "” “"] {
        for before in (0..520).step_by(9) {
            let (out, stopped) = left(&detector, before, &format!("project{between}nightfall"));
            assert!(
                stopped && !out.contains("project"),
                "{before} {between:?} {out}"
            );
        }
    }
}

#[test]
fn little_of_an_encoded_term_is_out_wherever_a_block_ends() {
    let detector = support::detector(&own(TERM));
    for hidden in [
        "cHJvamVjdCBuaWdodGZhbGwgY29zdHMgZm9ydHkgbWlsbGlvbg==",
        "p r o j e c t   n i g h t f a l l",
        "70726f6a656374206e6967687466616c6c",
        "p.r.o.j.e.c.t n.i.g.h.t.f.a.l.l",
    ] {
        for before in (0..520).step_by(24) {
            let (out, stopped) = left(&detector, before, hidden);
            assert!(
                stopped && !out.contains(&hidden[..5]),
                "{before} {hidden} {out}"
            );
        }
    }
}

#[test]
fn ten_thousand_terms_cost_no_more_than_a_few_times_one() {
    let syllables = [
        "com", "mit", "tee", "par", "king", "reg", "ula", "tion", "his", "tor",
    ];
    let word = |mut number: usize| -> String {
        let picked = (0..4).map(|_| {
            number = number.wrapping_mul(7919).wrapping_add(104_729) % 1_000_003;
            syllables[number % syllables.len()]
        });
        picked.collect()
    };
    let terms: Vec<String> = (0..10_000)
        .map(|number| format!("{} {}", word(number), word(number + 500_000)))
        .collect();
    // Words that nobody has seen before, each near to many terms, and the same prose again and again.
    let distinct: String = (0..500)
        .map(|number| format!("{}x ", word(number + 90_000)))
        .collect();
    let prose = "The committee discussed the parking regulations of the town. ".repeat(120);
    let time = |config: &SafetyConfig, text: &str| -> Duration {
        let detector = support::detector(config);
        let measured = (0..3).map(|_| {
            let start = Instant::now();
            let _scan = detector.scan(text);
            start.elapsed()
        });
        measured.min().unwrap()
    };
    let fuzzy = SafetyConfig::new()
        .block_if(terms)
        .fuzzy_matching(true)
        .max_distance(3);
    let (one, all) = (time(&own(TERM), &prose), time(&fuzzy, &prose));
    let (one_of, all_of) = (time(&own(TERM), &distinct), time(&fuzzy, &distinct));
    println!("prose {one:?} {all:?}, distinct words {one_of:?} {all_of:?}");
    assert!(all < one * 8, "{one:?} {all:?}");
    assert!(all_of < one_of * 100, "{one_of:?} {all_of:?}");
}
