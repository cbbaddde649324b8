//! The schema of Responses: open, and its errors are FastAPI's (OpenAPI of the Responses endpoint).

use http::StatusCode;

use crate::json::{Json, object};
use crate::refusal::Refusal;

use super::chat::STRING;
use super::errors::{Errors, Path};
use super::schema::{Model, Type, at_least, not_null, optional, required};

static ITEM: Type = Type::Dict;

static TOOL_KIND: Model = Model {
    closed: false,
    fields: &[
        required("type", Type::Literal(&["function", "mcp", "sse", "python"])),
        optional("name", Type::Name),
        optional("parameters", Type::Dict),
        optional("server_url", Type::Str),
    ],
};
static TOOL: Type = Type::Object(&TOOL_KIND);

static RESPONSES: Model = Model {
    closed: false,
    fields: &[
        required("model", Type::Str),
        required(
            "input",
            Type::Union(&[
                ("str", Type::Str),
                ("list[dict[str,any]]", Type::List(&ITEM, 0, usize::MAX)),
            ]),
        ),
        optional("instructions", Type::Str),
        optional("previous_response_id", Type::Str),
        optional("max_output_tokens", at_least(1)),
        optional("max_tool_calls", at_least(1)),
        optional("metadata", Type::Map(&STRING)),
        optional("parallel_tool_calls", Type::Bool),
        optional("reasoning", Type::Dict),
        optional("store", Type::Bool),
        optional("stream", Type::Bool),
        optional("temperature", Type::Float(0.0, 2.0)),
        optional("text", Type::Dict),
        optional(
            "tool_choice",
            Type::Union(&[("str", Type::Str), ("dict[str,any]", Type::Dict)]),
        ),
        optional("tools", Type::List(&TOOL, 0, usize::MAX)),
        optional("top_p", Type::Float(0.0, 1.0)),
        optional("truncation", Type::Literal(&["auto", "disabled"])),
        optional("user", Type::Str),
        not_null(
            "service_tier",
            Type::Literal(&["auto", "default", "flex", "priority"]),
        ),
    ],
};

/// Members that `metadata` may have.
const MAX_METADATA: usize = 16;

/// Checks the body; errors are `422 {"detail":[{"loc","msg","type"}]}`.
pub(crate) fn shape(body: &Json) -> Result<(), Refusal> {
    let mut errors = Errors::default();
    Type::Object(&RESPONSES).check(body, &Path::Root, &mut errors);
    if body
        .get("metadata")
        .is_some_and(|m| m.members().len() > MAX_METADATA)
    {
        let message = "Dictionary should have at most 16 items after validation";
        errors.add(
            &Path::Key(&Path::Root, "metadata"),
            "too_long",
            message,
            None,
        );
    }
    if errors.list.is_empty() {
        return Ok(());
    }
    let detail = errors.list.into_iter().map(|error| {
        let mut location = vec![Json::from("body")];
        location.extend(error.location);
        object! { "loc" => location, "msg" => error.message, "type" => error.kind }
    });
    let body = object! { "detail" => detail.collect::<Vec<Json>>() };
    Err(Refusal::json(
        StatusCode::UNPROCESSABLE_ENTITY,
        body.to_bytes(),
    ))
}
