//! The bodies that go up and come back.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use fw_stream::{BoxError, ConvertedBody, GatheredBody, StreamBody};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::stream::MessageStream;

/// The body of an upstream request: converted bytes, or the client's own body for a request
/// that this layer does not know.
pub type MessagesRequestBody<B> = GatheredBody<B>;

pin_project! {
    /// The body of a reply: the upstream's own, a converted one, or a converted stream.
    pub struct MessagesBody<B> {
        #[pin]
        body: ConvertedBody<B, MessageStream>,
    }
}

// === impl MessagesBody ===

impl<B> MessagesBody<B> {
    pub(crate) const fn inner(body: B) -> Self {
        Self {
            body: ConvertedBody::inner(body),
        }
    }

    pub(crate) const fn full(data: Bytes) -> Self {
        Self {
            body: ConvertedBody::full(data),
        }
    }

    pub(crate) fn stream(body: StreamBody<B, MessageStream>) -> Self {
        Self {
            body: ConvertedBody::stream(body),
        }
    }

    /// The whole body, if it is in memory and was not sent yet: a converted reply, or an error.
    pub const fn as_bytes(&self) -> Option<&Bytes> {
        self.body.as_bytes()
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
        self.project().body.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> fmt::Debug for MessagesBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MessagesBody").field(&self.body).finish()
    }
}
