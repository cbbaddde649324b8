use serde_json::{Value as Json, json};

use super::*;

fn converted(reply: Json) -> Json {
    let message = message(&reply.to_string().into()).unwrap();
    serde_json::from_slice(&message).unwrap()
}

fn of_message(message: Json, finish_reason: &str) -> Json {
    converted(json!({"id": "chatcmpl-r1", "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}]}))
}

#[test]
fn thoughts_text_and_tool_calls_become_blocks_in_this_order() {
    let message = of_message(
        json!({
            "role": "assistant",
            "content": "Let me look.",
            "reasoning_content": "The user wants weather.",
            "tool_calls": [
                {"id": "call_1", "type": "function",
                 "function": {"name": "weather", "arguments": "{\"city\": \"Bern\"}"}},
                {"id": "call_2", "type": "function", "function": {"name": "time", "arguments": ""}},
            ],
        }),
        "tool_calls",
    );
    assert_eq!(
        message["content"],
        json!([
            {"type": "thinking", "thinking": "The user wants weather.", "signature": ""},
            {"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Bern"}},
            {"type": "tool_use", "id": "call_2", "name": "time", "input": {}},
        ])
    );
    assert_eq!(message["stop_reason"], "tool_use");
    assert_eq!(message["type"], "message");
    assert_eq!(message["role"], "assistant");
    assert_eq!(message["id"], "msg_r1");
}

#[test]
fn the_input_of_a_tool_keeps_its_bytes() {
    let arguments = r#"{ "b": 1.0, "a": 1e2, "b": "\u00e9" }"#;
    let reply = json!({"choices": [{"message": {"tool_calls": [
        {"id": "c", "function": {"name": "f", "arguments": arguments}}]}}]});
    let message = message(&reply.to_string().into()).unwrap();
    let text = std::str::from_utf8(&message).unwrap();
    assert!(
        text.contains(&format!(r#""input":{arguments}}}"#)),
        "{text}"
    );
}

#[test]
fn arguments_that_are_no_object_are_kept_as_text() {
    for arguments in ["{\"city\": ", "[1]", "\"Bern\"", "nul", "oops"] {
        assert_eq!(
            tool_input(arguments),
            json!({ "_raw": arguments }).to_string(),
        );
    }
    let deep = format!("{}1{}", "{\"a\":".repeat(110), "}".repeat(110));
    assert!(tool_input(&deep).starts_with(r#"{"_raw":"#));
    assert_eq!(tool_input(" {} "), "{}");
    assert_eq!(tool_input(" "), "{}");
    // What some models say where there is nothing to say.
    assert_eq!(tool_input("null"), "{}");
}

#[test]
fn arguments_that_are_an_object_already_stay_one() {
    let message = of_message(
        json!({"tool_calls": [{"function": {"name": "f", "arguments": {"x": 1}}}, {}]}),
        "stop",
    );
    assert_eq!(
        message["content"],
        json!([
            {"type": "tool_use", "id": "toolu_r1_0", "name": "f", "input": {"x": 1}},
            {"type": "tool_use", "id": "toolu_r1_1", "name": "", "input": {}},
        ])
    );
}

#[test]
fn a_legacy_function_call_is_a_tool_call() {
    let message = of_message(
        json!({"content": null, "function_call": {"name": "f", "arguments": "{}"}}),
        "function_call",
    );
    assert_eq!(
        message["content"],
        json!([{"type": "tool_use", "id": "toolu_r1_0", "name": "f", "input": {}}])
    );
    assert_eq!(message["stop_reason"], "tool_use");
}

#[test]
fn finish_reasons_have_their_counterparts() {
    for (finish_reason, stop_reason) in [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("content_filter", "refusal"),
        ("something new", "end_turn"),
        // Says that it calls tools, and calls none.
        ("tool_calls", "end_turn"),
    ] {
        let message = of_message(json!({"content": "Hi"}), finish_reason);
        assert_eq!(message["stop_reason"], stop_reason, "{finish_reason}");
        assert_eq!(message["stop_sequence"], Json::Null);
    }
    // Calls a tool and says that it just stopped.
    let calls = json!({"tool_calls": [{"id": "c", "function": {"name": "f"}}]});
    assert_eq!(of_message(calls.clone(), "stop")["stop_reason"], "tool_use");
    assert_eq!(of_message(calls, "length")["stop_reason"], "max_tokens");
}

#[test]
fn a_refusal_is_text_with_a_stop_reason_of_its_own() {
    for refused in [
        json!({"content": null, "refusal": "I cannot help with that."}),
        json!({"content": [{"type": "refusal", "refusal": "I cannot help with that."}]}),
    ] {
        let message = of_message(refused, "stop");
        assert_eq!(
            message["content"],
            json!([{"type": "text", "text": "I cannot help with that."}])
        );
        assert_eq!(message["stop_reason"], "refusal");
    }
}

#[test]
fn parts_are_blocks_and_an_empty_reply_has_none() {
    let parts = json!([{"type": "text", "text": "a"}, {"type": "text", "text": ""}, {"type": "text", "text": "b"}]);
    assert_eq!(
        of_message(json!({ "content": parts }), "stop")["content"],
        json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])
    );
    for empty in [json!({}), json!({"content": null}), json!({"content": ""})] {
        assert_eq!(of_message(empty, "stop")["content"], json!([]));
    }
}

#[test]
fn other_gateways_call_thoughts_reasoning() {
    let message = of_message(json!({"reasoning": "hm", "content": "Hi"}), "stop");
    assert_eq!(message["content"][0]["thinking"], "hm");
    let both = of_message(json!({"reasoning": "a", "reasoning_content": "b"}), "stop");
    assert_eq!(both["content"].as_array().unwrap().len(), 1);
    assert_eq!(both["content"][0]["thinking"], "b");
    let empty = of_message(json!({"reasoning": "a", "reasoning_content": ""}), "stop");
    assert_eq!(empty["content"][0]["thinking"], "a");
}

#[test]
fn half_a_character_is_no_reason_to_lose_the_reply() {
    let reply = br#"{"choices":[{"message":{"content":"Hi \ud83d"}}]}"#;
    let message = message(&Bytes::from_static(reply)).unwrap();
    let message: Json = serde_json::from_slice(&message).unwrap();
    assert_eq!(message["content"][0]["text"], "Hi \u{fffd}");
}

#[test]
fn cached_tokens_are_counted_apart() {
    let usage = |usage: Json| converted(json!({"choices": [{}], "usage": usage}))["usage"].clone();
    assert_eq!(
        usage(
            json!({"prompt_tokens": 71, "completion_tokens": 24, "total_tokens": 95,
            "prompt_tokens_details": {"cached_tokens": 64}})
        ),
        json!({"input_tokens": 7, "cache_read_input_tokens": 64,
            "cache_creation_input_tokens": 0, "output_tokens": 24})
    );
    assert_eq!(
        usage(Json::Null),
        json!({"input_tokens": 0, "cache_read_input_tokens": 0,
            "cache_creation_input_tokens": 0, "output_tokens": 0})
    );
}

#[test]
fn a_reply_that_failed_is_an_error_although_it_has_choices() {
    let of = |reply: Json| message(&reply.to_string().into()).unwrap_err();
    let said = json!({"message": {"content": "x"}, "finish_reason": "stop"});
    let slow = json!({"message": "Slow down.", "code": 429});
    assert_eq!(of(json!({"choices": [said], "error": slow})).status(), 429);
    let failed = json!({"message": {"content": "x"}, "finish_reason": "error", "error": slow});
    let error = of(json!({"choices": [failed]}));
    assert_eq!(
        (error.status().as_u16(), error.message()),
        (429, "Slow down.")
    );
    let unexplained = json!({"message": {"content": "x"}, "finish_reason": "error"});
    assert_eq!(of(json!({"choices": [unexplained]})).status(), 502);
}

#[test]
fn a_reply_without_an_id_is_named_by_its_time() {
    let message = converted(json!({"created": 1700000000, "id": "", "choices": [
        {"message": {"tool_calls": [{"function": {"name": "f"}}]}}]}));
    assert_eq!(message["id"], "msg_1700000000");
    assert_eq!(message["content"][0]["id"], "toolu_1700000000_0");
}

#[test]
fn what_is_no_chat_completion_is_a_502() {
    for reply in [
        "",
        "<html>",
        "[]",
        "{}",
        r#"{"choices":[]}"#,
        r#"{"choices":null}"#,
    ] {
        let error = message(&Bytes::from_static(reply.as_bytes())).unwrap_err();
        assert_eq!(error.status(), 502, "{reply}");
    }
    let error = message(&Bytes::from_static(
        br#"{"error":{"message":"slow down","code":429}}"#,
    ));
    let error = error.unwrap_err();
    assert_eq!(error.status(), 429);
    assert_eq!(error.message(), "slow down");
}
