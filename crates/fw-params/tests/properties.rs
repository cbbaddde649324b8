//! What holds for every request: fields without a rule keep their bytes, converting twice is
//! converting once, and a hostile body does no harm.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use fw_params::{Fireworks, OpenAi, ParamsLayer, PromptCacheKey, UnknownFields};
use fw_wire::Endpoint;
use proptest::prelude::*;

/// JSON values in spellings that a re-encoder would change.
fn odd_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("1.50e+0".to_owned()),
        Just("-0".to_owned()),
        Just("123456789012345678901234567890".to_owned()),
        Just(r#""\u0041\/b\t\ud83d\ude00""#.to_owned()),
        Just("true".to_owned()),
        Just("null".to_owned()),
        "[a-z é]{0,6}".prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|items| format!("[ {} ]", items.join(" , "))),
            prop::collection::vec(("[a-z]{1,3}", inner), 0..3).prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(key, value)| format!("\"{key}\" :{value}"))
                    .collect();
                format!("{{{}\t}}", members.join(",\n"))
            }),
        ]
    })
}

/// Fields that pass on chat whatever their value, `null` aside.
const KEPT: [&str; 6] = [
    "seed",
    "stop",
    "logit_bias",
    "prediction",
    "response_format",
    "top_k",
];

/// Members that a rule changes, with values that make it.
fn changed_member() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        r#""store":true"#,
        r#""max_completion_tokens":5"#,
        r#""max_tokens":9000"#,
        r#""temperature":9"#,
        r#""stream":true"#,
        r#""stream_options":{"include_obfuscation":true}"#,
        r#""prompt_cache_key":"k""#,
        r#""safety_identifier":"s""#,
        r#""user":"u""#,
        r#""reasoning_effort":"minimal""#,
        r#""reasoning":{"effort":"high"}"#,
        r#""thinking":{"type":"disabled"}"#,
        r#""functions":[{"name":"f"}]"#,
        r#""function_call":{"name":"f"}"#,
        r#""tools":[{"type":"function","function":{"name":"f","x":1}}]"#,
        r#""tool_choice":"auto""#,
        r#""n":null"#,
        r#""logprobs":9"#,
        r#""service_tier":"scale""#,
        r#""metadata":{"a":1}"#,
        r#""made_up":[1]"#,
    ])
    .prop_map(str::to_owned)
}

fn message() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        r#"{"role":"system","content":"s"}"#,
        r#"{"role":"developer","content":[{"type":"text","text":"d","cache_control":{}}]}"#,
        r#"{"role":"user","content":"u","name":"n"}"#,
        r#"{"role":"assistant","content":"a","refusal":null,"reasoning":"r"}"#,
        r#"{"role":"assistant","function_call":{"name":"f","arguments":"{}"}}"#,
        r#"{"role":"function","name":"f","content":"1"}"#,
        r#"{"role":"tool","tool_call_id":"1","content":"x"}"#,
    ])
    .prop_map(str::to_owned)
}

fn layers() -> Vec<ParamsLayer> {
    vec![
        ParamsLayer::new(Fireworks).model("x"),
        ParamsLayer::new(Fireworks)
            .model("x")
            .unknown_fields(UnknownFields::Forward)
            .prompt_cache_key(PromptCacheKey::Native),
        ParamsLayer::new(OpenAi).model("gpt-4o"),
    ]
}

proptest! {
    #[test]
    fn fields_without_a_rule_keep_their_bytes(
        values in prop::collection::vec(odd_json(), KEPT.len()),
        mut others in prop::collection::vec(changed_member(), 0..8),
        messages in prop::collection::vec(message(), 0..5),
        order in any::<prop::sample::Index>(),
    ) {
        let kept: Vec<String> = KEPT
            .iter()
            .zip(&values)
            .filter(|(_, value)| *value != "null")
            .map(|(key, value)| format!("\"{key}\" : {value}"))
            .collect();
        others.sort();
        others.dedup();
        let mut members = kept.clone();
        members.extend(others);
        members.push(format!("\"messages\":[{}]", messages.join(", ")));
        let at = order.index(members.len());
        members.rotate_left(at);
        let body = format!("{{{}}}", members.join(" ,"));
        for endpoint in [Endpoint::ChatCompletions, Endpoint::Completions] {
            let layer = ParamsLayer::new(Fireworks).model("x");
            let request = layer.convert_request(endpoint, body.clone()).unwrap();
            let sent = std::str::from_utf8(request.body()).unwrap();
            for member in &kept {
                prop_assert!(sent.contains(member.as_str()), "{member} in {sent}");
            }
            prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(sent).is_ok(), "{sent}");
        }
    }

    #[test]
    fn converting_twice_is_converting_once(
        mut members in prop::collection::vec(changed_member(), 0..10),
        messages in prop::collection::vec(message(), 0..6),
        model in prop::sample::select(vec!["x", "fireworks/x-fast", "a/b", ""]),
    ) {
        members.push(format!("\"messages\":[{}]", messages.join(",")));
        members.push(format!("\"model\":\"{model}\""));
        let body = format!("{{{}}}", members.join(","));
        for layer in layers() {
            for endpoint in Endpoint::ALL {
                let Ok(once) = layer.convert_request(endpoint, body.clone()) else { continue };
                let twice = layer.convert_request(endpoint, once.body().clone());
                let twice = twice.unwrap();
                prop_assert_eq!(once.body(), twice.body());
                prop_assert!(twice.changes().is_empty(), "{}", twice.changes());
            }
        }
    }

    #[test]
    fn what_goes_upstream_is_json_whatever_the_client_sends(
        values in prop::collection::vec(odd_json(), 6),
        keys in prop::sample::subsequence(
            vec![
                "model", "messages", "tools", "tool_choice", "functions", "function_call",
                "stream", "stream_options", "max_tokens", "max_completion_tokens", "reasoning",
                "reasoning_effort", "thinking", "metadata", "input", "system", "prompt_cache_key",
                "encoding_format", "output_config", "logprobs",
            ],
            6,
        ),
    ) {
        let members: Vec<_> =
            keys.iter().zip(&values).map(|(key, value)| format!("\"{key}\":{value}")).collect();
        let body = format!("{{{}}}", members.join(","));
        for layer in layers() {
            for endpoint in Endpoint::ALL {
                if let Ok(request) = layer.convert_request(endpoint, body.clone()) {
                    let sent = request.body();
                    let json: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(sent);
                    prop_assert!(json.is_ok(), "{body} -> {sent:?}");
                    if request.changes().is_empty() {
                        prop_assert_eq!(sent.as_ref(), body.as_bytes());
                    }
                    let again = layer.convert_request(endpoint, sent.clone()).unwrap();
                    prop_assert_eq!(sent, again.body(), "{} converted twice", body);
                    let header = request.changes().to_header();
                    prop_assert!(header.is_none_or(|header| header.len() < 1100));
                }
            }
        }
    }

    #[test]
    fn any_bytes_get_an_answer(body in prop::collection::vec(any::<u8>(), 0..200)) {
        for layer in layers() {
            let _ = layer.convert_request(Endpoint::ChatCompletions, body.clone());
        }
    }
}
