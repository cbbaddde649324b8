use super::*;
use crate::category::Category;

fn parse(json: &str) -> Result<SafetyConfig, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn fields(config: &SafetyConfig) -> Vec<String> {
    config
        .problems()
        .iter()
        .map(|problem| problem.field().to_owned())
        .collect()
}

#[test]
fn both_dialects_are_accepted() {
    let config = parse(r#"{"mode": "strict"}"#).unwrap();
    assert_eq!(config, SafetyConfig::new().mode(SafetyMode::Strict));
    let config = parse(
        r#"{"mode": "education", "block_if": ["a b"], "action": "escalate", "fuzzy_matching": true,
            "max_distance": 2, "max_age": 12}"#,
    )
    .unwrap();
    let same = SafetyConfig::new()
        .mode(SafetyMode::Education)
        .block_if(["a b"])
        .action(SafetyAction::Escalate)
        .fuzzy_matching(true)
        .max_distance(2)
        .max_age(12);
    assert_eq!(config, same);
    assert!(fields(&config).is_empty());
}

#[test]
fn categories_and_messages_are_read() {
    let config = parse(
        r#"{"categories": {"hate": {"threshold": 0.8, "action": "flag"}, "sexual": {"action": "allow"}},
            "response": {"message": "No."}, "self_harm": {"message": "We are here."}, "threshold": 0.7}"#,
    )
    .unwrap();
    assert!(fields(&config).is_empty());
    assert_eq!(config.response.message(), Some("No."));
    assert_eq!(config.action_of(Category::Hate), Some(SafetyAction::Flag));
    assert_eq!(config.action_of(Category::Sexual), None);
    assert_eq!(config.action_of(Category::Crime), Some(SafetyAction::Block));
    assert!((config.threshold_of(Category::Hate, 0.5) - 0.8).abs() < 1e-6);
    assert!((config.threshold_of(Category::Crime, 0.5) - 0.7).abs() < 1e-6);
    let config = parse(r#"{"response": {"threshold": 0.9}}"#).unwrap();
    assert!((config.reply_threshold() - 0.9).abs() < 1e-6);
    assert!((config.max_age(12).reply_threshold() - 0.45).abs() < 1e-6);
    assert!(!parse(r#"{"response": false}"#).unwrap().response.is_on());
}

#[test]
fn keys_and_words_that_are_not_known_are_errors() {
    for json in [
        r#"{"modus": "strict"}"#,
        r#"{"mode": "lenient"}"#,
        r#"{"action": "allow"}"#,
        r#"{"categories": {"spam": {}}}"#,
        r#"{"categories": {"hate": {"level": 1}}}"#,
        r#"{"response": {"text": "No."}}"#,
        r#"{"self_harm": {"text": "No."}}"#,
    ] {
        assert!(parse(json).is_err(), "{json}");
    }
}

#[test]
fn terms_of_your_own_take_the_place_of_the_built_in_ones() {
    assert!(SafetyConfig::new().has_built_in_terms());
    let own = SafetyConfig::new().block_if(["a"]);
    assert!(!own.has_built_in_terms());
    assert!(own.built_in_terms(true).has_built_in_terms());
}

#[test]
fn thresholds_fall_for_minors_and_for_nobody_else() {
    let at = |age| {
        SafetyConfig::new()
            .max_age(age)
            .threshold_of(Category::Hate, 0.8)
    };
    assert!(at(12) < at(13) && at(17) < at(18));
    assert!((at(0) - 0.8).abs() < 1e-6 && (at(18) - 0.8).abs() < 1e-6);
}

#[test]
fn terms_that_cannot_be_looked_for_are_problems() {
    let config = SafetyConfig::new().block_if(["ok", " ", "--", &"x".repeat(513), "💣", "C++"]);
    assert_eq!(
        fields(&config),
        ["block_if[1]", "block_if[2]", "block_if[3]"]
    );
    let many = SafetyConfig::new().block_if((0..10_001).map(|number| number.to_string()));
    assert_eq!(fields(&many), ["block_if"]);
    for problem in config.problems() {
        assert!(!problem.message().contains("xxx"), "no term is repeated");
    }
}

#[test]
fn settings_that_would_do_nothing_are_problems() {
    let off = SafetyConfig::new().request(false).response(false);
    assert_eq!(fields(&off), ["response"]);
    let fuzzy = SafetyConfig::new().fuzzy_matching(true).max_distance(0);
    assert_eq!(fields(&fuzzy), ["max_distance"]);
    assert_eq!(
        fields(&SafetyConfig::new().max_distance(4)),
        ["max_distance"]
    );
    let exact = SafetyConfig::new().max_distance(3);
    assert_eq!(fields(&exact), ["max_distance"]);
    assert!(fields(&SafetyConfig::new().max_distance(1)).is_empty());
    assert_eq!(fields(&SafetyConfig::new().threshold(0.0)), ["threshold"]);
    assert_eq!(fields(&SafetyConfig::new().threshold(1e-50)), ["threshold"]);
    assert_eq!(
        fields(&SafetyConfig::new().threshold(f64::NAN)),
        ["threshold"]
    );
    let allow = CategoryConfig::new().action(CategoryAction::Allow);
    let config = SafetyConfig::new().category(Category::Hate, allow.threshold(0.5));
    assert_eq!(fields(&config), ["categories.hate.threshold"]);
    let nothing = Category::ALL.iter().fold(
        SafetyConfig::new().built_in_terms(false),
        |config, category| config.category(*category, allow),
    );
    assert_eq!(fields(&nothing), ["categories"]);
    let never = SafetyConfig::new()
        .action(SafetyAction::Flag)
        .self_harm_message("We are here.");
    assert_eq!(fields(&never), ["self_harm.message"]);
    let empty = SafetyConfig::new().response(ResponseSettings::new());
    assert_eq!(fields(&empty), ["response"]);
    let never = SafetyConfig::new().response(ResponseSettings::new().threshold(0.0));
    assert_eq!(fields(&never), ["response.threshold"]);
    assert_eq!(fields(&SafetyConfig::new().weights("")), ["weights"]);
}
