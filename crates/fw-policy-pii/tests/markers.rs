//! A text that was redacted is not redacted again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that panics fails"
)]

use std::sync::LazyLock;

use fw_policy_pii::{Action, Detector, MarkerFormat, PiiConfig, RedactionConfig};
use proptest::prelude::*;

static DETECTORS: LazyLock<Vec<Detector>> = LazyLock::new(|| {
    let markers = |redaction: RedactionConfig| {
        PiiConfig::new()
            .redaction(redaction.hash_key("a key"))
            .detect_pattern(r"EMP-\d{2,6}")
            .detect_pattern("[A-Z]{5}")
    };
    let mut configs = vec![
        markers(RedactionConfig::new().custom_marker("EMAIL", "<mail>")),
        markers(RedactionConfig::new()).action(Action::Pseudonymize),
    ];
    for format in [
        MarkerFormat::Label,
        MarkerFormat::Asterisk,
        MarkerFormat::Partial,
        MarkerFormat::Hash,
    ] {
        let redaction = RedactionConfig::new().marker_format(format);
        configs.push(markers(redaction.clone()));
        configs.push(markers(redaction.preserve_length(true)));
    }
    let detectors = configs.iter().map(Detector::new);
    detectors.collect::<Result<_, _>>().unwrap()
});

/// Values that are found without a word before them, so that no marker speaks for what follows it. The words
/// between them mean nothing to a detector: a marker is longer or shorter than its value, and moves a word that
/// counts only when it is near.
fn texts() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec![
        "ann@example.org",
        "4111 1111 1111 1111",
        "DE89370400440532013000",
        "+49 30 1234567",
        "EMP-004217",
        "WORDS",
        "192.0.2.17",
    ]);
    let word = prop::sample::select(vec!["then", "also", "soon", "or", "blue", "afterwards"]);
    prop::collection::vec((word, value), 0..6).prop_map(|pairs| {
        let pairs = pairs
            .iter()
            .map(|(word, value)| format!("{word} ({value}), "));
        pairs.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn markers_are_not_found_again(which in 0..DETECTORS.len(), text in texts()) {
        let detector = &DETECTORS[which];
        let once = detector.redact(&text).text;
        let twice = detector.redact(&once);
        prop_assert_eq!(&twice.text, &once, "setting {}", which);
        prop_assert!(twice.detections.is_empty());
    }
}

#[test]
fn a_marker_that_would_be_found_is_refused() {
    let redaction = RedactionConfig::new().custom_marker("PHONE", "see help@example.org");
    let error = Detector::new(&PiiConfig::new().redaction(redaction)).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("redaction.custom_markers.PHONE"),
        "{message}"
    );
    assert!(message.contains("as `EMAIL`"), "{message}");
}
