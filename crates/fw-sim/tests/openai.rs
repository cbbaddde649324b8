//! A provider that has OpenAI's chat completions and nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{get, post};
use fw_sim::{Running, Simulator};
use serde_json::json;

async fn start() -> Running {
    Simulator::new().openai().start().await.unwrap()
}

const KEY: (&str, &str) = ("authorization", "Bearer sk-anything");

#[tokio::test]
async fn chat_completions_take_openai_s_fields_any_key_and_any_model() {
    let sim = start().await;
    let body = json!({
        "model": "gpt-9", "store": false, "max_completion_tokens": 9000,
        "messages": [
            {"role": "developer", "content": "Be kind."},
            {"role": "user", "name": "ada", "content": "Hi"},
        ],
    });
    let reply = post(&sim, "/v1/chat/completions", &body, &[KEY]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.json()["model"], "gpt-9");
    assert_eq!(
        reply.json()["choices"][0]["message"]["content"],
        "You said: Hi"
    );
    assert_eq!(reply.header("fireworks-prompt-tokens"), None);
}

#[tokio::test]
async fn usage_of_a_stream_has_a_chunk_of_its_own() {
    let sim = start().await;
    let body = json!({
        "model": "gpt-9", "stream": true, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": "Hi"}],
    });
    let events = post(&sim, "/v1/chat/completions", &body, &[KEY])
        .await
        .events();
    let usage = &events[events.len() - 2];
    assert_eq!(usage["choices"], json!([]));
    assert!(usage["usage"]["prompt_tokens"].is_u64(), "{usage}");
}

#[tokio::test]
async fn other_apis_are_not_there() {
    let sim = start().await;
    for path in [
        "/v1/messages",
        "/v1/responses",
        "/v1/rerank",
        "/inference/v1/responses",
    ] {
        let reply = post(&sim, path, &json!({"model": "m"}), &[KEY]).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.message(), format!("Invalid URL (POST {path})"));
        assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
    }
    let models = get(&sim, "/v1/models").await.json();
    assert_eq!(models["data"][0]["owned_by"], "openai");
}

#[tokio::test]
async fn another_api_s_fields_and_a_missing_key_are_refused_in_openai_s_words() {
    let sim = start().await;
    let body = json!({"model": "m", "top_k": 1, "messages": [{"role": "user", "content": "Hi"}]});
    let reply = post(&sim, "/v1/chat/completions", &body, &[KEY]).await;
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.message(),
        "Unrecognized request argument supplied: top_k"
    );
    let reply = post(
        &sim,
        "/v1/chat/completions",
        &body,
        &[("authorization", "none")],
    )
    .await;
    assert_eq!(reply.status, 401);
    assert_eq!(reply.json()["error"]["code"], "invalid_api_key");
}
