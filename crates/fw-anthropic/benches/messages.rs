//! What converting costs: `cargo bench -p fw-anthropic`.
//!
//! Streams are per event. The event is a chat chunk of 250 bytes as Fireworks sends it.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use fw_anthropic::{MessageStream, chat_request, count_tokens, message};
use fw_params::ParamsChanges;
use fw_stream::{Identity, StreamBody, Transform};
use http_body::{Body, Frame};

fn main() {
    divan::main();
}

/// Events per run: 50 kB, so that the figures are about code and not about memory.
const EVENTS: usize = 200;

fn event(delta: &str) -> String {
    format!(
        "data: {{\"id\":\"6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11\",\"object\":\"chat.completion.chunk\",\"created\":1795246800,\"model\":\"accounts/fireworks/models/gpt-oss-120b\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":null}}],\"usage\":null}}\n\n"
    )
}

fn text() -> String {
    event(r#"{"content":" Hello"}"#)
}

fn arguments() -> String {
    event(r#"{"tool_calls":[{"index":0,"function":{"arguments":"\"Rome"}}]}"#)
}

/// Events in chunks of `per_chunk`.
fn chunks(event: &str, per_chunk: usize) -> VecDeque<Bytes> {
    let first = event_that_begins();
    let mut buffer = BytesMut::from(event.repeat(EVENTS).as_str());
    let mut chunks = VecDeque::from([Bytes::from(first)]);
    while !buffer.is_empty() {
        let size = (per_chunk * event.len()).min(buffer.len());
        chunks.push_back(buffer.split_to(size).freeze());
    }
    chunks
}

fn event_that_begins() -> String {
    event(r#"{"tool_calls":[{"index":0,"id":"call_1","function":{"name":"f","arguments":"{"}}]}"#)
}

struct Chunks(VecDeque<Bytes>);

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|chunk| Ok(Frame::data(chunk))))
    }
}

fn stream<T: Transform>(
    bencher: Bencher<'_, '_>,
    chunks: impl Fn() -> VecDeque<Bytes>,
    transform: impl Fn() -> T,
) {
    bencher
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| StreamBody::new(Chunks(chunks()), transform()))
        .bench_local_values(|mut body| {
            let mut cx = Context::from_waker(Waker::noop());
            while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(&mut cx) {
                black_box(frame);
            }
        });
}

/// The framing alone, to subtract.
#[divan::bench(args = [1, 8])]
fn stream_unconverted(bencher: Bencher<'_, '_>, per_chunk: usize) {
    stream(bencher, || text_chunks(per_chunk), || Identity);
}

#[divan::bench(args = [1, 8])]
fn stream_of_text(bencher: Bencher<'_, '_>, per_chunk: usize) {
    stream(bencher, || text_chunks(per_chunk), MessageStream::new);
}

#[divan::bench(args = [1, 8])]
fn stream_of_tool_arguments(bencher: Bencher<'_, '_>, per_chunk: usize) {
    stream(
        bencher,
        || chunks(&arguments(), per_chunk),
        MessageStream::new,
    );
}

fn text_chunks(per_chunk: usize) -> VecDeque<Bytes> {
    let mut chunks = chunks(&text(), per_chunk);
    // Text only.
    chunks.pop_front();
    chunks
}

/// A Messages request with a prompt of about `size` bytes.
fn request(size: usize) -> Bytes {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(size / 45 + 1);
    let (first, second) = text[..size].split_at(size / 2);
    format!(
        r#"{{"model":"m","max_tokens":512,"system":[{{"type":"text","text":"Be brief.","cache_control":{{"type":"ephemeral"}}}}],"messages":[{{"role":"user","content":"{first}"}},{{"role":"assistant","content":[{{"type":"tool_use","id":"t","name":"f","input":{{"a":1}}}}]}},{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t","content":"{second}"}}]}}],"tools":[{{"name":"f","input_schema":{{"type":"object"}}}}],"stream":true}}"#
    )
    .into()
}

#[divan::bench(args = [1024, 16 * 1024])]
fn request_to_chat(bencher: Bencher<'_, '_>, size: usize) {
    let body = request(size);
    bencher
        .counter(BytesCount::new(body.len()))
        .bench_local(|| chat_request(black_box(&body), &mut ParamsChanges::default()).unwrap());
}

#[divan::bench(args = [1024, 16 * 1024])]
fn tokens_of_a_request(bencher: Bencher<'_, '_>, size: usize) {
    let body = request(size);
    bencher
        .counter(BytesCount::new(body.len()))
        .bench_local(|| count_tokens(black_box(&body)).unwrap());
}

#[divan::bench(args = [1024, 16 * 1024])]
fn whole_reply(bencher: Bencher<'_, '_>, size: usize) {
    let text = "The quick brown fox. ".repeat(size / 21 + 1);
    let text = &text[..size];
    let body = Bytes::from(format!(
        r#"{{"id":"chatcmpl-1","model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":9,"completion_tokens":9}}}}"#
    ));
    bencher
        .counter(BytesCount::new(body.len()))
        .bench_local(|| message(black_box(&body)).unwrap());
}
