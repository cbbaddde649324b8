//! The key: where it goes, and where it must not.

use fw_tests::{KEY, MODEL, Stage, chat, streamed};
use serde_json::json;

#[tokio::test]
async fn the_upstream_gets_the_configured_key_and_nothing_of_the_client_s() {
    let stage = Stage::start().await;
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .header("authorization", "Bearer fw_client_key")
        .header("x-api-key", "fw_client_key")
        .header("cookie", "session=fw_client_key")
        .header("proxy-authorization", "Basic fw_client_key")
        .json(&chat("Hello"))
        .send()
        .await;
    assert_eq!(reply.status, 200);
    let got = stage.sim.last();
    assert_eq!(
        got.header("authorization").unwrap(),
        format!("Bearer {KEY}")
    );
    for (name, value) in &got.headers {
        assert!(
            !String::from_utf8_lossy(value.as_bytes()).contains("fw_client_key"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_key_header_and_prefix_of_one_s_own() {
    let stage = Stage::configured(|config| {
        config
            .target_field("api_key_header", "x-api-key")
            .target_field("api_key_prefix", "\"\"")
    })
    .await;
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&chat("Hello"))
        .send()
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(stage.sim.last().header("x-api-key"), Some(KEY));
    assert_eq!(stage.sim.last().header("authorization"), None);
}

#[tokio::test]
async fn without_a_key_it_starts_warns_and_answers_503() {
    let stage = Stage::with(|launch| launch.no_key()).await;
    let warning = stage.gateway.log().line_with("FIREWORKS_API_KEY").await;
    assert!(warning.contains("WARN"), "{warning}");
    assert!(
        warning.contains("primary"),
        "the warning names the target: {warning}"
    );

    for body in [chat("Hello"), streamed("Hello")] {
        let reply = stage
            .gateway
            .post("/v1/chat/completions")
            .json(&body)
            .send()
            .await;
        assert_eq!(reply.status, 503, "{}", reply.text());
        reply.error();
    }
    assert_eq!(stage.sim.counters().requests, 0);
    // It is alive, and says what it lacks.
    let health = stage.gateway.get("/health").send().await;
    assert_eq!(health.status, 200);
    assert_eq!(health.json()["status"], "unhealthy");
    assert_eq!(health.json()["providers"]["primary"], "unavailable");
    assert_eq!(stage.gateway.get("/v1/models").send().await.status, 200);
}

#[tokio::test]
async fn the_key_is_in_no_log_line_and_in_no_reply_even_at_the_finest_level() {
    let mut stage = Stage::with(|launch| launch.environment("RUST_LOG", "trace")).await;
    let gateway = &stage.gateway;
    let mut replies = String::new();
    for (path, body) in [
        ("/v1/chat/completions", chat("Hello")),
        ("/v1/chat/completions", streamed("Hello")),
        ("/v1/responses", json!({ "model": MODEL, "input": "Hello" })),
        (
            "/v1/chat/completions",
            json!({ "model": "nobody-knows-it", "messages": [] }),
        ),
        ("/v1/images/generations", json!({})),
        ("/nowhere", json!({})),
    ] {
        let reply = gateway.post(path).json(&body).send().await;
        replies.push_str(&format!("{:?}\n{}\n", reply.headers, reply.text()));
    }
    for fault in ["reset-before-head", "html-502", "reset-mid-body"] {
        let reply = gateway
            .post("/v1/chat/completions")
            .knob("fault", fault)
            .json(&streamed("Hello"))
            .send()
            .await;
        replies.push_str(&format!("{:?}\n{}\n", reply.headers, reply.text()));
    }
    gateway.terminate().await;
    assert!(stage.gateway.ended().await.success());
    let log = stage.gateway.log().to_end().await + &stage.gateway.output().to_end().await;
    assert!(
        log.contains("TRACE") && log.len() > 1000,
        "the log was on:\n{log}"
    );
    assert!(!log.contains(KEY), "the upstream's key is in the log");
    assert!(
        !log.contains("fw_client_key"),
        "the client's key is in the log"
    );
    assert!(!replies.contains(KEY), "the upstream's key is in a reply");
}
