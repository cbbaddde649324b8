//! SIGTERM: no new requests, and streams in flight end.
#![cfg(unix)]

use fw_tests::{Client, Stage, chat, streamed};

/// The simulator's pace: some forty events, so that a signal comes in the middle of the stream.
const PACE: [(&str, &str); 3] = [
    ("event-delay", "20ms"),
    ("reply-tokens", "40"),
    ("tokens-per-event", "1"),
];

#[tokio::test]
async fn an_idle_gateway_ends_at_once() {
    let mut stage = Stage::start().await;
    // An idle kept-alive connection is no reason to stay.
    let mut idle = stage.gateway.connect().await;
    idle.post("/v1/chat/completions", "", &chat("Hello").to_string())
        .await;
    assert_eq!(idle.reply().await.status, 200);
    let silent = stage.gateway.connect().await;
    stage.gateway.terminate().await;
    assert!(stage.gateway.ended().await.success());
    drop(silent);
    assert_eq!(idle.to_end().await, "");
}

#[tokio::test]
async fn streams_in_flight_end_and_new_requests_are_refused() {
    let mut stage = Stage::start().await;
    // One stream over each version of HTTP.
    let clients = [
        Client::new(stage.gateway.address()),
        Client::http2(stage.gateway.address()),
    ];
    let mut streams = Vec::new();
    for client in &clients {
        let mut call = client.post("/v1/chat/completions");
        for (name, value) in PACE {
            call = call.knob(name, value);
        }
        let mut live = call.json(&streamed("Hello")).open().await;
        live.event().await.unwrap().unwrap();
        streams.push(live);
    }
    stage.gateway.terminate().await;
    stage.gateway.log().line_with("draining").await;
    assert!(!stage.gateway.accepts().await, "the listener is closed");

    for live in streams {
        let rest = live.rest().await.unwrap();
        assert!(rest.contains("\"finish_reason\":\"stop\""), "{rest}");
        assert!(rest.ends_with("data: [DONE]\n\n"), "{rest}");
    }
    assert!(
        stage.gateway.ended().await.success(),
        "a drain that completes is a success"
    );
    assert_eq!(stage.sim.counters().completed, 2);
}

#[tokio::test]
async fn a_plain_reply_in_flight_is_given_and_the_connection_closed() {
    let mut stage = Stage::start().await;
    let mut raw = stage.gateway.connect().await;
    raw.post(
        "/v1/chat/completions",
        "x-sim-head-delay: 300ms\r\n",
        &chat("Hello").to_string(),
    )
    .await;
    stage
        .sim
        .wait_for("the request upstream", |c| c.in_flight == 1)
        .await;
    stage.gateway.terminate().await;
    stage.gateway.log().line_with("draining").await;
    let reply = raw.reply().await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(raw.to_end().await, "");
    assert!(stage.gateway.ended().await.success());
}

#[tokio::test]
async fn the_deadline_cuts_what_does_not_end() {
    let mut stage = Stage::with(|launch| launch.argument("--drain-seconds=1")).await;
    let call = stage
        .gateway
        .post("/v1/chat/completions")
        .knob("fault", "hang-mid-body")
        .knob("fault-after", "2");
    let mut live = call.json(&streamed("Hello")).open().await;
    live.event().await.unwrap().unwrap();
    stage.gateway.terminate().await;
    stage.gateway.ended().await;
    // Whatever the client sees, it must not look like a complete reply.
    if let Ok(rest) = live.rest().await {
        assert!(
            !rest.contains("[DONE]") && !rest.contains("\"finish_reason\":\""),
            "{rest}"
        );
    }
    stage
        .sim
        .wait_for("the upstream to be cancelled", |c| c.cancelled == 1)
        .await;
}
