//! Errors as the client should see them, in its own dialect.

mod render;
mod retry;
mod upstream;

use core::fmt;
use std::borrow::Cow;
use std::time::Duration;

use http::{Method, StatusCode};

use crate::endpoint::Endpoint;

pub use self::retry::RetryAfter;

/// How errors are written on an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorShape {
    /// `{"error":{"message","type","code","param"}}`; in a stream `data: {"error":…}`.
    OpenAi,
    /// OpenAI's Responses: the same body, but a stream has `event: error` with the type `error`.
    Responses,
    /// `{"type":"error","error":{"type","message"}}`; in a stream `event: error`.
    Anthropic,
}

impl ErrorShape {
    /// The shape that clients of an endpoint expect.
    #[must_use]
    pub const fn for_endpoint(endpoint: Endpoint) -> Self {
        match endpoint {
            Endpoint::ChatCompletions | Endpoint::Completions | Endpoint::Embeddings => {
                ErrorShape::OpenAi
            }
            Endpoint::Responses => ErrorShape::Responses,
            Endpoint::Messages => ErrorShape::Anthropic,
        }
    }
}

/// An error to answer a client with: a status, a message, and what programs look at.
///
/// Made with [`ApiError::new`] or a constructor for the case, refined with the option methods, and
/// rendered for the endpoint's clients.
///
/// ```
/// use fw_wire::{ApiError, ErrorShape};
/// use http::StatusCode;
///
/// let denied = ApiError::new(StatusCode::BAD_REQUEST, "The request was blocked.")
///     .kind("policy_violation")
///     .code("input_blocked")
///     .policy("prompt-injection");
/// assert_eq!(
///     denied.to_json(ErrorShape::OpenAi),
///     r#"{"error":{"message":"The request was blocked.","type":"policy_violation","code":"input_blocked","param":null,"policy":"prompt-injection"}}"#,
/// );
/// let response = denied.to_response(ErrorShape::OpenAi);
/// assert_eq!(response.headers()["x-should-retry"], "false");
/// ```
#[derive(Clone)]
pub struct ApiError {
    status: StatusCode,
    message: String,
    kind: Cow<'static, str>,
    code: Option<Cow<'static, str>>,
    param: Option<String>,
    policy: Option<String>,
    request_id: Option<String>,
    retry_after: Option<RetryAfter>,
    should_retry: Option<bool>,
    allow: Option<String>,
}

impl ApiError {
    /// An error with a status and a message. The type follows from the status
    /// ([`ApiError::kind`] changes it).
    #[must_use]
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            kind: Cow::Borrowed(render::openai_type(status)),
            code: None,
            param: None,
            policy: None,
            request_id: None,
            retry_after: None,
            should_retry: None,
            allow: None,
        }
    }

    // === cases ===

    /// 400: the body or a header is wrong.
    #[must_use]
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 401: no key, or a wrong one.
    #[must_use]
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message).code("invalid_api_key")
    }

    /// 403: the key may not do this.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 404: no such path, model or object.
    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message).code("not_found")
    }

    /// 404 for a model nobody knows.
    #[must_use]
    pub fn model_not_found(model: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("The model '{model}' does not exist."),
        )
        .code("model_not_found")
        .param("model")
    }

    /// 405, with the `Allow` header that RFC 9110 section 15.5.6 asks for.
    #[must_use]
    pub fn method_not_allowed(method: &Method, allowed: &[Method]) -> Self {
        let allow = allowed
            .iter()
            .map(Method::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        let message = format!("The method {method} is not allowed here; use {allow}.");
        let mut error =
            Self::new(StatusCode::METHOD_NOT_ALLOWED, message).code("method_not_allowed");
        error.allow = Some(allow);
        error
    }

    /// 413: the body is longer than `limit` bytes.
    #[must_use]
    pub fn payload_too_large(limit: usize) -> Self {
        let message = format!("The request body is too large: at most {limit} bytes are accepted.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, message).code("request_too_large")
    }

    /// 400: the provider has no such operation.
    #[must_use]
    pub fn unsupported_operation(operation: &str, provider: &str) -> Self {
        let message = format!(
            "The operation {operation} is not supported here with the provider {provider}."
        );
        Self::new(StatusCode::BAD_REQUEST, message).code("unsupported_operation")
    }

    /// 429: too many requests.
    #[must_use]
    pub fn rate_limited(message: impl Into<String>, retry_after: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, message)
            .code("rate_limit_exceeded")
            .retry_after(retry_after)
    }

    /// 500: a fault of ours.
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message).code("internal_error")
    }

    /// 502: the upstream failed.
    #[must_use]
    pub fn upstream(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, message).code("upstream_error")
    }

    /// 503: nothing can serve the request now.
    #[must_use]
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message).code("unavailable")
    }

    /// 504: the upstream took too long.
    #[must_use]
    pub fn timeout(message: impl Into<String>) -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, message).code("timeout")
    }

    // === options ===

    /// The error's `type`. Anthropic's shape has a fixed set of types and takes it from the status.
    #[must_use]
    pub fn kind(mut self, kind: impl Into<Cow<'static, str>>) -> Self {
        self.kind = kind.into();
        self
    }

    /// A code for programs.
    #[must_use]
    pub fn code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The field of the request that is to blame.
    #[must_use]
    pub fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// The policy that denied the request. Also tells clients not to retry.
    #[must_use]
    pub fn policy(mut self, policy: impl Into<String>) -> Self {
        self.policy = Some(policy.into());
        self.should_retry(false)
    }

    /// The request's id, for support.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// When to try again; sent as `Retry-After` in whole seconds, rounded up.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(RetryAfter::from_delay(delay));
        self
    }

    /// When to try again, as an upstream said it.
    #[must_use]
    pub fn retry_after_header(mut self, retry_after: Option<RetryAfter>) -> Self {
        self.retry_after = retry_after;
        self
    }

    /// Overrides what SDKs do on their own: they retry 408, 409, 429 and 5xx unless `x-should-retry`
    /// says otherwise. A gateway that has retried already says `false`.
    #[must_use]
    pub fn should_retry(mut self, retry: bool) -> Self {
        self.should_retry = Some(retry);
        self
    }

    /// Another status; the type stays.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    // === reading ===

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The message for people. Messages of an upstream may quote the request.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The `type`, as in OpenAI's shape.
    #[must_use]
    pub fn error_type(&self) -> &str {
        &self.kind
    }

    /// The code.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The field to blame.
    #[must_use]
    pub fn error_param(&self) -> Option<&str> {
        self.param.as_deref()
    }

    /// The policy that denied.
    #[must_use]
    pub fn denied_by(&self) -> Option<&str> {
        self.policy.as_deref()
    }

    /// The request id that the upstream named, or that was set.
    #[must_use]
    pub fn upstream_request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// When to try again.
    #[must_use]
    pub fn retry_delay(&self) -> Option<Duration> {
        self.retry_after.as_ref().and_then(RetryAfter::delay)
    }
}

/// A body that is no JSON is a 400, or a 413 if it is too long.
impl From<crate::DocumentError> for ApiError {
    fn from(error: crate::DocumentError) -> Self {
        if error.is_too_large() {
            Self::new(StatusCode::PAYLOAD_TOO_LARGE, error.to_string()).code("request_too_large")
        } else {
            Self::invalid_request(error.to_string()).code("invalid_json")
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Leaves the message out: one from an upstream may quote the request.
impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("status", &self.status)
            .field("kind", &self.kind)
            .field("code", &self.code)
            .field("param", &self.param)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl core::error::Error for ApiError {}

#[cfg(test)]
mod tests;
