//! The schema of Messages: closed, as its OpenAPI document and the SDK have it.

use crate::json::Json;
use crate::refusal::Refusal;

use super::chat::STRING;
use super::schema::{Field, Model, Type, at_least, closed, int, not_null, optional, required};

static CACHE_CONTROL: Model = closed(&[
    required("type", Type::Literal(&["ephemeral"])),
    optional("ttl", Type::Str),
]);
static SOURCE: Model = closed(&[
    required("type", Type::Literal(&["base64", "url", "text", "content"])),
    optional("media_type", Type::Str),
    optional("data", Type::Str),
    optional("url", Type::Str),
    optional("content", Type::Any),
]);
/// All kinds of blocks in one: which members go together is the model server's business.
static BLOCK: Model = closed(&[
    required(
        "type",
        Type::Literal(&[
            "text",
            "image",
            "document",
            "thinking",
            "redacted_thinking",
            "tool_use",
            "tool_result",
        ]),
    ),
    optional("text", Type::Str),
    optional("cache_control", Type::Object(&CACHE_CONTROL)),
    optional("citations", Type::Any),
    optional("source", Type::Object(&SOURCE)),
    optional("title", Type::Str),
    optional("context", Type::Str),
    optional("thinking", Type::Str),
    optional("signature", Type::Str),
    optional("data", Type::Str),
    optional("id", Type::Str),
    optional("name", Type::Str),
    optional("input", Type::Dict),
    optional("tool_use_id", Type::Str),
    optional(
        "content",
        Type::Union(&[
            ("str", Type::Str),
            ("list[ContentBlock]", Type::List(&BLOCK_TYPE, 0, usize::MAX)),
        ]),
    ),
    optional("is_error", Type::Bool),
]);
static BLOCK_TYPE: Type = Type::Object(&BLOCK);

const CONTENT: Type = Type::Union(&[
    ("str", Type::Str),
    ("list[ContentBlock]", Type::List(&BLOCK_TYPE, 0, usize::MAX)),
]);
static MESSAGE: Model = closed(&[
    required("role", Type::Literal(&["user", "assistant"])),
    required("content", CONTENT),
]);
static MESSAGE_TYPE: Type = Type::Object(&MESSAGE);

static TOOL: Model = closed(&[
    required("name", Type::Name),
    required("input_schema", Type::Dict),
    optional("description", Type::Str),
    optional("strict", Type::Bool),
    optional("type", Type::Literal(&["custom"])),
]);
static TOOL_TYPE: Type = Type::Object(&TOOL);
static TOOL_CHOICE: Model = closed(&[
    required("type", Type::Literal(&["auto", "any", "tool", "none"])),
    optional("name", Type::Str),
    optional("disable_parallel_tool_use", Type::Bool),
]);
static METADATA: Model = closed(&[optional("user_id", Type::Str)]);
static THINKING: Model = closed(&[
    required("type", Type::Literal(&["enabled", "disabled"])),
    optional("budget_tokens", at_least(1024)),
]);
static FORMAT: Model = closed(&[
    required("type", Type::Literal(&["json_schema"])),
    required("schema", Type::Dict),
]);
static OUTPUT_CONFIG: Model = closed(&[
    optional("effort", Type::Literal(&["low", "medium", "high", "max"])),
    optional("format", Type::Object(&FORMAT)),
]);

static FIELDS: &[Field] = &[
    required("model", Type::Str),
    required("messages", Type::List(&MESSAGE_TYPE, 1, usize::MAX)),
    optional("max_tokens", at_least(1)),
    optional("system", CONTENT),
    optional("metadata", Type::Object(&METADATA)),
    optional("stop_sequences", Type::List(&STRING, 0, usize::MAX)),
    optional("stream", Type::Bool),
    optional("temperature", Type::Float(0.0, 1.0)),
    optional("top_k", int(0, 100)),
    optional("top_p", Type::Float(0.0, 1.0)),
    optional("thinking", Type::Object(&THINKING)),
    not_null("tool_choice", Type::Object(&TOOL_CHOICE)),
    not_null("tools", Type::List(&TOOL_TYPE, 0, usize::MAX)),
    optional("output_config", Type::Object(&OUTPUT_CONFIG)),
    optional("raw_output", Type::Bool),
];
static MESSAGES: Model = closed(FIELDS);

/// Checks the body; the caller words the errors as Anthropic does (E6).
pub(crate) fn shape(body: &Json) -> Result<(), Refusal> {
    if body.get("thinking").and_then(|t| t.str("type")) == Some("adaptive") {
        return Err(Refusal::invalid(
            "thinking type 'adaptive' is not supported yet, field: 'thinking.type'",
        ));
    }
    super::check(body, &Type::Object(&MESSAGES))
}
