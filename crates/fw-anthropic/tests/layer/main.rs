//! The layer around a service: readiness, heads, errors, replies whole and streamed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod agent;
mod replies;

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use fw_anthropic::{MessagesBody, MessagesLayer, MessagesRequestBody, MessagesService};
use fw_params::CHANGES_HEADER;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, Limited};
use serde_json::{Value, json};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_test::mock;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body that gives these frames, one by one.
#[derive(Debug, Default)]
struct Script(VecDeque<Result<Bytes, BoxError>>);

impl Script {
    fn of(text: impl Into<Bytes>) -> Self {
        Self([Ok(text.into())].into())
    }

    fn then(mut self, error: impl Into<BoxError>) -> Self {
        self.0.push_back(Err(error.into()));
        self
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(self.0.pop_front().map(|frame| frame.map(Frame::data)))
    }
}

/// What the provider was sent.
#[derive(Clone, Debug, Default)]
struct Sent {
    uri: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Sent {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Sends one request through the layer to a provider that answers with `reply`.
async fn exchange_with(
    layer: MessagesLayer,
    request: Request<Full<Bytes>>,
    reply: Response<Script>,
) -> (Response<MessagesBody<Script>>, Sent) {
    let sent = Arc::new(Mutex::new(Sent::default()));
    let reply = Arc::new(Mutex::new(Some(reply)));
    let provider = {
        let sent = Arc::clone(&sent);
        service_fn(move |request: Request<MessagesRequestBody<Full<Bytes>>>| {
            let (sent, reply) = (Arc::clone(&sent), reply.lock().unwrap().take().unwrap());
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                *sent.lock().unwrap() = Sent {
                    uri: parts.uri.to_string(),
                    headers: parts.headers,
                    body,
                };
                Ok::<_, std::convert::Infallible>(reply)
            }
        })
    };
    let response = layer.layer(provider).oneshot(request).await.unwrap();
    let sent = sent.lock().unwrap().clone();
    (response, sent)
}

async fn exchange(
    request: Request<Full<Bytes>>,
    reply: Response<Script>,
) -> (Response<MessagesBody<Script>>, Sent) {
    exchange_with(MessagesLayer::new(), request, reply).await
}

fn post(path: &str, body: &str) -> Request<Full<Bytes>> {
    Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(body.to_owned()))
        .unwrap()
}

fn reply(kind: &str, body: &str) -> Response<Script> {
    Response::builder()
        .header(header::CONTENT_TYPE, kind)
        .body(Script::of(body.to_owned()))
        .unwrap()
}

fn json_reply(body: &str) -> Response<Script> {
    reply("application/json", body)
}

async fn text(response: Response<MessagesBody<Script>>) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

async fn value(response: Response<MessagesBody<Script>>) -> Value {
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    let length = response.headers().get(header::CONTENT_LENGTH).cloned();
    let text = text(response).await;
    if let Some(length) = length {
        assert_eq!(text.len().to_string(), length);
    }
    serde_json::from_str(&text).unwrap()
}

const ASK: &str = r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#;
const ASK_STREAM: &str =
    r#"{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Hi"}]}"#;
const CHAT: &str = r#"{"id":"chatcmpl-7","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#;
const CHUNKS: &str = concat!(
    "data: {\"id\":\"chatcmpl-7\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n",
    "data: [DONE]\n\n",
);

// === requests ===

#[tokio::test]
async fn a_message_is_sent_as_a_chat_and_comes_back_as_a_message() {
    let (response, sent) = exchange(post("/v1/messages", ASK), json_reply(CHAT)).await;
    assert_eq!(sent.uri, "/v1/chat/completions");
    assert_eq!(
        sent.json(),
        json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]})
    );
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.headers().contains_key(CHANGES_HEADER));
    let message = value(response).await;
    assert_eq!(
        message["content"],
        json!([{"type": "text", "text": "Hello"}])
    );
    assert_eq!(message["id"], "msg_7");
}

#[tokio::test]
async fn the_head_becomes_that_of_a_chat_request() {
    let mut request = post("/anthropic/v1/messages?beta=true", ASK);
    let headers = request.headers_mut();
    headers.insert("x-api-key", "sk-secret".parse().unwrap());
    headers.insert("anthropic-version", "2023-06-01".parse().unwrap());
    headers.insert("anthropic-beta", "tools-2024".parse().unwrap());
    headers.insert(header::CONTENT_LENGTH, "72".parse().unwrap());
    headers.insert(header::ACCEPT_ENCODING, "gzip, br".parse().unwrap());
    headers.insert("x-trace", "kept".parse().unwrap());
    let (_, sent) = exchange(request, json_reply(CHAT)).await;
    assert_eq!(sent.uri, "/anthropic/v1/chat/completions");
    let headers = &sent.headers;
    for gone in ["x-api-key", "anthropic-version", "anthropic-beta"] {
        assert!(!headers.contains_key(gone), "{gone}");
    }
    assert_eq!(headers[header::AUTHORIZATION], "Bearer sk-secret");
    assert!(headers[header::AUTHORIZATION].is_sensitive());
    assert_eq!(headers[header::CONTENT_LENGTH], sent.body.len().to_string());
    assert_eq!(headers[header::ACCEPT_ENCODING], "identity");
    assert_eq!(headers[header::ACCEPT], "application/json");
    assert_eq!(headers["x-trace"], "kept");
}

#[tokio::test]
async fn what_is_sent_is_called_json_whatever_the_client_called_it() {
    let mut request = post("/v1/messages", ASK);
    let form = "application/x-www-form-urlencoded".parse().unwrap();
    request.headers_mut().insert(header::CONTENT_TYPE, form);
    let (_, sent) = exchange(request, json_reply(CHAT)).await;
    assert_eq!(sent.headers[header::CONTENT_TYPE], "application/json");
}

#[tokio::test]
async fn an_authorization_that_is_there_stays() {
    let mut request = post("/v1/messages", ASK);
    request
        .headers_mut()
        .insert("x-api-key", "a".parse().unwrap());
    let bearer = "Bearer b".parse().unwrap();
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    let (_, sent) = exchange(request, json_reply(CHAT)).await;
    assert_eq!(sent.headers[header::AUTHORIZATION], "Bearer b");
    assert!(!sent.headers.contains_key("x-api-key"));
}

#[tokio::test]
async fn other_requests_and_their_replies_pass_untouched() {
    for (method, path) in [
        ("POST", "/v1/chat/completions"),
        ("POST", "/v1/messages/batches"),
        ("GET", "/v1/messages"),
        ("GET", "/v1/models?limit=1"),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-api-key", "k")
            .header("anthropic-version", "2023-06-01")
            .body(Full::from("{\"x\": 1}"))
            .unwrap();
        let mut refused = json_reply("{\"error\":\"no\"}");
        *refused.status_mut() = StatusCode::NOT_FOUND;
        let (response, sent) = exchange(request, refused).await;
        assert_eq!(sent.uri, path);
        assert_eq!(sent.body, "{\"x\": 1}");
        assert_eq!(sent.headers["x-api-key"], "k");
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(text(response).await, "{\"error\":\"no\"}");
    }
}

#[tokio::test]
async fn tokens_are_counted_here() {
    let provider = service_fn(|_: Request<MessagesRequestBody<Full<Bytes>>>| async {
        Err::<Response<Script>, _>("not called")
    });
    let service = MessagesLayer::new().layer(provider);
    let mut request = post("/anthropic/v1/messages/count_tokens?beta=true", ASK);
    request
        .headers_mut()
        .insert("x-request-id", "r1".parse().unwrap());
    let response = service.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["request-id"], "r1");
    assert!(value(response).await["input_tokens"].as_u64().unwrap() > 0);

    let response = service
        .oneshot(post("/v1/messages/count_tokens", "{oops"))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        value(response).await["error"]["type"],
        "invalid_request_error"
    );
}

// === refusals ===

#[tokio::test]
async fn what_cannot_be_converted_is_refused_in_anthropic_s_shape() {
    let never = service_fn(|_: Request<MessagesRequestBody<Full<Bytes>>>| async {
        Err::<Response<Script>, _>("not called")
    });
    let long = format!(r#"{{"messages":"{}"}}"#, "x".repeat(2000));
    let mut encoded = post("/v1/messages", ASK);
    let gzip = "gzip".parse().unwrap();
    encoded.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    for (request, status, kind) in [
        (post("/v1/messages", "{oops"), 400, "invalid_request_error"),
        (post("/v1/messages", "[]"), 400, "invalid_request_error"),
        (
            post("/v1/messages", r#"{"messages":7}"#),
            400,
            "invalid_request_error",
        ),
        (post("/v1/messages", &long), 413, "request_too_large"),
        (encoded, 415, "invalid_request_error"),
    ] {
        let layer = MessagesLayer::new().max_body_bytes(1000);
        let response = layer.layer(never).oneshot(request).await.unwrap();
        assert_eq!(response.status().as_u16(), status);
        let error = value(response).await;
        assert_eq!(error["type"], "error");
        assert_eq!(error["error"]["type"], kind);
    }
}

#[tokio::test]
async fn a_body_that_fails_or_is_limited_is_the_client_s_fault() {
    /// A provider that nothing may reach.
    async fn never<B>(_: Request<MessagesRequestBody<B>>) -> Result<Response<Script>, BoxError> {
        Err("not called".into())
    }
    let request = Request::post("/v1/messages")
        .body(Script::of("{").then("reset"))
        .unwrap();
    let response = MessagesService::new(service_fn(never))
        .oneshot(request)
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);

    let limited = Limited::new(Full::new(Bytes::from_static(b"{    }")), 3);
    let request = Request::post("/v1/messages").body(limited).unwrap();
    let response = MessagesService::new(service_fn(never))
        .oneshot(request)
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

// === readiness ===

#[tokio::test]
async fn the_instance_that_was_ready_makes_the_call() {
    let (service, mut handle) =
        mock::pair::<Request<MessagesRequestBody<Full<Bytes>>>, Response<Script>>();
    handle.allow(0);
    let mut service = tower_test::mock::Spawn::new(MessagesLayer::new().layer(service));
    tokio_test::assert_pending!(service.poll_ready());
    handle.allow(1);
    tokio_test::assert_ready_ok!(service.poll_ready());
    let mut response = tokio_test::task::spawn(service.call(post("/v1/messages", ASK)));
    tokio_test::assert_pending!(response.poll());
    // The one permit is used up.
    tokio_test::assert_pending!(service.poll_ready());
    let (request, send) = handle.next_request().await.unwrap();
    assert_eq!(request.uri(), "/v1/chat/completions");
    assert!(request.body().as_bytes().is_some());
    send.send_response(json_reply(CHAT));
    let response = tokio_test::assert_ready_ok!(response.poll());
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn errors_of_the_service_stay_errors() {
    let (service, mut handle) =
        mock::pair::<Request<MessagesRequestBody<Full<Bytes>>>, Response<Script>>();
    let mut service = MessagesLayer::new().layer(service);
    let response = tokio::spawn(
        service
            .ready()
            .await
            .unwrap()
            .call(post("/v1/messages", ASK)),
    );
    let (_, send) = handle.next_request().await.unwrap();
    send.send_error("refused");
    let error = response.await.unwrap().map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "refused");

    handle.send_error("closed");
    let error = service.ready().await.map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("closed"));
}
