//! Input items as chat messages.

use crate::call::Call;
use crate::generate::{Ask, Format, Tool, ToolChoice};
use crate::json::{Json, object};
use crate::prompt;

/// The input as items; a text is one message of the user.
pub(super) fn items(input: Option<&Json>) -> Vec<Json> {
    match input {
        Some(Json::Str(text)) => {
            vec![object! { "type" => "message", "role" => "user", "content" => text }]
        }
        Some(Json::Array(items)) => items.clone(),
        _ => Vec::new(),
    }
}

/// Items as the chat messages that the prompt is made of.
pub(super) fn messages(instructions: Option<&str>, items: &[Json]) -> Vec<Json> {
    let mut messages = Vec::with_capacity(items.len() + 1);
    messages.extend(instructions.map(|text| object! { "role" => "system", "content" => text }));
    for item in items {
        messages.push(match item.str("type") {
            Some("function_call") => object! {
                "role" => "assistant",
                "content" => format!("{}{}", item.str("name").unwrap_or(""), item.str("arguments").unwrap_or("")),
            },
            Some("function_call_output" | "tool_output") => object! {
                "role" => "tool", "content" => prompt::text_of(item.get("output")),
            },
            Some("reasoning") => object! { "role" => "assistant", "content" => prompt::text_of(item.get("content")) },
            _ => object! {
                "role" => item.str("role").unwrap_or("user"),
                "content" => item.get("content").cloned().unwrap_or(Json::Null),
            },
        });
    }
    messages
}

pub(super) fn ask<'a>(call: &Call<'a>, messages: &[Json]) -> Ask<'a> {
    let body = call.body;
    let last = messages
        .iter()
        .rev()
        .find(|m| matches!(m.str("role"), Some("user" | "tool")));
    let format = body.get("text").and_then(|t| t.get("format"));
    let effort = body.get("reasoning").and_then(|r| r.str("effort"));
    // Both the flat form of OpenAI's Responses and the nested one of chat are in use.
    let tool = |tool: &'a Json| {
        let function = tool.get("function").unwrap_or(tool);
        Some(Tool {
            name: function.str("name")?,
            parameters: function.value("parameters"),
        })
    };
    Ask {
        last: prompt::text_of(last.and_then(|m| m.get("content"))),
        from_tool: last.is_some_and(|m| m.str("role") == Some("tool")),
        tools: body
            .array("tools")
            .iter()
            .filter(|t| t.str("type") == Some("function"))
            .filter_map(tool)
            .collect(),
        tool_choice: match body.get("tool_choice") {
            Some(Json::Str(choice)) if choice == "none" => ToolChoice::None,
            Some(Json::Str(choice)) if choice == "required" || choice == "any" => {
                ToolChoice::Required
            }
            Some(named @ Json::Object(_)) => {
                let name = named.get("function").unwrap_or(named).str("name");
                name.map_or(ToolChoice::Auto, |name| ToolChoice::Named(name.to_owned()))
            }
            _ => ToolChoice::Auto,
        },
        parallel_tools: body.bool("parallel_tool_calls").unwrap_or(true),
        format: match format.and_then(|f| f.str("type")) {
            Some("json_schema") => format
                .and_then(|f| f.value("schema"))
                .map_or(Format::JsonObject, Format::Schema),
            Some("json_object") => Format::JsonObject,
            _ => Format::Text,
        },
        reasoning: effort.is_some_and(|effort| effort != "none"),
        identity: call.identity(),
        ..Ask::default()
    }
}
