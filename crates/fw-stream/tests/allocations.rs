//! How often the hot path asks for memory. The crate documentation states these figures.

#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use fw_stream::{
    Chained, Edits, Framer, Identity, JsonText, Observe, ReportErrors, Scan, StreamBody,
    TextFilter, Transform, Window,
};
use fw_wire::Endpoint;
use http_body::{Body, Frame};

const DELTA: &str = "data: {\"id\":\"U\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"M\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"finish_reason\":null}],\"usage\":null}\n\n";

struct Chunks(VecDeque<Bytes>);

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.0.pop_front() {
            Some(chunk) => Poll::Ready(Some(Ok(Frame::data(chunk)))),
            // Not the end: only the events in between are measured.
            None => Poll::Pending,
        }
    }
}

/// A chunk as hyper hands it out: split from a larger read buffer.
fn chunk(text: &str) -> Bytes {
    let mut buffer = BytesMut::with_capacity(2 * text.len());
    buffer.extend_from_slice(text.as_bytes());
    buffer.split_to(text.len()).freeze()
}

/// Allocations while `chunks` go through `transform`, and the bytes that came out.
fn allocations<T: Transform>(transform: T, chunks: &[String]) -> (u64, usize) {
    let chunks = chunks.iter().map(|text| chunk(text)).collect();
    let mut body = StreamBody::new(Chunks(chunks), transform);
    let mut bytes = 0;
    let mut cx = Context::from_waker(Waker::noop());
    let info = allocation_counter::measure(|| {
        while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(&mut cx) {
            bytes += frame.data_ref().unwrap().len();
        }
    });
    (info.count_total, bytes)
}

#[test]
fn whole_events_pass_without_allocating() {
    for events in [1, 8, 1000] {
        let text = DELTA.repeat(events);
        let (count, bytes) = allocations(Identity, &[text.clone(), text.clone()]);
        assert_eq!((count, bytes), (0, 2 * text.len()), "{events} events");
    }
}

#[test]
fn an_event_torn_once_costs_one_buffer_alone_and_one_more_in_company() {
    let (a, b) = DELTA.split_at(100);
    // The buffer for the torn event, and the count of references to it once two share it.
    let (count, _) = allocations(Identity, &[a.into(), b.into()]);
    assert_eq!(count, 2);
    // The same, and the buffer for the frame that has the torn event and those after it.
    let (count, _) = allocations(Identity, &[a.into(), format!("{b}{}", DELTA.repeat(7))]);
    assert_eq!(count, 3);
}

#[test]
fn watching_and_reporting_allocate_nothing_per_event() {
    let transform = || {
        (
            Observe::new(Endpoint::ChatCompletions, |_| {}),
            ReportErrors::new(Endpoint::ChatCompletions),
        )
    };
    // The first use builds the searchers.
    allocations(transform(), &[DELTA.repeat(2)]);
    let few = allocations(transform(), &[DELTA.repeat(2)]).0;
    let many = allocations(transform(), &[DELTA.repeat(1000), DELTA.repeat(1000)]).0;
    assert_eq!(few, many);
}

#[test]
fn framing_allocates_nothing_per_event() {
    let chunk = chunk(&DELTA.repeat(1000));
    let mut framer = Framer::new();
    let mut events = 0;
    let info = allocation_counter::measure(|| {
        framer.push(chunk);
        while framer.next_event().unwrap().is_some() {
            events += 1;
        }
    });
    assert_eq!((info.count_total, events), (0, 1000));
}

/// Waits at every word, and never finds anything.
struct Words;

impl TextFilter for Words {
    fn scan(&mut self, window: &Window<'_>, _: &mut Edits) -> Scan {
        let text = &window.text()[window.start()..];
        let word = text.rfind(' ').map_or(0, |at| at + 1);
        Scan::Settled(window.start() + word)
    }

    fn context(&self) -> usize {
        16
    }
}

/// Allocations while a filter reads the same text a hundred times over, after it has warmed up.
fn allocations_of(mut filter: impl TextFilter, text: &str) -> u64 {
    let mut edits = Edits::new();
    let mut held = String::with_capacity(1024);
    let mut start = 0;
    let mut once = || {
        for piece in text.split_inclusive(' ') {
            let fresh = held.len();
            held.push_str(piece);
            let window = Window::new(&held, start, fresh, false);
            let Scan::Settled(settled) = filter.scan(&window, &mut edits) else {
                return;
            };
            let context = settled.saturating_sub(filter.context());
            held.drain(..context);
            start = settled - context;
        }
    };
    once();
    let info = allocation_counter::measure(|| (0..100).for_each(|_| once()));
    info.count_total
}

#[test]
fn adapters_of_filters_do_not_allocate_while_nothing_changes() {
    let json = r#"{"to": "somebody", "text": "Dear \u0041,\nhow are you? ", "n": [1, 2.5, true]} "#;
    assert_eq!(allocations_of(Chained::new(Words, Words), json), 0);
    assert_eq!(allocations_of(JsonText::new(Words), json), 0);
    let both = JsonText::new(Chained::new(Words, Chained::new(Words, Words)));
    assert_eq!(allocations_of(both, json), 0);
}
