//! Gathers the frames of a body, up to a limit.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::Body;

/// Why a body could not be gathered.
#[derive(Debug)]
pub(crate) enum CollectError<E> {
    /// It is larger than the limit.
    TooLarge,
    /// It failed.
    Body(E),
}

/// The bytes gathered so far. A body of one frame is never copied.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    first: Bytes,
    rest: BytesMut,
}

// === impl Collected ===

impl Collected {
    pub(crate) fn len(&self) -> usize {
        self.first.len().max(self.rest.len())
    }

    /// Adds a frame; false if that passes the limit, and then the frame is not added.
    pub(crate) fn push(&mut self, data: Bytes, limit: usize) -> bool {
        if data.len() > limit.saturating_sub(self.len()) {
            return false;
        }
        if self.len() == 0 {
            self.first = data;
        } else if !data.is_empty() {
            if !self.first.is_empty() {
                self.rest.reserve(self.first.len() + data.len());
                self.rest
                    .extend_from_slice(&std::mem::take(&mut self.first));
            }
            self.rest.extend_from_slice(&data);
        }
        true
    }

    pub(crate) fn take(&mut self) -> Bytes {
        if self.rest.is_empty() {
            std::mem::take(&mut self.first)
        } else {
            std::mem::take(&mut self.rest).freeze()
        }
    }

    /// Polls `body` to its end. Trailers are dropped: a converted body has none.
    pub(crate) fn poll<B: Body<Data = Bytes>>(
        &mut self,
        mut body: Pin<&mut B>,
        limit: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Bytes, CollectError<B::Error>>> {
        if self.len() == 0 && body.size_hint().lower() > limit as u64 {
            return Poll::Ready(Err(CollectError::TooLarge));
        }
        loop {
            match ready!(body.as_mut().poll_frame(cx)) {
                None => return Poll::Ready(Ok(self.take())),
                Some(Err(error)) => return Poll::Ready(Err(CollectError::Body(error))),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data()
                        && !self.push(data, limit)
                    {
                        return Poll::Ready(Err(CollectError::TooLarge));
                    }
                }
            }
            if body.is_end_stream() {
                return Poll::Ready(Ok(self.take()));
            }
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
        assert!(collected.push(data.clone(), 5));
        assert_eq!(collected.take().as_ptr(), data.as_ptr());
    }

    #[test]
    fn several_frames_are_joined_up_to_the_limit() {
        let mut collected = Collected::default();
        for part in ["a", "", "bc", "d"] {
            assert!(collected.push(Bytes::from_static(part.as_bytes()), 4));
        }
        assert!(!collected.push(Bytes::from_static(b"e"), 4));
        assert_eq!(collected.take(), "abcd");
    }
}
