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

use crate::stream::PolicyTransform;

pin_project! {
    /// The body of an upstream request: one that was read, or the client's own for a request that is not
    /// looked at.
    pub struct PolicyRequestBody<B> {
        #[pin]
        kind: Plain<B>,
    }
}

pin_project! {
    /// A body that was read whole, or in part, or not at all.
    #[project = PlainProj]
    enum Plain<B> {
        Inner { #[pin] body: B },
        Full { data: Option<Bytes> },
        // What was read before it turned out to be too much, and the rest.
        Rest { data: Option<Bytes>, body: Pin<Box<B>> },
    }
}

// === impl PolicyRequestBody ===

impl<B> PolicyRequestBody<B> {
    pub(crate) const fn inner(body: B) -> Self {
        Self {
            kind: Plain::Inner { body },
        }
    }

    pub(crate) const fn full(data: Bytes) -> Self {
        Self {
            kind: Plain::Full { data: Some(data) },
        }
    }

    pub(crate) const fn rest(data: Bytes, body: Pin<Box<B>>) -> Self {
        Self {
            kind: Plain::Rest {
                data: Some(data),
                body,
            },
        }
    }

    /// The whole body, if it is in memory and was not sent yet.
    pub const fn as_bytes(&self) -> Option<&Bytes> {
        self.kind.as_bytes()
    }
}

impl<B: Body<Data = Bytes>> Body for PolicyRequestBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.project().kind.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.kind.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.kind.size_hint()
    }
}

impl<B> fmt::Debug for PolicyRequestBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.debug("PolicyRequestBody", f)
    }
}

pin_project! {
    /// The body of a reply: the inner service's own, one that was looked at as a whole, or a stream that
    /// is looked at as it goes.
    pub struct PolicyBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<B> {
        Plain { #[pin] body: Plain<B> },
        // In a place of its own: it is large, and responses are moved often.
        Stream { body: Pin<Box<StreamBody<B, PolicyTransform>>> },
    }
}

// === impl PolicyBody ===

impl<B> PolicyBody<B> {
    pub(crate) const fn inner(body: B) -> Self {
        Self::plain(Plain::Inner { body })
    }

    pub(crate) const fn full(data: Bytes) -> Self {
        Self::plain(Plain::Full { data: Some(data) })
    }

    pub(crate) const fn rest(data: Bytes, body: Pin<Box<B>>) -> Self {
        Self::plain(Plain::Rest {
            data: Some(data),
            body,
        })
    }

    pub(crate) fn stream(body: StreamBody<B, PolicyTransform>) -> Self {
        Self {
            kind: Kind::Stream {
                body: Box::pin(body),
            },
        }
    }

    /// The whole body, if it is in memory and was not sent yet: a reply that was looked at, or a denial.
    pub const fn as_bytes(&self) -> Option<&Bytes> {
        match &self.kind {
            Kind::Plain { body } => body.as_bytes(),
            Kind::Stream { .. } => None,
        }
    }

    const fn plain(body: Plain<B>) -> Self {
        Self {
            kind: Kind::Plain { body },
        }
    }
}

/// The error is the inner body's own, boxed, or a [`FrameError`](fw_stream::FrameError) for a stream
/// with an event that is too large.
impl<B> Body for PolicyBody<B>
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
            KindProj::Plain { body } => body.poll_frame(cx).map_err(Into::into),
            KindProj::Stream { body } => body.as_mut().poll_frame(cx).map_err(|error| {
                // Not wrapped once more: who looks for the inner error finds it.
                error.into_body_error().unwrap_or_else(Into::into)
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Plain { body } => body.is_end_stream(),
            Kind::Stream { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Plain { body } => body.size_hint(),
            Kind::Stream { body } => body.size_hint(),
        }
    }
}

impl<B> fmt::Debug for PolicyBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Plain { body } => body.debug("PolicyBody", f),
            Kind::Stream { .. } => f.write_str("PolicyBody(stream)"),
        }
    }
}

// === impl Plain ===

impl<B> Plain<B> {
    /// Says how much is in memory, and never what: a reply may hold what a policy has put back, and a
    /// response is easily logged. The inner body may show what it has, so it is left out.
    fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inner { .. } => write!(f, "{name}(inner)"),
            Self::Full { data } => write!(f, "{name}({} bytes)", length(data.as_ref())),
            Self::Rest { data, .. } => {
                write!(f, "{name}({} bytes and the rest)", length(data.as_ref()))
            }
        }
    }

    const fn as_bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Full { data } => data.as_ref(),
            Self::Inner { .. } | Self::Rest { .. } => None,
        }
    }
}

impl<B: Body<Data = Bytes>> Body for Plain<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project() {
            PlainProj::Inner { body } => body.poll_frame(cx),
            PlainProj::Full { data } => Poll::Ready(take_frame(data)),
            PlainProj::Rest { data, body } => match take_frame(data) {
                Some(frame) => Poll::Ready(Some(frame)),
                None => body.as_mut().poll_frame(cx),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Inner { body } => body.is_end_stream(),
            Self::Full { data } => is_empty(data.as_ref()),
            Self::Rest { data, body } => is_empty(data.as_ref()) && body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Inner { body } => body.size_hint(),
            Self::Full { data } => SizeHint::with_exact(length(data.as_ref())),
            Self::Rest { data, body } => {
                let (read, rest) = (length(data.as_ref()), body.size_hint());
                let mut hint = SizeHint::new();
                hint.set_lower(rest.lower().saturating_add(read));
                if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(read)) {
                    hint.set_upper(upper);
                }
                hint
            }
        }
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

fn length(data: Option<&Bytes>) -> u64 {
    data.map_or(0, |data| data.len() as u64)
}
