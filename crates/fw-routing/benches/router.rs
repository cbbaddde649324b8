//! What a request and its reply cost on their way through a router, beside the target alone. Run with
//! `cargo bench -p fw-routing --bench router`.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use divan::{Bencher, black_box, counter::ItemsCount};
use fw_routing::{Breaker, Router, Target, strategy};
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tower::{ServiceExt, service_fn};
use tower_service::Service;

const EVENTS: usize = 200;

fn main() {
    divan::main();
}

/// Frames that are there at once.
struct Frames(VecDeque<Bytes>);

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|data| Ok(Frame::data(data))))
    }
}

fn reply(frames: Vec<Bytes>, content_type: &'static str) -> Response<Frames> {
    let mut response = Response::new(Frames(frames.into()));
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn plain() -> (Vec<Bytes>, &'static str) {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(20);
    let body = format!(
        r#"{{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":212,"total_tokens":382,"completion_tokens":170}}}}"#
    );
    (vec![Bytes::from(body)], "application/json")
}

fn stream() -> (Vec<Bytes>, &'static str) {
    let event = |index: usize| {
        let finish = if index + 1 == EVENTS {
            "\"stop\""
        } else {
            "null"
        };
        Bytes::from(format!(
            "data: {{\"id\":\"6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11\",\"object\":\"chat.completion.chunk\",\"created\":1795246800,\"model\":\"accounts/fireworks/models/gpt-oss-120b\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" word\"}},\"finish_reason\":{finish}}}],\"usage\":null}}\n\n"
        ))
    };
    ((0..EVENTS).map(event).collect(), "text/event-stream")
}

fn request(stream: bool) -> Request<Full<Bytes>> {
    let text = "Tell me more. ".repeat(70);
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"{text}"}}],"stream":{stream}}}"#
    );
    Request::post("/v1/chat/completions")
        .header(CONTENT_TYPE, "application/json")
        .header("user-agent", "bench")
        .header("authorization", "Bearer x")
        .body(Full::from(body))
        .unwrap()
}

fn run<S, B>(bencher: Bencher<'_, '_>, service: S, stream: bool)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
    S::Error: std::fmt::Debug,
    B: Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let items = if stream { EVENTS } else { 1 };
    bencher
        .counter(ItemsCount::new(items))
        .with_inputs(|| (service.clone(), request(stream)))
        .bench_local_values(|(service, request)| {
            runtime.block_on(async move {
                let response = service.oneshot(request).await.unwrap();
                let mut body = std::pin::pin!(response.into_body());
                while let Some(frame) = body.frame().await {
                    black_box(frame.unwrap());
                }
            });
        });
}

macro_rules! target {
    ($reply:expr) => {{
        let (frames, content_type) = $reply;
        service_fn(move |_: Request<Full<Bytes>>| {
            std::future::ready(Ok::<_, Infallible>(reply(frames.clone(), content_type)))
        })
    }};
}

#[divan::bench(args = [false, true])]
fn target_alone(bencher: Bencher<'_, '_>, is_stream: bool) {
    run(
        bencher,
        target!(if is_stream { stream() } else { plain() }),
        is_stream,
    );
}

#[divan::bench(args = [false, true])]
fn one_target(bencher: Bencher<'_, '_>, is_stream: bool) {
    let target = target!(if is_stream { stream() } else { plain() });
    run(
        bencher,
        Router::new([Target::new("a", target)]).unwrap(),
        is_stream,
    );
}

#[divan::bench(args = [false, true])]
fn three_targets_adaptive(bencher: Bencher<'_, '_>, is_stream: bool) {
    let target = target!(if is_stream { stream() } else { plain() });
    let router = ["a", "b", "c"]
        .into_iter()
        .fold(Router::builder(), |router, id| {
            router.target(Target::new(id, target.clone()))
        })
        .strategy(strategy::Adaptive::new())
        .breaker(Breaker::new())
        .build()
        .unwrap();
    run(bencher, router, is_stream);
}
