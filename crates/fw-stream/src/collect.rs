//! Gathers the frames of a body, up to a limit.

use std::{
    fmt, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::Body;

/// Why a body could not be gathered.
pub enum CollectError<E> {
    /// It is larger than the limit. This much was read; the body has the rest.
    TooLarge(Bytes),
    /// It failed.
    Body(E),
}

/// Gathers a body that is polled by hand, for layers that have to see a whole body before they go on.
///
/// A body of one frame is never copied.
///
/// ```
/// use std::{future::poll_fn, pin::pin};
///
/// use bytes::Bytes;
/// use fw_stream::Collected;
/// use http_body_util::Full;
///
/// # tokio_test::block_on(async {
/// let mut body = pin!(Full::new(Bytes::from_static(b"hello")));
/// let mut collected = Collected::default();
/// let whole = poll_fn(|cx| collected.poll(body.as_mut(), 1024, cx)).await;
/// assert_eq!(whole.ok(), Some(Bytes::from_static(b"hello")));
/// # });
/// ```
#[derive(Default)]
pub struct Collected {
    first: Bytes,
    rest: BytesMut,
}

// No text in logs.
impl<E: fmt::Debug> fmt::Debug for CollectError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(read) => f.debug_tuple("TooLarge").field(&read.len()).finish(),
            Self::Body(error) => f.debug_tuple("Body").field(error).finish(),
        }
    }
}

impl fmt::Debug for Collected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collected")
            .field("bytes", &self.len())
            .finish_non_exhaustive()
    }
}

// === impl Collected ===

impl Collected {
    /// Polls `body` to its end, which gives all of it, or until it is larger than `limit` bytes.
    ///
    /// Trailers are dropped: a body that was read is sent with its length.
    pub fn poll<B: Body<Data = Bytes>>(
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
                        // Nearly always it is all there is, and need not be kept.
                        if self.len() == 0 && data.len() <= limit && body.is_end_stream() {
                            return Poll::Ready(Ok(data));
                        }
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

    /// What was gathered so far.
    pub fn take(&mut self) -> Bytes {
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
