//! The body of every reply the gateway gives.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use fw_stream::{BoxError, Observation, Observe, ObserveBody, StreamBody};
use fw_wire::Endpoint;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{Full, Limited};
use pin_project_lite::pin_project;
use tracing::Span;

use crate::access::Answered;

/// What is done with an observation. Boxed: a closure has no name that the body's type could have.
type Report = Box<dyn FnOnce(Observation) + Send>;

pin_project! {
    /// A reply's body: one the gateway made itself, or the upstream's on its way through.
    pub(crate) struct ReplyBody<B> {
        // Entered while the body is polled.
        span: Span,
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<B> {
        Own { #[pin] body: Full<Bytes> },
        Stream { #[pin] body: B },
        // In places of their own: they are large, and responses are moved often.
        ObservedStream { body: Pin<Box<StreamBody<B, Observe<Report>>>> },
        Observed { body: Pin<Box<ObserveBody<Limited<B>, Report>>> },
        Plain { #[pin] body: Limited<B> },
    }
}

impl<B> ReplyBody<B> {
    fn new(kind: Kind<B>) -> Self {
        Self {
            span: Span::current(),
            kind,
        }
    }

    /// A body the gateway made itself.
    pub(crate) fn own(bytes: Bytes) -> Self {
        Self::new(Kind::Own {
            body: Full::new(bytes),
        })
    }

    /// A stream that nobody wants to read of. The router has seen to it that it ends with an error event if
    /// it breaks, and that no event is too large.
    pub(crate) fn stream(body: B) -> Self {
        Self::new(Kind::Stream { body })
    }

    /// A stream that is observed. It is whole when it has finished as many `choices`.
    pub(crate) fn observed_stream(
        body: B,
        endpoint: Endpoint,
        choices: usize,
        max_event_bytes: usize,
        access: Answered,
    ) -> Self {
        let observe = observe(endpoint, access).choices(choices);
        Self::new(Kind::ObservedStream {
            body: Box::pin(StreamBody::new(body, observe).max_event_bytes(max_event_bytes)),
        })
    }

    /// An upstream's plain reply: observed if `access` wants to know, and broken off where it is larger
    /// than it may be.
    pub(crate) fn plain(
        body: B,
        endpoint: Endpoint,
        max_bytes: usize,
        access: Option<Answered>,
    ) -> Self {
        let body = Limited::new(body, max_bytes);
        Self::new(match access {
            Some(access) => Kind::Observed {
                body: Box::pin(ObserveBody::new(body, observe(endpoint, access))),
            },
            None => Kind::Plain { body },
        })
    }
}

fn observe(endpoint: Endpoint, access: Answered) -> Observe<Report> {
    Observe::new(endpoint, Box::new(move |seen| access.finished(&seen)))
}

impl<B> Body for ReplyBody<B>
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
        let this = self.project();
        let _entered = this.span.enter();
        match this.kind.project() {
            KindProjection::Own { body } => body.poll_frame(cx).map_err(|never| match never {}),
            KindProjection::Stream { body } => body.poll_frame(cx).map_err(Into::into),
            KindProjection::ObservedStream { body } => {
                body.as_mut().poll_frame(cx).map_err(Into::into)
            }
            KindProjection::Observed { body } => body.as_mut().poll_frame(cx).map_err(Into::into),
            KindProjection::Plain { body } => body.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Own { body } => body.is_end_stream(),
            Kind::Stream { body } => body.is_end_stream(),
            Kind::ObservedStream { body } => body.is_end_stream(),
            Kind::Observed { body } => body.is_end_stream(),
            Kind::Plain { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Own { body } => body.size_hint(),
            Kind::Stream { body } => body.size_hint(),
            Kind::ObservedStream { body } => body.size_hint(),
            Kind::Observed { body } => body.size_hint(),
            Kind::Plain { body } => body.size_hint(),
        }
    }
}
