//! Every operation on every path that people point their SDK at.

use fw_tests::{MODEL, Stage, chat, streamed};
use serde_json::{Value, json};

/// What a client may put before the operation.
const SURFACES: [&str; 5] = [
    "/v1",
    "/inference/v1",
    "/inference/v1/v1",
    "/openai",
    "/openai/v1",
];

fn operations() -> [(&'static str, Value); 5] {
    [
        ("/chat/completions", chat("Hello")),
        ("/completions", json!({ "model": MODEL, "prompt": "Hello" })),
        (
            "/embeddings",
            json!({ "model": "accounts/fireworks/models/qwen3-embedding-8b", "input": "Hello" }),
        ),
        ("/responses", json!({ "model": MODEL, "input": "Hello" })),
        (
            "/messages",
            json!({ "model": MODEL, "max_tokens": 64, "messages": [{ "role": "user", "content": "Hello" }] }),
        ),
    ]
}

#[tokio::test]
async fn every_operation_is_served_on_every_surface() {
    let stage = Stage::start().await;
    for surface in SURFACES {
        for (operation, body) in operations() {
            let path = format!("{surface}{operation}");
            let reply = stage.gateway.post(&path).json(&body).send().await;
            assert_eq!(reply.status, 200, "{path}: {}", reply.text());
            assert_eq!(
                reply.header("content-type"),
                Some("application/json"),
                "{path}"
            );
            // Whatever the client called it, Fireworks knows one path.
            assert_eq!(
                stage.sim.last().path,
                format!("/inference/v1{operation}"),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn every_operation_but_embeddings_streams_on_every_surface() {
    let stage = Stage::start().await;
    for surface in SURFACES {
        for (operation, mut body) in operations() {
            if operation == "/embeddings" {
                continue;
            }
            body["stream"] = true.into();
            let path = format!("{surface}{operation}");
            let reply = stage.gateway.post(&path).json(&body).send().await;
            assert_eq!(reply.status, 200, "{path}: {}", reply.text());
            let content_type = reply.header("content-type").unwrap();
            assert!(
                content_type.starts_with("text/event-stream"),
                "{path}: {content_type}"
            );
            assert!(reply.chunks().len() > 1, "{path}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn a_stream_comes_as_it_is_made() {
    let stage = Stage::start().await;
    let mut live = stage
        .gateway
        .post("/v1/chat/completions")
        .knob("fault", "hang-mid-body")
        .knob("fault-after", "3")
        .json(&streamed("Hello"))
        .open()
        .await;
    // The upstream sends three events and then nothing: they must be here while it still hangs.
    for _ in 0..3 {
        assert!(live.event().await.unwrap().unwrap().starts_with("data: {"));
    }
    assert_eq!(stage.sim.counters().in_flight, 1);
}

#[tokio::test]
async fn the_query_of_a_request_goes_along() {
    let stage = Stage::start().await;
    let body = json!({ "model": MODEL, "max_tokens": 64, "messages": [{ "role": "user", "content": "Hello" }] });
    let reply = stage
        .gateway
        .post("/v1/messages?beta=true")
        .json(&body)
        .send()
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(stage.sim.last().query.as_deref(), Some("beta=true"));
}

#[tokio::test]
async fn the_base_url_of_the_configuration_may_leave_out_the_version() {
    for suffix in [
        "/inference",
        "/inference/",
        "/inference/v1",
        "/inference/v1/",
    ] {
        let sim = fw_tests::Sim::start().await;
        let config = fw_tests::Config::new().base_url(&format!("{}{suffix}", sim.url()));
        let gateway = fw_tests::Launch::new(config).start().await;
        let reply = gateway
            .post("/v1/chat/completions")
            .json(&chat("Hello"))
            .send()
            .await;
        assert_eq!(reply.status, 200, "{suffix}: {}", reply.text());
        assert_eq!(
            sim.last().path,
            "/inference/v1/chat/completions",
            "{suffix}"
        );
    }
}

#[tokio::test]
async fn health_is_answered_without_the_upstream() {
    let stage = Stage::start().await;
    for path in ["/health", "/healthz", "/readyz"] {
        let reply = stage
            .gateway
            .get(path)
            .without("authorization")
            .send()
            .await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    }
    assert_eq!(stage.sim.counters().requests, 0);
}

#[tokio::test]
async fn a_request_id_of_the_client_is_kept_and_one_is_made_otherwise() {
    let stage = Stage::start().await;
    let call = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&chat("Hello"));
    let reply = call.clone().header("x-request-id", "ticket-7").send().await;
    assert_eq!(reply.header("x-request-id"), Some("ticket-7"));
    assert_eq!(stage.sim.last().header("x-request-id"), Some("ticket-7"));
    let reply = call.send().await;
    assert!(
        reply
            .header("x-request-id")
            .is_some_and(|id| id.len() >= 16)
    );
}

#[tokio::test]
async fn headers_of_the_provider_s_inside_stay_inside() {
    let stage = Stage::start().await;
    let call = chat("Hello");
    let direct = stage
        .sim
        .post("/inference/v1/chat/completions")
        .json(&call)
        .send()
        .await;
    assert!(
        direct
            .headers
            .keys()
            .any(|name| name.as_str().starts_with("fireworks-"))
    );
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&call)
        .send()
        .await;
    for name in reply.headers.keys() {
        let name = name.as_str();
        assert!(
            !name.starts_with("fireworks-") && !name.starts_with("x-envoy-"),
            "{name}"
        );
        assert!(!["server", "set-cookie"].contains(&name), "{name}");
    }
}
