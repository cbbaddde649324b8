//! Text completions: `prompt`, `suffix` and `choices[].text`.

use super::chat::PREDICTION;
use super::field::TextKind;
use super::rule::{LOGPROBS, RAW_OUTPUT, Rule, SCHEMA};

pub(super) static REQUEST: Rule = Rule::object(&[
    ("prompt", &PROMPT),
    ("suffix", &SUFFIX),
    ("prediction", &PREDICTION),
    ("speculation", &PREDICTION),
    ("response_format", &SCHEMA),
]);

/// A string, strings, or token ids, which are no text.
static PROMPT: Rule = Rule::text_or_array(TextKind::Prompt, &PROMPT);

static SUFFIX: Rule = Rule::text(TextKind::Suffix);

/// A whole reply or a chunk of a stream. With `echo` the text starts with the prompt.
pub(super) static REPLY: Rule = Rule::object(&[("choices", &CHOICES), ("raw_output", &RAW_OUTPUT)]);

static CHOICES: Rule = Rule::array(&Rule::object(&[
    ("text", &TEXT),
    ("reasoning_content", &REASONING),
    ("logprobs", &LOGPROBS),
    ("raw_output", &RAW_OUTPUT),
]));

static TEXT: Rule = Rule::text(TextKind::Content);

static REASONING: Rule = Rule::text(TextKind::Reasoning);
