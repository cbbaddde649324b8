//! What running policies costs, with one that allows everything: requests of 1 KB to 128 KB, whole
//! exchanges through the layer, and streams per event. Run with `cargo bench -p fw-policy`.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::convert::Infallible;

use bytes::Bytes;
use divan::{Bencher, black_box, counter::BytesCount, counter::ItemsCount};
use fw_policy::{
    Chain, Exchange, IntoChain, Policy, PolicyLayer, PolicyRequestBody, Texts, Verdict,
};
use fw_stream::{Channel, Edits, Scan, TextFilter, Window};
use fw_wire::{Direction, Endpoint};
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt, service_fn};

fn main() {
    divan::main();
}

/// Looks at the length of each text, and lets everything pass.
struct AllowAll;

impl TextFilter for AllowAll {
    fn scan(&mut self, window: &Window<'_>, _: &mut Edits) -> Scan {
        Scan::Settled(black_box(window.text().len()))
    }
}

impl Policy for AllowAll {
    fn kind(&self) -> &str {
        "allow-all"
    }

    fn request(&self, texts: &mut Texts, _: &mut Exchange) -> Verdict {
        for text in texts.iter() {
            black_box(text.as_str().len());
        }
        Verdict::Allow
    }

    fn response(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        self.request(texts, exchange)
    }

    fn filter(&self, _: &Channel, _: &Exchange) -> Option<Box<dyn TextFilter>> {
        Some(Box::new(Self))
    }
}

/// A chat body with a prompt of about `size` bytes in messages of about 512 bytes, without escapes or
/// with one in each message.
fn chat(size: usize, escape: &str) -> Bytes {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(11);
    let list: Vec<_> = (0..size.div_ceil(512))
        .map(|i| {
            let role = if i % 2 == 0 { "user" } else { "assistant" };
            format!(r#"{{"role":"{role}","content":"{text}{escape}"}}"#)
        })
        .collect();
    let list = list.join(",");
    format!(r#"{{"model":"m","messages":[{list}],"temperature":0.7,"max_tokens":512}}"#).into()
}

fn run(chain: &Chain, body: Bytes) -> Bytes {
    let endpoint = Endpoint::ChatCompletions;
    let mut texts = Texts::parse(endpoint, Direction::Request, body).unwrap();
    let mut exchange = Exchange::new(endpoint);
    chain.request(&mut texts, &mut exchange).unwrap();
    texts.finish()
}

fn request(bencher: Bencher<'_, '_>, body: &Bytes, chain: &Chain) {
    bencher
        .counter(BytesCount::new(body.len()))
        .bench_local(|| run(chain, black_box(body).clone()));
}

#[divan::bench(args = [1024, 16 * 1024, 128 * 1024])]
fn request_through_one_policy(bencher: Bencher<'_, '_>, size: usize) {
    request(bencher, &chat(size, ""), &AllowAll.into_chain());
}

#[divan::bench(args = [1024, 16 * 1024, 128 * 1024])]
fn request_with_escapes(bencher: Bencher<'_, '_>, size: usize) {
    request(bencher, &chat(size, r"\n"), &AllowAll.into_chain());
}

#[divan::bench]
fn request_through_four_policies(bencher: Bencher<'_, '_>) {
    let chain = (AllowAll, AllowAll, AllowAll, AllowAll).into_chain();
    request(bencher, &chat(1024, ""), &chain);
}

/// A whole exchange of a request of 1 KB and a plain reply of 1 KB.
#[divan::bench(args = [false, true])]
fn exchange_with_layer(bencher: Bencher<'_, '_>, with_layer: bool) {
    let text = "word ".repeat(200);
    let reply: Bytes =
        format!(r#"{{"choices":[{{"index":0,"message":{{"content":"{text}"}}}}]}}"#).into();
    exchanges(bencher, with_layer, "application/json", reply, 1);
}

/// A whole exchange with a stream of 200 chunks in one frame; the cost is per event.
#[divan::bench(args = [false, true])]
fn stream_with_layer(bencher: Bencher<'_, '_>, with_layer: bool) {
    let event = r#"data: {"id":"chatcmpl-0123456789","object":"chat.completion.chunk","created":1767225600,"model":"accounts/fireworks/models/glm-5p3","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}],"usage":null}"#;
    let events = format!("{event}\n\n").repeat(200) + "data: [DONE]\n\n";
    exchanges(bencher, with_layer, "text/event-stream", events.into(), 200);
}

fn exchanges(
    bencher: Bencher<'_, '_>,
    with_layer: bool,
    content_type: &'static str,
    reply: Bytes,
    items: usize,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let provider = service_fn(move |_: Request<PolicyRequestBody<Full<Bytes>>>| {
        let response = Response::builder()
            .header(header::CONTENT_TYPE, content_type)
            .body(Full::new(reply.clone()))
            .unwrap();
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let layer = if with_layer {
        PolicyLayer::new(AllowAll)
    } else {
        PolicyLayer::new(())
    };
    let service = layer.layer(provider);
    let body = chat(1024, "");
    bencher.counter(ItemsCount::new(items)).bench_local(|| {
        let request = Request::post("/v1/chat/completions")
            .body(Full::new(body.clone()))
            .unwrap();
        runtime.block_on(async {
            let response = service.clone().oneshot(request).await.unwrap();
            response.into_body().collect().await.unwrap().to_bytes()
        })
    });
}
