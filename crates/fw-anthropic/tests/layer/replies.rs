//! What becomes of replies: whole, streamed, refused, useless.

use std::io;

use fw_anthropic::MessagesLayer;
use fw_params::{CHANGES_HEADER, ChangeKind, ParamsChanges};
use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::{
    ASK, ASK_STREAM, CHAT, CHUNKS, Script, exchange, exchange_with, json_reply, post, reply, text,
    value,
};

#[tokio::test]
async fn a_stream_comes_back_as_a_stream() {
    let mut chunks = reply("text/event-stream; charset=utf-8", CHUNKS);
    chunks
        .headers_mut()
        .insert(header::CONTENT_LENGTH, "999".parse().unwrap());
    let (response, sent) = exchange(post("/v1/messages", ASK_STREAM), chunks).await;
    assert_eq!(sent.json()["stream"], true);
    assert_eq!(
        sent.json()["stream_options"],
        json!({"include_usage": true})
    );
    assert_eq!(sent.headers[header::ACCEPT], "text/event-stream");
    assert!(!response.headers().contains_key(header::CONTENT_LENGTH));
    let stream = text(response).await;
    assert!(stream.starts_with("event: message_start\n"), "{stream}");
    assert!(stream.contains("\"output_tokens\":1}"), "{stream}");
    assert!(stream.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
}

#[tokio::test]
async fn a_stream_that_breaks_off_ends_with_an_error_event() {
    let start = CHUNKS.split_inclusive("\n\n").next().unwrap();
    let timed_out = io::Error::from(io::ErrorKind::TimedOut);
    let mut chunks = reply("text/event-stream", "");
    *chunks.body_mut() = Script::of(start).then(timed_out);
    let (response, _) = exchange(post("/v1/messages", ASK_STREAM), chunks).await;
    let stream = text(response).await;
    let (_, error) = stream.split_once("event: error\ndata: ").unwrap();
    let error: Value = serde_json::from_str(error).unwrap();
    assert_eq!(error["error"]["type"], "timeout_error");
}

#[tokio::test]
async fn a_whole_reply_to_a_request_for_a_stream_becomes_one() {
    let (response, _) = exchange(post("/v1/messages", ASK_STREAM), json_reply(CHAT)).await;
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/event-stream"
    );
    let stream = text(response).await;
    assert!(
        stream.contains(r#""delta":{"type":"text_delta","text":"Hello"}"#),
        "{stream}"
    );
    assert!(stream.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
}

#[tokio::test]
async fn replies_that_are_of_no_use_are_a_502() {
    let mut encoded = json_reply(CHAT);
    let gzip = "gzip".parse().unwrap();
    encoded.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    let mut broken = json_reply("");
    *broken.body_mut() = Script::of("{\"id\"").then("reset");
    for unusable in [
        json_reply("{}"),
        json_reply("<html>"),
        json_reply(&format!("{CHAT}{}", " ".repeat(2000))),
        reply("text/event-stream", CHUNKS),
        encoded,
        broken,
    ] {
        let layer = MessagesLayer::new().max_response_bytes(1000);
        let (response, _) = exchange_with(layer, post("/v1/messages", ASK), unusable).await;
        assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
        assert_eq!(value(response).await["error"]["type"], "api_error");
    }
}

#[tokio::test]
async fn errors_come_in_anthropic_s_shape_with_their_status_and_headers() {
    for (status, body, kind, message) in [
        (
            400,
            r#"{"error":{"message":"No.","code":"x"}}"#,
            "invalid_request_error",
            "No.",
        ),
        (
            401,
            r#"{"error":"unauthorized"}"#,
            "authentication_error",
            "unauthorized",
        ),
        (
            404,
            r#"{"detail":"Not Found"}"#,
            "not_found_error",
            "Not Found",
        ),
        (413, "", "request_too_large", ""),
        (
            429,
            r#"{"error":{"message":"Slow down."}}"#,
            "rate_limit_error",
            "Slow down.",
        ),
        (503, "<html>upstream</html>", "overloaded_error", ""),
        (
            529,
            r#"{"error":{"message":"Busy."}}"#,
            "overloaded_error",
            "Busy.",
        ),
    ] {
        for ask in [ASK, ASK_STREAM] {
            let mut refused = json_reply(body);
            *refused.status_mut() = StatusCode::from_u16(status).unwrap();
            let headers = refused.headers_mut();
            headers.insert(header::RETRY_AFTER, "7".parse().unwrap());
            headers.insert("x-request-id", "up-1".parse().unwrap());
            let (response, _) = exchange(post("/v1/messages", ask), refused).await;
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers()[header::RETRY_AFTER], "7");
            assert_eq!(response.headers()["request-id"], "up-1");
            let error = value(response).await;
            assert_eq!(error["type"], "error");
            assert_eq!(error["error"]["type"], kind);
            assert_eq!(error["request_id"], "up-1");
            if !message.is_empty() {
                assert_eq!(error["error"]["message"], message);
            }
        }
    }
}

#[tokio::test]
async fn an_error_that_has_the_shape_keeps_its_bytes_and_a_broken_one_its_status() {
    let body = r#"{"type":"error", "error":{"type":"api_error","message":"x"},"more":1}"#;
    let mut refused = json_reply(body);
    *refused.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let (response, _) = exchange(post("/v1/messages", ASK), refused).await;
    assert_eq!(text(response).await, body);

    let mut broken = json_reply("");
    *broken.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    *broken.body_mut() = Script::of("{\"err").then("reset");
    let (response, _) = exchange(post("/v1/messages", ASK), broken).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(value(response).await["error"]["type"], "rate_limit_error");
}

#[tokio::test]
async fn the_request_s_id_is_told_under_anthropic_s_name() {
    let mut request = post("/v1/messages", ASK);
    request
        .headers_mut()
        .insert("x-request-id", "mine".parse().unwrap());
    let (response, _) = exchange(request, json_reply(CHAT)).await;
    assert_eq!(response.headers()["request-id"], "mine");

    let mut chat = json_reply(CHAT);
    chat.headers_mut()
        .insert("x-request-id", "theirs".parse().unwrap());
    let (response, _) = exchange(post("/v1/messages", ASK), chat).await;
    assert_eq!(response.headers()["request-id"], "theirs");
    assert_eq!(response.headers()["x-request-id"], "theirs");
}

#[tokio::test]
async fn what_was_left_out_is_told_before_what_the_layers_below_changed() {
    let ask = ASK.replacen('{', r#"{"service_tier":"auto","#, 1);
    let mut chat = json_reply(CHAT);
    let mut below = ParamsChanges::default();
    below.record(ChangeKind::Set, "model");
    chat.headers_mut()
        .insert(CHANGES_HEADER, below.to_header().unwrap());
    chat.extensions_mut().insert(below);
    let (response, _) = exchange(post("/v1/messages", &ask), chat).await;
    assert_eq!(
        response.headers()[CHANGES_HEADER],
        "removed service_tier; set model"
    );
    let told: &ParamsChanges = response.extensions().get().unwrap();
    assert_eq!(told.to_string(), "removed service_tier; set model");

    // Also where the reply is of no use.
    let (response, _) = exchange(post("/v1/messages", &ask), json_reply("{}")).await;
    assert_eq!(response.headers()[CHANGES_HEADER], "removed service_tier");
}

#[tokio::test]
async fn a_redirect_passes() {
    let mut redirect = json_reply("");
    *redirect.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let (response, _) = exchange(post("/v1/messages", ASK), redirect).await;
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
}

#[tokio::test]
async fn no_body_shows_what_is_in_it() {
    let (response, _) = exchange(post("/v1/messages", ASK), json_reply(CHAT)).await;
    let shown = format!("{:?}", response.body());
    assert!(shown.starts_with("MessagesBody(ConvertedBody("), "{shown}");
    assert!(!shown.contains("Hello"));
}

#[tokio::test]
async fn a_prompt_that_is_too_long_is_called_so_in_the_words_that_agents_look_for() {
    for (body, message) in [
        (
            json!({"message": "The input is longer than the window.", "code": "context_length_exceeded"}),
            "Prompt is too long: The input is longer than the window.",
        ),
        (
            json!({"message": "This model's maximum context length is 9 tokens.", "code": 400}),
            "Prompt is too long: This model's maximum context length is 9 tokens.",
        ),
        (
            json!({"message": "The prompt is too long: 10, model maximum context length: 9"}),
            "The prompt is too long: 10, model maximum context length: 9",
        ),
        (json!({"message": "No."}), "No."),
    ] {
        let mut refused = json_reply(&json!({ "error": body }).to_string());
        *refused.status_mut() = StatusCode::BAD_REQUEST;
        let (response, _) = exchange(post("/v1/messages", ASK), refused).await;
        let error = value(response).await;
        assert_eq!(error["error"]["message"], message);
        assert_eq!(error["error"]["type"], "invalid_request_error");
    }
}

// === what servers do ===

#[tokio::test]
async fn a_stream_that_does_not_say_what_it_is_is_called_one() {
    let mut chunks = reply("text/event-stream", CHUNKS);
    chunks.headers_mut().remove(header::CONTENT_TYPE);
    let (response, _) = exchange(post("/v1/messages", ASK_STREAM), chunks).await;
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/event-stream"
    );
    assert!(text(response).await.starts_with("event: message_start\n"));
}

#[tokio::test]
async fn a_whole_reply_becomes_a_stream_by_the_rules_of_a_whole_reply() {
    let half = CHAT.replace("Hello", "Hello \\ud83d");
    let (response, _) = exchange(post("/v1/messages", ASK_STREAM), json_reply(&half)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(text(response).await.contains(r"Hello \ufffd"));

    let failed = r#"{"error":{"message":"Slow down.","code":429}}"#;
    for ask in [ASK, ASK_STREAM] {
        let (response, _) = exchange(post("/v1/messages", ask), json_reply(failed)).await;
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(value(response).await["error"]["message"], "Slow down.");
    }
}

#[tokio::test]
async fn what_the_layers_below_changed_is_told_although_the_reply_is_of_no_use() {
    let mut useless = json_reply("{}");
    let mut below = ParamsChanges::default();
    below.record(ChangeKind::Set, "model");
    useless.extensions_mut().insert(below);
    let (response, _) = exchange(post("/v1/messages", ASK), useless).await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(response.headers()[CHANGES_HEADER], "set model");
}
