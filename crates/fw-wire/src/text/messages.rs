//! Anthropic Messages: `system`, content blocks, and the events of a stream.

use super::field::{Role, TextKind};
use super::names::Names;
use super::rule::{
    ANY_JSON, ARGUMENTS, CITATION, LABEL, RAW_OUTPUT, Rule, SCHEMA, SETTINGS, Speaker,
};

pub(super) static REQUEST: Rule = Rule {
    base: Some(&SETTINGS),
    ..Rule::object(
        &REQUEST,
        &[
            ("system", &SYSTEM),
            ("messages", &MESSAGE),
            ("output_config", &SCHEMA),
            ("output_format", &SCHEMA),
        ],
    )
};

/// A whole reply, or any event of a stream: `message_start` holds a message, the block events a
/// block or its delta.
pub(super) static REPLY: Rule = Rule::object(
    &REPLY,
    &[
        ("content", &BLOCK),
        ("message", &MESSAGE),
        ("content_block", &BLOCK),
        ("delta", &DELTA),
        ("raw_output", &RAW_OUTPUT),
    ],
);

static SYSTEM: Rule = Rule {
    role: Speaker::Is(Role::System),
    base: Some(&BLOCK),
    ..Rule::object(&BLOCK, &[])
};

static MESSAGE: Rule = Rule {
    role: Speaker::Named,
    ..Rule::object(
        &MESSAGE,
        &[("content", &BLOCK), ("raw_output", &RAW_OUTPUT)],
    )
};

/// A block of any type, or a list of blocks; the types share no member names with different
/// meanings, but for `data`.
static BLOCK: Rule = Rule {
    of_type: Some((&["redacted_thinking"], &BASE64)),
    ..Rule::object(
        &BLOCK,
        &[
            ("text", &TEXT),
            ("thinking", &THINKING),
            ("input", &ANY_JSON),
            ("content", &RESULT),
            ("source", &SOURCE),
            ("citations", &CITATION),
        ],
    )
};

static BASE64: Rule = Rule::object(&BASE64, &[("data", &LABEL)]);

static TEXT: Rule = Rule::text(TextKind::Content, &TEXT);

static THINKING: Rule = Rule::text(TextKind::Reasoning, &THINKING);

/// What a tool answered: a string, or blocks; also an object, for tools that the server runs.
static RESULT: Rule = Rule {
    members: &[("source", &SOURCE), ("citations", &CITATION)],
    ..Rule::text(TextKind::ToolResult, &RESULT)
};

/// The source of a document: text, unless it says that it is base64. That of a search result is a string,
/// which the model reads.
static SOURCE: Rule = Rule {
    names: Names::All,
    of_type: Some((&["base64"], &BASE64)),
    ..Rule::text(TextKind::Document, &DOCUMENT)
};

static DOCUMENT: Rule = Rule::text(TextKind::Document, &DOCUMENT);

/// `text_delta`, `thinking_delta`, `input_json_delta`, `citations_delta`, and those to come.
static DELTA: Rule = Rule::object(
    &DELTA,
    &[
        ("text", &TEXT),
        ("thinking", &THINKING),
        ("partial_json", &ARGUMENTS),
        ("citation", &CITATION),
    ],
);
