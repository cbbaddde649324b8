//! Streams of chat and text completions, and the knobs that bend them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{MODEL, Reply, chat_with, open, post, start, user, with};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

async fn stream(fields: Value, knobs: &[(&str, &str)]) -> Reply {
    let sim = start().await;
    let body = with(with(user("Hi there"), json!({"stream": true})), fields);
    chat_with(&sim, &body, knobs).await
}

/// All text of one kind.
fn joined(events: &[Value], kind: &str) -> String {
    events
        .iter()
        .filter_map(|e| e["choices"][0]["delta"][kind].as_str())
        .collect()
}

#[tokio::test]
async fn chunks_come_in_the_documented_order() {
    let reply = stream(json!({}), &[]).await;
    assert_eq!(
        (reply.status, reply.header("content-type"), reply.complete),
        (200, Some("text/event-stream"), true)
    );
    let events = reply.events();
    assert_eq!(
        events[0]["choices"][0],
        json!({"index": 0, "delta": {"role": "assistant"}, "finish_reason": null})
    );
    assert_eq!(
        events[1]["choices"][0]["delta"],
        json!({"content": "You said"})
    );
    assert_eq!(joined(&events, "content"), "You said: Hi there");
    let finish = &events[events.len() - 2];
    assert_eq!(
        finish["choices"][0],
        json!({"index": 0, "delta": {}, "finish_reason": "stop"})
    );
    assert_eq!(events[events.len() - 1], "[DONE]");
    for chunk in &events[..events.len() - 1] {
        assert_eq!(
            (&chunk["object"], &chunk["model"], &chunk["id"]),
            (
                &json!("chat.completion.chunk"),
                &json!(MODEL),
                &events[0]["id"]
            )
        );
    }
    assert!(
        reply
            .body
            .lines()
            .all(|l| l.is_empty() || l.starts_with("data: ")),
        "no event lines, no comments"
    );
}

#[tokio::test]
async fn usage_layout_a_is_on_the_finish_chunk_unasked() {
    let events = stream(json!({}), &[]).await.events();
    let (last, others) = events[..events.len() - 1].split_last().unwrap();
    assert_eq!(last["usage"]["total_tokens"], 10);
    assert!(others.iter().all(|e| e.get("usage") == Some(&Value::Null)));
}

#[tokio::test]
async fn usage_layout_b_is_an_extra_chunk_when_asked() {
    let knobs = [("x-sim-usage-layout", "b")];
    let asked = stream(json!({"stream_options": {"include_usage": true}}), &knobs)
        .await
        .events();
    let usage = &asked[asked.len() - 2];
    assert_eq!(
        (&usage["choices"], &usage["usage"]["total_tokens"]),
        (&json!([]), &json!(10))
    );
    assert!(
        asked[..asked.len() - 2]
            .iter()
            .all(|e| e.get("usage").is_none())
    );
    let unasked = stream(json!({}), &knobs).await.events();
    assert!(unasked.iter().all(|e| e.get("usage").is_none()));
}

#[tokio::test]
async fn usage_layout_c_never_says_and_both_says_twice() {
    let asked = json!({"stream_options": {"include_usage": true}});
    let never = stream(asked.clone(), &[("x-sim-usage-layout", "c")])
        .await
        .events();
    assert!(never.iter().all(|e| e.get("usage").is_none()));
    let both = stream(asked, &[("x-sim-usage-layout", "both")])
        .await
        .events();
    assert_eq!(both.iter().filter(|e| e["usage"].is_object()).count(), 2);
}

#[tokio::test]
async fn a_usage_chunk_may_lack_choices() {
    let knobs = [
        ("x-sim-usage-layout", "b"),
        ("x-sim-usage-choices", "false"),
    ];
    let events = stream(json!({"stream_options": {"include_usage": true}}), &knobs)
        .await
        .events();
    assert!(events[events.len() - 2].get("choices").is_none());
}

#[tokio::test]
async fn tokens_per_event_sets_the_size_of_deltas() {
    for (knob, count) in [("1", 5), ("2", 3), ("100", 1)] {
        let events = stream(json!({}), &[("x-sim-tokens-per-event", knob)])
            .await
            .events();
        assert_eq!(
            events
                .iter()
                .filter(|e| e["choices"][0]["delta"]["content"].is_string())
                .count(),
            count
        );
        assert_eq!(joined(&events, "content"), "You said: Hi there");
    }
}

#[tokio::test]
async fn comments_and_crlf_are_only_dressing() {
    let reply = stream(
        json!({}),
        &[("x-sim-comments", "2"), ("x-sim-crlf", "true")],
    )
    .await;
    assert!(reply.body.starts_with(": keep-alive\r\n\r\ndata: {"));
    assert!(!reply.body.replace("\r\n", "").contains('\n'));
    assert_eq!(joined(&reply.events(), "content"), "You said: Hi there");
}

#[tokio::test]
async fn done_can_be_left_out() {
    let reply = stream(json!({}), &[("x-sim-done", "false")]).await;
    assert!(reply.complete && !reply.body.contains("[DONE]"));
    assert_eq!(
        reply.events().last().unwrap()["choices"][0]["finish_reason"],
        "stop"
    );
}

#[tokio::test]
async fn a_truncated_stream_ends_cleanly_with_no_finish() {
    let reply = stream(json!({}), &[("x-sim-truncate-after", "2")]).await;
    assert!(reply.complete);
    let events = reply.events();
    assert_eq!(
        (events.len(), joined(&events, "content").as_str()),
        (2, "You said")
    );
}

#[tokio::test]
async fn an_error_event_ends_the_stream() {
    let object = stream(json!({}), &[("x-sim-error-after", "2")]).await;
    assert!(object.complete && !object.body.contains("[DONE]"));
    let events = object.events();
    assert_eq!(events.len(), 3);
    assert_eq!(events[2]["error"]["code"], "INTERNAL");
    let text = stream(
        json!({}),
        &[("x-sim-error-after", "0"), ("x-sim-error-shape", "string")],
    )
    .await
    .events();
    assert!(text[0]["error"].is_string());
}

#[tokio::test]
async fn reasoning_comes_before_content() {
    let knobs = [
        ("x-sim-reasoning", "I%20think%20so"),
        ("x-sim-tokens-per-event", "1"),
    ];
    let events = stream(json!({}), &knobs).await.events();
    assert_eq!(joined(&events, "reasoning_content"), "I think so");
    let kinds: Vec<bool> = events
        .iter()
        .map(|e| e["choices"][0]["delta"]["content"].is_string())
        .collect();
    assert!(kinds[1..4].iter().all(|content| !content) && kinds[4]);
    let tags = [("x-sim-reasoning", "Hmm"), ("x-sim-think-tags", "true")];
    let events = stream(json!({}), &tags).await.events();
    assert_eq!(
        joined(&events, "content"),
        "<think>Hmm</think>You said: Hi there"
    );
}

fn tools() -> Value {
    json!({"tool_choice": "required", "tools": [{"type": "function", "function": {"name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}]})
}

fn fragments(events: &[Value]) -> Vec<Value> {
    events
        .iter()
        .filter_map(|e| e["choices"][0]["delta"].get("tool_calls"))
        .map(|calls| calls[0].clone())
        .collect()
}

#[tokio::test]
async fn tool_arguments_come_in_fragments() {
    let events = stream(tools(), &[("x-sim-tool-fragment", "4")])
        .await
        .events();
    let calls = fragments(&events);
    assert_eq!(
        (&calls[0]["function"], &calls[0]["type"]),
        (
            &json!({"name": "get_weather", "arguments": ""}),
            &json!("function")
        )
    );
    assert!(calls[0]["id"].as_str().unwrap().starts_with("call_"));
    assert!(
        calls[1..]
            .iter()
            .all(|c| c.get("id").is_none() && c["index"] == 0)
    );
    let arguments: String = calls
        .iter()
        .map(|c| c["function"]["arguments"].as_str().unwrap())
        .collect();
    assert_eq!(arguments, r#"{"city":"city"}"#);
    assert_eq!(calls.len(), 5, "15 characters by four, and the name");
    assert_eq!(
        events[events.len() - 2]["choices"][0]["finish_reason"],
        "tool_calls"
    );

    let whole = fragments(
        &stream(tools(), &[("x-sim-tool-fragment", "0")])
            .await
            .events(),
    );
    assert_eq!(
        (whole.len(), &whole[0]["function"]["arguments"]),
        (1, &json!(r#"{"city":"city"}"#))
    );
    let bare = fragments(
        &stream(tools(), &[("x-sim-tool-index", "false")])
            .await
            .events(),
    );
    assert!(bare.iter().all(|c| c.get("index").is_none()));
}

#[tokio::test]
async fn choices_take_turns() {
    let events = stream(json!({"n": 2}), &[]).await.events();
    let indexes: Vec<u64> = events[..6]
        .iter()
        .map(|e| e["choices"][0]["index"].as_u64().unwrap())
        .collect();
    assert_eq!(indexes, [0, 1, 0, 1, 0, 1]);
    assert_eq!(
        events
            .iter()
            .filter(|e| e["choices"][0]["finish_reason"] == "stop")
            .count(),
        2
    );
    assert_eq!(
        events.iter().filter(|e| e["usage"].is_object()).count(),
        1,
        "usage is said once"
    );
}

#[tokio::test]
async fn extras_come_on_their_chunks() {
    let fields = json!({"perf_metrics_in_response": true, "return_token_ids": true, "logprobs": true, "top_logprobs": 1});
    let events = stream(fields, &[]).await.events();
    assert_eq!(events[0]["prompt_token_ids"].as_array().unwrap().len(), 5);
    assert_eq!(
        events[1]["choices"][0]["token_ids"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        events[2]["choices"][0]["logprobs"]["content"][0]["text_offset"],
        8
    );
    let with_metrics = events
        .iter()
        .filter(|e| e.get("perf_metrics").is_some())
        .count();
    assert_eq!(
        (
            with_metrics,
            events[events.len() - 2].get("perf_metrics").is_some()
        ),
        (1, true)
    );
}

#[tokio::test]
async fn text_completions_stream_text() {
    let sim = start().await;
    let body = json!({"model": MODEL, "prompt": "Hi", "stream": true});
    let events = post(&sim, "/v1/completions", &body, &[]).await.events();
    assert_eq!(
        (&events[0]["object"], &events[0]["choices"][0]),
        (
            &json!("text_completion"),
            &json!({"index": 0, "text": "You said", "finish_reason": null, "logprobs": null}),
        )
    );
    let text: String = events
        .iter()
        .filter_map(|e| e["choices"][0]["text"].as_str())
        .collect();
    assert_eq!(text, "You said: Hi");
    assert!(events[events.len() - 2]["usage"].is_object());
}

#[tokio::test]
async fn every_event_is_its_own_chunk() {
    let sim = start().await;
    let body = with(user("Hi there"), json!({"stream": true})).to_string();
    let mut socket = open(&sim, "POST", "/v1/chat/completions", &body, &[]).await;
    let mut raw = String::new();
    socket.read_to_string(&mut raw).await.unwrap();
    assert!(
        raw.matches("\r\ndata: ").count() >= 6
            && raw.matches("data: ").count() == raw.matches("\r\ndata: ").count()
    );
}

#[tokio::test]
async fn delays_pace_the_stream() {
    let sim = start().await;
    let body = with(user("x"), json!({"stream": true}));
    let begun = std::time::Instant::now();
    let knobs = [
        ("x-sim-head-delay", "20ms"),
        ("x-sim-ttft", "20ms"),
        ("x-sim-event-delay", "10ms"),
    ];
    let reply = chat_with(&sim, &body, &knobs).await;
    assert!(reply.complete);
    // Role, two of content, finish: four pauses after the first delays.
    assert!(begun.elapsed() >= std::time::Duration::from_millis(20 + 20 + 4 * 10));
}
