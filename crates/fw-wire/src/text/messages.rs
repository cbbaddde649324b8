//! Anthropic Messages: `system`, content blocks, and the events of a stream.

use super::chat::TOOLS;
use super::field::{Role, TextEncoding, TextKind};
use super::rule::{ANY_JSON, CITATION, RAW_OUTPUT, Rule, SCHEMA, Speaker};

pub(super) static REQUEST: Rule = Rule::object(&[
    ("system", &SYSTEM),
    ("messages", &MESSAGES),
    ("tools", &TOOLS),
    ("output_config", &SCHEMA),
    ("output_format", &SCHEMA),
]);

/// A whole reply, or any event of a stream: `message_start` holds a message, the block events a
/// block or its delta.
pub(super) static REPLY: Rule = Rule::object(&[
    ("content", &CONTENT),
    ("message", &MESSAGE),
    ("content_block", &BLOCK),
    ("delta", &DELTA),
    ("raw_output", &RAW_OUTPUT),
]);

static SYSTEM: Rule = Rule {
    role: Speaker::Is(Role::System),
    ..Rule::text_or_array(TextKind::Content, &BLOCK)
};

static MESSAGES: Rule = Rule::array(&MESSAGE);

static MESSAGE: Rule = Rule {
    role: Speaker::Named,
    ..Rule::object(&[("content", &CONTENT), ("raw_output", &RAW_OUTPUT)])
};

static CONTENT: Rule = Rule::text_or_array(TextKind::Content, &BLOCK);

/// A block of any type; the types share no member names with different meanings.
static BLOCK: Rule = Rule {
    members: &[
        ("text", &TEXT),
        ("thinking", &THINKING),
        ("input", &ANY_JSON),
        ("content", &RESULT),
        ("source", &SOURCE),
        ("title", &TEXT),
        ("context", &TEXT),
        ("citations", &CITATION),
    ],
    ..Rule::text(TextKind::Content)
};

static TEXT: Rule = Rule::text(TextKind::Content);

static THINKING: Rule = Rule::text(TextKind::Reasoning);

/// What a tool answered: a string, or blocks; also an object, for tools that the server runs.
static RESULT: Rule = Rule {
    elements: Some(&RESULT),
    members: RESULT_MEMBERS,
    ..Rule::text(TextKind::ToolResult)
};

static RESULT_MEMBERS: &[(&str, &Rule)] = &[
    ("text", &RESULT_TEXT),
    ("title", &RESULT_TEXT),
    ("context", &RESULT_TEXT),
    ("stdout", &RESULT_TEXT),
    ("stderr", &RESULT_TEXT),
    ("content", &RESULT),
    ("source", &SOURCE),
    ("citations", &CITATION),
];

static RESULT_TEXT: Rule = Rule::text(TextKind::ToolResult);

/// The source of a document. Only text sources are text; the others hold base64 or URLs.
static SOURCE: Rule = Rule {
    only_types: &["text", "content"],
    ..Rule::object(&[("data", &TEXT), ("content", &SOURCE_CONTENT)])
};

/// Text and images only; sources do not nest, so that looking at types stays cheap.
static SOURCE_CONTENT: Rule = Rule::text_or_array(TextKind::Content, &SOURCE_BLOCK);

static SOURCE_BLOCK: Rule = Rule {
    members: &[("text", &TEXT)],
    ..Rule::text(TextKind::Content)
};

/// `text_delta`, `thinking_delta`, `input_json_delta` and `citations_delta`.
static DELTA: Rule = Rule::object(&[
    ("text", &TEXT),
    ("thinking", &THINKING),
    ("partial_json", &PARTIAL_JSON),
    ("citation", &CITATION),
]);

static PARTIAL_JSON: Rule = Rule {
    text: Some((TextKind::ToolArguments, TextEncoding::JsonInString)),
    ..Rule::NOTHING
};
