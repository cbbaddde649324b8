//! What the gateway refuses, and how it says so.

use fw_tests::{MODEL, Reply, Stage, chat};
use http::Method;
use serde_json::json;

#[tokio::test]
async fn operations_that_fireworks_lacks_are_named() {
    let stage = Stage::start().await;
    for (method, path) in [
        (Method::POST, "/v1/images/generations"),
        (Method::POST, "/v1/images/edits"),
        (Method::POST, "/v1/audio/speech"),
        (Method::POST, "/v1/audio/transcriptions"),
        (Method::POST, "/v1/videos"),
        (Method::GET, "/v1/files"),
        (Method::POST, "/v1/files"),
        (Method::GET, "/v1/files/file-7/content"),
        (Method::POST, "/v1/batches"),
        (Method::GET, "/v1/batches/batch-7"),
        (Method::POST, "/v1/fine_tuning/jobs"),
        (Method::POST, "/openai/images/generations"),
        (Method::POST, "/inference/v1/images/generations"),
    ] {
        let reply = stage
            .gateway
            .client()
            .call(method.clone(), path)
            .json(&json!({}))
            .send()
            .await;
        assert_eq!(reply.status, 400, "{method} {path}: {}", reply.text());
        let error = reply.error();
        assert_eq!(error["code"], "unsupported_operation", "{path}: {error}");
        let message = error["message"].as_str().unwrap().to_lowercase();
        assert!(
            message.contains("fireworks"),
            "{path} names the provider: {message}"
        );
        let operation = path
            .split('/')
            .find(|part| !["", "v1", "openai", "inference"].contains(part))
            .unwrap();
        let stem = operation.trim_end_matches('s').split('_').next().unwrap();
        assert!(
            message.contains(stem),
            "{path} names the operation: {message}"
        );
    }
    assert_eq!(stage.sim.counters().requests, 0);
}

#[tokio::test]
async fn embeddings_do_not_stream() {
    let stage = Stage::start().await;
    let body = json!({ "model": MODEL, "input": "Hello", "stream": true });
    let reply = stage
        .gateway
        .post("/v1/embeddings")
        .json(&body)
        .send()
        .await;
    assert_eq!(reply.status, 400);
    let error = reply.error();
    assert_eq!(error["code"], "unsupported_operation");
    assert_eq!(error["param"], "stream");
    assert_eq!(stage.sim.counters().requests, 0);
}

#[tokio::test]
async fn embeddings_that_say_they_do_not_stream_are_served() {
    let stage = Stage::start().await;
    let model = "accounts/fireworks/models/qwen3-embedding-8b";
    let body = json!({ "model": model, "input": "Hello", "stream": false });
    let reply = stage
        .gateway
        .post("/v1/embeddings")
        .json(&body)
        .send()
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_whether_its_length_is_announced_or_not() {
    let stage = Stage::configured(|c| c.section("size_limits:\n  max_body_bytes: 1000")).await;
    let fits = chat(&"x".repeat(500)).to_string();
    assert!(fits.len() < 1000);
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .body(fits)
        .send()
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());

    let large = chat(&"x".repeat(1000)).to_string();
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .body(large.clone())
        .send()
        .await;
    assert_too_large(&reply);

    let mut raw = stage.gateway.connect().await;
    raw.send(format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    ))
    .await;
    let reply = raw.reply().await;
    assert_eq!(reply.status, 413, "{}", reply.body);
    assert_eq!(stage.sim.counters().requests, 1);
}

fn assert_too_large(reply: &Reply) {
    assert_eq!(reply.status, 413);
    let message = reply.error()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("1000"), "the limit is named: {message}");
}

#[tokio::test]
async fn broken_json_is_refused_with_its_position() {
    let stage = Stage::start().await;
    let body = "{\n  \"model\": \"m\",\n  \"messages\": [oops]\n}";
    for path in [
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/embeddings",
        "/v1/responses",
        "/v1/messages",
    ] {
        let reply = stage.gateway.post(path).body(body).send().await;
        assert_eq!(reply.status, 400, "{path}");
        let error = reply.json()["error"].clone();
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("line 3") && message.contains("column 16"),
            "{path}: {message}"
        );
        assert_eq!(error["type"], "invalid_request_error", "{path}");
    }
    assert_eq!(stage.sim.counters().requests, 0);
}

#[tokio::test]
async fn hostile_bodies_are_refused_and_the_gateway_lives_on() {
    let stage = Stage::start().await;
    let deep = "[".repeat(100_000);
    let latin = b"{\"model\":\"\xe9\"}".to_vec();
    for body in [
        deep.into_bytes(),
        latin,
        Vec::new(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"{}{}".to_vec(),
    ] {
        let reply = stage
            .gateway
            .post("/v1/chat/completions")
            .body(body.clone())
            .send()
            .await;
        assert_eq!(
            reply.status,
            400,
            "{:?}",
            String::from_utf8_lossy(&body[..body.len().min(20)])
        );
        reply.error();
    }
    assert_eq!(
        stage
            .gateway
            .post("/v1/chat/completions")
            .json(&chat("Hello"))
            .send()
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn unknown_paths_are_404() {
    let stage = Stage::start().await;
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v1/chat",
        "/v1/completions/more",
        "/v2/chat/completions",
        "/favicon.ico",
    ] {
        let reply = stage.gateway.post(path).json(&chat("Hello")).send().await;
        assert_eq!(reply.status, 404, "{path}: {}", reply.text());
        let error = reply.error();
        assert!(
            error["message"].as_str().unwrap().contains(path),
            "{path}: {error}"
        );
    }
}

#[tokio::test]
async fn wrong_methods_are_405_and_say_which_are_right() {
    let stage = Stage::start().await;
    for (method, path, allow) in [
        (Method::GET, "/v1/chat/completions", "POST"),
        (Method::PUT, "/v1/completions", "POST"),
        (Method::DELETE, "/v1/embeddings", "POST"),
        (Method::GET, "/inference/v1/embeddings", "POST"),
        (Method::POST, "/v1/models", "GET"),
        (Method::POST, "/health", "GET"),
    ] {
        let reply = stage
            .gateway
            .client()
            .call(method.clone(), path)
            .send()
            .await;
        assert_eq!(reply.status, 405, "{method} {path}: {}", reply.text());
        let allowed: Vec<&str> = reply
            .header("allow")
            .unwrap()
            .split(',')
            .map(str::trim)
            .collect();
        assert!(
            allowed.contains(&allow),
            "{method} {path}: allow {allowed:?}"
        );
        assert!(
            !allowed.contains(&method.as_str()),
            "{method} {path}: allow {allowed:?}"
        );
        reply.error();
    }
    let allowed = stage
        .gateway
        .client()
        .call(Method::PUT, "/v1/responses")
        .send()
        .await;
    assert_eq!(allowed.status, 405);
    let allow = allowed.header("allow").unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
}

#[tokio::test]
async fn errors_on_messages_have_anthropic_s_shape() {
    let stage = Stage::start().await;
    let reply = stage.gateway.post("/v1/messages").body("{").send().await;
    assert_eq!(reply.status, 400);
    let body = reply.json();
    assert_eq!(body["type"], "error");
    assert_eq!(body["error"]["type"], "invalid_request_error");
    assert!(body["error"]["message"].is_string());
}

#[tokio::test]
async fn a_refusal_tells_sdks_not_to_try_again() {
    let stage = Stage::start().await;
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .body("{")
        .send()
        .await;
    // 400 is not retried by any SDK; what matters is that nothing says the opposite.
    assert_ne!(reply.header("x-should-retry"), Some("true"));
}
