//! Items of a conversation as chat messages.
//!
//! What a model put out in one turn (reasoning, text, tool calls) is several items here and one message there.
//! Tools' messages have to follow their calls at once, so what only a user's message can carry waits for them.

use fw_params::{ChangeKind, ParamsChanges};
use fw_wire::{ApiError, Value};

use crate::object::{Object, array, string};

use super::parts;
use super::references::{is_reference, not_stored};
use super::refusal::{Place, missing, shown, unsupported, wrong_type};

/// What OpenAI's own tools leave behind that says nothing to another model: what they found is in the answer, or in no
/// item at all.
const LEFT_OUT: [&str; 5] = [
    "web_search_call",
    "file_search_call",
    "tool_search_call",
    "tool_search_output",
    "mcp_list_tools",
];

/// The messages so far.
#[derive(Default)]
pub(super) struct Messages {
    written: Vec<String>,
    turn: Turn,
    /// Images and files from tools.
    waiting: Vec<String>,
}

/// What the assistant says until somebody else speaks.
#[derive(Default)]
struct Turn {
    reasoning: String,
    content: Option<String>,
    calls: Vec<String>,
}

// === impl Messages ===

impl Messages {
    pub(super) fn instructions(&mut self, text: Value<'_>) {
        self.push("system", text.raw());
    }

    /// A text as the whole input.
    pub(super) fn user(&mut self, text: Value<'_>, changes: &mut ParamsChanges) {
        self.somebody_else(changes);
        self.push("user", text.raw());
    }

    pub(super) fn item(
        &mut self,
        item: Value<'_>,
        place: Place,
        changes: &mut ParamsChanges,
    ) -> Result<(), ApiError> {
        if !item.is_object() {
            return Err(wrong_type(place, "an object"));
        }
        if is_reference(item) {
            return Err(not_stored().param(place.to_string()));
        }
        let kind = item.get("type").filter(|kind| !kind.is_null());
        let kind = kind.and_then(Value::as_str);
        match kind.as_deref() {
            None | Some("message") => self.message(item, place, changes),
            Some("function_call") => self.call(item, place),
            Some("custom_tool_call") => self.custom_call(item, place),
            Some("function_call_output" | "custom_tool_call_output") => {
                self.output(item, place, changes)
            }
            Some("reasoning") => {
                self.reasoning(item, changes);
                Ok(())
            }
            Some(kind) if LEFT_OUT.contains(&kind) => {
                changes.record_name(ChangeKind::Removed, "input[] ", kind);
                Ok(())
            }
            Some(kind) => Err(unsupported(
                format_args!("{place}.type"),
                &format!("Items of type '{}'", shown(kind)),
                "Send messages, function calls and their outputs.",
            )),
        }
    }

    /// All messages, as a JSON array.
    pub(super) fn end(mut self, changes: &mut ParamsChanges) -> String {
        self.somebody_else(changes);
        array(self.written)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.written.is_empty() && self.turn.is_empty() && self.waiting.is_empty()
    }

    fn message(
        &mut self,
        item: Value<'_>,
        place: Place,
        changes: &mut ParamsChanges,
    ) -> Result<(), ApiError> {
        let [role, content] = item.get_many(["role", "content"]);
        let role = role.ok_or_else(|| missing(format_args!("{place}.role")))?;
        let role = role.as_str().unwrap_or_default();
        match &*role {
            "user" | "system" | "developer" => {
                let content = parts::content(content, place)?;
                self.somebody_else(changes);
                self.push(&role, &content);
            }
            "assistant" => {
                let text = parts::spoken(content, place)?;
                self.say(&text, changes);
            }
            _ => {
                return Err(wrong_type(
                    format_args!("{place}.role"),
                    "one of user, assistant, system and developer",
                ));
            }
        }
        Ok(())
    }

    fn say(&mut self, text: &str, changes: &mut ParamsChanges) {
        self.hand_over_files();
        match &mut self.turn.content {
            // Between calls and their outputs there must be no other message.
            Some(content) if !self.turn.calls.is_empty() => {
                content.push_str("\n\n");
                content.push_str(text);
            }
            Some(_) => {
                self.end_turn(changes);
                self.turn.content = Some(text.to_owned());
            }
            content @ None => *content = Some(text.to_owned()),
        }
    }

    fn reasoning(&mut self, item: Value<'_>, changes: &mut ParamsChanges) {
        let [content, summary] = item.get_many(["content", "summary"]);
        let texts = |list: Option<Value<'_>>| -> Vec<String> {
            let parts = list.into_iter().flat_map(Value::elements);
            let texts = parts.filter_map(|part| part.value().get("text")?.as_str());
            texts.map(String::from).collect()
        };
        let mut said = texts(content);
        if said.is_empty() {
            said = texts(summary);
        }
        let encrypted = item.get("encrypted_content");
        if encrypted.is_some_and(|sealed| !sealed.is_null()) {
            changes.record(ChangeKind::Removed, "input[].encrypted_content");
        }
        for text in said {
            self.hand_over_files();
            if !self.turn.reasoning.is_empty() {
                self.turn.reasoning.push_str("\n\n");
            }
            self.turn.reasoning.push_str(&text);
        }
    }

    fn call(&mut self, item: Value<'_>, place: Place) -> Result<(), ApiError> {
        // Nested as in chat, as older Fireworks responses have it.
        let function = item
            .get("function")
            .filter(|value| value.is_object())
            .unwrap_or(item);
        let [name, arguments] = function.get_many(["name", "arguments"]);
        let id = call_id(item, place)?;
        let name = name
            .filter(|name| name.is_string())
            .ok_or_else(|| missing(format_args!("{place}.name")))?;
        let arguments = match arguments.filter(|arguments| !arguments.is_null()) {
            Some(arguments) if arguments.is_string() => arguments.raw().to_owned(),
            Some(arguments) => string(arguments.raw()),
            None => string("{}"),
        };
        self.push_call(id, name, &arguments);
        Ok(())
    }

    /// A call with a free text as its input is one of a function with that text as its one argument.
    fn custom_call(&mut self, item: Value<'_>, place: Place) -> Result<(), ApiError> {
        let id = call_id(item, place)?;
        let [name, input] = item.get_many(["name", "input"]);
        let name = name
            .filter(|name| name.is_string())
            .ok_or_else(|| missing(format_args!("{place}.name")))?;
        let input = input
            .filter(|input| input.is_string())
            .ok_or_else(|| missing(format_args!("{place}.input")))?;
        let arguments = Object::new().raw("input", input.raw()).end();
        self.push_call(id, name, &string(&arguments));
        Ok(())
    }

    /// `arguments` is a JSON string.
    fn push_call(&mut self, id: Value<'_>, name: Value<'_>, arguments: &str) {
        let function = Object::new()
            .raw("name", name.raw())
            .raw("arguments", arguments)
            .end();
        self.hand_over_files();
        self.turn.calls.push(
            Object::new()
                .raw("id", id.raw())
                .text("type", "function")
                .raw("function", function)
                .end(),
        );
    }

    fn output(
        &mut self,
        item: Value<'_>,
        place: Place,
        changes: &mut ParamsChanges,
    ) -> Result<(), ApiError> {
        let id = call_id(item, place)?;
        let (text, files) = parts::tool_output(item.get("output"), place)?;
        self.end_turn(changes);
        self.written.push(
            Object::new()
                .text("role", "tool")
                .raw("tool_call_id", id.raw())
                .raw("content", text)
                .end(),
        );
        self.waiting.extend(files);
        Ok(())
    }

    fn somebody_else(&mut self, changes: &mut ParamsChanges) {
        self.end_turn(changes);
        self.hand_over_files();
    }

    fn hand_over_files(&mut self) {
        if !self.waiting.is_empty() {
            let parts = array(std::mem::take(&mut self.waiting));
            self.push("user", &parts);
        }
    }

    fn end_turn(&mut self, changes: &mut ParamsChanges) {
        let turn = std::mem::take(&mut self.turn);
        if turn.content.is_none() && turn.calls.is_empty() {
            // Thoughts alone make no message.
            if !turn.reasoning.is_empty() {
                changes.record(ChangeKind::Removed, "input[] (reasoning)");
            }
            return;
        }
        let content = turn.content.as_deref().map(string);
        let mut message = Object::new()
            .text("role", "assistant")
            .raw("content", content.as_deref().unwrap_or("null"));
        if !turn.reasoning.is_empty() {
            message = message.text("reasoning_content", &turn.reasoning);
        }
        if !turn.calls.is_empty() {
            message = message.raw("tool_calls", array(turn.calls));
        }
        self.written.push(message.end());
    }

    fn push(&mut self, role: &str, content: &str) {
        let message = Object::new().text("role", role).raw("content", content);
        self.written.push(message.end());
    }
}

// === impl Turn ===

impl Turn {
    fn is_empty(&self) -> bool {
        self.reasoning.is_empty() && self.content.is_none() && self.calls.is_empty()
    }
}

fn call_id(item: Value<'_>, place: Place) -> Result<Value<'_>, ApiError> {
    let [call_id, id] = item.get_many(["call_id", "id"]);
    call_id
        .filter(|id| id.is_string())
        .or(id.filter(|id| id.is_string()))
        .ok_or_else(|| missing(format_args!("{place}.call_id")))
}
