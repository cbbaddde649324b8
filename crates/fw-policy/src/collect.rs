//! Gathers the frames of a body, up to a limit.

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::Body;

/// Why a body could not be gathered. No `Debug`, which would show the bytes.
pub(crate) enum CollectError<E> {
    /// It is larger than the limit. This much was read; the body has the rest.
    TooLarge(Bytes),
    /// It failed.
    Body(E),
}

/// The bytes gathered so far. A body of one frame is never copied. No `Debug`, which would show them.
#[derive(Default)]
pub(crate) struct Collected {
    first: Bytes,
    rest: BytesMut,
}

// === impl Collected ===

impl Collected {
    /// Polls `body` to its end. Trailers are dropped: a body that was read is sent with its length.
    pub(crate) fn poll<B: Body<Data = Bytes>>(
        &mut self,
        mut body: Pin<&mut B>,
        limit: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Bytes, CollectError<B::Error>>> {
        if self.len() == 0 && body.size_hint().lower() > limit as u64 {
            return Poll::Ready(Err(CollectError::TooLarge(Bytes::new())));
        }
        while !body.is_end_stream() {
            match ready!(body.as_mut().poll_frame(cx)) {
                None => break,
                Some(Err(error)) => return Poll::Ready(Err(CollectError::Body(error))),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.push(data);
                    }
                    if self.len() > limit {
                        return Poll::Ready(Err(CollectError::TooLarge(self.take())));
                    }
                }
            }
        }
        Poll::Ready(Ok(self.take()))
    }

    fn len(&self) -> usize {
        self.first.len().max(self.rest.len())
    }

    fn push(&mut self, data: Bytes) {
        if self.len() == 0 {
            self.first = data;
        } else if !data.is_empty() {
            if !self.first.is_empty() {
                self.rest.reserve(self.first.len() + data.len());
                self.rest.extend_from_slice(&mem::take(&mut self.first));
            }
            self.rest.extend_from_slice(&data);
        }
    }

    fn take(&mut self) -> Bytes {
        if self.rest.is_empty() {
            mem::take(&mut self.first)
        } else {
            mem::take(&mut self.rest).freeze()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_frame_is_not_copied() {
        let data = Bytes::from_static(b"hello");
        let mut collected = Collected::default();
        collected.push(data.clone());
        assert_eq!(collected.take().as_ptr(), data.as_ptr());
    }

    #[test]
    fn several_frames_are_joined() {
        let mut collected = Collected::default();
        for part in ["a", "", "bc", "d"] {
            collected.push(Bytes::from_static(part.as_bytes()));
        }
        assert_eq!(collected.take(), "abcd");
    }
}
