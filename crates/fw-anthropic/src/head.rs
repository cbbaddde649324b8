//! The heads of requests and replies.

use bytes::BytesMut;
use fw_params::{CHANGES_HEADER, CHANGES_SPAN_FIELD, ParamsChanges};
use http::{HeaderMap, HeaderName, HeaderValue, header, request, response};
use tracing::Span;

use crate::route;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What Anthropic's clients read the id of a request from.
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// What everybody else calls it.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

// === the request ===

/// Makes the head of a Messages request that of a chat request with `length` bytes.
pub(crate) fn for_chat(parts: &mut request::Parts, length: usize, is_stream: bool) {
    if let Some(uri) = route::chat_uri(&parts.uri) {
        parts.uri = uri;
    }
    let headers = &mut parts.headers;
    remove_anthropic(headers);
    if let Some(key) = headers.remove(API_KEY)
        && !headers.contains_key(header::AUTHORIZATION)
        && let Some(bearer) = bearer(&key)
    {
        headers.insert(header::AUTHORIZATION, bearer);
    }
    // The body is another now; it is whole, and its length is known.
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::EXPECT);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    // Replies have to be read.
    let identity = HeaderValue::from_static("identity");
    headers.insert(header::ACCEPT_ENCODING, identity);
    let accept = if is_stream {
        "text/event-stream"
    } else {
        "application/json"
    };
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
}

/// `anthropic-version`, `anthropic-beta` and their like say nothing to others.
fn remove_anthropic(headers: &mut HeaderMap) {
    let is_anthropic = |name: &&HeaderName| name.as_str().starts_with("anthropic-");
    let names: Vec<_> = headers.keys().filter(is_anthropic).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

fn bearer(key: &HeaderValue) -> Option<HeaderValue> {
    let mut value = BytesMut::from("Bearer ");
    value.extend_from_slice(key.as_bytes());
    let mut value = HeaderValue::from_maybe_shared(value.freeze()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

// === the reply ===

/// Gives the reply the id under the name that Anthropic's clients look for: the upstream's, else the
/// client's own.
pub(crate) fn name_request(headers: &mut HeaderMap, asked: Option<&HeaderValue>) {
    if headers.contains_key(REQUEST_ID) {
        return;
    }
    if let Some(id) = headers.get(X_REQUEST_ID).or(asked).cloned() {
        headers.insert(REQUEST_ID, id);
    }
}

/// The id of a request or a reply, for people.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&HeaderValue> {
    headers
        .get(REQUEST_ID)
        .or_else(|| headers.get(X_REQUEST_ID))
}

/// Puts the changes where the client and the layers above find them, before those of the layers below.
pub(crate) fn report(parts: &mut response::Parts, changes: &ParamsChanges) {
    let mut all = changes.clone();
    if let Some(below) = parts.extensions.remove::<ParamsChanges>() {
        all.append(&below);
    }
    if all.is_empty() {
        return;
    }
    Span::current().record(CHANGES_SPAN_FIELD, tracing::field::display(&all));
    tracing::debug!(changes = %all, "a Messages request was converted");
    if let Some(value) = all.to_header() {
        parts.headers.insert(CHANGES_HEADER, value);
    }
    parts.extensions.insert(all);
}

/// A body of JSON, of this length.
pub(crate) fn set_json(headers: &mut HeaderMap, length: usize) {
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    headers.remove(header::CONTENT_ENCODING);
    headers.remove(header::TRANSFER_ENCODING);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
}
