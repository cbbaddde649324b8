//! Every text field of a streamed reply, one test a field: the text that a client puts together is that of the
//! whole text redacted, however it was cut.

use fw_tests::{Canned, MODEL};
use serde_json::{Value, json};

use super::{MARKER, VALUE, assert_no_leak, gateway};

/// The text that comes in pieces, and what is to come out.
fn text() -> String {
    format!("Write to {VALUE} please")
}

fn redacted() -> String {
    text().replace(VALUE, MARKER)
}

fn arguments() -> String {
    json!({ "to": VALUE, "note": "say \"hi\"" }).to_string()
}

/// Pieces of one to five characters.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest: Vec<char> = text.chars().collect();
    let mut length = 0;
    while !rest.is_empty() {
        length = length % 5 + 1;
        let tail = rest.split_off(length.min(rest.len()));
        pieces.push(std::mem::replace(&mut rest, tail).into_iter().collect());
    }
    pieces
}

/// Sends the events and puts the strings at `pointer` together.
async fn received(path: &str, events: Vec<Value>, pointer: &str) -> String {
    joined(&passed(path, events).await, pointer)
}

fn joined(events: &[Value], pointer: &str) -> String {
    let strings = events
        .iter()
        .filter_map(|event| event.pointer(pointer)?.as_str());
    strings.collect()
}

/// Sends the events through the gateway.
async fn passed(path: &str, events: Vec<Value>) -> Vec<Value> {
    let upstream = Canned::events(&events).await;
    let gateway = gateway(&upstream).await;
    let request = match path {
        "/v1/responses" => json!({"model":MODEL,"input":"go","stream":true}),
        "/v1/completions" => json!({"model":MODEL,"prompt":"go","stream":true}),
        "/v1/messages" => {
            json!({"model":MODEL,"max_tokens":9,"stream":true,"messages":[{"role":"user","content":"go"}]})
        }
        _ => json!({"model":MODEL,"stream":true,"messages":[{"role":"user","content":"go"}]}),
    };
    let reply = gateway.post(path).json(&request).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_no_leak(reply.text());
    let data = reply
        .text()
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    let events = data.filter(|data| *data != "[DONE]");
    events
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

fn chunk(choice: Value) -> Value {
    json!({"id":"x","object":"chat.completion.chunk","created":1,"model":MODEL,"choices":[choice]})
}

fn chat(deltas: impl IntoIterator<Item = Value>, finish: &str) -> Vec<Value> {
    let mut events = vec![chunk(
        json!({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}),
    )];
    events.extend(
        deltas
            .into_iter()
            .map(|delta| chunk(json!({"index":0,"delta":delta,"finish_reason":null}))),
    );
    events.push(chunk(json!({"index":0,"delta":{},"finish_reason":finish})));
    events.push(json!("[DONE]"));
    events
}

async fn chat_field(field: &str) {
    let events = chat(
        pieces(&text())
            .into_iter()
            .map(|piece| json!({ field: piece })),
        "stop",
    );
    let got = received(
        "/v1/chat/completions",
        events,
        &format!("/choices/0/delta/{field}"),
    )
    .await;
    assert_eq!(got, redacted());
}

#[tokio::test]
async fn chat_content() {
    chat_field("content").await;
}

#[tokio::test]
async fn chat_reasoning_content() {
    chat_field("reasoning_content").await;
}

#[tokio::test]
async fn chat_refusal() {
    chat_field("refusal").await;
}

#[tokio::test]
async fn chat_tool_arguments() {
    let mut deltas = vec![
        json!({"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]}),
    ];
    let piece = |piece| json!({"tool_calls":[{"index":0,"function":{"arguments":piece}}]});
    deltas.extend(pieces(&arguments()).into_iter().map(piece));
    let events = chat(deltas, "tool_calls");
    let got = received(
        "/v1/chat/completions",
        events,
        "/choices/0/delta/tool_calls/0/function/arguments",
    )
    .await;
    let got: Value = serde_json::from_str(&got).unwrap();
    assert_eq!(got, json!({ "to": MARKER, "note": "say \"hi\"" }));
}

#[tokio::test]
async fn chat_tool_arguments_with_a_number() {
    let card = "{\"card\":4242424242424242,\"n\":1}";
    let mut deltas = vec![
        json!({"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]}),
    ];
    let piece = |piece| json!({"tool_calls":[{"index":0,"function":{"arguments":piece}}]});
    deltas.extend(pieces(card).into_iter().map(piece));
    let got = received(
        "/v1/chat/completions",
        chat(deltas, "tool_calls"),
        "/choices/0/delta/tool_calls/0/function/arguments",
    )
    .await;
    assert_eq!(got, r#"{"card":"[REDACTED:CREDIT_CARD]","n":1}"#);
}

#[tokio::test]
async fn chat_choices_that_come_in_turn() {
    let mut events = Vec::new();
    for piece in pieces(&text()) {
        for index in 0..2 {
            events.push(chunk(
                json!({"index":index,"delta":{"content":piece},"finish_reason":null}),
            ));
        }
    }
    for index in 0..2 {
        events.push(chunk(
            json!({"index":index,"delta":{},"finish_reason":"stop"}),
        ));
    }
    events.push(json!("[DONE]"));
    let events = passed("/v1/chat/completions", events).await;
    for index in 0..2 {
        let of_choice = |event: &&Value| event["choices"][0]["index"] == index;
        let events: Vec<Value> = events.iter().filter(of_choice).cloned().collect();
        assert_eq!(joined(&events, "/choices/0/delta/content"), redacted());
    }
}

#[tokio::test]
async fn chat_logprobs() {
    let events = pieces(&text()).into_iter().map(|piece| {
        let token = json!({"token":piece,"bytes":piece.as_bytes(),"logprob":-0.5,"top_logprobs":[]});
        chunk(json!({"index":0,"delta":{"content":piece},"logprobs":{"content":[token]},"finish_reason":null}))
    });
    let mut events: Vec<Value> = events.collect();
    events.push(chunk(json!({"index":0,"delta":{},"finish_reason":"stop"})));
    events.push(json!("[DONE]"));
    let tokens = received(
        "/v1/chat/completions",
        events,
        "/choices/0/logprobs/content/0/token",
    )
    .await;
    for leak in ["jane", "roe@", "corp"] {
        assert!(!tokens.contains(leak), "{tokens}");
    }
    assert!(tokens.starts_with("Write"), "{tokens}");
}

#[tokio::test]
async fn completions_text() {
    let event = |text: &str, finish: Value| json!({"id":"x","object":"text_completion","created":1,"model":MODEL,"choices":[{"index":0,"text":text,"logprobs":null,"finish_reason":finish}]});
    let mut events: Vec<Value> = pieces(&text())
        .iter()
        .map(|piece| event(piece, Value::Null))
        .collect();
    events.push(event("", json!("stop")));
    events.push(json!("[DONE]"));
    assert_eq!(
        received("/v1/completions", events, "/choices/0/text").await,
        redacted()
    );
}

fn responses(kind: &str, place: Value, text: &str, done: (&str, &str)) -> Vec<Value> {
    let mut number = 0;
    let mut event = |ty: &str, extra: Value| {
        number += 1;
        let mut event = json!({"type":ty,"sequence_number":number,"item_id":"i","output_index":0});
        for source in [&place, &extra] {
            for (key, value) in source.as_object().unwrap() {
                event[key] = value.clone();
            }
        }
        event
    };
    let mut events = vec![event(
        "response.created",
        json!({"response":{"id":"x","object":"response","status":"in_progress","model":MODEL,"output":[]}}),
    )];
    events.extend(
        pieces(text)
            .into_iter()
            .map(|piece| event(&format!("response.{kind}.delta"), json!({"delta":piece}))),
    );
    events.push(event(
        &format!("response.{kind}.done"),
        json!({done.0:text}),
    ));
    let item = match done.1 {
        "function_call" => {
            json!({"type":"function_call","id":"i","call_id":"c","name":"f","arguments":text})
        }
        "reasoning" => {
            json!({"type":"reasoning","id":"i","summary":[{"type":"summary_text","text":text}]})
        }
        part => {
            json!({"type":"message","id":"i","role":"assistant","content":[{"type":part,done.0:text}]})
        }
    };
    events.push(event("response.output_item.done", json!({"item":item})));
    events.push(event("response.completed", json!({"response":{"id":"x","object":"response","status":"completed","model":MODEL,"output":[item]}})));
    events
}

#[tokio::test]
async fn responses_text() {
    let events = responses(
        "output_text",
        json!({"content_index":0}),
        &text(),
        ("text", "output_text"),
    );
    assert_eq!(
        received("/v1/responses", events.clone(), "/delta").await,
        redacted()
    );
    assert_eq!(
        received("/v1/responses", events.clone(), "/text").await,
        redacted()
    );
    let whole = "/response/output/0/content/0/text";
    assert_eq!(received("/v1/responses", events, whole).await, redacted());
}

#[tokio::test]
async fn responses_refusal() {
    let events = responses(
        "refusal",
        json!({"content_index":0}),
        &text(),
        ("refusal", "refusal"),
    );
    assert_eq!(
        received("/v1/responses", events, "/delta").await,
        redacted()
    );
}

#[tokio::test]
async fn responses_arguments() {
    let events = responses(
        "function_call_arguments",
        json!({}),
        &arguments(),
        ("arguments", "function_call"),
    );
    let got = received("/v1/responses", events, "/delta").await;
    let got: Value = serde_json::from_str(&got).unwrap();
    assert_eq!(got, json!({ "to": MARKER, "note": "say \"hi\"" }));
}

#[tokio::test]
async fn responses_reasoning() {
    let events = responses(
        "reasoning_summary_text",
        json!({"summary_index":0}),
        &text(),
        ("text", "reasoning"),
    );
    assert_eq!(
        received("/v1/responses", events, "/delta").await,
        redacted()
    );
}

fn messages(block: Value, deltas: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let mut events = vec![
        json!({"type":"message_start","message":{"id":"x","type":"message","role":"assistant","model":MODEL,"content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":0}}}),
        json!({"type":"content_block_start","index":0,"content_block":block}),
    ];
    events.extend(
        deltas
            .into_iter()
            .map(|delta| json!({"type":"content_block_delta","index":0,"delta":delta})),
    );
    events.push(json!({"type":"content_block_stop","index":0}));
    events.push(json!({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}}));
    events.push(json!({"type":"message_stop"}));
    events
}

#[tokio::test]
async fn messages_text() {
    let deltas = pieces(&text())
        .into_iter()
        .map(|piece| json!({"type":"text_delta","text":piece}));
    let events = messages(json!({"type":"text","text":""}), deltas);
    assert_eq!(
        received("/v1/messages", events, "/delta/text").await,
        redacted()
    );
}

#[tokio::test]
async fn messages_thinking() {
    let deltas = pieces(&text())
        .into_iter()
        .map(|piece| json!({"type":"thinking_delta","thinking":piece}));
    let events = messages(json!({"type":"thinking","thinking":""}), deltas);
    assert_eq!(
        received("/v1/messages", events, "/delta/thinking").await,
        redacted()
    );
}

#[tokio::test]
async fn messages_tool_input() {
    let deltas = pieces(&arguments())
        .into_iter()
        .map(|piece| json!({"type":"input_json_delta","partial_json":piece}));
    let events = messages(
        json!({"type":"tool_use","id":"t","name":"f","input":{}}),
        deltas,
    );
    let got = received("/v1/messages", events, "/delta/partial_json").await;
    let got: Value = serde_json::from_str(&got).unwrap();
    assert_eq!(got, json!({ "to": MARKER, "note": "say \"hi\"" }));
}
