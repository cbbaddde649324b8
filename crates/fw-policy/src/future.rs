//! The way of one request: read, check, call, check the reply.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use fw_stream::{BoxError, CollectError, Collected, encoded_request_error, is_encoded};
use fw_wire::{ApiError, Endpoint};
use http::{Extensions, Request, Response, request, response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    body::{PolicyBody, PolicyRequestBody},
    config::Config,
    decisions::Decisions,
    exchange::Exchange,
    held::Held,
    reply::{self, Answer, Then},
    request::{self as inspection, Passed},
    route::Reply,
};

pin_project! {
    /// The future of [`PolicyService`](crate::PolicyService).
    pub struct PolicyFuture<S, F, ReqBody, ResBody> {
        #[pin]
        state: State<S, F, ReqBody, ResBody>,
        config: Arc<Config>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F, ReqBody, ResBody> {
        // The request's body is being read.
        Read {
            #[pin]
            body: Held<ReqBody>,
            collected: Collected,
            parts: Option<(request::Parts, Exchange)>,
            service: S,
        },
        // It was refused, before or after reading.
        Refuse { error: Box<ApiError>, exchange: Exchange },
        // The inner service has it.
        Call { #[pin] future: F, then: Option<Then> },
        // A plain reply is being read.
        Reply {
            #[pin]
            body: Held<ResBody>,
            collected: Collected,
            parts: Option<(response::Parts, Then)>,
        },
    }
}

// === impl PolicyFuture ===

impl<S, F, ReqBody, ResBody> PolicyFuture<S, F, ReqBody, ResBody> {
    /// Reads the body of a request, checks it, and calls the service.
    pub(crate) fn read(
        request: Request<ReqBody>,
        mut service: S,
        endpoint: Endpoint,
        config: Arc<Config>,
    ) -> Self
    where
        S: Service<Request<PolicyRequestBody<ReqBody>>, Future = F>,
    {
        let (mut parts, body) = request.into_parts();
        let exchange = exchange(&mut parts.extensions, endpoint);
        let state = if !is_encoded(&parts.headers) {
            State::Read {
                body: Held::new(body, config.is_open()),
                collected: Collected::default(),
                parts: Some((parts, exchange)),
                service,
            }
        } else if config.is_open() {
            tracing::warn!(
                endpoint = endpoint.name(),
                code = "content_encoding",
                "request passed unchecked"
            );
            let body = PolicyRequestBody::inner(body);
            call(&mut service, parts, body, exchange, false, &config)
        } else {
            State::Refuse {
                error: Box::new(encoded_request_error()),
                exchange,
            }
        };
        Self { state, config }
    }

    /// Waits for the reply of a request whose body is not looked at.
    pub(crate) fn call(future: F, then: Option<Then>, config: Arc<Config>) -> Self {
        Self {
            state: State::Call { future, then },
            config,
        }
    }
}

/// Gets a request ready of which only the reply is looked at.
pub(crate) fn only_reply<B>(mut request: Request<B>, reply: Reply) -> (Request<B>, Then) {
    inspection::ask_for_plain_reply(request.headers_mut());
    let then = Then {
        exchange: exchange(request.extensions_mut(), reply.endpoint),
        reply,
        stream: false,
    };
    (request, then)
}

impl<S, F, E, ReqBody, ResBody> Future for PolicyFuture<S, F, ReqBody, ResBody>
where
    S: Service<
            Request<PolicyRequestBody<ReqBody>>,
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
    type Output = Result<Response<PolicyBody<ResBody>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Read {
                    mut body,
                    collected,
                    parts,
                    service,
                } => {
                    let limit = this.config.max_body_bytes;
                    let Some(unread) = body.as_mut().body() else {
                        return Poll::Pending;
                    };
                    let read = ready!(collected.poll(unread, limit, cx));
                    // Polled after it was ready.
                    let Some((parts, mut exchange)) = parts.take() else {
                        return Poll::Pending;
                    };
                    let checked = match read {
                        Ok(bytes) => {
                            let before = bytes.clone();
                            inspection::check(bytes, &mut exchange, this.config)
                                .map(|passed| Checked::Whole { passed, before })
                        }
                        Err(CollectError::TooLarge(read)) => match body.take() {
                            Some(rest) => Ok(Checked::Rest(read, rest)),
                            None => Err(Box::new(ApiError::payload_too_large(limit))),
                        },
                        Err(CollectError::Body(error)) => {
                            Err(Box::new(inspection::unreadable(error.into(), limit)))
                        }
                    };
                    match checked {
                        Ok(checked) => call_checked(service, parts, exchange, checked, this.config),
                        Err(error) => State::Refuse { error, exchange },
                    }
                }
                StateProj::Refuse { error, exchange } => {
                    return Poll::Ready(Ok(reply::refusal(error, exchange, this.config)));
                }
                StateProj::Call { future, then } => {
                    let response = ready!(future.poll(cx))?;
                    let Some(then) = then.take() else {
                        return Poll::Ready(Ok(response.map(PolicyBody::inner)));
                    };
                    match reply::answer(response, then, this.config) {
                        Answer::Now(response) => return Poll::Ready(Ok(response)),
                        Answer::Read { body, parts, then } => State::Reply {
                            body: Held::new(body, this.config.is_open()),
                            collected: Collected::default(),
                            parts: Some((parts, then)),
                        },
                    }
                }
                StateProj::Reply {
                    mut body,
                    collected,
                    parts,
                } => {
                    let limit = this.config.max_response_bytes;
                    let Some(unread) = body.as_mut().body() else {
                        return Poll::Pending;
                    };
                    let read = ready!(collected.poll(unread, limit, cx));
                    // Polled after it was ready.
                    let Some((parts, then)) = parts.take() else {
                        return Poll::Pending;
                    };
                    return Poll::Ready(Ok(match read {
                        Ok(bytes) => reply::check(bytes, parts, then, this.config),
                        Err(CollectError::TooLarge(read)) => {
                            reply::too_large(read, body.take(), parts, then, this.config)
                        }
                        Err(CollectError::Body(error)) => {
                            reply::broke_off(error.into(), &then, this.config)
                        }
                    }));
                }
            };
            this.state.set(next);
        }
    }
}

impl<S, F, ReqBody, ResBody> fmt::Debug for PolicyFuture<S, F, ReqBody, ResBody> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Read { .. } => "Read",
            State::Refuse { .. } => "Refuse",
            State::Call { .. } => "Call",
            State::Reply { .. } => "Reply",
        };
        f.debug_struct("PolicyFuture")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}

/// The body of a request that may go on.
enum Checked<B> {
    Whole { passed: Passed, before: Bytes },
    // Too large to be checked, and let through: what was read, and the rest.
    Rest(Bytes, Pin<Box<B>>),
}

fn call_checked<S, ReqBody, ResBody>(
    service: &mut S,
    mut parts: request::Parts,
    exchange: Exchange,
    checked: Checked<ReqBody>,
    config: &Config,
) -> State<S, S::Future, ReqBody, ResBody>
where
    S: Service<Request<PolicyRequestBody<ReqBody>>>,
{
    match checked {
        Checked::Whole { passed, before } => {
            let changed = passed.body != before;
            inspection::set_headers(&mut parts.headers, passed.body.len(), changed);
            let body = PolicyRequestBody::full(passed.body);
            call(service, parts, body, exchange, passed.stream, config)
        }
        Checked::Rest(read, rest) => {
            tracing::warn!(
                endpoint = exchange.endpoint().name(),
                code = "too_large",
                "request passed unchecked"
            );
            let body = PolicyRequestBody::rest(read, rest);
            call(service, parts, body, exchange, false, config)
        }
    }
}

fn call<S, ReqBody, ResBody>(
    service: &mut S,
    mut parts: request::Parts,
    body: PolicyRequestBody<ReqBody>,
    exchange: Exchange,
    stream: bool,
    config: &Config,
) -> State<S, S::Future, ReqBody, ResBody>
where
    S: Service<Request<PolicyRequestBody<ReqBody>>>,
{
    if config.has_response {
        inspection::ask_for_plain_reply(&mut parts.headers);
    }
    let then = Then {
        reply: Reply::of(exchange.endpoint()),
        exchange,
        stream,
    };
    State::Call {
        future: service.call(Request::from_parts(parts, body)),
        then: Some(then),
    }
}

/// The exchange of a request, with the record that is in its extensions, or one that is put there.
fn exchange(extensions: &mut Extensions, endpoint: Endpoint) -> Exchange {
    let decisions = extensions.get_or_insert_default::<Decisions>().clone();
    Exchange::recorded(endpoint, decisions)
}
