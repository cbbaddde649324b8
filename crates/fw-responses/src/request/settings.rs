//! `text` and `reasoning`.

use fw_params::{ChangeKind, ParamsChanges};
use fw_wire::{ApiError, Value};

use crate::object::Object;

use super::refusal::{missing, shown, unsupported, wrong_type};

/// The members of the chat request that follow from `text`.
pub(super) fn text(
    text: Value<'_>,
    mut chat: Object,
    changes: &mut ParamsChanges,
) -> Result<Object, ApiError> {
    // Found by name, so that of duplicates one is sent.
    let [format, verbosity] = text.get_many(["format", "verbosity"]);
    let given = |value: &Value<'_>| !value.is_null();
    if let Some(format) = format.filter(given)
        && let Some(format) = response_format(format)?
    {
        chat = chat.raw("response_format", format);
    }
    if let Some(verbosity) = verbosity.filter(given) {
        chat = chat.raw("verbosity", verbosity.raw());
    }
    for member in text.members() {
        let key = member.key();
        if key != "format" && key != "verbosity" && given(&member.value()) {
            changes.record_name(ChangeKind::Removed, "text.", &key);
        }
    }
    Ok(chat)
}

fn response_format(format: Value<'_>) -> Result<Option<String>, ApiError> {
    if !format.is_object() {
        return Err(wrong_type("text.format", "an object"));
    }
    let kind = format.get("type").and_then(Value::as_str);
    match kind.as_deref() {
        Some("text") => Ok(None),
        Some("json_object") => Ok(Some(Object::of_type("json_object").end())),
        Some("json_schema") => {
            // Nested as in chat.
            let nested = format
                .get("json_schema")
                .filter(|schema| schema.is_object());
            let source = nested.unwrap_or(format);
            let [name, description, schema, strict] =
                source.get_many(["name", "description", "schema", "strict"]);
            let mut json = Object::new();
            json = match name.filter(|name| name.is_string()) {
                Some(name) => json.raw("name", name.raw()),
                // Chat completions want one.
                None => json.text("name", "response"),
            };
            for (key, value) in [
                ("description", description),
                ("schema", schema),
                ("strict", strict),
            ] {
                if let Some(value) = value.filter(|value| !value.is_null()) {
                    json = json.raw(key, value.raw());
                }
            }
            let format = Object::of_type("json_schema").raw("json_schema", json.end());
            Ok(Some(format.end()))
        }
        Some(kind) => Err(unsupported(
            "text.format.type",
            &format!("The format '{}'", shown(kind)),
            "Use text, json_object or json_schema.",
        )),
        None => Err(missing("text.format.type")),
    }
}

/// What `reasoning` asks for.
#[derive(Default)]
pub(super) struct Reasoning<'a> {
    pub(super) effort: Option<Value<'a>>,
    pub(super) summary: Option<Value<'a>>,
}

pub(super) fn reasoning<'a>(reasoning: Value<'a>, changes: &mut ParamsChanges) -> Reasoning<'a> {
    let mut wanted = Reasoning::default();
    for member in reasoning.members() {
        let value = member.value();
        match &*member.key() {
            _ if value.is_null() => {}
            "effort" => wanted.effort = Some(value),
            // The second is the older name.
            "summary" | "generate_summary" => wanted.summary = Some(value),
            key => changes.record_name(ChangeKind::Removed, "reasoning.", key),
        }
    }
    wanted
}
