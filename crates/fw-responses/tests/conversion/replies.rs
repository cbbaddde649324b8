//! Whole replies as response objects.

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_responses::{ResponseStatus, chat_request, response};
use serde_json::{Value, json};

use crate::{parse, replied, request};

#[test]
fn a_reply_becomes_items() {
    let request = request(json!({
        "model": "asked", "input": "x", "metadata": {"a": "b"}, "max_output_tokens": 5,
        "tools": [{"type": "function", "name": "f"}],
    }));
    let reply = json!({
        "id": "c", "model": "the-model", "created": 5,
        "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {
            "role": "assistant", "content": "text", "reasoning_content": "hm",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}},
                {"type": "function", "function": {"name": "f", "arguments": {"b": 2}}},
            ],
        }}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
    });
    let response = response(&Bytes::from(reply.to_string()), &request, "resp_fw1", 9).unwrap();
    assert_eq!(response.status(), ResponseStatus::Completed);
    assert_eq!(response.output_items().len(), 4);
    let json = parse(response.json());
    assert_eq!(
        json["output"],
        json!([
            {"type": "reasoning", "id": "rs_fw1_0", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]},
            {"type": "message", "id": "msg_fw1_1", "status": "completed", "role": "assistant",
             "content": [{"type": "output_text", "text": "text", "annotations": [], "logprobs": []}]},
            {"type": "function_call", "id": "fc_fw1_2", "status": "completed", "call_id": "c1", "name": "f", "arguments": "{\"a\":1}"},
            {"type": "function_call", "id": "fc_fw1_3", "status": "completed", "call_id": "call_fw1_1", "name": "f", "arguments": "{\"b\":2}"},
        ])
    );
    for (key, value) in [
        ("id", json!("resp_fw1")),
        ("object", json!("response")),
        ("created_at", json!(9)),
        ("model", json!("the-model")),
        ("status", json!("completed")),
        ("error", Value::Null),
        ("incomplete_details", Value::Null),
        ("metadata", json!({"a": "b"})),
        ("max_output_tokens", json!(5)),
        ("tools", json!([{"type": "function", "name": "f"}])),
        ("tool_choice", json!("auto")),
        ("parallel_tool_calls", json!(true)),
        ("store", json!(true)),
        ("text", json!({"format": {"type": "text"}})),
        ("truncation", json!("disabled")),
    ] {
        assert_eq!(json[key], value, "{key}");
    }
    assert_eq!(
        json["usage"],
        json!({
            "input_tokens": 3, "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 4, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 7,
            "prompt_tokens": 3, "prompt_tokens_details": {"cached_tokens": 0}, "completion_tokens": 4,
        })
    );
}

#[test]
fn a_response_repeats_its_request_on_one_line() {
    let body = "{\"input\":\"x\",\n\"text\": {\n\"verbosity\" : \"low\"},\"metadata\":{ \"a b\":\r\n\"c\" }}";
    let body = Bytes::from_static(body.as_bytes());
    let request = chat_request(&body, &[], &mut ParamsChanges::default()).unwrap();
    let reply = Bytes::from_static(br#"{"choices":[{"message":{"content":"a"}}]}"#);
    let response = response(&reply, &request, "r", 1).unwrap();
    assert!(!response.json().contains(&b'\n') && !response.json().contains(&b'\r'));
    let json = parse(response.json());
    assert_eq!(
        json["text"],
        json!({"format": {"type": "text"}, "verbosity": "low"})
    );
    assert_eq!(json["metadata"], json!({"a b": "c"}));
}

#[test]
fn a_reply_that_is_cut_short_is_incomplete() {
    for (finish, reason) in [
        ("length", "max_output_tokens"),
        ("content_filter", "content_filter"),
    ] {
        let (json, status) = replied(json!({"content": "te"}), finish);
        assert_eq!(status, ResponseStatus::Incomplete);
        assert_eq!(json["status"], "incomplete");
        assert_eq!(json["incomplete_details"], json!({"reason": reason}));
        assert_eq!(json["output"][0]["status"], "incomplete");
        assert_eq!(json["usage"], Value::Null);
    }
}

#[test]
fn a_refusal_is_a_part() {
    let (json, _) = replied(json!({"content": null, "refusal": "No."}), "stop");
    let part = json!([{"type": "refusal", "refusal": "No."}]);
    assert_eq!(json["output"][0]["content"], part);
}

#[test]
fn nothing_said_is_no_item() {
    let (json, status) = replied(json!({"content": "", "tool_calls": []}), "stop");
    assert_eq!(json["output"], json!([]));
    assert_eq!(status, ResponseStatus::Completed);
}

#[test]
fn other_spellings_of_replies_are_read() {
    let message = json!({
        "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        "reasoning": "hm",
        "function_call": {"name": "f", "arguments": "{}"},
    });
    let (json, _) = replied(message, "function_call");
    assert_eq!(json["output"][0]["content"][0]["text"], "hm");
    assert_eq!(json["output"][1]["content"][0]["text"], "ab");
    assert_eq!(json["output"][2]["name"], "f");
}

#[test]
fn no_two_calls_share_an_id() {
    let call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let (json, _) = replied(json!({"tool_calls": [call, call]}), "tool_calls");
    assert_eq!(json["output"][0]["call_id"], "c");
    assert_eq!(json["output"][1]["call_id"], "call_fw1_1");
}

#[test]
fn what_is_no_completion_is_the_upstreams_fault() {
    let request = request(json!({"input": "x"}));
    for reply in [
        "",
        "<html>",
        "{}",
        r#"{"choices":[]}"#,
        r#"{"choices":[{"index":0}]}"#,
    ] {
        let reply = Bytes::from_static(reply.as_bytes());
        let error = response(&reply, &request, "r", 1).unwrap_err();
        assert_eq!(error.status(), 502);
    }
    let reply = Bytes::from_static(br#"{"error":{"message":"Too many.","code":429}}"#);
    let error = response(&reply, &request, "r", 1).unwrap_err();
    assert_eq!(
        (error.status().as_u16(), error.message()),
        (429, "Too many.")
    );
}

#[test]
fn nothing_shows_what_was_said() {
    let request = request(json!({"input": "secret", "model": "m"}));
    let reply = json!({"choices": [{"message": {"content": "secret"}}]});
    let response = response(&Bytes::from(reply.to_string()), &request, "r", 1).unwrap();
    let shown = format!("{request:?} {response:?} {:?}", request.input_items());
    assert!(!shown.contains("secret"), "{shown}");
}

/// As in a stream: nobody runs so many.
#[test]
fn calls_of_a_reply_are_bounded() {
    let reply = |calls: usize| {
        let call = json!({"type": "function", "function": {"name": "f", "arguments": "{}"}});
        let message = json!({"role": "assistant", "tool_calls": vec![call; calls]});
        let reply = json!({"choices": [{"message": message, "finish_reason": "tool_calls"}]});
        Bytes::from(reply.to_string())
    };
    let request = request(json!({"input": "x"}));
    let few = response(&reply(1024), &request, "resp_fw1", 1);
    assert_eq!(few.unwrap().output_items().len(), 1024);
    let error = response(&reply(1025), &request, "resp_fw1", 1).unwrap_err();
    assert_eq!(error.status(), 502);
    assert_eq!(error.error_code(), Some("response_too_large"));
}
