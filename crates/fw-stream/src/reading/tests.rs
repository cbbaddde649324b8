use super::*;
use bytes::Bytes;

fn event(text: &str) -> Event {
    Event::assembled(Bytes::copy_from_slice(text.as_bytes()), 0, true)
}

/// Whether the data counts as content.
fn content(endpoint: Endpoint, data: &str) -> bool {
    has_content(endpoint, &event(&format!("data: {data}\n\n")))
}

#[test]
fn chat_content_is_text_reasoning_refusals_and_tool_calls() {
    let content = |delta: &str| {
        content(
            Endpoint::ChatCompletions,
            &format!(r#"{{"choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#),
        )
    };
    for delta in [
        r#"{"content":"Hi"}"#,
        r#"{"role":"assistant","content":" "}"#,
        r#"{"reasoning_content":"Think"}"#,
        r#"{"refusal":"No"}"#,
        r#"{"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":""}}]}"#,
        r#"{"function_call":{"name":"f"}}"#,
        r#"{"content":[{"type":"text","text":"Hi"}]}"#,
    ] {
        assert!(content(delta), "{delta}");
    }
    for delta in [
        r#"{"role":"assistant"}"#,
        r#"{"role":"assistant","content":""}"#,
        r#"{"content":null,"tool_calls":[],"function_call":null}"#,
        "{}",
        "null",
    ] {
        assert!(!content(delta), "{delta}");
    }
}

#[test]
fn content_of_a_later_choice_counts() {
    assert!(content(
        Endpoint::ChatCompletions,
        r#"{"choices":[{"index":0,"delta":{}},{"index":1,"delta":{"content":"x"}}]}"#
    ));
}

#[test]
fn usage_markers_and_errors_are_no_content() {
    for data in [
        r#"{"choices":[],"usage":{"total_tokens":1}}"#,
        "[DONE]",
        r#"{"error":{}}"#,
        "{",
    ] {
        assert!(!content(Endpoint::ChatCompletions, data), "{data}");
    }
    assert!(!has_content(
        Endpoint::ChatCompletions,
        &event(": ping\n\n")
    ));
}

#[test]
fn completions_content_is_text() {
    assert!(content(
        Endpoint::Completions,
        r#"{"choices":[{"text":" a"}]}"#
    ));
    assert!(!content(
        Endpoint::Completions,
        r#"{"choices":[{"text":""}]}"#
    ));
}

#[test]
fn messages_content_is_in_deltas_and_in_the_start_of_a_tool_use() {
    for data in [
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"Hm"}}"#,
        r#"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{"}}"#,
        r#"{"type":"content_block_start","content_block":{"type":"tool_use","name":"f","input":{}}}"#,
    ] {
        assert!(content(Endpoint::Messages, data), "{data}");
    }
    for data in [
        r#"{"type":"message_start","message":{"content":[],"usage":{"input_tokens":1}}}"#,
        r#"{"type":"content_block_start","content_block":{"type":"text","text":""}}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"content_block_delta","delta":{"type":"signature_delta","signature":"x"}}"#,
    ] {
        assert!(!content(Endpoint::Messages, data), "{data}");
    }
    let named = "event: content_block_delta\ndata: {\"delta\":{\"text\":\"Hi\"}}\n\n";
    assert!(has_content(Endpoint::Messages, &event(named)));
}

#[test]
fn responses_content_is_in_deltas_and_tool_items() {
    for data in [
        r#"{"type":"response.output_text.delta","delta":"Here"}"#,
        r#"{"type":"response.reasoning_text.delta","delta":"Hm"}"#,
        r#"{"type":"response.function_call_arguments.delta","delta":"{"}"#,
        r#"{"type":"response.output_text.done","text":"Here"}"#,
        r#"{"type":"response.output_item.added","item":{"type":"mcp_call"}}"#,
    ] {
        assert!(content(Endpoint::Responses, data), "{data}");
    }
    for data in [
        r#"{"type":"response.created","response":{"status":"in_progress"}}"#,
        r#"{"type":"response.output_item.added","item":{"type":"message","content":[]}}"#,
        r#"{"type":"response.content_part.added","part":{"type":"output_text","text":""}}"#,
        r#"{"type":"response.output_text.delta","delta":""}"#,
    ] {
        assert!(!content(Endpoint::Responses, data), "{data}");
    }
}

#[test]
fn every_named_finish_reason_reads_back() {
    for (word, reason) in FinishReason::NAMED {
        assert_eq!(reason.as_str(), word);
        assert_eq!(FinishReason::from_word(word), reason);
    }
    assert_eq!(FinishReason::from_word("eos"), FinishReason::Other);
    assert_eq!(FinishReason::Other.to_string(), "other");
}

#[test]
fn finish_reasons_belong_to_choices() {
    let mut progress = Progress::new(Endpoint::ChatCompletions);
    progress.set_choices(2);
    let mut read = |data: &str| {
        progress.read_event(None, Value::parse(data.as_bytes()).unwrap());
        progress.is_complete()
    };
    assert!(!read(
        r#"{"choices":[{"index":1,"finish_reason":"length"}]}"#
    ));
    assert!(!read(r#"{"choices":[{"index":1,"finish_reason":"stop"}]}"#));
    assert!(!read(r#"{"choices":[{"index":0,"finish_reason":""}]}"#));
    assert!(read(r#"{"choices":[{"finish_reason":"tool_calls"}]}"#));
    assert_eq!(
        progress.take_finished(),
        [(0, FinishReason::ToolCalls), (1, FinishReason::Stop)]
    );
}

#[test]
fn what_clients_take_for_an_error_is_one() {
    for (error, is_error) in [
        (r#"{"message":"x"}"#, true),
        (r#""Too Many Requests""#, true),
        ("true", true),
        ("[1]", true),
        ("5", true),
        ("null", false),
        ("false", false),
        ("0", false),
        (r#""""#, false),
        ("{}", false),
        ("[]", false),
    ] {
        let data = format!(r#"{{"error":{error}}}"#);
        let mut progress = Progress::new(Endpoint::ChatCompletions);
        let found = progress.read_event(None, Value::parse(data.as_bytes()).unwrap());
        assert_eq!(found.is_some(), is_error, "{error}");
        assert_eq!(progress.is_failed(), is_error, "{error}");
    }
}

#[test]
fn an_event_means_one_thing_for_its_reply() {
    use fw_wire::Endpoint::{ChatCompletions, Messages, Responses};
    let rows = [
        (
            ChatCompletions,
            r#"{"choices":[{"delta":{"role":"assistant"}}]}"#,
            Meaning::Nothing,
        ),
        (
            ChatCompletions,
            r#"{"choices":[{"delta":{"content":"a"}}]}"#,
            Meaning::Content,
        ),
        (
            ChatCompletions,
            r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
            Meaning::Finish(FinishReason::Stop),
        ),
        (ChatCompletions, "[DONE]", Meaning::Done),
        (
            ChatCompletions,
            r#"{"error":{"message":"no"}}"#,
            Meaning::Error,
        ),
        (
            Messages,
            r#"{"type":"message_start","message":{}}"#,
            Meaning::Nothing,
        ),
        (Messages, r#"{"type":"message_stop"}"#, Meaning::Done),
        (
            Messages,
            r#"{"type":"error","error":{"message":"no"}}"#,
            Meaning::Error,
        ),
        (
            Responses,
            r#"{"type":"response.completed","response":{"status":"completed"}}"#,
            Meaning::Finish(FinishReason::Completed),
        ),
    ];
    for (endpoint, data, expected) in rows {
        let event = event(&format!("data: {data}\n\n"));
        assert_eq!(meaning(endpoint, &event), expected, "{data}");
    }
}
