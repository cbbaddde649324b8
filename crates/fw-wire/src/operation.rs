//! Which operation a client's path and method mean.

mod surface;

use core::fmt;
use std::borrow::Cow;

use http::Method;

use crate::endpoint::Endpoint;
use crate::error::ApiError;

pub use self::surface::Surface;

/// An operation of the inference API, as a client asks for it.
///
/// Paths are matched exactly below the prefixes of [`Surface`]; one trailing slash and the query
/// are ignored.
///
/// ```
/// use fw_wire::{Endpoint, Operation, RouteError};
/// use http::Method;
///
/// let chat = Operation::route(&Method::POST, "/inference/v1/chat/completions");
/// assert_eq!(chat, Ok(Operation::Create(Endpoint::ChatCompletions)));
/// let model = Operation::route(&Method::GET, "/v1/models/accounts%2Ffireworks%2Fmodels/glm-5p3");
/// assert_eq!(model, Ok(Operation::Model("accounts/fireworks/models/glm-5p3".into())));
/// let images = Operation::route(&Method::POST, "/v1/images/generations");
/// assert_eq!(images, Ok(Operation::Unsupported("image generation")));
/// assert_eq!(
///     Operation::route(&Method::GET, "/v1/embeddings"),
///     Err(RouteError::MethodNotAllowed(&[Method::POST])),
/// );
/// assert_eq!(Operation::route(&Method::GET, "/v2/models"), Err(RouteError::NotFound));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation<'a> {
    /// `POST` a body to an endpoint.
    Create(Endpoint),
    /// `POST /v1/messages/count_tokens`.
    CountTokens,
    /// `GET /v1/models`.
    ListModels,
    /// `GET /v1/models/{id}`. Ids contain slashes, plain or percent-encoded; this one is decoded.
    Model(Cow<'a, str>),
    /// `GET /v1/responses`.
    ListResponses,
    /// `GET` or `DELETE /v1/responses/{id}`. The id is letters, digits, `_`, `-` and `.`.
    Response(&'a str),
    /// `GET /v1/responses/{id}/input_items`.
    ResponseInput(&'a str),
    /// `POST /v1/responses/{id}/cancel`.
    CancelResponse(&'a str),
    /// An operation of OpenAI, Anthropic or Fireworks that is not served, by name, with any method.
    Unsupported(&'static str),
}

/// Why a request has no [`Operation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RouteError {
    /// Nothing is at that path.
    NotFound,
    /// The path exists, with these methods only.
    MethodNotAllowed(&'static [Method]),
}

const GET: &[Method] = &[Method::GET];
const POST: &[Method] = &[Method::POST];
const GET_DELETE: &[Method] = &[Method::GET, Method::DELETE];
const GET_POST: &[Method] = &[Method::GET, Method::POST];

impl<'a> Operation<'a> {
    /// Finds the operation for a method and a path. The path starts with `/`; a query is ignored.
    ///
    /// # Errors
    ///
    /// When nothing is at the path, or not with that method.
    pub fn route(method: &Method, path: &'a str) -> Result<Self, RouteError> {
        if *method == Method::POST
            && let Some(endpoint) = Endpoint::from_usual_path(path)
        {
            return Ok(Operation::Create(endpoint));
        }
        let (_, rest) = Surface::split(path).ok_or(RouteError::NotFound)?;
        let operation = match (find(rest).ok_or(RouteError::NotFound)?, method) {
            // The one path with two operations.
            (Operation::Create(Endpoint::Responses), &Method::GET) => {
                return Ok(Operation::ListResponses);
            }
            (Operation::Create(Endpoint::Responses), method) if method != Method::POST => {
                return Err(RouteError::MethodNotAllowed(GET_POST));
            }
            (operation, _) => operation,
        };
        let allowed = operation.allowed_methods();
        if allowed.is_empty() || allowed.contains(method) {
            Ok(operation)
        } else {
            Err(RouteError::MethodNotAllowed(allowed))
        }
    }

    /// The methods of the operation. Empty means any: what is not supported is so with every method.
    #[must_use]
    pub const fn allowed_methods(&self) -> &'static [Method] {
        match self {
            Operation::Create(_) | Operation::CountTokens | Operation::CancelResponse(_) => POST,
            Operation::ListModels
            | Operation::Model(_)
            | Operation::ListResponses
            | Operation::ResponseInput(_) => GET,
            Operation::Response(_) => GET_DELETE,
            Operation::Unsupported(_) => &[],
        }
    }

    /// The endpoint that the operation belongs to; it decides the shape of errors.
    #[must_use]
    pub const fn endpoint(&self) -> Option<Endpoint> {
        match self {
            Operation::Create(endpoint) => Some(*endpoint),
            Operation::CountTokens => Some(Endpoint::Messages),
            Operation::ListResponses
            | Operation::Response(_)
            | Operation::ResponseInput(_)
            | Operation::CancelResponse(_) => Some(Endpoint::Responses),
            Operation::ListModels | Operation::Model(_) | Operation::Unsupported(_) => None,
        }
    }

    /// A short name for logs and metrics, without ids.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Operation::Create(endpoint) => endpoint.name(),
            Operation::CountTokens => "count_tokens",
            Operation::ListModels => "list_models",
            Operation::Model(_) => "model",
            Operation::ListResponses => "list_responses",
            Operation::Response(_) => "response",
            Operation::ResponseInput(_) => "response_input",
            Operation::CancelResponse(_) => "cancel_response",
            Operation::Unsupported(_) => "unsupported",
        }
    }
}

impl RouteError {
    /// The error to answer with.
    #[must_use]
    pub fn to_api_error(self, method: &Method, path: &str) -> ApiError {
        match self {
            RouteError::NotFound => {
                let path = path.split('?').next().unwrap_or_default();
                let path: String = path.chars().take(200).collect();
                ApiError::not_found(format!("There is nothing at {method} {path}."))
            }
            RouteError::MethodNotAllowed(allowed) => ApiError::method_not_allowed(method, allowed),
        }
    }
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RouteError::NotFound => f.write_str("no operation at this path"),
            RouteError::MethodNotAllowed(allowed) => {
                write!(f, "the operation at this path accepts only {allowed:?}")
            }
        }
    }
}

impl core::error::Error for RouteError {}

/// The operation at what is left of a path after the prefix, such as `/chat/completions`.
fn find(rest: &str) -> Option<Operation<'_>> {
    let rest = rest.strip_prefix('/')?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (first, below) = rest.split_once('/').unwrap_or((rest, ""));
    let is_leaf = below.is_empty() && !rest.ends_with('/');
    Some(match first {
        "chat" => match below.split_once('/') {
            None if below == "completions" => Operation::Create(Endpoint::ChatCompletions),
            Some(("completions", id)) if !id.is_empty() => {
                Operation::Unsupported("stored chat completions")
            }
            _ => return None,
        },
        "completions" if is_leaf => Operation::Create(Endpoint::Completions),
        "embeddings" if is_leaf => Operation::Create(Endpoint::Embeddings),
        "responses" if is_leaf => Operation::Create(Endpoint::Responses),
        "responses" => response(below)?,
        "messages" if is_leaf => Operation::Create(Endpoint::Messages),
        "messages" => match below.split('/').next() {
            Some("count_tokens") if below == "count_tokens" => Operation::CountTokens,
            Some("batches") => Operation::Unsupported("message batches"),
            _ => return None,
        },
        "models" if is_leaf => Operation::ListModels,
        "models" => Operation::Model(decode(below)?),
        _ => return unsupported(first).map(Operation::Unsupported),
    })
}

/// Operations of the vendors' APIs by the first segment of their paths.
fn unsupported(first: &str) -> Option<&'static str> {
    Some(match first {
        "images" | "image_generation" | "workflows" => "image generation",
        "audio" => "audio",
        "videos" => "video generation",
        "files" => "files",
        "uploads" => "uploads",
        "batches" => "batches",
        "fine_tuning" | "fine-tunes" => "fine-tuning",
        "moderations" => "moderations",
        "assistants" => "assistants",
        "threads" => "threads",
        "vector_stores" => "vector stores",
        "realtime" => "realtime sessions",
        "conversations" => "conversations",
        "containers" => "containers",
        "evals" => "evals",
        "organization" => "organization administration",
        "edits" => "edits",
        "engines" => "engines",
        "complete" => "legacy Anthropic completions",
        "rerank" => "reranking",
        _ => return None,
    })
}

fn response(below: &str) -> Option<Operation<'_>> {
    let (id, action) = below.split_once('/').unwrap_or((below, ""));
    // The id goes into the upstream's path, so it must be one plain segment, and not `.` or `..`.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let is_id = id.len() <= 256 && id.chars().all(plain) && id.contains(|c| c != '.');
    match action {
        "" if below.ends_with('/') => None,
        "" if matches!(id, "compact" | "input_tokens") => {
            Some(Operation::Unsupported("response utilities"))
        }
        "" if is_id => Some(Operation::Response(id)),
        "cancel" if is_id => Some(Operation::CancelResponse(id)),
        "input_items" if is_id => Some(Operation::ResponseInput(id)),
        _ => None,
    }
}

/// Decodes percent-encoding (RFC 3986 section 2.1). A stray `%` stands for itself. `None` for what is
/// no plain text.
fn decode(id: &str) -> Option<Cow<'_, str>> {
    let decoded = if id.contains('%') {
        let mut bytes = Vec::with_capacity(id.len());
        let mut rest = id.as_bytes();
        while let [first, tail @ ..] = rest {
            let hex = |at: usize| {
                tail.get(at)
                    .and_then(|&digit| char::from(digit).to_digit(16))
            };
            match (first, hex(0), hex(1)) {
                (b'%', Some(high), Some(low)) => {
                    bytes.push((high << 4 | low) as u8);
                    rest = tail.get(2..).unwrap_or_default();
                }
                _ => {
                    bytes.push(*first);
                    rest = tail;
                }
            }
        }
        Cow::Owned(String::from_utf8(bytes).ok()?)
    } else {
        Cow::Borrowed(id)
    };
    (!decoded.is_empty() && !decoded.contains(char::is_control)).then_some(decoded)
}

#[cfg(test)]
mod tests;
