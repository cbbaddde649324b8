//! The messages of a chat.
//!
//! Fireworks' message is closed: `role`, `content`, `reasoning_content`, `tool_calls`,
//! `tool_call_id`. OpenAI clients send more, mostly because they send an assistant's reply back
//! whole.

use fw_wire::{ApiError, Element, Value, encode_str};

use crate::{changes::ChangeKind, error};

use super::{
    fields::{Edits, Field, Request},
    parts::{self, Place},
    rule::Slot,
};

pub(crate) fn convert(request: &mut Request<'_, '_>) -> Result<(), ApiError> {
    let Some(messages) = request.slot(Slot::Messages) else {
        return Ok(());
    };
    let mut history = History {
        edits: &mut request.edits,
        last_call: None,
    };
    let mut system: Option<(Place, Element<'_>)> = None;
    let mut more_system = Vec::new();
    let mut leading = true;
    for (i, message) in messages.value.elements().enumerate() {
        let here = (Place(i), message);
        if leading && is_system(message.value()) {
            if system.is_none() {
                system = Some(here);
            } else {
                more_system.push(here);
            }
            continue;
        }
        if std::mem::take(&mut leading) {
            history.system(system.take(), &more_system)?;
        }
        history.message(message.value(), here.0, true)?;
    }
    // Only when there is nothing else.
    history.system(system, &more_system)?;
    request.plan.tools |= history.last_call.is_some();
    Ok(())
}

fn is_system(message: Value<'_>) -> bool {
    let mut last = None;
    for member in message.members().filter(|member| member.key_is("role")) {
        let role = member.value();
        let names_it = role.is_str("system") || role.is_str("developer");
        // Of several roles the last one counts, but to find that takes the way over the content.
        if last.is_none() && !names_it {
            return false;
        }
        last = Some(names_it);
    }
    last == Some(true)
}

struct History<'e, 'c> {
    edits: &'e mut Edits<'c>,
    /// Which message made the last legacy `function_call`: its synthetic id follows from that.
    last_call: Option<usize>,
}

impl History<'_, '_> {
    /// Several leading system messages become one: some templates refuse a second one ("System
    /// message must be at the beginning").
    fn system(
        &mut self,
        first: Option<(Place, Element<'_>)>,
        more: &[(Place, Element<'_>)],
    ) -> Result<(), ApiError> {
        let Some((place, first)) = first else {
            return Ok(());
        };
        let message = first.value();
        let joined = if more.is_empty() {
            None
        } else {
            let mut contents = vec![(place, message.get("content"))];
            contents.extend(
                more.iter()
                    .map(|(at, one)| (*at, one.value().get("content"))),
            );
            parts::join(self.edits, &contents)?
        };
        let Some(joined) = joined else {
            self.message(message, place, true)?;
            for (place, one) in more {
                self.message(one.value(), *place, true)?;
            }
            return Ok(());
        };
        self.message(message, place, false)?;
        match message.get("content") {
            Some(content) => {
                self.edits.put(content.span(), joined);
            }
            None => self
                .edits
                .add(message.span(), "content", joined, "messages[].content"),
        }
        for (_, one) in more {
            self.edits
                .remove_element(one.span(), ChangeKind::Merged, "messages[]");
        }
        Ok(())
    }

    fn message(
        &mut self,
        message: Value<'_>,
        place: Place,
        with_content: bool,
    ) -> Result<(), ApiError> {
        let mut from_function = false;
        let mut has_call_id = false;
        let mut calls = None;
        let mut function_call = None;
        let mut thoughts = Thoughts::default();
        for member in message.members() {
            let (value, span) = (member.value(), member.span());
            match &*member.key_bytes() {
                b"role" if value.is_str("developer") => {
                    self.edits
                        .set_text(value.span(), "system", "messages[].role");
                }
                b"role" if value.is_str("function") => {
                    from_function = true;
                    self.edits.set_text(value.span(), "tool", "messages[].role");
                }
                b"role" => {}
                b"content" => {
                    if with_content {
                        parts::convert(self.edits, value, place)?;
                    }
                }
                b"tool_call_id" => has_call_id = true,
                b"tool_calls" => calls = Some(Field { value, span }),
                b"function_call" => function_call = Some(Field { value, span }),
                b"reasoning_content" => thoughts.content = Some(Field { value, span }),
                b"reasoning" => thoughts.text = Some(Field { value, span }),
                b"reasoning_details" => thoughts.details = Some(Field { value, span }),
                b"name" => self.edits.remove(span, "messages[].name"),
                b"refusal" => self.edits.remove(span, "messages[].refusal"),
                b"annotations" => self.edits.remove(span, "messages[].annotations"),
                b"audio" => self.edits.remove(span, "messages[].audio"),
                b"cache_control" => self.edits.remove(span, "messages[].cache_control"),
                _ => self.edits.unknown(member, "messages[].")?,
            }
        }
        if let Some(calls) = calls {
            self.tool_calls(calls.value, place)?;
        }
        if let Some(call) = function_call {
            self.function_call(call, calls, place)?;
        }
        if from_function && !has_call_id {
            let id = format!("\"call_{}\"", self.last_call.unwrap_or(place.0));
            let path = "messages[].tool_call_id";
            self.edits.add(message.span(), "tool_call_id", id, path);
        }
        thoughts.convert(self.edits);
        Ok(())
    }

    fn tool_calls(&mut self, calls: Value<'_>, place: Place) -> Result<(), ApiError> {
        for (j, call) in calls.elements().enumerate() {
            for member in call.value().members() {
                match &*member.key_bytes() {
                    b"type" if member.value().is_str("custom") => {
                        let path = format!("messages[{}].tool_calls[{j}]", place.0);
                        return Err(error::custom_tool(&path));
                    }
                    b"id" | b"type" => {}
                    b"function" => convert_call(self.edits, member.value())?,
                    _ => self.edits.unknown(member, "messages[].tool_calls[].")?,
                }
            }
        }
        Ok(())
    }

    /// A legacy call in the history becomes a tool call with an id made up from its place.
    fn function_call(
        &mut self,
        call: Field<'_>,
        calls: Option<Field<'_>>,
        place: Place,
    ) -> Result<(), ApiError> {
        let path = "messages[].function_call";
        let has_calls = calls.is_some_and(|calls| !calls.value.is_null());
        if has_calls || !call.value.is_object() {
            self.edits.remove(call.span, path);
            return Ok(());
        }
        if let Some(null) = calls {
            self.edits.remove(null.span, "messages[].tool_calls");
        }
        self.last_call = Some(place.0);
        let function = self.edits.piece(call.value, convert_call)?;
        let json = format!(
            r#"[{{"id":"call_{}","type":"function","function":{function}}}]"#,
            place.0
        );
        self.edits.rename(call.span, "tool_calls", path);
        self.edits.put(call.value.span(), json);
        Ok(())
    }
}

fn convert_call(edits: &mut Edits<'_>, function: Value<'_>) -> Result<(), ApiError> {
    for member in function.members() {
        if !member.key_is("name") && !member.key_is("arguments") {
            edits.unknown(member, "messages[].tool_calls[].function.")?;
        }
    }
    Ok(())
}

/// An assistant's earlier thoughts: Fireworks calls them `reasoning_content`, other gateways
/// `reasoning` and `reasoning_details`.
#[derive(Default)]
struct Thoughts<'a> {
    content: Option<Field<'a>>,
    text: Option<Field<'a>>,
    details: Option<Field<'a>>,
}

impl Thoughts<'_> {
    fn convert(self, edits: &mut Edits<'_>) {
        const NAME: &str = "reasoning_content";
        if self.text.is_none() && self.details.is_none() {
            return;
        }
        let mut missing = self.content.is_none_or(|content| content.value.is_null());
        if let Some(content) = self.content
            && missing
        {
            edits.remove(content.span, "messages[].reasoning_content");
        }
        if let Some(text) = self.text {
            if missing && text.value.is_string() {
                missing = false;
                edits.rename(text.span, NAME, "messages[].reasoning");
            } else {
                edits.remove(text.span, "messages[].reasoning");
            }
        }
        if let Some(details) = self.details {
            if missing && let Some(json) = text_of(details.value) {
                edits.rename(details.span, NAME, "messages[].reasoning_details");
                edits.put(details.value.span(), json);
            } else {
                edits.remove(details.span, "messages[].reasoning_details");
            }
        }
    }
}

/// The texts and summaries of `reasoning_details` as one JSON string; `None` without any.
fn text_of(details: Value<'_>) -> Option<String> {
    let mut text = String::new();
    for detail in details.elements() {
        let detail = detail.value();
        let piece = detail.get("text").or_else(|| detail.get("summary"));
        text.push_str(&piece.and_then(|piece| piece.as_str()).unwrap_or_default());
    }
    if text.is_empty() {
        return None;
    }
    let mut json = String::new();
    encode_str(&mut json, &text);
    Some(json)
}
