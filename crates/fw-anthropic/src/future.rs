//! The way of one request: read, convert, call, convert the reply.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_stream::{BoxError, Collected, encoded_request_error, is_encoded};
use fw_wire::ApiError;
use http::{HeaderValue, Request, Response, StatusCode, request, response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    body::{MessagesBody, MessagesRequestBody},
    config::Config,
    count::count_tokens,
    head,
    reply::{self, Answer, Then},
    request::chat_request,
    route::Route,
};

pin_project! {
    /// The future of [`MessagesService`](crate::MessagesService).
    pub struct MessagesFuture<S, F, ReqBody, ResBody> {
        #[pin]
        state: State<S, F, ReqBody, ResBody>,
        config: Config,
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
            route: Route,
        },
        // It is answered here, before or after reading.
        Answered { response: Option<Response<MessagesBody<ResBody>>> },
        // The provider has it.
        Call { #[pin] future: F, then: Option<Then> },
        // A reply that must be looked at as a whole is being read.
        Reply {
            #[pin]
            body: ResBody,
            collected: Collected,
            head: Option<(response::Parts, Then)>,
        },
    }
}

// === impl MessagesFuture ===

impl<S, F, ReqBody, ResBody> MessagesFuture<S, F, ReqBody, ResBody> {
    pub(crate) fn read(
        request: Request<ReqBody>,
        service: S,
        route: Route,
        config: Config,
    ) -> Self {
        let (parts, body) = request.into_parts();
        let state = if is_encoded(&parts.headers) {
            State::refuse(encoded_request_error(), head::request_id(&parts.headers))
        } else {
            State::Read {
                body,
                collected: Collected::default(),
                parts: Some(parts),
                service,
                route,
            }
        };
        Self { state, config }
    }

    pub(crate) const fn pass(future: F, config: Config) -> Self {
        Self {
            state: State::Call { future, then: None },
            config,
        }
    }
}

impl<S, F, ReqBody, ResBody> State<S, F, ReqBody, ResBody> {
    fn refuse(error: ApiError, request_id: Option<&HeaderValue>) -> Self {
        tracing::debug!(status = error.status().as_u16(), "request refused");
        Self::Answered {
            response: Some(reply::refusal(error, request_id)),
        }
    }
}

impl<S, F, E, ReqBody, ResBody> Future for MessagesFuture<S, F, ReqBody, ResBody>
where
    S: Service<
            Request<MessagesRequestBody<ReqBody>>,
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
    type Output = Result<Response<MessagesBody<ResBody>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Read {
                    body,
                    collected,
                    parts,
                    service,
                    route,
                } => {
                    let limit = this.config.max_body_bytes;
                    let read = ready!(collected.poll_request(body, limit, cx));
                    let Some(parts) = parts.take() else {
                        // Polled after it was ready.
                        return Poll::Pending;
                    };
                    let id = head::request_id(&parts.headers).cloned();
                    let converted = read.and_then(|body| match route {
                        Route::CountTokens => Ok(Converted::Answer(count(&body, id.as_ref())?)),
                        _ => upstream_request(parts, &body, id.clone()),
                    });
                    match converted {
                        Ok(Converted::Request(request, then)) => State::Call {
                            future: service.call(request),
                            then: Some(then),
                        },
                        Ok(Converted::Answer(response)) => State::Answered {
                            response: Some(response),
                        },
                        Err(error) => State::refuse(error, id.as_ref()),
                    }
                }
                StateProj::Answered { response } => {
                    return match response.take() {
                        Some(response) => Poll::Ready(Ok(response)),
                        // Polled after it was ready.
                        None => Poll::Pending,
                    };
                }
                StateProj::Call { future, then } => {
                    let response = ready!(future.poll(cx))?;
                    let Some(then) = then.take() else {
                        return Poll::Ready(Ok(response.map(MessagesBody::inner)));
                    };
                    match reply::answer(response, then, this.config) {
                        Answer::Now(response) => return Poll::Ready(Ok(response)),
                        Answer::Read { body, parts, then } => State::Reply {
                            body,
                            collected: Collected::default(),
                            head: Some((parts, then)),
                        },
                    }
                }
                StateProj::Reply {
                    body,
                    collected,
                    head,
                } => {
                    let is_error = head
                        .as_ref()
                        .is_some_and(|(parts, _)| !parts.status.is_success());
                    let limit = this.config.max_response_bytes;
                    let read = ready!(collected.poll_reply(body, is_error, limit, cx));
                    let Some((parts, then)) = head.take() else {
                        // Polled after it was ready.
                        return Poll::Pending;
                    };
                    return Poll::Ready(Ok(reply::finish(read, parts, &then)));
                }
            };
            this.state.set(next);
        }
    }
}

impl<S, F, ReqBody, ResBody> fmt::Debug for MessagesFuture<S, F, ReqBody, ResBody> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Read { .. } => "Read",
            State::Answered { .. } => "Answered",
            State::Call { .. } => "Call",
            State::Reply { .. } => "Reply",
        };
        f.debug_struct("MessagesFuture")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}

// === the request ===

/// What becomes of a request. It lives for a moment only, so its size does not matter.
#[allow(clippy::large_enum_variant)]
enum Converted<ReqBody, ResBody> {
    Request(Request<MessagesRequestBody<ReqBody>>, Then),
    Answer(Response<MessagesBody<ResBody>>),
}

fn upstream_request<ReqBody, ResBody>(
    mut parts: request::Parts,
    body: &Bytes,
    request_id: Option<HeaderValue>,
) -> Result<Converted<ReqBody, ResBody>, ApiError> {
    let mut changes = ParamsChanges::default();
    let chat = chat_request(body, &mut changes)?;
    let is_stream = chat.is_stream();
    let body = chat.into_body();
    head::for_chat(&mut parts, body.len(), is_stream);
    let request = Request::from_parts(parts, MessagesRequestBody::full(body));
    let then = Then {
        is_stream,
        changes,
        request_id,
    };
    Ok(Converted::Request(request, then))
}

/// The answer to a question for the number of tokens.
fn count<B>(
    body: &Bytes,
    request_id: Option<&HeaderValue>,
) -> Result<Response<MessagesBody<B>>, ApiError> {
    let tokens = count_tokens(body)?;
    let body = Bytes::from(format!("{{\"input_tokens\":{tokens}}}"));
    let length = body.len();
    let mut response = Response::new(MessagesBody::full(body));
    *response.status_mut() = StatusCode::OK;
    head::set_json(response.headers_mut(), length);
    head::name_request(response.headers_mut(), request_id);
    Ok(response)
}
