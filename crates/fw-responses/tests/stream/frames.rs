//! Bodies that come in frames, cut anywhere.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};

/// The bytes of a text, cut at these places.
pub(crate) fn frames(
    text: &str,
    cuts: impl IntoIterator<Item = usize>,
) -> VecDeque<Result<Bytes, &'static str>> {
    let mut cuts: Vec<usize> = cuts.into_iter().collect();
    cuts.sort_unstable();
    let (mut frames, mut start) = (VecDeque::new(), 0);
    for cut in cuts.into_iter().chain([text.len()]) {
        frames.push_back(Ok(Bytes::copy_from_slice(&text.as_bytes()[start..cut])));
        start = cut;
    }
    frames
}

/// The last place at or before `at` where a character begins.
pub(crate) fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A body of these frames.
pub(crate) struct Frames(pub(crate) VecDeque<Result<Bytes, &'static str>>);

impl Body for Frames {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(self.0.pop_front().map(|frame| frame.map(Frame::data)))
    }
}
