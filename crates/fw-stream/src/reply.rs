//! Replies as the layer sees them and gives them.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use fw_wire::{Endpoint, Operation};
use http::{HeaderMap, Method, StatusCode, Uri, header, response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::body::StreamBody;
use crate::error::{BoxError, StreamError};
use crate::plain::is_event_stream;
use crate::transform::Transform;
use crate::whole::is_encoded;

/// What is known of a reply before its body: what [`StreamLayer`](crate::StreamLayer) asks about.
#[derive(Clone, Copy)]
pub struct ReplyHead<'a> {
    method: &'a Method,
    uri: &'a Uri,
    parts: &'a response::Parts,
}

// === impl ReplyHead ===

impl<'a> ReplyHead<'a> {
    pub(crate) const fn new(method: &'a Method, uri: &'a Uri, parts: &'a response::Parts) -> Self {
        Self { method, uri, parts }
    }

    /// The method of the request.
    pub const fn method(&self) -> &'a Method {
        self.method
    }

    /// The URI of the request.
    pub const fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// The endpoint that the request went to, if it is one of those that this crate knows, by its path.
    pub fn endpoint(&self) -> Option<Endpoint> {
        Operation::route(self.method, self.uri.path())
            .ok()?
            .endpoint()
    }

    /// The status of the reply.
    pub const fn status(&self) -> StatusCode {
        self.parts.status
    }

    /// The headers of the reply.
    pub const fn headers(&self) -> &'a HeaderMap {
        &self.parts.headers
    }

    /// The reply without its body; its extensions, for one.
    pub const fn parts(&self) -> &'a response::Parts {
        self.parts
    }

    /// Whether the reply is a stream of events, by its `content-type`.
    pub fn is_stream(&self) -> bool {
        let kind = self.parts.headers.get(header::CONTENT_TYPE);
        kind.is_some_and(|kind| is_event_stream(kind.as_bytes()))
    }

    /// Whether the reply has a `content-encoding`, such as `gzip`, so that its events cannot be read.
    pub fn is_encoded(&self) -> bool {
        is_encoded(&self.parts.headers)
    }
}

impl fmt::Debug for ReplyHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyHead")
            .field("method", &self.method)
            .field("path", &self.uri.path())
            .field("status", &self.parts.status)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// The body of a reply of [`StreamService`](crate::StreamService): a stream that is transformed, any
    /// other body as it is, or the short text of a refusal.
    pub struct ReplyBody<B, T> {
        #[pin]
        kind: Kind<B, T>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<B, T> {
        Stream { #[pin] body: StreamBody<B, T> },
        Plain { #[pin] body: B },
        Refusal { text: Option<Bytes> },
    }
}

// === impl ReplyBody ===

impl<B, T> ReplyBody<B, T> {
    pub(crate) const fn stream(body: StreamBody<B, T>) -> Self {
        Self {
            kind: Kind::Stream { body },
        }
    }

    pub(crate) const fn plain(body: B) -> Self {
        Self {
            kind: Kind::Plain { body },
        }
    }

    pub(crate) const fn refusal(text: Bytes) -> Self {
        Self {
            kind: Kind::Refusal { text: Some(text) },
        }
    }

    /// The transform, if the reply is a stream that has one.
    pub const fn transform(&self) -> Option<&T> {
        match &self.kind {
            Kind::Stream { body } => Some(body.transform()),
            _ => None,
        }
    }
}

impl<B, T> Body for ReplyBody<B, T>
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
        match self.project().kind.project() {
            KindProj::Stream { body } => body.poll_frame(cx),
            KindProj::Plain { body } => body.poll_frame(cx).map(|frame| {
                let frame = frame?.map_err(StreamError::body);
                Some(frame.map(|frame| {
                    // Costs nothing where the data is `Bytes` already.
                    frame.map_data(|mut data| data.copy_to_bytes(data.remaining()))
                }))
            }),
            KindProj::Refusal { text } => Poll::Ready(text.take().map(Frame::data).map(Ok)),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Stream { body } => body.is_end_stream(),
            Kind::Plain { body } => body.is_end_stream(),
            Kind::Refusal { text } => text.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Stream { body } => body.size_hint(),
            Kind::Plain { body } => body.size_hint(),
            Kind::Refusal { text } => {
                SizeHint::with_exact(text.as_ref().map_or(0, |text| text.len() as u64))
            }
        }
    }
}

impl<B, T> fmt::Debug for ReplyBody<B, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Stream { .. } => "stream",
            Kind::Plain { .. } => "plain",
            Kind::Refusal { .. } => "refusal",
        };
        f.debug_struct("ReplyBody")
            .field("kind", &kind)
            .finish_non_exhaustive()
    }
}
