//! Chat completions: `messages`, tools and `choices`.

use super::field::TextKind;
use super::names::Names;
use super::rule::{
    ARGUMENTS, AUDIO, CITATION, LABEL, LOGPROBS, RAW_OUTPUT, Rule, SETTINGS, Speaker,
};

pub(super) static REQUEST: Rule = Rule {
    base: Some(&SETTINGS),
    ..Rule::object(
        &REQUEST,
        &[
            ("messages", &MESSAGE),
            ("prediction", &PREDICTION),
            ("speculation", &PREDICTION),
        ],
    )
};

/// A whole reply or a chunk of a stream, of chat and of text completions: servers mix the two.
pub(super) static REPLY: Rule =
    Rule::object(&REPLY, &[("choices", &CHOICE), ("raw_output", &RAW_OUTPUT)]);

static CHOICE: Rule = Rule::object(
    &CHOICE,
    &[
        ("message", &MESSAGE),
        ("delta", &MESSAGE),
        ("text", &PART),
        ("reasoning_content", &REASONING),
        ("reasoning", &REASONING),
        ("logprobs", &LOGPROBS),
        ("raw_output", &RAW_OUTPUT),
    ],
);

/// A message, or the delta of one; or a list of messages.
pub(super) static MESSAGE: Rule = Rule {
    role: Speaker::Named,
    ..Rule::object(
        &MESSAGE,
        &[
            ("content", &PART),
            ("reasoning_content", &REASONING),
            ("reasoning", &REASONING),
            ("reasoning_details", &REASONING),
            ("thinking", &REASONING),
            ("refusal", &REFUSAL),
            ("tool_calls", &TOOL_CALL),
            ("function_call", &FUNCTION_CALL),
            ("annotations", &CITATION),
            ("citations", &CITATION),
            ("audio", &AUDIO),
        ],
    )
};

/// A content part, or a list of parts. A string instead of a part is taken for text as well.
static PART: Rule = Rule {
    typed: true,
    ..Rule::object(
        &PART,
        &[
            ("text", &TEXT),
            ("refusal", &REFUSAL),
            ("thinking", &REASONING),
            ("input_audio", &AUDIO),
        ],
    )
};

static TEXT: Rule = Rule::text(TextKind::Content, &TEXT);

/// A string; or, as `reasoning_details`, objects with text, summary or what is encrypted.
static REASONING: Rule = Rule {
    names: Names::All,
    elements: Some(&REASONING),
    of_type: Some((&["reasoning.encrypted"], &ENCRYPTED)),
    ..Rule::text(TextKind::Reasoning, &REASONING_TEXT)
};

static REASONING_TEXT: Rule = Rule::text(TextKind::Reasoning, &REASONING_TEXT);

static ENCRYPTED: Rule = Rule::object(&ENCRYPTED, &[("data", &LABEL)]);

static REFUSAL: Rule = Rule::text(TextKind::Refusal, &REFUSAL);

static TOOL_CALL: Rule = Rule::object(
    &TOOL_CALL,
    &[("function", &FUNCTION_CALL), ("custom", &CUSTOM_CALL)],
);

static FUNCTION_CALL: Rule = Rule::object(&FUNCTION_CALL, &[("arguments", &ARGUMENTS)]);

/// A custom tool takes plain text, not JSON.
static CUSTOM_CALL: Rule = Rule::object(&CUSTOM_CALL, &[("input", &CUSTOM_INPUT)]);

static CUSTOM_INPUT: Rule = Rule::text(TextKind::ToolArguments, &CUSTOM_INPUT);

/// `{"type":"content","content":…}`, or Fireworks' bare string.
pub(super) static PREDICTION: Rule = Rule::text(TextKind::Prediction, &PREDICTION);
