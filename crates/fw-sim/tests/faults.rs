//! Faults, over real sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::ErrorKind;

use common::{KEY, MODEL, chat, chat_with, open, post, start, user, with};
use fw_sim::{BodyShape, Fault, FaultKind, Simulator};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

fn streamed() -> Value {
    with(user("Hi there"), json!({"stream": true}))
}

#[tokio::test]
async fn error_bodies_have_their_seven_shapes() {
    let sim = start().await;
    let reply = |shape: &'static str| {
        let sim = &sim;
        async move {
            let knobs = [
                ("x-sim-status", "429"),
                ("x-sim-shape", shape),
                ("x-sim-message", "slow%20down"),
                ("x-request-id", "r1"),
            ];
            let reply = chat_with(sim, &user("x"), &knobs).await;
            assert_eq!(reply.status, 429, "{shape}");
            reply
        }
    };
    assert_eq!(
        reply("e1").await.json(),
        json!({"error": {"message": "slow down", "param": null, "code": "RATE_LIMITED", "type": "error"}, "request_id": "r1"})
    );
    assert_eq!(
        reply("e2").await.json(),
        json!({"error": {"object": "error", "type": "invalid_request_error", "code": "invalid_request_error", "message": "slow down"}})
    );
    assert_eq!(
        reply("e3").await.json(),
        json!({"error": "Too Many Requests", "message": "slow down"})
    );
    assert_eq!(reply("e4").await.json(), json!({"error": "unauthorized"}));
    assert_eq!(reply("e5").await.json(), json!({"detail": "slow down"}));
    assert_eq!(
        reply("e6").await.json(),
        json!({"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}, "request_id": "r1"})
    );
    let text = reply("e7").await;
    assert_eq!(text.header("content-type"), Some("text/plain"));
    assert!(
        text.body
            .starts_with("upstream connect error or disconnect/reset before headers")
    );
    assert!(reply("html").await.body.starts_with("<html>"));
    assert_eq!(reply("empty").await.body, "");
}

#[tokio::test]
async fn named_faults_are_what_they_say() {
    let sim = start().await;
    let named = |name: &'static str| {
        let sim = &sim;
        async move { chat_with(sim, &user("x"), &[("x-sim-fault", name)]).await }
    };
    let limited = named("rate-limit").await;
    assert_eq!(
        (limited.status, limited.header("retry-after")),
        (429, Some("1"))
    );
    let scaling = named("scaling-up").await;
    assert_eq!(
        (scaling.status, &scaling.json()["error"]["code"]),
        (503, &json!("DEPLOYMENT_SCALING_UP"))
    );
    assert_eq!(
        scaling.message(),
        "Deployment is currently scaled to zero and is scaling up. Please retry your request in a few minutes."
    );
    let suspended = named("suspended").await;
    assert_eq!(
        (suspended.status, &suspended.json()["error"]["code"]),
        (412, &json!("PRECONDITION_FAILED"))
    );
    let html = named("html-502").await;
    assert_eq!(
        (html.status, html.header("content-type")),
        (502, Some("text/html"))
    );
    let empty = named("empty-502").await;
    assert_eq!(
        (
            empty.status,
            empty.header("content-length"),
            empty.body.as_str()
        ),
        (502, Some("0"), "")
    );
    assert_eq!(named("overloaded").await.status, 503);
}

#[tokio::test]
async fn a_bounded_fault_ends() {
    let sim = start().await;
    let knobs = [
        ("x-sim-status", "503"),
        ("x-sim-fault-times", "2"),
        ("x-sim-retry-after", "7"),
    ];
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(chat_with(&sim, &user("x"), &knobs).await.status);
    }
    assert_eq!(statuses, [503, 503, 200, 200]);
    // Another name counts anew.
    let other = [
        ("x-sim-status", "503"),
        ("x-sim-fault-times", "1"),
        ("x-sim-fault-id", "other"),
    ];
    assert_eq!(chat_with(&sim, &user("x"), &other).await.status, 503);
    assert_eq!(chat_with(&sim, &user("x"), &other).await.status, 200);
}

#[tokio::test]
async fn a_fault_can_last_for_a_time() {
    let sim = start().await;
    let knobs = [("x-sim-fault", "scaling-up"), ("x-sim-fault-for", "30ms")];
    let begun = std::time::Instant::now();
    assert_eq!(chat_with(&sim, &user("x"), &knobs).await.status, 503);
    while chat_with(&sim, &user("x"), &knobs).await.status != 200 {}
    assert!(begun.elapsed() >= std::time::Duration::from_millis(30));
}

#[tokio::test]
async fn faults_can_be_set_by_model_and_key_without_headers() {
    let sim = start().await;
    let model = with(
        user("x"),
        json!({"model": format!("{MODEL}?status=418&shape=e5&message=teapot")}),
    );
    let reply = chat(&sim, &model).await;
    assert_eq!(
        (reply.status, reply.json()),
        (418, json!({"detail": "teapot"}))
    );
    let key = format!("Bearer {KEY}?fault=suspended");
    assert_eq!(
        chat_with(&sim, &user("x"), &[("authorization", &key)])
            .await
            .status,
        412
    );
    let knobs = with(
        user("x"),
        json!({"model": format!("{MODEL}?reply=hello%20you")}),
    );
    let json = chat(&sim, &knobs).await.json();
    assert_eq!(
        (&json["choices"][0]["message"]["content"], &json["model"]),
        (&json!("hello you"), &json!(MODEL))
    );
}

#[tokio::test]
async fn the_builder_sets_faults_for_all_a_model_or_a_key() {
    let sim = Simulator::new()
        .model("accounts/acme/models/broken", |k| {
            k.fault = Some(Fault::status(500))
        })
        .key("fw_poor", |k| {
            k.fault = Some(Fault::status(402).shape(BodyShape::E3))
        })
        .start()
        .await
        .unwrap();
    assert_eq!(chat(&sim, &user("x")).await.status, 200);
    assert_eq!(
        chat(
            &sim,
            &with(user("x"), json!({"model": "accounts/acme/models/broken"}))
        )
        .await
        .status,
        500
    );
    let poor = chat_with(&sim, &user("x"), &[("authorization", "Bearer fw_poor")]).await;
    assert_eq!(
        (poor.status, &poor.json()["error"]),
        (402, &json!("Payment Required"))
    );
    let healed = [("authorization", "Bearer fw_poor"), ("x-sim-fault", "none")];
    assert_eq!(
        chat_with(&sim, &user("x"), &healed).await.status,
        200,
        "a header wins"
    );
    let all = Simulator::new()
        .knobs(|k| k.fault = Some(Fault::new(FaultKind::CloseBeforeHead)))
        .start()
        .await
        .unwrap();
    assert_eq!(chat(&all, &user("x")).await.status, 0);
}

#[tokio::test]
async fn nothing_comes_before_a_reset_or_close() {
    let sim = start().await;
    for body in [user("x"), streamed()] {
        let reset = chat_with(&sim, &body, &[("x-sim-fault", "reset-before-head")]).await;
        assert_eq!(
            (reset.status, reset.error),
            (0, Some(ErrorKind::ConnectionReset))
        );
        let closed = chat_with(&sim, &body, &[("x-sim-fault", "close-before-head")]).await;
        assert_eq!((closed.status, closed.error), (0, None));
    }
    assert_eq!(sim.wait_for(|c| c.broken == 4).await.cancelled, 0);
}

#[tokio::test]
async fn only_the_head_comes_before_a_reset_after_it() {
    let sim = start().await;
    for body in [user("x"), streamed()] {
        let reply = chat_with(&sim, &body, &[("x-sim-fault", "reset-after-head")]).await;
        assert_eq!(
            (reply.status, reply.body.as_str(), reply.error),
            (200, "", Some(ErrorKind::ConnectionReset))
        );
    }
}

#[tokio::test]
async fn a_stream_breaks_after_so_many_events() {
    let sim = start().await;
    for (fault, error) in [
        ("reset-mid-body", Some(ErrorKind::ConnectionReset)),
        ("close-mid-body", None),
    ] {
        let reply = chat_with(
            &sim,
            &streamed(),
            &[("x-sim-fault", fault), ("x-sim-fault-after", "3")],
        )
        .await;
        assert_eq!(
            (reply.events().len(), reply.complete, reply.error),
            (3, false, error),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn a_plain_reply_breaks_half_way() {
    let sim = start().await;
    let whole = chat(&sim, &user("x")).await.body;
    for (fault, error) in [
        ("reset-mid-body", Some(ErrorKind::ConnectionReset)),
        ("close-mid-body", None),
        ("wrong-length", None),
    ] {
        let reply = chat_with(&sim, &user("x"), &[("x-sim-fault", fault)]).await;
        assert_eq!(
            (reply.body.as_str(), reply.complete, reply.error),
            (&whole[..whole.len() / 2], false, error),
            "{fault}"
        );
    }
    let announced = chat_with(&sim, &user("x"), &[("x-sim-fault", "wrong-length")]).await;
    assert_eq!(
        announced.header("content-length"),
        Some(whole.len().to_string().as_str())
    );
    let cut = chat_with(&sim, &user("x"), &[("x-sim-fault", "cut-json")]).await;
    assert!(
        cut.complete && cut.error.is_none() && serde_json::from_str::<Value>(&cut.body).is_err()
    );
}

#[tokio::test]
async fn a_hang_lasts_until_the_client_hangs_up() {
    let sim = start().await;
    let body = user("x").to_string();
    let socket = open(
        &sim,
        "POST",
        "/v1/chat/completions",
        &body,
        &[("x-sim-fault", "hang-before-head")],
    )
    .await;
    sim.wait_for(|c| c.in_flight == 1 && c.requests == 1).await;
    drop(socket);
    let counters = sim.wait_for(|c| c.in_flight == 0).await;
    assert_eq!((counters.cancelled, counters.completed), (1, 0));
}

#[tokio::test]
async fn a_hang_in_the_middle_sends_what_comes_before() {
    let sim = start().await;
    let knobs = [("x-sim-fault", "hang-mid-body"), ("x-sim-fault-after", "1")];
    let mut socket = open(
        &sim,
        "POST",
        "/v1/chat/completions",
        &streamed().to_string(),
        &knobs,
    )
    .await;
    let mut seen = Vec::new();
    while !seen.windows(4).any(|w| w == b"\n\n\r\n") {
        socket.read_buf(&mut seen).await.unwrap();
    }
    assert_eq!(String::from_utf8_lossy(&seen).matches("data: ").count(), 1);
    assert_eq!(sim.in_flight(), 1);
    drop(socket);
    assert_eq!(sim.wait_for(|c| c.in_flight == 0).await.cancelled, 1);
}

#[tokio::test]
async fn a_client_that_leaves_a_stream_cancels_it() {
    let sim = start().await;
    let body = with(
        streamed(),
        json!({"max_tokens": 100_000, "ignore_eos": true}),
    );
    let socket = open(
        &sim,
        "POST",
        "/v1/chat/completions",
        &body.to_string(),
        &[("x-sim-event-delay", "1ms")],
    )
    .await;
    sim.wait_for(|c| c.events >= 3).await;
    drop(socket);
    let counters = sim.wait_for(|c| c.cancelled == 1).await;
    assert!(counters.events < 50_000);
}

#[tokio::test]
async fn a_wrong_knob_is_said() {
    let sim = start().await;
    let unknown = chat_with(&sim, &user("x"), &[("x-sim-speed", "9")]).await;
    assert_eq!(
        (unknown.status, unknown.message().contains("`speed`")),
        (400, true)
    );
    let bad = chat_with(&sim, &user("x"), &[("x-sim-usage-layout", "z")]).await;
    assert_eq!(
        bad.message(),
        "simulator knob `usage-layout`: expected a, b, c or both"
    );
}

#[tokio::test]
async fn faults_reach_every_endpoint() {
    let sim = start().await;
    for path in [
        "completions",
        "embeddings",
        "rerank",
        "responses",
        "messages",
    ] {
        let reply = post(
            &sim,
            &format!("/v1/{path}"),
            &json!({"model": MODEL}),
            &[("x-sim-status", "503")],
        )
        .await;
        assert_eq!(reply.status, 503, "{path}");
    }
}
