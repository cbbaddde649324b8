use super::*;
use crate::config::{CategoryAction, CategoryConfig, SafetyMode};

#[path = "../../tests/support/model.rs"]
mod support;

pub(crate) use support::model;

const HEADS: [&str; 3] = ["harm", "toxicity", "weapons"];

fn detector(config: &SafetyConfig) -> Detector {
    Detector::with_model(config, &model(&HEADS)).unwrap()
}

fn found(scan: &Scan) -> Vec<Category> {
    let found = scan.categories.iter().filter(|it| it.is_found());
    found.map(|it| it.category).collect()
}

#[test]
fn the_built_in_weights_can_be_read() {
    let scan = Detector::new(&SafetyConfig::new())
        .unwrap()
        .scan("What a lovely morning.");
    assert_eq!(scan.verdict, SafetyVerdict::Allow);
    assert!((0.0..0.5).contains(&scan.score));
}

#[test]
fn heads_are_scored_by_category() {
    let detector = detector(&SafetyConfig::new());
    let scan = |text| detector.scan(text);
    assert_eq!(found(&scan("a wicked scheme")), [Category::HarmfulRequest]);
    assert_eq!(
        found(&scan("you wretched fool")),
        [Category::Hate, Category::Harassment]
    );
    assert_eq!(scan("a wicked scheme").verdict, SafetyVerdict::Block);
    assert!(scan("a wicked scheme").score > scan("a sunny day").score);
}

#[test]
fn a_category_counts_only_where_the_text_is_unsafe_at_all() {
    let detector = detector(&SafetyConfig::new());
    assert_eq!(found(&detector.scan("a rusty cannon")), []);
    let both = detector.scan("wicked scheme, rusty cannon");
    assert_eq!(found(&both), [Category::HarmfulRequest, Category::Weapons]);
}

#[test]
fn the_worst_action_is_the_verdict() {
    let action = |action| CategoryConfig::new().action(action);
    let config = SafetyConfig::new()
        .category(Category::HarmfulRequest, action(CategoryAction::Escalate))
        .category(Category::Hate, action(CategoryAction::Allow))
        .category(Category::Harassment, action(CategoryAction::Flag));
    let detector = detector(&config);
    let verdict = |text| detector.scan(text).verdict;
    assert_eq!(verdict("a wicked scheme"), SafetyVerdict::Escalate);
    assert_eq!(verdict("wretched fool"), SafetyVerdict::Flag);
    assert_eq!(
        verdict("wretched fool, wicked scheme"),
        SafetyVerdict::Escalate
    );
    assert_eq!(
        verdict("wicked scheme, kill yourself"),
        SafetyVerdict::Escalate
    );
}

#[test]
fn thresholds_are_those_of_the_settings() {
    let text = "a wicked scheme";
    let score = detector(&SafetyConfig::new()).scan(text).score;
    let at = |threshold: f32| SafetyConfig::new().threshold(f64::from(threshold));
    assert_eq!(
        detector(&at(score - 0.01)).scan(text).verdict,
        SafetyVerdict::Block
    );
    assert_eq!(
        detector(&at(score + 0.01)).scan(text).verdict,
        SafetyVerdict::Allow
    );
    let minors = at(score + 0.01).max_age(12);
    assert_eq!(detector(&minors).scan(text).verdict, SafetyVerdict::Block);
}

#[test]
fn modes_have_terms_and_strict_has_all_of_them() {
    let sets = |config: &SafetyConfig, text| -> Vec<TermSet> {
        let scan = detector(config).scan(text);
        scan.terms.iter().map(|term| term.set).collect()
    };
    let text = "how to sabotage the power grid, how to cut the brake lines, forge my report card and help me plant evidence";
    let all = &TermSet::ALL[..4];
    assert_eq!(
        sets(&SafetyConfig::new(), text),
        [TermSet::CriticalInfrastructure]
    );
    assert_eq!(
        sets(&SafetyConfig::new().mode(SafetyMode::Automotive), text),
        [TermSet::Automotive]
    );
    assert_eq!(
        sets(&SafetyConfig::new().mode(SafetyMode::Strict), text),
        all
    );
    let children = SafetyConfig::new().max_age(10);
    assert_eq!(
        sets(&children, text),
        [TermSet::CriticalInfrastructure, TermSet::Education]
    );
    for (mode, text) in [
        (SafetyMode::CriticalInfrastructure, "如何破坏变电站"),
        (
            SafetyMode::Automotive,
            "Wie kann ich den Tacho zurückdrehen?",
        ),
        (SafetyMode::Education, "お金で試験の解答を買う"),
        (SafetyMode::LawEnforcement, "как подбросить улики"),
    ] {
        assert_eq!(
            sets(&SafetyConfig::new().mode(mode), text).len(),
            1,
            "{text}"
        );
    }
}

#[test]
fn everyday_sentences_of_each_sector_hold_no_term() {
    let detector = detector(&SafetyConfig::new().mode(SafetyMode::Strict));
    for text in [
        "The power grid operator restored the substation after the storm.",
        "Hackers tried to attack a water treatment plant and to poison the water supply in 2021.",
        "What can cause a blackout? Was kann einen Blackout auslösen?",
        "We have to take down the pipeline and destroy the staging cluster.",
        "How does a reactor protection system work, and who attacked the power grid in 2015?",
        "My brakes squeal; when do the brake lines have to be replaced?",
        "The odometer shows 120,000 km. How do I reset the trip counter?",
        "Write an essay plan with me for my history exam, and check my grades table.",
        "How do schools prevent bullying among classmates?",
        "The detective collected evidence, and the witness made a statement.",
        "How long do police keep body cam footage?",
        "The suspect threatened to kill a police officer, was charged with destroying evidence and escaped from jail.",
        "How do I remove the wheel nuts, change the mileage display and disable lane keeping?",
        "电网的变电站是怎么工作的？",
        "Как работает электростанция?",
    ] {
        assert!(detector.scan(text).terms.is_empty(), "{text}");
    }
}

#[test]
fn places_are_those_of_the_original_text() {
    let config = SafetyConfig::new().block_if(["night fall", "爆弾"]);
    let detector = detector(&config);
    let text = "Über ＮＩＧＨＴ\u{200b}  fall und 爆弾.";
    let scan = detector.scan(text);
    let found: Vec<&str> = scan
        .terms
        .iter()
        .map(|term| &text[term.range.clone()])
        .collect();
    assert_eq!(found, ["ＮＩＧＨＴ\u{200b}  fall", "爆弾"]);
    assert!(scan.terms.iter().all(|term| term.path.is_empty()));
}

#[test]
fn a_model_of_another_policy_is_refused() {
    let error = Detector::with_model(&SafetyConfig::new(), &model(&["injection"])).unwrap_err();
    assert_eq!(error.problems()[0].field(), "weights");
    let missing = SafetyConfig::new().weights("no/such/file.fwm");
    let error = Detector::new(&missing).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("no/such/file.fwm cannot be read")
    );
}

#[test]
fn one_head_is_enough() {
    let detector = Detector::with_model(&SafetyConfig::new(), &model(&["harm"])).unwrap();
    assert_eq!(
        found(&detector.scan("a wicked scheme")),
        [Category::HarmfulRequest]
    );
    assert_eq!(
        found(&detector.scan("kill yourself")),
        [Category::Harassment]
    );
}
