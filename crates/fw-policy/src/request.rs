//! What the policies say about a request.

use bytes::Bytes;
use fw_stream::{BoxError, request_error};
use fw_wire::{ApiError, Direction, Document, Endpoint, Kind, Limits, Value};
use http::{HeaderMap, HeaderValue, header};

use crate::{
    config::Config,
    error,
    exchange::Exchange,
    headers::{forget_bytes, set_length},
    texts::Texts,
};

/// A request that may go on.
pub(crate) struct Passed {
    pub(crate) body: Bytes,
    /// The client asked for a stream.
    pub(crate) stream: bool,
}

/// Runs the policies over the body of a request.
pub(crate) fn check(
    body: Bytes,
    exchange: &mut Exchange,
    config: &Config,
) -> Result<Passed, Box<ApiError>> {
    let endpoint = exchange.endpoint();
    let document = match readable(body.clone(), config.max_body_bytes) {
        Ok(document) => document,
        Err(error) => {
            refuse_or_warn(error, endpoint, config)?;
            return Ok(Passed {
                body,
                stream: false,
            });
        }
    };
    // The rest of such a request is checked all the same.
    if let Some(field) = token_ids(endpoint, document.root()) {
        refuse_or_warn(Box::new(error::token_ids(field)), endpoint, config)?;
    }
    let mut texts = Texts::of(&document, endpoint, Direction::Request);
    let stream = document.root().get("stream").and_then(Value::as_bool) == Some(true);
    config
        .chain
        .request(&mut texts, exchange)
        .map_err(|denial| Box::new(denial.with_status(config.denial_status)))?;
    Ok(Passed {
        body: texts.finish(),
        stream,
    })
}

fn refuse_or_warn(
    error: Box<ApiError>,
    endpoint: Endpoint,
    config: &Config,
) -> Result<(), Box<ApiError>> {
    if !config.is_open() {
        return Err(error);
    }
    let (endpoint, code) = (endpoint.name(), error.error_code());
    tracing::warn!(endpoint, code, "request passed unchecked");
    Ok(())
}

impl Texts {
    /// The texts of a request's body of at most `max_bytes`, for layers that look at requests beside the policies.
    ///
    /// # Errors
    ///
    /// What to answer instead: the body is no JSON, or too large, or its text comes as token ids.
    pub fn of_request(
        endpoint: Endpoint,
        body: Bytes,
        max_bytes: usize,
    ) -> Result<Self, Box<ApiError>> {
        let document = readable(body, max_bytes)?;
        match token_ids(endpoint, document.root()) {
            Some(field) => Err(Box::new(error::token_ids(field))),
            None => Ok(Self::of(&document, endpoint, Direction::Request)),
        }
    }
}

fn readable(body: Bytes, limit: usize) -> Result<Document, Box<ApiError>> {
    let limits = Limits {
        max_bytes: limit,
        ..Limits::default()
    };
    let document =
        Document::parse_with(body, limits).map_err(|error| error::bad_json(&error, limit))?;
    Ok(document)
}

/// The field whose text comes as token ids: a number, or numbers in an array, or arrays of them.
fn token_ids(endpoint: Endpoint, root: Value<'_>) -> Option<&'static str> {
    let field = match endpoint {
        Endpoint::Completions => "prompt",
        Endpoint::Embeddings => "input",
        _ => return None,
    };
    let is_number = |value: Value<'_>| value.kind() == Kind::Number;
    let mut values = root
        .members()
        .filter(|member| member.key_is(field))
        .map(|member| member.value());
    values
        .any(|value| {
            is_number(value)
                || value.elements().any(|element| {
                    let element = element.value();
                    is_number(element) || element.elements().any(|inner| is_number(inner.value()))
                })
        })
        .then_some(field)
}

/// The headers of a request whose body was read.
pub(crate) fn set_headers(headers: &mut HeaderMap, length: usize, changed: bool) {
    // The body is whole now, so there is nothing to wait for.
    headers.remove(header::EXPECT);
    set_length(headers, length);
    if changed {
        forget_bytes(headers);
    }
}

/// The reply has to be read.
pub(crate) fn ask_for_plain_reply(headers: &mut HeaderMap) {
    headers.insert(
        header::ACCEPT_ENCODING,
        HeaderValue::from_static("identity"),
    );
}

/// What the client is told when its body failed.
pub(crate) fn unreadable(error: BoxError, limit: usize) -> ApiError {
    tracing::debug!(error = %error, "request body failed");
    request_error(&*error, limit)
}
