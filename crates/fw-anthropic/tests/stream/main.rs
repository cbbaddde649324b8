//! Chat streams become Messages streams: what a client puts together, event by event.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod client;
mod property;
mod rules;
mod servers;

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use fw_anthropic::MessageStream;
use fw_stream::StreamBody;
use http_body::{Body, Frame};
use http_body_util::BodyExt;

/// A body of these frames.
struct Frames(VecDeque<Result<Bytes, io::Error>>);

impl Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.0.pop_front().map(|frame| frame.map(Frame::data)))
    }
}

/// What comes out of a transform for these frames.
fn run(transform: MessageStream, frames: impl IntoIterator<Item = io::Result<Bytes>>) -> String {
    let body = StreamBody::new(Frames(frames.into_iter().collect()), transform);
    let out = tokio_test::block_on(body.collect()).expect("a failure is told in the stream");
    String::from_utf8(out.to_bytes().to_vec()).unwrap()
}

/// What comes out for a stream in one piece.
fn convert(stream: &str) -> String {
    run(
        MessageStream::new(),
        [Ok(Bytes::copy_from_slice(stream.as_bytes()))],
    )
}

/// Chunks as events, and the end marker.
fn done(chunks: &[&str]) -> String {
    format!("{}data: [DONE]\n\n", cut(chunks))
}

/// Chunks as events, without the end marker.
fn cut(chunks: &[&str]) -> String {
    chunks
        .iter()
        .map(|chunk| format!("data: {chunk}\n\n"))
        .collect()
}

/// A chunk with this delta.
fn delta(delta: &str) -> String {
    format!(r#"{{"id":"chatcmpl-7","model":"m","choices":[{{"index":0,"delta":{delta}}}]}}"#)
}

/// A chunk with this finish reason.
fn finish(reason: &str) -> String {
    format!(r#"{{"choices":[{{"index":0,"delta":{{}},"finish_reason":"{reason}"}}]}}"#)
}
