//! The reply of a layer that changes replies.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::{BoxError, GatheredBody, StreamBody, Transform};

pin_project! {
    /// The body of a reply: the inner service's own, one that was read and may be another now, or a stream whose
    /// events go through a [`Transform`].
    ///
    /// The error is the inner body's own, boxed, or a [`FrameError`](crate::FrameError) for a stream with an event
    /// that is too large. `Debug` says how much is in memory, and never what.
    pub struct ConvertedBody<B, T> {
        #[pin]
        kind: Kind<B, T>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<B, T> {
        Gathered { #[pin] body: GatheredBody<B> },
        // Boxed: it is much larger than the other, and moves with every reply.
        Stream { body: Pin<Box<StreamBody<B, T>>> },
    }
}

// === impl ConvertedBody ===

impl<B, T> ConvertedBody<B, T> {
    /// The inner service's own body.
    pub const fn inner(body: B) -> Self {
        Self::gathered(GatheredBody::inner(body))
    }

    /// A body of which everything is here.
    pub const fn full(data: Bytes) -> Self {
        Self::gathered(GatheredBody::full(data))
    }

    /// What was read of a body, in one of its forms.
    pub const fn gathered(body: GatheredBody<B>) -> Self {
        Self {
            kind: Kind::Gathered { body },
        }
    }

    /// A stream.
    pub fn stream(body: StreamBody<B, T>) -> Self {
        Self {
            kind: Kind::Stream {
                body: Box::pin(body),
            },
        }
    }

    /// The whole body, if it is in memory and was not sent yet.
    pub const fn as_bytes(&self) -> Option<&Bytes> {
        match &self.kind {
            Kind::Gathered { body } => body.as_bytes(),
            Kind::Stream { .. } => None,
        }
    }
}

impl<B, T> Body for ConvertedBody<B, T>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
    T: Transform,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.project().kind.project() {
            KindProj::Gathered { body } => body.poll_frame(cx).map_err(Into::into),
            KindProj::Stream { body } => body.as_mut().poll_frame(cx).map_err(|error| {
                // Not wrapped once more: who looks for the inner error finds it.
                error.into_body_error().unwrap_or_else(Into::into)
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Gathered { body } => body.is_end_stream(),
            Kind::Stream { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Gathered { body } => body.size_hint(),
            Kind::Stream { body } => body.size_hint(),
        }
    }
}

impl<B, T> fmt::Debug for ConvertedBody<B, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Gathered { body } => body.debug("ConvertedBody", f),
            Kind::Stream { .. } => f.write_str("ConvertedBody(stream)"),
        }
    }
}
