//! The policy on requests, plain replies and streamed replies.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that panics fails"
)]

mod support;

use fw_policy::{Exchange, Policy, Texts, Verdict};
use fw_policy_safety::{
    Category, CategoryAction, CategoryConfig, ResponseSettings, SafetyAction, SafetyConfig,
    SafetyPolicy,
};
use fw_stream::Channel;
use fw_wire::{Direction, Endpoint, TextKind};
use proptest::prelude::*;
use support::{TERMS, cut, detector, stream, texts};

const CHAT: Endpoint = Endpoint::ChatCompletions;

fn policy(config: &SafetyConfig) -> SafetyPolicy {
    SafetyPolicy::of(detector(config))
}

fn request(contents: &[&str]) -> Texts {
    let messages: Vec<_> = contents
        .iter()
        .map(|content| serde_json::json!({"role": "user", "content": content}))
        .collect();
    let body = serde_json::json!({"model": "m", "messages": messages});
    Texts::parse(CHAT, Direction::Request, body.to_string()).unwrap()
}

fn reply(content: &str) -> Texts {
    let message = serde_json::json!({"role": "assistant", "content": content});
    let body = serde_json::json!({"choices": [{"index": 0, "message": message}]});
    Texts::parse(CHAT, Direction::Reply, body.to_string()).unwrap()
}

/// The verdict on a request, its message if it is denied, and what was found.
fn asked(config: &SafetyConfig, contents: &[&str]) -> (&'static str, String, Vec<(String, u32)>) {
    let mut exchange = Exchange::new(CHAT);
    let verdict = policy(config).request(&mut request(contents), &mut exchange);
    let (name, message) = told(&verdict);
    (name, message, findings(&exchange))
}

fn told(verdict: &Verdict) -> (&'static str, String) {
    match verdict {
        Verdict::Allow => ("allow", String::new()),
        Verdict::Flag => ("flag", String::new()),
        Verdict::Block(denial) => ("block", denial.message().to_owned()),
        Verdict::Escalate(denial) => ("escalate", denial.message().to_owned()),
        other => panic!("{other:?}"),
    }
}

fn findings(exchange: &Exchange) -> Vec<(String, u32)> {
    let found = exchange.findings().to_vec().into_iter();
    found
        .map(|(kind, count)| (kind.into_owned(), count))
        .collect()
}

#[test]
fn a_request_without_anything_is_allowed() {
    let (verdict, _, found) = asked(&SafetyConfig::new(), &["hello", "How are you?"]);
    assert_eq!((verdict, found.len()), ("allow", 0));
}

#[test]
fn a_denial_names_kinds_and_never_the_text() {
    let config = SafetyConfig::new().block_if(TERMS);
    let (verdict, message, found) = asked(&config, &["hi", "a wicked scheme: Project Nightfall"]);
    assert_eq!(verdict, "block");
    assert_eq!(
        message,
        "The request was refused because of unsafe content: help with something harmful, a term that is not allowed here."
    );
    assert_eq!(
        found,
        [
            ("harmful_request".to_owned(), 1),
            ("terms.block_if".to_owned(), 1)
        ]
    );
}

#[test]
fn messages_of_one_s_own() {
    let config = SafetyConfig::new()
        .response(ResponseSettings::new().message("Not here."))
        .self_harm_message("We are here.");
    assert_eq!(asked(&config, &["a wicked scheme"]).1, "Not here.");
    assert_eq!(asked(&config, &["I want to end my life"]).1, "We are here.");
    let usual = asked(&SafetyConfig::new(), &["ich will nicht mehr leben"]);
    assert!(
        usual
            .1
            .contains("You do not have to go through this alone.")
    );
}

#[test]
fn actions_are_verdicts() {
    let all = |action| asked(&SafetyConfig::new().action(action), &["a wicked scheme"]).0;
    assert_eq!(all(SafetyAction::Block), "block");
    assert_eq!(all(SafetyAction::Flag), "flag");
    assert_eq!(all(SafetyAction::Escalate), "escalate");
    let flag = CategoryConfig::new().action(CategoryAction::Flag);
    let config = SafetyConfig::new().category(Category::HarmfulRequest, flag);
    assert_eq!(asked(&config, &["a wicked scheme"]).0, "flag");
    assert_eq!(
        asked(&config, &["a wicked scheme", "you wretched fool"]).0,
        "block"
    );
}

#[test]
fn directions_that_are_off_are_not_looked_at() {
    let bad = "a wicked scheme";
    let deaf = SafetyConfig::new().request(false);
    assert_eq!(asked(&deaf, &[bad]).0, "allow");
    let mute = policy(&SafetyConfig::new().response(false));
    let mut exchange = Exchange::new(CHAT);
    assert!(!mute.has_response());
    assert_eq!(
        told(&mute.response(&mut reply(bad), &mut exchange)).0,
        "allow"
    );
    assert!(
        mute.filter(&Channel::new(CHAT, TextKind::Content), &exchange)
            .is_none()
    );
}

#[test]
fn a_stream_is_stopped_before_what_is_unsafe() {
    let policy = policy(&SafetyConfig::new().block_if(TERMS));
    let exchange = Exchange::new(CHAT);
    let channel = Channel::new(CHAT, TextKind::Content);
    let mut filter = policy.filter(&channel, &exchange).unwrap();
    let first = "This is a long and harmless sentence that may leave as soon as it is complete. ";
    let text = format!("{first}And this is about Project Nightfall. More of it.");
    let streamed = stream(&mut filter, &support::letters(&text));
    assert_eq!(streamed.text, first);
    assert_eq!(
        streamed.stopped.as_deref(),
        Some("The reply was refused because of unsafe content: a term that is not allowed here.")
    );
    assert_eq!(findings(&exchange), [("terms.block_if".to_owned(), 1)]);
}

#[test]
fn tokens_are_not_looked_at() {
    let policy = policy(&SafetyConfig::new());
    let exchange = Exchange::new(CHAT);
    for (kind, looks) in [
        (TextKind::Content, true),
        (TextKind::Reasoning, true),
        (TextKind::ToolArguments, true),
        (TextKind::Refusal, true),
        (TextKind::Token, false),
    ] {
        let filter = policy.filter(&Channel::new(CHAT, kind), &exchange);
        assert_eq!(filter.is_some(), looks, "{kind:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_plain_reply_and_a_streamed_one_come_to_the_same(
        text in texts(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        flags in any::<bool>(),
    ) {
        let action = if flags { SafetyAction::Flag } else { SafetyAction::Block };
        let policy = policy(&SafetyConfig::new().block_if(TERMS).action(action));
        let mut plain = Exchange::new(CHAT);
        let (verdict, message) = told(&policy.response(&mut reply(&text), &mut plain));
        let exchange = Exchange::new(CHAT);
        let mut filter = policy.filter(&Channel::new(CHAT, TextKind::Content), &exchange).unwrap();
        let streamed = stream(&mut filter, &cut(&text, &cuts));
        prop_assert_eq!(streamed.stopped.clone().unwrap_or_default(), message);
        prop_assert_eq!(verdict == "block", streamed.stopped.is_some());
        prop_assert_eq!(findings(&plain), findings(&exchange));
    }
}

/// More encoded text than is decoded within the bounds.
fn too_much() -> String {
    [
        "VGhlIHJpdmVyIHdhcyBzbG93IHRoYXQgd2ludGVyLCBhbmQgbm90aGluZyBtb3ZlZCBiZXR3ZWVu\n",
        "7h3 r1v3r w45 5l0w 7h47 w1n73r, 4nd n07h1n6 m0v3d\n",
        "T h e   r i v e r   w a s   s l o w\n",
        "Gur evire jnf fybj gung jvagre, naq abguvat zbirq orgjrra gur oevqtrf\n",
        "%54%68%65%20%72%69%76%65%72%20%77%61%73\n",
    ]
    .concat()
    .repeat(60)
}

#[test]
fn what_was_not_looked_at_as_a_whole_is_flagged_and_refused_if_that_is_wanted() {
    let text = too_much();
    let scan = detector(&SafetyConfig::new()).scan(&text);
    assert!(!scan.is_complete);
    let (verdict, _, found) = asked(&SafetyConfig::new(), &[&text]);
    assert_eq!(verdict, "flag");
    assert_eq!(found, [("incomplete".to_owned(), 1)]);

    let closed = SafetyConfig::new().incomplete(SafetyAction::Block);
    let (verdict, message, _) = asked(&closed, &[&text]);
    assert_eq!(verdict, "block");
    assert_eq!(
        message,
        "The request holds more encoded text than can be looked at."
    );
    let (verdict, _, found) = asked(&closed, &["hello"]);
    assert_eq!((verdict, found.len()), ("allow", 0));
}
