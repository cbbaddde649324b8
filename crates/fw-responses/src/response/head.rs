//! What a response object says beside its output.

use fw_wire::{ApiError, Usage};

use crate::object::Object;
use crate::request::ChatRequest;

use super::output::Thoughts;

/// Everything about a response that is known before its output.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) id: String,
    created_at: u64,
    /// The service's name for the model, else the client's.
    pub(crate) model: Option<String>,
    echo: String,
    pub(crate) thoughts: Thoughts,
}

/// How a response ends, and how it is spelt.
pub(crate) enum Ending<'a> {
    NotYet,
    Completed,
    Incomplete(&'static str),
    Failed(&'a ApiError),
}

impl Head {
    pub(crate) fn new(request: &ChatRequest, id: &str, created_at: u64) -> Self {
        Self {
            id: id.to_owned(),
            created_at,
            model: request.model().map(str::to_owned),
            echo: request.echo().to_owned(),
            thoughts: if request.wants_summary() {
                Thoughts::Summary
            } else {
                Thoughts::Content
            },
        }
    }

    /// The response object. `output` is a JSON array.
    pub(crate) fn object(&self, ending: &Ending<'_>, output: &str, usage: Option<Usage>) -> String {
        let (status, error, reason) = match ending {
            Ending::NotYet => ("in_progress", None, None),
            Ending::Completed => ("completed", None, None),
            Ending::Incomplete(reason) => ("incomplete", None, Some(*reason)),
            Ending::Failed(error) => ("failed", Some(failure(error)), None),
        };
        let reason = reason.map(|reason| Object::new().text("reason", reason).end());
        Object::new()
            .text("id", &self.id)
            .text("object", "response")
            .number("created_at", self.created_at)
            .text("status", status)
            .raw("error", error.as_deref().unwrap_or("null"))
            .raw("incomplete_details", reason.as_deref().unwrap_or("null"))
            .text("model", self.model.as_deref().unwrap_or_default())
            .raw("output", output)
            .raw("usage", usage.map_or_else(|| "null".to_owned(), counts))
            .members(&self.echo)
            .end()
    }
}

/// The error of a failed response. Clients look at the code; `server_error` is the one that they try again on. A status
/// as the code tells them nothing.
fn failure(error: &ApiError) -> String {
    let is_status = |code: &str| code.bytes().all(|byte| byte.is_ascii_digit());
    let code = match error.error_code().filter(|code| !is_status(code)) {
        Some(code) => code,
        None if error.status().as_u16() == 429 => "rate_limit_exceeded",
        None => "server_error",
    };
    Object::new()
        .text("code", code)
        .text("message", error.message())
        .end()
}

/// Token counts under the names of Responses, and under those of chat as Fireworks has them.
fn counts(usage: Usage) -> String {
    let cached = Object::new()
        .number("cached_tokens", usage.cached_tokens.unwrap_or(0))
        .end();
    let reasoning = Object::new()
        .number("reasoning_tokens", usage.reasoning_tokens.unwrap_or(0))
        .end();
    Object::new()
        .number("input_tokens", usage.prompt_tokens)
        .raw("input_tokens_details", &cached)
        .number("output_tokens", usage.completion_tokens)
        .raw("output_tokens_details", reasoning)
        .number("total_tokens", usage.total_tokens)
        .number("prompt_tokens", usage.prompt_tokens)
        .raw("prompt_tokens_details", cached)
        .number("completion_tokens", usage.completion_tokens)
        .end()
}
