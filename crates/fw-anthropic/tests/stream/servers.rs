//! What servers do that the API does not say.

use bytes::Bytes;
use fw_anthropic::MessageStream;
use serde_json::json;

use crate::{client::receive, convert, cut, delta, done, finish, run};

#[test]
fn an_empty_finish_reason_is_none() {
    let chunk = r#"{"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":""}]}"#;
    let usage = r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#;
    let received = receive(&convert(&cut(&[chunk, usage, chunk])));
    let error = received.error.expect("it broke off");
    assert_eq!(error["error"]["code"], "stream_truncated");

    let received = receive(&convert(&done(&[chunk, usage, chunk, &finish("length")])));
    assert_eq!(received.message["content"][0]["text"], "xx");
    assert_eq!(received.message["stop_reason"], "max_tokens");
}

#[test]
fn a_choice_that_failed_is_an_error() {
    let text = delta(r#"{"content":"x"}"#);
    for (failed, kind) in [
        (finish("error"), "api_error"),
        (
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"error","error":{"code":429,"message":"Slow down."}}]}"#
                .to_owned(),
            "rate_limit_error",
        ),
    ] {
        let received = receive(&convert(&done(&[&text, &failed])));
        assert!(!received.is_complete);
        assert_eq!(received.error.expect("an error")["error"]["type"], kind);
    }
}

#[test]
fn a_delta_that_is_null_does_not_hide_the_message() {
    let whole = r#"{"choices":[{"index":0,"delta":null,"message":{"content":"x"},"finish_reason":"stop"}]}"#;
    let message = receive(&convert(&done(&[whole]))).message;
    assert_eq!(message["content"], json!([{"type": "text", "text": "x"}]));
}

#[test]
fn empty_reasoning_does_not_hide_the_other() {
    let stream = done(&[
        &delta(r#"{"reasoning_content":"","reasoning":"hm"}"#),
        &delta(r#"{"content":"x"}"#),
        &finish("stop"),
    ]);
    let message = receive(&convert(&stream)).message;
    assert_eq!(message["content"][0]["thinking"], "hm");
}

#[test]
fn what_waits_is_bounded_in_number_too() {
    let call = r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}"#;
    let mut chunks = vec![delta(call)];
    for _ in 0..3000 {
        chunks.push(delta(r#"{"content":"a"}"#));
        chunks.push(delta(r#"{"reasoning_content":"b"}"#));
    }
    let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
    let patient = MessageStream::new().max_held_bytes(usize::MAX);
    let received = receive(&run(patient, [Ok(Bytes::from(done(&chunks)))]));
    assert!(received.error.is_some() && !received.is_complete);
}

#[test]
fn usage_may_stand_in_the_choice() {
    let last = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":3,"completion_tokens":1}}]}"#;
    let usage =
        receive(&convert(&done(&[&delta(r#"{"content":"x"}"#), last]))).message["usage"].clone();
    assert_eq!(
        (&usage["input_tokens"], &usage["output_tokens"]),
        (&json!(3), &json!(1))
    );
}

#[test]
fn a_reply_without_an_id_is_named_by_its_time() {
    let call = r#"{"created":1700000000,"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]}}]}"#;
    let message = receive(&convert(&done(&[call, &finish("tool_calls")]))).message;
    assert_eq!(message["id"], "msg_1700000000");
    assert_eq!(message["content"][0]["id"], "toolu_1700000000_0");
}

#[test]
fn calls_without_ids_at_one_index_are_told_apart_by_their_names() {
    let call = |name: &str, arguments: &str| {
        delta(&format!(
            r#"{{"tool_calls":[{{"index":0,"id":"","function":{{"name":"{name}","arguments":"{arguments}"}}}}]}}"#
        ))
    };
    let stream = done(&[
        &call("f", r#"{\"a\""#),
        // Some servers repeat the name with each piece, and end with an empty one.
        &call("f", ":1}"),
        &call("f", ""),
        &call("f", r#"{\"a\":2}"#),
        &call("g", "{}"),
        &finish("stop"),
    ]);
    assert_eq!(
        receive(&convert(&stream)).message["content"],
        json!([
            {"type": "tool_use", "id": "toolu_7_0", "name": "f", "input": {"a": 1}},
            {"type": "tool_use", "id": "toolu_7_1", "name": "f", "input": {"a": 2}},
            {"type": "tool_use", "id": "toolu_7_2", "name": "g", "input": {}},
        ])
    );
}

#[test]
fn an_event_without_data_keeps_the_connection_alive() {
    let text = delta(r#"{"content":"x"}"#);
    let received = receive(&convert(&done(&["", &text, "", &finish("stop")])));
    assert!(received.is_complete);
    assert_eq!(received.pings, 2);
}
