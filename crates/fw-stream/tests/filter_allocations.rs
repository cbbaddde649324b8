//! How often filtering asks for memory, and how much a stream that waits keeps. The documentation of
//! `FilterText` states these figures.

#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use fw_stream::{Channel, Edits, FilterText, Scan, StreamBody, TextFilter, Window};
use fw_wire::Endpoint;
use http_body::{Body, Frame};

/// Gives chunks, with a pause where there is none.
struct Chunks(VecDeque<Option<Bytes>>);

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.0.pop_front().flatten() {
            Some(chunk) => Poll::Ready(Some(Ok(Frame::data(chunk)))),
            // Not the end: only the events in between are measured.
            None => Poll::Pending,
        }
    }
}

fn delta(member: &str, text: &str) -> String {
    format!(
        "data: {{\"id\":\"6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11\",\"object\":\"chat.completion.chunk\",\"created\":1795246800,\"model\":\"accounts/fireworks/models/gpt-oss-120b\",\"choices\":[{{\"index\":0,\"delta\":{{\"{member}\":\"{text}\"}},\"finish_reason\":null}}],\"usage\":null}}\n\n"
    )
}

/// Settles all but the last word.
struct Words;

impl TextFilter for Words {
    fn scan(&mut self, window: &Window<'_>, _edits: &mut Edits) -> Scan {
        let text = window.text();
        match text.rfind(' ') {
            _ if window.is_end() => Scan::Settled(text.len()),
            Some(at) => Scan::Settled(at),
            None => Scan::Settled(window.start()),
        }
    }
}

/// A chunk as hyper hands it out: split from a larger read buffer.
fn chunk(text: &str) -> Bytes {
    let mut buffer = BytesMut::with_capacity(2 * text.len());
    buffer.extend_from_slice(text.as_bytes());
    buffer.split_to(text.len()).freeze()
}

type Filtered = StreamBody<Chunks, FilterText<fn(&Channel) -> Option<Words>>>;

/// A stream that has sent a few events of reasoning and content, and has `more` to come.
fn warm(more: impl IntoIterator<Item = Bytes>) -> Filtered {
    let first = ["reasoning_content", "content"]
        .into_iter()
        .flat_map(|member| (0..4).map(move |_| chunk(&delta(member, " Hello"))));
    let chunks = first.map(Some).chain([None]);
    let chunks = chunks.chain(more.into_iter().map(Some)).collect();
    let make: fn(&Channel) -> Option<Words> = |_| Some(Words);
    let mut body = StreamBody::new(
        Chunks(chunks),
        FilterText::new(Endpoint::ChatCompletions, make),
    );
    drain(&mut body);
    body
}

fn drain(body: &mut (impl Body<Data = Bytes> + Unpin)) -> usize {
    let mut cx = Context::from_waker(Waker::noop());
    let mut bytes = 0;
    while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut *body).poll_frame(&mut cx) {
        bytes += frame.data_ref().unwrap().len();
    }
    bytes
}

#[test]
fn a_clean_event_allocates_nothing_although_it_waits_for_the_next() {
    let event = delta("content", " Hello");
    let mut body = warm((0..1000).map(|_| chunk(&event)));
    let mut bytes = 0;
    let info = allocation_counter::measure(|| bytes = drain(&mut body));
    // One went in before, one waits now.
    assert_eq!((info.count_total, bytes), (0, 1000 * event.len()));
}

#[test]
fn of_several_events_in_a_chunk_only_the_frame_is_put_together() {
    let event = delta("content", " Hello");
    let mut body = warm((0..100).map(|_| chunk(&event.repeat(8))));
    let mut bytes = 0;
    let info = allocation_counter::measure(|| bytes = drain(&mut body));
    assert_eq!(bytes, 800 * event.len());
    // The event that waited comes first in the next frame, so that is a copy: its buffer, and the count of
    // references once it is sent.
    assert!(info.count_total <= 200, "{}", info.count_total);
}

#[test]
fn a_stream_that_waits_keeps_little_beyond_its_event() {
    let mut body = None;
    let kept = allocation_counter::measure(|| body = Some(warm([])));
    let event = delta("content", " Hello").len();
    // Not the filter's: the chunk of the event that waits, which is in a buffer twice its size with a count
    // of references, and the queue of chunks.
    let own = 2 * event + 5 * size_of::<usize>() + 9 * size_of::<Option<Bytes>>();
    let state = size_of_val(body.as_ref().unwrap().transform());
    let kept = usize::try_from(kept.bytes_current).unwrap() - own + state;
    assert!(kept < 1024, "{kept} bytes");
}
