//! Embeddings: `input` and Fireworks' `prompt_template`.

use super::field::TextKind;
use super::rule::{RAW_OUTPUT, Rule};

pub(super) static REQUEST: Rule =
    Rule::object(&[("input", &INPUT), ("prompt_template", &TEMPLATE)]);

/// A string, strings, token ids, or objects whose strings fill the template.
static INPUT: Rule = Rule::strings(TextKind::Input, &INPUT);

static TEMPLATE: Rule = Rule::text(TextKind::Input);

pub(super) static REPLY: Rule = Rule::object(&[("raw_output", &RAW_OUTPUT), ("data", &DATA)]);

static DATA: Rule = Rule::array(&Rule::object(&[("raw_output", &RAW_OUTPUT)]));
