//! The schemas of embeddings and rerank.

use crate::json::Json;
use crate::refusal::Refusal;

use super::chat::STRING;
use super::schema::{ANY_INT, Model, Type, at_least, closed, optional, required};

/// Inputs in one request (Fireworks API documentation).
const MAX_INPUTS: usize = 2048;

static INTEGER: Type = ANY_INT;
static IDS: Type = Type::List(&INTEGER, 1, usize::MAX);
static DICT: Type = Type::Dict;

static EMBEDDINGS: Model = closed(&[
    required("model", Type::Str),
    required(
        "input",
        Type::Union(&[
            ("str", Type::Str),
            ("list[str]", Type::List(&STRING, 1, MAX_INPUTS)),
            ("list[int]", Type::List(&INTEGER, 1, usize::MAX)),
            ("list[list[int]]", Type::List(&IDS, 1, MAX_INPUTS)),
            ("dict[str,any]", Type::Dict),
            ("list[dict[str,any]]", Type::List(&DICT, 1, MAX_INPUTS)),
        ]),
    ),
    optional("prompt_template", Type::Str),
    optional("encoding_format", Type::Literal(&["float", "base64"])),
    optional("dimensions", at_least(1)),
    optional("return_logits", Type::List(&INTEGER, 0, usize::MAX)),
    optional("normalize", Type::Bool),
    optional("fanout_size", at_least(1)),
    optional("raw_output", Type::Bool),
    optional("perf_metrics_in_response", Type::Bool),
    optional("user", Type::Str),
    optional("prompt_cache_key", Type::Str),
    optional("prompt_cache_isolation_key", Type::Str),
]);

static RERANK: Model = closed(&[
    optional("model", Type::Str),
    required("query", Type::Str),
    required("documents", Type::List(&STRING, 1, MAX_INPUTS)),
    optional("top_n", at_least(1)),
    optional("return_documents", Type::Bool),
    optional("task", Type::Str),
]);

pub(crate) fn shape(body: &Json) -> Result<(), Refusal> {
    super::check(body, &Type::Object(&EMBEDDINGS))?;
    if body.str("input") == Some("") {
        return Err(Refusal::invalid(
            "Input should not be empty, field: 'input', value: ''",
        ));
    }
    Ok(())
}

pub(crate) fn rerank(body: &Json) -> Result<(), Refusal> {
    super::check(body, &Type::Object(&RERANK))
}
