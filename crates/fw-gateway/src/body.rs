//! The body of every reply the gateway gives.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use fw_provider::ProviderError;
use fw_stream::{BoxError, Observation, Observe, ObserveBody, ReportErrors, StreamBody};
use fw_wire::{ApiError, Endpoint};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{Full, Limited};
use pin_project_lite::pin_project;

use crate::access::Answered;

/// What is done with an observation. Boxed: a closure has no name that the body's type could have.
type Report = Box<dyn FnOnce(Observation) + Send>;

/// Renders an error that broke a stream.
type Describe = fn(&(dyn Error + 'static)) -> ApiError;

pin_project! {
    /// A reply's body: one the gateway made itself, or the upstream's on its way through.
    #[project = ReplyBodyProjection]
    pub(crate) enum ReplyBody<B> {
        Own { #[pin] body: Full<Bytes> },
        Stream { #[pin] body: StreamBody<B, (Observe<Report>, ReportErrors<Describe>)> },
        Plain { #[pin] body: ObserveBody<Limited<B>, Report> },
    }
}

impl<B> ReplyBody<B> {
    /// A body the gateway made itself.
    pub(crate) fn own(bytes: Bytes) -> Self {
        Self::Own {
            body: Full::new(bytes),
        }
    }

    /// An upstream's stream: observed, and ended with an error event if it breaks.
    ///
    /// It is whole when it has finished as many `choices`. No event may be larger than a whole reply:
    /// one of Responses holds one.
    pub(crate) fn stream(
        body: B,
        endpoint: Endpoint,
        choices: usize,
        max_event_bytes: usize,
        access: Answered,
    ) -> Self {
        let describe: Describe = describe;
        let observe = observe(endpoint, access).choices(choices);
        let report = ReportErrors::new(endpoint)
            .choices(choices)
            .describe(describe);
        Self::Stream {
            body: StreamBody::new(body, (observe, report)).max_event_bytes(max_event_bytes),
        }
    }

    /// An upstream's plain reply: observed, and broken off where it is larger than it may be.
    pub(crate) fn plain(body: B, endpoint: Endpoint, max_bytes: usize, access: Answered) -> Self {
        Self::Plain {
            body: ObserveBody::new(Limited::new(body, max_bytes), observe(endpoint, access)),
        }
    }
}

fn observe(endpoint: Endpoint, access: Answered) -> Observe<Report> {
    Observe::new(endpoint, Box::new(move |seen| access.finished(&seen)))
}

/// What the client is told of the error that broke its stream.
fn describe(error: &(dyn Error + 'static)) -> ApiError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<ProviderError>() {
            return error.to_api_error();
        }
        cause = error.source();
    }
    ApiError::upstream("The provider's stream broke off before its end.")
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
        match self.project() {
            ReplyBodyProjection::Own { body } => {
                body.poll_frame(cx).map_err(|never| match never {})
            }
            ReplyBodyProjection::Stream { body } => body.poll_frame(cx).map_err(Into::into),
            ReplyBodyProjection::Plain { body } => body.poll_frame(cx).map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own { body } => body.is_end_stream(),
            Self::Stream { body } => body.is_end_stream(),
            Self::Plain { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own { body } => body.size_hint(),
            Self::Stream { body } => body.size_hint(),
            Self::Plain { body } => body.size_hint(),
        }
    }
}
