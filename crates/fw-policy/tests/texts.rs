//! Texts of bodies: what a policy sees, and what its changes leave alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use bytes::Bytes;
use fw_policy::Texts;
use fw_stream::Edits;
use fw_wire::{Direction, Endpoint, Role, TextKind};
use proptest::prelude::*;
use support::Replace;

use Direction::{Reply, Request};
use Endpoint::{ChatCompletions, Completions, Messages, Responses};

fn seen(endpoint: Endpoint, direction: Direction, body: &'static str) -> Vec<String> {
    let texts = Texts::parse(endpoint, direction, body).unwrap();
    texts.iter().map(|text| text.as_str().to_owned()).collect()
}

/// The body with one word replaced by another.
fn replaced(
    endpoint: Endpoint,
    direction: Direction,
    body: &'static str,
    replace: Replace,
) -> Bytes {
    let mut texts = Texts::parse(endpoint, direction, body).unwrap();
    texts.filter(|_| Some(replace)).unwrap();
    texts.finish()
}

// === what is seen ===

#[test]
fn texts_are_decoded_and_say_who_speaks() {
    let body = r#"{"messages":[{"role":"system","content":"caf\u00e9\n"},{"role":"tool","content":[{"type":"text","text":"ok"}]}]}"#;
    let texts = Texts::parse(ChatCompletions, Request, body).unwrap();
    let seen: Vec<_> = texts
        .iter()
        .map(|text| (text.kind(), text.role(), text.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (TextKind::Content, Some(Role::System), "café\n"),
            (TextKind::ToolResult, Some(Role::Tool), "ok"),
        ]
    );
    assert_eq!(
        (texts.endpoint(), texts.direction()),
        (ChatCompletions, Request)
    );
}

#[test]
fn arguments_are_one_text_with_their_inner_escapes_decoded() {
    assert_eq!(
        seen(
            ChatCompletions,
            Request,
            r#"{"messages":[{"tool_calls":[{"function":{"arguments":"{\"to\": \"\\u0061@b.example\", \"n\": 12}"}}]}]}"#,
        ),
        [r#"{"to": "a@b.example", "n": 12}"#]
    );
    // An object is the same text, so that keys and values are seen together.
    assert_eq!(
        seen(
            Messages,
            Request,
            r#"{"messages":[{"content":[{"type":"tool_use","input":{"to": "\u0061@b.example", "n": 12}},{"text":"after"}]}]}"#,
        ),
        [r#"{"to": "a@b.example", "n": 12}"#, "after"]
    );
}

#[test]
fn tokens_are_joined_and_listed() {
    assert_eq!(
        seen(
            ChatCompletions,
            Reply,
            r#"{"choices":[{"message":{"content":"hi"},"logprobs":{"content":[{"token":"h","top_logprobs":[{"token":"H"}]},{"token":"i"}]}}]}"#,
        ),
        ["hi", "hi", "h\nH\ni\n"]
    );
}

#[test]
fn empty_strings_are_no_texts_but_their_objects_are() {
    assert_eq!(
        seen(Completions, Request, r#"{"prompt":["","a",""]}"#),
        ["a"]
    );
    assert_eq!(
        seen(
            Messages,
            Request,
            r#"{"messages":[{"content":[{"type":"tool_use","input":{"":12}}]}]}"#,
        ),
        [r#"{"":12}"#]
    );
}

#[test]
fn nothing_of_a_text_is_shown_by_debug() {
    let texts = Texts::parse(Completions, Request, r#"{"prompt":"zqxjkvwy"}"#).unwrap();
    assert!(!format!("{texts:?}").contains("zqxj"));
}

// === what changes, and what does not ===

#[test]
fn what_no_edit_touches_keeps_its_spelling() {
    let body = r#"{ "prompt" : "caf\u00e9 \/ \"one\" \ud83d\ude00",  "n":1.0, "x":[1e2] }"#;
    assert_eq!(
        replaced(Completions, Request, body, Replace("one", "\"2\"\n")),
        r#"{ "prompt" : "caf\u00e9 \/ \"\"2\"\n\" \ud83d\ude00",  "n":1.0, "x":[1e2] }"#
    );
    let untouched = replaced(Completions, Request, body, Replace("two", "3"));
    assert_eq!(untouched.as_ptr(), body.as_ptr());
}

#[test]
fn both_levels_of_arguments_stay_json() {
    let body = r#"{"messages":[{"tool_calls":[{"function":{"arguments":"{\"pin\":1234,\"text\":\"pin 1234\"}"}}]}]}"#;
    assert_eq!(
        replaced(ChatCompletions, Request, body, Replace("1234", "\"\\")),
        r#"{"messages":[{"tool_calls":[{"function":{"arguments":"{\"pin\":\"\\\"\\\\\",\"text\":\"pin \\\"\\\\\"}"}}]}]}"#
    );
    let body = r#"{"messages":[{"content":[{"type":"tool_use","input":{"1234":[1234, true]}}]}]}"#;
    assert_eq!(
        replaced(Messages, Request, body, Replace("1234", "#")),
        r##"{"messages":[{"content":[{"type":"tool_use","input":{"#":["#", true]}}]}]}"##
    );
}

#[test]
fn changes_follow_one_another() {
    let body = r#"{"prompt":"\u0061 b"}"#;
    let mut texts = Texts::parse(Completions, Request, body).unwrap();
    for replace in [
        Replace("b", "\"\t\""),
        Replace("\t", "c"),
        Replace("\"c\"", "d"),
    ] {
        assert!(texts.filter(|_| Some(replace)).unwrap());
    }
    assert!(!texts.filter(|_| Some(Replace("d", "d"))).unwrap());
    assert_eq!(texts.finish(), r#"{"prompt":"\u0061 d"}"#);
}

#[test]
fn a_changed_choice_loses_what_spells_its_text_again() {
    let body = r#"{"choices":[
        {"index":0,"message":{"content":"one"},"logprobs":{"content":[{"token":"one"}]},"token_ids":[1]},
        {"index":1,"message":{"content":"two"},"logprobs":{"content":[{"token":"two"}]},"token_ids":[2]}],
        "prompt_token_ids":[3]}"#;
    assert_eq!(
        replaced(ChatCompletions, Reply, body, Replace("one", "#")),
        r##"{"choices":[
        {"index":0,"message":{"content":"#"},"logprobs":null,"token_ids":null},
        {"index":1,"message":{"content":"two"},"logprobs":{"content":[{"token":"two"}]},"token_ids":[2]}],
        "prompt_token_ids":[3]}"##
    );
}

#[test]
fn a_changed_echo_loses_the_prompt_s_token_ids() {
    let body = r#"{"choices":[{"text":"one and more","token_ids":[1]}],"prompt_token_ids":[2]}"#;
    assert_eq!(
        replaced(Completions, Reply, body, Replace("one", "#")),
        r##"{"choices":[{"text":"# and more","token_ids":null}],"prompt_token_ids":null}"##
    );
    let body = r#"{"choices":[{"message":{"content":"a"},"raw_output":{"prompt_fragments":["one"],"prompt_token_ids":[1],"completion_token_ids":[2]}}],"prompt_token_ids":[3]}"#;
    let changed = replaced(ChatCompletions, Reply, body, Replace("one", "#"));
    for ids in ["[1]", "[2]", "[3]"] {
        assert!(
            !changed.windows(3).any(|part| part == ids.as_bytes()),
            "{changed:?}"
        );
    }
}

#[test]
fn lists_of_log_probabilities_stay_lists() {
    let body = r#"{"output":[{"content":[{"text":"one","logprobs":[{"token":"one"}]},{"text":"two","logprobs":[{"token":"two"}]}]}]}"#;
    assert_eq!(
        replaced(Responses, Reply, body, Replace("one", "#")),
        r##"{"output":[{"content":[{"text":"#","logprobs":[]},{"text":"two","logprobs":[{"token":"two"}]}]}]}"##
    );
}

#[test]
fn a_body_that_is_no_json_is_one_text_or_none() {
    let mut texts = Texts::whole(ChatCompletions, Reply, "Sorry, one error").unwrap();
    assert!(texts.filter(|_| Some(Replace("one", "an"))).unwrap());
    assert_eq!(texts.finish(), "Sorry, an error");
    assert!(Texts::whole(ChatCompletions, Reply, &b"\xff"[..]).is_err());
    assert!(Texts::parse(ChatCompletions, Reply, "Sorry").is_err());
}

proptest! {
    /// However a string is spelt, a change of it is the change of its text, and the rest of the spelling
    /// stays.
    #[test]
    fn edits_of_a_string_are_edits_of_its_text(
        parts in prop::collection::vec((any::<char>(), 0..3_u8), 1..24),
        ranges in prop::collection::vec((0..80_usize, 0..12_usize), 0..4),
        with in "[a-z\"\\\\\n]{0,4}",
    ) {
        let text: String = parts.iter().map(|(c, _)| *c).collect();
        let mut spelt = String::new();
        for (c, spelling) in &parts {
            let must = *c < ' ' || matches!(c, '"' | '\\');
            if must || *spelling == 0 {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    spelt += &format!("\\u{unit:04x}");
                }
            } else {
                spelt.push(*c);
            }
        }
        let body = format!(r#"{{ "prompt" : "{spelt}" ,"n":1.0}}"#);
        let mut edits = Edits::new();
        let mut at = 0;
        for (skip, len) in ranges {
            let start = (at + skip).min(text.len());
            at = (start + len).min(text.len());
            edits.replace(start..at, with.clone());
        }
        let mut texts = Texts::parse(Completions, Request, body.clone()).unwrap();
        let expected = edits.apply(&text);
        let changed = texts.iter_mut().any(|text| text.apply(&edits));
        prop_assert_eq!(changed, expected != text);
        let out = texts.finish();
        if !changed {
            prop_assert_eq!(&out, &body);
        }
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        prop_assert_eq!(value["prompt"].as_str().unwrap(), expected);
        let kept = out.starts_with(b"{ \"prompt\" : \"") && out.ends_with(b"\" ,\"n\":1.0}");
        prop_assert!(kept, "the rest changed");
    }

    /// Whatever is edited in arguments, both levels stay JSON of the same structure.
    #[test]
    fn edits_of_arguments_leave_json(
        key in any::<String>(),
        value in any::<String>(),
        number in any::<i32>(),
        ranges in prop::collection::vec((0..40_usize, 0..30_usize), 1..4),
        with in any::<String>(),
    ) {
        let inner = serde_json::json!({ key: [value, number, null] }).to_string();
        let body = serde_json::json!({"choices":[{"message":{"tool_calls":[{"function":{"arguments": inner}}]}}]});
        let mut texts = Texts::parse(ChatCompletions, Reply, body.to_string()).unwrap();
        let mut edits = Edits::new();
        let mut at = 0;
        for (skip, len) in ranges {
            edits.replace(at + skip..at + skip + len, with.clone());
            at += skip + len;
        }
        for text in texts.iter_mut() {
            prop_assert!(text.is_json());
            text.apply(&edits);
        }
        let out: serde_json::Value = serde_json::from_slice(&texts.finish()).unwrap();
        let arguments = out["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
        let arguments: serde_json::Value = serde_json::from_str(arguments).unwrap();
        let members = arguments.as_object().unwrap();
        prop_assert_eq!(members.len(), 1);
        prop_assert_eq!(members.values().next().unwrap().as_array().unwrap().len(), 3);
    }
}
