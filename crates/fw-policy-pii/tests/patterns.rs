//! Patterns of one's own beside the built-in detectors.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

use fw_policy_pii::{Detector, PatternConfig, PiiConfig};

fn redact(config: &PiiConfig, text: &str) -> String {
    Detector::new(config)
        .unwrap()
        .redact(text)
        .text
        .into_owned()
}

#[test]
fn findings_have_the_name_of_their_pattern() {
    let config = PiiConfig::new()
        .detect_pattern(PatternConfig::named("EMPLOYEE_ID", r"EMP-\d{6}"))
        .detect_pattern(r"PRJ-\d{2}");
    assert_eq!(
        redact(&config, "EMP-004217 in PRJ-07"),
        "[REDACTED:EMPLOYEE_ID] in [REDACTED:CUSTOM]"
    );
}

#[test]
fn nothing_of_a_built_in_finding_is_left_where_a_pattern_overlaps_it() {
    let text = "pay 4111 1111 1111 1111 now";
    for pattern in [
        r"\b1111 now",
        r"pay 4111",
        r"1111 1111\b",
        r"4111( \d{4}){3}",
    ] {
        let redacted = redact(&PiiConfig::new().detect_pattern(pattern), text);
        assert_eq!(
            redacted.matches("[REDACTED:CUSTOM]").count(),
            1,
            "{redacted}"
        );
        assert!(!redacted.contains("1111"), "{redacted}");
    }
}

#[test]
fn patterns_count_whatever_types_are_listed() {
    let config = PiiConfig::new()
        .only(["EMAIL"])
        .unwrap()
        .detect_pattern(r"EMP-\d{6}");
    assert_eq!(redact(&config, "EMP-004217"), "[REDACTED:CUSTOM]");
}

#[test]
fn a_pattern_below_the_least_confidence_is_refused() {
    let json = r#"{"min_confidence":0.8,"detect_patterns":[{"name":"A","pattern":"ab","confidence":0.5}]}"#;
    let config: PiiConfig = serde_json::from_str(json).unwrap();
    let error = Detector::new(&config).unwrap_err();
    assert_eq!(error.problems()[0].field(), "detect_patterns[0].confidence");
}
