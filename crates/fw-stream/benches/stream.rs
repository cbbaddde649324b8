//! What an event costs: `cargo bench -p fw-stream`.
//!
//! Figures are per event. The event is a chat chunk of 250 bytes as Fireworks sends it.

#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use fw_stream::{Framer, Identity, Observe, ReportErrors, StreamBody, Transform};
use fw_wire::Endpoint;
use http_body::{Body, Frame};

const EVENT: &str = "data: {\"id\":\"6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11\",\"object\":\"chat.completion.chunk\",\"created\":1795246800,\"model\":\"accounts/fireworks/models/gpt-oss-120b\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" Hello\"},\"finish_reason\":null}],\"usage\":null}\n\n";

/// Events per run: 50 kB, so that the figures are about code and not about memory.
const EVENTS: usize = 200;

fn main() {
    assert!((240..260).contains(&EVENT.len()), "{}", EVENT.len());
    divan::main();
}

/// `EVENTS` events in chunks of `per_chunk`, each cut in two in the middle of an event if `torn`.
fn chunks(per_chunk: usize, torn: bool) -> VecDeque<Bytes> {
    let text = EVENT.repeat(EVENTS);
    let size = per_chunk * EVENT.len();
    let mut buffer = BytesMut::from(text.as_str());
    let mut chunks = VecDeque::new();
    if torn {
        chunks.push_back(buffer.split_to(EVENT.len() / 2).freeze());
    }
    while !buffer.is_empty() {
        let size = size.min(buffer.len());
        chunks.push_back(buffer.split_to(size).freeze());
    }
    chunks
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

fn drain(mut body: impl Body<Data = Bytes> + Unpin) {
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(&mut cx) {
        black_box(frame);
    }
}

/// One or eight events per chunk, on and off event boundaries.
const CASES: [(usize, bool); 4] = [(1, false), (8, false), (1, true), (8, true)];

#[divan::bench(args = CASES)]
fn framer(bencher: Bencher<'_, '_>, (per_chunk, torn): (usize, bool)) {
    bencher
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| chunks(per_chunk, torn))
        .bench_local_values(|chunks| {
            let mut framer = Framer::new();
            for chunk in chunks {
                framer.push(chunk);
                while let Some(event) = framer.next_event().unwrap() {
                    black_box(event.data());
                }
            }
        });
}

fn body<T: Transform>(
    bencher: Bencher<'_, '_>,
    (per_chunk, torn): (usize, bool),
    transform: impl Fn() -> T,
) {
    bencher
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| StreamBody::new(Chunks(chunks(per_chunk, torn)), transform()))
        .bench_local_values(drain);
}

/// The body alone, to subtract.
#[divan::bench(args = CASES)]
fn no_framing(bencher: Bencher<'_, '_>, (per_chunk, torn): (usize, bool)) {
    bencher
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| Chunks(chunks(per_chunk, torn)))
        .bench_local_values(drain);
}

#[divan::bench(args = CASES)]
fn identity(bencher: Bencher<'_, '_>, case: (usize, bool)) {
    body(bencher, case, || Identity);
}

#[divan::bench(args = CASES)]
fn observe(bencher: Bencher<'_, '_>, case: (usize, bool)) {
    body(bencher, case, || {
        Observe::new(Endpoint::ChatCompletions, |seen| {
            black_box(seen);
        })
    });
}

#[divan::bench(args = CASES)]
fn observe_and_report_errors(bencher: Bencher<'_, '_>, case: (usize, bool)) {
    body(bencher, case, || {
        let observe = Observe::new(Endpoint::ChatCompletions, |seen| {
            black_box(seen);
        });
        (observe, ReportErrors::new(Endpoint::ChatCompletions))
    });
}
