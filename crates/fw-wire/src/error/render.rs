//! Errors in the dialects of the clients.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};

use super::{ApiError, ErrorShape};
use crate::document::encode_str;

const X_SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// The type in OpenAI's shape.
pub(super) fn openai_type(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "authentication_error",
        402 | 412 => "billing_error",
        403 => "permission_error",
        408 | 504 => "timeout_error",
        429 => "rate_limit_error",
        503 | 529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

/// The type in Anthropic's shape, which has a closed set of them (Anthropic API documentation,
/// "Errors").
pub(super) fn anthropic_type(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "authentication_error",
        402 | 412 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        408 | 504 => "timeout_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 | 529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

impl ApiError {
    /// The error as a JSON body.
    #[must_use]
    pub fn to_json(&self, shape: ErrorShape) -> String {
        let mut out = String::with_capacity(self.message.len() + 160);
        match shape {
            ErrorShape::OpenAi | ErrorShape::Responses => {
                out.push_str("{\"error\":");
                self.write_openai(&mut out);
            }
            ErrorShape::Anthropic => {
                out.push_str("{\"type\":\"error\",\"error\":{\"type\":");
                encode_str(&mut out, anthropic_type(self.status));
                write_member(&mut out, "message", Some(&self.message));
                for (key, value) in self.extras() {
                    if value.is_some() {
                        write_member(&mut out, key, value);
                    }
                }
                // Where Anthropic's SDKs look for a code.
                if let Some(code) = &self.code {
                    out.push_str(",\"details\":{\"error_code\":");
                    encode_str(&mut out, code);
                    out.push('}');
                }
                out.push('}');
                if let Some(id) = &self.request_id {
                    write_member(&mut out, "request_id", Some(id));
                }
            }
        }
        out.push('}');
        out
    }

    /// The error as one event of a stream whose head is sent. Nothing must follow it: no
    /// `finish_reason`, no `[DONE]`.
    ///
    /// For Responses the event has no sequence number; see [`ApiError::to_sse_event_numbered`].
    #[must_use]
    pub fn to_sse_event(&self, shape: ErrorShape) -> Bytes {
        self.sse_event(shape, None)
    }

    /// Like [`ApiError::to_sse_event`], with the `sequence_number` that events of Responses carry.
    /// The other shapes have none.
    #[must_use]
    pub fn to_sse_event_numbered(&self, shape: ErrorShape, sequence_number: u64) -> Bytes {
        self.sse_event(shape, Some(sequence_number))
    }

    fn sse_event(&self, shape: ErrorShape, sequence_number: Option<u64>) -> Bytes {
        let mut out = String::with_capacity(self.message.len() * 2 + 240);
        match shape {
            ErrorShape::OpenAi => {
                out.push_str("data: ");
                out.push_str(&self.to_json(shape));
            }
            ErrorShape::Anthropic => {
                out.push_str("event: error\ndata: ");
                out.push_str(&self.to_json(shape));
            }
            // The documented event has the fields at the top; the SDKs raise an exception only for
            // an object under `error`, which the live API sends. So both.
            ErrorShape::Responses => {
                out.push_str("event: error\ndata: {\"type\":\"error\"");
                write_member(&mut out, "code", self.code.as_deref());
                write_member(&mut out, "message", Some(&self.message));
                write_member(&mut out, "param", self.param.as_deref());
                out.push_str(",\"error\":");
                self.write_openai(&mut out);
                if let Some(number) = sequence_number {
                    out.push_str(",\"sequence_number\":");
                    out.push_str(&number.to_string());
                }
                out.push('}');
            }
        }
        out.push_str("\n\n");
        out.into()
    }

    /// The error as a response, with `content-type`, and with `retry-after`, `x-should-retry` and
    /// `allow` where they are known.
    #[must_use]
    pub fn to_response(&self, shape: ErrorShape) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.to_json(shape)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(retry_after) = &self.retry_after {
            headers.insert(RETRY_AFTER, retry_after.header().clone());
        }
        if let Some(retry) = self.should_retry {
            let value = if retry { "true" } else { "false" };
            headers.insert(X_SHOULD_RETRY, HeaderValue::from_static(value));
        }
        if let Some(allow) = self.allow.as_ref().and_then(|allow| allow.parse().ok()) {
            headers.insert(ALLOW, allow);
        }
        response
    }

    /// The object under `error`.
    fn write_openai(&self, out: &mut String) {
        out.push_str("{\"message\":");
        encode_str(out, &self.message);
        write_member(out, "type", Some(&self.kind));
        write_member(out, "code", self.code.as_deref());
        write_member(out, "param", self.param.as_deref());
        if let Some(policy) = &self.policy {
            write_member(out, "policy", Some(policy));
        }
        out.push('}');
    }

    /// What Anthropic's shape has no place for, sent as additional members.
    fn extras(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("code", self.code.as_deref()),
            ("param", self.param.as_deref()),
            ("policy", self.policy.as_deref()),
        ]
    }
}

fn write_member(out: &mut String, key: &str, value: Option<&str>) {
    out.push(',');
    encode_str(out, key);
    out.push(':');
    match value {
        Some(value) => encode_str(out, value),
        None => out.push_str("null"),
    }
}
