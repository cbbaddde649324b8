//! The layer around a service that streams.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that panics fails"
)]

mod support;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::{Router, routing::post};
use fw_policy::PolicyRequestBody;
use fw_policy_safety::{SafetyAction, SafetyConfig, SafetyLayer, SafetyPolicy};
use serde_json::{Value, json};
use support::{TERMS, detector};
use tower::{Layer, ServiceExt};

/// The status and the body of the answer to a request, from a provider that streams these events.
async fn ask(config: &SafetyConfig, prompt: &str, events: Vec<Value>) -> (StatusCode, String) {
    let mut stream = String::new();
    for event in events {
        stream.push_str(&format!("data: {event}\n\n"));
    }
    stream.push_str("data: [DONE]\n\n");
    let handler = move || async { ([(header::CONTENT_TYPE, "text/event-stream")], stream) };
    let provider = Router::new()
        .route("/v1/chat/completions", post(handler))
        .into_service::<PolicyRequestBody<Body>>();
    let layer = SafetyLayer::of(SafetyPolicy::of(detector(config)));
    let message = json!({"role": "user", "content": prompt});
    let body = json!({"model": "m", "stream": true, "messages": [message]});
    let request = Request::post("/v1/chat/completions").body(Body::from(body.to_string()));
    let service = layer.layer(provider);
    let response = service.oneshot(request.unwrap()).await.unwrap();
    let status = response.status();
    let body = to_bytes(Body::new(response.into_body()), 1 << 20).await;
    (status, String::from_utf8(body.unwrap().to_vec()).unwrap())
}

/// A delta for each few bytes of a text.
fn deltas(text: &str, delta: impl Fn(&str) -> Value) -> Vec<Value> {
    let letters: Vec<char> = text.chars().collect();
    let pieces = letters
        .chunks(4)
        .map(|piece| piece.iter().collect::<String>());
    let events = pieces.map(|piece| json!({"choices": [{"index": 0, "delta": delta(&piece)}]}));
    events.collect()
}

/// What a client puts together.
fn read(stream: &str, of: impl Fn(&Value) -> Option<&str>) -> String {
    let data = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    let events = data.filter_map(|data| serde_json::from_str::<Value>(data).ok());
    let texts = events.map(|event| {
        of(&event["choices"][0]["delta"])
            .unwrap_or_default()
            .to_owned()
    });
    texts.collect()
}

const HARMLESS: &str =
    "This sentence is harmless, and it is long enough to leave as soon as it has come to its end. ";

#[tokio::test]
async fn a_stream_ends_before_what_must_not_pass() {
    let config = SafetyConfig::new().block_if(TERMS);
    let text = format!("{HARMLESS}Now let me tell you of project nightfall and all its secrets.");
    let events = deltas(&text, |piece| json!({"content": piece}));
    let (status, stream) = ask(&config, "hello", events).await;
    assert_eq!(status, StatusCode::OK);
    let left = read(&stream, |delta| delta["content"].as_str());
    assert_eq!(
        left,
        HARMLESS.trim_end(),
        "events leave whole, and the last one has a letter of the next sentence"
    );
    assert!(stream.contains("\"code\":\"output_blocked\""));
    assert!(stream.contains("\"policy\":\"safety-filter\""));
    assert!(!stream.contains("nightfall") && !stream.contains("[DONE]"));
}

#[tokio::test]
async fn a_harmless_stream_arrives_as_it_was() {
    let text = HARMLESS.repeat(9);
    let events = deltas(&text, |piece| json!({"content": piece}));
    let (_, stream) = ask(&SafetyConfig::new(), "hello", events).await;
    assert_eq!(read(&stream, |delta| delta["content"].as_str()), text);
    assert!(stream.ends_with("data: [DONE]\n\n"));
}

#[tokio::test]
async fn arguments_of_tools_are_judged_as_they_are_meant() {
    let arguments = r#"{"note": "Project \u004eightfall, and what else there is to say about it"}"#;
    let events = deltas(
        arguments,
        |piece| json!({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": piece}}]}),
    );
    let (_, stream) = ask(&SafetyConfig::new().block_if(TERMS), "hello", events).await;
    let left = read(&stream, |delta| {
        delta["tool_calls"][0]["function"]["arguments"].as_str()
    });
    assert!(stream.contains("\"code\":\"output_blocked\""));
    assert!(!left.contains("ightfall"));
}

#[tokio::test]
async fn an_escalation_waits_for_a_person() {
    let config = SafetyConfig::new().action(SafetyAction::Escalate);
    let (status, body) = ask(&config, "a wicked scheme", Vec::new()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("\"code\":\"escalation_required\""));
    assert!(body.contains("has to be looked at by a person"));
}

#[tokio::test]
async fn self_harm_is_answered_with_the_message() {
    let config = SafetyConfig::new().self_harm_message("You are not alone.");
    let (status, body) = ask(&config, "I want to end my life.", Vec::new()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let error: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(error["error"]["message"], "You are not alone.");
    assert_eq!(error["error"]["code"], "input_blocked");
}
