//! The way of one request: read, convert, call, convert the reply.

use std::{
    fmt, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_stream::{BoxError, Collected, encoded_request_error, is_encoded};
use fw_wire::ErrorShape;
use http::{Request, Response, request, response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    body::{ResponsesBody, ResponsesRequestBody},
    config::Config,
    create::Pending,
    error,
    kept::Later,
};

use self::{
    reply::{Answer, answer, finish_reply},
    upstream::upstream_request,
};

mod reply;
mod upstream;

const SHAPE: ErrorShape = ErrorShape::OpenAi;

pin_project! {
    /// The future of [`ResponsesService`](crate::ResponsesService).
    pub struct ResponsesFuture<S, F, ReqBody, ResBody> {
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
            body: ReqBody,
            collected: Collected,
            parts: Option<request::Parts>,
            service: S,
        },
        // The answer is known.
        Ready { response: Response<Bytes> },
        // The answer waits for the disk.
        Later { answer: Later },
        // The provider has it.
        Call { #[pin] future: F, then: Option<Then> },
        // A reply that must be looked at as a whole is being read.
        Reply {
            #[pin]
            body: ResBody,
            collected: Collected,
            parts: Option<response::Parts>,
            then: Option<Then>,
        },
    }
}

/// What is known about the reply before it comes.
struct Then {
    changes: ParamsChanges,
    pending: Option<Pending>,
}

// === impl ResponsesFuture ===

impl<S, F, ReqBody, ResBody> ResponsesFuture<S, F, ReqBody, ResBody> {
    /// Reads a request for a response, then calls.
    pub(crate) fn read(
        parts: request::Parts,
        body: ReqBody,
        service: S,
        config: Arc<Config>,
    ) -> Self {
        if is_encoded(&parts.headers) {
            let refused = encoded_request_error().to_response(SHAPE);
            return Self::ready(refused, config);
        }
        let state = State::Read {
            body,
            collected: Collected::default(),
            parts: Some(parts),
            service,
        };
        Self { state, config }
    }

    pub(crate) const fn ready(response: Response<Bytes>, config: Arc<Config>) -> Self {
        let state = State::Ready { response };
        Self { state, config }
    }

    pub(crate) const fn later(answer: Later, config: Arc<Config>) -> Self {
        let state = State::Later { answer };
        Self { state, config }
    }

    /// A request that is none of this layer's business.
    pub(crate) const fn pass(future: F, config: Arc<Config>) -> Self {
        let state = State::Call { future, then: None };
        Self { state, config }
    }
}

impl<S, F, E, ReqBody, ResBody> Future for ResponsesFuture<S, F, ReqBody, ResBody>
where
    S: Service<
            Request<ResponsesRequestBody<ReqBody>>,
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
    type Output = Result<Response<ResponsesBody<ResBody>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Read {
                    body,
                    collected,
                    parts,
                    service,
                } => {
                    let limit = this.config.max_body_bytes;
                    let read = ready!(collected.poll_request(body, limit, cx));
                    let request = parts.take().ok_or_else(error::polled_again);
                    match request.and_then(|parts| upstream_request(parts, read?, this.config)) {
                        Ok((request, then)) => State::Call {
                            future: service.call(request),
                            then: Some(then),
                        },
                        Err(error) => {
                            tracing::debug!(status = error.status().as_u16(), "request refused");
                            State::Ready {
                                response: error.to_response(SHAPE),
                            }
                        }
                    }
                }
                StateProj::Ready { response } => {
                    let response = mem::replace(response, Response::new(Bytes::new()));
                    return Poll::Ready(Ok(response.map(ResponsesBody::full)));
                }
                StateProj::Later { answer } => State::Ready {
                    response: ready!(answer.as_mut().poll(cx)),
                },
                StateProj::Call { future, then } => {
                    let response = ready!(future.poll(cx))?;
                    let Some(then) = then.take() else {
                        return Poll::Ready(Ok(response.map(ResponsesBody::inner)));
                    };
                    match answer(response, then, this.config) {
                        Answer::Now(response) => return Poll::Ready(Ok(response)),
                        Answer::Read { body, parts, then } => State::Reply {
                            body,
                            collected: Collected::default(),
                            parts: Some(parts),
                            then: Some(then),
                        },
                    }
                }
                StateProj::Reply {
                    body,
                    collected,
                    parts,
                    then,
                } => {
                    let is_error = parts
                        .as_ref()
                        .is_some_and(|parts| !parts.status.is_success());
                    let limit = this.config.max_response_bytes;
                    let reply = ready!(collected.poll_reply(body, is_error, limit, cx));
                    let (Some(parts), Some(then)) = (parts.take(), then.take()) else {
                        // Polled after it was ready.
                        return Poll::Pending;
                    };
                    return Poll::Ready(Ok(finish_reply(reply, parts, then)));
                }
            };
            this.state.set(next);
        }
    }
}

impl<S, F, ReqBody, ResBody> fmt::Debug for ResponsesFuture<S, F, ReqBody, ResBody> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Read { .. } => "Read",
            State::Ready { .. } => "Ready",
            State::Later { .. } => "Later",
            State::Call { .. } => "Call",
            State::Reply { .. } => "Reply",
        };
        f.debug_struct("ResponsesFuture")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
