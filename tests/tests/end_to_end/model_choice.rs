//! Which model goes upstream.

use fw_tests::{MODEL, Stage, chat};
use serde_json::{Value, json};

/// The model that the simulator was asked for when the client asked for `model`.
async fn upstream_model(stage: &Stage, model: Value) -> Value {
    let mut body = chat("Hello");
    body["model"] = model.clone();
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&body)
        .send()
        .await;
    assert_eq!(reply.status, 200, "{model}: {}", reply.text());
    stage.sim.last().json()["model"].clone()
}

#[tokio::test]
async fn a_name_is_resolved_by_the_rules() {
    let stage = Stage::start().await;
    let full = |name: &str| format!("accounts/fireworks/models/{name}");
    for (asked, sent) in [
        // A provider's prefix goes; the rest is sent, in full.
        ("fireworks/kimi-k3", full("kimi-k3")),
        (
            "fireworks/accounts/fireworks/models/kimi-k3",
            full("kimi-k3"),
        ),
        ("fireworks:chat:kimi-k3", full("kimi-k3")),
        // A name without a prefix passes, expanded where it is short.
        ("accounts/fireworks/models/kimi-k3", full("kimi-k3")),
        ("kimi-k3", full("kimi-k3")),
        (
            "accounts/test/models/tuned",
            "accounts/test/models/tuned".into(),
        ),
        (
            "accounts/fireworks/models/kimi-k3#accounts/test/deployments/d1",
            "accounts/fireworks/models/kimi-k3#accounts/test/deployments/d1".into(),
        ),
        // Routers are no models.
        (
            "fireworks/kimi-k3-fast",
            "accounts/fireworks/routers/kimi-k3-fast".into(),
        ),
        // The target's model and the target's id mean the target's own model.
        (MODEL, MODEL.into()),
        ("primary", MODEL.into()),
    ] {
        assert_eq!(upstream_model(&stage, asked.into()).await, sent, "{asked}");
    }
}

#[tokio::test]
async fn no_model_at_all_means_the_target_s() {
    let stage = Stage::start().await;
    let body = json!({ "messages": [{ "role": "user", "content": "Hello" }] });
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&body)
        .send()
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(stage.sim.last().json()["model"], MODEL);
}

#[tokio::test]
async fn a_prefix_of_a_provider_without_a_target_is_refused() {
    let stage = Stage::start().await;
    let mut body = chat("Hello");
    body["model"] = "openai/gpt-6".into();
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&body)
        .send()
        .await;
    assert!(
        reply.status.is_client_error(),
        "{} {}",
        reply.status,
        reply.text()
    );
    let error = reply.error();
    assert_eq!(error["param"], "model", "{error}");
    assert!(
        error["message"].as_str().unwrap().contains("openai"),
        "{error}"
    );
    assert_eq!(stage.sim.counters().requests, 0);
}

#[tokio::test]
async fn a_model_that_the_upstream_does_not_know_is_its_404() {
    let stage = Stage::start().await;
    let mut body = chat("Hello");
    body["model"] = "nobody-knows-it".into();
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&body)
        .send()
        .await;
    assert_eq!(reply.status, 404);
    let error = reply.error();
    assert_eq!(
        error["message"],
        "Model not found, inaccessible, and/or not deployed"
    );
    assert_eq!(error["param"], "model");
}

#[tokio::test]
async fn the_reply_names_the_model_that_answered() {
    let stage = Stage::start().await;
    let mut body = chat("Hello");
    body["model"] = "fireworks/kimi-k3".into();
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&body)
        .send()
        .await;
    assert_eq!(reply.json()["model"], "accounts/fireworks/models/kimi-k3");
}

#[tokio::test]
async fn an_openai_target_gets_openai_s_own_dialect() {
    let stage = Stage::configured(|config| {
        config
            .provider("openai")
            .model("accounts/fireworks/models/glm-5p3")
    })
    .await;
    let mut body = chat("Hello");
    body["model"] = "primary".into();
    body["max_completion_tokens"] = 50.into();
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&body)
        .send()
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let got = stage.sim.last().json();
    assert_eq!(got["model"], MODEL);
    assert_eq!(got["max_completion_tokens"], 50, "OpenAI's own name stays");
}
