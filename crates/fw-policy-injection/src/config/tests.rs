use super::*;

fn parse(json: &str) -> Result<InjectionConfig, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn fields(json: &str) -> Vec<String> {
    let problems = parse(json).unwrap().problems();
    problems
        .iter()
        .map(|problem| problem.field().to_owned())
        .collect()
}

#[test]
fn an_empty_block_is_the_default() {
    assert_eq!(parse("{}").unwrap(), InjectionConfig::new());
    assert!(InjectionConfig::new().problems().is_empty());
}

#[test]
fn the_flat_dialect_is_read() {
    let config = parse(r#"{"threshold":0.8,"action":"block"}"#).unwrap();
    assert_eq!(config.chosen_threshold(), Some(0.8));
    assert_eq!(config.chosen_action(), Action::Block);
}

#[test]
fn the_current_dialect_is_read() {
    let config = parse(
        r#"{"embedding_threshold":0.75,"backend":"local","attack_patterns":["ignore.*previous.*instructions"],
            "encoding":{"decode_base64":true,"normalize_unicode":true,"detect_homoglyphs":true},
            "boundaries":{"enforce_delimiters":true,"reject_fake_boundaries":true},
            "response":{"action":"log","message":"no","log_level":"warn"}}"#,
    )
    .unwrap();
    assert_eq!(config.chosen_threshold(), Some(0.75));
    assert_eq!(config.chosen_action(), Action::Flag);
    assert!(config.problems().is_empty());
}

#[test]
fn the_nested_dialect_is_read_and_its_patterns_are_added() {
    let json = r#"{"attack_patterns":["a"],"detection":{"attack_patterns":["b"],"embedding_threshold":0.7}}"#;
    let config = parse(json).unwrap();
    assert_eq!(config.chosen_threshold(), Some(0.7));
    let patterns: Vec<_> = config.patterns().collect();
    assert_eq!(patterns[0], ("attack_patterns[0]".to_owned(), "a"));
    assert_eq!(
        patterns[1],
        ("detection.attack_patterns[0]".to_owned(), "b")
    );
}

#[test]
fn what_is_said_twice_must_be_the_same() {
    assert!(fields(r#"{"threshold":0.8,"embedding_threshold":0.8}"#).is_empty());
    assert!(fields(r#"{"action":"block","response":{"action":"block"}}"#).is_empty());
    assert_eq!(
        fields(r#"{"threshold":0.8,"embedding_threshold":0.7}"#),
        ["threshold"]
    );
    assert_eq!(
        fields(r#"{"threshold":0.8,"detection":{"embedding_threshold":0.7}}"#),
        ["detection.embedding_threshold"]
    );
    assert_eq!(
        fields(r#"{"action":"block","response":{"action":"flag"}}"#),
        ["action"]
    );
}

#[test]
fn keys_that_are_not_known_are_refused_by_name() {
    assert!(parse(r#"{"treshold":1}"#).unwrap_err().contains("treshold"));
    assert!(
        parse(r#"{"leak_detection":{"words":9}}"#)
            .unwrap_err()
            .contains("words")
    );
}

#[test]
fn values_that_make_no_sense_are_problems() {
    assert_eq!(fields(r#"{"threshold":1.5}"#), ["threshold"]);
    assert_eq!(
        fields(r#"{"thresholds":{"tool":-0.1}}"#),
        ["thresholds.tool"]
    );
    assert_eq!(fields(r#"{"weights":""}"#), ["weights"]);
    assert_eq!(
        fields(r#"{"attack_patterns":[""]}"#),
        ["attack_patterns[0]"]
    );
    assert_eq!(
        fields(r#"{"response":{"message":""}}"#),
        ["response.message"]
    );
    assert_eq!(
        fields(r#"{"leak_detection":{"min_words":2}}"#),
        ["leak_detection.min_words"]
    );
    assert_eq!(
        fields(r#"{"exfiltration_links":{"max_bytes":2,"allow_hosts":["https://a"]}}"#),
        [
            "exfiltration_links.max_bytes",
            "exfiltration_links.allow_hosts[0]"
        ]
    );
}

#[test]
fn a_channel_follows_its_own_threshold_then_that_of_all_then_its_default() {
    use crate::channel::Channel;
    let thresholds = Thresholds::new().tool(0.3);
    assert_eq!(thresholds.of(Channel::Tool, Some(0.8)), 0.3);
    assert_eq!(thresholds.of(Channel::User, Some(0.8)), 0.8);
    assert_eq!(thresholds.of(Channel::System, None), 0.9);
}

#[test]
fn the_schema_says_what_patterns_are() {
    let schema = schemars::schema_for!(InjectionConfig).to_value();
    let items = &schema["properties"]["attack_patterns"]["items"];
    assert_eq!(items["format"], "rust-regex", "{items}");
    assert_eq!(schema["properties"]["threshold"]["maximum"], 1.0);
}

#[test]
fn a_threshold_that_all_texts_reach_is_refused() {
    for json in [
        r#"{"threshold":0}"#,
        r#"{"threshold":1e-50}"#,
        r#"{"embedding_threshold":-0.1}"#,
        r#"{"detection":{"embedding_threshold":1.1}}"#,
        r#"{"thresholds":{"tool":0.0}}"#,
        r#"{"thresholds":{"user":1e-50}}"#,
    ] {
        assert_eq!(fields(json).len(), 1, "{json}");
    }
    assert!(fields(r#"{"threshold":0.001,"thresholds":{"tool":1}}"#).is_empty());
}
