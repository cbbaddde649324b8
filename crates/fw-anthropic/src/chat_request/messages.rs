//! The messages of a chat become a system prompt and turns.

use std::borrow::Cow;

use fw_params::{ChangeKind, ParamsChanges};
use fw_wire::{ApiError, Value, encode_str};

use super::content;
use crate::json;
use crate::message::tool_input;
use crate::place::{Place, list, object, read, string};

/// A conversation while it is written.
#[derive(Default)]
pub(super) struct Conversation {
    /// The system prompt: text blocks as JSON, without the brackets, and how many.
    system: String,
    system_texts: usize,
    /// The messages as JSON, without the brackets.
    messages: String,
    /// Results that the next user message goes on with: blocks as JSON.
    results: String,
    /// The id of the last legacy function call.
    last_call: String,
}

impl Conversation {
    pub(super) fn read(
        messages: Value<'_>,
        place: &Place<'_>,
        changes: &mut ParamsChanges,
    ) -> Result<Self, ApiError> {
        let mut conversation = Self::default();
        for (i, element) in messages.elements().enumerate() {
            let (message, place) = (element.value(), place.item(i));
            object(message, &place)?;
            let role = message.get("role").and_then(Value::as_str);
            match role.as_deref() {
                Some("system" | "developer") => conversation.system(message, &place, changes)?,
                Some("user") => conversation.user(message, &place, changes)?,
                Some("tool" | "function") => conversation.result(message, &place, changes)?,
                Some("assistant") => conversation.assistant(i, message, &place, changes)?,
                _ => {
                    let place = place.field("role");
                    return Err(place.invalid("system, user, assistant or tool is expected"));
                }
            }
        }
        conversation.close();
        Ok(conversation)
    }

    pub(super) fn write(&self, out: &mut String) {
        if self.system_texts > 0 {
            json::key(out, "system");
            out.push('[');
            out.push_str(&self.system);
            out.push(']');
        }
        json::key(out, "messages");
        out.push('[');
        out.push_str(&self.messages);
        out.push(']');
    }

    /// There is one system prompt, before the conversation. What stands later moves there.
    fn system(
        &mut self,
        message: Value<'_>,
        place: &Place<'_>,
        changes: &mut ParamsChanges,
    ) -> Result<(), ApiError> {
        let [_, content] = read(message, ["role", "content"], place, changes);
        if !self.messages.is_empty() || !self.results.is_empty() {
            let path = place.pattern() + " (system)";
            changes.record(ChangeKind::Merged, path);
        }
        if let Some(content) = content {
            let place = place.field("content");
            let before = self.system.len();
            content::texts(&mut self.system, content, &place, changes)?;
            self.system_texts += usize::from(self.system.len() > before);
        }
        Ok(())
    }

    /// The results of tools are part of the user's next message.
    fn user(
        &mut self,
        message: Value<'_>,
        place: &Place<'_>,
        changes: &mut ParamsChanges,
    ) -> Result<(), ApiError> {
        let [_, content] = read(message, ["role", "content"], place, changes);
        let place = place.field("content");
        let content = content.ok_or_else(|| place.invalid("a content is expected"))?;
        if self.results.is_empty() && content.is_string() {
            self.message("user", content.raw());
            return Ok(());
        }
        let before = self.results.len();
        content::blocks(&mut self.results, content, &place, changes)?;
        if self.results.is_empty() {
            self.message("user", "\"\"");
        } else if self.results.len() > before {
            self.close();
        }
        Ok(())
    }

    fn result(
        &mut self,
        message: Value<'_>,
        place: &Place<'_>,
        changes: &mut ParamsChanges,
    ) -> Result<(), ApiError> {
        let known = ["role", "content", "tool_call_id", "name"];
        let [role, content, id, name] = read(message, known, place, changes);
        let is_function = role.is_some_and(|role| role.is_str("function"));
        let id = if is_function && id.is_none() {
            // A legacy result names the function only; it answers the last call.
            Cow::Borrowed(self.last_call.as_str())
        } else {
            if name.is_some() {
                changes.record(ChangeKind::Removed, place.pattern() + ".name");
            }
            string(id, &place.field("tool_call_id"))?
        };
        let out = &mut self.results;
        json::separate(out);
        out.push_str(r#"{"type":"tool_result""#);
        json::text(out, "tool_use_id", &id);
        if let Some(content) = content {
            json::key(out, "content");
            if content.is_string() {
                out.push_str(content.raw());
            } else {
                out.push('[');
                content::blocks(out, content, &place.field("content"), changes)?;
                out.push(']');
            }
        }
        out.push('}');
        Ok(())
    }

    fn assistant(
        &mut self,
        number: usize,
        message: Value<'_>,
        place: &Place<'_>,
        changes: &mut ParamsChanges,
    ) -> Result<(), ApiError> {
        self.close();
        let known = [
            "role",
            "content",
            "reasoning_content",
            "reasoning",
            "refusal",
            "tool_calls",
            "function_call",
        ];
        let [
            _,
            content,
            thoughts,
            reasoning,
            refusal,
            calls,
            function_call,
        ] = read(message, known, place, changes);
        let more = [thoughts, reasoning, refusal, calls, function_call];
        if more.iter().all(Option::is_none)
            && let Some(text) = content.filter(|content| content.is_string())
        {
            self.message("assistant", text.raw());
            return Ok(());
        }
        let mut blocks = String::new();
        if thoughts.is_some() && reasoning.is_some() {
            changes.record(ChangeKind::Removed, place.pattern() + ".reasoning");
        }
        if let Some(thoughts) = thoughts.or(reasoning) {
            let text = string(Some(thoughts), &place.field("reasoning_content"))?;
            if !text.is_empty() {
                blocks.push_str(r#"{"type":"thinking","thinking":"#);
                encode_str(&mut blocks, &text);
                blocks.push_str(r#","signature":""}"#);
            }
        }
        for (text, name) in [(content, "content"), (refusal, "refusal")] {
            if let Some(text) = text {
                content::texts(&mut blocks, text, &place.field(name), changes)?;
            }
        }
        let call_place = place.field("tool_calls");
        for (j, call) in list(calls, &call_place)?.enumerate() {
            tool_call(&mut blocks, call, &call_place.item(j), changes)?;
        }
        if let Some(function) = function_call {
            // It has no id; its place is one.
            self.last_call = format!("call_{number}");
            let place = place.field("function_call");
            tool_use(&mut blocks, &self.last_call, function, &place, changes)?;
        }
        if blocks.is_empty() {
            self.message("assistant", "\"\"");
        } else {
            self.message("assistant", &format!("[{blocks}]"));
        }
        Ok(())
    }

    /// Writes the results that no user message came for.
    fn close(&mut self) {
        if !self.results.is_empty() {
            let blocks = format!("[{}]", core::mem::take(&mut self.results));
            self.message("user", &blocks);
        }
    }

    fn message(&mut self, role: &str, content: &str) {
        let out = &mut self.messages;
        json::separate(out);
        out.push('{');
        json::text(out, "role", role);
        json::raw(out, "content", content);
        out.push('}');
    }
}

fn tool_call(
    out: &mut String,
    call: Value<'_>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    // The place in a stream that `index` means is the place in the list here.
    let known = ["id", "type", "function", "index"];
    let [id, kind, function, _] = read(call, known, place, changes);
    if kind.is_some_and(|kind| !kind.is_str("function")) {
        let place = place.field("type");
        return Err(place.unsupported("only calls of functions can be sent"));
    }
    let id = string(id, &place.field("id"))?;
    let place = place.field("function");
    let function = function.ok_or_else(|| place.invalid("an object is expected"))?;
    tool_use(out, &id, function, &place, changes)
}

fn tool_use(
    out: &mut String,
    id: &str,
    function: Value<'_>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    let [name, arguments] = read(function, ["name", "arguments"], place, changes);
    let name = string(name, &place.field("name"))?;
    json::separate(out);
    out.push_str(r#"{"type":"tool_use""#);
    json::text(out, "id", id);
    json::text(out, "name", &name);
    let arguments = arguments.map(|arguments| match arguments.as_str() {
        Some(text) => text,
        // Some servers take and give an object.
        None => Cow::Borrowed(arguments.raw()),
    });
    json::raw(out, "input", &tool_input(&arguments.unwrap_or_default()));
    out.push('}');
    Ok(())
}
