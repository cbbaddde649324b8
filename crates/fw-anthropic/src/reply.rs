//! What becomes of the reply to a converted request.

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_stream::{StreamBody, is_encoded, is_event_stream};
use fw_wire::{ApiError, ErrorShape, Value};
use http::{HeaderValue, Response, header, response};

use crate::{
    body::MessagesBody, config::Config, error, head, message::message, stream::MessageStream,
};

/// What is known about the reply before it comes.
pub(crate) struct Then {
    pub(crate) is_stream: bool,
    pub(crate) changes: ParamsChanges,
    /// The id that the client gave its request.
    pub(crate) request_id: Option<HeaderValue>,
}

/// What to do with a reply, by its head.
// It lives for a moment only, so its size does not matter.
#[allow(clippy::large_enum_variant)]
pub(crate) enum Answer<B> {
    Now(Response<MessagesBody<B>>),
    /// It has to be read first.
    Read {
        body: B,
        parts: response::Parts,
        then: Then,
    },
}

/// Looks at the head of a reply.
pub(crate) fn answer<B>(response: Response<B>, then: Then, config: &Config) -> Answer<B> {
    let (mut parts, body) = response.into_parts();
    head::name_request(&mut parts.headers, then.request_id.as_ref());
    let status = parts.status;
    if status.is_client_error() || status.is_server_error() {
        return Answer::Read { body, parts, then };
    }
    if !status.is_success() {
        head::report(&mut parts, &then.changes);
        return Answer::Now(Response::from_parts(parts, MessagesBody::inner(body)));
    }
    if is_encoded(&parts.headers) {
        return Answer::Now(failure(error::encoded_reply(), &parts, &then));
    }
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let is_stream = kind.map_or(then.is_stream, |kind| is_event_stream(kind.as_bytes()));
    match (is_stream, then.is_stream) {
        (false, _) => Answer::Read { body, parts, then },
        (true, false) => Answer::Now(failure(error::unexpected_stream(), &parts, &then)),
        (true, true) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            // What it is must be said: the layers above look there.
            let stream = HeaderValue::from_static("text/event-stream");
            parts.headers.entry(header::CONTENT_TYPE).or_insert(stream);
            head::report(&mut parts, &then.changes);
            let limit = config.max_response_bytes;
            let transform = MessageStream::new().max_held_bytes(limit);
            let body = StreamBody::new(body, transform).max_event_bytes(limit);
            Answer::Now(Response::from_parts(parts, MessagesBody::stream(body)))
        }
    }
}

/// The answer for a reply that was read.
pub(crate) fn finish<B>(
    body: Result<Bytes, ApiError>,
    mut parts: response::Parts,
    then: &Then,
) -> Response<MessagesBody<B>> {
    let converted = match body {
        Ok(body) if !parts.status.is_success() => Ok(error_body(body, &parts)),
        Ok(body) if then.is_stream => MessageStream::of_reply(&body),
        Ok(body) => message(&body),
        Err(error) => Err(error),
    };
    let body = match converted {
        Ok(body) => body,
        Err(error) => return failure(error, &parts, then),
    };
    head::set_json(&mut parts.headers, body.len());
    if then.is_stream && parts.status.is_success() {
        let stream = HeaderValue::from_static("text/event-stream");
        parts.headers.insert(header::CONTENT_TYPE, stream);
    }
    head::report(&mut parts, &then.changes);
    Response::from_parts(parts, MessagesBody::full(body))
}

/// An answer of the layer's own in place of a reply that is of no use.
fn failure<B>(error: ApiError, reply: &response::Parts, then: &Then) -> Response<MessagesBody<B>> {
    tracing::debug!(
        status = error.status().as_u16(),
        "the reply cannot be converted"
    );
    let (mut parts, body) = refusal(error, head::request_id(&reply.headers)).into_parts();
    // What the layers below have left there belongs to the request, not to the reply.
    parts.extensions = reply.extensions.clone();
    head::report(&mut parts, &then.changes);
    Response::from_parts(parts, body)
}

/// An error in Anthropic's shape.
pub(crate) fn refusal<B>(
    error: ApiError,
    request_id: Option<&HeaderValue>,
) -> Response<MessagesBody<B>> {
    let error = with_request_id(error, request_id);
    let mut response = error
        .to_response(ErrorShape::Anthropic)
        .map(MessagesBody::full);
    head::name_request(response.headers_mut(), request_id);
    response
}

fn with_request_id(error: ApiError, id: Option<&HeaderValue>) -> ApiError {
    match id.and_then(|id| id.to_str().ok()) {
        Some(id) if error.upstream_request_id().is_none() => error.request_id(id),
        _ => error,
    }
}

/// The body of an error, in Anthropic's shape: the same bytes if it has that already.
fn error_body(body: Bytes, parts: &response::Parts) -> Bytes {
    // What cannot be read is as good as nothing: the status still says what is wrong.
    let (body, kind) = if is_encoded(&parts.headers) {
        (Bytes::new(), None)
    } else {
        (body, parts.headers.get(header::CONTENT_TYPE))
    };
    if Value::parse(&body).is_ok_and(has_shape) {
        return body;
    }
    let kind = kind.and_then(|kind| kind.to_str().ok());
    let error =
        error::in_words_that_agents_know(ApiError::from_upstream(parts.status, kind, &body));
    let error = with_request_id(error, head::request_id(&parts.headers));
    error.to_json(ErrorShape::Anthropic).into()
}

fn has_shape(body: Value<'_>) -> bool {
    let Some(error) = body.get("error") else {
        return false;
    };
    let is_text = |key: &str| error.get(key).is_some_and(Value::is_string);
    body.get("type").is_some_and(|kind| kind.is_str("error"))
        && is_text("type")
        && is_text("message")
}
