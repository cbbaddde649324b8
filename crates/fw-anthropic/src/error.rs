//! The answers this layer gives itself. A refusal is a response, never a service error.

use std::{error::Error, io};

use fw_wire::ApiError;
use http::StatusCode;

// === the request ===

pub(crate) fn unreadable_body() -> ApiError {
    ApiError::invalid_request("The request body broke off before its end.").code("incomplete_body")
}

pub(crate) fn encoded_request() -> ApiError {
    let message = "The request body has a content-encoding; send it without one.";
    ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message).code("unsupported_content_encoding")
}

// === the reply ===

pub(crate) fn encoded_reply() -> ApiError {
    ApiError::upstream(
        "The provider's reply has a content-encoding although none was asked for; \
         it cannot be read.",
    )
}

pub(crate) fn reply_too_large(limit: usize) -> ApiError {
    ApiError::upstream(format!(
        "The provider's reply is larger than {limit} bytes."
    ))
}

pub(crate) fn reply_broke_off() -> ApiError {
    ApiError::upstream("The provider's reply broke off before its end.")
}

pub(crate) fn unreadable_reply() -> ApiError {
    ApiError::upstream("The provider's reply is no chat completion.")
}

pub(crate) fn unexpected_stream() -> ApiError {
    ApiError::upstream("The provider sent a stream although none was asked for.")
}

// === the stream ===

pub(crate) fn stream_broke_off() -> ApiError {
    ApiError::upstream("The provider's stream ended before the reply was complete.")
        .code("stream_truncated")
}

pub(crate) fn unreadable_event() -> ApiError {
    ApiError::upstream("The provider's stream holds an event that is not JSON.")
}

pub(crate) fn event_too_large(limit: usize) -> ApiError {
    ApiError::upstream(format!(
        "The provider sent an event of more than {limit} bytes."
    ))
    .code("event_too_large")
}

pub(crate) fn too_much_held() -> ApiError {
    ApiError::upstream(
        "The provider's stream mixes more tool calls, or more of their arguments, than can be held.",
    )
}

pub(crate) fn unnamed_error() -> ApiError {
    ApiError::upstream("The provider's stream ended with an error that says nothing.")
}

/// Why reading failed, if the error says so.
pub(crate) fn broke_off(error: &(dyn Error + 'static), otherwise: fn() -> ApiError) -> ApiError {
    if let Some(error) = caused_by::<ApiError>(error) {
        return error.clone();
    }
    let io = caused_by::<io::Error>(error);
    if io.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
        return ApiError::timeout("The provider took too long to send its reply.");
    }
    otherwise()
}

/// The error itself, or what it was caused by.
pub(crate) fn caused_by<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
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
