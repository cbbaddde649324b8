//! What converting costs: requests of 1 KB and 16 KB with and without a change, and streams per
//! event. Run with `cargo bench -p fw-params`.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::convert::Infallible;

use bytes::Bytes;
use divan::{Bencher, black_box, counter::BytesCount, counter::ItemsCount};
use fw_params::{Fireworks, ParamsLayer, ParamsRequestBody};
use fw_wire::Endpoint;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt, service_fn};

fn main() {
    divan::main();
}

/// A chat body with a prompt of about `size` bytes in `messages` messages.
fn chat(model: &str, size: usize, messages: usize, more: &str) -> Bytes {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(size / messages / 45 + 1);
    let text = &text[..size / messages];
    let list: Vec<_> = (0..messages)
        .map(|i| {
            let role = if i % 2 == 0 { "user" } else { "assistant" };
            format!(r#"{{"role":"{role}","content":"{text}"}}"#)
        })
        .collect();
    let list = list.join(",");
    let body = format!(
        r#"{{"model":"{model}","messages":[{list}],"temperature":0.7,"max_tokens":512{more}}}"#
    );
    body.into()
}

const FULL: &str = "accounts/fireworks/models/glm-5p3";

fn convert(bencher: Bencher<'_, '_>, body: &Bytes) {
    let layer = ParamsLayer::new(Fireworks).model("glm-5p3");
    bencher
        .counter(BytesCount::new(body.len()))
        .bench_local(|| {
            layer
                .convert_request(Endpoint::ChatCompletions, black_box(body).clone())
                .unwrap()
        });
}

#[divan::bench(args = [1024, 16 * 1024])]
fn request_without_a_change(bencher: Bencher<'_, '_>, size: usize) {
    convert(bencher, &chat(FULL, size, 2, ""));
}

#[divan::bench(args = [1024, 16 * 1024])]
fn request_with_a_new_model(bencher: Bencher<'_, '_>, size: usize) {
    convert(bencher, &chat("fireworks/glm-5p3", size, 2, ""));
}

#[divan::bench(args = [1024, 16 * 1024])]
fn request_for_a_stream(bencher: Bencher<'_, '_>, size: usize) {
    convert(
        bencher,
        &chat("fireworks/glm-5p3", size, 2, r#","stream":true"#),
    );
}

#[divan::bench]
fn request_with_many_changes(bencher: Bencher<'_, '_>) {
    let more = r#","stream":true,"store":true,"max_completion_tokens":9,"prompt_cache_key":"k","safety_identifier":"s","reasoning_effort":"minimal""#;
    convert(bencher, &chat("fireworks/glm-5p3", 1024, 4, more));
}

#[divan::bench]
fn request_of_100_messages(bencher: Bencher<'_, '_>) {
    convert(bencher, &chat(FULL, 16 * 1024, 100, ""));
}

/// A whole exchange with a stream of 200 chunks that come one frame each, and its cost per event.
fn stream(bencher: Bencher<'_, '_>, with_layer: bool) {
    let chunk = Bytes::from_static(
        b"data: {\"id\":\"6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11\",\"object\":\"chat.completion.chunk\",\"created\":1795246800,\"model\":\"accounts/fireworks/models/glm-5p3\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" quick brown fox\"},\"finish_reason\":null}],\"usage\":null}\n\n",
    );
    let reply = move || {
        Response::builder()
            .header(header::CONTENT_TYPE, "text/event-stream")
            .body(Repeat {
                chunk: chunk.clone(),
                left: EVENTS,
            })
            .unwrap()
    };
    let request = || {
        Request::post("/v1/chat/completions")
            .body(Full::from(chat(FULL, 1024, 2, r#","stream":true"#)))
            .unwrap()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let layer = ParamsLayer::new(Fireworks);
    bencher
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(request)
        .bench_local_values(|request| {
            runtime.block_on(async {
                if with_layer {
                    let reply = reply.clone();
                    let provider = service_fn(move |_: Request<ParamsRequestBody<Full<Bytes>>>| {
                        std::future::ready(Ok::<_, Infallible>(reply()))
                    });
                    let response = layer.layer(provider).oneshot(request).await.unwrap();
                    count(response.into_body()).await
                } else {
                    drop(request);
                    count(reply().into_body()).await
                }
            })
        });
}

const EVENTS: usize = 200;

#[divan::bench]
fn stream_of_200_events(bencher: Bencher<'_, '_>) {
    stream(bencher, true);
}

#[divan::bench]
fn stream_of_200_events_without_the_layer(bencher: Bencher<'_, '_>) {
    stream(bencher, false);
}

async fn count<B: http_body::Body<Data = Bytes> + Unpin>(mut body: B) -> usize {
    let mut bytes = 0;
    while let Some(Ok(frame)) = body.frame().await {
        bytes += frame.into_data().map_or(0, |data| data.len());
    }
    bytes
}

/// A body of equal frames.
struct Repeat {
    chunk: Bytes,
    left: usize,
}

impl http_body::Body for Repeat {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return std::task::Poll::Ready(None);
        }
        self.left -= 1;
        let frame = http_body::Frame::data(self.chunk.clone());
        std::task::Poll::Ready(Some(Ok(frame)))
    }
}
