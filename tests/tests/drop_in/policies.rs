//! Policies on converted surfaces, in both directions.

use http::Method;
use serde_json::{Value, json};

use super::{ChatOnly, events, input, message, streamed};

const VALUE: &str = "jane.roe@corp.example";
const MARKER: &str = "[REDACTED:EMAIL]";

fn bodies(text: &str) -> [(&'static str, Value); 2] {
    [
        ("/anthropic/v1/messages", message(text)),
        ("/v1/responses", input(text)),
    ]
}

async fn stage(settings: &str) -> ChatOnly {
    ChatOnly::configured(|config| config.policy("pii-detector", settings)).await
}

fn secret() -> String {
    format!("Please write to {VALUE} at once")
}

fn assert_no_leak(text: &str) {
    for leak in ["jane", "roe@", "corp.example"] {
        assert!(!text.contains(leak), "{leak:?} leaks: {text}");
    }
}

#[tokio::test]
async fn what_goes_to_the_provider_is_redacted() {
    let stage = stage("{ action: redact, response: false }").await;
    for (path, body) in bodies(&secret()) {
        for body in [body.clone(), streamed(body)] {
            let reply = stage.post(path, &body).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let asked = stage.asked().to_string();
            assert_no_leak(&asked);
            assert!(asked.contains(MARKER), "{asked}");
        }
    }
}

#[tokio::test]
async fn nothing_of_a_message_reaches_the_model_unseen() {
    let stage = stage("{ action: redact, response: false }").await;
    let text = |text: &str| json!({ "type": "text", "text": text });
    let schema = json!({ "type": "object", "description": VALUE, "properties": { "a": { "enum": [VALUE] } } });
    let mut body = message("Hello");
    body["system"] = json!([text(VALUE), text("Be brief.")]);
    body["tools"] =
        json!([{ "name": "look", "description": VALUE, "input_schema": schema.clone() }]);
    body["output_config"] = json!({ "format": { "type": "json_schema", "schema": schema } });
    body["messages"] = json!([
        { "role": "user", "content": [
            { "type": "document", "title": VALUE, "context": VALUE,
              "source": { "type": "text", "media_type": "text/plain", "data": VALUE } },
            { "type": "document", "source": { "type": "content", "content": [text(VALUE)] } },
            { "type": "document", "source": { "type": "content", "content": VALUE } },
            { "type": "search_result", "title": VALUE, "source": VALUE, "content": [text(VALUE)] },
        ] },
        { "role": "assistant", "content": [
            { "type": "thinking", "thinking": VALUE, "signature": "" },
            text(VALUE),
            { "type": "tool_use", "id": "t1", "name": "look", "input": { VALUE: [VALUE, { "a": VALUE }] } },
        ] },
        { "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": "t1", "is_error": true, "content": [
                text(VALUE),
                { "type": "document", "title": VALUE, "source": { "type": "text", "data": VALUE } },
                { "type": "search_result", "title": VALUE, "source": VALUE, "content": [text(VALUE)] },
            ] },
            text(VALUE),
        ] },
        { "role": "system", "content": VALUE },
        { "role": "user", "content": VALUE },
    ]);
    let reply = stage.post("/v1/messages", &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_no_leak(&stage.asked().to_string());
    assert_no_leak(reply.header("x-fw-params").unwrap_or_default());
}

#[tokio::test]
async fn what_comes_from_the_provider_is_redacted() {
    let stage = stage("{ action: redact }").await;
    for (path, body) in bodies("Hello") {
        let plain = stage
            .gateway
            .post(path)
            .json(&body)
            .knob("reply", &secret());
        let plain = plain.send().await;
        assert_eq!(plain.status, 200, "{}", plain.text());
        assert_no_leak(plain.text());
        assert!(plain.text().contains(MARKER), "{}", plain.text());

        let stream = streamed(body);
        let stream = stage
            .gateway
            .post(path)
            .json(&stream)
            .knob("reply", &secret());
        let stream = stream.send().await;
        assert_no_leak(stream.text());
        assert!(stream.text().contains(MARKER), "{}", stream.text());
        let last = events(&stream).pop().unwrap().0;
        assert!(
            ["message_stop", "response.completed"].contains(&last.as_str()),
            "{last}"
        );
    }
}

#[tokio::test]
async fn a_request_that_is_refused_never_leaves_and_nobody_tries_it_again() {
    let stage = stage("{ action: block }").await;
    for (path, body) in bodies(&secret()) {
        for body in [body.clone(), streamed(body)] {
            let reply = stage.post(path, &body).await;
            assert_eq!(reply.status, 400, "{}", reply.text());
            assert_eq!(reply.header("x-should-retry"), Some("false"));
            assert_no_leak(reply.text());
            let error = reply.json();
            if path.contains("anthropic") {
                assert_eq!(error["type"], "error", "{error}");
                assert_eq!(error["error"]["type"], "invalid_request_error", "{error}");
            } else {
                assert_eq!(error["error"]["code"], "input_blocked", "{error}");
            }
        }
    }
    assert_eq!(stage.sim.counters().requests, 0);
}

#[tokio::test]
async fn a_reply_that_is_refused_is_an_error_also_in_the_middle_of_a_stream() {
    let stage = stage("{ action: block }").await;
    let said = format!("One two three {VALUE} four five six");
    for (path, body) in bodies("Hello") {
        let plain = stage.gateway.post(path).json(&body).knob("reply", &said);
        let plain = plain.send().await;
        assert!(plain.status.is_client_error(), "{}", plain.text());
        assert_no_leak(plain.text());

        let stream = streamed(body);
        let stream = stage.gateway.post(path).json(&stream).knob("reply", &said);
        let text = stream.open().await.rest().await.unwrap();
        assert_no_leak(&text);
        assert!(text.contains("One"), "what came before has left: {text}");
        assert!(text.contains("event: error\n"), "{text}");
        for end in ["message_stop", "response.completed", "four"] {
            assert!(!text.contains(end), "{end}: {text}");
        }
    }
}

#[tokio::test]
async fn what_is_kept_is_looked_at_again_when_it_is_read() {
    let stage = stage("{ action: redact }").await;
    let created = stage.gateway.post("/v1/responses").json(&input(&secret()));
    let created = created.knob("reply", &secret()).send().await.json();
    let path = format!("/v1/responses/{}", created["id"].as_str().unwrap());
    for path in [path.as_str(), "/v1/responses"] {
        let read = stage.gateway.get(path).send().await;
        assert_eq!(read.status, 200, "{}", read.text());
        assert_no_leak(read.text());
        assert!(read.text().contains(MARKER), "{}", read.text());
    }

    // What a later turn takes from the store.
    let mut next = input("Go on");
    next["previous_response_id"] = created["id"].clone();
    let reply = stage.post("/v1/responses", &next).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let deleted = stage
        .gateway
        .client()
        .call(Method::DELETE, &path)
        .send()
        .await;
    assert_eq!(deleted.json()["deleted"], true);
}
