use bytes::Bytes;

use super::*;

fn signals(endpoint: Endpoint, data: &str) -> Signals {
    Signals::search(endpoint, data.as_bytes())
}

#[test]
fn an_ordinary_delta_needs_no_reading() {
    for (endpoint, data) in [
        (
            Endpoint::ChatCompletions,
            r#"{"id":"U","object":"chat.completion.chunk","created":1,"model":"M","choices":[{"index":0,"delta":{"content":"say \"usage\"\n"},"finish_reason":null}],"usage":null}"#,
        ),
        (
            Endpoint::Completions,
            r#"{"choices":[{"index":0,"text":" banana","finish_reason" : null,"logprobs":null}],"usage":
            null}"#,
        ),
        (
            Endpoint::Messages,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
        ),
        (
            Endpoint::Responses,
            r#"{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","delta":"Here"}"#,
        ),
    ] {
        assert_eq!(signals(endpoint, data), Signals::NONE, "{data}");
        assert!(!may_say_usage(data.as_bytes()), "{data}");
    }
}

#[test]
fn what_matters_is_found() {
    let finish = |signals: Signals| signals.finish;
    let error = |signals: Signals| signals.error;
    type Found = fn(Signals) -> bool;
    let cases: [(Endpoint, &str, Found); 10] = [
        (
            Endpoint::ChatCompletions,
            r#"{"finish_reason":"stop"}"#,
            finish,
        ),
        (
            Endpoint::ChatCompletions,
            "{\"finish_reason\"\t:\r\n \"stop\"}",
            finish,
        ),
        (
            Endpoint::ChatCompletions,
            r#"{"finish_reason":null,"finish_reason":"stop"}"#,
            finish,
        ),
        (
            Endpoint::ChatCompletions,
            r#"{"finish\u005freason":"stop"}"#,
            finish,
        ),
        (Endpoint::ChatCompletions, r#"{"error":"x"}"#, error),
        (Endpoint::Messages, r#"{"type":"message_stop"}"#, finish),
        (
            Endpoint::Messages,
            r#"{"delta":{"stop_reason":"end_turn"}}"#,
            finish,
        ),
        (Endpoint::Messages, r#"{"type":"error"}"#, error),
        (
            Endpoint::Responses,
            r#"{"type": "response.completed"}"#,
            finish,
        ),
        (Endpoint::Responses, r#"{"type":"response.failed"}"#, finish),
    ];
    for (endpoint, data, found) in cases {
        assert!(found(signals(endpoint, data)), "{data}");
    }
    for data in [
        r#"{"usage":{}}"#,
        r#"{"us\u0061ge":{}}"#,
        r#"{"response":{"usage":{"input_tokens":1}}}"#,
    ] {
        assert!(may_say_usage(data.as_bytes()), "{data}");
    }
}

#[test]
fn an_event_name_stands_in_for_a_type() {
    let event = |text: &'static str| Event::assembled(Bytes::from_static(text.as_bytes()), 0, true);
    let stop = event("event: message_stop\ndata: {}\n\n");
    assert!(stop.signals(Endpoint::Messages).finish);
    let error = event("event: error\ndata: {}\n\n");
    assert_eq!(error.signals(Endpoint::ChatCompletions), Signals::ALL);
    let comment = event(": \"error\":1\n\n");
    assert_eq!(comment.signals(Endpoint::ChatCompletions), Signals::NONE);
}

#[test]
fn what_is_remembered_belongs_to_an_endpoint() {
    let event = Event::assembled(
        Bytes::from_static(b"data: {\"type\":\"message_stop\"}\n\n"),
        0,
        true,
    );
    assert!(!event.signals(Endpoint::ChatCompletions).finish);
    assert!(event.signals(Endpoint::Messages).finish);
    assert!(!event.signals(Endpoint::ChatCompletions).finish);
}
