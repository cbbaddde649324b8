//! The layer around a service: readiness, headers, errors, replies whole and streamed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use fw_params::{
    FallbacksRead, Fireworks, OpenAi, ParamsBody, ParamsChanges, ParamsLayer, ParamsRequestBody,
    ParamsService, UnreadFallbacks, UpstreamUsage,
};
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_test::mock;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body that gives these frames, one by one.
#[derive(Debug, Default)]
struct Script {
    frames: VecDeque<Result<Bytes, BoxError>>,
    /// After the frames: hang instead of ending.
    hangs: bool,
}

impl Script {
    fn of(text: impl Into<Bytes>) -> Self {
        Self {
            frames: [Ok(text.into())].into(),
            hangs: false,
        }
    }

    fn then(mut self, error: impl Into<BoxError>) -> Self {
        self.frames.push_back(Err(error.into()));
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
        match self.frames.pop_front() {
            Some(frame) => Poll::Ready(Some(frame.map(Frame::data))),
            None if self.hangs => Poll::Pending,
            None => Poll::Ready(None),
        }
    }
}

/// What the provider was sent.
#[derive(Clone, Debug, Default)]
struct Sent {
    headers: HeaderMap,
    body: String,
    changes: Option<ParamsChanges>,
}

/// Sends one request through the layer to a provider that answers with `reply`.
async fn exchange(
    layer: &ParamsLayer,
    request: Request<Full<Bytes>>,
    reply: Response<Script>,
) -> (Response<ParamsBody<Script>>, Sent) {
    let sent = Arc::new(Mutex::new(Sent::default()));
    let reply = Arc::new(Mutex::new(Some(reply)));
    let provider = {
        let sent = Arc::clone(&sent);
        service_fn(move |request: Request<ParamsRequestBody<Full<Bytes>>>| {
            let (sent, reply) = (Arc::clone(&sent), reply.lock().unwrap().take().unwrap());
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                *sent.lock().unwrap() = Sent {
                    headers: parts.headers,
                    body: String::from_utf8(body.to_vec()).unwrap(),
                    changes: parts.extensions.get().cloned(),
                };
                Ok::<_, std::convert::Infallible>(reply)
            }
        })
    };
    let response = layer.layer(provider).oneshot(request).await.unwrap();
    let sent = sent.lock().unwrap().clone();
    (response, sent)
}

fn post(path: &str, body: &str) -> Request<Full<Bytes>> {
    Request::post(path)
        .body(Full::from(body.to_owned()))
        .unwrap()
}

fn json(body: &str) -> Response<Script> {
    Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, body.len())
        .body(Script::of(body.to_owned()))
        .unwrap()
}

fn sse(body: &str) -> Response<Script> {
    let response = Response::builder().header(header::CONTENT_TYPE, "text/event-stream");
    response.body(Script::of(body.to_owned())).unwrap()
}

async fn text(response: Response<ParamsBody<Script>>) -> String {
    let length = response.headers().get(header::CONTENT_LENGTH).cloned();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    if let Some(length) = length {
        assert_eq!(length.to_str().unwrap(), body.len().to_string());
    }
    String::from_utf8(body.to_vec()).unwrap()
}

const CHAT: &str = "/v1/chat/completions";

// === readiness and errors ===

#[tokio::test]
async fn the_instance_that_was_ready_makes_the_call() {
    type Call = Request<ParamsRequestBody<Full<Bytes>>>;
    let (mut service, mut handle) =
        mock::spawn_layer::<Call, Response<Script>, _>(ParamsLayer::new(Fireworks));
    handle.allow(0);
    assert!(service.poll_ready::<Request<Full<Bytes>>>().is_pending());
    handle.allow(1);
    assert!(service.poll_ready::<Request<Full<Bytes>>>().is_ready());
    let call = service.call(post(CHAT, r#"{"model":"m#d"}"#));
    let answer = async {
        let (request, respond) = handle.next_request().await.unwrap();
        assert_eq!(request.uri(), CHAT);
        respond.send_response(json("{}"));
    };
    let (response, ()) = tokio::join!(call, answer);
    assert_eq!(response.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn errors_of_the_service_pass() {
    type Call = Request<ParamsRequestBody<Full<Bytes>>>;
    let layer = ParamsLayer::new(Fireworks);
    let (mut service, mut handle) = mock::spawn_layer::<Call, Response<Script>, _>(layer);
    assert!(service.poll_ready::<Request<Full<Bytes>>>().is_ready());
    let call = service.call(post(CHAT, r#"{"model":"m#d"}"#));
    let answer = async {
        let (_, respond) = handle.next_request().await.unwrap();
        respond.send_error("refused to connect");
    };
    let (response, ()) = tokio::join!(call, answer);
    assert_eq!(response.unwrap_err().to_string(), "refused to connect");
    handle.send_error("gone");
    let ready = service.poll_ready::<Request<Full<Bytes>>>();
    assert!(matches!(ready, Poll::Ready(Err(_))));
}

async fn nobody<B>(
    _: Request<ParamsRequestBody<B>>,
) -> Result<Response<Script>, std::convert::Infallible> {
    panic!("called");
}

#[tokio::test]
async fn a_refusal_is_a_response_and_calls_nobody() {
    let layer = ParamsLayer::new(Fireworks).max_body_bytes(64);
    let service = layer.layer(service_fn(nobody));
    let refused = |path: &str, body: Script| {
        let request = Request::post(path).body(body).unwrap();
        let service = service.clone();
        async move {
            let response = service.oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
            let body = response.into_body().collect().await.unwrap().to_bytes();
            (status, String::from_utf8(body.to_vec()).unwrap())
        }
    };
    let (status, body) = refused(CHAT, Script::of("{")).await;
    assert_eq!(status, 400);
    assert!(body.contains("line 1, column 2"), "{body}");
    let (status, _) = refused(CHAT, Script::of(vec![b' '; 65])).await;
    assert_eq!(status, 413);
    let (status, _) = refused(CHAT, Script::default().then("reset")).await;
    assert_eq!(status, 400);
    let (status, body) = refused("/anthropic/v1/messages", Script::of("[]")).await;
    assert_eq!(status, 400);
    assert!(
        body.starts_with(r#"{"type":"error","error":{"type":"invalid_request_error""#),
        "{body}"
    );
    let (status, _) = refused(CHAT, Script::of(r#"{"model":"openai/x"}"#)).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn an_outer_body_limit_is_a_413_and_an_encoded_body_a_415() {
    let layer = ParamsLayer::new(Fireworks);
    let limited = http_body_util::Limited::new(Script::of(vec![b' '; 65]), 64);
    let request = Request::post(CHAT).body(limited).unwrap();
    let response = layer
        .layer(service_fn(nobody))
        .oneshot(request)
        .await
        .unwrap();
    assert_eq!(response.status(), 413);
    let request = Request::post(CHAT).header(header::CONTENT_ENCODING, "gzip");
    let request = request.body(Script::of("{}")).unwrap();
    let response = layer
        .layer(service_fn(nobody))
        .oneshot(request)
        .await
        .unwrap();
    assert_eq!(response.status(), 415);
}

// === requests ===

#[tokio::test]
async fn a_converted_request_has_the_right_headers() {
    let layer = ParamsLayer::new(Fireworks);
    let mut request = post(
        CHAT,
        r#"{"model":"m#d","stream":true,"prompt_cache_key":"k"}"#,
    );
    let headers = request.headers_mut();
    headers.insert(header::CONTENT_LENGTH, 53.into());
    headers.insert(header::ACCEPT, "application/json".parse().unwrap());
    headers.insert(header::ACCEPT_ENCODING, "gzip, br".parse().unwrap());
    let (response, sent) = exchange(&layer, request, sse("data: [DONE]\n\n")).await;
    assert_eq!(
        sent.headers[header::CONTENT_LENGTH],
        sent.body.len().to_string()
    );
    assert_eq!(sent.headers[header::ACCEPT], "text/event-stream");
    assert_eq!(sent.headers[header::ACCEPT_ENCODING], "identity");
    assert_eq!(sent.headers["x-session-affinity"], "k");
    let changes =
        "renamed prompt_cache_key>prompt_cache_isolation_key; added stream_options.include_usage";
    assert_eq!(response.headers()["x-fw-params"], changes);
    assert_eq!(sent.changes.unwrap().to_string(), changes);
    let in_response = response.extensions().get::<ParamsChanges>().unwrap();
    assert_eq!(in_response.to_string(), changes);

    let mut request = post(CHAT, r#"{"model":"m#d","prompt_cache_key":"k"}"#);
    request
        .headers_mut()
        .insert("x-session-affinity", "mine".parse().unwrap());
    let (_, sent) = exchange(&layer, request, json("{}")).await;
    assert_eq!(sent.headers["x-session-affinity"], "mine");
    assert!(!sent.headers.contains_key(header::ACCEPT));
}

#[tokio::test]
async fn without_a_change_there_is_no_report() {
    let layer = ParamsLayer::new(Fireworks);
    let (response, sent) = exchange(&layer, post(CHAT, r#"{"model":"m#d"}"#), json("{}")).await;
    assert!(!response.headers().contains_key("x-fw-params"));
    assert!(response.extensions().get::<ParamsChanges>().is_none());
    assert!(sent.changes.is_none());
}

#[tokio::test]
async fn other_requests_pass_untouched() {
    let layer = ParamsLayer::new(Fireworks);
    for (method, path) in [("GET", "/v1/models"), ("POST", "/v1/rerank"), ("PUT", CHAT)] {
        let body = Full::from("{ not json".to_owned());
        let request = Request::builder().method(method).uri(path);
        let request = request
            .header(header::ACCEPT_ENCODING, "br")
            .body(body)
            .unwrap();
        let mut reply = json("<odd>");
        *reply.status_mut() = StatusCode::BAD_GATEWAY;
        let (response, sent) = exchange(&layer, request, reply).await;
        assert_eq!(sent.body, "{ not json");
        assert_eq!(sent.headers[header::ACCEPT_ENCODING], "br");
        assert_eq!(response.status(), 502);
        assert_eq!(text(response).await, "<odd>");
    }
}

// === errors of the provider ===

#[tokio::test]
async fn errors_are_brought_into_the_client_s_shape() {
    let layer = ParamsLayer::new(Fireworks);
    let request = |path| post(path, r#"{"model":"m#d","store":1}"#);
    let shapes = [
        r#"{"error":{"object":"error","type":"invalid_request_error","code":"invalid_request_error","message":"M"}}"#,
        r#"{"error":"Too Many Requests","message":"M"}"#,
        r#"{"detail":"M"}"#,
        "<html>upstream</html>",
        "",
    ];
    for (path, marks) in [
        (CHAT, &[r#"{"error":{"message":"#, r#""param":null"#][..]),
        (
            "/v1/messages",
            &[r#"{"type":"error","error":{"type":"rate_limit_error""#][..],
        ),
    ] {
        for shape in shapes {
            let mut reply = json(shape);
            *reply.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            reply
                .headers_mut()
                .insert(header::RETRY_AFTER, "7".parse().unwrap());
            let (response, _) = exchange(&layer, request(path), reply).await;
            assert_eq!(response.status(), 429);
            assert_eq!(response.headers()[header::RETRY_AFTER], "7");
            assert_eq!(response.headers()["x-fw-params"], "removed store");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
            let body = text(response).await;
            for mark in marks {
                assert!(body.contains(mark), "{body}");
            }
            assert!(!body.contains("<html>"), "{body}");
        }
    }
}

#[tokio::test]
async fn an_error_in_the_right_shape_keeps_its_bytes() {
    let layer = ParamsLayer::new(Fireworks);
    let body = r#"{"error":{"message":"M","param":"model","code":"NOT_FOUND","type":"error"}, "request_id":"r"}"#;
    let mut reply = json(body);
    *reply.status_mut() = StatusCode::NOT_FOUND;
    let (response, _) = exchange(&layer, post(CHAT, r#"{"model":"m#d"}"#), reply).await;
    assert_eq!(response.status(), 404);
    assert_eq!(text(response).await, body);
}

#[tokio::test]
async fn an_error_too_long_or_cut_short_is_still_an_error() {
    let layer = ParamsLayer::new(Fireworks);
    for body in [
        Script::of(vec![b'x'; 10 << 20]),
        Script::of("<html>").then("reset"),
        Script::of(&b"\x1f\x8b\x08"[..]),
    ] {
        let mut reply = Response::new(body);
        *reply.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        reply
            .headers_mut()
            .insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
        let (response, _) = exchange(&layer, post(CHAT, r#"{"model":"m#d"}"#), reply).await;
        assert_eq!(response.status(), 503);
        assert!(!response.headers().contains_key(header::CONTENT_ENCODING));
        let body = text(response).await;
        assert!(body.starts_with("{\"error\":{\"message\":"), "{body}");
    }
}

// === whole replies ===

#[tokio::test]
async fn a_plain_reply_passes_as_the_body_it_is() {
    let layer = ParamsLayer::new(Fireworks);
    // Not even valid JSON: nobody looks.
    let mut reply = json("{ \"choices\" : [");
    reply
        .headers_mut()
        .insert(header::CONTENT_ENCODING, "br".parse().unwrap());
    let (response, _) = exchange(&layer, post(CHAT, r#"{"model":"m#d"}"#), reply).await;
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
    assert!(response.body().as_bytes().is_none(), "not held");
    assert_eq!(text(response).await, "{ \"choices\" : [");
}

#[tokio::test]
async fn a_reply_that_must_be_read_and_cannot_be_is_a_502() {
    let layer = ParamsLayer::new(Fireworks).max_response_bytes(100);
    let request = || post("/v1/responses", r#"{"model":"m#d","input":"x"}"#);
    let mut encoded = json("xx");
    encoded
        .headers_mut()
        .insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
    let long = json(&"x".repeat(101));
    let broken = Response::new(Script::of("{").then("reset"));
    for reply in [encoded, long, broken] {
        let (response, _) = exchange(&layer, request(), reply).await;
        assert_eq!(response.status(), 502);
        assert!(text(response).await.contains("upstream_error"));
    }
    let timeout = io::Error::new(io::ErrorKind::TimedOut, "late");
    let reply = Response::new(Script::of("{").then(timeout));
    let (response, _) = exchange(&layer, request(), reply).await;
    assert_eq!(response.status(), 504);
}

#[tokio::test]
async fn tool_calls_have_arguments_as_strings() {
    let layer = ParamsLayer::new(Fireworks);
    let request = post(
        CHAT,
        r#"{"model":"m#d","tools":[{"type":"function","function":{"name":"f"}}]}"#,
    );
    let reply = r#"{"choices":[{"message":{"content":null,"tool_calls":[{"id":"1","function":{"name":"f","arguments":{"a": "é"}}},{"id":"2","function":{"name":"f","arguments":"{}"}},{"id":"3","function":{"name":"f","arguments":null}},{"id":"4","function":{"name":"f"}}]},"finish_reason":"function_call"}], "x":1}"#;
    let (response, _) = exchange(&layer, request, json(reply)).await;
    assert_eq!(
        response.headers()["x-fw-params"],
        "set reply.choices[].message.tool_calls[].function.arguments x2; added reply.choices[].message.tool_calls[].function.arguments; set reply.choices[].finish_reason"
    );
    assert_eq!(
        text(response).await,
        r#"{"choices":[{"message":{"content":null,"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{\"a\": \"é\"}"}},{"id":"2","function":{"name":"f","arguments":"{}"}},{"id":"3","function":{"name":"f","arguments":"{}"}},{"id":"4","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}], "x":1}"#
    );
}

#[tokio::test]
async fn a_client_of_functions_gets_a_function_call() {
    let layer = ParamsLayer::new(Fireworks);
    let request = post(CHAT, r#"{"model":"m#d","functions":[{"name":"f"}]}"#);
    let reply = r#"{"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#;
    let (response, _) = exchange(&layer, request, json(reply)).await;
    assert_eq!(
        text(response).await,
        r#"{"choices":[{"message":{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},"finish_reason":"function_call"}]}"#
    );
}

#[tokio::test]
async fn embeddings_come_in_the_form_that_was_asked_for() {
    let layer = ParamsLayer::new(Fireworks);
    let path = "/v1/embeddings";
    let floats = r#"{"data":[{"embedding":[1,0.5]}]}"#;
    let base64 = r#"{"data":[{"embedding":"AACAPwAAAD8="}]}"#;
    for (asked, reply, given) in [
        (r#","encoding_format":"base64""#, floats, base64),
        (r#","encoding_format":"base64""#, base64, base64),
        (r#","encoding_format":"float""#, base64, floats),
        (r#","encoding_format":"float""#, floats, floats),
        ("", floats, floats),
    ] {
        let request = post(path, &format!(r#"{{"model":"a/b","input":"x"{asked}}}"#));
        let (response, _) = exchange(&layer, request, json(reply)).await;
        assert_eq!(text(response).await, given);
    }
}

#[tokio::test]
async fn stored_responses_are_converted_too() {
    let layer = ParamsLayer::new(Fireworks);
    let request = |method, path| {
        Request::builder()
            .method(method)
            .uri(path)
            .body(Full::default())
            .unwrap()
    };
    let stored = r#"{"id":"resp_1","usage":{"prompt_tokens":1,"completion_tokens":2}}"#;
    let (response, _) =
        exchange(&layer, request("GET", "/v1/responses/resp_1"), json(stored)).await;
    assert!(text(response).await.contains("\"input_tokens\":1"));

    let deleted = r#"{"message":"Response deleted successfully"}"#;
    let (response, _) = exchange(
        &layer,
        request("DELETE", "/v1/responses/resp_1"),
        json(deleted),
    )
    .await;
    assert_eq!(
        text(response).await,
        r#"{"id":"resp_1","object":"response","deleted":true}"#
    );

    let mut missing = json(r#"{"detail":"Previous response not found"}"#);
    *missing.status_mut() = StatusCode::NOT_FOUND;
    let (response, _) = exchange(&layer, request("DELETE", "/v1/responses/resp_1"), missing).await;
    assert_eq!(response.status(), 404);
    let body = text(response).await;
    assert!(
        body.starts_with(r#"{"error":{"message":"Previous response not found""#),
        "{body}"
    );

    let (response, _) = exchange(
        &ParamsLayer::new(OpenAi),
        request("GET", "/v1/responses/resp_1"),
        json(stored),
    )
    .await;
    assert_eq!(text(response).await, stored);
}

// === streams ===

const CHUNK: &str = r#"{"id":"U","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"usage":null}"#;
const LAST: &str = r#"{"id":"U","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}"#;
const USAGE: &str = r#"{"id":"U","object":"chat.completion.chunk","created":1,"model":"M","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}"#;

fn events(data: &[&str]) -> String {
    data.iter()
        .map(|data| format!("data: {data}\n\n"))
        .collect()
}

async fn stream(layer: &ParamsLayer, request: &str, upstream: &str) -> String {
    let (response, _) = exchange(layer, post(CHAT, request), sse(upstream)).await;
    assert!(!response.headers().contains_key(header::CONTENT_LENGTH));
    text(response).await
}

const STREAM: &str = r#"{"model":"m#d","stream":true}"#;
const STREAM_USAGE: &str =
    r#"{"model":"m#d","stream":true,"stream_options":{"include_usage":true}}"#;

#[tokio::test]
async fn a_plain_stream_passes_byte_for_byte() {
    let layer = ParamsLayer::new(Fireworks);
    // Layouts A and C, comments, CRLF, an event without a space, no end marker.
    for upstream in [
        events(&[CHUNK, LAST, "[DONE]"]),
        events(&[CHUNK, "[DONE]"]),
        format!(": ping\n\ndata:{CHUNK}\r\n\r\nid: 3\ndata: {LAST}\n\n"),
        "data: not json\n\ndata: 7\n\n\n\n".to_owned(),
    ] {
        assert_eq!(stream(&layer, STREAM, &upstream).await, upstream);
        assert_eq!(stream(&layer, STREAM_USAGE, &upstream).await, upstream);
    }
}

#[tokio::test]
async fn the_same_memory_leaves_when_nothing_changes() {
    let layer = ParamsLayer::new(Fireworks);
    let typed = |kind: &str| format!(r#"{{"type":"{kind}","delta":"Hi"}}"#);
    for (path, upstream) in [
        (CHAT, events(&[CHUNK, LAST, "[DONE]"])),
        ("/v1/messages", events(&[&typed("content_block_delta")])),
        (
            "/v1/responses",
            events(&[&typed("response.output_text.delta")]),
        ),
    ] {
        let upstream = Bytes::from(upstream);
        let reply = Response::builder()
            .header(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")
            .body(Script::of(upstream.clone()))
            .unwrap();
        let (response, _) = exchange(&layer, post(path, STREAM), reply).await;
        let mut body = response.into_body();
        let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(
            (frame.as_ptr(), frame.len()),
            (upstream.as_ptr(), upstream.len())
        );
    }
}

#[tokio::test]
async fn usage_that_was_not_asked_for_is_taken_out_and_kept_for_accounting() {
    let upstream = events(&[CHUNK, USAGE, "[DONE]"]);
    for layer in [ParamsLayer::new(Fireworks), ParamsLayer::new(OpenAi)] {
        assert_eq!(stream(&layer, STREAM_USAGE, &upstream).await, upstream);
        let (response, _) = exchange(&layer, post(CHAT, STREAM), sse(&upstream)).await;
        let usage = response
            .extensions()
            .get::<UpstreamUsage>()
            .unwrap()
            .clone();
        assert_eq!(usage.usage(), None);
        assert_eq!(text(response).await, events(&[CHUNK, "[DONE]"]));
        assert_eq!(usage.usage().unwrap().total_tokens, 9);
    }
    // A chunk that says more than usage stays.
    let metrics = USAGE.replace("\"usage\"", "\"perf_metrics\":{},\"usage\"");
    let upstream = events(&[CHUNK, &metrics, "[DONE]"]);
    assert_eq!(
        stream(&ParamsLayer::new(Fireworks), STREAM, &upstream).await,
        upstream
    );
}

#[tokio::test]
async fn every_chunk_has_choices() {
    let layer = ParamsLayer::new(Fireworks);
    let upstream = "event: x\r\ndata:{\"id\":\"U\",\"usage\":{\"prompt_tokens\":7}}\r\n\r\n";
    assert_eq!(
        stream(&layer, STREAM_USAGE, upstream).await,
        "event: x\r\ndata:{\"id\":\"U\",\"usage\":{\"prompt_tokens\":7},\"choices\":[]}\r\n\r\n"
    );
    assert_eq!(
        stream(&layer, STREAM_USAGE, "data: {\"choices\": null}\n\n").await,
        "data: {\"choices\": []}\n\n"
    );
}

#[tokio::test]
async fn every_tool_call_delta_has_an_index_and_string_arguments() {
    let layer = ParamsLayer::new(Fireworks);
    let chunk = |call: &str| {
        format!(
            r#"{{"choices":[{{"index":0,"delta":{{"tool_calls":[{call}]}},"finish_reason":null}}]}}"#
        )
    };
    let upstream = [
        chunk(r#"{"id":"a","function":{"name":"f","arguments":""}}"#),
        chunk(r#"{"index":null,"function":{"arguments":"{}"}}"#),
        chunk(r#"{"id":"b","function":{"name":"g","arguments":{"x":1}}}"#),
        chunk(r#"{"index":1,"function":{"arguments":""}}"#),
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"function_call"}]}"#.to_owned(),
    ];
    let given = [
        chunk(r#"{"id":"a","function":{"name":"f","arguments":""},"index":0}"#),
        chunk(r#"{"index":0,"function":{"arguments":"{}"}}"#),
        chunk(r#"{"id":"b","function":{"name":"g","arguments":"{\"x\":1}"},"index":1}"#),
        chunk(r#"{"index":1,"function":{"arguments":""}}"#),
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#.to_owned(),
    ];
    let list = |chunks: &[String]| events(&chunks.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(
        stream(&layer, STREAM_USAGE, &list(&upstream)).await,
        list(&given)
    );
}

#[tokio::test]
async fn a_streaming_client_of_functions_gets_function_calls() {
    let layer = ParamsLayer::new(Fireworks);
    let request = r#"{"model":"m#d","stream":true,"functions":[{"name":"f"}]}"#;
    let upstream = events(&[
        r#"{"choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
    ]);
    assert_eq!(
        stream(&layer, request, &upstream).await,
        events(&[
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","function_call":{"name":"f","arguments":""}}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"function_call":{"arguments":"{}"}}}]}"#,
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"function_call"}]}"#,
        ])
    );
}

#[tokio::test]
async fn an_error_in_a_stream_has_openai_s_shape() {
    let layer = ParamsLayer::new(Fireworks);
    let good = events(&[
        CHUNK,
        r#"{"error":{"message":"M","type":"t","param":null,"code":"c"}}"#,
    ]);
    assert_eq!(stream(&layer, STREAM, &good).await, good);
    let text = stream(
        &layer,
        STREAM,
        &events(&[CHUNK, r#"{"error":"Just text"}"#]),
    )
    .await;
    assert!(
        text.contains(r#"data: {"error":{"message":"Just text","type":"#),
        "{text}"
    );
    assert!(
        text.ends_with("}}\n\n") && !text.contains("[DONE]"),
        "{text}"
    );
}

#[tokio::test]
async fn responses_streams_say_usage_under_both_names() {
    let layer = ParamsLayer::new(Fireworks);
    let delta = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"x\"}\n\n";
    let end = "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}}\n\n";
    let request = post(
        "/v1/responses",
        r#"{"model":"m#d","input":"x","stream":true}"#,
    );
    let (response, _) = exchange(&layer, request, sse(&format!("{delta}{end}"))).await;
    let body = text(response).await;
    assert!(body.starts_with(delta), "{body}");
    assert!(
        body.contains("\"prompt_tokens\":1,") && body.contains("\"input_tokens\":1,"),
        "{body}"
    );
}

/// A stream of a surface whose events have types.
async fn typed_stream(path: &str, upstream: &str) -> String {
    let layer = ParamsLayer::new(Fireworks);
    let request = post(path, r#"{"model":"m#d","stream":true}"#);
    let (response, sent) = exchange(&layer, request, sse(upstream)).await;
    assert_eq!(sent.headers[header::ACCEPT], "text/event-stream");
    text(response).await
}

#[tokio::test]
async fn a_messages_stream_passes_byte_for_byte() {
    let delta = |text: &str| {
        format!(
            "event: content_block_delta\r\ndata: {{\"type\":\"content_block_delta\",\"delta\":{{\"type\":\"input_json_delta\",\"partial_json\":\"{text}\"}}}}\r\n\r\n"
        )
    };
    for upstream in [
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\nrest".to_owned(),
        delta(r#"{\"error\": \"x\"}"#),
        ": ping\n\nevent: message_start\ndata: {\"type\":\"message_start\",\"error\":null}\n\ndata: \"error\"\n\n".to_owned(),
        "data: {\"type\":\"ping\",\"error\":\"\"}\n\ndata: {\"type\":\"ping\",\"error\":{}}\n\n".to_owned(),
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"M\"}, \"x\":1}\n\n".to_owned(),
    ] {
        assert_eq!(typed_stream("/v1/messages", &upstream).await, upstream);
    }
}

#[tokio::test]
async fn an_error_in_a_messages_stream_is_an_event_that_anthropic_s_sdks_raise() {
    let start = "event: message_start\ndata: {\"type\":\"message_start\"}\n\n";
    for (error, kind) in [
        ("data: {\"error\":\"M\"}\n\n", "api_error"),
        ("data: {\"error\":\"M\"}", "api_error"),
        ("event: error\ndata: {\"error\":\"M\"}\n\n", "api_error"),
        (
            "data: {\"error\":{\"message\":\"M\",\"status\":429}}\n\n",
            "rate_limit_error",
        ),
        (
            "data: {\"type\":\"error\",\"error\":\"M\"}\r\n\r\n",
            "api_error",
        ),
        // Without its name no SDK reads it.
        (
            "data: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"M\"}}\n\n",
            "api_error",
        ),
        ("event: error\ndata: {\"message\":\"M\"}\n\n", "api_error"),
    ] {
        let came = typed_stream("/v1/messages", &format!("{start}{error}")).await;
        let event = came.strip_prefix(start).expect(&came);
        let expected = format!(
            "event: error\ndata: {{\"type\":\"error\",\"error\":{{\"type\":\"{kind}\",\"message\":\"M\""
        );
        assert!(event.starts_with(&expected), "{error}: {event}");
        assert!(event.ends_with("}\n\n"), "{event}");
    }
    let no_json = typed_stream("/v1/messages", "event: error\ndata: <html>\n\n").await;
    assert!(
        no_json.starts_with(
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\""
        ),
        "{no_json}"
    );
    assert!(!no_json.contains("html"), "{no_json}");
}

#[tokio::test]
async fn an_error_in_a_responses_stream_has_its_message_where_openai_s_sdks_look() {
    let first = ": ping\n\nevent: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"error\":null}}\n\n";
    for error in [
        "data: {\"error\":\"M\"}\n\n",
        "data: {\"error\":{\"message\":\"M\"}}\n\n",
        "event: error\ndata: {\"type\":\"error\",\"error\":\"M\"}\n\n",
    ] {
        let came = typed_stream("/v1/responses", &format!("{first}{error}")).await;
        let event = came.strip_prefix(first).expect(&came);
        let data = event.strip_prefix("event: error\ndata: ").expect(event);
        assert!(
            data.starts_with(r#"{"type":"error","code":"#)
                && data.contains(r#""message":"M""#)
                && data.contains(r#""error":{"message":"M","type":"api_error""#)
                && data.ends_with("\"sequence_number\":1}\n\n"),
            "{error}: {data}"
        );
    }
    for own in [
        "event: error\ndata: {\"type\":\"error\",\"code\":\"c\",\"message\":\"M\",\"param\":null,\"sequence_number\":1}\n\n",
        "data: {\"type\":\"error\",\"error\":{\"type\":\"t\",\"message\":\"M\"},\"sequence_number\":1}\n\n",
        "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"message\":\"M\"}}}\n\n",
        "data: {\"type\":\"response.mcp_call.failed\",\"error\":{\"message\":\"M\"}}\n\n",
    ] {
        let upstream = format!("{first}{own}");
        assert_eq!(typed_stream("/v1/responses", &upstream).await, upstream);
    }
}

#[tokio::test]
async fn an_upstream_failure_is_the_body_s_error() {
    let layer = ParamsLayer::new(Fireworks);
    let reply = Response::builder()
        .header(header::CONTENT_TYPE, "text/event-stream")
        .body(Script::of(events(&[CHUNK])).then(io::Error::other("reset")))
        .unwrap();
    let (response, _) = exchange(&layer, post(CHAT, STREAM), reply).await;
    let mut body = response.into_body();
    assert!(body.frame().await.unwrap().is_ok());
    let error = body.frame().await.unwrap().unwrap_err();
    assert!(error.downcast_ref::<io::Error>().is_some(), "{error:?}");
    assert!(body.frame().await.is_none());
}

// === aggregation ===

const LONG: &str = r#"{"model":"m#d","max_tokens":5000}"#;

#[tokio::test]
async fn a_long_plain_request_is_streamed_and_answered_whole() {
    let layer = ParamsLayer::new(Fireworks);
    let mut reply = sse(&events(&[CHUNK, LAST, "[DONE]"]));
    // Nobody waits for what comes after the end marker.
    reply.body_mut().hangs = true;
    let (response, sent) = exchange(&layer, post(CHAT, LONG), reply).await;
    assert_eq!(sent.headers[header::ACCEPT], "text/event-stream");
    assert!(sent.body.contains(r#""stream":true"#), "{}", sent.body);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(
        text(response).await,
        r#"{"id":"U","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop","logprobs":null}],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}"#
    );
}

#[tokio::test]
async fn a_long_request_whose_stream_fails_is_an_error() {
    let layer = ParamsLayer::new(Fireworks).max_response_bytes(2000);
    let open = |data: &[&str]| Script::of(events(data));
    let late = io::Error::new(io::ErrorKind::TimedOut, "late");
    for (body, status) in [
        (open(&[CHUNK]), 502),
        (open(&[CHUNK]).then("reset"), 502),
        (open(&[CHUNK]).then(late), 504),
        (
            open(&[CHUNK, r#"{"error":{"message":"M","code":503}}"#]),
            503,
        ),
        (open(&[CHUNK].repeat(1000)), 502),
        (Script::of("data: ".to_owned() + &"x".repeat(4000)), 502),
        // Complete, whatever the connection did then.
        (open(&[CHUNK, LAST]).then("reset"), 200),
    ] {
        let mut reply = sse("");
        *reply.body_mut() = body;
        let (response, _) = exchange(&layer, post(CHAT, LONG), reply).await;
        assert_eq!(response.status().as_u16(), status);
        assert!(
            response.headers()["x-fw-params"]
                .to_str()
                .unwrap()
                .contains("stream")
        );
        let body = text(response).await;
        assert!(!body.contains("finish_reason") || status == 200, "{body}");
    }
}

#[tokio::test]
async fn a_provider_that_answers_a_long_request_whole_is_fine() {
    let layer = ParamsLayer::new(Fireworks);
    let (response, _) = exchange(&layer, post(CHAT, LONG), json("{\"id\": 1}")).await;
    assert_eq!(text(response).await, "{\"id\": 1}");
    let mut reply = json(r#"{"detail":"no"}"#);
    *reply.status_mut() = StatusCode::BAD_REQUEST;
    let (response, _) = exchange(&layer, post(CHAT, LONG), reply).await;
    assert_eq!(response.status(), 400);
}

// === types ===

#[test]
fn what_should_be_send_and_sync_is() {
    fn check<T: Send + Sync + 'static>() {}
    check::<ParamsLayer>();
    check::<ParamsService<()>>();
    check::<ParamsBody<Full<Bytes>>>();
    check::<ParamsRequestBody<Full<Bytes>>>();
    check::<ParamsChanges>();
    fn send<T: Send>(_: &T) {}
    let inner = service_fn(|_: Request<ParamsRequestBody<Full<Bytes>>>| {
        std::future::ready(Ok::<_, std::convert::Infallible>(json("{}")))
    });
    let mut service = ParamsLayer::default().layer(inner);
    send(&service.call(post(CHAT, "{}")));
    let _ = service.get_ref();
    let _ = service.get_mut();
    let _ = service.into_inner();
}

// === fallbacks ===

const WITH_FALLBACKS: &str = r#"{"model":"glm-5p3","messages":[],"fallback\u0073":["other"]}"#;

#[tokio::test]
async fn a_request_whose_fallbacks_nobody_has_read_comes_back_unsent() {
    for dialect in [Fireworks, OpenAi] {
        let layer = ParamsLayer::new(dialect).return_fallbacks(true);
        let mut request = post("/v1/chat/completions?a=b", WITH_FALLBACKS);
        request
            .headers_mut()
            .insert("x-team", "secret".parse().unwrap());
        let (mut response, sent) = exchange(&layer, request, json("{}")).await;
        assert_eq!(sent.body, "", "nothing was sent");
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        let unread: UnreadFallbacks = response.extensions_mut().remove().unwrap();
        assert!(!format!("{unread:?}").contains("secret"));
        let parts = unread.into_parts();
        assert_eq!(parts.uri, "/v1/chat/completions?a=b");
        assert_eq!(parts.headers["x-team"], "secret");
        // Whoever has a router that does not know of this is told what to do.
        let body = text(response).await;
        assert!(body.contains("unread_fallbacks") && body.contains("Send the request without"));
    }
}

#[tokio::test]
async fn a_request_whose_fallbacks_were_read_goes_without_them() {
    let layer = ParamsLayer::new(Fireworks).return_fallbacks(true);
    let mut request = post("/v1/chat/completions", WITH_FALLBACKS);
    request.extensions_mut().insert(FallbacksRead);
    let (response, sent) = exchange(&layer, request, json("{}")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!sent.body.contains("fallback"), "{}", sent.body);
    let changes = response.headers()["x-fw-params"].to_str().unwrap();
    assert!(changes.contains("removed fallbacks"), "{changes}");
}

#[tokio::test]
async fn the_word_within_a_request_is_no_list_of_fallbacks() {
    let layer = ParamsLayer::new(Fireworks).return_fallbacks(true);
    let body = r#"{"model":"m","messages":[{"role":"user","content":"\"fallbacks\"","fallbacks":[1]}],"metadata":{"fallbacks":"x"}}"#;
    let (response, sent) = exchange(&layer, post("/v1/chat/completions", body), json("{}")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(sent.body.contains("fallbacks"));
}
