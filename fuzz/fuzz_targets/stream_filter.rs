//! Filtered streams keep what is promised of them, and any bytes at all come to the same however they are
//! cut into chunks.
//!
//! The first byte chooses the endpoint and which of the two. The rest is choices, or the length of the
//! chunks and the stream.

#![no_main]

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use fw_stream::{Channel, Edits, FilterText, JsonText, Scan, StreamBody, TextFilter, Window};
use fw_wire::Endpoint;
use http_body::{Body, Frame};
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/fw-stream/tests/invariants/check.rs"]
mod check;
#[path = "../../crates/fw-stream/tests/invariants/client.rs"]
mod client;
#[allow(dead_code)]
#[path = "../../crates/fw-stream/tests/invariants/dice.rs"]
mod dice;
#[allow(dead_code)]
#[path = "../../crates/fw-stream/src/filter/drive.rs"]
mod drive;
#[path = "../../crates/fw-stream/tests/invariants/story.rs"]
mod story;

use check::{ENDPOINTS, Tally, check};
use dice::Dice;

fuzz_target!(|input: &[u8]| {
    let Some((first, input)) = input.split_first() else {
        return;
    };
    let endpoint = ENDPOINTS[usize::from(*first % 4)];
    if first & 4 == 0 {
        let mut dice = Dice::Bytes(input.to_vec().into_iter());
        check(endpoint, &mut dice, &mut Tally::default());
        return;
    }
    let Some((length, stream)) = input.split_first() else {
        return;
    };
    let whole = filtered(endpoint, stream, stream.len());
    assert_eq!(filtered(endpoint, stream, usize::from(*length)), whole);
    assert_eq!(filtered(endpoint, stream, 1), whole);
});

fn filtered(endpoint: Endpoint, stream: &[u8], length: usize) -> Vec<u8> {
    let chunks = Chunks(stream, length.max(1));
    let filters = FilterText::new(endpoint, |_: &Channel| Some(story::hide()));
    let mut body = StreamBody::new(chunks, filters);
    let mut cx = Context::from_waker(Waker::noop());
    let mut out = Vec::new();
    loop {
        match Pin::new(&mut body).poll_frame(&mut cx) {
            Poll::Ready(Some(Ok(frame))) => out.extend(frame.into_data().expect("no trailers")),
            Poll::Ready(Some(Err(_))) => unreachable!("the chunks do not fail"),
            Poll::Ready(None) => return out,
            // The body gives others a turn now and then.
            Poll::Pending => {}
        }
    }
}

/// A stream in chunks of one length.
struct Chunks<'a>(&'a [u8], usize);

impl Body for Chunks<'_> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        let (chunk, rest) = self.0.split_at(self.1.min(self.0.len()));
        self.0 = rest;
        Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(chunk)))))
    }
}
