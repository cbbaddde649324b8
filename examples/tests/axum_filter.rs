//! The example `axum_filter` between a client and the simulator.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod client;
#[allow(dead_code, unreachable_pub)]
#[path = "../examples/axum_filter.rs"]
mod example;

use fw_sim::{Running, Simulator};
use serde_json::Value;
use tokio::net::TcpListener;

const REPLY: &str = "Your parcel 20261121987 comes on day 24, call 0800123456";

async fn start() -> (Running, String) {
    let sim = Simulator::new().knobs(|knobs| {
        knobs.reply = Some(REPLY.to_owned());
        knobs.tokens_per_event = 1;
    });
    let sim = sim.start().await.unwrap();
    let url = format!("{}/chat/completions", sim.base_url());
    let app = example::app(url.parse().unwrap(), "fw_test".to_owned());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (sim, at)
}

#[tokio::test]
async fn numbers_in_a_stream_are_hidden() {
    let (sim, at) = start().await;
    let reply = client::chat(&at, &[], client::prompt(true)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(
        sim.requests()[0].header("accept-encoding"),
        Some("identity")
    );
    assert!(reply.text.ends_with("data: [DONE]\n\n"), "{}", reply.text);
    let content: String = reply
        .text
        .lines()
        .filter_map(|line| line.strip_prefix("data: {"))
        .map(|data| serde_json::from_str(&format!("{{{data}")).unwrap())
        .filter_map(|event: Value| {
            let delta = &event["choices"].get(0)?["delta"];
            Some(delta["content"].as_str()?.to_owned())
        })
        .collect();
    assert_eq!(
        content,
        "Your parcel [number] comes on day 24, call [number]"
    );
}

#[tokio::test]
async fn other_replies_pass() {
    let (_sim, at) = start().await;
    let reply = client::chat(&at, &[], client::prompt(false)).await;
    assert!(reply.text.contains(REPLY), "{}", reply.text);
}
