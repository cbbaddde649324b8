//! Who is at fault when an attempt fails, and so what may be done about it.

use std::{
    error::Error,
    fmt, io,
    time::{Duration, SystemTime},
};

use fw_wire::{RetryAfter, Value};
use http::{HeaderMap, StatusCode};

/// What went wrong with one attempt.
///
/// The kind decides what follows: see the table in the [crate documentation](crate#faults).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// The request itself is wrong: it would fail everywhere.
    Client,
    /// The request is too long for this target's model.
    ContextLength,
    /// The target refused the content.
    ContentFilter,
    /// The target does not know the model.
    UnknownModel,
    /// The key or its account: wrong, forbidden, unpaid, suspended.
    Account,
    /// The target's rate limit.
    RateLimited,
    /// An error of the target's own.
    ServerError,
    /// A deadline passed.
    Timeout,
    /// No connection.
    Connect,
    /// The connection or the stream was closed under way.
    Reset,
    /// The reply ended before it was whole.
    Truncated,
    /// The reply ended without any content.
    Empty,
}

impl FaultKind {
    /// A name for logs, metrics and records, such as `rate_limited`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::ContextLength => "context_length",
            Self::ContentFilter => "content_filter",
            Self::UnknownModel => "unknown_model",
            Self::Account => "account",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::Reset => "reset",
            Self::Truncated => "truncated",
            Self::Empty => "empty",
        }
    }

    /// Whether it counts against the target: its breaker, its error ratio, its latency.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(
            self,
            Self::ServerError
                | Self::Timeout
                | Self::Connect
                | Self::Reset
                | Self::Truncated
                | Self::Empty
        )
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fault with what the target said about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    kind: FaultKind,
    status: Option<StatusCode>,
    retry_after: Option<Duration>,
    /// The request alone is more than the limit.
    too_large: bool,
}

/// Bodies are read for what they say about a failure up to this length.
const MAX_READ: usize = 64 * 1024;

impl Fault {
    /// A fault of which only the kind is known.
    #[must_use]
    pub const fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            status: None,
            retry_after: None,
            too_large: false,
        }
    }

    /// The fault in a reply; `None` if its status is no error.
    ///
    /// `body` is as much of the body as is there. The table is that of the Fireworks API documentation, with
    /// what other OpenAI-compatible servers add:
    ///
    /// | status | kind |
    /// |---|---|
    /// | 400, 413, 422 that speak of the context or its length | `ContextLength` |
    /// | 400, 403 with a code or type of a content filter | `ContentFilter` |
    /// | 401, 402, 403, 412 | `Account` |
    /// | 404 | `UnknownModel` |
    /// | 408, 504, 524 | `Timeout` |
    /// | 429 | `RateLimited`, or `Account` where the quota is used up |
    /// | 425, other 5xx but 501 and 505 | `ServerError` |
    /// | other 4xx (409 too, which a request may provoke), 501, 505 | `Client` |
    #[must_use]
    pub fn of_reply(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        if !status.is_client_error() && !status.is_server_error() && status.as_u16() < 400 {
            return None;
        }
        let said = Said::read(body);
        let kind = match status.as_u16() {
            400 | 413 | 422 if said.is_context_length() => FaultKind::ContextLength,
            400 | 403 if said.is_content_filter() => FaultKind::ContentFilter,
            401 | 402 | 403 | 412 => FaultKind::Account,
            404 => FaultKind::UnknownModel,
            408 | 504 | 524 => FaultKind::Timeout,
            429 if said.is_out_of_quota() => FaultKind::Account,
            429 => FaultKind::RateLimited,
            501 | 505 => FaultKind::Client,
            425 | 500.. => FaultKind::ServerError,
            _ => FaultKind::Client,
        };
        Some(Self {
            kind,
            status: Some(status),
            too_large: kind == FaultKind::RateLimited && said.is_too_large(),
            retry_after: RetryAfter::from_headers(headers, SystemTime::now())
                .and_then(|retry_after| retry_after.delay()),
        })
    }

    /// The fault in an error event of a stream, by the status it stands for.
    #[must_use]
    pub(crate) fn of_event(error: &fw_wire::ApiError) -> Self {
        let code = error.error_code().unwrap_or_default();
        let said = Said {
            labels: format!("{} {code}", error.error_type()).to_ascii_lowercase(),
            message: error.message().to_ascii_lowercase(),
        };
        let fault = Self::of_reply(error.status(), &HeaderMap::new(), b"");
        let mut fault = fault.unwrap_or_else(|| Self::new(FaultKind::ServerError));
        if fault.kind == FaultKind::Client {
            if said.is_context_length() {
                fault.kind = FaultKind::ContextLength;
            } else if said.is_content_filter() {
                fault.kind = FaultKind::ContentFilter;
            }
        }
        fault
    }

    /// The fault behind an error that a service or a body gave in place of a reply.
    ///
    /// Errors of [`std::io`] among its causes tell what happened; what nobody knows counts as a reset.
    #[must_use]
    pub fn of_error(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<io::Error>() {
                match error.kind() {
                    io::ErrorKind::TimedOut => return Self::new(FaultKind::Timeout),
                    io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::HostUnreachable
                    | io::ErrorKind::NetworkUnreachable
                    | io::ErrorKind::AddrNotAvailable => return Self::new(FaultKind::Connect),
                    _ => {}
                }
            }
            cause = error.source();
        }
        Self::new(FaultKind::Reset)
    }

    /// Adds how long the target asked to be left alone.
    #[must_use]
    pub const fn with_retry_after(mut self, delay: Option<Duration>) -> Self {
        self.retry_after = delay;
        self
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        self.kind
    }

    /// The status of the reply, if there was one.
    #[must_use]
    pub const fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// How long the target asked to be left alone.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether the request alone is more than the rate limit: others may pass, and it never will.
    pub(crate) const fn is_too_large(&self) -> bool {
        self.too_large
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{} ({})", self.kind, status.as_u16()),
            None => self.kind.fmt(f),
        }
    }
}

/// What an error reply says, in lower case. Messages may repeat what the client sent: they decide only what is no
/// matter to others.
#[derive(Default)]
struct Said {
    /// Type and code.
    labels: String,
    message: String,
}

impl Said {
    fn read(body: &[u8]) -> Self {
        let mut said = Self::default();
        if body.len() <= MAX_READ
            && let Ok(root) = Value::parse(body.trim_ascii())
        {
            let error = root.get("error").filter(|error| error.is_object());
            for object in [error, Some(root)].into_iter().flatten() {
                let [kind, code, message, detail] =
                    object.get_many(["type", "code", "message", "detail"]);
                for (words, values) in [
                    (&mut said.labels, [kind, code]),
                    (&mut said.message, [message, detail]),
                ] {
                    for text in values.into_iter().flatten().filter_map(Value::as_str) {
                        words.push_str(&text.to_ascii_lowercase());
                        words.push(' ');
                    }
                }
            }
        }
        said
    }

    fn is_labelled(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.labels.contains(phrase))
    }

    fn has_any(&self, phrases: &[&str]) -> bool {
        self.is_labelled(phrases) || phrases.iter().any(|phrase| self.message.contains(phrase))
    }

    /// OpenAI, Groq.
    fn is_too_large(&self) -> bool {
        self.message.starts_with("request too large for ")
    }

    /// Fireworks, OpenAI, Anthropic, vLLM.
    fn is_context_length(&self) -> bool {
        self.has_any(&[
            "prompt is too long",
            "context_length_exceeded",
            "maximum context length",
            "context window",
            "too many tokens",
        ])
    }

    /// OpenAI, Azure OpenAI.
    fn is_content_filter(&self) -> bool {
        self.is_labelled(&[
            "content_filter",
            "content_policy_violation",
            "responsibleaipolicy",
        ])
    }

    /// OpenAI: waiting does not help.
    fn is_out_of_quota(&self) -> bool {
        self.is_labelled(&["insufficient_quota", "billing_hard_limit_reached"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, body: &str) -> Option<FaultKind> {
        let status = StatusCode::from_u16(status).unwrap();
        Fault::of_reply(status, &HeaderMap::new(), body.as_bytes()).map(|fault| fault.kind())
    }

    #[test]
    fn the_status_decides() {
        use FaultKind::{Account, Client, RateLimited, ServerError, Timeout, UnknownModel};
        let table = [
            (200, None),
            (302, None),
            (400, Some(Client)),
            (401, Some(Account)),
            (402, Some(Account)),
            (403, Some(Account)),
            (404, Some(UnknownModel)),
            (405, Some(Client)),
            (408, Some(Timeout)),
            (409, Some(Client)),
            (412, Some(Account)),
            (413, Some(Client)),
            (422, Some(Client)),
            (425, Some(ServerError)),
            (429, Some(RateLimited)),
            (500, Some(ServerError)),
            (501, Some(Client)),
            (502, Some(ServerError)),
            (503, Some(ServerError)),
            (504, Some(Timeout)),
            (520, Some(ServerError)),
            (529, Some(ServerError)),
        ];
        for (status, expected) in table {
            assert_eq!(kind(status, ""), expected, "{status}");
        }
    }

    #[test]
    fn some_bodies_say_more_than_the_status() {
        let long = r#"{"error":{"message":"The prompt is too long: 9, model maximum context length: 8","code":"BAD_REQUEST"}}"#;
        assert_eq!(kind(400, long), Some(FaultKind::ContextLength));
        let filter = r#"{"error":{"message":"no","code":"content_filter"}}"#;
        assert_eq!(kind(400, filter), Some(FaultKind::ContentFilter));
        let quota = r#"{"error":{"message":"no","code":"insufficient_quota"}}"#;
        assert_eq!(kind(429, quota), Some(FaultKind::Account));
        assert_eq!(kind(400, "the prompt is too long"), Some(FaultKind::Client));
    }

    #[test]
    fn what_a_client_may_have_written_takes_nothing_from_others() {
        let echo = r#"{"error":{"message":"Limit reached for `insufficient_quota content_filter`","type":"tokens"}}"#;
        assert_eq!(kind(429, echo), Some(FaultKind::RateLimited));
        assert_eq!(kind(403, echo), Some(FaultKind::Account));
        assert_eq!(kind(400, echo), Some(FaultKind::Client));
    }

    #[test]
    fn a_server_says_when_to_come_back() {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "7".parse().unwrap());
        let fault = Fault::of_reply(StatusCode::TOO_MANY_REQUESTS, &headers, b"");
        assert_eq!(fault.unwrap().retry_after(), Some(Duration::from_secs(7)));
    }

    #[test]
    fn causes_tell_what_happened() {
        let of = |kind| Fault::of_error(&io::Error::from(kind)).kind();
        assert_eq!(of(io::ErrorKind::TimedOut), FaultKind::Timeout);
        assert_eq!(of(io::ErrorKind::ConnectionRefused), FaultKind::Connect);
        assert_eq!(of(io::ErrorKind::ConnectionReset), FaultKind::Reset);
        assert_eq!(Fault::of_error(&fmt::Error).kind(), FaultKind::Reset);
    }
}
