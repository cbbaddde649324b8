//! The policy on requests, plain replies and streamed replies.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that panics fails"
)]

mod support;

use fw_policy::{Exchange, Policy, Texts, Verdict};
use fw_policy_pii::{Action, AllowConfig, PiiConfig, PiiPolicy, RedactionConfig, TextField};
use fw_stream::Channel;
use fw_wire::{Direction, Endpoint, TextKind};
use proptest::prelude::*;
use support::{cut, letters, stream};

const CHAT: Endpoint = Endpoint::ChatCompletions;

fn policy(config: &PiiConfig) -> PiiPolicy {
    PiiPolicy::new(config).unwrap()
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

fn strings(texts: &Texts) -> Vec<String> {
    texts.iter().map(|text| text.as_str().to_owned()).collect()
}

/// Runs a streamed reply through the policy's filter.
fn streamed(policy: &PiiPolicy, exchange: &Exchange, pieces: &[&str]) -> Result<String, String> {
    let channel = Channel::new(CHAT, TextKind::Content);
    let mut filter = policy.filter(&channel, exchange).unwrap();
    stream(&mut filter, pieces)
}

#[test]
fn a_request_without_anything_is_allowed() {
    let mut exchange = Exchange::new(CHAT);
    let mut texts = request(&["hello"]);
    let verdict = policy(&PiiConfig::new()).request(&mut texts, &mut exchange);
    assert!(matches!(verdict, Verdict::Allow));
    assert!(exchange.findings().is_empty());
}

#[test]
fn redacted_findings_are_counted_by_type() {
    let mut exchange = Exchange::new(CHAT);
    let mut texts = request(&["ann@example.org or bob@example.org", "4111 1111 1111 1111"]);
    let verdict = policy(&PiiConfig::new()).request(&mut texts, &mut exchange);
    assert!(matches!(verdict, Verdict::Redact));
    assert_eq!(
        strings(&texts),
        [
            "[REDACTED:EMAIL] or [REDACTED:EMAIL]",
            "[REDACTED:CREDIT_CARD]"
        ]
    );
    let counts = exchange.findings().to_vec();
    assert_eq!(counts, [("EMAIL".into(), 2), ("CREDIT_CARD".into(), 1)]);
}

#[test]
fn without_metadata_nothing_is_counted() {
    let redaction = RedactionConfig::new().include_metadata(false);
    let mut exchange = Exchange::new(CHAT);
    let mut texts = request(&["ann@example.org"]);
    let policy = policy(&PiiConfig::new().redaction(redaction));
    assert!(matches!(
        policy.request(&mut texts, &mut exchange),
        Verdict::Redact
    ));
    assert!(exchange.findings().is_empty());
}

#[test]
fn a_block_names_types_and_no_values() {
    let policy = policy(&PiiConfig::new().action(Action::Block));
    let mut exchange = Exchange::new(CHAT);
    let mut texts = request(&["ann@example.org", "4111 1111 1111 1111"]);
    let Verdict::Block(denial) = policy.request(&mut texts, &mut exchange) else {
        panic!("not blocked");
    };
    let message = denial.message();
    assert!(message.contains("EMAIL, CREDIT_CARD"), "{message}");
    assert!(!message.contains("ann") && !message.contains("4111"));
    let mut texts = reply("to ann@example.org");
    let verdict = policy.response(&mut texts, &mut exchange);
    assert!(matches!(verdict, Verdict::Block(_)));
}

#[test]
fn a_block_ends_a_stream_before_the_value() {
    let policy = policy(&PiiConfig::new().action(Action::Block));
    let exchange = Exchange::new(CHAT);
    let message = streamed(&policy, &exchange, &["mail an", "n@example", ".org now"]).unwrap_err();
    assert!(
        message.contains("EMAIL") && !message.contains("ann"),
        "{message}"
    );
    let clean = streamed(&policy, &exchange, &["nothing ", "here"]);
    assert_eq!(clean.unwrap(), "nothing here");
}

#[test]
fn a_flag_changes_nothing_and_counts() {
    let policy = policy(&PiiConfig::new().action(Action::Flag));
    let mut exchange = Exchange::new(CHAT);
    let mut texts = request(&["ann@example.org"]);
    assert!(matches!(
        policy.request(&mut texts, &mut exchange),
        Verdict::Flag
    ));
    assert_eq!(strings(&texts), ["ann@example.org"]);
    let sent = streamed(&policy, &exchange, &["to bob@exa", "mple.org"]).unwrap();
    assert_eq!(sent, "to bob@example.org");
    assert_eq!(exchange.findings().to_vec(), [("EMAIL".into(), 2)]);
}

#[test]
fn each_direction_can_be_switched_off() {
    let mut exchange = Exchange::new(CHAT);
    let replies = policy(&PiiConfig::new().request(false));
    let mut texts = request(&["ann@example.org"]);
    assert!(matches!(
        replies.request(&mut texts, &mut exchange),
        Verdict::Allow
    ));
    assert!(replies.has_response());
    let requests = policy(&PiiConfig::new().response(false));
    assert!(!requests.has_response());
    let mut texts = reply("ann@example.org");
    assert!(matches!(
        requests.response(&mut texts, &mut exchange),
        Verdict::Allow
    ));
    let channel = Channel::new(CHAT, TextKind::Content);
    assert!(requests.filter(&channel, &exchange).is_none());
}

#[test]
fn what_is_allowed_is_let_alone() {
    let allow = AllowConfig::new()
        .value("help@example.org")
        .pattern(r"[a-z]+@example\.com")
        .field(TextField::Reasoning);
    let policy = policy(&PiiConfig::new().allow(allow));
    let mut exchange = Exchange::new(CHAT);
    let mut texts = request(&["help@example.org ann@example.com ann@example.org"]);
    let _ = policy.request(&mut texts, &mut exchange);
    assert_eq!(
        strings(&texts),
        ["help@example.org ann@example.com [REDACTED:EMAIL]"]
    );
    let reasoning = Channel::new(CHAT, TextKind::Reasoning);
    assert!(policy.filter(&reasoning, &exchange).is_none());
}

fn pseudonymizing(restore: bool) -> PiiPolicy {
    let redaction = RedactionConfig::new().restore(restore);
    policy(
        &PiiConfig::new()
            .action(Action::Pseudonymize)
            .redaction(redaction),
    )
}

#[test]
fn one_value_has_one_number_in_all_texts() {
    let policy = pseudonymizing(false);
    let mut exchange = Exchange::new(CHAT);
    let mut texts = request(&[
        "ann@example.org and bob@example.org",
        "4111 1111 1111 1111",
        "again ANN@example.org, 4111-1111-1111-1111",
    ]);
    let _ = policy.request(&mut texts, &mut exchange);
    assert_eq!(
        strings(&texts),
        [
            "[EMAIL_1] and [EMAIL_2]",
            "[CREDIT_CARD_1]",
            "again [EMAIL_1], [CREDIT_CARD_1]"
        ]
    );
}

#[test]
fn a_conversation_that_goes_on_keeps_its_numbers() {
    let policy = pseudonymizing(false);
    let history = ["to ann@example.org", "cc bob@example.org"];
    let mut first = request(&history);
    let _ = policy.request(&mut first, &mut Exchange::new(CHAT));
    let mut next = request(&[history[0], history[1], "bcc eve@example.org"]);
    let _ = policy.request(&mut next, &mut Exchange::new(CHAT));
    assert_eq!(strings(&next)[..2], strings(&first));
    assert_eq!(strings(&next)[2], "bcc [EMAIL_3]");
}

#[test]
fn without_restore_a_reply_keeps_its_placeholders() {
    let policy = pseudonymizing(false);
    let mut exchange = Exchange::new(CHAT);
    let _ = policy.request(&mut request(&["ann@example.org"]), &mut exchange);
    // A value that the request held is known by its placeholder, another one by a marker.
    let content = "[EMAIL_1] is ann@example.org, not bob@example.org";
    let expected = "[EMAIL_1] is [EMAIL_1], not [REDACTED:EMAIL]";
    let mut texts = reply(content);
    assert!(matches!(
        policy.response(&mut texts, &mut exchange),
        Verdict::Redact
    ));
    assert_eq!(strings(&texts), [expected]);
    let sent = streamed(&policy, &exchange, &letters(content)).unwrap();
    assert_eq!(sent, expected);
}

#[test]
fn with_restore_the_user_sees_what_the_user_sent() {
    let policy = pseudonymizing(true);
    let mut exchange = Exchange::new(CHAT);
    let mut question = request(&["Write to Ann@example.org"]);
    let _ = policy.request(&mut question, &mut exchange);
    assert_eq!(strings(&question), ["Write to [EMAIL_1]"]);
    let content =
        "Sent to [EMAIL_1] ([email_1], ann@example.org), not [EMAIL_2] or bob@example.org";
    let expected = "Sent to Ann@example.org (Ann@example.org, ann@example.org), not [EMAIL_2] or [REDACTED:EMAIL]";
    let mut texts = reply(content);
    let _ = policy.response(&mut texts, &mut exchange);
    assert_eq!(strings(&texts), [expected]);
    assert_eq!(
        streamed(&policy, &exchange, &letters(content)).unwrap(),
        expected
    );
}

#[test]
fn a_bracket_waits_only_for_what_can_become_a_placeholder() {
    let policy = pseudonymizing(true);
    let mut exchange = Exchange::new(CHAT);
    let _ = policy.request(&mut request(&["ann@example.org"]), &mut exchange);
    let channel = Channel::new(CHAT, TextKind::Content);
    let settled = |text: &str| {
        let mut filter = policy.filter(&channel, &exchange).unwrap();
        let window = fw_stream::Window::new(text, 0, 0, false);
        match filter.scan(&window, &mut fw_stream::Edits::new()) {
            fw_stream::Scan::Settled(settled) => settled,
            fw_stream::Scan::Stop(_) => panic!("stopped"),
        }
    };
    assert_eq!(settled("see [EMA"), 4);
    assert_eq!(settled("see [1] "), 8);
    assert_eq!(settled("see [EMAILS "), 12);
}

#[test]
fn arguments_of_tools_stay_json() {
    let policy = pseudonymizing(true);
    let mut exchange = Exchange::new(CHAT);
    let _ = policy.request(&mut request(&["ann@example.org"]), &mut exchange);
    let arguments = r#"{"to":"[EMAIL_1]","cc":["bob@example.org"],"n":12}"#;
    let call = serde_json::json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}});
    let message = serde_json::json!({"role": "assistant", "content": null, "tool_calls": [call]});
    let body = serde_json::json!({"choices": [{"index": 0, "message": message}]});
    let mut texts = Texts::parse(CHAT, Direction::Reply, body.to_string()).unwrap();
    let _ = policy.response(&mut texts, &mut exchange);
    let arguments = strings(&texts)
        .into_iter()
        .find(|text| text.starts_with('{'));
    let arguments: serde_json::Value = serde_json::from_str(&arguments.unwrap()).unwrap();
    let expected =
        serde_json::json!({"to": "ann@example.org", "cc": ["[REDACTED:EMAIL]"], "n": 12});
    assert_eq!(arguments, expected);
}

#[test]
fn two_policies_share_their_numbers() {
    let pattern = |pattern: &str| {
        let config = PiiConfig::new()
            .action(Action::Pseudonymize)
            .entities([fw_policy_pii::Entity::Mac]);
        policy(&config.detect_pattern(pattern))
    };
    let mut exchange = Exchange::new(CHAT);
    let mut texts = request(&["A-12 and B-34"]);
    let _ = pattern(r"A-\d{2}").request(&mut texts, &mut exchange);
    let _ = pattern(r"B-\d{2}").request(&mut texts, &mut exchange);
    assert_eq!(strings(&texts), ["[CUSTOM_1] and [CUSTOM_2]"]);
}

#[test]
fn debug_shows_no_text() {
    let policy = pseudonymizing(true);
    let mut exchange = Exchange::new(CHAT);
    let _ = policy.request(&mut request(&["ann@example.org"]), &mut exchange);
    let channel = Channel::new(CHAT, TextKind::Content);
    let filter = policy.detector().filter();
    let shown = format!(
        "{policy:?} {exchange:?} {filter:?} {:?}",
        policy.detector().redact("ann@example.org")
    );
    assert!(!shown.contains("ann"), "{shown}");
    assert!(policy.filter(&channel, &exchange).is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Placeholders in a reply, in any pieces, give the values back, and the result is that of the whole.
    #[test]
    fn restoring_does_not_depend_on_cuts(
        content in r"([a-z ]{0,6}|\[EMAIL_[1-3]\]|\[|EMAIL_1\]|\[PHONE_1\]|\[\[| (ann|bob|eve)@example\.org |[\[\]_1] ?){0,12}",
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..16),
        restore in any::<bool>(),
    ) {
        let policy = pseudonymizing(restore);
        let mut exchange = Exchange::new(CHAT);
        let mut question = request(&["ann@example.org bob@example.org +49 30 1234567"]);
        let _ = policy.request(&mut question, &mut exchange);
        let whole = streamed(&policy, &exchange, &[&content]).unwrap();
        let pieces = streamed(&policy, &exchange, &cut(&content, &cuts)).unwrap();
        prop_assert_eq!(&pieces, &whole);
        let single = streamed(&policy, &exchange, &letters(&content)).unwrap();
        prop_assert_eq!(&single, &whole);
        prop_assert!(!whole.contains("eve@example.org"));
        if restore {
            prop_assert!(!whole.contains("[EMAIL_1]") && !whole.contains("[EMAIL_2]"));
        }
    }
}
