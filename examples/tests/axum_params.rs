//! The example `axum_params` between an OpenAI client and the simulator, which refuses what Fireworks
//! refuses.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod client;
#[allow(dead_code, unreachable_pub)]
#[path = "../examples/axum_params.rs"]
mod example;

use fw_sim::{Running, Simulator};
use serde_json::{Value, json};
use tokio::net::TcpListener;

async fn start() -> (Running, String) {
    let sim = Simulator::new().start().await.unwrap();
    let url = format!("{}/chat/completions", sim.base_url())
        .parse()
        .unwrap();
    let app = example::app(url, "fw_test".to_owned());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (sim, at)
}

fn openai_prompt(stream: bool) -> Value {
    let mut body = client::prompt(stream);
    body["model"] = json!("fireworks/glm-5p3");
    body["store"] = json!(false);
    body["max_completion_tokens"] = json!(16);
    body
}

#[tokio::test]
async fn an_openai_request_reaches_fireworks_in_its_dialect() {
    let (sim, at) = start().await;
    let reply = client::chat(&at, &[], openai_prompt(false)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);

    let sent = sim.requests()[0].json();
    assert_eq!(sent["model"], "accounts/fireworks/models/glm-5p3");
    assert_eq!(sent["max_tokens"], 16);
    assert_eq!(sent.get("store"), None);
    assert_eq!(
        sim.requests()[0].header("authorization"),
        Some("Bearer fw_test")
    );
    let changes = reply.headers["x-fw-params"].to_str().unwrap();
    assert!(changes.contains("store"), "{changes}");
}

#[tokio::test]
async fn a_stream_passes() {
    let (_sim, at) = start().await;
    let reply = client::chat(&at, &[], openai_prompt(true)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.text.ends_with("data: [DONE]\n\n"), "{}", reply.text);
}
