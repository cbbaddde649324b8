//! Chat completions: `messages`, tools and `choices`.

use super::field::TextKind;
use super::rule::{ARGUMENTS, CITATION, DESCRIPTION, LOGPROBS, RAW_OUTPUT, Rule, SCHEMA, Speaker};

pub(super) static REQUEST: Rule = Rule::object(&[
    ("messages", &MESSAGES),
    ("tools", &TOOLS),
    ("functions", &TOOLS),
    ("prediction", &PREDICTION),
    ("speculation", &PREDICTION),
    ("response_format", &SCHEMA),
]);

/// A whole reply or a chunk of a stream.
pub(super) static REPLY: Rule = Rule::object(&[("choices", &CHOICES), ("raw_output", &RAW_OUTPUT)]);

static CHOICES: Rule = Rule::array(&CHOICE);

static CHOICE: Rule = Rule::object(&[
    ("message", &MESSAGE),
    ("delta", &MESSAGE),
    ("text", &CONTENT),
    ("logprobs", &LOGPROBS),
    ("raw_output", &RAW_OUTPUT),
]);

pub(super) static MESSAGES: Rule = Rule::array(&MESSAGE);

/// A message, or the delta of one.
static MESSAGE: Rule = Rule {
    role: Speaker::Named,
    ..Rule::object(&[
        ("content", &CONTENT),
        ("reasoning_content", &REASONING),
        ("reasoning", &REASONING),
        ("reasoning_details", &REASONING),
        ("refusal", &REFUSAL),
        ("tool_calls", &TOOL_CALLS),
        ("function_call", &FUNCTION_CALL),
        ("annotations", &CITATION),
        ("audio", &AUDIO),
    ])
};

static CONTENT: Rule = Rule::text_or_array(TextKind::Content, &PART);

/// A content part. A bare string among the parts is taken for text as well.
static PART: Rule = Rule {
    typed: true,
    members: &[
        ("text", &TEXT),
        ("refusal", &REFUSAL),
        ("thinking", &REASONING),
    ],
    ..Rule::text(TextKind::Content)
};

static TEXT: Rule = Rule::text(TextKind::Content);

/// A string; or, as `reasoning_details`, objects with text and summary.
static REASONING: Rule = Rule {
    elements: Some(&REASONING),
    members: &[("text", &REASONING_TEXT), ("summary", &REASONING_TEXT)],
    ..Rule::text(TextKind::Reasoning)
};

static REASONING_TEXT: Rule = Rule::text(TextKind::Reasoning);

static REFUSAL: Rule = Rule::text(TextKind::Refusal);

static AUDIO: Rule = Rule::object(&[("transcript", &TEXT)]);

static TOOL_CALLS: Rule = Rule::array(&Rule::object(&[
    ("function", &FUNCTION_CALL),
    ("custom", &CUSTOM_CALL),
]));

static FUNCTION_CALL: Rule = Rule::object(&[("arguments", &ARGUMENTS)]);

/// A custom tool takes plain text, not JSON.
static CUSTOM_CALL: Rule = Rule::object(&[("input", &CUSTOM_INPUT)]);

static CUSTOM_INPUT: Rule = Rule::text(TextKind::ToolArguments);

/// Tool definitions of chat (nested under `function`), of Responses (flat) and of Messages
/// (`input_schema`).
pub(super) static TOOLS: Rule = Rule::array(&TOOL);

static TOOL: Rule = Rule::object(&[
    ("function", &TOOL),
    ("custom", &TOOL),
    ("description", &DESCRIPTION),
    ("server_description", &DESCRIPTION),
    ("parameters", &SCHEMA),
    ("input_schema", &SCHEMA),
]);

/// `{"type":"content","content":…}`, or Fireworks' bare string.
pub(super) static PREDICTION: Rule = Rule {
    elements: Some(&PREDICTION),
    members: &[("content", &PREDICTION), ("text", &PREDICTION)],
    ..Rule::text(TextKind::Prediction)
};
