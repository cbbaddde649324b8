//! The way of one request: read, convert, call, convert the reply.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use fw_stream::{
    BoxError, Collected, ExpectedChoices, Framer, StreamBody, encoded_request_error, is_encoded,
    is_event_stream, reply_error, reply_too_large_error,
};
use fw_wire::{ApiError, Endpoint, ErrorShape};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header, request, response,
};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;
use tracing::Span;

use crate::{
    body::{ParamsBody, ParamsRequestBody},
    changes::ParamsChanges,
    config::Config,
    error,
    fallbacks::{FallbacksRead, UNREAD, UnreadFallbacks},
    reply::{aggregate::Aggregate, errors, plan::ReplyPlan, stream::ReplyTransform},
    request::{self as conversion, ConvertedRequest},
};

/// The response header that lists what was changed.
pub const CHANGES_HEADER: HeaderName = HeaderName::from_static("x-fw-params");

/// The field of the current [`tracing`] span that the changes are recorded in, if the span has it.
pub const CHANGES_SPAN_FIELD: &str = "fw.params";

const SESSION_AFFINITY: HeaderName = HeaderName::from_static("x-session-affinity");

pin_project! {
    /// The future of [`ParamsService`](crate::ParamsService).
    pub struct ParamsFuture<S, F, ReqBody, ResBody> {
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
            endpoint: Endpoint,
        },
        // It was refused, before or after reading.
        Refuse { error: ApiError, shape: ErrorShape },
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
        // A stream is being put together.
        Aggregate {
            #[pin]
            body: ResBody,
            // Boxed: it is large, rare, and the future moves with every request.
            aggregate: Box<(Option<Framer>, Aggregate)>,
            parts: Option<response::Parts>,
            then: Option<Then>,
        },
    }
}

/// What is known about the reply before it comes.
struct Then {
    plan: ReplyPlan,
    changes: ParamsChanges,
}

// === impl ParamsFuture ===

impl<S, F, ReqBody, ResBody> ParamsFuture<S, F, ReqBody, ResBody> {
    pub(crate) fn read(
        request: Request<ReqBody>,
        service: S,
        endpoint: Endpoint,
        config: Arc<Config>,
    ) -> Self {
        let (parts, body) = request.into_parts();
        let state = if is_encoded(&parts.headers) {
            State::Refuse {
                error: encoded_request_error(),
                shape: ErrorShape::for_endpoint(endpoint),
            }
        } else {
            let collected = Collected::default();
            State::Read {
                body,
                collected,
                parts: Some(parts),
                service,
                endpoint,
            }
        };
        Self { state, config }
    }

    pub(crate) fn call(future: F, plan: Option<ReplyPlan>, config: Arc<Config>) -> Self {
        let then = plan.map(|plan| Then {
            plan,
            changes: ParamsChanges::default(),
        });
        Self {
            state: State::Call { future, then },
            config,
        }
    }
}

impl<S, F, E, ReqBody, ResBody> Future for ParamsFuture<S, F, ReqBody, ResBody>
where
    S: Service<
            Request<ParamsRequestBody<ReqBody>>,
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
    type Output = Result<Response<ParamsBody<ResBody>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Read {
                    body,
                    collected,
                    parts,
                    service,
                    endpoint,
                } => {
                    let limit = this.config.max_body_bytes;
                    let read = ready!(collected.poll_request(body, limit, cx));
                    // Polled after it was ready.
                    let Some(parts) = parts.take() else {
                        return Poll::Pending;
                    };
                    let endpoint = *endpoint;
                    let returns = this.config.return_fallbacks
                        && parts.extensions.get::<FallbacksRead>().is_none();
                    let converted = read
                        .and_then(|body| conversion::convert(endpoint, body, this.config, returns));
                    match converted {
                        Ok(converted) => {
                            let (request, then) = upstream_request(parts, converted);
                            State::Call {
                                future: service.call(request),
                                then: Some(then),
                            }
                        }
                        Err(error) if error.error_code() == Some(UNREAD) => {
                            let mut back = refusal(&error, ErrorShape::for_endpoint(endpoint));
                            back.extensions_mut().insert(UnreadFallbacks::new(parts));
                            return Poll::Ready(Ok(back));
                        }
                        Err(error) => State::Refuse {
                            error,
                            shape: ErrorShape::for_endpoint(endpoint),
                        },
                    }
                }
                StateProj::Refuse { error, shape } => {
                    tracing::debug!(status = error.status().as_u16(), "request refused");
                    return Poll::Ready(Ok(refusal(error, *shape)));
                }
                StateProj::Call { future, then } => {
                    let response = ready!(future.poll(cx))?;
                    let Some(then) = then.take() else {
                        return Poll::Ready(Ok(response.map(ParamsBody::inner)));
                    };
                    match answer(response, then, this.config) {
                        Answer::Now(response) => return Poll::Ready(Ok(response)),
                        Answer::Read { body, parts, then } => State::Reply {
                            body,
                            collected: Collected::default(),
                            parts: Some(parts),
                            then: Some(then),
                        },
                        Answer::Aggregate { body, parts, then } => {
                            let limit = this.config.max_response_bytes;
                            State::Aggregate {
                                body,
                                aggregate: Box::new((
                                    Some(Framer::new().max_event_bytes(limit)),
                                    Aggregate::new(then.plan.endpoint, limit),
                                )),
                                parts: Some(parts),
                                then: Some(then),
                            }
                        }
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
                    let ready = ready!(collected.poll_reply(body, is_error, limit, cx));
                    let (Some(parts), Some(then)) = (parts.take(), then.take()) else {
                        // Polled after it was ready.
                        return Poll::Pending;
                    };
                    return Poll::Ready(Ok(finish_reply(ready, parts, then)));
                }
                StateProj::Aggregate {
                    body,
                    aggregate,
                    parts,
                    then,
                } => {
                    let (framer, aggregate) = &mut **aggregate;
                    let result = ready!(poll_aggregate(body, framer, aggregate, cx));
                    let (Some(parts), Some(then)) = (parts.take(), then.take()) else {
                        // Polled after it was ready.
                        return Poll::Pending;
                    };
                    return Poll::Ready(Ok(match result {
                        Ok(body) => finish_reply(Ok(body), json_head(parts), then),
                        Err(error) => finish_reply(Err(error), parts, then),
                    }));
                }
            };
            this.state.set(next);
        }
    }
}

impl<S, F, ReqBody, ResBody> fmt::Debug for ParamsFuture<S, F, ReqBody, ResBody> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Read { .. } => "Read",
            State::Refuse { .. } => "Refuse",
            State::Call { .. } => "Call",
            State::Reply { .. } => "Reply",
            State::Aggregate { .. } => "Aggregate",
        };
        f.debug_struct("ParamsFuture")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}

// === the request ===

fn upstream_request<B>(
    mut parts: request::Parts,
    converted: ConvertedRequest,
) -> (Request<ParamsRequestBody<B>>, Then) {
    let is_stream = converted.is_stream();
    let ConvertedRequest {
        body,
        changes,
        affinity,
        plan,
    } = converted;
    let headers = &mut parts.headers;
    // The body is whole now, and its length is known.
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::EXPECT);
    if let Some(length) = headers.get_mut(header::CONTENT_LENGTH) {
        *length = HeaderValue::from(body.len());
    }
    // Replies have to be read.
    headers.insert(
        header::ACCEPT_ENCODING,
        HeaderValue::from_static("identity"),
    );
    if is_stream {
        headers.insert(
            header::ACCEPT,
            HeaderValue::from_static("text/event-stream"),
        );
    }
    if let Some(affinity) = affinity
        && !headers.contains_key(SESSION_AFFINITY)
    {
        headers.insert(SESSION_AFFINITY, affinity);
    }
    if !changes.is_empty() {
        let endpoint = plan.endpoint.name();
        Span::current().record(CHANGES_SPAN_FIELD, tracing::field::display(&changes));
        tracing::debug!(endpoint, changes = %changes, "request parameters converted");
        parts.extensions.insert(changes.clone());
    }
    let request = Request::from_parts(parts, ParamsRequestBody::full(body));
    (request, Then { plan, changes })
}

fn refusal<B>(error: &ApiError, shape: ErrorShape) -> Response<ParamsBody<B>> {
    error.to_response(shape).map(ParamsBody::full)
}

// === the reply ===

/// What to do with a reply, by its head. It lives for a moment only, so its size does not matter.
#[allow(clippy::large_enum_variant)]
enum Answer<B> {
    Now(Response<ParamsBody<B>>),
    Read {
        body: B,
        parts: response::Parts,
        then: Then,
    },
    Aggregate {
        body: B,
        parts: response::Parts,
        then: Then,
    },
}

/// Looks at the head of a reply: it is the answer as it is, or has to be read first.
fn answer<B>(response: Response<B>, then: Then, config: &Config) -> Answer<B> {
    let (mut parts, body) = response.into_parts();
    let plan = &then.plan;
    if parts.status.is_client_error() || parts.status.is_server_error() {
        return Answer::Read { body, parts, then };
    }
    let is_stream = is_stream(&parts.headers, plan);
    let reads = match (parts.status.is_success(), is_stream) {
        (false, _) => false,
        (true, true) => plan.aggregate || plan.reads_events(),
        (true, false) => plan.reads_reply(),
    };
    if !reads {
        report(&mut parts, &then.changes);
        return Answer::Now(Response::from_parts(parts, ParamsBody::inner(body)));
    }
    if is_encoded(&parts.headers) {
        return Answer::Now(refusal(&error::encoded_reply(), plan.shape));
    }
    if !is_stream {
        return Answer::Read { body, parts, then };
    }
    if plan.aggregate {
        return Answer::Aggregate { body, parts, then };
    }
    let (transform, hidden) = ReplyTransform::new(plan);
    if let Some(hidden) = hidden {
        parts.extensions.insert(hidden);
    }
    if plan.choices > 1 {
        parts.extensions.insert(ExpectedChoices::new(plan.choices));
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    report(&mut parts, &then.changes);
    // An event of Responses may hold the whole response.
    let body = StreamBody::new(body, transform).max_event_bytes(config.max_response_bytes);
    Answer::Now(Response::from_parts(parts, ParamsBody::stream(body)))
}

fn finish_reply<B>(
    body: Result<Bytes, ApiError>,
    mut parts: response::Parts,
    then: Then,
) -> Response<ParamsBody<B>> {
    let Then { plan, mut changes } = then;
    let body = match body {
        Ok(body) if parts.status.is_success() => plan.convert(body, &mut changes),
        Ok(body) => {
            let encoded = is_encoded(&parts.headers);
            let kind = parts.headers.get(header::CONTENT_TYPE);
            let kind = kind
                .and_then(|kind| kind.to_str().ok())
                .filter(|_| !encoded);
            // What cannot be read is as good as nothing: the status still says what is wrong.
            let body = if encoded { Bytes::new() } else { body };
            let body = errors::convert(parts.status, kind, body, plan.shape);
            parts.headers.remove(header::CONTENT_ENCODING);
            parts = json_head(parts);
            body
        }
        Err(error) => {
            let mut response = refusal(&error, plan.shape);
            if let Some(value) = changes.to_header() {
                response.headers_mut().insert(CHANGES_HEADER, value);
            }
            return response;
        }
    };
    if plan.deleted.is_some() && parts.status == StatusCode::NO_CONTENT {
        parts.status = StatusCode::OK;
        parts = json_head(parts);
    }
    parts.headers.remove(header::TRANSFER_ENCODING);
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    report(&mut parts, &changes);
    Response::from_parts(parts, ParamsBody::full(body))
}

fn json_head(mut parts: response::Parts) -> response::Parts {
    let json = HeaderValue::from_static("application/json");
    parts.headers.insert(header::CONTENT_TYPE, json);
    parts
}

/// Reads a stream to its end. What comes after the end marker is of no interest, and not waited for.
fn poll_aggregate<B>(
    mut body: Pin<&mut B>,
    framer: &mut Option<Framer>,
    aggregate: &mut Aggregate,
    cx: &mut Context<'_>,
) -> Poll<Result<Bytes, ApiError>>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    loop {
        let frame = match body.as_mut().poll_frame(cx) {
            Poll::Pending if !aggregate.is_done() => return Poll::Pending,
            Poll::Pending | Poll::Ready(None) => break,
            Poll::Ready(Some(Ok(frame))) => frame,
            Poll::Ready(Some(Err(error))) => {
                let result = aggregate.finish();
                return Poll::Ready(result.map_err(|_| broke_off(error.into())));
            }
        };
        let (Some(framer), Ok(data)) = (framer.as_mut(), frame.into_data()) else {
            continue;
        };
        framer.push(data);
        loop {
            match framer.next_event() {
                Ok(None) => break,
                Ok(Some(event)) => aggregate.event(&event)?,
                Err(error) => return Poll::Ready(Err(reply_too_large_error(error.limit()))),
            }
        }
    }
    if let Some(rest) = framer.take().and_then(Framer::finish) {
        aggregate.event(&rest)?;
    }
    Poll::Ready(aggregate.finish())
}

fn broke_off(error: BoxError) -> ApiError {
    tracing::debug!(error = %error, "the provider's reply failed");
    reply_error(&*error)
}

/// Puts the changes where the client and the layers above find them.
fn report(parts: &mut response::Parts, changes: &ParamsChanges) {
    if let Some(value) = changes.to_header() {
        parts.headers.insert(CHANGES_HEADER, value);
        parts.extensions.insert(changes.clone());
    }
}

// === headers ===

/// Whether a reply is a stream: by its type, or by what was asked for if it has none.
fn is_stream(headers: &HeaderMap, plan: &ReplyPlan) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .map_or(plan.stream || plan.aggregate, |kind| {
            is_event_stream(kind.as_bytes())
        })
}
