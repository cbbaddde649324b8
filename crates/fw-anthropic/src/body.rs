//! The bodies that go up and come back.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use fw_stream::{BoxError, StreamBody};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::stream::MessageStream;

pin_project! {
    /// The body of an upstream request: converted bytes, or the client's own body for a request
    /// that this layer does not know.
    pub struct MessagesRequestBody<B> {
        #[pin]
        kind: RequestKind<B>,
    }
}

pin_project! {
    #[project = RequestKindProj]
    enum RequestKind<B> {
        Inner { #[pin] body: B },
        Full { data: Option<Bytes> },
    }
}

// === impl MessagesRequestBody ===

impl<B> MessagesRequestBody<B> {
    pub(crate) const fn full(data: Bytes) -> Self {
        Self {
            kind: RequestKind::Full { data: Some(data) },
        }
    }

    pub(crate) const fn inner(body: B) -> Self {
        Self {
            kind: RequestKind::Inner { body },
        }
    }

    /// The whole body, if it is in memory and was not sent yet.
    pub const fn as_bytes(&self) -> Option<&Bytes> {
        match &self.kind {
            RequestKind::Full { data } => data.as_ref(),
            RequestKind::Inner { .. } => None,
        }
    }
}

impl<B: Body<Data = Bytes>> Body for MessagesRequestBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().kind.project() {
            RequestKindProj::Full { data } => Poll::Ready(take_frame(data)),
            RequestKindProj::Inner { body } => body.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            RequestKind::Full { data } => is_empty(data.as_ref()),
            RequestKind::Inner { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            RequestKind::Full { data } => exact(data.as_ref()),
            RequestKind::Inner { body } => body.size_hint(),
        }
    }
}

pin_project! {
    /// The body of a reply: the upstream's own, a converted one, or a converted stream.
    pub struct MessagesBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<B> {
        Inner { #[pin] body: B },
        Full { data: Option<Bytes> },
        // Boxed: it is three times the size of the others, and moves with every reply.
        Stream { body: Pin<Box<StreamBody<B, MessageStream>>> },
    }
}

// === impl MessagesBody ===

impl<B> MessagesBody<B> {
    pub(crate) const fn inner(body: B) -> Self {
        Self {
            kind: Kind::Inner { body },
        }
    }

    pub(crate) const fn full(data: Bytes) -> Self {
        Self {
            kind: Kind::Full { data: Some(data) },
        }
    }

    pub(crate) fn stream(body: StreamBody<B, MessageStream>) -> Self {
        Self {
            kind: Kind::Stream {
                body: Box::pin(body),
            },
        }
    }

    /// The whole body, if it is in memory and was not sent yet: a converted reply, or an error.
    pub const fn as_bytes(&self) -> Option<&Bytes> {
        match &self.kind {
            Kind::Full { data } => data.as_ref(),
            Kind::Inner { .. } | Kind::Stream { .. } => None,
        }
    }
}

/// The error is the inner body's own, boxed, or a [`FrameError`](fw_stream::FrameError) for a stream
/// with an event that is too large.
impl<B> Body for MessagesBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.project().kind.project() {
            KindProj::Inner { body } => body.poll_frame(cx).map_err(Into::into),
            KindProj::Full { data } => Poll::Ready(take_frame(data)),
            KindProj::Stream { body } => body.as_mut().poll_frame(cx).map_err(|error| {
                // Not wrapped once more: who looks for the inner error finds it.
                error.into_body_error().unwrap_or_else(Into::into)
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Inner { body } => body.is_end_stream(),
            Kind::Full { data } => is_empty(data.as_ref()),
            Kind::Stream { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Inner { body } => body.size_hint(),
            Kind::Full { data } => exact(data.as_ref()),
            Kind::Stream { body } => body.size_hint(),
        }
    }
}

// Lengths only: a body is what somebody said to a model, or a model to somebody.

impl<B> fmt::Debug for MessagesRequestBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessagesRequestBody")
            .field("bytes", &self.as_bytes().map(Bytes::len))
            .finish_non_exhaustive()
    }
}

impl<B> fmt::Debug for MessagesBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessagesBody")
            .field("bytes", &self.as_bytes().map(Bytes::len))
            .finish_non_exhaustive()
    }
}

fn take_frame<E>(data: &mut Option<Bytes>) -> Option<Result<Frame<Bytes>, E>> {
    data.take()
        .filter(|data| !data.is_empty())
        .map(|data| Ok(Frame::data(data)))
}

fn is_empty(data: Option<&Bytes>) -> bool {
    data.is_none_or(Bytes::is_empty)
}

fn exact(data: Option<&Bytes>) -> SizeHint {
    SizeHint::with_exact(data.map_or(0, |data| data.len() as u64))
}
