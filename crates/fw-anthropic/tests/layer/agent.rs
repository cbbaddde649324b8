//! A request as coding agents send it, and what the provider gets of it.

use fw_params::CHANGES_HEADER;
use http::Request;
use http_body_util::Full;
use serde_json::json;

use crate::{CHUNKS, exchange, reply, text};

#[tokio::test]
async fn the_request_of_a_coding_agent_arrives_as_a_chat() {
    let mark = json!({"type": "ephemeral", "ttl": "1h"});
    let image = json!({"type": "base64", "media_type": "image/png", "data": "iVBORw=="});
    let ask = json!({
        "model": "m",
        "max_tokens": 32000,
        "stream": true,
        "temperature": 1,
        "thinking": {"type": "adaptive", "display": "omitted"},
        "output_config": {"effort": "max"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "metadata": {"user_id": format!("user_{}_account__session_1", "a".repeat(64))},
        "system": [
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2; cch=1;"},
            {"type": "text", "text": "You write code.", "cache_control": mark},
            {"type": "text", "text": "Be brief.", "cache_control": mark},
        ],
        "tools": [
            {"name": "Read", "description": "Reads a file.", "eager_input_streaming": true,
             "input_schema": {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
                "properties": {"path": {"type": "string"}}}, "cache_control": mark},
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 8},
        ],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "<system-reminder>Today is Monday.</system-reminder>"},
                {"type": "text", "text": "What is on these pictures?", "cache_control": mark},
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "I look.", "signature": "EqQB"},
                {"type": "redacted_thinking", "data": "xyz"},
                {"type": "text", "text": "I look at both."},
                {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {"path": "a.png"}, "caller": {"type": "direct"}},
                {"type": "tool_use", "id": "toolu_2", "name": "Read", "input": {"path": "b.png"}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_2", "is_error": true, "content": "No such file."},
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "image", "source": image}]},
                {"type": "text", "text": "Go on.", "cache_control": mark},
            ]},
        ],
    });
    let request = Request::post("/v1/messages?beta=true")
        .header("content-type", "application/json")
        .header("authorization", "Bearer token")
        .header("anthropic-version", "2023-06-01")
        .header(
            "anthropic-beta",
            "interleaved-thinking-2025-05-14,context-management-2025-06-27",
        )
        .header("anthropic-dangerous-direct-browser-access", "true")
        .header("accept-encoding", "gzip, br, zstd")
        .header("x-app", "cli")
        .body(Full::from(ask.to_string()))
        .unwrap();

    let (response, sent) = exchange(request, reply("text/event-stream", CHUNKS)).await;

    assert_eq!(sent.uri, "/v1/chat/completions");
    assert_eq!(sent.headers["authorization"], "Bearer token");
    assert_eq!(sent.headers["accept-encoding"], "identity");
    assert!(
        !sent
            .headers
            .keys()
            .any(|name| name.as_str().starts_with("anthropic-"))
    );
    let call = |id: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": "Read", "arguments": arguments}});
    assert_eq!(
        sent.json(),
        json!({
            "model": "m",
            "max_tokens": 32000,
            "temperature": 1,
            "stream": true,
            "stream_options": {"include_usage": true},
            "reasoning_effort": "high",
            "user": format!("user_{}", "a".repeat(59)),
            "tools": [{"type": "function", "function": {
                "name": "Read", "description": "Reads a file.", "parameters": {
                    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
                    "properties": {"path": {"type": "string"}}}}}],
            "messages": [
                {"role": "system", "content": "You write code.\nBe brief."},
                {"role": "user", "content": [
                    {"type": "text", "text": "<system-reminder>Today is Monday.</system-reminder>"},
                    {"type": "text", "text": "What is on these pictures?"},
                ]},
                {"role": "assistant", "content": "I look at both.", "reasoning_content": "I look.", "tool_calls": [
                    call("toolu_1", r#"{"path":"a.png"}"#),
                    call("toolu_2", r#"{"path":"b.png"}"#),
                ]},
                {"role": "tool", "tool_call_id": "toolu_2", "content": "Error: No such file."},
                {"role": "tool", "tool_call_id": "toolu_1", "content": "The result is the image in the next message."},
                {"role": "user", "content": [
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
                    {"type": "text", "text": "Go on."},
                ]},
            ],
        })
    );
    assert_eq!(
        response.headers()[CHANGES_HEADER],
        "removed context_management; removed system[].cache_control x2; \
         removed system (x-anthropic-billing-header); removed messages[].content[].cache_control x2; \
         removed messages[].content[].signature; removed messages[].content[] (redacted_thinking); \
         removed messages[].content[].caller; set metadata.user_id; \
         removed tools[].cache_control; removed tools[].eager_input_streaming; \
         removed tools[] (server tool); removed thinking.display; removed thinking; set output_config.effort"
    );
    assert!(text(response).await.contains("event: message_stop\n"));
}
