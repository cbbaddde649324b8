//! Tools, and which of them the model may or must call.

use fw_params::{ChangeKind, ParamsChanges};
use fw_wire::{ApiError, Value};

use crate::object::{Object, array};

use super::refusal::{missing, shown, unsupported, wrong_type};

/// Tools and choice as chat completions spell them.
#[derive(Default)]
pub(super) struct Tools {
    /// A JSON array; none if there are no tools.
    pub(super) tools: Option<String>,
    pub(super) choice: Option<String>,
}

/// Which tools are left, and the choice among them.
struct Choice {
    json: Option<String>,
    /// The names that are allowed, if not all are.
    allowed: Option<Vec<String>>,
}

pub(super) fn convert(
    tools: Option<Value<'_>>,
    choice: Option<Value<'_>>,
    changes: &mut ParamsChanges,
) -> Result<Tools, ApiError> {
    let choice = choice.map(read_choice).transpose()?;
    let allowed = choice.as_ref().and_then(|choice| choice.allowed.as_ref());
    if allowed.is_some() {
        changes.record(ChangeKind::Set, "tool_choice");
    }
    let (mut kept, mut has_function, mut other) = (Vec::new(), false, None);
    for (i, tool) in tools.into_iter().flat_map(Value::elements).enumerate() {
        let tool = tool.value();
        let Some(kind) = tool.get("type").and_then(Value::as_str) else {
            return Err(missing(format_args!("tools[{i}].type")));
        };
        if kind != "function" {
            // Agents list what OpenAI runs itself beside their own functions, and do without.
            changes.record_name(ChangeKind::Removed, "tools[] ", &kind);
            other.get_or_insert((i, kind));
            continue;
        }
        has_function = true;
        let (name, json) = function(tool, i, changes)?;
        if allowed.is_none_or(|allowed| allowed.contains(&name)) {
            kept.push(json);
        }
    }
    if let Some((i, kind)) = other.filter(|_| !has_function) {
        return Err(unsupported(
            format_args!("tools[{i}].type"),
            &format!("The tool '{}'", shown(&kind)),
            "Only tools of type 'function' can be used.",
        ));
    }
    let choice = choice.and_then(|choice| choice.json);
    if !kept.is_empty() {
        return Ok(Tools {
            tools: Some(array(kept)),
            choice,
        });
    }
    // Without tools there is nothing to choose, and chat completions refuse the field.
    match choice.as_deref() {
        None | Some("\"auto\"" | "\"none\"") => Ok(Tools::default()),
        Some(_) => Err(ApiError::invalid_request(
            "'tool_choice' asks for a call, and there is no such tool in 'tools'.",
        )
        .param("tool_choice")),
    }
}

/// A function, flat as Responses have it or nested as in chat.
fn function(
    tool: Value<'_>,
    i: usize,
    changes: &mut ParamsChanges,
) -> Result<(String, String), ApiError> {
    let nested = tool.get("function").filter(|function| function.is_object());
    let function = nested.unwrap_or(tool);
    let name = function.get("name").and_then(Value::as_str);
    let name = name.ok_or_else(|| missing(format_args!("tools[{i}].name")))?;
    // Found by name, so that of duplicates one is sent.
    const KNOWN: [&str; 4] = ["name", "description", "parameters", "strict"];
    let mut json = Object::new();
    for (key, value) in KNOWN.into_iter().zip(function.get_many(KNOWN)) {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            json = json.raw(key, value.raw());
        }
    }
    for member in function.members() {
        let key = member.key();
        let is_known = KNOWN.contains(&&*key) || key == "type" || key == "function";
        if !is_known && !member.value().is_null() {
            changes.record_name(ChangeKind::Removed, "tools[].", &key);
        }
    }
    let tool = Object::of_type("function").raw("function", json.end());
    Ok((name.into_owned(), tool.end()))
}

fn read_choice(choice: Value<'_>) -> Result<Choice, ApiError> {
    let plain = |json: String| Choice {
        json: Some(json),
        allowed: None,
    };
    if let Some(mode) = choice.as_str() {
        return match &*mode {
            "auto" | "none" | "required" => Ok(plain(choice.raw().to_owned())),
            // Fireworks' other name.
            "any" => Ok(plain("\"required\"".to_owned())),
            _ => Err(wrong_type("tool_choice", "auto, none, required or a tool")),
        };
    }
    let kind = choice.get("type").and_then(Value::as_str);
    match kind.as_deref() {
        Some("function") => {
            let nested = choice.get("function").unwrap_or(choice);
            let name = nested.get("name").filter(|name| name.is_string());
            let name = name.ok_or_else(|| missing("tool_choice.name"))?;
            let function = Object::new().raw("name", name.raw()).end();
            Ok(plain(
                Object::of_type("function").raw("function", function).end(),
            ))
        }
        Some("allowed_tools") => allowed(choice),
        Some(kind) => Err(unsupported(
            "tool_choice.type",
            &format!("The tool '{}'", shown(kind)),
            "Only tools of type 'function' can be chosen.",
        )),
        None => Err(wrong_type("tool_choice", "auto, none, required or a tool")),
    }
}

/// Services other than OpenAI do not know the list of allowed tools; fewer tools mean the same.
fn allowed(choice: Value<'_>) -> Result<Choice, ApiError> {
    let [mode, tools] = choice.get_many(["mode", "tools"]);
    let mode = mode.filter(|mode| mode.is_str("auto") || mode.is_str("required"));
    let mode = mode.ok_or_else(|| wrong_type("tool_choice.mode", "auto or required"))?;
    // Those that are no functions are left out of the tools, and so of the choice.
    let tools = tools.into_iter().flat_map(Value::elements);
    let functions = tools.map(|tool| tool.value()).filter(|tool| {
        let kind = tool.get("type");
        kind.is_some_and(|kind| kind.is_str("function"))
    });
    let names = functions.filter_map(|tool| tool.get("name")?.as_str());
    let names: Vec<String> = names.map(String::from).collect();
    if names.is_empty() {
        return Err(unsupported(
            "tool_choice.tools",
            "A choice among tools of which none is a function",
            "Only tools of type 'function' can be allowed.",
        ));
    }
    Ok(Choice {
        json: Some(mode.raw().to_owned()),
        allowed: Some(names),
    })
}
