//! Embeddings: `input` and Fireworks' `prompt_template`.

use super::field::TextKind;
use super::rule::{RAW_OUTPUT, Rule, SETTINGS};

pub(super) static REQUEST: Rule = Rule {
    base: Some(&SETTINGS),
    ..Rule::object(&REQUEST, &[("input", &INPUT), ("prompt_template", &INPUT)])
};

/// A string, strings, token ids, or objects whose strings fill the template.
static INPUT: Rule = Rule::strings(TextKind::Input, &INPUT);

pub(super) static REPLY: Rule =
    Rule::object(&REPLY, &[("raw_output", &RAW_OUTPUT), ("data", &DATA)]);

static DATA: Rule = Rule::object(&DATA, &[("raw_output", &RAW_OUTPUT)]);
