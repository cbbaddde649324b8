//! What the settings of the policy do.

use fw_tests::{Canned, MODEL, Stage, chat, streamed};
use serde_json::{Value, json};

use super::{MARKER, VALUE, assert_no_leak, configured, gateway, refused};

const PATH: &str = "/v1/chat/completions";

fn asked() -> String {
    format!("My address is {VALUE}, thanks")
}

async fn stage(settings: &'static str) -> Stage {
    Stage::configured(|config| config.policy("pii-detector", settings)).await
}

/// The content of a streamed reply.
fn content(body: &str) -> String {
    let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
    let events = data
        .filter(|data| *data != "[DONE]")
        .map(|data| serde_json::from_str::<Value>(data).unwrap());
    let pieces = events.filter_map(|event| {
        Some(
            event
                .pointer("/choices/0/delta/content")?
                .as_str()?
                .to_owned(),
        )
    });
    pieces.collect()
}

#[tokio::test]
async fn block_refuses_the_request_in_each_dialect_and_never_asks_the_upstream() {
    let stage = stage("{ action: block }").await;
    let messages =
        json!({"model":MODEL,"max_tokens":9,"messages":[{"role":"user","content":asked()}]});
    let bodies = [
        (PATH, chat(&asked())),
        ("/v1/responses", json!({"model":MODEL,"input":asked()})),
        ("/v1/messages", messages),
    ];
    for (path, body) in bodies {
        let reply = stage.gateway.post(path).json(&body).send().await;
        assert_eq!(reply.status, 400, "{}", reply.text());
        assert_eq!(reply.header("x-should-retry"), Some("false"));
        assert_no_leak(reply.text());
        assert!(
            reply.text().contains("EMAIL"),
            "it says what was found: {}",
            reply.text()
        );
    }
    let reply = stage.gateway.post(PATH).json(&chat(&asked())).send().await;
    let error = &reply.json()["error"];
    assert_eq!(error["type"], "policy_violation");
    assert_eq!(error["code"], "input_blocked");
    assert_eq!(error["policy"], "pii-detector");
    assert_eq!(stage.sim.requests().len(), 0);
}

#[tokio::test]
async fn the_reply_says_what_was_done_about_the_request_and_the_log_never_says_the_value() {
    let stage = Stage::with(|launch| {
        launch
            .environment("RUST_LOG", "trace")
            .configure(|config| config.policy("pii-detector", "{ action: redact }"))
    })
    .await;
    let reply = stage.gateway.post(PATH).json(&chat(&asked())).send().await;
    assert_eq!(
        reply.header("x-fw-policy"),
        Some("pii-detector=redact(EMAIL:1)")
    );
    let reply = stage.gateway.post(PATH).json(&chat("Hello")).send().await;
    assert_eq!(reply.header("x-fw-policy"), None);
    stage.gateway.terminate().await;
    let log = stage.gateway.log().to_end().await;
    // Hyper's own trace lines hold no bodies either.
    assert_no_leak(&log);
}

#[tokio::test]
async fn the_status_of_a_denial_is_a_setting() {
    let stage = Stage::configured(|config| {
        config
            .policy("pii-detector", "{ action: block }")
            .chain_setting("denial_status: 409")
    })
    .await;
    let reply = stage.gateway.post(PATH).json(&chat(&asked())).send().await;
    assert_eq!(reply.status, 409, "{}", reply.text());
}

#[tokio::test]
async fn block_ends_a_stream_with_an_error_event_and_no_end_marker() {
    let stage = stage("{ action: block }").await;
    let reply = format!("One two three {VALUE} four five six");
    let call = stage
        .gateway
        .post(PATH)
        .json(&streamed("Hello"))
        .knob("reply", &reply);
    let reply = call.send().await;
    assert_eq!(reply.status, 200);
    assert_no_leak(reply.text());
    assert!(reply.text().contains("output_blocked"), "{}", reply.text());
    for marker in ["[DONE]", "\"finish_reason\":\"stop\"", "four"] {
        assert!(!reply.text().contains(marker), "{}", reply.text());
    }
}

#[tokio::test]
async fn block_refuses_a_plain_reply() {
    let stage = stage("{ action: block }").await;
    let call = stage
        .gateway
        .post(PATH)
        .json(&chat("Hello"))
        .knob("reply", &asked());
    let reply = call.send().await;
    assert!(reply.status.is_client_error(), "{}", reply.text());
    assert_eq!(reply.json()["error"]["code"], "output_blocked");
    assert_no_leak(reply.text());
}

#[tokio::test]
async fn flag_lets_everything_pass() {
    let stage = stage("{ action: flag }").await;
    let reply = stage.gateway.post(PATH).json(&chat(&asked())).send().await;
    assert_eq!(
        reply.json()["choices"][0]["message"]["content"],
        format!("You said: {}", asked())
    );
}

#[tokio::test]
async fn the_model_sees_placeholders_and_the_user_sees_values() {
    let stage = stage("{ action: pseudonymize, redaction: { restore: true } }").await;
    let plain = stage.gateway.post(PATH).json(&chat(&asked())).send().await;
    assert_eq!(
        plain.json()["choices"][0]["message"]["content"],
        format!("You said: {}", asked())
    );
    let heard = String::from_utf8(stage.sim.last().body.to_vec()).unwrap();
    assert!(heard.contains("[EMAIL_1]"), "{heard}");
    assert_no_leak(&heard);
    let stream = stage
        .gateway
        .post(PATH)
        .json(&streamed(&asked()))
        .knob("tokens-per-event", "1")
        .send()
        .await;
    assert_eq!(content(stream.text()), format!("You said: {}", asked()));
}

#[tokio::test]
async fn without_restore_the_user_sees_placeholders() {
    let stage = stage("{ action: pseudonymize }").await;
    let reply = stage.gateway.post(PATH).json(&chat(&asked())).send().await;
    let expected = "You said: My address is [EMAIL_1], thanks";
    assert_eq!(reply.json()["choices"][0]["message"]["content"], expected);
}

#[tokio::test]
async fn each_direction_has_a_switch() {
    let only_replies = stage("{ action: redact, request: false }").await;
    let reply = only_replies
        .gateway
        .post(PATH)
        .json(&chat(&asked()))
        .send()
        .await;
    let heard = String::from_utf8(only_replies.sim.last().body.to_vec()).unwrap();
    assert!(heard.contains(VALUE), "{heard}");
    assert_no_leak(reply.text());

    let only_requests = stage("{ action: redact, response: false }").await;
    let call = only_requests
        .gateway
        .post(PATH)
        .json(&chat(&asked()))
        .knob("reply", &asked());
    let reply = call.send().await;
    assert!(reply.text().contains(VALUE), "{}", reply.text());
    let heard = String::from_utf8(only_requests.sim.last().body.to_vec()).unwrap();
    assert!(heard.contains(MARKER), "{heard}");
}

#[tokio::test]
async fn custom_patterns_and_markers_are_used() {
    let settings =
        "{ detect_patterns: ['EMP-[0-9]{6}'], redaction: { custom_markers: { EMAIL: '<mail>' } } }";
    let stage = stage(settings).await;
    let text = format!("EMP-123456 is {VALUE}");
    stage.gateway.post(PATH).json(&chat(&text)).send().await;
    let heard = String::from_utf8(stage.sim.last().body.to_vec()).unwrap();
    assert!(heard.contains("[REDACTED:CUSTOM] is <mail>"), "{heard}");
}

#[tokio::test]
async fn a_reply_that_cannot_be_read_is_not_passed_on() {
    for (encoding, body) in [
        ("gzip", &b"\x1f\x8b\x08"[..]),
        ("br", b"abc"),
        ("zstd", b"abc"),
    ] {
        let headers = [("content-encoding", encoding)];
        for content_type in ["application/json", "text/event-stream"] {
            let upstream = Canned::start(content_type, &headers, body.to_vec()).await;
            let gateway = gateway(&upstream).await;
            let reply = gateway.post(PATH).json(&chat("Hello")).send().await;
            assert_eq!(reply.status, 502, "{encoding}: {}", reply.text());
            assert_no_leak(reply.text());
        }
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_read_ends_the_stream() {
    let body =
        format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{VALUE}\n\ndata: [DONE]\n\n");
    let upstream = Canned::start("text/event-stream", &[], body).await;
    let gateway = gateway(&upstream).await;
    let reply = gateway.post(PATH).json(&streamed("Hello")).send().await;
    assert_no_leak(reply.text());
    assert!(
        reply.text().contains("error") && !reply.text().contains("[DONE]"),
        "{}",
        reply.text()
    );
}

#[tokio::test]
async fn an_encoded_request_is_refused_and_an_error_of_the_upstream_is_read_too() {
    let stage = stage("{ action: redact }").await;
    let call = stage
        .gateway
        .post(PATH)
        .header("content-encoding", "gzip")
        .body(&b"\x1f\x8b"[..]);
    assert_eq!(call.send().await.status, 415);
    let call = stage
        .gateway
        .post(PATH)
        .json(&chat("Hello"))
        .knob("status", "400")
        .knob("message", &asked());
    let reply = call.send().await;
    assert_eq!(reply.status, 400);
    assert_no_leak(reply.text());
}

#[tokio::test]
async fn pieces_of_the_configuration_that_cannot_work_are_refused_at_the_start() {
    let upstream = Canned::json(&json!({})).await;
    for (settings, says) in [
        ("{ detect_patterns: ['a+'] }", "upper"),
        ("{ entities: [EMIAL] }", "EMAIL"),
        ("{ redaction: { marker: label } }", "marker_format"),
    ] {
        let output = refused(&upstream, settings).await;
        assert!(output.contains(says), "{settings}: {output}");
    }
    drop(configured(&upstream, "{ entities: [EMAIL_ADDRESS] }").await);
}
