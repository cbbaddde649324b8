//! Functions become tools.

use fw_params::{ChangeKind, ParamsChanges};
use fw_wire::{ApiError, Kind, Value};

use crate::json;
use crate::place::{Place, boolean, list, read, string};

/// What a tool without parameters takes: Messages insists on a schema.
const NO_PARAMETERS: &str = r#"{"type":"object","properties":{}}"#;

const AUTO: &str = r#""type":"auto""#;
const NONE: &str = r#""type":"none""#;

/// The fields of a chat request that are about tools.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) tools: Option<Value<'a>>,
    pub(super) choice: Option<Value<'a>>,
    pub(super) parallel: Option<Value<'a>>,
    /// The older names of the first two.
    pub(super) functions: Option<Value<'a>>,
    pub(super) function_call: Option<Value<'a>>,
}

impl Fields<'_> {
    pub(super) fn write(
        self,
        out: &mut String,
        changes: &mut ParamsChanges,
    ) -> Result<(), ApiError> {
        let mut written = String::new();
        let place = Place::Body.field("tools");
        for (i, tool) in list(self.tools, &place)?.enumerate() {
            let place = place.item(i);
            let [kind, function] = read(tool, ["type", "function"], &place, changes);
            if !kind.is_some_and(|kind| kind.is_str("function")) {
                let place = place.field("type");
                return Err(place.unsupported("only functions can be sent"));
            }
            let place = place.field("function");
            let function = function.ok_or_else(|| place.invalid("an object is expected"))?;
            self::function(&mut written, function, &place, changes)?;
        }
        let place = Place::Body.field("functions");
        for (i, legacy) in list(self.functions, &place)?.enumerate() {
            function(&mut written, legacy, &place.item(i), changes)?;
        }
        let choice = match (self.choice, self.function_call) {
            (Some(choice), older) => {
                if older.is_some() {
                    changes.record(ChangeKind::Removed, "function_call");
                }
                Some(chosen(choice, "tool_choice", changes)?)
            }
            (None, Some(choice)) => Some(chosen(choice, "function_call", changes)?),
            (None, None) => None,
        };
        let parallel = match self.parallel {
            Some(parallel) => boolean(parallel, &Place::Body.field("parallel_tool_calls"))?,
            None => true,
        };
        if written.is_empty() {
            if choice.is_some() {
                changes.record(ChangeKind::Removed, "tool_choice");
            }
            return Ok(());
        }
        json::key(out, "tools");
        out.push('[');
        out.push_str(&written);
        out.push(']');
        if choice.is_some() || !parallel {
            let choice = choice.unwrap_or_else(|| AUTO.to_owned());
            json::key(out, "tool_choice");
            out.push('{');
            out.push_str(&choice);
            // No tool at all is never several at once.
            if !parallel && choice != NONE {
                json::raw(out, "disable_parallel_tool_use", "true");
            }
            out.push('}');
        }
        Ok(())
    }
}

fn function(
    out: &mut String,
    function: Value<'_>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    let known = ["name", "description", "parameters", "strict"];
    let [name, description, parameters, strict] = read(function, known, place, changes);
    let name = string(name, &place.field("name"))?;
    json::separate(out);
    out.push('{');
    json::text(out, "name", &name);
    if description.is_some() {
        let text = string(description, &place.field("description"))?;
        json::text(out, "description", &text);
    }
    if parameters.is_some_and(|parameters| !parameters.is_object()) {
        let place = place.field("parameters");
        return Err(place.invalid("a JSON schema is expected"));
    }
    let schema = parameters.map_or(NO_PARAMETERS, Value::raw);
    json::raw(out, "input_schema", schema);
    if let Some(strict) = strict {
        let strict = boolean(strict, &place.field("strict"))?;
        json::raw(out, "strict", if strict { "true" } else { "false" });
    }
    out.push('}');
    Ok(())
}

/// The members of a tool choice, as JSON.
fn chosen(
    choice: Value<'_>,
    field: &'static str,
    changes: &mut ParamsChanges,
) -> Result<String, ApiError> {
    let place = Place::Body.field(field);
    let mut out = String::new();
    if let Some(mode) = choice.as_str() {
        let choice = match &*mode {
            "auto" => AUTO,
            "none" => NONE,
            "required" | "any" => r#""type":"any""#,
            _ => return Err(place.invalid("auto, none or required is expected")),
        };
        return Ok(choice.to_owned());
    }
    if choice.kind() != Kind::Object {
        return Err(place.invalid("a string or an object is expected"));
    }
    let [kind, function, name] = read(choice, ["type", "function", "name"], &place, changes);
    if kind.is_some_and(|kind| !kind.is_str("function")) {
        let place = place.field("type");
        return Err(place.unsupported("only a function can be chosen"));
    }
    let name = match function {
        Some(function) => read(function, ["name"], &place.field("function"), changes)[0],
        None => name,
    };
    let name = string(name, &place.field("name"))?;
    json::text(&mut out, "type", "tool");
    json::text(&mut out, "name", &name);
    Ok(out)
}
