//! Text completions: `prompt`, `suffix` and `choices[].text`. With `echo` the text of a reply starts
//! with the prompt.

use super::chat::{MESSAGE, PREDICTION};
use super::field::TextKind;
use super::rule::{Rule, SETTINGS};

pub(super) static REQUEST: Rule = Rule {
    base: Some(&SETTINGS),
    ..Rule::object(
        &REQUEST,
        &[
            ("prompt", &PROMPT),
            ("suffix", &SUFFIX),
            ("prediction", &PREDICTION),
            ("speculation", &PREDICTION),
            ("messages", &MESSAGE),
        ],
    )
};

/// A string, strings, or token ids, which are no text.
static PROMPT: Rule = Rule::text(TextKind::Prompt, &PROMPT);

static SUFFIX: Rule = Rule::text(TextKind::Suffix, &SUFFIX);

pub(super) use super::chat::REPLY;
