//! The native Messages endpoint.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{MODEL, Reply, post, start, with};
use fw_sim::Running;
use serde_json::{Value, json};

async fn create(sim: &Running, fields: Value) -> Reply {
    let body = json!({"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": "Hi there"}]});
    let headers = [
        ("x-api-key", "fw_acme"),
        ("anthropic-version", "2023-06-01"),
        ("x-request-id", "r1"),
    ];
    post(sim, "/inference/v1/messages", &with(body, fields), &headers).await
}

#[tokio::test]
async fn a_message_has_anthropics_shape() {
    let sim = start().await;
    let json = create(&sim, json!({})).await.json();
    assert!(json["id"].as_str().unwrap().starts_with("msg_"));
    assert_eq!(
        (&json["type"], &json["role"], &json["model"]),
        (&json!("message"), &json!("assistant"), &json!(MODEL))
    );
    assert_eq!(
        json["content"],
        json!([{"type": "text", "text": "You said: Hi there"}])
    );
    assert_eq!(
        (&json["stop_reason"], &json["stop_sequence"]),
        (&json!("end_turn"), &Value::Null)
    );
    assert_eq!(
        json["usage"],
        json!({"input_tokens": 5, "output_tokens": 5})
    );
}

#[tokio::test]
async fn max_tokens_is_optional_and_stops() {
    let sim = start().await;
    let body = json!({"model": MODEL, "messages": [{"role": "user", "content": "x"}]});
    assert_eq!(post(&sim, "/v1/messages", &body, &[]).await.status, 200);
    assert_eq!(
        create(&sim, json!({"max_tokens": 2})).await.json()["stop_reason"],
        "max_tokens"
    );
    let stopped = create(&sim, json!({"stop_sequences": ["there"]}))
        .await
        .json();
    assert_eq!(
        (&stopped["stop_reason"], &stopped["stop_sequence"]),
        (&json!("stop_sequence"), &json!("there"))
    );
}

#[tokio::test]
async fn blocks_of_every_kind_are_read() {
    let sim = start().await;
    let json = create(
        &sim,
        json!({"system": [{"type": "text", "text": "Be brief", "cache_control": {"type": "ephemeral"}}],
            "metadata": {"user_id": "u"}, "messages": [
            {"role": "user", "content": [{"type": "text", "text": "look", "cache_control": {"type": "ephemeral"}},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}]},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "t", "signature": "s"},
                {"type": "tool_use", "id": "c", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": [{"type": "text", "text": "42"}]}]}]}),
    )
    .await
    .json();
    assert_eq!(json["content"][0]["text"], "The tool said: 42");
}

#[tokio::test]
async fn tools_and_thinking_are_blocks() {
    let sim = start().await;
    let fields = json!({"thinking": {"type": "enabled", "budget_tokens": 1024}, "tool_choice": {"type": "any"},
        "tools": [{"name": "f", "input_schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}]});
    let json = create(&sim, fields).await.json();
    assert_eq!(
        (&json["content"][0]["type"], &json["content"][1]["input"]),
        (&json!("thinking"), &json!({"a": 1}))
    );
    assert!(json["content"][0]["signature"].is_string());
    assert_eq!(json["stop_reason"], "tool_use");
}

#[tokio::test]
async fn errors_are_anthropics() {
    let sim = start().await;
    let extra = create(&sim, json!({"service_tier": "auto"})).await;
    assert_eq!(
        (extra.status, extra.json()),
        (
            400,
            json!({"type": "error", "request_id": "r1", "error": {"type": "invalid_request_error",
            "message": "Extra inputs are not permitted, field: 'service_tier', value: 'auto'"}})
        )
    );
    let missing = create(&sim, json!({"model": "accounts/fireworks/models/nope"})).await;
    assert_eq!(
        (missing.status, &missing.json()["error"]["type"]),
        (404, &json!("not_found_error"))
    );
    let key = post(&sim, "/v1/messages", &json!({}), &[("x-api-key", "sk-1")]).await;
    assert_eq!(
        (key.status, &key.json()["error"]["type"]),
        (401, &json!("authentication_error"))
    );
    let adaptive = create(&sim, json!({"thinking": {"type": "adaptive"}})).await;
    assert!(adaptive.message().contains("not supported yet"));
    let overloaded = post(
        &sim,
        "/v1/messages",
        &json!({}),
        &[("x-sim-fault", "overloaded")],
    )
    .await;
    assert_eq!(
        (overloaded.status, &overloaded.json()["error"]["type"]),
        (503, &json!("overloaded_error"))
    );
    assert_eq!(
        post(&sim, "/v1/messages/count_tokens", &json!({}), &[])
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_stream_has_named_events_in_order() {
    let sim = start().await;
    let fields = json!({"stream": true, "thinking": {"type": "enabled", "budget_tokens": 1024}});
    let reply = create(&sim, fields).await;
    let mut names = reply.event_names();
    names.dedup();
    assert_eq!(
        names,
        [
            "message_start",
            "ping",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ]
    );
    assert!(!reply.body.contains("[DONE]"));
    let events = reply.events();
    assert_eq!(
        events[0]["message"]["usage"],
        json!({"input_tokens": 5, "output_tokens": 0})
    );
    assert_eq!(
        events[2]["content_block"],
        json!({"type": "thinking", "thinking": "", "signature": ""})
    );
    let text = |kind: &str, key: &str| -> String {
        events
            .iter()
            .filter(|e| e["delta"]["type"] == kind)
            .map(|e| e["delta"][key].as_str().unwrap())
            .collect()
    };
    assert_eq!(
        text("thinking_delta", "thinking"),
        "The last message is: Hi there"
    );
    assert!(text("signature_delta", "signature").starts_with("sig_"));
    assert_eq!(text("text_delta", "text"), "You said: Hi there");
    let starts: Vec<&Value> = events
        .iter()
        .filter(|e| e["type"] == "content_block_start")
        .map(|e| &e["index"])
        .collect();
    assert_eq!(starts, [0, 1]);
    let end = &events[events.len() - 2];
    assert_eq!(
        end["delta"],
        json!({"stop_reason": "end_turn", "stop_sequence": null})
    );
    assert_eq!(end["usage"]["output_tokens"], 13);
}

#[tokio::test]
async fn tool_input_streams_as_partial_json() {
    let sim = start().await;
    let tools = json!([{"name": "f", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}, {"name": "g", "input_schema": {}}]);
    let body =
        json!({"stream": true, "tools": tools, "messages": [{"role": "user", "content": "f g"}]});
    let events = create(&sim, body).await.events();
    let first = events
        .iter()
        .filter(|e| e["index"] == 0)
        .filter_map(|e| e["delta"]["partial_json"].as_str());
    assert_eq!(first.collect::<String>(), r#"{"city":"city"}"#);
    let names: Vec<&Value> = events
        .iter()
        .filter_map(|e| e["content_block"].get("name"))
        .collect();
    assert_eq!(names, ["f", "g"]);
}

#[tokio::test]
async fn a_stream_can_fail_in_the_middle() {
    let sim = start().await;
    let body =
        json!({"model": MODEL, "stream": true, "messages": [{"role": "user", "content": "x"}]});
    let reply = post(&sim, "/v1/messages", &body, &[("x-sim-error-after", "3")]).await;
    assert_eq!(reply.event_names().last(), Some(&"error"));
    assert_eq!(reply.events()[3]["error"]["type"], "api_error");
}
