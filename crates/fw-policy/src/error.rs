//! The answers this layer gives itself, beside denials. A refusal is a response, never a service error.

use fw_wire::{ApiError, DocumentError};

// === the request ===

pub(crate) fn bad_json(error: &DocumentError, limit: usize) -> ApiError {
    if error.is_too_large() {
        return ApiError::payload_too_large(limit);
    }
    let message = format!("The request body could not be read: {error}.");
    ApiError::invalid_request(message).code("invalid_json")
}

pub(crate) fn token_ids(field: &str) -> ApiError {
    let message =
        format!("'{field}' holds token ids, which cannot be checked here; send it as text.");
    ApiError::invalid_request(message)
        .code("unreadable_prompt")
        .param(field)
}

// === the reply ===

pub(crate) fn encoded_reply() -> ApiError {
    ApiError::upstream(
        "The provider's reply has a content-encoding although none was asked for; it cannot be checked.",
    )
}

pub(crate) fn reply_too_large(limit: usize) -> ApiError {
    ApiError::upstream(format!(
        "The provider's reply is larger than {limit} bytes, so it cannot be checked."
    ))
}

pub(crate) fn unreadable_reply() -> ApiError {
    ApiError::upstream("The provider's reply is not JSON, so it cannot be checked.")
}

pub(crate) fn unreadable_stream() -> ApiError {
    ApiError::upstream("The provider's reply is no stream of events, so it cannot be checked.")
}
