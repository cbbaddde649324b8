//! The turns of a conversation.
//!
//! To Anthropic, messages of one role that follow each other are one turn. In a chat, the results of
//! tools are messages of their own and must stand right behind the message with the calls. So an
//! assistant's turn becomes one message, and of a user's turn the results come first.

use core::mem;

use fw_params::{ChangeKind, ParamsChanges};
use fw_wire::{ApiError, Value, encode_str};

use super::content::{self, Piece, kind, unsupported_block};
use crate::json;
use crate::place::{Place, boolean, read, string};

/// What a tool result says to the model if it has an image and no text: a chat's tool message holds
/// text only, so images follow in a user message.
const IMAGE_FOLLOWS: &str = "The result is the image in the next message.";

/// How the line for Anthropic's billing begins.
const BILLING: &str = "x-anthropic-billing-header:";

/// What stands before the text of a result that is an error.
const ERROR: &str = "Error: ";

/// Writes the system message, if the prompt says anything.
pub(super) fn system(
    out: &mut String,
    system: Option<Value<'_>>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    if let Some(system) = system {
        let text = prompt(system, place, changes)?;
        if !text.is_empty() {
            message(out, "system", &[Piece::Text(text.into())]);
        }
    }
    Ok(())
}

/// Writes all messages.
pub(super) fn messages(
    out: &mut String,
    messages: Value<'_>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    let mut turn = Turn::None;
    for (i, element) in messages.elements().enumerate() {
        let place = place.item(i);
        let value = element.value();
        let [role, content] = read(value, ["role", "content"], &place, changes);
        let content_place = place.field("content");
        let content = content.ok_or_else(|| content_place.invalid("a content is expected"))?;
        let role = role.and_then(Value::as_str).unwrap_or_default();
        turn = match (&*role, turn) {
            ("user", Turn::User(mut user)) => {
                user.add(content, &content_place, changes)?;
                Turn::User(user)
            }
            ("assistant", Turn::Assistant(mut assistant)) => {
                assistant.add(content, &content_place, changes)?;
                Turn::Assistant(assistant)
            }
            (role, last) => {
                last.write(out);
                match role {
                    "user" => {
                        let mut user = User::default();
                        user.add(content, &content_place, changes)?;
                        Turn::User(user)
                    }
                    "assistant" => {
                        let mut assistant = Assistant::default();
                        assistant.add(content, &content_place, changes)?;
                        Turn::Assistant(assistant)
                    }
                    "system" => {
                        let text = prompt(content, &content_place, changes)?;
                        message(out, "system", &[Piece::Text(text.into())]);
                        Turn::None
                    }
                    _ => {
                        let why = "the role of a message is user or assistant";
                        return Err(place.field("role").invalid(why));
                    }
                }
            }
        };
    }
    turn.write(out);
    Ok(())
}

/// A prompt: text only, blocks line by line.
fn prompt(
    content: Value<'_>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<String, ApiError> {
    let mut pieces = content::pieces(content, place, changes)?;
    if without_billing(&mut pieces) {
        let path = place.pattern() + " (x-anthropic-billing-header)";
        changes.record(ChangeKind::Removed, path);
    }
    if pieces.iter().any(|piece| matches!(piece, Piece::Image(_))) {
        return Err(place.unsupported("a system prompt is text only"));
    }
    Ok(content::joined(&pieces))
}

/// Takes out what Claude Code tells Anthropic's billing in the prompt's first line. It is another with every
/// request, so with it no provider would find the prompt in its cache. Returns whether there was such a line.
fn without_billing(pieces: &mut Vec<Piece<'_>>) -> bool {
    let Some(Piece::Text(text)) = pieces.first_mut() else {
        return false;
    };
    if !text.starts_with(BILLING) {
        return false;
    }
    match text.split_once('\n') {
        Some((_, rest)) => *text = rest.to_owned().into(),
        None => drop(pieces.remove(0)),
    }
    true
}

fn message(out: &mut String, role: &str, pieces: &[Piece<'_>]) {
    json::separate(out);
    out.push('{');
    json::text(out, "role", role);
    json::key(out, "content");
    content::write(out, pieces);
    out.push('}');
}

/// The turn that is being read.
enum Turn {
    None,
    User(User),
    Assistant(Assistant),
}

impl Turn {
    fn write(self, out: &mut String) {
        match self {
            Turn::None => {}
            Turn::User(user) => user.write(out),
            Turn::Assistant(assistant) => assistant.write(out),
        }
    }
}

/// A user's turn: messages as JSON.
#[derive(Default)]
struct User {
    results: String,
    messages: String,
}

impl User {
    fn write(self, out: &mut String) {
        for messages in [self.results, self.messages] {
            if !messages.is_empty() {
                json::separate(out);
                out.push_str(&messages);
            }
        }
    }

    fn add(
        &mut self,
        content: Value<'_>,
        place: &Place<'_>,
        changes: &mut ParamsChanges,
    ) -> Result<(), ApiError> {
        if !content.is_array() {
            let pieces = content::pieces(content, place, changes)?;
            message(&mut self.messages, "user", &pieces);
            return Ok(());
        }
        let mut pieces = Vec::new();
        let mut images = Vec::new();
        let mut has_results = false;
        for (i, element) in content.elements().enumerate() {
            let (block, place) = (element.value(), place.item(i));
            if kind(block, &place)? == "tool_result" {
                has_results = true;
                images.extend(self.result(block, &place, changes)?);
            } else {
                content::block(block, &place, changes, &mut pieces)?;
            }
        }
        // Images of results come right behind them.
        images.append(&mut pieces);
        if !images.is_empty() || !has_results {
            message(&mut self.messages, "user", &images);
        }
        Ok(())
    }

    /// Writes the message of a result and gives back its images.
    fn result<'a>(
        &mut self,
        block: Value<'a>,
        place: &Place<'_>,
        changes: &mut ParamsChanges,
    ) -> Result<Vec<Piece<'a>>, ApiError> {
        let known = ["type", "tool_use_id", "content", "is_error"];
        let [_, id, content, is_error] = read(block, known, place, changes);
        let id = string(id, &place.field("tool_use_id"))?;
        let pieces = match content {
            Some(content) => content::pieces(content, &place.field("content"), changes)?,
            None => Vec::new(),
        };
        let mut text = content::joined(&pieces);
        let mut images = pieces;
        images.retain(|piece| matches!(piece, Piece::Image(_)));
        if text.is_empty() && !images.is_empty() {
            text.push_str(IMAGE_FOLLOWS);
        }
        if let Some(is_error) = is_error
            && boolean(is_error, &place.field("is_error"))?
        {
            text.insert_str(0, ERROR);
        }
        let out = &mut self.results;
        json::separate(out);
        out.push_str(r#"{"role":"tool""#);
        json::text(out, "tool_call_id", &id);
        json::text(out, "content", &text);
        out.push('}');
        Ok(images)
    }
}

/// An assistant's turn.
#[derive(Default)]
struct Assistant {
    thoughts: String,
    text: String,
    /// Tool calls as JSON, without the brackets.
    calls: String,
    /// Whether something stood between the last text and what comes next.
    gap: bool,
}

impl Assistant {
    fn write(self, out: &mut String) {
        json::separate(out);
        out.push_str(r#"{"role":"assistant","content":"#);
        if self.text.is_empty() && !self.calls.is_empty() {
            out.push_str("null");
        } else {
            encode_str(out, &self.text);
        }
        if !self.thoughts.is_empty() {
            json::text(out, "reasoning_content", &self.thoughts);
        }
        if !self.calls.is_empty() {
            json::key(out, "tool_calls");
            out.push('[');
            out.push_str(&self.calls);
            out.push(']');
        }
        out.push('}');
    }

    fn add(
        &mut self,
        content: Value<'_>,
        place: &Place<'_>,
        changes: &mut ParamsChanges,
    ) -> Result<(), ApiError> {
        self.gap = true;
        if let Some(text) = content.as_str() {
            self.text(&text);
            return Ok(());
        }
        if !content.is_array() {
            return Err(place.invalid("a string or a list of content blocks is expected"));
        }
        for (i, element) in content.elements().enumerate() {
            let (block, place) = (element.value(), place.item(i));
            match &*kind(block, &place)? {
                "text" => {
                    let [_, text] = read(block, ["type", "text"], &place, changes);
                    self.text(&string(text, &place.field("text"))?);
                    continue;
                }
                "thinking" => {
                    // The signature is left out: only the server that made it can check it.
                    let [_, thinking] = read(block, ["type", "thinking"], &place, changes);
                    let thinking = string(thinking, &place.field("thinking"))?;
                    if !self.thoughts.is_empty() && !thinking.is_empty() {
                        self.thoughts.push('\n');
                    }
                    self.thoughts.push_str(&thinking);
                }
                "redacted_thinking" => {
                    let path = place.pattern() + " (redacted_thinking)";
                    changes.record(ChangeKind::Removed, path);
                }
                "tool_use" => self.call(block, &place, changes)?,
                other => return Err(unsupported_block(other, &place)),
            }
            self.gap = true;
        }
        Ok(())
    }

    /// Texts next to each other are one text cut by citations; others are told apart by a line.
    fn text(&mut self, text: &str) {
        let gap = mem::take(&mut self.gap);
        if gap && !self.text.is_empty() && !text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    fn call(
        &mut self,
        block: Value<'_>,
        place: &Place<'_>,
        changes: &mut ParamsChanges,
    ) -> Result<(), ApiError> {
        let known = ["type", "id", "name", "input"];
        let [_, id, name, input] = read(block, known, place, changes);
        let id = string(id, &place.field("id"))?;
        let name = string(name, &place.field("name"))?;
        let out = &mut self.calls;
        json::separate(out);
        out.push('{');
        json::text(out, "id", &id);
        json::text(out, "type", "function");
        out.push_str(r#","function":{"#);
        json::text(out, "name", &name);
        // As it is spelt: a model that sees its own bytes again finds them in its cache.
        json::text(out, "arguments", input.map_or("{}", Value::raw));
        out.push_str("}}");
        Ok(())
    }
}
