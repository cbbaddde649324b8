//! The schema of chat completions, and the rules beyond it (Fireworks API documentation, OpenAPI).

use http::StatusCode;

use crate::call::Call;
use crate::chat::schema as format_schema;
use crate::instance;
use crate::json::Json;
use crate::models::Found;
use crate::refusal::Refusal;

use super::schema::{
    ANY_FLOAT, ANY_INT, Field, Model, Type, at_least, closed, int, not_null, optional, required,
};

/// More tokens than this must be streamed (observed).
const MAX_PLAIN_TOKENS: u64 = 4096;

pub(super) static STRING: Type = Type::Str;
static INTEGER: Type = ANY_INT;
static IDS: Type = Type::List(&INTEGER, 0, usize::MAX);
static BIAS: Type = Type::Float(-100.0, 100.0);
const STRINGS: Type = Type::List(&STRING, 0, usize::MAX);

static IMAGE_URL: Model = closed(&[required("url", Type::Str), optional("detail", Type::Str)]);
static VIDEO_URL: Model = closed(&[
    required("url", Type::Str),
    optional("detail", Type::Str),
    optional("max_frames", ANY_INT),
    optional("sample_fps", ANY_FLOAT),
    optional("spatial_limit", ANY_INT),
]);
static AUDIO_URL: Model = closed(&[required("url", Type::Str)]);
static PART: Model = closed(&[
    required("type", Type::Str),
    optional("text", Type::Str),
    optional("image_url", Type::Object(&IMAGE_URL)),
    optional("video_url", Type::Object(&VIDEO_URL)),
    optional("audio_url", Type::Object(&AUDIO_URL)),
]);
static PART_TYPE: Type = Type::Object(&PART);

static CALLED: Model = closed(&[
    optional("name", Type::Str),
    optional(
        "arguments",
        Type::Union(&[("str", Type::Str), ("dict[str,any]", Type::Dict)]),
    ),
]);
static TOOL_CALL: Model = closed(&[
    optional("id", Type::Str),
    optional("type", Type::Str),
    required("function", Type::Object(&CALLED)),
    // Replies have been seen with it, and clients send replies back.
    optional("index", ANY_INT),
]);
static TOOL_CALL_TYPE: Type = Type::Object(&TOOL_CALL);

static MESSAGE: Model = closed(&[
    required("role", Type::Str),
    optional(
        "content",
        Type::Union(&[
            ("str", Type::Str),
            (
                "list[ChatMessageContent]",
                Type::List(&PART_TYPE, 0, usize::MAX),
            ),
        ]),
    ),
    optional("reasoning_content", Type::Str),
    optional("tool_calls", Type::List(&TOOL_CALL_TYPE, 0, usize::MAX)),
    optional("tool_call_id", Type::Str),
]);
static MESSAGE_TYPE: Type = Type::Object(&MESSAGE);

static FUNCTION: Model = closed(&[
    required("name", Type::Name),
    optional("description", Type::Str),
    optional("parameters", Type::Dict),
    optional("strict", Type::Bool),
]);
static FUNCTION_TYPE: Type = Type::Object(&FUNCTION);
static TOOL: Model = closed(&[
    not_null("type", Type::Literal(&["function"])),
    required("function", Type::Object(&FUNCTION)),
]);
static TOOL_TYPE: Type = Type::Object(&TOOL);
static NAMED: Model = closed(&[required("name", Type::Str)]);
static TOOL_CHOICE: Model = closed(&[
    not_null("type", Type::Literal(&["function"])),
    not_null("function", Type::Object(&NAMED)),
    not_null("name", Type::Str),
]);

static STREAM_OPTIONS: Model = closed(&[optional("include_usage", Type::Bool)]);
static RESPONSE_FORMAT: Model = closed(&[
    required(
        "type",
        Type::Literal(&["text", "json_object", "json_schema", "grammar"]),
    ),
    optional(
        "json_schema",
        Type::Union(&[("dict[str,any]", Type::Dict), ("str", Type::Str)]),
    ),
    optional(
        "schema",
        Type::Union(&[("dict[str,any]", Type::Dict), ("str", Type::Str)]),
    ),
    optional("grammar", Type::Str),
]);
static THINKING: Model = closed(&[
    required("type", Type::Literal(&["enabled", "disabled"])),
    optional("budget_tokens", at_least(1024)),
]);
static PREDICTION: Model = closed(&[
    required("type", Type::Literal(&["content"])),
    required(
        "content",
        Type::Union(&[
            ("str", Type::Str),
            (
                "list[ChatMessageContent]",
                Type::List(&PART_TYPE, 0, usize::MAX),
            ),
        ]),
    ),
]);

/// The fields that chat and text completions share, as a list literal.
macro_rules! shared_fields {
    ($($field:expr),* $(,)?) => {
        &[
            required("model", Type::Str),
            $($field,)*
            optional("stream", Type::Bool),
            optional("stream_options", Type::Object(&STREAM_OPTIONS)),
            optional("temperature", Type::Float(0.0, 2.0)),
            optional("top_p", Type::Float(0.0, 1.0)),
            optional("top_k", int(0, 100)),
            optional("min_p", Type::Float(0.0, 1.0)),
            optional("typical_p", Type::Float(0.0, 1.0)),
            optional("frequency_penalty", Type::Float(-2.0, 2.0)),
            optional("presence_penalty", Type::Float(-2.0, 2.0)),
            optional("repetition_penalty", Type::Float(0.0, 2.0)),
            optional("mirostat_target", ANY_FLOAT),
            optional("mirostat_lr", ANY_FLOAT),
            optional("max_tokens", at_least(0)),
            optional("max_completion_tokens", at_least(0)),
            not_null("context_length_exceeded_behavior", Type::Literal(&["truncate", "error"])),
            not_null("n", int(1, 128)),
            optional("stop", Type::Union(&[("str", Type::Str), ("list[str]", Type::List(&STRING, 0, 4))])),
            optional("seed", ANY_INT),
            optional("logprobs", Type::Union(&[("bool", Type::Bool), ("int", int(0, 5))])),
            optional("top_logprobs", int(0, 5)),
            optional("logit_bias", Type::Map(&BIAS)),
            optional("echo", Type::Bool),
            optional("echo_last", at_least(0)),
            not_null("ignore_eos", Type::Bool),
            optional("response_format", Type::Object(&RESPONSE_FORMAT)),
            optional("reasoning_effort", REASONING_EFFORT),
            optional("thinking", Type::Object(&THINKING)),
            optional("reasoning_history", Type::Literal(&["disabled", "interleaved", "preserved"])),
            optional("prediction", Type::Union(&[("PredictedOutput", Type::Object(&PREDICTION)), ("str", Type::Str)])),
            optional("speculation", Type::Union(&[("str", Type::Str), ("list[int]", Type::List(&INTEGER, 0, usize::MAX))])),
            optional("user", Type::Str),
            optional("prompt_cache_key", Type::Str),
            optional("prompt_cache_isolation_key", Type::Str),
            not_null("service_tier", Type::Literal(&["auto", "default", "flex", "priority"])),
            optional("metadata", Type::Map(&STRING)),
            optional("perf_metrics_in_response", Type::Bool),
            optional("raw_output", Type::Bool),
            optional("return_token_ids", Type::Bool),
        ]
    };
}

const REASONING_EFFORT: Type = Type::Union(&[
    (
        "literal['low','medium','high','max','xhigh','none']",
        Type::Literal(&["low", "medium", "high", "max", "xhigh", "none"]),
    ),
    ("int", at_least(0)),
    ("bool", Type::Bool),
]);

static CHAT_FIELDS: &[Field] = shared_fields![
    required("messages", Type::List(&MESSAGE_TYPE, 1, usize::MAX)),
    not_null("tools", Type::List(&TOOL_TYPE, 0, usize::MAX)),
    not_null(
        "tool_choice",
        Type::Union(&[
            (
                "literal['auto','none','required','any']",
                Type::Literal(&["auto", "none", "required", "any"])
            ),
            ("ToolChoice", Type::Object(&TOOL_CHOICE)),
        ])
    ),
    optional("parallel_tool_calls", Type::Bool),
    not_null("functions", Type::List(&FUNCTION_TYPE, 0, usize::MAX)),
    optional(
        "function_call",
        Type::Union(&[
            ("literal['auto','none']", Type::Literal(&["auto", "none"])),
            ("FunctionCall", Type::Object(&NAMED)),
        ])
    ),
    optional("prompt_truncate_len", at_least(0)),
    optional("safe_tokenization", Type::Bool),
    optional("include_routing_matrix", Type::Bool),
    optional("routing_matrix_format", Type::Str),
    optional("sampling_mask", Type::Any),
    optional("top_sampling_logprobs", ANY_INT),
    // NIM and vLLM extras that the server translates or drops.
    optional("chat_template_kwargs", Type::Dict),
    optional("guided_json", Type::Any),
    optional("guided_grammar", Type::Str),
    optional("guided_choice", STRINGS),
    optional("guided_regex", Type::Str),
    optional("truncate_prompt_tokens", ANY_INT),
    optional("best_of", ANY_INT),
    optional("stop_token_ids", Type::List(&INTEGER, 0, usize::MAX)),
    optional("skip_special_tokens", Type::Bool),
    optional("bad_words", STRINGS),
];
static CHAT: Model = closed(CHAT_FIELDS);

static STRING_LIST: Type = STRINGS;

/// Text completions: a prompt instead of messages, no tools.
pub(super) static COMPLETION: Model = closed(shared_fields![
    required(
        "prompt",
        Type::Union(&[
            ("str", Type::Str),
            ("list[str]", STRINGS),
            ("list[int]", Type::List(&INTEGER, 0, usize::MAX)),
            ("list[list[int]]", Type::List(&IDS, 0, usize::MAX)),
        ])
    ),
    optional(
        "images",
        Type::Union(&[
            ("list[str]", STRINGS),
            ("list[list[str]]", Type::List(&STRING_LIST, 0, usize::MAX))
        ])
    ),
]);

/// Checks the body against the schema.
pub(crate) fn shape(body: &Json) -> Result<(), Refusal> {
    super::check(body, &Type::Object(&CHAT))
}

/// Checks what no schema says.
pub(crate) fn rules(call: &Call<'_>, model: &Found) -> Result<(), Refusal> {
    shared_rules(call, model)?;
    template(call.body.array("messages"), model)
}

/// The rules of chat and text completions alike.
pub(super) fn shared_rules(call: &Call<'_>, model: &Found) -> Result<(), Refusal> {
    let body = call.body;
    let refuse = |message: &str| Err(Refusal::invalid(message));
    if body.value("max_tokens").is_some() && body.value("max_completion_tokens").is_some() {
        return refuse(
            "Only one of max_tokens and max_completion_tokens can be set, field: 'max_completion_tokens'",
        );
    }
    if body.value("thinking").is_some() && body.value("reasoning_effort").is_some() {
        return refuse("Only one of thinking and reasoning_effort can be set, field: 'thinking'");
    }
    if !call.stream() && crate::chat::limit(body, 0) > MAX_PLAIN_TOKENS {
        return Err(Refusal::gateway(
            StatusCode::BAD_REQUEST,
            "BAD_REQUEST",
            Some("max_tokens"),
            "Requests with max_tokens > 4096 must have stream=true",
            call.request_id,
        ));
    }
    if !model.effort_none && body.str("reasoning_effort") == Some("none") {
        return refuse("Invalid reasoning effort: none");
    }
    let strict = |tool: &&Json| tool.bool("strict") == Some(true);
    let functions = body
        .array("tools")
        .iter()
        .filter_map(|tool| tool.get("function"));
    let format = body.get("response_format").and_then(format_schema);
    let schemas = functions
        .filter(strict)
        .filter_map(|f| f.value("parameters"))
        .chain(format);
    match schemas.into_iter().find_map(instance::unsupported) {
        Some(message) => refuse(&message),
        None => Ok(()),
    }
}

/// What chat templates refuse (the first observed, the others as such templates word it).
fn template(messages: &[Json], model: &Found) -> Result<(), Refusal> {
    let fail = |text: &str| {
        Err(Refusal::invalid(&format!(
            "jinja template rendering failed. {text}"
        )))
    };
    let mut called = false;
    for (i, message) in messages.iter().enumerate() {
        match message.str("role").unwrap_or("") {
            "system" | "developer" if i > 0 && model.system_first => {
                return fail("System message must be at the beginning.");
            }
            "developer" if model.system_first => return fail("Unexpected message role."),
            "system" | "developer" | "user" => {}
            "assistant" => called |= !message.array("tool_calls").is_empty(),
            "tool" if !called => {
                return fail(
                    "Message has tool role, but there was no previous assistant message with a tool call!",
                );
            }
            "tool" => {}
            _ => return fail("Unexpected message role."),
        }
    }
    Ok(())
}
