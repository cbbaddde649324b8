use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use fw_wire::ApiError;
use http::StatusCode;

use crate::connector::ConnectTimedOut;

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a provider gave no reply, or only a part of one.
///
/// It says what happened ([`kind`](Self::kind)), whether the request may be
/// sent again without the risk of doing it twice
/// ([`may_retry`](Self::may_retry)), and what to tell the client
/// ([`to_api_error`](Self::to_api_error)). `Display` names the target and
/// nothing else of the configuration; do not match on its text. Neither it nor
/// `Debug` nor any source holds a key.
pub struct ProviderError {
    inner: Box<Inner>,
}

struct Inner {
    target: Arc<str>,
    kind: ErrorKind,
    in_body: bool,
    may_retry: bool,
    after: Option<Duration>,
    detail: Option<Cow<'static, str>>,
    source: Option<BoxError>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No connection could be opened: name resolution or TCP failed.
    Connect,
    /// The TLS handshake failed, for example for an unknown certificate.
    Tls,
    /// A deadline passed.
    Timeout(Deadline),
    /// The provider closed or reset the connection or the stream.
    Reset,
    /// The provider's reply was not HTTP.
    Protocol,
    /// The body of the request could not be read to its end.
    RequestBody,
    /// The request cannot be sent: its path or method makes no sense.
    InvalidRequest,
    /// The target has no key. Nothing was sent.
    Unavailable,
}

/// Which deadline passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Deadline {
    /// Opening a connection.
    Connect,
    /// The first byte of a streamed reply.
    FirstByte,
    /// The whole of a reply that is not streamed.
    Reply,
    /// The whole of a streamed reply.
    Stream,
    /// Silence within a reply.
    Idle,
}

impl ProviderError {
    fn new(target: &Arc<str>, kind: ErrorKind) -> Self {
        Self {
            inner: Box::new(Inner {
                target: target.clone(),
                kind,
                in_body: false,
                may_retry: false,
                after: None,
                detail: None,
                source: None,
            }),
        }
    }

    pub(crate) fn unavailable(target: &Arc<str>, reason: impl Into<Cow<'static, str>>) -> Self {
        let mut error = Self::new(target, ErrorKind::Unavailable);
        error.inner.may_retry = true;
        error.inner.detail = Some(reason.into());
        error
    }

    pub(crate) fn invalid_request(target: &Arc<str>, what: &'static str) -> Self {
        let mut error = Self::new(target, ErrorKind::InvalidRequest);
        error.inner.detail = Some(what.into());
        error
    }

    pub(crate) fn timeout(target: &Arc<str>, deadline: Deadline, after: Option<Duration>) -> Self {
        let mut error = Self::new(target, ErrorKind::Timeout(deadline));
        error.inner.after = after;
        // For those who look for a timeout without knowing this type.
        error.inner.source = Some(Box::new(io::Error::from(io::ErrorKind::TimedOut)));
        error
    }

    /// No connection could be opened.
    pub(crate) fn connect(target: &Arc<str>, timeout: Duration, source: BoxError) -> Self {
        let kind = if find::<ConnectTimedOut>(&*source).is_some() {
            ErrorKind::Timeout(Deadline::Connect)
        } else if find::<rustls::Error>(&*source).is_some() {
            ErrorKind::Tls
        } else {
            ErrorKind::Connect
        };
        let mut error = Self::new(target, kind);
        // Without a connection nothing can have been sent.
        error.inner.may_retry = true;
        if kind == ErrorKind::Timeout(Deadline::Connect) {
            error.inner.after = Some(timeout);
        }
        error.inner.source = Some(source);
        error
    }

    /// The connection failed before there was a reply.
    pub(crate) fn request(target: &Arc<str>, source: BoxError) -> Self {
        let mut error = Self::new(target, kind_of(&*source));
        error.inner.may_retry = never_processed(&*source);
        error.inner.source = Some(source);
        error
    }

    /// The reply broke off.
    pub(crate) fn body(target: &Arc<str>, source: BoxError) -> Self {
        let mut error = Self::new(target, kind_of(&*source));
        error.inner.in_body = true;
        error.inner.source = Some(source);
        error
    }

    pub(crate) fn in_body(mut self) -> Self {
        self.inner.in_body = true;
        self
    }

    /// What happened.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The target's id.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.inner.target
    }

    /// Whether a deadline passed, whichever it was.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::Timeout(_))
    }

    /// Whether there was no connection: not reached, not trusted, or not in
    /// time.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(
            self.inner.kind,
            ErrorKind::Connect | ErrorKind::Tls | ErrorKind::Timeout(Deadline::Connect)
        )
    }

    /// Whether the connection or stream was closed under way.
    #[must_use]
    pub fn is_reset(&self) -> bool {
        self.inner.kind == ErrorKind::Reset
    }

    /// Whether it happened after the head of the reply had come.
    #[must_use]
    pub fn is_in_body(&self) -> bool {
        self.inner.in_body
    }

    /// Whether the request surely never reached the provider's application, so
    /// that sending it again cannot do it twice.
    ///
    /// True where no connection was opened, where the connection closed before
    /// the request was written, and where HTTP/2 says that the stream was not
    /// processed (RFC 9113 sections 6.8 and 8.7). False means "not known".
    #[must_use]
    pub fn may_retry(&self) -> bool {
        self.inner.may_retry
    }

    /// What to answer the client.
    ///
    /// | kind | status | code |
    /// |---|---|---|
    /// | `Connect`, `Tls` | 502 | `upstream_unreachable` |
    /// | `Timeout` | 504 | `upstream_timeout` |
    /// | `Reset` | 502 | `upstream_closed` |
    /// | `Protocol` | 502 | `upstream_invalid_reply` |
    /// | `Unavailable` | 503 | `target_unavailable` |
    /// | `RequestBody` | 400 | `invalid_request_body` |
    /// | `InvalidRequest` | 400 | `invalid_path` |
    ///
    /// The message names the target's id. It holds no address and no key.
    #[must_use]
    pub fn to_api_error(&self) -> ApiError {
        let (status, kind, code) = match self.inner.kind {
            ErrorKind::Connect | ErrorKind::Tls => (
                StatusCode::BAD_GATEWAY,
                "upstream_error",
                "upstream_unreachable",
            ),
            ErrorKind::Timeout(_) => (
                StatusCode::GATEWAY_TIMEOUT,
                "timeout_error",
                "upstream_timeout",
            ),
            ErrorKind::Reset => (StatusCode::BAD_GATEWAY, "upstream_error", "upstream_closed"),
            ErrorKind::Protocol => (
                StatusCode::BAD_GATEWAY,
                "upstream_error",
                "upstream_invalid_reply",
            ),
            ErrorKind::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "upstream_error",
                "target_unavailable",
            ),
            ErrorKind::RequestBody => (
                StatusCode::BAD_REQUEST,
                "invalid_request_error",
                "invalid_request_body",
            ),
            ErrorKind::InvalidRequest => (
                StatusCode::BAD_REQUEST,
                "invalid_request_error",
                "invalid_path",
            ),
        };
        ApiError::new(status, self.to_string())
            .kind(kind)
            .code(code)
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.inner;
        write!(f, "target `{}`: ", inner.target)?;
        match inner.kind {
            ErrorKind::Connect => f.write_str("the provider could not be reached"),
            ErrorKind::Tls => f.write_str("the TLS handshake with the provider failed"),
            ErrorKind::Timeout(deadline) => {
                let what = match deadline {
                    Deadline::Connect => "no connection to the provider",
                    Deadline::FirstByte => "the provider sent no first byte",
                    Deadline::Reply => "the provider did not finish its reply",
                    Deadline::Stream => "the provider did not finish its stream",
                    Deadline::Idle => "the provider went silent within its reply",
                };
                f.write_str(what)?;
                match (deadline, inner.after) {
                    (Deadline::Idle, Some(after)) => write!(f, " for {}", Seconds(after)),
                    (_, Some(after)) => write!(f, " within {}", Seconds(after)),
                    (_, None) => Ok(()),
                }
            }
            ErrorKind::Reset if inner.in_body => {
                f.write_str("the provider closed the connection before its reply was complete")
            }
            ErrorKind::Reset => f.write_str("the provider closed the connection without a reply"),
            ErrorKind::Protocol => f.write_str("the provider's reply is not valid HTTP"),
            ErrorKind::RequestBody => f.write_str("the body of the request could not be read"),
            ErrorKind::InvalidRequest => f.write_str("the request cannot be sent"),
            ErrorKind::Unavailable => f.write_str("unavailable"),
        }?;
        match &inner.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.inner;
        f.debug_struct("ProviderError")
            .field("target", &inner.target)
            .field("kind", &inner.kind)
            .field("in_body", &inner.in_body)
            .field("may_retry", &inner.may_retry)
            .field("after", &inner.after)
            .field("detail", &inner.detail)
            .field("source", &inner.source)
            .finish()
    }
}

impl StdError for ProviderError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.subsec_nanos() == 0 {
            write!(f, "{} s", self.0.as_secs())
        } else {
            write!(f, "{} ms", self.0.as_millis())
        }
    }
}

fn kind_of(error: &(dyn StdError + 'static)) -> ErrorKind {
    let Some(hyper) = find::<hyper::Error>(error) else {
        return ErrorKind::Reset;
    };
    if hyper.is_user() {
        return ErrorKind::RequestBody;
    }
    if hyper.is_parse() {
        return ErrorKind::Protocol;
    }
    match find::<h2::Error>(error) {
        // An error that this side found in what the other side sent.
        Some(h2) if h2.is_library() => ErrorKind::Protocol,
        // hyper resets a stream whose request body fails.
        Some(h2) if h2.is_reset() && !h2.is_remote() => ErrorKind::RequestBody,
        _ => ErrorKind::Reset,
    }
}

fn never_processed(error: &(dyn StdError + 'static)) -> bool {
    // "Canceled" is hyper's word for a request that was never begun.
    if find::<hyper::Error>(error).is_some_and(hyper::Error::is_canceled) {
        return true;
    }
    find::<h2::Error>(error).is_some_and(|h2| {
        let reason = h2.reason();
        h2.is_remote()
            && (reason == Some(h2::Reason::REFUSED_STREAM)
                // Only streams above the last one that the server accepted fail
                // with its GOAWAY.
                || (h2.is_go_away() && reason == Some(h2::Reason::NO_ERROR)))
    })
}

/// The first error of this type in the chain. `io::Error` hides what it wraps
/// from `source`, so it is opened.
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    /// Chains are short; this only guards against a circular one.
    const MAX_DEPTH: usize = 32;

    let mut next = Some(error);
    for _ in 0..MAX_DEPTH {
        let error = next?;
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// Why a [`ProviderConfig`](crate::ProviderConfig) cannot be used.
///
/// The message names the target, the setting and what to do. It never holds a
/// key, nor an address that may contain one.
#[derive(Debug)]
pub struct ConfigError {
    target: String,
    setting: &'static str,
    message: Cow<'static, str>,
}

impl ConfigError {
    pub(crate) fn new(
        target: &str,
        setting: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            target: target.to_owned(),
            setting,
            message: message.into(),
        }
    }

    /// The setting that is wrong, by its name in the configuration file.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        self.setting
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "target `{}`: {} {}",
            self.target, self.setting, self.message
        )
    }
}

impl StdError for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Arc<str> {
        "main".into()
    }

    #[test]
    fn messages_say_what_happened_and_after_how_long() {
        let cases = [
            (
                ProviderError::timeout(&target(), Deadline::Reply, Some(Duration::from_secs(60))),
                "target `main`: the provider did not finish its reply within 60 s",
            ),
            (
                ProviderError::timeout(
                    &target(),
                    Deadline::Idle,
                    Some(Duration::from_millis(1500)),
                ),
                "target `main`: the provider went silent within its reply for 1500 ms",
            ),
            (
                ProviderError::unavailable(&target(), "the environment variable X is not set"),
                "target `main`: unavailable: the environment variable X is not set",
            ),
            (
                ProviderError::body(
                    &target(),
                    io::Error::from(io::ErrorKind::ConnectionReset).into(),
                ),
                "target `main`: the provider closed the connection before its reply was complete",
            ),
        ];
        for (error, text) in cases {
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn an_error_inside_an_io_error_is_found() {
        let wrapped = io::Error::other(io::Error::other(ConnectTimedOut));
        assert!(find::<ConnectTimedOut>(&wrapped).is_some());
        assert!(find::<rustls::Error>(&wrapped).is_none());
    }

    #[test]
    fn only_what_was_never_sent_may_be_sent_again() {
        assert!(ProviderError::unavailable(&target(), "no key").may_retry());
        assert!(!ProviderError::timeout(&target(), Deadline::Reply, None).may_retry());
        let reset: h2::Error = h2::Reason::REFUSED_STREAM.into();
        // Made here, not received: no statement of the server.
        assert!(!never_processed(&reset));
    }

    #[test]
    fn errors_can_cross_threads_and_stay_small() {
        fn assert<T: Send + Sync + 'static>() {}
        assert::<ProviderError>();
        assert_eq!(size_of::<ProviderError>(), size_of::<usize>());
    }
}
