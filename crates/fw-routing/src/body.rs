//! The body of a router's replies.

use std::{
    error::Error as StdError,
    fmt, mem,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use fw_stream::{BoxError, Observation, Observe, ReportErrors, StreamBody};
use fw_wire::{ApiError, Endpoint};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::{permit::Permit, timed::TimedBody};

/// What is done when a stream is over. Boxed: a closure has no name that the body's type could have.
type Settle = Box<dyn FnOnce(Observation) + Send>;

/// What goes on in a stream is observed, and its failure becomes its last event.
type Watch = (Observe<Settle>, ReportErrors<Describe>);

/// Renders an error that broke a stream.
pub(crate) type Describe = fn(&(dyn StdError + 'static)) -> ApiError;

pin_project! {
    /// The body of a reply of [`Router`](crate::Router).
    ///
    /// A plain reply is in memory, because it was read whole before it was passed on. A stream goes on as
    /// it comes; if it fails, its last event is an error in the dialect of its endpoint, and the body ends
    /// without an error. The target counts as busy until the body has ended or is dropped.
    pub struct RouterBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<B> {
        Whole { data: Bytes },
        // Boxed: what is large or rare need not move with every reply.
        Stream { body: Pin<Box<StreamBody<TimedBody<B>, Watch>>> },
        Rest { rest: Box<Rest<B>> },
    }
}

/// A stream of no known endpoint, or a plain reply too large to be held.
struct Rest<B> {
    read: Bytes,
    body: Pin<Box<B>>,
    permit: Option<Permit>,
}

impl<B> RouterBody<B> {
    pub(crate) const fn whole(data: Bytes) -> Self {
        Self {
            kind: Kind::Whole { data },
        }
    }

    pub(crate) fn stream(
        body: TimedBody<B>,
        endpoint: Endpoint,
        choices: usize,
        max_event_bytes: usize,
        describe: Describe,
        settle: Settle,
    ) -> Self {
        let observe = Observe::new(endpoint, settle).choices(choices);
        let report = ReportErrors::new(endpoint)
            .choices(choices)
            .describe(describe);
        Self {
            kind: Kind::Stream {
                body: Box::pin(
                    StreamBody::new(body, (observe, report)).max_event_bytes(max_event_bytes),
                ),
            },
        }
    }

    pub(crate) fn rest(read: Bytes, body: Pin<Box<B>>, permit: Option<Permit>) -> Self {
        Self {
            kind: Kind::Rest {
                rest: Box::new(Rest { read, body, permit }),
            },
        }
    }
}

impl<B> Body for RouterBody<B>
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
            KindProj::Whole { data } => {
                let data = mem::take(data);
                Poll::Ready((!data.is_empty()).then(|| Ok(Frame::data(data))))
            }
            KindProj::Stream { body } => body.as_mut().poll_frame(cx).map_err(Into::into),
            KindProj::Rest { rest } => {
                if !rest.read.is_empty() {
                    let read = mem::take(&mut rest.read);
                    return Poll::Ready(Some(Ok(Frame::data(read))));
                }
                let frame = rest.body.as_mut().poll_frame(cx).map_err(Into::into);
                if let Poll::Ready(None | Some(Err(_))) = frame {
                    // Neutral: whether such a reply is whole is not known.
                    rest.permit = None;
                }
                frame
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Whole { data } => data.is_empty(),
            Kind::Stream { body } => body.is_end_stream(),
            Kind::Rest { rest } => rest.read.is_empty() && rest.body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Whole { data } => SizeHint::with_exact(data.len() as u64),
            Kind::Stream { body } => body.size_hint(),
            Kind::Rest { rest } => {
                let read = rest.read.len() as u64;
                let rest = rest.body.size_hint();
                let mut hint = SizeHint::new();
                hint.set_lower(read + rest.lower());
                if let Some(upper) = rest.upper() {
                    hint.set_upper(read + upper);
                }
                hint
            }
        }
    }
}

// No text in logs.
impl<B> fmt::Debug for RouterBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Whole { .. } => "whole",
            Kind::Stream { .. } => "stream",
            Kind::Rest { .. } => "rest",
        };
        f.debug_struct("RouterBody")
            .field("kind", &kind)
            .finish_non_exhaustive()
    }
}
