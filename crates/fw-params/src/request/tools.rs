//! Tools and the choice among them: chat.

use std::{borrow::Cow, collections::HashSet};

use fw_wire::{ApiError, Value, encode_str};

use crate::{changes::ChangeKind, error};

use super::{
    fields::{Edits, Request},
    rule::Slot,
};

pub(crate) fn convert(request: &mut Request<'_, '_>) -> Result<(), ApiError> {
    let allowed = match request.slot(Slot::ToolChoice) {
        Some(choice) => choose(request, choice.value)?,
        None => None,
    };
    let Some(tools) = request.slot(Slot::Tools) else {
        return Ok(());
    };
    request.plan.tools |= tools.value.elements().next().is_some();
    let mut kept = 0_usize;
    for (i, element) in tools.value.elements().enumerate() {
        let tool = element.value();
        let name = tool
            .get("function")
            .and_then(|function| function.get("name"));
        let name = name.and_then(|name| name.as_str());
        if let Some(allowed) = &allowed
            && !name.is_some_and(|name| allowed.contains(&*name))
        {
            request
                .edits
                .remove_element(element.span(), ChangeKind::Removed, "tools[]");
            continue;
        }
        kept += 1;
        convert_tool(&mut request.edits, tool, i)?;
    }
    if allowed.is_some() && kept == 0 {
        return Err(error::no_such_tool());
    }
    Ok(())
}

fn convert_tool(edits: &mut Edits<'_>, tool: Value<'_>, i: usize) -> Result<(), ApiError> {
    for member in tool.members() {
        match &*member.key_bytes() {
            b"type" if member.value().is_str("custom") => {
                return Err(error::custom_tool(&format!("tools[{i}]")));
            }
            b"type" => {}
            b"function" => convert_function(edits, member.value())?,
            b"cache_control" => edits.remove(member.span(), "tools[].cache_control"),
            _ => edits.unknown(member, "tools[].")?,
        }
    }
    Ok(())
}

/// A function's description: of a tool, or of its predecessor.
pub(super) fn convert_function(edits: &mut Edits<'_>, function: Value<'_>) -> Result<(), ApiError> {
    for member in function.members() {
        match &*member.key_bytes() {
            b"name" | b"description" | b"parameters" | b"strict" => {}
            b"cache_control" => edits.remove(member.span(), "tools[].function.cache_control"),
            _ => edits.unknown(member, "tools[].function.")?,
        }
    }
    Ok(())
}

/// Looks at a `tool_choice`. OpenAI's `allowed_tools` narrows the tools and sets a mode: the tools
/// named are returned, and the choice becomes the mode.
fn choose<'a>(
    request: &mut Request<'a, '_>,
    choice: Value<'a>,
) -> Result<Option<HashSet<Cow<'a, str>>>, ApiError> {
    let Some(kind) = choice.get("type") else {
        return Ok(None);
    };
    if kind.is_str("custom") {
        return Err(error::custom_tool("tool_choice"));
    }
    if !kind.is_str("allowed_tools") {
        return Ok(None);
    }
    // Chat nests the settings under the type's name, Responses does not.
    let settings = choice.get("allowed_tools").unwrap_or(choice);
    let mut names = HashSet::new();
    for tool in settings.get("tools").into_iter().flat_map(Value::elements) {
        let tool = tool.value();
        let name = tool.get("function").unwrap_or(tool).get("name");
        names.extend(name.and_then(|name| name.as_str()));
    }
    let mode = settings.get("mode").and_then(|mode| mode.as_str());
    let mut json = String::new();
    encode_str(&mut json, mode.as_deref().unwrap_or("auto"));
    request
        .edits
        .set(choice.span(), json, Slot::ToolChoice.name());
    Ok(Some(names))
}
