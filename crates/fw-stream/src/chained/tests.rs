//! Filters one after the other, against the same filters over whole texts.

use std::borrow::Cow;

use fw_wire::ApiError;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::filter::drive::{Driver, at_once, in_pieces};
use crate::{Chained, Edits, Scan, TextFilter, Window, chain_filters};

/// Replaces every occurrence of a word that does not directly follow `unless`.
#[derive(Clone, Debug)]
struct Word {
    word: String,
    with: Cow<'static, str>,
    unless: Option<char>,
}

fn word(word: &str, with: &'static str) -> Word {
    Word {
        word: word.into(),
        with: with.into(),
        unless: None,
    }
}

impl TextFilter for Word {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let text = window.text();
        let mut at = window.start();
        while at < text.len() {
            let rest = &text[at..];
            if rest.starts_with(&self.word) {
                let before = text[..at].chars().next_back();
                let end = at + self.word.len();
                if before.is_none() || before != self.unless {
                    edits.replace(at..end, self.with.clone());
                }
                at = end;
            } else if self.word.starts_with(rest) && !window.is_end() {
                break;
            } else {
                at += rest.chars().next().map_or(0, char::len_utf8);
            }
        }
        Scan::Settled(at)
    }

    fn context(&self) -> usize {
        4
    }
}

/// Writes a mark before every letter, and one at the end.
struct Mark(&'static str);

impl TextFilter for Mark {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let text = window.text();
        for (at, found) in text[window.start()..].match_indices(self.0) {
            let at = window.start() + at;
            edits.replace(at..at, "^");
            let _ = found;
        }
        if window.is_end() {
            edits.replace(text.len()..text.len(), "$");
        }
        Scan::Settled(text.len())
    }
}

struct Stop;

impl TextFilter for Stop {
    fn scan(&mut self, window: &Window<'_>, _: &mut Edits) -> Scan {
        if window.text().contains("stop") {
            return Scan::Stop(Box::new(ApiError::invalid_request("Stopped.")));
        }
        Scan::Settled(window.text().len().saturating_sub(3).max(window.start()))
    }
}

fn in_all_ways(text: &str, expected: &str, make: impl Fn() -> Box<dyn TextFilter>) {
    for first in 0..=text.len() {
        for second in first..=text.len() {
            let result = in_pieces(make(), text, &[first, second]);
            assert_eq!(result, expected, "cut at {first} and {second}");
        }
    }
}

#[test]
fn the_second_sees_what_the_first_left() {
    for (first, second, text, expected) in [
        // One within, over, and beside what the other wrote.
        (word("ab", "xyz"), word("y", "1"), "-ab-", "-x1z-"),
        (word("ab", "xyz"), word("-xyz-", "1"), "--ab--", "-1-"),
        (word("ab", "xyz"), word("z-", "1"), "-ab-", "-xy1"),
        (word("ab", "xyz"), word("-x", "1"), "-ab-", "1yz-"),
        (word("ab", "xyz"), word("zx", "1"), "ababab", "xy1y1yz"),
        (word("ab", "xyz"), word("-", "1"), "-ab-", "1xyz1"),
        // What was taken out lets other words meet.
        (word("-", ""), word("ab", "1"), "a-b a--b ab", "1 1 1"),
        (word("-", ""), word("b", ""), "a-b", "a"),
        (word("a", ""), word("b", ""), "ab", ""),
    ] {
        in_all_ways(text, expected, || {
            Box::new(Chained::new(first.clone(), second.clone()))
        });
    }
}

/// What the first took out does not come back as context when the second reads the source again.
#[test]
fn context_is_what_the_first_left() {
    let unless = Word {
        unless: Some('é'),
        ..word("b", "")
    };
    in_all_ways("éba-éb--éb-", "a----", || {
        Box::new(Chained::new(word("é", ""), unless.clone()))
    });
}

#[test]
fn insertions_are_kept_in_order() {
    let both = || -> Box<dyn TextFilter> { Box::new(Chained::new(Mark("a"), Mark("^"))) };
    in_all_ways("ba b", "b^^a b$$", both);
    in_all_ways("", "$$", both);
    let both = || -> Box<dyn TextFilter> { Box::new(Chained::new(word("a", ""), Mark("b"))) };
    in_all_ways("aba", "^b$", both);
}

#[test]
fn any_number_can_be_chained() {
    let filters: Vec<Box<dyn TextFilter>> = vec![
        Box::new(word("a", "bb")),
        Box::new(word("b", "cc")),
        Box::new(word("cccc", "d")),
    ];
    assert_eq!(at_once(chain_filters(filters).unwrap(), "xax"), "xdx");
    let one: Vec<Box<dyn TextFilter>> = vec![Box::new(word("a", "b"))];
    assert_eq!(at_once(chain_filters(one).unwrap(), "xax"), "xbx");
}

#[test]
fn either_can_stop_the_reply() {
    let window = Window::new("please stop now", 0, 0, false);
    let mut edits = Edits::new();
    for first in [true, false] {
        let scan = if first {
            Chained::new(Stop, word("a", "")).scan(&window, &mut edits)
        } else {
            Chained::new(word("l", ""), Stop).scan(&window, &mut edits)
        };
        assert!(matches!(scan, Scan::Stop(_)));
    }
}

/// The text is given out as soon as both have let it go.
#[test]
fn nothing_is_held_longer_than_needed() {
    let mut channel = Driver::new(Chained::new(word("abc", "x"), word("xyz", "1")));
    for (piece, out) in [
        ("--a", "--"),
        ("b-", "--ab-"),
        ("abc", "--ab-"),
        ("y", "--ab-"),
        ("-", "--ab-xy-"),
        ("-x", "--ab-xy--"),
        ("yz", "--ab-xy--1"),
    ] {
        channel.push(piece, false);
        assert_eq!(channel.out, out);
    }
}

#[test]
fn it_can_be_used_for_another_text() {
    let mut both = Chained::new(word("a", "bb"), word("b", "c"));
    for _ in 0..2 {
        assert_eq!(in_pieces(&mut both, "xaxax", &[2, 3]), "xccxccx");
    }
}

#[test]
fn debug_does_not_show_the_text() {
    let mut both = Chained::new(word("b", "secret"), word("secretary", ""));
    let _ = both.scan(&Window::new("ab", 0, 0, false), &mut Edits::new());
    assert!(!format!("{both:?}").contains("secret"));
}

fn any_word() -> impl Strategy<Value = Word> {
    let unless = proptest::option::of(prop_oneof![Just('a'), Just('é')]);
    ("[abé]{1,4}", "[abé-]{0,6}", unless).prop_map(|(word, with, unless)| Word {
        word,
        with: with.into(),
        unless,
    })
}

proptest! {
    #[test]
    fn a_chain_does_what_its_filters_do_in_order(
        filters in vec(any_word(), 2..5),
        text in "[abé-]{0,40}",
        cuts in vec(any::<usize>(), 0..12),
    ) {
        let mut expected = text.clone();
        for filter in &filters {
            expected = at_once(filter.clone(), &expected);
        }
        let boxed = filters.iter().map(|word| Box::new(word.clone()) as Box<dyn TextFilter>);
        prop_assert_eq!(&at_once(chain_filters(boxed.clone()).unwrap(), &text), &expected);
        prop_assert_eq!(&in_pieces(chain_filters(boxed).unwrap(), &text, &cuts), &expected);
        if let [a, b, c] = &filters[..] {
            let nested = Chained::new(a.clone(), Chained::new(b.clone(), c.clone()));
            prop_assert_eq!(&in_pieces(nested, &text, &cuts), &expected);
        }
    }
}
