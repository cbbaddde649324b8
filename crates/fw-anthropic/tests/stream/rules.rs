//! The rules of the conversion, one by one.

use std::io;

use bytes::Bytes;
use fw_anthropic::MessageStream;
use serde_json::json;

use crate::{
    client::{events, receive},
    convert, cut, delta, done, finish, run,
};

#[test]
fn a_reply_is_a_message_that_starts_has_blocks_and_ends() {
    let stream = done(&[
        &delta(r#"{"role":"assistant"}"#),
        &delta(r#"{"content":"Hel"}"#),
        &delta(r#"{"content":"lo \"you\""}"#),
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}}"#,
    ]);
    let start = json!({
        "id": "msg_7", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": null, "stop_sequence": null,
        "usage": {
            "input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
            "output_tokens": 0,
        },
    });
    let usage = json!({
        "input_tokens": 5, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 4,
        "output_tokens": 2,
    });
    let said: Vec<_> = events(&convert(&stream))
        .into_iter()
        .map(|(_, data)| data)
        .collect();
    assert_eq!(
        said,
        [
            json!({"type": "message_start", "message": start}),
            json!({"type": "ping"}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo \"you\""}}),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": usage}),
            json!({"type": "message_stop"}),
        ]
    );
}

#[test]
fn reasoning_is_a_thinking_block_with_a_signature_before_the_text() {
    for field in ["reasoning_content", "reasoning"] {
        let stream = done(&[
            &delta(&format!(r#"{{"{field}":"Let me "}}"#)),
            &delta(&format!(r#"{{"{field}":"see.","content":""}}"#)),
            &delta(r#"{"content":"4"}"#),
            &finish("stop"),
        ]);
        let out = convert(&stream);
        assert!(out.contains(r#"{"type":"signature_delta","signature":""}"#));
        assert_eq!(
            receive(&out).message["content"],
            json!([
                {"type": "thinking", "thinking": "Let me see.", "signature": ""},
                {"type": "text", "text": "4"},
            ])
        );
    }
}

#[test]
fn a_tool_call_begins_with_its_name_and_streams_its_input() {
    let stream = done(&[
        &delta(r#"{"content":"Let me look."}"#),
        &delta(
            r#"{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}]}"#,
        ),
        &delta(
            r#"{"tool_calls":[{"index":0,"id":null,"function":{"name":null,"arguments":"{\"ci"}}]}"#,
        ),
        &delta(r#"{"tool_calls":[{"index":0,"function":{"arguments":"ty\":\"Rome\"}"}}]}"#),
        &finish("tool_calls"),
    ]);
    let received = receive(&convert(&stream));
    assert_eq!(
        received.message["content"],
        json!([
            {"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Rome"}},
        ])
    );
    assert_eq!(received.message["stop_reason"], "tool_use");
    let inputs: Vec<_> = received.deltas.iter().skip(1).cloned().collect();
    assert_eq!(inputs, [(1, "{\"ci".into()), (1, "ty\":\"Rome\"}".into())]);
}

#[test]
fn a_second_call_streams_as_soon_as_the_first_one_s_input_is_complete() {
    let first = r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}"#;
    let second =
        r#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{\"x"}}]}"#;
    let out = run(
        MessageStream::new(),
        [Ok(Bytes::from(cut(&[&delta(first), &delta(second)])))],
    );
    // The stream was cut, and all of it is there but the end.
    assert_eq!(receive(&out).deltas, [(0, "{}".into()), (1, "{\"x".into())]);
}

#[test]
fn arguments_of_several_calls_that_are_mixed_come_apart() {
    let call = |index: u64, more: &str, arguments: &str| {
        let arguments = serde_json::to_string(arguments).unwrap();
        delta(&format!(
            r#"{{"tool_calls":[{{"index":{index},{more}"function":{{"name":"f{index}","arguments":{arguments}}}}}]}}"#
        ))
    };
    let stream = done(&[
        &call(0, r#""id":"a","#, ""),
        &call(1, r#""id":"b","#, ""),
        &call(1, "", r#"{"x":"#),
        &call(0, "", r#"{"y":"#),
        &delta(r#"{"content":"Both at once."}"#),
        &call(1, "", r#"1}"#),
        &call(0, "", r#"2}"#),
        &finish("tool_calls"),
    ]);
    assert_eq!(
        receive(&convert(&stream)).message["content"],
        json!([
            {"type": "tool_use", "id": "a", "name": "f0", "input": {"y": 2}},
            {"type": "tool_use", "id": "b", "name": "f1", "input": {"x": 1}},
            {"type": "text", "text": "Both at once."},
        ])
    );
}

#[test]
fn a_call_waits_for_its_name_and_gets_an_id_if_none_comes() {
    let stream = done(&[
        &delta(r#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]}"#),
        &delta(r#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":":1}"}}]}"#),
        &delta(r#"{"tool_calls":[{"index":1,"function":{"name":"g","arguments":{"b":2}}}]}"#),
        &finish("stop"),
    ]);
    let message = receive(&convert(&stream)).message;
    assert_eq!(
        message["content"],
        json!([
            {"type": "tool_use", "id": "toolu_7_0", "name": "f", "input": {"a": 1}},
            {"type": "tool_use", "id": "toolu_7_1", "name": "g", "input": {"b": 2}},
        ])
    );
    assert_eq!(
        message["stop_reason"], "tool_use",
        "whatever the server says"
    );
}

#[test]
fn arguments_that_are_no_object_become_one() {
    for (arguments, input) in [
        ("", json!({})),
        ("  ", json!({})),
        ("null", json!({})),
        ("7", json!({"_raw": "7"})),
        ("not \"json", json!({"_raw": "not \"json"})),
        ("{\"a\":1} and more", json!({"a": 1})),
    ] {
        let arguments = serde_json::to_string(arguments).unwrap();
        let stream = done(&[
            &delta(r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}}]}"#),
            &delta(&format!(
                r#"{{"tool_calls":[{{"index":0,"function":{{"arguments":{arguments}}}}}]}}"#
            )),
            &finish("tool_calls"),
        ]);
        let message = receive(&convert(&stream)).message;
        assert_eq!(message["content"][0]["input"], input, "{arguments}");
    }
}

#[test]
fn a_refusal_is_a_text_of_its_own_and_the_reason_to_stop() {
    let stream = done(&[
        &delta(r#"{"content":"Well."}"#),
        &delta(r#"{"refusal":"I will "}"#),
        &delta(r#"{"refusal":"not."}"#),
        &finish("stop"),
    ]);
    let message = receive(&convert(&stream)).message;
    assert_eq!(
        message["content"],
        json!([{"type": "text", "text": "Well."}, {"type": "text", "text": "I will not."}])
    );
    assert_eq!(message["stop_reason"], "refusal");
}

#[test]
fn parts_of_content_and_the_old_function_call_are_understood() {
    let stream = done(&[
        &delta(r#"{"content":[{"type":"text","text":"Let me "},{"type":"text","text":"look."}]}"#),
        &delta(r#"{"function_call":{"name":"f","arguments":"{\"a\""}}"#),
        &delta(r#"{"function_call":{"arguments":":1}"}}"#),
        &finish("function_call"),
    ]);
    let message = receive(&convert(&stream)).message;
    assert_eq!(
        message["content"],
        json!([
            {"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "toolu_7_0", "name": "f", "input": {"a": 1}},
        ])
    );
    assert_eq!(message["stop_reason"], "tool_use");
}

#[test]
fn usage_is_found_in_all_three_layouts() {
    let text = delta(r#"{"content":"x"}"#);
    let usage = r#""usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}"#;
    let with_finish =
        format!(r#"{{"choices":[{{"index":0,"delta":{{}},"finish_reason":"stop"}}],{usage}}}"#);
    let alone = format!(r#"{{"choices":[],{usage}}}"#);
    for (chunks, input) in [
        (vec![&*text, &with_finish], 3),
        (vec![&*text, &finish("stop"), &alone], 3),
        (vec![&*text, &with_finish, &alone], 3),
        (vec![&*text, &finish("stop")], 0),
    ] {
        for stream in [done(&chunks), cut(&chunks)] {
            let received = receive(&convert(&stream));
            assert!(received.is_complete);
            assert_eq!(received.message["usage"]["input_tokens"], input, "{stream}");
        }
    }
}

#[test]
fn the_message_ends_with_the_usage_chunk_and_does_not_wait_for_more() {
    let mut stream = done(&[&delta(r#"{"content":"x"}"#), &finish("stop")]);
    let end = stream.find("data: [DONE]").unwrap();
    stream.insert_str(
        end,
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n",
    );
    let out = convert(&stream);
    assert!(receive(&out).is_complete);
    assert_eq!(
        out,
        convert(&stream[..end + 58]),
        "what comes after says nothing"
    );
}

#[test]
fn an_empty_reply_is_a_message_without_content() {
    for stream in [done(&[]), done(&[&finish("stop")]), cut(&[&finish("stop")])] {
        let received = receive(&convert(&stream));
        assert!(received.is_complete);
        assert_eq!(received.message["content"], json!([]));
        assert_eq!(received.message["stop_reason"], "end_turn");
    }
}

#[test]
fn chunks_without_choices_and_other_choices_say_nothing() {
    let other = r#"{"choices":[{"index":1,"delta":{"content":"other"}}]}"#;
    let stream = done(&[
        r#"{"id":"","choices":[],"prompt_filter_results":[]}"#,
        &delta(r#"{"content":"x"}"#),
        other,
        &finish("length"),
    ]);
    let message = receive(&convert(&stream)).message;
    assert_eq!(message["id"], "msg_7");
    assert_eq!(message["content"], json!([{"type": "text", "text": "x"}]));
    assert_eq!(message["stop_reason"], "max_tokens");
}

#[test]
fn keep_alive_comments_become_pings_once_the_message_has_begun() {
    let text = delta(r#"{"content":"x"}"#);
    let stream = format!(
        ": wait\n\n{}: wait\n\n{}",
        cut(&[&text]),
        done(&[&finish("stop")])
    );
    let out = convert(&stream);
    assert!(out.starts_with(":\n\nevent: message_start\n"), "{out}");
    assert_eq!(receive(&out).pings, 2);
}

// === failures ===

#[test]
fn an_error_in_the_stream_is_an_error_event_and_nothing_after_it() {
    let error = r#"{"error":{"message":"Too busy.","code":503,"type":"overloaded"}}"#;
    for chunks in [
        vec![error],
        vec![&*delta(r#"{"content":"x"}"#), error, &finish("stop")],
    ] {
        let received = receive(&convert(&done(&chunks)));
        let error = received.error.expect("an error");
        assert_eq!(error["error"]["type"], "overloaded_error");
        assert_eq!(error["error"]["message"], "Too busy.");
        assert!(!received.is_complete);
    }
}

#[test]
fn a_stream_that_ends_too_early_has_failed() {
    let text = delta(r#"{"content":"x"}"#);
    for stream in [
        "",
        ": wait\n\n",
        &cut(&[&text]),
        &format!("{}data: {{\"ch", cut(&[&text])),
    ] {
        let received = receive(&convert(stream));
        let error = received.error.expect("an error");
        assert_eq!(error["error"]["type"], "api_error", "{stream}");
        assert_eq!(error["error"]["code"], "stream_truncated");
    }
}

#[test]
fn a_connection_that_fails_says_why_unless_the_reply_was_whole() {
    let text = delta(r#"{"content":"x"}"#);
    let after = |stream: String, kind: io::ErrorKind| {
        receive(&run(
            MessageStream::new(),
            [Ok(Bytes::from(stream)), Err(io::Error::from(kind))],
        ))
    };
    let error = after(cut(&[&text]), io::ErrorKind::TimedOut).error.unwrap();
    assert_eq!(error["error"]["type"], "timeout_error");
    let error = after(cut(&[&text]), io::ErrorKind::ConnectionReset).error;
    assert_eq!(error.unwrap()["error"]["type"], "api_error");

    let whole = after(
        cut(&[&text, &finish("stop")]),
        io::ErrorKind::ConnectionReset,
    );
    assert!(whole.is_complete && whole.error.is_none());
}

#[test]
fn an_event_that_is_no_json_ends_the_stream() {
    let stream = done(&[&delta(r#"{"content":"x"}"#), "{oops", &finish("stop")]);
    let received = receive(&convert(&stream));
    assert!(received.error.is_some() && !received.is_complete);
}

#[test]
fn a_character_that_is_cut_in_two_does_not() {
    let stream = done(&[
        &delta(r#"{"content":"\ud83d"}"#),
        &delta(r#"{"content":"\ude00!"}"#),
        &finish("stop"),
    ]);
    assert_eq!(
        receive(&convert(&stream)).message["content"][0]["text"],
        "\u{fffd}\u{fffd}!"
    );
}

#[test]
fn what_waits_is_bounded() {
    let first = r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}"#;
    let long = format!(r#"{{"content":"{}"}}"#, "x".repeat(100));
    let stream = done(&[&delta(first), &delta(&long), &delta(&long), &finish("stop")]);
    let small = MessageStream::new().max_held_bytes(150);
    let received = receive(&run(small, [Ok(Bytes::from(stream.clone()))]));
    assert!(received.error.is_some());
    assert!(receive(&convert(&stream)).is_complete);
}

#[test]
fn nothing_of_a_stream_is_in_its_debug_output() {
    assert_eq!(
        format!("{:?}", MessageStream::default()),
        "MessageStream { state: Waiting, .. }"
    );
}
