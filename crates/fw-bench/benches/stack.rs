//! What the layers cost together: `cargo bench -p fw-bench`.
//!
//! `layers` is the parameter conversion and the observation of replies over a service in memory: no
//! socket, no runtime, nothing but the work on bodies. `gateway` is the whole stack of `fw-gateway` but
//! for its listener, with the mock upstream one loopback connection away; most of its time is that hop
//! and the wake-up of another thread, so it serves to see regressions, not to state a cost.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::VecDeque,
    convert::Infallible,
    net::SocketAddr,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use divan::{Bencher, black_box, counter::ItemsCount};
use fw_bench::mock;
use fw_params::{Dialect, ParamsLayer, ParamsRequestBody};
use fw_stream::{Observe, ObserveBody, StreamBody};
use fw_wire::Endpoint;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tokio::{net::TcpListener, runtime::Runtime};
use tower::{Layer, Service, ServiceExt, service_fn};

/// Events of a streamed reply, each in a frame of its own.
const EVENTS: usize = 200;
const EVENT: &str = "data: {\"id\":\"6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11\",\"object\":\"chat.completion.chunk\",\"created\":1795246800,\"model\":\"accounts/fireworks/models/gpt-oss-120b\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" Hello\"},\"finish_reason\":null}],\"usage\":null}\n\n";
const SIZES: [usize; 2] = [1_024, 16 * 1_024];

fn main() {
    divan::main();
}

/// A chat request as an OpenAI SDK sends it.
fn request(prompt: usize, stream: bool) -> Request<Full<Bytes>> {
    let prompt = "Tell me more. ".repeat(prompt / 14);
    let body = format!(
        r#"{{"model":"fireworks/gpt-oss-120b","messages":[{{"role":"user","content":"{prompt}"}}],"temperature":0.7,"max_tokens":512,"stream":{stream}}}"#
    );
    Request::post("/v1/chat/completions")
        .header("content-type", "application/json")
        .body(Full::from(body))
        .unwrap()
}

/// The 1.1 KB reply that the mock sends.
fn plain_reply() -> Bytes {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(17);
    format!(
        r#"{{"id":"6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11","object":"chat.completion","created":1795246800,"model":"accounts/fireworks/models/gpt-oss-120b","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"stop","logprobs":null}}],"usage":{{"prompt_tokens":212,"total_tokens":382,"completion_tokens":170}}}}"#
    )
    .into()
}

/// A body in memory, one frame after the other.
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

/// Nothing here ever waits, so one poll is the whole future.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("everything is in memory"),
    }
}

fn frames(mut body: impl Body<Data = Bytes, Error: std::fmt::Debug> + Unpin) -> usize {
    let mut bytes = 0;
    while let Some(frame) = now(body.frame()) {
        bytes += frame.unwrap().data_ref().map_or(0, Bytes::len);
    }
    bytes
}

#[divan::bench_group]
mod layers {
    use super::*;

    /// One request with its plain reply.
    #[divan::bench(args = SIZES)]
    fn plain(bencher: Bencher<'_, '_>, prompt: usize) {
        let reply = plain_reply();
        let upstream = service_fn(move |request: Request<ParamsRequestBody<Full<Bytes>>>| {
            let reply = Response::builder()
                .header("content-type", "application/json")
                .body(Full::new(reply.clone()));
            black_box(request);
            async move { Ok::<_, Infallible>(reply.unwrap()) }
        });
        let mut service = ParamsLayer::new(Dialect::Fireworks).layer(upstream);
        bencher
            .counter(ItemsCount::new(1_usize))
            .with_inputs(|| request(prompt, false))
            .bench_local_values(|request| {
                let response = now(service.call(request)).unwrap();
                let observe = Observe::new(Endpoint::ChatCompletions, |seen| drop(black_box(seen)));
                frames(ObserveBody::new(response.into_body(), observe))
            });
    }

    /// One streamed reply; the figure is per event.
    #[divan::bench]
    fn event(bencher: Bencher<'_, '_>) {
        let upstream = service_fn(|request: Request<ParamsRequestBody<Full<Bytes>>>| {
            black_box(request);
            let frames = vec![Bytes::from_static(EVENT.as_bytes()); EVENTS];
            let reply = Response::builder()
                .header("content-type", "text/event-stream")
                .body(Frames(frames.into()));
            async move { Ok::<_, Infallible>(reply.unwrap()) }
        });
        let mut service = ParamsLayer::new(Dialect::Fireworks).layer(upstream);
        bencher
            .counter(ItemsCount::new(EVENTS))
            .with_inputs(|| now(service.call(request(1_024, true))).unwrap().into_body())
            .bench_local_values(|body| {
                let observe = Observe::new(Endpoint::ChatCompletions, |seen| drop(black_box(seen)));
                frames(StreamBody::new(body, observe))
            });
    }
}

/// Starts the mock on a thread of its own.
fn start_mock() -> SocketAddr {
    let (tell, at) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            mock::serve(listener).await
        })
    });
    at.recv_timeout(Duration::from_secs(10)).unwrap()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// The whole gateway but for its listener, the mock behind it.
#[divan::bench(args = SIZES)]
fn gateway(bencher: Bencher<'_, '_>, prompt: usize) {
    let (at, runtime) = (start_mock(), runtime());
    let config = format!(
        "pack: {{name: bench, version: 1.0.0, enabled: true}}\npolicies: {{chain: []}}\n\
         providers:\n  strategy: single\n  targets:\n    - id: mock\n      provider: fireworks\n      \
         model: accounts/fireworks/models/gpt-oss-120b\n      base_url: http://{at}/inference/v1\n"
    );
    let config = fw_gateway::config::Config::parse("bench.yaml", &config).unwrap();
    let service = {
        let _entered = runtime.enter();
        fw_gateway::Gateway::new(&config, |_| Some("fw_bench".to_owned()))
            .unwrap()
            .into_service::<Full<Bytes>>()
    };
    bencher
        .with_inputs(|| request(prompt, false))
        .bench_local_values(|request| {
            runtime.block_on(async {
                let response = service.clone().oneshot(request).await.unwrap();
                assert_eq!(response.status(), 200);
                response.into_body().collect().await.unwrap().to_bytes()
            })
        });
}
