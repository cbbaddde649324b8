//! However a text is cut, a filter does to it what is done to the whole.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that panics fails"
)]

mod support;

use std::sync::LazyLock;

use fw_policy_safety::{
    Category, CategoryAction, CategoryConfig, Detector, SafetyAction, SafetyConfig,
};
use proptest::prelude::*;
use support::{TERMS, cut, letters, stream, texts};

/// Settings that take different ways through the code.
static DETECTORS: LazyLock<Vec<Detector>> = LazyLock::new(|| {
    let own = || SafetyConfig::new().block_if(TERMS);
    let flag = CategoryConfig::new().action(CategoryAction::Flag);
    let terms_only = Category::ALL
        .iter()
        .fold(own(), |config, category| config.category(*category, flag));
    [
        SafetyConfig::new(),
        own(),
        own().fuzzy_matching(true).max_distance(2),
        own().action(SafetyAction::Flag),
        own().action(SafetyAction::Escalate),
        terms_only.clone(),
        terms_only.block_if(["a term of very many words that goes on and on ".repeat(9)]),
    ]
    .iter()
    .map(support::detector)
    .collect()
});

/// The most that may wait: a block, and a term that goes over its end.
const MOST_HELD: usize = 480 + 4 + 4096;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_result_does_not_depend_on_cuts(
        which in 0..DETECTORS.len(),
        text in texts(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..24),
    ) {
        let detector = &DETECTORS[which];
        let whole = stream(&mut detector.filter(), &[&text]);
        let pieces = stream(&mut detector.filter(), &cut(&text, &cuts));
        let single = stream(&mut detector.filter(), &letters(&text));
        prop_assert_eq!(&pieces.stopped, &whole.stopped, "in pieces, setting {}", which);
        prop_assert_eq!(&single.stopped, &whole.stopped, "in letters, setting {}", which);
        if whole.stopped.is_none() {
            prop_assert_eq!(&whole.text, &text);
        }
        prop_assert!(single.text.starts_with(&pieces.text), "pieces let nothing out that letters do not");
        prop_assert!(text.starts_with(&single.text));
        prop_assert!(single.held <= MOST_HELD, "{} bytes waited", single.held);
    }

    #[test]
    fn nothing_of_a_term_leaves(text in texts(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..24)) {
        let detector = &DETECTORS[5];
        let terms = detector.scan(&text).terms;
        let plain = terms.iter().filter(|term| term.path.is_empty());
        let first = plain.map(|term| term.range.start).min();
        for pieces in [cut(&text, &cuts), letters(&text)] {
            let streamed = stream(&mut detector.filter(), &pieces);
            if let Some(first) = first {
                prop_assert!(streamed.stopped.is_some());
                prop_assert!(streamed.text.len() <= first);
            }
        }
    }
}

#[test]
fn a_sentence_leaves_when_it_has_ended() {
    let detector = &DETECTORS[1];
    let first = "The first sentence is long enough to be judged by itself, and so it leaves. ";
    let text = format!("{first}The second one waits");
    let mut filter = detector.filter();
    let mut edits = fw_stream::Edits::new();
    let window = fw_stream::Window::new(&text, 0, 0, false);
    let scan = fw_stream::TextFilter::scan(&mut filter, &window, &mut edits);
    assert!(matches!(scan, fw_stream::Scan::Settled(settled) if settled == first.len()));
}

#[test]
fn nothing_waits_where_nothing_is_stopped() {
    let detector = &DETECTORS[3];
    let streamed = stream(
        &mut detector.filter(),
        &letters("Project Nightfall is a wicked scheme"),
    );
    assert_eq!((streamed.held, streamed.stopped), (0, None));
}

#[test]
fn what_is_unsafe_by_what_was_said_before_is_stopped() {
    let detector = &DETECTORS[0];
    let before = "Here comes a scheme of a kind that one does not see very often, and it is this. ";
    let text = format!("{before}It is wicked, wicked, and you know it. ");
    let streamed = stream(&mut detector.filter(), &letters(&text));
    assert!(streamed.stopped.is_some());
    assert_eq!(streamed.text, before);
}
