//! The prefixes that clients' base URLs have, and what each of them says about what is not there.

use fw_tests::{MODEL, Reply, Stage, chat};
use http::Method;
use serde_json::{Value, json};

/// Base URLs under which all operations are.
const PREFIXES: [&str; 14] = [
    "/v1",
    "/v1/v1",
    "/inference",
    "/inference/v1",
    "/inference/v1/v1",
    "/openai",
    "/openai/v1",
    "/openai/v1/v1",
    "/langchain",
    "/langchain/v1",
    "/langchain/v1/v1",
    "/litellm",
    "/litellm/v1",
    "/litellm/v1/v1",
];

/// Base URLs under which only Anthropic's operations are.
const ANTHROPIC: [&str; 3] = ["/anthropic", "/anthropic/v1", "/anthropic/v1/v1"];

fn messages() -> Value {
    json!({ "model": MODEL, "max_tokens": 64, "messages": [{ "role": "user", "content": "Hello" }] })
}

#[tokio::test]
async fn every_prefix_reaches_every_operation() {
    let stage = Stage::start().await;
    let operations = [
        ("/chat/completions", chat("Hello")),
        ("/completions", json!({ "model": MODEL, "prompt": "Hello" })),
        ("/responses", json!({ "model": MODEL, "input": "Hello" })),
        ("/messages", messages()),
        (
            "/embeddings",
            json!({ "model": "accounts/fireworks/models/qwen3-embedding-8b", "input": "Hello" }),
        ),
    ];
    for prefix in PREFIXES {
        for (path, body) in &operations {
            let from = format!("{prefix}{path}");
            let reply = stage.gateway.post(&from).json(body).send().await;
            assert_eq!(reply.status, 200, "{from}: {}", reply.text());
            let to = format!("/inference/v1{path}");
            assert_eq!(stage.sim.last().path, to, "{from}");
        }
        let models = format!("{prefix}/models");
        assert_eq!(stage.gateway.get(&models).send().await.status, 200);
    }
}

#[tokio::test]
async fn anthropic_s_sdks_find_messages_however_their_base_url_is_written() {
    let stage = Stage::start().await;
    for prefix in ANTHROPIC {
        for query in ["", "?beta=true"] {
            let path = format!("{prefix}/messages{query}");
            let reply = stage.gateway.post(&path).json(&messages()).send().await;
            assert_eq!(reply.status, 200, "{path}: {}", reply.text());
            assert_eq!(reply.json()["type"], "message", "{path}");
        }
    }
}

fn assert_anthropic(reply: &Reply, status: u16, kind: &str, case: &str) {
    assert_eq!(reply.status, status, "{case}: {}", reply.text());
    let body = reply.json();
    assert_eq!(body["type"], "error", "{case}: {body}");
    assert_eq!(body["error"]["type"], kind, "{case}: {body}");
    assert!(body["error"]["message"].is_string(), "{case}: {body}");
}

fn assert_openai(reply: &Reply, status: u16, case: &str) {
    assert_eq!(reply.status, status, "{case}: {}", reply.text());
    let body = reply.json();
    let error = &body["error"];
    assert_eq!(error["type"], "invalid_request_error", "{case}: {body}");
    for member in ["message", "param", "code"] {
        assert!(error.get(member).is_some(), "{case}: no {member}: {body}");
    }
    assert_eq!(body.get("type"), None, "{case}: {body}");
}

#[tokio::test]
async fn unknown_paths_are_told_in_the_words_of_the_surface() {
    let stage = Stage::start().await;
    let ask = async |method, path: &str| stage.gateway.client().call(method, path).send().await;
    for path in [
        "/anthropic",
        "/anthropic/",
        "/anthropic/v1/nowhere",
        "/anthropic/v1/chat/completions",
        "/v1/messages/nowhere",
        "/langchain/v1/messages/nowhere",
    ] {
        let reply = ask(Method::POST, path).await;
        assert_anthropic(&reply, 404, "not_found_error", path);
    }
    for prefix in PREFIXES {
        for path in ["", "/", "/nowhere", "/chat"] {
            let path = format!("{prefix}{path}");
            assert_openai(&ask(Method::POST, &path).await, 404, &path);
        }
    }
    for path in ["/", "/nowhere", "/litellms/v1/models", "/openai2/models"] {
        assert_openai(&ask(Method::GET, path).await, 404, path);
    }
}

#[tokio::test]
async fn wrong_methods_are_told_in_the_words_of_the_surface() {
    let stage = Stage::start().await;
    let ask = async |method, path: &str| stage.gateway.client().call(method, path).send().await;
    for path in [
        "/anthropic/v1/messages",
        "/v1/messages",
        "/litellm/messages",
    ] {
        let reply = ask(Method::PUT, path).await;
        assert_anthropic(&reply, 405, "invalid_request_error", path);
        assert_eq!(reply.header("allow"), Some("POST"), "{path}");
    }
    for prefix in PREFIXES {
        let path = format!("{prefix}/chat/completions");
        let reply = ask(Method::GET, &path).await;
        assert_openai(&reply, 405, &path);
        assert_eq!(reply.header("allow"), Some("POST"), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_served_is_told_in_the_words_of_the_surface() {
    let stage = Stage::start().await;
    let batches = "/anthropic/v1/messages/batches";
    let reply = stage.gateway.post(batches).json(&json!({})).send().await;
    assert_anthropic(&reply, 400, "invalid_request_error", batches);
    for prefix in ["/openai", "/langchain", "/litellm/v1"] {
        let path = format!("{prefix}/images/generations");
        let reply = stage.gateway.post(&path).json(&json!({})).send().await;
        assert_openai(&reply, 400, &path);
        assert_eq!(reply.error()["code"], "unsupported_operation", "{path}");
    }
}
