use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use fw_routing::RouterLayer;
use http::StatusCode;
use http_body::Frame;
use http_body_util::{BodyExt, Empty, Full};
use tower::{ServiceExt, service_fn};
use tower_layer::Layer as _;

use super::*;
use crate::config::Config;
use crate::gateway::Gateway;

type TestRequest = Request<Empty<Bytes>>;

fn shared() -> Arc<Shared> {
    let config = Config::parse(
        "f.yaml",
        "
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers: {targets: [{id: main, provider: fireworks}, {id: other, provider: openai}]}
",
    )
    .unwrap();
    let gateway = Gateway::new(&config, |name| {
        (name == "FIREWORKS_API_KEY").then(|| "fw_key".to_owned())
    });
    gateway.unwrap().shared()
}

fn request(method: Method, path: &str) -> TestRequest {
    Request::builder()
        .method(method)
        .uri(path)
        .body(Empty::new())
        .unwrap()
}

/// What the front answers by itself; the test fails if it goes upstream.
async fn own(method: Method, path: &str) -> Response<Bytes> {
    let upstream = service_fn(|request: TestRequest| {
        let reply = Response::builder().status(StatusCode::IM_A_TEAPOT);
        let reply = reply
            .body(Full::<Bytes>::from(request.uri().to_string()))
            .unwrap();
        async move { Ok::<_, Infallible>(reply) }
    });
    let front = Front::new(shared(), upstream);
    let reply = whole(front.oneshot(request(method, path)).await).await;
    assert_ne!(reply.status(), StatusCode::IM_A_TEAPOT, "went upstream");
    reply
}

async fn whole<B>(reply: Result<Response<B>, Infallible>) -> Response<Bytes>
where
    B: Body<Data = Bytes, Error: std::fmt::Debug>,
{
    let (head, body) = reply.unwrap().into_parts();
    Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}

/// The reply to a chat request for which the only target sends `content_type` and these parts.
async fn through(
    content_type: &'static str,
    parts: Vec<Result<&'static str, &'static str>>,
) -> Response<Bytes> {
    let target = service_fn(move |_: Request<Full<Bytes>>| {
        let mut response = Response::new(Parts(parts.clone().into()));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        async move { Ok::<_, Infallible>(response) }
    });
    let router = RouterLayer::new().layer(target);
    let request = request(Method::POST, "/v1/chat/completions");
    whole(Front::new(shared(), router).oneshot(request).await).await
}

/// A body that yields these parts.
#[derive(Debug)]
struct Parts(VecDeque<Result<&'static str, &'static str>>);

impl Body for Parts {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.0.pop_front().map(|part| match part {
            Ok(text) => Ok(Frame::data(Bytes::from_static(text.as_bytes()))),
            Err(error) => Err(io::Error::other(error)),
        }))
    }
}

fn json_of(response: &Response<Bytes>) -> serde_json::Value {
    serde_json::from_slice(response.body()).unwrap()
}

#[tokio::test]
async fn every_surface_reaches_the_upstream() {
    let paths = [
        "/v1/chat/completions",
        "/inference/v1/completions",
        "/inference/v1/v1/embeddings",
        "/openai/responses",
        "/openai/v1/chat/completions",
        "/v1/messages",
    ];
    let calls = Arc::new(AtomicUsize::new(0));
    for path in paths {
        let counted = Arc::clone(&calls);
        let upstream = service_fn(move |_: TestRequest| {
            counted.fetch_add(1, Ordering::Relaxed);
            async { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"{}")))) }
        });
        let front = Front::new(shared(), upstream);
        let reply = whole(front.oneshot(request(Method::POST, path)).await).await;
        assert_eq!(reply.status(), StatusCode::OK, "{path}");
    }
    assert_eq!(calls.load(Ordering::Relaxed), paths.len());
}

#[tokio::test]
async fn models_are_listed_without_asking_the_upstream() {
    let list = own(Method::GET, "/v1/models").await;
    assert!(json_of(&list)["data"].as_array().unwrap().len() > 10);
    let id = "accounts/fireworks/models/gpt-oss-20b";
    for path in [
        format!("/v1/models/{id}"),
        format!("/v1/models/{}", id.replace('/', "%2F")),
    ] {
        let model = own(Method::GET, &path).await;
        assert_eq!(json_of(&model)["id"], id, "{path}");
    }
    let unknown = own(Method::GET, "/v1/models/nobody/knows").await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    assert_eq!(json_of(&unknown)["error"]["code"], "model_not_found");
}

#[tokio::test]
async fn what_fireworks_lacks_is_refused_by_name() {
    for (path, name) in [
        ("/v1/images/generations", "image generation"),
        ("/v1/audio/speech", "audio"),
        ("/v1/videos", "video"),
        ("/v1/files", "files"),
        ("/v1/batches", "batches"),
        ("/v1/fine_tuning/jobs", "fine-tuning"),
    ] {
        let reply = own(Method::POST, path).await;
        assert_eq!(reply.status(), StatusCode::BAD_REQUEST, "{path}");
        let error = &json_of(&reply)["error"];
        assert_eq!(error["code"], "unsupported_operation", "{path}");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains(name) && message.contains("fireworks"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn wrong_paths_and_methods_are_told_apart() {
    assert_eq!(
        own(Method::GET, "/nowhere").await.status(),
        StatusCode::NOT_FOUND
    );
    let reply = own(Method::GET, "/v1/chat/completions").await;
    assert_eq!(reply.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(reply.headers()["allow"], "POST");
    let reply = own(Method::POST, "/health").await;
    assert_eq!(reply.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(reply.headers()["allow"], "GET");
}

#[tokio::test]
async fn an_error_of_messages_has_the_shape_its_clients_read() {
    let reply = own(Method::POST, "/v1/messages/count_tokens").await;
    assert_eq!(json_of(&reply)["type"], "error");
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_words_of_the_surface() {
    for (method, path, status, kind) in [
        (Method::GET, "/anthropic/v1/nowhere", 404, "not_found_error"),
        (Method::GET, "/anthropic", 404, "not_found_error"),
        (
            Method::GET,
            "/anthropic/v1/messages",
            405,
            "invalid_request_error",
        ),
        (
            Method::POST,
            "/anthropic/v1/messages/batches",
            400,
            "invalid_request_error",
        ),
        (
            Method::GET,
            "/anthropic/v1/models/nobody",
            404,
            "not_found_error",
        ),
        (Method::PUT, "/v1/messages", 405, "invalid_request_error"),
    ] {
        let reply = own(method, path).await;
        assert_eq!(reply.status(), status, "{path}");
        let body = json_of(&reply);
        assert_eq!(body["type"], "error", "{path}");
        assert_eq!(body["error"]["type"], kind, "{path}");
    }
    for path in [
        "/openai/nowhere",
        "/langchain/v1/nowhere",
        "/litellm",
        "/inference/v1/nowhere",
        "/nowhere",
    ] {
        let reply = own(Method::GET, path).await;
        assert_eq!(reply.status(), StatusCode::NOT_FOUND, "{path}");
        let body = json_of(&reply);
        assert_eq!(body["error"]["type"], "invalid_request_error", "{path}");
        assert_eq!(body.get("type"), None, "{path}");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_ends_in_an_error_event_without_done() {
    let event = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n";
    for parts in [vec![Ok(event), Err("reset")], vec![Ok(event)]] {
        let reply = through("text/event-stream", parts).await;
        let text = String::from_utf8(reply.into_body().to_vec()).unwrap();
        let error = text.strip_prefix(event).unwrap();
        assert!(error.starts_with("data: {\"error\":"), "{error}");
        assert!(
            !text.contains("[DONE]") && !text.contains("\"finish_reason\":\""),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_stream_of_two_choices_is_not_whole_after_one() {
    let event = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    let upstream = move |choices: usize| {
        let config = fw_params::ParamsLayer::default().model("m");
        let upstream = service_fn(
            move |_: Request<fw_params::ParamsRequestBody<Full<Bytes>>>| {
                let mut response = Response::new(Parts(VecDeque::from([Ok(event)])));
                response
                    .headers_mut()
                    .insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
                async move { Ok::<_, Infallible>(response) }
            },
        );
        let body = format!(r#"{{"messages":[],"stream":true,"n":{choices}}}"#);
        let request = Request::post("/v1/chat/completions")
            .body(Full::new(body.into()))
            .unwrap();
        Front::new(shared(), RouterLayer::new().layer(config.layer(upstream))).oneshot(request)
    };
    let one = whole(upstream(1).await).await;
    assert_eq!(one.body(), event);
    let two = whole(upstream(2).await).await;
    assert!(two.body().starts_with(event.as_bytes()));
    assert!(String::from_utf8_lossy(&two.body()[event.len()..]).contains("\"error\""));
}

#[tokio::test]
async fn a_whole_stream_passes_byte_for_byte() {
    let event = ": hello\r\n\r\ndata:{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n";
    let reply = through("text/event-stream; charset=utf-8", vec![Ok(event)]).await;
    assert_eq!(reply.body(), event);
}

#[tokio::test]
async fn a_plain_reply_passes_byte_for_byte() {
    let body = "{ \"choices\" : [ ], \"n\": 1.0e0 }";
    let reply = through("application/json", vec![Ok(&body[..5]), Ok(&body[5..])]).await;
    assert_eq!(reply.body(), body);
}

#[tokio::test]
async fn targets_are_shown_without_asking_them() {
    let health = json_of(&own(Method::GET, "/health").await);
    assert_eq!(health["status"], "degraded");
    assert_eq!(health["providers"]["main"], "available");
    assert_eq!(health["providers"]["other"], "unavailable");

    let path = "/keeptrusts/providers/metrics";
    let metrics = own(Method::GET, path).await;
    assert_eq!(metrics.headers()["cache-control"], "no-store");
    let targets = &json_of(&metrics)["targets"];
    assert_eq!(targets[0]["id"], "main");
    assert_eq!(targets[0]["state"], "ready");
    assert_eq!(targets[1]["state"], "unavailable");
    let reply = own(Method::POST, path).await;
    assert_eq!(reply.status(), StatusCode::METHOD_NOT_ALLOWED);
}
