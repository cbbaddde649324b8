//! The answers this layer gives itself. A refusal is a response, never a service error.

use fw_wire::ApiError;

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
    ApiError::upstream("The provider's reply ended with an error that says nothing.")
}
