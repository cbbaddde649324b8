//! However a text is cut, a filter does to it what is done to the whole.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that panics fails"
)]

mod support;

use std::sync::LazyLock;

use fw_policy_pii::{Action, Detector, MarkerFormat, PiiConfig, RedactionConfig};
use proptest::prelude::*;
use support::{cut, letters, stream, texts};

/// Settings that take different ways through the code.
static DETECTORS: LazyLock<Vec<Detector>> = LazyLock::new(|| {
    let patterns = || {
        PiiConfig::new()
            .detect_pattern(r"EMP-\d{2,6}")
            .detect_pattern(r"\b[A-Z]{2}\d{2,4}\b")
            .detect_pattern("[a-z]@[a-z]{2}")
    };
    let format = |format| {
        let redaction = RedactionConfig::new().marker_format(format);
        PiiConfig::new().redaction(redaction.hash_key("a key"))
    };
    [
        PiiConfig::new(),
        PiiConfig::new().healthcare_mode(true).min_confidence(0.0),
        patterns(),
        patterns().action(Action::Pseudonymize),
        format(MarkerFormat::Partial),
        format(MarkerFormat::Hash).detect_pattern("[0-9a-f]{4}"),
        PiiConfig::new()
            .redaction(RedactionConfig::new().preserve_length(true))
            .only(["EMAIL", "PHONE", "PERSON"])
            .unwrap(),
    ]
    .iter()
    .map(|config| Detector::new(config).unwrap())
    .collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn the_result_does_not_depend_on_cuts(
        which in 0..DETECTORS.len(),
        text in texts(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..24),
    ) {
        let detector = &DETECTORS[which];
        let whole = detector.redact(&text).text;
        let pieces = stream(&mut detector.filter(), &cut(&text, &cuts)).unwrap();
        prop_assert_eq!(&pieces, &whole, "in pieces, setting {}", which);
        let single = stream(&mut detector.filter(), &letters(&text)).unwrap();
        prop_assert_eq!(&single, &whole, "in letters, setting {}", which);
    }

    #[test]
    fn findings_are_in_order_and_positions_agree(which in 0..DETECTORS.len(), text in texts()) {
        let mut end = 0;
        for found in DETECTORS[which].find(&text) {
            prop_assert!(end <= found.bytes().start && found.bytes().start < found.bytes().end);
            end = found.bytes().end;
            let chars: Vec<char> = text.chars().collect();
            let by_chars: String = chars[found.chars()].iter().collect();
            prop_assert_eq!(by_chars, &text[found.bytes()]);
        }
    }
}
