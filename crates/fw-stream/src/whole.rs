//! What every layer has to find out that reads a body as a whole.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use fw_wire::ApiError;
use http::{HeaderMap, StatusCode, header};
use http_body::Body;
use http_body_util::LengthLimitError;

use crate::{BoxError, CollectError, Collected};

/// Longest error reply that is read. What comes after is no message for people.
const MAX_ERROR_BYTES: usize = 256 * 1024;

impl Collected {
    /// Reads the body of a request of at most `max_bytes`, or says what to answer instead.
    pub fn poll_request<B>(
        &mut self,
        body: Pin<&mut B>,
        max_bytes: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Bytes, ApiError>>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        let read = ready!(self.poll(body, max_bytes, cx));
        Poll::Ready(read.map_err(|error| match error {
            CollectError::TooLarge(_) => ApiError::payload_too_large(max_bytes),
            CollectError::Body(error) => {
                let error = error.into();
                tracing::debug!(%error, "request body failed");
                request_error(&*error, max_bytes)
            }
        }))
    }

    /// Reads the body of a reply of at most `max_bytes`, or says what to answer instead.
    ///
    /// That of an error is read as far as it is there and makes sense: its first 256 KiB, whatever comes of the
    /// rest.
    pub fn poll_reply<B>(
        &mut self,
        body: Pin<&mut B>,
        is_error: bool,
        max_bytes: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Bytes, ApiError>>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        let limit = if is_error { MAX_ERROR_BYTES } else { max_bytes };
        Poll::Ready(match ready!(self.poll(body, limit, cx)) {
            Ok(body) => Ok(body),
            Err(CollectError::TooLarge(read)) if is_error => Ok(read),
            Err(_) if is_error => Ok(self.take()),
            Err(CollectError::TooLarge(_)) => Err(reply_too_large_error(limit)),
            Err(CollectError::Body(error)) => {
                let error = error.into();
                tracing::debug!(%error, "the provider's reply failed");
                Err(reply_error(&*error))
            }
        })
    }
}

/// Whether a body has a `content-encoding`, such as `gzip`, so that its bytes are no text.
#[must_use]
pub fn is_encoded(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    encodings.any(|encoding| {
        !encoding
            .as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"identity")
    })
}

/// The first error of this type among an error and its causes.
pub fn caused_by<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    // A chain that long is a circle.
    for _ in 0..32 {
        let error = next?;
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// What to answer a client whose request body [has an encoding](is_encoded): 415.
#[must_use]
pub fn encoded_request_error() -> ApiError {
    let message = "The request body has a content-encoding; send it without one.";
    ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message).code("unsupported_content_encoding")
}

/// What to answer a client whose request body failed while it was read: 413 where a limit of
/// [`http_body_util::Limited`] says so, else 400.
#[must_use]
pub fn request_error(error: &(dyn Error + 'static), max_bytes: usize) -> ApiError {
    if caused_by::<LengthLimitError>(error).is_some() {
        return ApiError::payload_too_large(max_bytes);
    }
    ApiError::invalid_request("The request body broke off before its end.").code("incomplete_body")
}

/// What to answer when a reply is larger than `max_bytes`: 502.
#[must_use]
pub fn reply_too_large_error(max_bytes: usize) -> ApiError {
    ApiError::upstream(format!(
        "The provider's reply is larger than {max_bytes} bytes."
    ))
}

/// What to answer when the body of a reply failed while it was read: what the error itself says, or 504 for a
/// deadline, or 502.
#[must_use]
pub fn reply_error(error: &(dyn Error + 'static)) -> ApiError {
    if let Some(error) = caused_by::<ApiError>(error) {
        return error.clone();
    }
    match caused_by::<io::Error>(error) {
        Some(error) if error.kind() == io::ErrorKind::TimedOut => {
            ApiError::timeout("The provider took too long to send its reply.")
        }
        _ => ApiError::upstream("The provider's reply broke off before its end."),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use http::HeaderValue;

    use super::*;

    #[test]
    fn identity_is_no_encoding() {
        let mut headers = HeaderMap::new();
        assert!(!is_encoded(&headers));
        headers.append(
            header::CONTENT_ENCODING,
            HeaderValue::from_static(" Identity "),
        );
        assert!(!is_encoded(&headers));
        headers.append(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        assert!(is_encoded(&headers));
    }

    /// Something that went wrong because of something else.
    #[derive(Debug)]
    struct Wrapped(Box<dyn Error>);

    impl fmt::Display for Wrapped {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("it went wrong")
        }
    }

    impl Error for Wrapped {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&*self.0)
        }
    }

    fn wrapped(error: impl Error + 'static) -> Wrapped {
        Wrapped(Box::new(Wrapped(Box::new(error))))
    }

    #[test]
    fn causes_decide_about_the_answer() {
        let late = wrapped(io::Error::from(io::ErrorKind::TimedOut));
        assert_eq!(reply_error(&late).status(), 504);
        assert_eq!(reply_error(&wrapped(fmt::Error)).status(), 502);
        let known = wrapped(ApiError::model_not_found("m"));
        assert_eq!(reply_error(&known).status(), 404);
        assert_eq!(request_error(&late, 10).status(), 400);
    }
}
