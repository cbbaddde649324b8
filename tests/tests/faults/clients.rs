//! Clients that hang up, and clients that do not read.

use fw_tests::{Client, MODEL, RawConnection, Stage, chat, streamed};
use serde_json::json;

#[tokio::test]
async fn a_client_that_hangs_up_in_a_stream_cancels_the_upstream() {
    let stage = Stage::start().await;
    let call = stage
        .gateway
        .post("/v1/chat/completions")
        .knob("fault", "hang-mid-body")
        .knob("fault-after", "2");
    let mut live = call.json(&streamed("Hello")).open().await;
    assert!(live.event().await.unwrap().is_some());
    assert_eq!(stage.sim.counters().in_flight, 1);
    drop(live);
    let counters = stage
        .sim
        .wait_for("the upstream to be cancelled", |c| c.cancelled == 1)
        .await;
    assert_eq!(counters.in_flight, 0);
}

#[tokio::test]
async fn a_client_that_hangs_up_before_the_head_cancels_the_upstream() {
    let stage = Stage::start().await;
    for body in [chat("Hello"), streamed("Hello")] {
        let before = stage.sim.counters();
        let mut raw = stage.gateway.connect().await;
        raw.post(
            "/v1/chat/completions",
            "x-sim-fault: hang-before-head\r\n",
            &body.to_string(),
        )
        .await;
        stage
            .sim
            .wait_for("the request upstream", |c| c.in_flight == 1)
            .await;
        drop(raw);
        stage
            .sim
            .wait_for("the upstream to be cancelled", |c| {
                c.cancelled == before.cancelled + 1
            })
            .await;
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_in_a_reply_that_is_put_together_cancels_the_upstream() {
    let stage = Stage::start().await;
    let mut body = chat("Hello");
    body["max_tokens"] = 5000.into();
    let mut raw = stage.gateway.connect().await;
    raw.post(
        "/v1/chat/completions",
        "x-sim-fault: hang-mid-body\r\n",
        &body.to_string(),
    )
    .await;
    stage
        .sim
        .wait_for("events upstream", |c| c.events > 0)
        .await;
    drop(raw);
    stage
        .sim
        .wait_for("the upstream to be cancelled", |c| c.cancelled == 1)
        .await;
}

#[tokio::test]
async fn a_reset_http_2_stream_cancels_its_upstream_and_no_other() {
    let stage = Stage::start().await;
    let client = Client::http2(stage.gateway.address());
    let open = || {
        let call = client
            .post("/v1/chat/completions")
            .knob("fault", "hang-mid-body")
            .knob("fault-after", "2");
        call.json(&streamed("Hello")).open()
    };
    let (mut kept, mut dropped) = (open().await, open().await);
    assert!(kept.event().await.unwrap().is_some());
    assert!(dropped.event().await.unwrap().is_some());
    drop(dropped);
    let counters = stage
        .sim
        .wait_for("one upstream to be cancelled", |c| c.cancelled == 1)
        .await;
    assert_eq!(counters.in_flight, 1, "the other one goes on");
}

#[tokio::test]
async fn a_client_that_never_finishes_its_request_asks_nothing_of_the_upstream() {
    let stage = Stage::start().await;
    let mut raw = stage.gateway.connect().await;
    raw.send("POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-length: 100\r\n\r\n{\"model\":").await;
    assert_eq!(stage.gateway.get("/health").send().await.status, 200);
    drop(raw);
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
    assert_eq!(stage.sim.counters().requests, 1);
}

/// A stream of some 200 MB is offered to a client that reads a few bytes and stops. What the gateway
/// holds of it must be a few socket buffers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_costs_no_memory() {
    let stage = Stage::start().await;
    let Some(before) = stage.gateway.resident_memory() else {
        fw_tests::say("SKIPPED: this system does not say how much memory a process holds");
        return;
    };
    let body = json!({
        "model": MODEL,
        "messages": [{ "role": "user", "content": "Hello" }],
        "max_tokens": 1_000_000,
        "stream": true,
    });
    let mut raw = RawConnection::open_narrow(stage.gateway.address()).await;
    let knobs = "x-sim-reply-tokens: 1000000\r\nx-sim-tokens-per-event: 1\r\n";
    raw.post("/v1/chat/completions", knobs, &body.to_string())
        .await;
    raw.until("data: ").await.expect("the stream begins");

    // The upstream pushes until every buffer on the way is full. It stands when many requests of
    // another client went through in the meantime and not one more event was taken.
    let mut events = stage.sim.counters().events;
    loop {
        for _ in 0..50 {
            assert_eq!(stage.gateway.get("/health").send().await.status, 200);
        }
        let now = stage.sim.counters().events;
        if now == events {
            break;
        }
        events = now;
    }
    let counters = stage.sim.counters();
    assert_eq!(
        counters.in_flight, 1,
        "the upstream is held back, not drained: {counters:?}"
    );
    let held = stage
        .gateway
        .resident_memory()
        .unwrap()
        .saturating_sub(before);
    assert!(
        held < 8 << 20,
        "the gateway holds {} KiB more than before",
        held >> 10
    );

    drop(raw);
    stage
        .sim
        .wait_for("the upstream to be cancelled", |c| c.cancelled == 1)
        .await;
}
