//! OpenAI Responses: `input`, `instructions`, output items, and the events of a stream.

use super::chat;
use super::field::{Role, TextEncoding, TextKind};
use super::rule::{
    ANY_JSON, ARGUMENTS, AUDIO, CHOSEN, CITATION, LABEL, LOGPROBS, OPTIONS, Rule, SCHEMA, SETTINGS,
    Speaker, TOOL,
};
use crate::document::Value;

pub(super) static REQUEST: Rule = Rule {
    base: Some(&SETTINGS),
    ..Rule::object(
        &REQUEST,
        &[
            ("input", &INPUT),
            ("messages", &chat::MESSAGE),
            ("instructions", &INSTRUCTIONS),
            ("text", &SCHEMA),
            ("prompt", &PROMPT),
        ],
    )
};

/// The rule of a reply: a response object, or an event whose `type` says what its delta is.
pub(super) fn reply_rule(root: Value<'_>) -> &'static Rule {
    let types = || root.members().filter(|member| member.key_is("type"));
    let is_binary = |event: &str| event.contains("audio.delta") || event.contains("partial_image");
    let event = root.get("type").and_then(Value::as_str).unwrap_or_default();
    if event.contains("arguments") {
        &ARGUMENTS_EVENT
    } else if event.contains("custom_tool_call_input") || event.contains("interpreter_call_code") {
        &TOOL_INPUT_EVENT
    } else if event.contains("reasoning") {
        &REASONING_EVENT
    } else if event.contains("refusal") {
        &REFUSAL_EVENT
    } else if is_binary(&event)
        // Of two types a client may read either.
        && types().all(|ty| ty.value().as_str().is_some_and(|event| is_binary(&event)))
    {
        &BINARY_EVENT
    } else {
        &REPLY
    }
}

/// A response object, an item or list of items, or an event that carries one of them or a piece of
/// text. An event of an unknown type is read as text too.
static REPLY: Rule = Rule::object(
    &REPLY,
    &[
        ("output", &ITEM),
        ("delta", &TEXT),
        ("text", &TEXT_OR_FORMAT),
        ("refusal", &REFUSAL),
        ("arguments", &ARGUMENTS),
        ("logprobs", &LOGPROBS),
        ("annotation", &CITATION),
        ("part", &PART),
        ("item", &ITEM),
        ("response", &REPLY),
        // A list of stored responses.
        ("data", &REPLY),
        ("instructions", &INSTRUCTIONS),
        ("tools", &TOOL),
        ("tool_choice", &CHOSEN),
        ("reasoning", &OPTIONS),
        ("prompt", &PROMPT),
    ],
);

// Each is the general rule with another meaning for the piece of text.

static ARGUMENTS_EVENT: Rule = Rule {
    base: Some(&REPLY),
    ..Rule::object(&REPLY, &[("delta", &ARGUMENTS), ("arguments", &ARGUMENTS)])
};

static TOOL_INPUT_EVENT: Rule = Rule {
    base: Some(&REPLY),
    ..Rule::object(
        &REPLY,
        &[
            ("delta", &TOOL_INPUT),
            ("input", &TOOL_INPUT),
            ("code", &TOOL_INPUT),
        ],
    )
};

static REASONING_EVENT: Rule = Rule {
    base: Some(&REPLY),
    ..Rule::object(
        &REPLY,
        &[
            ("delta", &REASONING),
            ("text", &REASONING),
            ("part", &REASONING),
        ],
    )
};

static REFUSAL_EVENT: Rule = Rule {
    base: Some(&REPLY),
    ..Rule::object(&REPLY, &[("delta", &REFUSAL), ("refusal", &REFUSAL)])
};

/// Audio and images come in base64.
static BINARY_EVENT: Rule = Rule {
    base: Some(&REPLY),
    ..Rule::object(&REPLY, &[("delta", &LABEL)])
};

/// A string is what the user says.
static INPUT: Rule = Rule {
    role: Speaker::Is(Role::User),
    base: Some(&ITEM),
    ..Rule::object(&ITEM, &[])
};

static INSTRUCTIONS: Rule = Rule {
    role: Speaker::Is(Role::System),
    base: Some(&ITEM),
    ..Rule::object(&ITEM, &[])
};

/// An item of any type, in or out, or a list of items. The types share no member names with
/// different meanings, but for `result`.
static ITEM: Rule = Rule {
    role: Speaker::Named,
    typed: true,
    of_type: Some((&["image_generation_call"], &IMAGE)),
    ..Rule::object(
        &ITEM,
        &[
            ("content", &PART),
            ("refusal", &REFUSAL),
            ("summary", &REASONING),
            ("arguments", &ARGUMENTS),
            ("input", &TOOL_INPUT),
            ("code", &TOOL_INPUT),
            ("queries", &TOOL_INPUT),
            ("action", &ANY_JSON),
            ("operation", &ANY_JSON),
            ("output", &RESULT),
            ("outputs", &RESULT),
            ("results", &RESULT),
            ("error", &RESULT),
            ("tools", &TOOL),
            // A call nested as in chat, or as Fireworks nests it.
            ("function", &CALL),
            ("mcp", &CALL),
            ("reasoning_content", &REASONING),
            ("input_audio", &AUDIO),
        ],
    )
};

/// A call whose `result` is an image in base64.
static IMAGE: Rule = Rule {
    role: Speaker::Named,
    typed: true,
    base: Some(&ITEM),
    ..Rule::object(&ITEM, &[("result", &LABEL)])
};

static PART: Rule = Rule {
    typed: true,
    ..Rule::object(
        &PART,
        &[
            ("text", &TEXT),
            ("refusal", &REFUSAL),
            ("annotations", &CITATION),
            ("logprobs", &LOGPROBS),
            ("input_audio", &AUDIO),
        ],
    )
};

static TEXT: Rule = Rule::text(TextKind::Content, &TEXT);

/// In a response `text` is the output format; in an event it is the whole text.
static TEXT_OR_FORMAT: Rule = Rule {
    text: Some((TextKind::Content, TextEncoding::Plain)),
    base: Some(&SCHEMA),
    ..Rule::object(&TEXT, &[])
};

static REFUSAL: Rule = Rule::text(TextKind::Refusal, &REFUSAL);

static REASONING: Rule = Rule::text(TextKind::Reasoning, &REASONING);

static CALL: Rule = Rule::object(&CALL, &[("arguments", &ARGUMENTS)]);

static TOOL_INPUT: Rule = Rule::text(TextKind::ToolArguments, &TOOL_INPUT);

/// What a tool answered: a string, or parts, or any object.
static RESULT: Rule = Rule::text(TextKind::ToolResult, &RESULT);

/// A stored prompt: its variables are strings or parts.
static PROMPT: Rule = Rule::object(&PROMPT, &[("variables", &VARIABLES)]);

static VARIABLES: Rule = Rule::strings(TextKind::Content, &PART);
