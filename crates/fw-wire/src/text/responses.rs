//! OpenAI Responses: `input`, `instructions`, output items, and the events of a stream.

use super::chat;
use super::field::{Role, TextEncoding, TextKind};
use super::rule::{ARGUMENTS, CITATION, LOGPROBS, Rule, SCHEMA, Speaker};
use crate::document::Value;

pub(super) static REQUEST: Rule = Rule::object(&[
    ("input", &INPUT),
    ("messages", &chat::MESSAGES),
    ("instructions", &INSTRUCTIONS),
    ("tools", &chat::TOOLS),
    ("text", &SCHEMA),
    ("prompt", &PROMPT),
]);

/// The rule of a reply: a response object, or an event whose `type` says what its delta is.
pub(super) fn reply_rule(root: Value<'_>) -> &'static Rule {
    let event = root.get("type").and_then(Value::as_str).unwrap_or_default();
    if event.contains("arguments") {
        &ARGUMENTS_EVENT
    } else if event.contains("custom_tool_call_input") || event.contains("interpreter_call_code") {
        &TOOL_INPUT_EVENT
    } else if event.contains("reasoning") {
        &REASONING_EVENT
    } else if event.contains("refusal") {
        &REFUSAL_EVENT
    } else if event.contains("audio.delta") || event.contains("partial_image") {
        &BINARY_EVENT
    } else {
        &REPLY
    }
}

/// A response object, an item or list of items, or an event that carries one of them or a piece of
/// text. An event of an unknown type is read as text too.
static REPLY: Rule = Rule::object(&[
    ("output", &OUTPUT),
    ("output_text", &TEXT),
    ("delta", &TEXT),
    ("text", &TEXT_OR_FORMAT),
    ("refusal", &REFUSAL),
    ("arguments", &ARGUMENTS),
    ("logprobs", &LOGPROBS),
    ("annotation", &CITATION),
    ("part", &PART),
    ("item", &ITEM),
    ("response", &REPLY),
    ("data", &RESPONSES),
    ("instructions", &INSTRUCTIONS),
    ("tools", &chat::TOOLS),
    ("prompt", &PROMPT),
]);

// Each is the general rule with another meaning for the piece of text.

static ARGUMENTS_EVENT: Rule = Rule {
    base: Some(&REPLY),
    ..Rule::object(&[("delta", &ARGUMENTS), ("arguments", &ARGUMENTS)])
};

static TOOL_INPUT_EVENT: Rule = Rule {
    base: Some(&REPLY),
    ..Rule::object(&[
        ("delta", &TOOL_INPUT),
        ("input", &TOOL_INPUT),
        ("code", &TOOL_INPUT),
    ])
};

static REASONING_EVENT: Rule = Rule {
    base: Some(&REPLY),
    ..Rule::object(&[
        ("delta", &REASONING),
        ("text", &REASONING),
        ("part", &REASONING_PART),
    ])
};

static REFUSAL_EVENT: Rule = Rule {
    base: Some(&REPLY),
    ..Rule::object(&[("delta", &REFUSAL), ("refusal", &REFUSAL)])
};

/// Audio and images come in base64.
static BINARY_EVENT: Rule = Rule {
    base: Some(&REPLY),
    ..Rule::object(&[("delta", &Rule::NOTHING)])
};

/// A string is what the user says.
static INPUT: Rule = Rule {
    role: Speaker::Is(Role::User),
    ..Rule::text_or_array(TextKind::Content, &ITEM)
};

static INSTRUCTIONS: Rule = Rule {
    role: Speaker::Is(Role::System),
    ..Rule::text_or_array(TextKind::Content, &ITEM)
};

static OUTPUT: Rule = Rule::array(&ITEM);

/// A list of stored responses.
static RESPONSES: Rule = Rule::array(&REPLY);

/// An item of any type, in or out. The types share no member names with different meanings.
static ITEM: Rule = Rule {
    role: Speaker::Named,
    typed: true,
    members: &[
        ("content", &CONTENT),
        ("text", &TEXT),
        ("refusal", &REFUSAL),
        ("summary", &SUMMARY),
        ("arguments", &ARGUMENTS),
        ("function", &CALL),
        ("mcp", &CALL),
        ("input", &TOOL_INPUT),
        ("code", &TOOL_INPUT),
        ("queries", &TOOL_INPUT),
        ("action", &ACTION),
        ("operation", &ACTION),
        ("output", &RESULT),
        ("outputs", &RESULT),
        ("results", &RESULT),
        ("error", &RESULT),
        ("reason", &TEXT),
        ("reasoning_content", &REASONING),
    ],
    ..Rule::text(TextKind::Content)
};

static CONTENT: Rule = Rule::text_or_array(TextKind::Content, &PART);

static PART: Rule = Rule {
    typed: true,
    members: &[
        ("text", &TEXT),
        ("refusal", &REFUSAL),
        ("transcript", &TEXT),
        ("annotations", &CITATION),
        ("logprobs", &LOGPROBS),
    ],
    ..Rule::text(TextKind::Content)
};

static TEXT: Rule = Rule::text(TextKind::Content);

/// In a response `text` is the output format; in an event it is the whole text.
static TEXT_OR_FORMAT: Rule = Rule {
    text: Some((TextKind::Content, TextEncoding::Plain)),
    others: Some(&SCHEMA),
    ..Rule::NOTHING
};

static REFUSAL: Rule = Rule::text(TextKind::Refusal);

static REASONING: Rule = Rule::text(TextKind::Reasoning);

static REASONING_PART: Rule = Rule::object(&[("text", &REASONING)]);

static SUMMARY: Rule = Rule {
    elements: Some(&SUMMARY),
    members: &[("text", &REASONING)],
    ..Rule::text(TextKind::Reasoning)
};

/// A call nested as in chat (`function`) or as Fireworks nests it (`mcp`).
static CALL: Rule = Rule::object(&[("arguments", &ARGUMENTS)]);

static TOOL_INPUT: Rule = Rule::text_or_array(TextKind::ToolArguments, &TOOL_INPUT);

/// A search, a shell command, a patch: whatever strings it holds.
static ACTION: Rule = Rule::strings(TextKind::ToolArguments, &ACTION);

/// What a tool answered: a string, or parts, or an object with text somewhere.
static RESULT: Rule = Rule {
    elements: Some(&RESULT),
    members: &[
        ("text", &RESULT_TEXT),
        ("logs", &RESULT_TEXT),
        ("stdout", &RESULT_TEXT),
        ("stderr", &RESULT_TEXT),
        ("message", &RESULT_TEXT),
        ("title", &RESULT_TEXT),
        ("content", &RESULT),
        ("output", &RESULT),
    ],
    ..Rule::text(TextKind::ToolResult)
};

static RESULT_TEXT: Rule = Rule::text(TextKind::ToolResult);

/// A stored prompt: its variables are strings or parts.
static PROMPT: Rule = Rule::object(&[("variables", &VARIABLES)]);

static VARIABLES: Rule = Rule {
    others: Some(&PART),
    ..Rule::NOTHING
};
