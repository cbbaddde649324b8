//! The answers this layer gives itself. A refusal is a response, never a service error.

use fw_wire::ApiError;

use crate::store::{MAX_HISTORY_BYTES, MAX_HISTORY_TURNS, MAX_PAGE, StoreError};

/// Longest id of a client that is shown.
const MAX_SHOWN: usize = 64;

/// A store that fails is told of to who runs it, not to clients.
pub(crate) fn log(error: &StoreError) {
    tracing::warn!(%error, "the store of responses failed");
}

pub(crate) fn store(error: StoreError) -> ApiError {
    log(&error);
    ApiError::internal("The store of responses failed. Try again, or send the whole conversation.")
        .code("response_store_failed")
}

pub(crate) fn no_id() -> ApiError {
    ApiError::internal("The system gave no random bytes for an id. Try again.")
}

pub(crate) fn response_not_found(id: &str) -> ApiError {
    ApiError::not_found(format!("Response with id '{}' not found.", shown(id)))
        .code("response_not_found")
}

pub(crate) fn previous_not_found(id: &str) -> ApiError {
    let message = format!(
        "Previous response with id '{}' not found: it, or one that it goes on from, was not stored, was \
         deleted, or is too old.",
        shown(id)
    );
    ApiError::not_found(message)
        .code("previous_response_not_found")
        .param("previous_response_id")
}

pub(crate) fn conversation_too_long() -> ApiError {
    let message = format!(
        "The stored items that the request refers to are more than {MAX_HISTORY_TURNS} turns or \
         {MAX_HISTORY_BYTES} bytes: begin a new conversation."
    );
    ApiError::invalid_request(message)
        .code("conversation_too_long")
        .param("previous_response_id")
}

pub(crate) fn unknown_cursor() -> ApiError {
    ApiError::not_found("'after' or 'before' names nothing in this list.").code("cursor_not_found")
}

pub(crate) fn bad_limit() -> ApiError {
    ApiError::invalid_request(format!("'limit' has to be a number from 1 to {MAX_PAGE}."))
        .param("limit")
}

pub(crate) fn bad_order() -> ApiError {
    ApiError::invalid_request("'order' has to be 'asc' or 'desc'.").param("order")
}

pub(crate) fn no_stream_of_kept() -> ApiError {
    ApiError::invalid_request("A stored response cannot be streamed: ask without 'stream'.")
        .param("stream")
}

pub(crate) fn nothing_to_cancel() -> ApiError {
    ApiError::invalid_request(
        "Only a response made in the background can be cancelled; this one is complete.",
    )
}

pub(crate) fn polled_again() -> ApiError {
    ApiError::internal("The request was answered already.")
}

pub(crate) fn encoded_reply() -> ApiError {
    ApiError::upstream(
        "The provider's reply has a content-encoding although none was asked for; \
         it cannot be read.",
    )
}

pub(crate) fn no_stream() -> ApiError {
    ApiError::upstream("The provider sent no stream although one was asked for.")
}

pub(crate) fn no_json() -> ApiError {
    ApiError::upstream("The provider sent a stream although none was asked for.")
}

fn shown(id: &str) -> &str {
    &id[..id.floor_char_boundary(MAX_SHOWN)]
}
