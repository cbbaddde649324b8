//! The way of one request: read, record, call, wait for its record where the reply has no body.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use fw_stream::{BoxError, Collected, EndCause, ExpectedChoices, is_encoded, is_event_stream};
use fw_wire::ApiError;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::body::{AuditBody, AuditRequestBody, Stream};
use crate::exchange::{Cause, Open};
use crate::intake;
use crate::refusal;
use crate::route::Route;
use crate::settings::Config;
use crate::tap::Written;

pin_project! {
    /// The future of [`AuditService`](crate::AuditService).
    pub struct AuditFuture<S, F, ReqBody, ResBody> {
        #[pin]
        state: State<S, F, ReqBody, ResBody>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F, ReqBody, ResBody> {
        // The request's body is being read.
        Read {
            #[pin]
            body: ReqBody,
            collected: Collected,
            // Dropped before the body is read: its client has gone away, which is recorded.
            open: Option<Box<Open>>,
            route: Route,
            service: S,
        },
        // The inner service has it.
        Call { #[pin] future: F, open: Option<Box<Open>>, route: Route },
        // The reply has no body that could be kept back, so it waits itself.
        Answer { answer: Option<Box<Answer<ResBody>>> },
        // It is not recorded.
        Inner { #[pin] future: F },
    }
}

/// A reply that is given when its record is written.
struct Answer<B> {
    response: Response<AuditBody<B>>,
    written: Option<Written>,
    route: Route,
    /// Whose requests go nowhere without a record; none: they do.
    block: Option<Arc<Config>>,
}

// === impl AuditFuture ===

impl<S, F, ReqBody, ResBody> AuditFuture<S, F, ReqBody, ResBody> {
    /// A request that is not recorded.
    pub(crate) const fn inner(future: F) -> Self {
        Self {
            state: State::Inner { future },
        }
    }

    /// A request that is refused because it could not be recorded.
    pub(crate) fn unavailable(route: Route) -> Self {
        Self {
            state: State::Answer {
                answer: Some(Box::new(Answer::unavailable(route))),
            },
        }
    }

    /// Reads the body of a request, records that, and calls the service.
    pub(crate) fn read(
        request: Request<ReqBody>,
        service: S,
        route: Route,
        config: Arc<Config>,
    ) -> Self {
        let (parts, body) = request.into_parts();
        let open = intake::begin(parts, route, config);
        Self {
            state: State::Read {
                body,
                collected: Collected::default(),
                open: Some(open),
                route,
                service,
            },
        }
    }
}

impl<S, F, E, ReqBody, ResBody> Future for AuditFuture<S, F, ReqBody, ResBody>
where
    S: Service<
            Request<AuditRequestBody<ReqBody>>,
            Response = Response<ResBody>,
            Error = E,
            Future = F,
        >,
    F: Future<Output = Result<Response<ResBody>, E>>,
    ReqBody: Body<Data = Bytes>,
    ReqBody::Error: Into<BoxError>,
    ResBody: Body<Data = Bytes>,
    ResBody::Error: Into<BoxError>,
{
    type Output = Result<Response<AuditBody<ResBody>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProj::Read {
                    body,
                    collected,
                    open,
                    route,
                    service,
                } => {
                    let limit = open.as_ref().map_or(0, |open| open.limit());
                    let read = ready!(collected.poll_request(body, limit, cx));
                    // Polled after it was ready.
                    let Some(open) = open.take() else {
                        return Poll::Pending;
                    };
                    let route = *route;
                    match read {
                        Ok(bytes) => match open.take(&bytes) {
                            Some((parts, open)) => {
                                let body = AuditRequestBody::full(bytes);
                                let request = Request::from_parts(parts, body);
                                State::Call {
                                    future: open.tap.run(|| service.call(request)),
                                    open: Some(open),
                                    route,
                                }
                            }
                            None => State::Answer {
                                answer: Some(Box::new(Answer::unavailable(route))),
                            },
                        },
                        Err(error) => refused(&error, open, route),
                    }
                }
                StateProj::Call {
                    future,
                    open,
                    route,
                } => {
                    // Polled after it was ready.
                    let Some(called) = open.as_ref() else {
                        return Poll::Pending;
                    };
                    let reply = ready!(called.tap.run(|| future.poll(cx)));
                    let Some(open) = open.take() else {
                        return Poll::Pending;
                    };
                    match reply {
                        Ok(response) => match answer(response, open, *route) {
                            Ok(response) => return Poll::Ready(Ok(response)),
                            Err(answer) => State::Answer {
                                answer: Some(answer),
                            },
                        },
                        Err(error) => {
                            open.ended(Cause::ServiceError);
                            return Poll::Ready(Err(error));
                        }
                    }
                }
                StateProj::Answer { answer } => {
                    let written = match answer.as_ref().and_then(|a| a.written.as_ref()) {
                        Some(written) => ready!(written.poll(cx)),
                        None => Ok(()),
                    };
                    let Some(answer) = answer.take() else {
                        return Poll::Pending;
                    };
                    return Poll::Ready(Ok(match answer.block.filter(|_| written.is_err()) {
                        Some(config) => {
                            config.note_refused();
                            own(&refusal::unavailable(), answer.route)
                        }
                        None => answer.response,
                    }));
                }
                StateProj::Inner { future } => {
                    return future
                        .poll(cx)
                        .map_ok(|response| response.map(AuditBody::inner));
                }
            };
            state.set(next);
        }
    }
}

impl<S, F, ReqBody, ResBody> fmt::Debug for AuditFuture<S, F, ReqBody, ResBody> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Read { .. } => "Read",
            State::Call { .. } => "Call",
            State::Answer { .. } => "Answer",
            State::Inner { .. } => "Inner",
        };
        f.debug_struct("AuditFuture")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}

// === impl Answer ===

impl<B> Answer<B> {
    fn unavailable(route: Route) -> Self {
        Self {
            response: own(&refusal::unavailable(), route),
            written: None,
            route,
            block: None,
        }
    }
}

/// What becomes of a reply: it goes on with a body that is recorded, or it waits for its record.
fn answer<B: Body>(
    response: Response<B>,
    mut open: Box<Open>,
    route: Route,
) -> Result<Response<AuditBody<B>>, Box<Answer<B>>> {
    let (parts, body) = response.into_parts();
    open.answered(&parts);
    if body.is_end_stream() {
        let (tap, block) = (Arc::clone(&open.tap), open.config.blocking());
        open.ended(Cause::Reply(EndCause::Complete));
        return Err(Box::new(Answer {
            response: Response::from_parts(parts, AuditBody::inner(body)),
            written: tap.take_written(),
            route,
            block,
        }));
    }
    let content_type = parts.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_stream = content_type.is_some_and(is_event_stream) && !is_encoded(&parts.headers);
    let stream = is_stream.then(|| Stream {
        choices: parts
            .extensions
            .get()
            .map_or(1, |choices: &ExpectedChoices| choices.count()),
    });
    let body = AuditBody::recorded(body, &parts.headers, stream, route, open);
    Ok(Response::from_parts(parts, body))
}

/// A request that this layer refuses, and records.
fn refused<S, F, ReqBody, ResBody>(
    error: &ApiError,
    mut open: Box<Open>,
    route: Route,
) -> State<S, F, ReqBody, ResBody> {
    let (tap, block) = (Arc::clone(&open.tap), open.config.blocking());
    open.record.status = Some(error.status().as_u16());
    open.ended(Cause::Refused);
    State::Answer {
        answer: Some(Box::new(Answer {
            response: own(error, route),
            written: tap.take_written(),
            route,
            block,
        })),
    }
}

fn own<B>(error: &ApiError, route: Route) -> Response<AuditBody<B>> {
    error.to_response(route.error_shape).map(AuditBody::own)
}
