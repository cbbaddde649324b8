use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Response, Version};
use hyper_util::client::legacy::ResponseFuture;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};

use crate::body::Incoming;
use crate::deadline::Watch;
use crate::error::Deadline;
use crate::service::{Lease, Shared};
use crate::{ErrorKind, ProviderBody, ProviderError, headers, http1};

pin_project! {
    /// Response future of [`Provider`](crate::Provider).
    ///
    /// Dropping it before it is ready cancels the request.
    pub struct ProviderFuture {
        #[pin]
        state: State,
    }
}

pin_project! {
    #[project = StateProj]
    enum State {
        Waiting {
            response: Sent,
            // Taken when the reply begins.
            lease: Option<Lease>,
            start: Instant,
            streaming: bool,
            // Made when the reply is not there at once. It is kept here and
            // not on the heap: few replies live on to need one in their body.
            #[pin]
            timer: Option<Sleep>,
        },
        Failed {
            error: Option<ProviderError>,
        },
        Done,
    }
}

/// A request under way.
pub(crate) enum Sent {
    /// Over an HTTP/1.1 connection of its own.
    Http1(http1::Exchange),
    /// Over whatever the server prefers.
    Negotiated(ResponseFuture),
}

impl Sent {
    fn poll(
        &mut self,
        shared: &Shared,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Response<Incoming>, ProviderError>> {
        let error = match self {
            Self::Http1(exchange) => match ready!(exchange.as_mut().poll(cx)) {
                Ok(response) => return Poll::Ready(Ok(response.map(Incoming::Http1))),
                Err(http1::Failure::Connect(source)) => {
                    ProviderError::connect(&shared.id, shared.timeouts.connect, source)
                }
                Err(http1::Failure::Exchange(source)) => {
                    ProviderError::request(&shared.id, Box::new(source))
                }
            },
            Self::Negotiated(response) => match ready!(Pin::new(response).poll(cx)) {
                Ok(response) => {
                    if response.version() == Version::HTTP_11 {
                        shared.http1_only.learn();
                    }
                    return Poll::Ready(Ok(response.map(Incoming::Negotiated)));
                }
                Err(source) if source.is_connect() => {
                    let source = Box::new(source);
                    ProviderError::connect(&shared.id, shared.timeouts.connect, source)
                }
                Err(source) => ProviderError::request(&shared.id, Box::new(source)),
            },
        };
        if error.kind() == ErrorKind::Tls {
            shared.http1_only.forget();
        }
        Poll::Ready(Err(error))
    }
}

impl ProviderFuture {
    pub(crate) fn new(response: Sent, lease: Lease, start: Instant, streaming: bool) -> Self {
        Self {
            state: State::Waiting {
                response,
                lease: Some(lease),
                start,
                streaming,
                timer: None,
            },
        }
    }

    pub(crate) fn failed(error: ProviderError) -> Self {
        Self {
            state: State::Failed { error: Some(error) },
        }
    }
}

impl Future for ProviderFuture {
    type Output = Result<Response<ProviderBody>, ProviderError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        let output = match state.as_mut().project() {
            StateProj::Waiting {
                response,
                lease: slot,
                start,
                streaming,
                mut timer,
            } => {
                // Present until the future is done.
                let Some(lease) = slot.as_ref() else {
                    return Poll::Pending;
                };
                match response.poll(&lease.shared, cx) {
                    Poll::Ready(Ok(response)) => match slot.take() {
                        Some(lease) => Ok(begin(response, lease, *start)),
                        None => return Poll::Pending,
                    },
                    Poll::Ready(Err(error)) => Err(error),
                    Poll::Pending => {
                        let (after, deadline) = head_deadline(&lease.shared, *streaming);
                        // A deadline beyond the clock's reach is none.
                        let Some(at) = start.checked_add(after) else {
                            return Poll::Pending;
                        };
                        if timer.is_none() {
                            timer.set(Some(tokio::time::sleep_until(at)));
                        }
                        match timer.as_pin_mut().map(|timer| timer.poll(cx)) {
                            Some(Poll::Ready(())) => Err(ProviderError::timeout(
                                &lease.shared.id,
                                deadline,
                                Some(after),
                            )),
                            _ => return Poll::Pending,
                        }
                    }
                }
            }
            StateProj::Failed { error } => match error.take() {
                Some(error) => Err(error),
                None => return Poll::Pending,
            },
            StateProj::Done => return Poll::Pending,
        };
        // Lets go of the request, and after a deadline of its connection.
        state.set(State::Done);
        if let Err(error) = &output {
            tracing::debug!(target_id = error.target(), error = %error, "no reply");
        }
        Poll::Ready(output)
    }
}

/// The deadline until the head of the reply.
fn head_deadline(shared: &Shared, streaming: bool) -> (Duration, Deadline) {
    if !streaming {
        return (shared.timeouts.reply, Deadline::Reply);
    }
    let stream = (shared.stream_timeout(), Deadline::Stream);
    match shared.timeouts.first_byte {
        Some(first) if first < stream.0 => (first, Deadline::FirstByte),
        _ => stream,
    }
}

fn begin(response: Response<Incoming>, lease: Lease, start: Instant) -> Response<ProviderBody> {
    let shared = &lease.shared;
    let (mut head, body) = response.into_parts();
    // The next hop has its own version (RFC 9110 section 2.5).
    head.version = Version::HTTP_11;
    let timeouts = shared.timeouts;
    let (total, deadline, first) = if headers::is_stream(&head.headers) {
        (
            shared.stream_timeout(),
            Deadline::Stream,
            timeouts.first_byte,
        )
    } else {
        (timeouts.reply, Deadline::Reply, None)
    };
    headers::prepare_reply(&mut head.headers, shared.expose_headers);
    let watch = Watch::new(
        start.checked_add(total),
        first.and_then(|first| start.checked_add(first)),
        timeouts.idle,
    );
    Response::from_parts(head, ProviderBody::new(body, watch, deadline, lease))
}

impl fmt::Debug for ProviderFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderFuture").finish_non_exhaustive()
    }
}
