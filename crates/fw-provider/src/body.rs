use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body;

use crate::ProviderError;
use crate::deadline::{Expired, Watch};
use crate::error::Deadline;
use crate::http1::Http1Body;
use crate::service::Lease;

/// A provider's reply, under the deadlines of its target.
///
/// After an error it has ended, and the connection it came over is closed.
/// Dropping it early cancels the reply at the provider: over HTTP/1.1 the
/// connection closes, over HTTP/2 the stream is reset.
pub struct ProviderBody {
    /// `None` after the end.
    open: Option<Open>,
}

struct Open {
    incoming: Incoming,
    watch: Watch,
    deadline: Deadline,
    lease: Lease,
}

/// What the connection delivers.
pub(crate) enum Incoming {
    Http1(Http1Body),
    Negotiated(body::Incoming),
}

impl ProviderBody {
    pub(crate) fn new(incoming: Incoming, watch: Watch, deadline: Deadline, lease: Lease) -> Self {
        Self {
            open: Some(Open {
                incoming,
                watch,
                deadline,
                lease,
            }),
        }
    }
}

impl Incoming {
    fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self {
            Self::Http1(body) => Pin::new(body).poll_frame(cx),
            Self::Negotiated(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Http1(body) => body.is_end_stream(),
            Self::Negotiated(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Http1(body) => body.size_hint(),
            Self::Negotiated(body) => body.size_hint(),
        }
    }
}

impl Open {
    fn expired(&self, expired: Expired) -> ProviderError {
        let shared = &self.lease.shared;
        let timeouts = &shared.timeouts;
        let (deadline, after) = match expired {
            Expired::Idle => (Deadline::Idle, timeouts.idle),
            Expired::FirstByte => (Deadline::FirstByte, timeouts.first_byte),
            Expired::Total => (
                self.deadline,
                Some(match self.deadline {
                    Deadline::Stream => shared.stream_timeout(),
                    _ => timeouts.reply,
                }),
            ),
        };
        ProviderError::timeout(&shared.id, deadline, after).in_body()
    }
}

impl Body for ProviderBody {
    type Data = Bytes;
    type Error = ProviderError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ProviderError>>> {
        let Some(open) = &mut self.open else {
            return Poll::Ready(None);
        };
        let error = match open.incoming.poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                open.watch.progress();
                return Poll::Ready(Some(Ok(frame)));
            }
            Poll::Ready(None) => {
                self.open = None;
                return Poll::Ready(None);
            }
            Poll::Ready(Some(Err(error))) => {
                ProviderError::body(&open.lease.shared.id, Box::new(error))
            }
            Poll::Pending => match open.watch.poll(cx) {
                Poll::Ready(expired) => open.expired(expired),
                Poll::Pending => return Poll::Pending,
            },
        };
        tracing::debug!(target_id = error.target(), error = %error, "the reply broke off");
        self.open = None;
        Poll::Ready(Some(Err(error)))
    }

    fn is_end_stream(&self) -> bool {
        self.open
            .as_ref()
            .is_none_or(|open| open.incoming.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.open {
            Some(open) => open.incoming.size_hint(),
            None => SizeHint::with_exact(0),
        }
    }
}

impl fmt::Debug for ProviderBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderBody")
            .field("ended", &self.open.is_none())
            .finish_non_exhaustive()
    }
}
