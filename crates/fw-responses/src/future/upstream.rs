//! The request that goes upstream.

use bytes::Bytes;
use fw_wire::ApiError;
use http::{HeaderValue, Request, Uri, header, request, uri::PathAndQuery};

use crate::{
    body::ResponsesRequestBody,
    config::{Config, NotKept},
    create::{Created, create},
    route::chat_path,
    store::Owner,
};

use super::Then;

/// Converts the body and the head.
pub(super) fn upstream_request<B>(
    mut parts: request::Parts,
    body: Bytes,
    config: &Config,
) -> Result<(Request<ResponsesRequestBody<B>>, Then), ApiError> {
    let Created {
        body,
        changes,
        mut pending,
    } = create(body, Owner::of(&parts), config)?;
    let headers = &mut parts.headers;
    // The body is whole now, and its length is known.
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::EXPECT);
    if let Some(length) = headers.get_mut(header::CONTENT_LENGTH) {
        *length = HeaderValue::from(body.len());
    }
    if let Some(pending) = &mut pending {
        if parts.extensions.get::<NotKept>().is_some() {
            pending.forget();
        }
        // Replies have to be read.
        headers.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        );
        let kind = if pending.is_stream() {
            "text/event-stream"
        } else {
            "application/json"
        };
        headers.insert(header::ACCEPT, HeaderValue::from_static(kind));
        parts.uri = chat_uri(parts.uri)?;
    }
    let request = Request::from_parts(parts, ResponsesRequestBody::full(body));
    Ok((request, Then { changes, pending }))
}

/// The chat completions beside these responses. A query is for responses, and goes.
fn chat_uri(uri: Uri) -> Result<Uri, ApiError> {
    let mut parts = uri.into_parts();
    let path = parts.path_and_query.as_ref().map_or("", PathAndQuery::path);
    let chat = PathAndQuery::try_from(chat_path(path));
    parts.path_and_query = chat.ok();
    Uri::from_parts(parts).map_err(|_| ApiError::internal("The request's path cannot be read."))
}
