//! What becomes of the reply.

use bytes::Bytes;
use fw_params::{CHANGES_HEADER, CHANGES_SPAN_FIELD, ParamsChanges};
use fw_stream::{StreamBody, is_encoded, is_event_stream};
use fw_wire::ApiError;
use http::{HeaderValue, Response, header, response};
use tracing::Span;

use crate::{body::ResponsesBody, config::Config, error};

use super::{SHAPE, Then};

/// What to do with a reply, by its head. It lives for a moment only, so its size does not matter.
#[allow(clippy::large_enum_variant)]
pub(super) enum Answer<B> {
    Now(Response<ResponsesBody<B>>),
    Read {
        body: B,
        parts: response::Parts,
        then: Then,
    },
}

/// Looks at the head of a reply: it is the answer as it is, or has to be read first.
pub(super) fn answer<B>(response: Response<B>, mut then: Then, config: &Config) -> Answer<B> {
    let (mut parts, body) = response.into_parts();
    let is_error = parts.status.is_client_error() || parts.status.is_server_error();
    let Some(pending) = then.pending.take() else {
        report(&mut parts, then.changes);
        return Answer::Now(Response::from_parts(parts, ResponsesBody::inner(body)));
    };
    let is_stream = parts
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| is_event_stream(kind.as_bytes()));
    let wrong = match (is_stream, pending.is_stream()) {
        _ if is_error => None,
        _ if is_encoded(&parts.headers) => Some(error::encoded_reply()),
        (true, false) => Some(error::no_json()),
        (false, true) => Some(error::no_stream()),
        _ => None,
    };
    if let Some(error) = wrong {
        return Answer::Now(refusal(&error, parts, then.changes));
    }
    if is_error || !is_stream {
        then.pending = Some(pending);
        return Answer::Read { body, parts, then };
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    report(&mut parts, then.changes);
    let body = StreamBody::new(body, pending.stream(config.max_response_bytes))
        .max_event_bytes(config.max_response_bytes);
    Answer::Now(Response::from_parts(parts, ResponsesBody::stream(body)))
}

pub(super) fn finish_reply<B>(
    body: Result<Bytes, ApiError>,
    mut parts: response::Parts,
    then: Then,
) -> Response<ResponsesBody<B>> {
    let Then { changes, pending } = then;
    let body = match (body, pending) {
        (Ok(body), Some(pending)) if parts.status.is_success() => pending.finish(&body),
        (Ok(body), _) => Ok(error_json(&parts, &body)),
        (Err(error), _) => Err(error),
    };
    let body = match body {
        Ok(body) => body,
        Err(error) => return refusal(&error, parts, changes),
    };
    let headers = &mut parts.headers;
    headers.remove(header::CONTENT_ENCODING);
    headers.remove(header::TRANSFER_ENCODING);
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    report(&mut parts, changes);
    Response::from_parts(parts, ResponsesBody::full(body))
}

/// The provider's error in OpenAI's shape. Status, `retry-after` and all other headers stay.
fn error_json(parts: &response::Parts, body: &[u8]) -> Bytes {
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    // What cannot be read is as good as nothing: the status still says what is wrong.
    let (kind, body) = if is_encoded(&parts.headers) {
        (None, &[][..])
    } else {
        (kind, body)
    };
    ApiError::from_upstream(parts.status, kind, body)
        .to_json(SHAPE)
        .into()
}

/// An error in place of a reply that is no use.
fn refusal<B>(
    error: &ApiError,
    mut instead_of: response::Parts,
    changes: ParamsChanges,
) -> Response<ResponsesBody<B>> {
    report(&mut instead_of, changes);
    let mut response = error.to_response(SHAPE).map(ResponsesBody::full);
    if let Some(value) = instead_of.headers.remove(CHANGES_HEADER) {
        response.headers_mut().insert(CHANGES_HEADER, value);
    }
    *response.extensions_mut() = instead_of.extensions;
    response
}

/// Puts the changes where the client and the layers above find them: ours, then those of layers below.
fn report(parts: &mut response::Parts, mut changes: ParamsChanges) {
    if let Some(below) = parts.extensions.get::<ParamsChanges>() {
        changes.append(below);
    }
    if let Some(value) = changes.to_header() {
        Span::current().record(CHANGES_SPAN_FIELD, tracing::field::display(&changes));
        parts.headers.insert(CHANGES_HEADER, value);
        parts.extensions.insert(changes);
    }
}
