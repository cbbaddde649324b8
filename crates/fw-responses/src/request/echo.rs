//! What a response object repeats of its request.

use fw_wire::Value;

use crate::object::{Object, compact};

use super::fields::Fields;
use super::settings::Reasoning;

/// The members, without braces, on one line.
pub(super) fn members(fields: &Fields<'_>, reasoning: &Reasoning<'_>, store: bool) -> String {
    let or = |value: Option<Value<'_>>, default: &str| match value {
        Some(value) => compact(value.raw()),
        None => default.to_owned(),
    };
    let reasoning = Object::new()
        .raw("effort", or(reasoning.effort, "null"))
        .raw("summary", or(reasoning.summary, "null"))
        .end();
    let [format, verbosity] = fields
        .text
        .map_or([None; 2], |text| text.get_many(["format", "verbosity"]))
        .map(|value| value.filter(|value| !value.is_null()));
    let mut text = Object::new().raw("format", or(format, r#"{"type":"text"}"#));
    if let Some(verbosity) = verbosity {
        text = text.raw("verbosity", compact(verbosity.raw()));
    }
    let mut echo = Object::new()
        .raw("background", "false")
        .raw("instructions", or(fields.instructions, "null"))
        .raw("max_output_tokens", or(fields.max_output_tokens, "null"))
        .raw("max_tool_calls", or(fields.max_tool_calls, "null"))
        .raw("metadata", or(fields.metadata, "{}"))
        .raw(
            "parallel_tool_calls",
            or(fields.parallel_tool_calls, "true"),
        )
        .raw(
            "previous_response_id",
            or(fields.previous_response_id, "null"),
        )
        .raw("reasoning", reasoning)
        .raw("store", store.to_string())
        .raw("temperature", or(fields.temperature, "null"))
        .raw("text", text.end())
        .raw("tool_choice", or(fields.tool_choice, "\"auto\""))
        .raw("tools", or(fields.tools, "[]"))
        .raw("top_p", or(fields.top_p, "null"))
        .raw("truncation", or(fields.truncation, "\"disabled\""))
        .raw("user", or(fields.user, "null"));
    for (key, value) in [
        ("safety_identifier", fields.safety_identifier),
        ("service_tier", fields.service_tier),
        ("prompt_cache_key", fields.prompt_cache_key),
        ("prompt_cache_retention", fields.prompt_cache_retention),
    ] {
        if let Some(value) = value {
            echo = echo.raw(key, compact(value.raw()));
        }
    }
    echo.into_members()
}
