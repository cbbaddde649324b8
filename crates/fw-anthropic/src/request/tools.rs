//! Tools, and which of them the model may or must call.

use std::borrow::Cow;

use fw_params::{ChangeKind, ParamsChanges};
use fw_wire::{ApiError, Value};

use crate::json;
use crate::place::{Place, boolean, list, read, string};

/// The tools that are left.
#[derive(Default)]
pub(super) struct Tools<'a> {
    /// As a JSON array without its brackets.
    json: String,
    names: Vec<Cow<'a, str>>,
}

impl<'a> Tools<'a> {
    /// Converts the list. What Anthropic defines and mostly runs itself (web search, code execution,
    /// ...) is left out and recorded: a chat has no such tools.
    pub(super) fn read(
        tools: Option<Value<'a>>,
        place: &Place<'_>,
        changes: &mut ParamsChanges,
    ) -> Result<Self, ApiError> {
        let mut read = Self::default();
        for (i, tool) in list(tools, place)?.enumerate() {
            read.tool(tool, &place.item(i), changes)?;
        }
        Ok(read)
    }

    fn tool(
        &mut self,
        tool: Value<'a>,
        place: &Place<'_>,
        changes: &mut ParamsChanges,
    ) -> Result<(), ApiError> {
        let kind = tool.get("type").filter(|kind| !kind.is_null());
        if kind.is_some_and(|kind| !kind.is_str("custom")) {
            let path = place.pattern() + " (server tool)";
            changes.record(ChangeKind::Removed, path);
            return Ok(());
        }
        let known = ["type", "name", "description", "input_schema", "strict"];
        let [_, name, description, schema, strict] = read(tool, known, place, changes);
        let name = string(name, &place.field("name"))?;
        let out = &mut self.json;
        json::separate(out);
        out.push_str(r#"{"type":"function","function":{"#);
        json::text(out, "name", &name);
        if description.is_some() {
            let text = string(description, &place.field("description"))?;
            json::text(out, "description", &text);
        }
        if let Some(schema) = schema {
            if !schema.is_object() {
                let place = place.field("input_schema");
                return Err(place.invalid("a JSON schema is expected"));
            }
            json::raw(out, "parameters", schema.raw());
        }
        if let Some(strict) = strict {
            let strict = boolean(strict, &place.field("strict"))?;
            json::raw(out, "strict", if strict { "true" } else { "false" });
        }
        out.push_str("}}");
        self.names.push(name);
        Ok(())
    }

    /// Writes the tools and the choice among them.
    pub(super) fn write(
        &self,
        out: &mut String,
        choice: Option<Value<'_>>,
        place: &Place<'_>,
        changes: &mut ParamsChanges,
    ) -> Result<(), ApiError> {
        if !self.names.is_empty() {
            json::key(out, "tools");
            out.push('[');
            out.push_str(&self.json);
            out.push(']');
        }
        let Some(choice) = choice else {
            return Ok(());
        };
        let known = ["type", "name", "disable_parallel_tool_use"];
        let [kind, name, alone] = read(choice, known, place, changes);
        let kind = string(kind, &place.field("type"))?;
        let mode = match &*kind {
            "auto" => "auto",
            "any" => "required",
            "none" => "none",
            "tool" => {
                let place = place.field("name");
                let name = string(name, &place)?;
                if !self.names.contains(&name) {
                    return Err(place.invalid(
                        "it names none of the request's tools that can be called here; tools that \
                         Anthropic's servers run cannot",
                    ));
                }
                json::raw(out, "tool_choice", r#"{"type":"function","function":{"#);
                json::text(out, "name", &name);
                out.push_str("}}");
                ""
            }
            _ => {
                let place = place.field("type");
                return Err(place.invalid("auto, any, tool or none is expected"));
            }
        };
        if self.names.is_empty() {
            if mode == "required" {
                return Err(place.invalid("there is no tool that can be called here"));
            }
            // A chat takes no choice among no tools; there is nothing to choose either.
            changes.record(ChangeKind::Removed, "tool_choice");
            return Ok(());
        }
        if !mode.is_empty() {
            json::text(out, "tool_choice", mode);
        }
        if let Some(alone) = alone
            && boolean(alone, &place.field("disable_parallel_tool_use"))?
        {
            json::raw(out, "parallel_tool_calls", "false");
        }
        Ok(())
    }
}
