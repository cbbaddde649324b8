//! What filtering the text of a stream costs: `cargo bench -p fw-stream --bench filter`.
//!
//! Figures are per event. The event is a chat chunk of 250 bytes as Fireworks sends it, the filter looks at
//! each byte once and never settles the last word, as filters that look for words do. `identity` is to be
//! subtracted.

#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use fw_stream::{
    Channel, Edits, FilterText, Identity, Scan, StreamBody, TextFilter, Transform, Window,
};
use fw_wire::Endpoint;
use http_body::{Body, Frame};

/// Events per run: 50 kB, so that the figures are about code and not about memory.
const EVENTS: usize = 200;

fn main() {
    assert!((240..260).contains(&chat(" Hello").len()));
    divan::main();
}

fn chat(text: &str) -> String {
    format!(
        "data: {{\"id\":\"6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11\",\"object\":\"chat.completion.chunk\",\"created\":1795246800,\"model\":\"accounts/fireworks/models/gpt-oss-120b\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":null}}],\"usage\":null}}\n\n"
    )
}

fn responses(number: usize) -> String {
    format!(
        "event: response.output_text.delta\ndata: {{\"type\":\"response.output_text.delta\",\"sequence_number\":{number},\"item_id\":\"msg_0123456789abcdef0123456789abcdef\",\"output_index\":0,\"content_index\":0,\"delta\":\" Hello\",\"logprobs\":[]}}\n\n"
    )
}

/// Settles all text, or all but the last word.
struct Words {
    holds: bool,
}

impl TextFilter for Words {
    fn scan(&mut self, window: &Window<'_>, _edits: &mut Edits) -> Scan {
        let text = window.text();
        if window.is_end() || !self.holds {
            return Scan::Settled(text.len());
        }
        let fresh = &text.as_bytes()[window.fresh()..];
        Scan::Settled(match fresh.iter().rposition(|byte| *byte == b' ') {
            Some(at) => window.fresh() + at,
            None => window.start(),
        })
    }
}

fn filter(endpoint: Endpoint, holds: bool) -> impl Transform {
    FilterText::new(endpoint, move |_: &Channel| Some(Words { holds }))
}

fn chunks(events: impl Iterator<Item = String>, per_chunk: usize) -> VecDeque<Bytes> {
    let events: Vec<String> = events.collect();
    let mut buffer = BytesMut::from(events.concat().as_str());
    events
        .chunks(per_chunk)
        .map(|events| {
            buffer
                .split_to(events.iter().map(String::len).sum())
                .freeze()
        })
        .collect()
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

fn run<T: Transform + Unpin>(
    bencher: Bencher<'_, '_>,
    chunks: impl Fn() -> VecDeque<Bytes>,
    transform: impl Fn() -> T,
) {
    bencher
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| StreamBody::new(Chunks(chunks()), transform()))
        .bench_local_values(drain);
}

const PER_CHUNK: [usize; 2] = [1, 8];

fn small(per_chunk: usize) -> VecDeque<Bytes> {
    chunks((0..EVENTS).map(|_| chat(" Hello")), per_chunk)
}

#[divan::bench(args = PER_CHUNK)]
fn identity(bencher: Bencher<'_, '_>, per_chunk: usize) {
    run(bencher, || small(per_chunk), || Identity);
}

/// Each event leaves at once.
#[divan::bench(args = PER_CHUNK)]
fn settled(bencher: Bencher<'_, '_>, per_chunk: usize) {
    let filter = || filter(Endpoint::ChatCompletions, false);
    run(bencher, || small(per_chunk), filter);
}

/// Each event waits for the next one.
#[divan::bench(args = PER_CHUNK)]
fn waiting(bencher: Bencher<'_, '_>, per_chunk: usize) {
    let filter = || filter(Endpoint::ChatCompletions, true);
    run(bencher, || small(per_chunk), filter);
}

/// Each event waits, and its text has an escape.
#[divan::bench(args = PER_CHUNK)]
fn waiting_escaped(bencher: Bencher<'_, '_>, per_chunk: usize) {
    let events = || chunks((0..EVENTS).map(|_| chat(" \\\"Hello\\n")), per_chunk);
    run(bencher, events, || filter(Endpoint::ChatCompletions, true));
}

/// Eight words in each event: all but the last leave at once, in an event of their own.
#[divan::bench(args = PER_CHUNK)]
fn split(bencher: Bencher<'_, '_>, per_chunk: usize) {
    let text = " eight words of text as they come";
    let events = || chunks((0..EVENTS).map(|_| chat(text)), per_chunk);
    run(bencher, events, || filter(Endpoint::ChatCompletions, true));
}

/// Events that have to be read, because something else than the text differs.
#[divan::bench(args = PER_CHUNK)]
fn unlike(bencher: Bencher<'_, '_>, per_chunk: usize) {
    let event = |at: usize| chat(" Hello").replace("1795246800", &(1_795_246_800 + at).to_string());
    let events = || chunks((0..EVENTS).map(event), per_chunk);
    run(bencher, events, || filter(Endpoint::ChatCompletions, true));
}

/// Events of Responses, which count.
#[divan::bench(args = PER_CHUNK)]
fn numbered(bencher: Bencher<'_, '_>, per_chunk: usize) {
    let events = || chunks((0..EVENTS).map(responses), per_chunk);
    run(bencher, events, || filter(Endpoint::Responses, true));
}
