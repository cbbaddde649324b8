//! The answers this layer gives itself. A refusal is a response, never a service error.

use fw_wire::ApiError;

// === the reply ===

pub(crate) fn encoded_reply() -> ApiError {
    ApiError::upstream(
        "The provider's reply has a content-encoding although none was asked for; \
         it cannot be read.",
    )
}

pub(crate) fn unexpected_stream() -> ApiError {
    ApiError::upstream("The provider sent a stream although none was asked for.")
}

/// Says of a prompt that is too long just that. Agents look for Anthropic's words, and then shorten the
/// conversation.
pub(crate) fn in_words_that_agents_know(error: ApiError) -> ApiError {
    let said = error.message().to_ascii_lowercase();
    let is_too_long = error.error_code() == Some("context_length_exceeded")
        || (error.status().is_client_error() && said.contains("maximum context length"));
    if !is_too_long || said.contains("prompt is too long") {
        return error;
    }
    let message = format!("Prompt is too long: {}", error.message());
    let mut told = ApiError::new(error.status(), message);
    if let Some(code) = error.error_code() {
        told = told.code(code.to_owned());
    }
    if let Some(param) = error.error_param() {
        told = told.param(param);
    }
    match error.upstream_request_id() {
        Some(id) => told.request_id(id),
        None => told,
    }
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
