//! The answers this layer gives itself. A refusal is a response, never a service error.

use fw_wire::{ApiError, DocumentError, Endpoint};
use http::StatusCode;

use crate::{
    changes::shown,
    fallbacks::{FALLBACKS, UNREAD},
};

// === the request ===

pub(crate) fn bad_json(error: &DocumentError, limit: usize) -> ApiError {
    if error.is_too_large() {
        return ApiError::payload_too_large(limit);
    }
    let message = format!("The request body could not be read: {error}.");
    ApiError::invalid_request(message).code("invalid_json")
}

pub(crate) fn no_model() -> ApiError {
    let message = "The request names no model, and no default model is configured: set 'model'.";
    ApiError::invalid_request(message)
        .code("model_required")
        .param("model")
}

pub(crate) fn other_provider(model: &str, asked: &str, provider: &str) -> ApiError {
    let model: String = model.chars().take(200).collect();
    let message = format!(
        "The model '{model}' asks for the provider {asked}; this target is served by {provider}."
    );
    ApiError::new(StatusCode::NOT_FOUND, message)
        .code("model_not_found")
        .param("model")
}

/// For a router, which asks again. Whoever sees it has one that does not.
pub(crate) fn unread_fallbacks() -> ApiError {
    ApiError::invalid_request(format!(
        "Nothing here reads `{FALLBACKS}`. Send the request without it."
    ))
    .code(UNREAD)
    .param(FALLBACKS)
}

pub(crate) fn unknown_field(provider: &str, prefix: &str, name: &str) -> ApiError {
    let path = format!("{prefix}{}", shown(name));
    let message = format!("The field '{path}' is not one that the provider {provider} takes.");
    ApiError::invalid_request(message)
        .code("unknown_field")
        .param(path)
}

/// A field without which the reply would be another one.
pub(crate) fn cannot_be_had(provider: &str, field: &str, instead: &str) -> ApiError {
    let message = format!("'{field}' cannot be had from the provider {provider}. {instead}");
    ApiError::invalid_request(message)
        .code("unsupported_value")
        .param(field)
}

pub(crate) fn unsupported_part(kind: &str, path: &str) -> ApiError {
    let message = format!(
        "{path} has the type '{kind}', which the provider does not support; \
         send text, image_url, video_url or audio_url parts."
    );
    ApiError::invalid_request(message)
        .code("unsupported_content")
        .param(path)
}

pub(crate) fn custom_tool(path: &str) -> ApiError {
    let message = format!(
        "{path} is a custom tool, which the provider does not support; use a function tool."
    );
    ApiError::invalid_request(message)
        .code("unsupported_tool")
        .param(path)
}

pub(crate) fn no_such_tool() -> ApiError {
    let message = "tool_choice.allowed_tools names none of the request's tools.";
    ApiError::invalid_request(message).param("tool_choice")
}

pub(crate) fn no_streaming_embeddings(provider: &str) -> ApiError {
    ApiError::unsupported_operation("streaming embeddings", provider).param("stream")
}

pub(crate) fn no_such_operation(endpoint: Endpoint, provider: &str) -> ApiError {
    ApiError::unsupported_operation(endpoint.name(), provider)
}

// === the reply ===

pub(crate) fn encoded_reply() -> ApiError {
    ApiError::upstream(
        "The provider's reply has a content-encoding although none was asked for; \
         it cannot be read.",
    )
}

pub(crate) fn stream_broke_off() -> ApiError {
    ApiError::upstream("The provider's stream ended before the reply was complete.")
}

pub(crate) fn unreadable_event() -> ApiError {
    ApiError::upstream("The provider's stream holds an event that is not JSON.")
}
