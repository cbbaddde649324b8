//! The handle of a running simulator, its HTTP twin, limits, and the binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use bytes::Bytes;
use common::{chat, chat_with, get, open, send, start, user, with};
use fw_sim::Simulator;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tokio::io::AsyncReadExt;

#[tokio::test]
async fn requests_are_recorded_as_they_came() {
    let sim = start().await;
    chat_with(&sim, &user("x"), &[("x-mine", "1")]).await;
    let requests = sim.requests();
    assert_eq!(
        (
            requests.len(),
            requests[0].method.as_str(),
            requests[0].path.as_str()
        ),
        (1, "POST", "/inference/v1/chat/completions")
    );
    assert_eq!(
        (
            requests[0].header("x-mine"),
            requests[0].header("authorization")
        ),
        (Some("1"), Some("Bearer fw_acme"))
    );
    assert_eq!(requests[0].json(), user("x"));
    assert!(
        !format!("{:?}", requests[0]).contains("fw_acme"),
        "no key in Debug"
    );
    sim.reset();
    assert!(sim.requests().is_empty());
}

#[tokio::test]
async fn the_record_is_bounded() {
    let sim = Simulator::new().recorded_requests(2).start().await.unwrap();
    for text in ["a", "b", "c"] {
        chat(&sim, &user(text)).await;
    }
    let texts: Vec<String> = sim
        .requests()
        .iter()
        .map(|r| {
            r.json()["messages"][0]["content"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        (texts, sim.counters().requests),
        (vec!["b".into(), "c".into()], 3)
    );
}

#[tokio::test]
async fn the_same_is_told_over_http() {
    let sim = start().await;
    chat(&sim, &user("x")).await;
    sim.wait_for(|c| c.completed == 1).await;
    let state = get(&sim, "/sim/state").await.json();
    assert_eq!(
        (&state["requests"], &state["in_flight"], &state["completed"]),
        (&json!(1), &json!(0), &json!(1))
    );
    let requests = get(&sim, "/sim/requests").await.json();
    assert_eq!(
        requests["requests"][0]["headers"]["authorization"],
        "Bearer fw_acme"
    );
    assert!(
        requests["requests"][0]["body"]
            .as_str()
            .unwrap()
            .contains("\"x\"")
    );
    send(&sim, "POST", "/sim/reset", "", &[]).await;
    assert_eq!(
        get(&sim, "/sim/requests").await.json()["requests"],
        json!([])
    );
    assert_eq!(get(&sim, "/sim/other").await.status, 404);
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let sim = Simulator::new().max_body_bytes(100).start().await.unwrap();
    let reply = chat(&sim, &user(&"x".repeat(200))).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (413, Some("application/json"))
    );
}

#[tokio::test]
async fn a_shutdown_lets_streams_end() {
    let sim = start().await;
    let body = with(user("Hi there"), json!({"stream": true})).to_string();
    let mut socket = open(
        &sim,
        "POST",
        "/v1/chat/completions",
        &body,
        &[("x-sim-event-delay", "5ms")],
    )
    .await;
    sim.wait_for(|c| c.events >= 1).await;
    let mut text = String::new();
    let (read, ()) = tokio::join!(socket.read_to_string(&mut text), sim.shutdown());
    read.unwrap();
    assert!(text.contains("[DONE]"));
}

#[tokio::test]
async fn dropping_the_handle_ends_connections() {
    let sim = start().await;
    let body = user("x").to_string();
    let mut socket = open(
        &sim,
        "POST",
        "/v1/chat/completions",
        &body,
        &[("x-sim-fault", "hang")],
    )
    .await;
    sim.wait_for(|c| c.in_flight == 1).await;
    drop(sim);
    let mut rest = Vec::new();
    let _ = socket.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
}

#[tokio::test]
async fn http2_is_served_and_a_reset_is_the_streams() {
    let sim = start().await;
    let socket = tokio::net::TcpStream::connect(sim.addr()).await.unwrap();
    let (mut client, connection) = hyper::client::conn::http2::handshake::<_, _, Full<Bytes>>(
        TokioExecutor::new(),
        TokioIo::new(socket),
    )
    .await
    .unwrap();
    let connection = tokio::spawn(connection);
    let request = |fault: &str| {
        http::Request::post(format!("{}/chat/completions", sim.base_url()))
            .header("authorization", "Bearer fw_acme")
            .header("x-sim-fault", fault)
            .body(Full::from(
                with(user("x"), json!({"stream": true})).to_string(),
            ))
            .unwrap()
    };
    let reply = client.send_request(request("none")).await.unwrap();
    let text = reply.into_body().collect().await.unwrap().to_bytes();
    assert!(text.ends_with(b"data: [DONE]\n\n"));
    let broken = client
        .send_request(request("reset-mid-body"))
        .await
        .unwrap();
    assert!(broken.into_body().collect().await.is_err());
    assert!(
        client
            .send_request(request("reset-before-head"))
            .await
            .is_err()
    );
    assert!(
        client.send_request(request("none")).await.is_ok(),
        "the connection lives on"
    );
    drop(client);
    let _ = connection.await;
}

#[test]
fn the_binary_prints_where_it_listens() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fw-sim"))
        .args([
            "--listen",
            "127.0.0.1:0",
            "--knob",
            "reply=hello",
            "--any-key",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address: std::net::SocketAddr = line.trim().parse().unwrap();
    assert!(std::net::TcpStream::connect(address).is_ok());
    child.kill().unwrap();
    child.wait().unwrap();
    let wrong = Command::new(env!("CARGO_BIN_EXE_fw-sim"))
        .args(["--knob", "speed=1"])
        .output()
        .unwrap();
    assert!(!wrong.status.success());
}
