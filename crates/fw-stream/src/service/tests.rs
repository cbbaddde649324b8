//! The layer around services that answer in all ways.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use fw_wire::Endpoint;
use http::{Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

use crate::script::{Script, Step, drain};
use crate::{Event, Flow, Identity, Output, ReplyHead, StreamEnd, StreamLayer, Transform};

/// Doubles every event.
struct Twice;

impl Transform for Twice {
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        out.pass();
        out.insert(event.raw().clone());
        Flow::Continue
    }

    fn end(&mut self, _: StreamEnd<'_>, _: &mut Output<'_>) {}
}

fn twice(_: &ReplyHead<'_>) -> Option<Twice> {
    Some(Twice)
}

fn reply(kind: &str, text: &'static str) -> http::response::Builder {
    Response::builder()
        .header(header::CONTENT_TYPE, kind)
        .header(header::CONTENT_LENGTH, text.len())
}

/// The reply of a service that answers like this, through the layer.
async fn through<M, T>(layer: StreamLayer<M>, reply: Response<&'static str>) -> Response<Bytes>
where
    M: Fn(&ReplyHead<'_>) -> Option<T>,
    T: Transform,
{
    let (parts, text) = reply.into_parts();
    let service = service_fn(move |request: Request<()>| {
        assert_eq!(request.headers()[header::ACCEPT_ENCODING], "identity");
        let reply = Response::from_parts(
            parts.clone(),
            Full::new(Bytes::from_static(text.as_bytes())),
        );
        async move { Ok::<_, Infallible>(reply) }
    });
    let request = Request::post("/v1/messages")
        .header(header::ACCEPT_ENCODING, "gzip")
        .header(header::ACCEPT_ENCODING, "br")
        .body(())
        .unwrap();
    let reply = layer.layer(service).oneshot(request).await.unwrap();
    let (parts, body) = reply.into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

const EVENTS: &str = "data: 1\n\ndata: 2\n\n";

#[tokio::test]
async fn a_stream_goes_through_the_transform() {
    let kind = "Text/Event-Stream; charset=utf-8";
    let stream = reply(kind, EVENTS)
        .header(header::ETAG, "\"1\"")
        .header("x-other", "kept");
    let reply = through(StreamLayer::new(twice), stream.body(EVENTS).unwrap()).await;
    assert_eq!(reply.body(), "data: 1\n\ndata: 1\n\ndata: 2\n\ndata: 2\n\n");
    assert_eq!(reply.headers()["x-other"], "kept");
    for gone in [header::CONTENT_LENGTH, header::ETAG] {
        assert!(!reply.headers().contains_key(gone));
    }
}

#[tokio::test]
async fn other_replies_pass_as_they_are() {
    let plain = reply("application/json", EVENTS).header(header::CONTENT_ENCODING, "gzip");
    let reply = through(StreamLayer::new(twice), plain.body(EVENTS).unwrap()).await;
    assert_eq!(reply.body(), EVENTS);
    assert_eq!(reply.headers()[header::CONTENT_LENGTH], "18");
    assert_eq!(reply.headers()[header::CONTENT_ENCODING], "gzip");
}

#[tokio::test]
async fn the_function_sees_the_request_and_the_reply_and_may_decline() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let layer = StreamLayer::new(move |head: &ReplyHead<'_>| -> Option<Identity> {
        count.fetch_add(1, Ordering::Relaxed);
        assert_eq!(head.endpoint(), Some(Endpoint::Messages));
        assert_eq!(
            (head.method().as_str(), head.uri().path()),
            ("POST", "/v1/messages")
        );
        assert_eq!(
            (head.status(), head.headers().len()),
            (StatusCode::CREATED, 2)
        );
        assert!(head.is_stream() && !head.is_encoded());
        None
    });
    let stream = reply("text/event-stream", EVENTS)
        .status(201)
        .body(EVENTS)
        .unwrap();
    let reply = through(layer.clone(), stream).await;
    assert_eq!(reply.body(), EVENTS);
    assert_eq!(reply.headers()[header::CONTENT_LENGTH], "18");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    // Not even asked about what is no stream.
    through(layer, Response::new("")).await;
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_encoded_stream_is_refused_unless_the_function_declines() {
    for (encoding, refused) in [("gzip", true), ("identity, br", true), ("Identity", false)] {
        let stream =
            || reply("text/event-stream", EVENTS).header(header::CONTENT_ENCODING, encoding);
        let reply = through(StreamLayer::new(twice), stream().body(EVENTS).unwrap()).await;
        assert_eq!(reply.status() == StatusCode::BAD_GATEWAY, refused);
        assert_eq!(
            reply.body().starts_with(b"{\"type\":\"error\""),
            refused,
            "Messages' shape"
        );

        let layer =
            StreamLayer::new(|head: &ReplyHead<'_>| (!head.is_encoded()).then_some(Identity));
        let reply = through(layer, stream().body(EVENTS).unwrap()).await;
        assert_eq!(
            (reply.status(), &reply.body()[..]),
            (StatusCode::OK, EVENTS.as_bytes())
        );
    }
}

#[tokio::test]
async fn frames_trailers_and_errors_of_a_plain_body_pass() {
    let frames = ["one", "two"].map(|text| Step::Data(Bytes::from_static(text.as_bytes())));
    let service = service_fn(move |_: Request<()>| {
        let body = Script::new(frames.clone().into_iter().chain([Step::Fail("lost")]));
        async move { Ok::<_, Infallible>(Response::new(body)) }
    });
    let reply = StreamLayer::new(twice)
        .layer(service)
        .oneshot(Request::new(()))
        .await;
    let mut body = reply.unwrap().into_body();
    assert!(!body.is_end_stream() && body.transform().is_none());
    let (frames, error) = drain(&mut body);
    assert_eq!(frames, ["one", "two"]);
    assert_eq!(
        error.unwrap().into_body_error().unwrap().to_string(),
        "lost"
    );
}

#[tokio::test]
async fn an_event_over_the_limit_is_an_error() {
    let service = service_fn(|_: Request<()>| async {
        let stream = reply("text/event-stream", EVENTS)
            .body(Full::new(Bytes::from_static(EVENTS.as_bytes())));
        Ok::<_, Infallible>(stream.unwrap())
    });
    let layer = StreamLayer::new(twice).max_event_bytes(4);
    let reply = layer
        .layer(service)
        .oneshot(Request::new(()))
        .await
        .unwrap();
    let error = reply.into_body().collect().await.unwrap_err();
    assert_eq!(error.frame().unwrap().limit(), 4);
}

#[test]
fn everything_can_cross_threads() {
    fn check<T: Send + Sync + 'static>(_: &T) {}
    let layer = StreamLayer::new(twice);
    check(&layer);
    let service = layer.layer(service_fn(|_: Request<()>| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    }));
    check(&service);
}
