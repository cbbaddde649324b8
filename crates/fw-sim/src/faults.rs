//! Faults: what can go wrong, and the bodies in which Fireworks and what stands before it say so.

use std::time::Duration;

use http::{HeaderValue, StatusCode, header};

use crate::json::{Json, object};
use crate::refusal::Refusal;

/// Something that goes wrong on purpose.
///
/// A fault applies to every request for which it is set, unless [`times`](Fault::times) or
/// [`lasting`](Fault::lasting) bound it.
///
/// ```
/// use fw_sim::{BodyShape, Fault};
/// let fault = Fault::status(503).shape(BodyShape::Empty).retry_after("2").times(3);
/// assert_eq!(fault.kind, fw_sim::FaultKind::Status);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// The status of a [`FaultKind::Status`].
    pub status: StatusCode,
    /// The body of a [`FaultKind::Status`].
    pub shape: BodyShape,
    /// The `Retry-After` header of a [`FaultKind::Status`].
    pub retry_after: Option<String>,
    /// The message in the body; a status has its own by default.
    pub message: Option<String>,
    /// Events (of a stream) that leave before a fault in the middle of the body.
    pub after: u32,
    /// Only this many requests are hit. They are counted per [`id`](Fault::id).
    pub times: Option<u32>,
    /// Only requests are hit that come within this time from the first.
    pub lasts: Option<Duration>,
    /// What `times` and `lasts` are counted by; the model name as sent, by default.
    pub id: Option<String>,
}

/// What happens when a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// An error status with a body.
    Status,
    /// Nothing is ever answered.
    HangBeforeHead,
    /// The head and `after` events leave, then nothing more.
    HangMidBody,
    /// The connection is reset (TCP RST) instead of an answer.
    ResetBeforeHead,
    /// The connection is reset after the head.
    ResetAfterHead,
    /// The connection is reset after `after` events, or half of a plain body.
    ResetMidBody,
    /// The connection is closed (TCP FIN) instead of an answer.
    CloseBeforeHead,
    /// The connection is closed after `after` events, or half of a plain body, without the end that
    /// HTTP asks for.
    CloseMidBody,
    /// A plain reply announces more bytes than it sends, and the connection is closed.
    WrongLength,
    /// A plain reply is well-framed HTTP, but its JSON stops half-way.
    CutJson,
}

/// The shapes of error bodies that occur (observed).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyShape {
    /// Gateway layer: `{"error":{"message","param","code","type"},"request_id"}`.
    E1,
    /// Model server: `{"error":{"object","type","code","message"}}`.
    E2,
    /// Older rate limit: `{"error":"Too Many Requests","message":"…"}`.
    E3,
    /// Older authentication: `{"error":"unauthorized"}`.
    E4,
    /// FastAPI: `{"detail":"…"}`.
    E5,
    /// Messages: `{"type":"error","error":{"type","message"},"request_id"}`.
    E6,
    /// Plain text of a proxy: `upstream connect error or disconnect/reset before headers`.
    E7,
    /// An HTML page of a proxy.
    Html,
    /// No body at all.
    Empty,
}

// === impl Fault ===

impl Fault {
    /// A fault of that kind.
    pub const fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            status: StatusCode::INTERNAL_SERVER_ERROR,
            shape: BodyShape::E1,
            retry_after: None,
            message: None,
            after: 2,
            times: None,
            lasts: None,
            id: None,
        }
    }

    /// An error status with a body of shape E1. A number that is no status counts as 500.
    pub fn status(status: u16) -> Self {
        let mut fault = Self::new(FaultKind::Status);
        fault.status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        fault
    }

    /// A fault by its name in the knob table of the crate documentation.
    pub fn named(name: &str) -> Option<Self> {
        let kind = match name {
            "hang-before-head" | "hang" => FaultKind::HangBeforeHead,
            "hang-mid-body" => FaultKind::HangMidBody,
            "reset-before-head" => FaultKind::ResetBeforeHead,
            "reset-after-head" => FaultKind::ResetAfterHead,
            "reset-mid-body" => FaultKind::ResetMidBody,
            "close-before-head" => FaultKind::CloseBeforeHead,
            "close-mid-body" => FaultKind::CloseMidBody,
            "wrong-length" => FaultKind::WrongLength,
            "cut-json" => FaultKind::CutJson,
            "rate-limit" => return Some(Self::status(429).retry_after("1")),
            "overloaded" => return Some(Self::status(503)),
            "suspended" => return Some(Self::status(412)),
            "html-502" => return Some(Self::status(502).shape(BodyShape::Html)),
            "empty-502" => return Some(Self::status(502).shape(BodyShape::Empty)),
            "scaling-up" => {
                return Some(Self::status(503).message(
                    "Deployment is currently scaled to zero and is scaling up. Please retry your \
                     request in a few minutes.",
                ));
            }
            _ => return None,
        };
        Some(Self::new(kind))
    }

    /// Sets the shape of the body.
    pub fn shape(mut self, shape: BodyShape) -> Self {
        self.shape = shape;
        self
    }

    /// Sends a `Retry-After` header.
    pub fn retry_after(mut self, value: impl Into<String>) -> Self {
        self.retry_after = Some(value.into());
        self
    }

    /// Sets the message.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Lets that many events pass first.
    pub fn after(mut self, events: u32) -> Self {
        self.after = events;
        self
    }

    /// Strikes only the first requests.
    pub fn times(mut self, requests: u32) -> Self {
        self.times = Some(requests);
        self
    }

    /// Strikes only for a time, counted from the first request.
    pub fn lasting(mut self, time: Duration) -> Self {
        self.lasts = Some(time);
        self
    }

    /// Names what `times` and `lasting` are counted by.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The reply of a [`FaultKind::Status`].
    pub(crate) fn refusal(&self, request_id: &str) -> Refusal {
        let message = self
            .message
            .clone()
            .unwrap_or_else(|| default_message(self.status));
        let mut refusal = Refusal::shaped(
            self.status,
            self.shape,
            &message,
            self.code(),
            None,
            request_id,
        );
        if let Some(value) = self
            .retry_after
            .as_deref()
            .and_then(|v| HeaderValue::from_str(v).ok())
        {
            refusal.headers.push((header::RETRY_AFTER, value));
        }
        refusal
    }

    fn code(&self) -> Option<&'static str> {
        match (self.status.as_u16(), &self.message) {
            (503, Some(m)) if m.contains("scaled to zero") => Some("DEPLOYMENT_SCALING_UP"),
            (status, _) => code_of(status),
        }
    }
}

// === impl BodyShape ===

impl BodyShape {
    /// A shape by name: `e1` to `e7`, `html`, `empty`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "e1" => Self::E1,
            "e2" => Self::E2,
            "e3" => Self::E3,
            "e4" => Self::E4,
            "e5" => Self::E5,
            "e6" => Self::E6,
            "e7" | "text" => Self::E7,
            "html" => Self::Html,
            "empty" => Self::Empty,
            _ => return None,
        })
    }

    /// The body and its content type.
    pub(crate) fn render(
        self,
        status: StatusCode,
        message: &str,
        code: Option<&str>,
        param: Option<&str>,
        request_id: &str,
    ) -> (&'static str, Vec<u8>) {
        let json = match self {
            Self::E1 => object! {
                "error" => object! {
                    "message" => message, "param" => param, "code" => code, "type" => "error",
                },
                "request_id" => request_id,
            },
            Self::E2 => object! {
                "error" => object! {
                    "object" => "error",
                    "type" => "invalid_request_error",
                    "code" => "invalid_request_error",
                    "message" => message,
                },
            },
            Self::E3 => object! {
                "error" => status.canonical_reason().unwrap_or("Error"), "message" => message,
            },
            Self::E4 => object! { "error" => "unauthorized" },
            Self::E5 => object! { "detail" => message },
            Self::E6 => anthropic(status, message, request_id),
            Self::E7 => {
                let text = "upstream connect error or disconnect/reset before headers. reset reason: \
                            connection termination";
                return ("text/plain", text.into());
            }
            Self::Html => return ("text/html", html(status).into_bytes()),
            Self::Empty => return ("text/plain", Vec::new()),
        };
        ("application/json", json.to_bytes())
    }
}

/// Anthropic's error object, as the Messages endpoint sends it.
pub(crate) fn anthropic(status: StatusCode, message: &str, request_id: &str) -> Json {
    object! {
        "type" => "error",
        "error" => object! { "type" => anthropic_type(status), "message" => message },
        "request_id" => request_id,
    }
}

fn anthropic_type(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 | 405 | 422 => "invalid_request_error",
        401 => "authentication_error",
        402 | 412 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        408 | 504 => "timeout_error",
        503 | 529 => "overloaded_error",
        _ => "api_error",
    }
}

fn html(status: StatusCode) -> String {
    let title = format!(
        "{} {}",
        status.as_str(),
        status.canonical_reason().unwrap_or("Error")
    );
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
    )
}

fn code_of(status: u16) -> Option<&'static str> {
    Some(match status {
        400 => "BAD_REQUEST",
        401 => "UNAUTHORIZED",
        403 => "FORBIDDEN",
        404 => "NOT_FOUND",
        412 => "PRECONDITION_FAILED",
        429 => "RATE_LIMITED",
        500 => "INTERNAL",
        _ => return None,
    })
}

fn default_message(status: StatusCode) -> String {
    match status.as_u16() {
        401 => "The API key you provided is invalid.".into(),
        402 => "Payment required: you have exceeded your usage limits.".into(),
        403 => "Fire Pass API keys are not authorized for this route.".into(),
        404 => crate::models::NOT_FOUND.into(),
        412 => "Account sim is suspended, possibly due to reaching the monthly spending limit or \
                failure to pay past invoices."
            .into(),
        429 => "You have exceeded your usage limits. Please slow down and retry.".into(),
        503 => "Service overloaded, please retry later.".into(),
        _ => status.canonical_reason().unwrap_or("Error").into(),
    }
}
