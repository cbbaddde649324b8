//! A response body whose events go through a transform.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::error::{BoxError, FrameError, StreamError};
use crate::framer::Framer;
use crate::pieces::Pieces;
use crate::transform::{Flow, Output, StreamEnd, Transform};

/// After this many upstream frames without anything to send, other tasks get their turn.
const FRAMES_PER_POLL: usize = 32;

pin_project! {
    /// A body that runs every server-sent event of the inner body through a [`Transform`].
    ///
    /// It does nothing by itself: no task, no channel, no timer. Each poll takes one frame of the
    /// inner body, runs all events that are complete with it, and gives what came of them as one
    /// frame. So a client that reads slowly slows the upstream down, at most one frame and the start
    /// of one event are held, and a dropped body drops the inner body at once.
    ///
    /// **Copies.** Events that follow one another in an upstream frame and pass unchanged leave as
    /// one slice of that frame. If a frame holds whole events only and all of them pass, the very
    /// same [`Bytes`] leave. An event torn over frames is copied once, and once more if it leaves
    /// together with others.
    ///
    /// **The end.** The stream is over when the inner body returns `None`, an error or trailers, or
    /// says [`is_end_stream`](Body::is_end_stream) after a frame. Then the transform's
    /// [`end`](Transform::end) is called once, the inner body is dropped, and what is left is given
    /// out: the last data, the trailers, the error unless the transform [settled](Output::settle) it.
    ///
    /// **Length.** What a transform does to the length is not known, so there is no exact
    /// [`size_hint`](Body::size_hint). Whoever puts this body into a response has to remove a
    /// `content-length` header. Event streams seldom have one.
    ///
    /// The inner body has to be plain text: a stream with a `content-encoding` passes as one torn
    /// event until it exceeds the limit. Ask the upstream for `accept-encoding: identity`.
    pub struct StreamBody<B, T> {
        #[pin]
        inner: Option<B>,
        framer: Framer,
        pieces: Pieces,
        transform: T,
        trailers: Option<Frame<Bytes>>,
        error: Option<StreamError>,
    }
}

impl<B, T> StreamBody<B, T> {
    /// Runs the events of `body` through `transform`.
    pub fn new(body: B, transform: T) -> Self {
        Self {
            inner: Some(body),
            framer: Framer::new(),
            pieces: Pieces::default(),
            transform,
            trailers: None,
            error: None,
        }
    }

    /// Sets the largest event to accept, in bytes,
    /// [1 MiB](crate::DEFAULT_MAX_EVENT_BYTES) by default. A larger one ends the stream.
    #[must_use]
    pub fn max_event_bytes(mut self, limit: usize) -> Self {
        self.framer = self.framer.max_event_bytes(limit);
        self
    }

    /// The transform.
    pub const fn transform(&self) -> &T {
        &self.transform
    }

    /// The inner body, until the stream is over.
    pub const fn get_ref(&self) -> Option<&B> {
        self.inner.as_ref()
    }
}

impl<B, T> Body for StreamBody<B, T>
where
    B: Body,
    B::Error: Into<BoxError>,
    T: Transform,
{
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        let mut this = self.project();
        let mut run = Run {
            framer: this.framer,
            pieces: this.pieces,
            transform: this.transform,
        };
        for _ in 0..FRAMES_PER_POLL {
            let Some(inner) = this.inner.as_mut().as_pin_mut() else {
                return Poll::Ready(
                    this.trailers
                        .take()
                        .map(Ok)
                        .or_else(|| this.error.take().map(Err)),
                );
            };
            let over = match ready!(inner.poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(mut data) => match run.data(data.copy_to_bytes(data.remaining())) {
                        Err(error) => Some(Over::TooLarge(error)),
                        Ok(Flow::End) => Some(Over::Stopped),
                        Ok(Flow::Continue) => this
                            .inner
                            .as_ref()
                            .as_pin_ref()
                            .is_none_or(|inner| inner.is_end_stream())
                            .then_some(Over::Finished),
                    },
                    Err(frame) => {
                        *this.trailers = frame.into_trailers().ok().map(Frame::trailers);
                        Some(Over::Finished)
                    }
                },
                Some(Err(error)) => Some(Over::Failed(StreamError::body(error))),
                None => Some(Over::Finished),
            };
            if let Some(over) = over {
                this.inner.set(None);
                *this.error = run.finish(over);
            }
            let frame = run.pieces.take(run.framer.take_chunk());
            if !frame.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(frame))));
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_none() && self.trailers.is_none() && self.error.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        if self.inner.is_none() {
            SizeHint::with_exact(0)
        } else {
            SizeHint::default()
        }
    }
}

impl<B, T> fmt::Debug for StreamBody<B, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamBody")
            .field("over", &self.inner.is_none())
            .field("framer", &self.framer)
            .finish_non_exhaustive()
    }
}

enum Over {
    Finished,
    Failed(StreamError),
    TooLarge(FrameError),
    Stopped,
}

/// The parts of a body that handle events, borrowed apart from the inner body.
struct Run<'a, T> {
    framer: &'a mut Framer,
    pieces: &'a mut Pieces,
    transform: &'a mut T,
}

impl<T: Transform> Run<'_, T> {
    #[inline]
    fn data(&mut self, chunk: Bytes) -> Result<Flow, FrameError> {
        self.framer.push(chunk);
        while let Some(event) = self.framer.next_in_chunk()? {
            let mut sink = self.pieces.on(self.framer.chunk());
            let mut out = Output::new(Some(&event), &mut sink);
            if self.transform.event(&event, &mut out) == Flow::End {
                return Ok(Flow::End);
            }
        }
        Ok(Flow::Continue)
    }

    /// Runs what is left, and returns the error that the body has to end with.
    fn finish(&mut self, mut over: Over) -> Option<StreamError> {
        // Written ranges refer to this chunk: the caller still takes the frame from it.
        let chunk = self.framer.chunk().clone();
        if matches!(over, Over::Finished | Over::Failed(_))
            && let Some(rest) = self.framer.take_rest()
        {
            let mut sink = self.pieces.on(&chunk);
            let mut out = Output::new(Some(&rest), &mut sink);
            if self.transform.event(&rest, &mut out) == Flow::End {
                over = Over::Stopped;
            }
        }
        let end = match &over {
            Over::Finished => StreamEnd::Finished,
            Over::Failed(error) => StreamEnd::Failed(error.as_dyn()),
            Over::TooLarge(error) => StreamEnd::TooLarge(error),
            Over::Stopped => StreamEnd::Stopped,
        };
        let mut sink = self.pieces.on(&chunk);
        self.transform.end(end, &mut Output::new(None, &mut sink));
        match over {
            _ if self.pieces.is_settled() => None,
            Over::Finished | Over::Stopped => None,
            Over::Failed(error) => Some(error),
            Over::TooLarge(error) => Some(error.into()),
        }
    }
}

#[cfg(test)]
mod tests;
