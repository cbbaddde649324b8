//! What the policies say about a reply.

use std::pin::Pin;

use bytes::Bytes;
use fw_stream::{BoxError, StreamBody, is_encoded, reply_error};
use fw_wire::{ApiError, Direction, ErrorShape};
use http::{HeaderName, Response, StatusCode, header, response};
use http_body::Body;
use tracing::Span;

use crate::{
    body::PolicyBody,
    config::Config,
    error,
    exchange::Exchange,
    headers::{forget_bytes, is_stream, set_length},
    route::Reply,
    stream,
    texts::Texts,
};

/// The response header that says what was done about the request:
/// `pii-detector=redact(EMAIL:2,PHONE:1)`. It is not there when everything was allowed.
pub const POLICY_HEADER: HeaderName = HeaderName::from_static("x-fw-policy");

/// The field of the current [`tracing`] span that the same is recorded in, if the span has it.
pub const POLICY_SPAN_FIELD: &str = "fw.policy";

/// What is known about the reply before it comes.
pub(crate) struct Then {
    pub(crate) exchange: Exchange,
    pub(crate) reply: Reply,
    /// The client asked for a stream.
    pub(crate) stream: bool,
}

/// What to do with a reply, by its head. It lives for a moment only, so its size does not matter.
#[allow(clippy::large_enum_variant)]
pub(crate) enum Answer<B> {
    Now(Response<PolicyBody<B>>),
    Read {
        body: B,
        parts: response::Parts,
        then: Then,
    },
}

/// Looks at the head of a reply: it is the answer as it is, or has to be read first.
pub(crate) fn answer<B: Body>(response: Response<B>, then: Then, config: &Config) -> Answer<B> {
    let (mut parts, body) = response.into_parts();
    let is_empty = matches!(
        parts.status,
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED | StatusCode::SWITCHING_PROTOCOLS
    ) || body.is_end_stream();
    if !config.has_response || is_empty {
        report(&mut parts, &then.exchange, config);
        return Answer::Now(Response::from_parts(parts, PolicyBody::inner(body)));
    }
    if is_encoded(&parts.headers) {
        return Answer::Now(if config.is_open() {
            unchecked(&then, "content_encoding");
            report(&mut parts, &then.exchange, config);
            Response::from_parts(parts, PolicyBody::inner(body))
        } else {
            refusal(&error::encoded_reply(), &then.exchange, config)
        });
    }
    let asked = then.stream && parts.status.is_success();
    if !is_stream(&parts.headers, asked) {
        return Answer::Read { body, parts, then };
    }
    report(&mut parts, &then.exchange, config);
    parts.headers.remove(header::CONTENT_LENGTH);
    forget_bytes(&mut parts.headers);
    // An event of Responses may hold the whole response.
    let body = StreamBody::new(body, stream::transform(then.exchange, config))
        .max_event_bytes(config.max_response_bytes);
    Answer::Now(Response::from_parts(parts, PolicyBody::stream(body)))
}

/// Runs the policies over a whole reply.
pub(crate) fn check<B>(
    body: Bytes,
    mut parts: response::Parts,
    mut then: Then,
    config: &Config,
) -> Response<PolicyBody<B>> {
    if body.is_empty() {
        report(&mut parts, &then.exchange, config);
        return Response::from_parts(parts, PolicyBody::full(body));
    }
    let texts = if then.reply.unknown || !parts.status.is_success() {
        Texts::whole(then.reply.endpoint, Direction::Reply, body.clone())
    } else {
        Texts::parse(then.reply.endpoint, Direction::Reply, body.clone())
    };
    let body = match texts {
        Ok(mut texts) => {
            if let Err(denial) = config.chain.response(&mut texts, &mut then.exchange) {
                let denial = denial.with_status(config.denial_status);
                return refusal(&denial, &then.exchange, config);
            }
            if texts.is_changed() {
                forget_bytes(&mut parts.headers);
            }
            texts.finish()
        }
        Err(_) if config.is_open() => {
            unchecked(&then, "not_json");
            body
        }
        Err(_) => {
            let error = error::unreadable_reply();
            // An error stays the error that it is; only its words are not passed on.
            let error = if parts.status.is_success() {
                error
            } else {
                error.with_status(parts.status)
            };
            return refusal(&error, &then.exchange, config);
        }
    };
    set_length(&mut parts.headers, body.len());
    report(&mut parts, &then.exchange, config);
    Response::from_parts(parts, PolicyBody::full(body))
}

/// What becomes of a reply that is larger than it may be: this much was read, `body` has the rest.
pub(crate) fn too_large<B>(
    read: Bytes,
    body: Option<Pin<Box<B>>>,
    mut parts: response::Parts,
    then: Then,
    config: &Config,
) -> Response<PolicyBody<B>> {
    match body {
        Some(body) if config.is_open() => {
            unchecked(&then, "too_large");
            report(&mut parts, &then.exchange, config);
            Response::from_parts(parts, PolicyBody::rest(read, body))
        }
        _ => refusal(
            &error::reply_too_large(config.max_response_bytes),
            &then.exchange,
            config,
        ),
    }
}

/// What becomes of a reply that broke off. Nothing of it was checked, so nothing of it passes.
pub(crate) fn broke_off<B>(
    error: BoxError,
    then: &Then,
    config: &Config,
) -> Response<PolicyBody<B>> {
    tracing::debug!(error = %error, "the reply failed");
    refusal(&reply_error(&*error), &then.exchange, config)
}

/// An error as the response.
pub(crate) fn refusal<B>(
    error: &ApiError,
    exchange: &Exchange,
    config: &Config,
) -> Response<PolicyBody<B>> {
    let endpoint = exchange.endpoint();
    tracing::debug!(
        endpoint = endpoint.name(),
        status = error.status().as_u16(),
        code = error.error_code(),
        policy = error.denied_by(),
        "refused"
    );
    let response = error.to_response(ErrorShape::for_endpoint(endpoint));
    let (mut parts, body) = response.into_parts();
    report(&mut parts, exchange, config);
    Response::from_parts(parts, PolicyBody::full(body))
}

fn unchecked(then: &Then, why: &'static str) {
    let endpoint = then.reply.endpoint.name();
    tracing::warn!(endpoint, code = why, "reply passed unchecked");
}

/// Puts the decisions where the client and the layers above find them.
fn report(parts: &mut response::Parts, exchange: &Exchange, config: &Config) {
    let decisions = exchange.decisions();
    if let Some(value) = decisions.to_header() {
        if let Ok(line) = value.to_str() {
            Span::current().record(POLICY_SPAN_FIELD, line);
        }
        if config.header {
            parts.headers.insert(POLICY_HEADER, value);
        }
    }
    parts.extensions.insert(decisions.clone());
}
