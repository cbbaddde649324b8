//! Creating responses, plain and streamed.

use fw_params::{ChangeKind, ParamsChanges};
use fw_responses::NotKept;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use serde_json::json;

use crate::provider::{END, Script, World, chunks, events, post, read, says, sse, text};

#[tokio::test]
async fn a_request_goes_to_chat_completions_and_comes_back_as_a_response() {
    let world = World::new();
    let body = r#"{"model":"glm-5p3","input":"Hi"}"#;
    let mut request = post("/inference/v1/responses?beta=1", "k", body);
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT_ENCODING, "gzip, br".parse().unwrap());
    headers.insert(header::EXPECT, "100-continue".parse().unwrap());
    let response = world.exchange(request, says("Hello")).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    let length = response.headers()[header::CONTENT_LENGTH].clone();
    let body = text(response).await;
    assert_eq!(length, body.len().to_string());
    let response: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(response["object"], "response");
    assert_eq!(response["status"], "completed");
    assert_eq!(response["output"][0]["content"][0]["text"], "Hello");
    assert_eq!(response["usage"]["input_tokens"], 3);
    let id = response["id"].as_str().unwrap();
    let random = id.strip_prefix("resp_fw").unwrap();
    assert!(random.len() == 32 && random.bytes().all(|c| c.is_ascii_hexdigit()));

    let sent = world.last();
    assert_eq!(sent.method, Method::POST);
    assert_eq!(sent.path, "/inference/v1/chat/completions");
    assert_eq!(
        sent.json(),
        json!({"model": "glm-5p3", "messages": [{"role": "user", "content": "Hi"}]})
    );
    assert_eq!(sent.headers[header::ACCEPT_ENCODING], "identity");
    assert_eq!(sent.headers[header::AUTHORIZATION], "Bearer k");
    assert_eq!(
        sent.headers[header::CONTENT_LENGTH],
        sent.body.len().to_string()
    );
    assert!(!sent.headers.contains_key(header::EXPECT));
}

#[tokio::test]
async fn a_stream_comes_back_as_events_that_end_in_what_is_kept() {
    let world = World::new();
    let body = r#"{"model":"glm-5p3","input":"Hi","stream":true}"#;
    let script = Script::of(chunks(&["Hel", "lo"]) + END);
    let response = world
        .exchange(post("/v1/responses", "k", body), sse(script))
        .await;
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/event-stream"
    );
    assert!(!response.headers().contains_key(header::CONTENT_LENGTH));
    let events = events(&text(response).await);
    let last = events.last().unwrap();
    assert_eq!(events[0]["type"], "response.created");
    assert_eq!(last["type"], "response.completed");
    assert_eq!(last["response"]["output"][0]["content"][0]["text"], "Hello");
    assert_eq!(world.last().json()["stream"], true);
    assert_eq!(world.last().headers[header::ACCEPT], "text/event-stream");

    let id = last["response"]["id"].as_str().unwrap();
    let (status, kept) = world
        .ask(Method::GET, "k", &format!("/v1/responses/{id}"))
        .await;
    assert_eq!((status, &kept), (200, &last["response"]));
}

#[tokio::test]
async fn a_response_can_be_named_as_soon_as_its_end_is_seen() {
    let world = World::new();
    let body = r#"{"model":"m","input":"Hi","stream":true}"#;
    // The connection stays open after the end.
    let script = Script::of(chunks(&["Hello"]) + END).hangs();
    let response = world
        .exchange(post("/v1/responses", "k", body), sse(script))
        .await;
    let mut body = response.into_body();
    let mut seen = String::new();
    while !seen.contains("response.completed") {
        let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
        seen.push_str(std::str::from_utf8(&frame).unwrap());
    }
    let (_, list) = world.ask(Method::GET, "k", "/v1/responses").await;
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_is_kept_of_a_client_that_went_away() {
    let world = World::new();
    let body = r#"{"model":"m","input":"Hi","stream":true}"#;
    let script = Script::of(chunks(&["Hel"])).hangs();
    let response = world
        .exchange(post("/v1/responses", "k", body), sse(script))
        .await;
    let mut body = response.into_body();
    body.frame().await.unwrap().unwrap();
    drop(body);
    let (_, list) = world.ask(Method::GET, "k", "/v1/responses").await;
    assert_eq!(list["data"], json!([]));
}

#[tokio::test]
async fn nothing_is_kept_of_a_stream_that_broke_off() {
    for script in [
        Script::of(chunks(&["Hel"])),
        Script::of(chunks(&["Hel"])).then("reset"),
        Script::of(chunks(&["Hel"]) + "data: {\"error\":{\"message\":\"no\",\"code\":500}}\n\n"),
    ] {
        let world = World::new();
        let body = r#"{"model":"m","input":"Hi","stream":true}"#;
        let response = world
            .exchange(post("/v1/responses", "k", body), sse(script))
            .await;
        assert_eq!(response.status(), 200);
        let events = events(&text(response).await);
        assert_eq!(events.last().unwrap()["type"], "response.failed");
        let (_, list) = world.ask(Method::GET, "k", "/v1/responses").await;
        assert_eq!(list["data"], json!([]));
    }
}

#[tokio::test]
async fn what_is_cut_short_is_kept() {
    let world = World::new();
    let reply = crate::provider::json(
        r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"Hel"},"finish_reason":"length"}]}"#,
    );
    let (_, response) = world
        .create("k", r#"{"model":"m","input":"Hi"}"#, reply)
        .await;
    assert_eq!(response["status"], "incomplete");
    let path = format!("/v1/responses/{}", response["id"].as_str().unwrap());
    assert_eq!(world.ask(Method::GET, "k", &path).await, (200, response));
}

#[tokio::test]
async fn what_is_not_to_be_stored_is_not() {
    let world = World::new();
    for body in [
        r#"{"model":"m","input":"Hi","store":false}"#,
        r#"{"model":"m","input":"Hi","store":false,"stream":true}"#,
    ] {
        let is_stream = body.contains("stream");
        let reply = if is_stream {
            sse(Script::of(chunks(&["Hello"]) + END))
        } else {
            says("Hello")
        };
        let response = world
            .exchange(post("/v1/responses", "k", body), reply)
            .await;
        text(response).await;
    }
    let (_, list) = world.ask(Method::GET, "k", "/v1/responses").await;
    assert_eq!(list["data"], json!([]));
}

#[tokio::test]
async fn nothing_is_kept_of_a_copy() {
    let world = World::new();
    for (body, reply) in [
        (r#"{"model":"m","input":"Hi"}"#, says("x")),
        (
            r#"{"model":"m","input":"Hi","stream":true,"store":true}"#,
            sse(Script::of(chunks(&["x"]) + END)),
        ),
    ] {
        let mut request = post("/v1/responses", "k", body);
        request.extensions_mut().insert(NotKept);
        let whole = text(world.exchange(request, reply).await).await;
        assert!(whole.contains("completed"), "{whole}");
    }
    let (_, list) = world.ask(Method::GET, "k", "/v1/responses").await;
    assert_eq!(list["data"], json!([]));
}

#[tokio::test]
async fn changes_are_told_ours_before_those_below() {
    let world = World::new();
    let body = r#"{"model":"m","input":"Hi","max_tool_calls":2}"#;
    let mut below = ParamsChanges::default();
    below.record(ChangeKind::Set, "model");
    let mut reply = says("Hello");
    reply
        .headers_mut()
        .insert("x-fw-params", "set model".parse().unwrap());
    reply.extensions_mut().insert(below);
    let response = world
        .exchange(post("/v1/responses", "k", body), reply)
        .await;
    let all = "removed max_tool_calls; set model";
    assert_eq!(response.headers()["x-fw-params"], all);
    let changes: &ParamsChanges = response.extensions().get().unwrap();
    assert_eq!(changes.to_string(), all);
}

#[tokio::test]
async fn what_is_none_of_ours_passes_untouched() {
    let world = World::new();
    for (method, path) in [
        (Method::POST, "/v1/chat/completions?x=1"),
        (Method::POST, "/v1/responses/input_tokens"),
        (Method::GET, "/v1/models"),
    ] {
        let request = Request::builder().method(&method).uri(path);
        let request = request.body(Full::from("not even JSON")).unwrap();
        let (status, reply) = read(world.exchange(request, says("x")).await).await;
        assert_eq!((status, &reply["object"]), (200, &json!("chat.completion")));
        let sent = world.last();
        assert_eq!((sent.method, sent.path.as_str()), (method, path));
        assert_eq!(sent.body, "not even JSON");
    }
}
