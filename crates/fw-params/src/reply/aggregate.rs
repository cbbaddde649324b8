//! A stream put together into the one reply that the client asked for.
//!
//! Sans-IO: events go in, a body comes out. What the stream says in pieces (texts, arguments,
//! logprobs, token ids) is joined, what it repeats is taken once, what this crate does not know is
//! kept as it came last.

use std::collections::BTreeMap;

use bytes::Bytes;
use fw_stream::{Event, reply_too_large_error};
use fw_wire::{ApiError, Endpoint, Value, encode_str};

use crate::error;

use super::{errors, tool_index::ToolIndexes};

/// Most unknown members kept per object.
const MAX_MEMBERS: usize = 64;

/// What each piece of state costs beside its text, for the limit.
const OVERHEAD: usize = 64;

/// A reply that is being put together.
#[derive(Debug)]
pub(crate) struct Aggregate {
    endpoint: Endpoint,
    limit: usize,
    used: usize,
    envelope: Members,
    choices: BTreeMap<u64, Choice>,
    indexes: ToolIndexes,
    done: bool,
}

/// Members in the order of their first appearance; values as raw JSON.
#[derive(Debug, Default)]
struct Members {
    list: Vec<(String, String)>,
}

#[derive(Debug, Default)]
struct Choice {
    /// Members of the message, or of the choice itself for text completions.
    role: Option<String>,
    texts: Vec<(String, String)>,
    calls: BTreeMap<u64, Call>,
    message: Members,
    finish_reason: Option<String>,
    logprobs: Option<Joined>,
    token_ids: Option<String>,
    members: Members,
}

#[derive(Debug, Default)]
struct Call {
    id: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    arguments: String,
    members: Members,
}

/// An object whose arrays grow: both shapes of logprobs.
#[derive(Debug, Default)]
struct Joined {
    arrays: Vec<(String, String)>,
    members: Members,
}

// === impl Aggregate ===

impl Aggregate {
    pub(crate) fn new(endpoint: Endpoint, limit: usize) -> Self {
        Self {
            endpoint,
            limit,
            used: 0,
            envelope: Members::default(),
            choices: BTreeMap::new(),
            indexes: ToolIndexes::default(),
            done: false,
        }
    }

    /// Whether the provider has said that the stream is complete. Nothing after that counts.
    pub(crate) const fn is_done(&self) -> bool {
        self.done
    }

    /// Takes in one event.
    pub(crate) fn event(&mut self, event: &Event) -> Result<(), ApiError> {
        if self.done {
            return Ok(());
        }
        let Some(data) = event.data() else {
            return Ok(());
        };
        if event.is_done() {
            self.done = true;
            return Ok(());
        }
        let chunk = Value::parse(data).map_err(|_| error::unreadable_event())?;
        let is_error = chunk.get("error").filter(|error| !error.is_null());
        if let Some(error) = is_error {
            let status = errors::in_band_status(error);
            return Err(ApiError::from_upstream(
                status,
                Some("application/json"),
                data,
            ));
        }
        for member in chunk.members() {
            let value = member.value();
            match &*member.key() {
                "choices" => {
                    for (i, choice) in value.elements().enumerate() {
                        self.choice(choice.value(), i as u64);
                    }
                }
                // The same in every chunk.
                key @ ("id" | "object" | "created" | "model" | "prompt_token_ids") => {
                    self.used += self.envelope.first(key, value);
                }
                key => self.used += self.envelope.last(key, value),
            }
        }
        if self.used > self.limit {
            Err(reply_too_large_error(self.limit))
        } else {
            Ok(())
        }
    }

    fn choice(&mut self, chunk: Value<'_>, place: u64) {
        let number = chunk
            .get("index")
            .and_then(|index| index.as_u64())
            .unwrap_or(place);
        if !self.choices.contains_key(&number) {
            self.used += 4 * OVERHEAD;
        }
        let choice = self.choices.entry(number).or_default();
        let used = &mut self.used;
        for member in chunk.members() {
            let value = member.value();
            if value.is_null() {
                continue;
            }
            match &*member.key() {
                "index" => {}
                "delta" => choice.delta(value, number, &mut self.indexes, used),
                "text" if value.is_string() => *used += append(&mut choice.texts, "text", value),
                "finish_reason" => {
                    *used += value.raw().len();
                    choice.finish_reason = Some(value.raw().to_owned());
                }
                "logprobs" if value.is_object() => {
                    *used += choice.logprobs.get_or_insert_default().join(value);
                }
                "token_ids" if value.is_array() => {
                    *used += join_array(choice.token_ids.get_or_insert_default(), value);
                }
                key => *used += choice.members.last(key, value),
            }
        }
    }

    /// The stream has ended: the reply, or why there is none.
    pub(crate) fn finish(&self) -> Result<Bytes, ApiError> {
        let finished = !self.choices.is_empty()
            && self
                .choices
                .values()
                .all(|choice| choice.finish_reason.is_some());
        if !self.done && !finished {
            return Err(error::stream_broke_off());
        }
        let mut out = String::with_capacity(self.used + 256);
        out.push('{');
        for key in ["id", "object", "created", "model"] {
            let Some(value) = self.envelope.get(key) else {
                continue;
            };
            let whole = key == "object" && value == "\"chat.completion.chunk\"";
            member(
                &mut out,
                key,
                if whole { "\"chat.completion\"" } else { value },
            );
        }
        separate(&mut out);
        out.push_str("\"choices\":[");
        for (number, choice) in &self.choices {
            separate(&mut out);
            choice.write(&mut out, *number, self.endpoint);
        }
        out.push(']');
        for (key, value) in &self.envelope.list {
            if !matches!(key.as_str(), "id" | "object" | "created" | "model") {
                member(&mut out, key, value);
            }
        }
        out.push('}');
        Ok(out.into())
    }
}

// === impl Choice ===

impl Choice {
    fn delta(
        &mut self,
        delta: Value<'_>,
        number: u64,
        indexes: &mut ToolIndexes,
        used: &mut usize,
    ) {
        for member in delta.members() {
            let value = member.value();
            if value.is_null() {
                continue;
            }
            match &*member.key() {
                "role" => {
                    if self.role.is_none() {
                        *used += value.raw().len();
                        self.role = Some(value.raw().to_owned());
                    }
                }
                "tool_calls" => {
                    for call in value.elements() {
                        self.call(call.value(), number, indexes, used);
                    }
                }
                key if value.is_string() => *used += append(&mut self.texts, key, value),
                key => *used += self.message.last(key, value),
            }
        }
    }

    fn call(&mut self, delta: Value<'_>, number: u64, indexes: &mut ToolIndexes, used: &mut usize) {
        let function = delta.get("function");
        let name = function.and_then(|function| function.get("name"));
        let name = name.filter(|name| name.is_string() && !name.is_str(""));
        let said = delta.get("index").and_then(|index| index.as_u64());
        let id = delta
            .get("id")
            .filter(|id| id.is_string() && !id.is_str(""));
        let id_text = id.and_then(|id| id.as_str());
        let index = indexes.index(number, said, id_text.as_deref(), name.is_some());
        if !self.calls.contains_key(&index) {
            *used += 2 * OVERHEAD;
        }
        let call = self.calls.entry(index).or_default();
        let mut once = |slot: &mut Option<String>, value: Option<Value<'_>>| {
            if let (None, Some(value)) = (&slot, value) {
                *used += value.raw().len();
                *slot = Some(value.raw().to_owned());
            }
        };
        once(&mut call.id, id);
        once(
            &mut call.kind,
            delta.get("type").filter(|kind| kind.is_string()),
        );
        once(&mut call.name, name);
        if let Some(arguments) = function.and_then(|function| function.get("arguments")) {
            let before = call.arguments.len();
            if arguments.is_string() {
                call.arguments.push_str(inside(arguments));
            } else if !arguments.is_null() {
                let mut json = String::new();
                encode_str(&mut json, arguments.raw());
                call.arguments.push_str(&json[1..json.len() - 1]);
            }
            *used += call.arguments.len() - before;
        }
        for member in delta.members() {
            let key = member.key();
            if !matches!(&*key, "index" | "id" | "type" | "function") {
                *used += call.members.last(&key, member.value());
            }
        }
    }

    fn write(&self, out: &mut String, number: u64, endpoint: Endpoint) {
        out.push('{');
        member(out, "index", &number.to_string());
        if endpoint == Endpoint::ChatCompletions {
            separate(out);
            out.push_str("\"message\":{");
            self.write_message(out);
            out.push('}');
        } else {
            member(out, "text", &quoted(self.text("text").unwrap_or_default()));
        }
        member(
            out,
            "finish_reason",
            self.finish_reason.as_deref().unwrap_or("null"),
        );
        separate(out);
        out.push_str("\"logprobs\":");
        match &self.logprobs {
            Some(logprobs) => logprobs.write(out),
            None => out.push_str("null"),
        }
        if let Some(ids) = &self.token_ids {
            member(out, "token_ids", &format!("[{ids}]"));
        }
        self.members.write(out);
        out.push('}');
    }

    fn write_message(&self, out: &mut String) {
        member(out, "role", self.role.as_deref().unwrap_or("\"assistant\""));
        // A plain reply that only calls tools has no content.
        let content = self.text("content").unwrap_or_default();
        if content.is_empty() && !self.calls.is_empty() {
            member(out, "content", "null");
        } else {
            member(out, "content", &quoted(content));
        }
        for (key, text) in &self.texts {
            if key != "content" {
                member(out, key, &quoted(text));
            }
        }
        if !self.calls.is_empty() {
            separate(out);
            out.push_str("\"tool_calls\":[");
            for call in self.calls.values() {
                separate(out);
                call.write(out);
            }
            out.push(']');
        }
        self.message.write(out);
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.texts
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, text)| text.as_str())
    }
}

// === impl Call ===

impl Call {
    fn write(&self, out: &mut String) {
        out.push('{');
        if let Some(id) = &self.id {
            member(out, "id", id);
        }
        member(out, "type", self.kind.as_deref().unwrap_or("\"function\""));
        separate(out);
        out.push_str("\"function\":{");
        member(out, "name", self.name.as_deref().unwrap_or("\"\""));
        member(out, "arguments", &quoted(&self.arguments));
        out.push('}');
        self.members.write(out);
        out.push('}');
    }
}

// === impl Members ===

impl Members {
    fn get(&self, key: &str) -> Option<&str> {
        self.list
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// Keeps the first value. Returns what that costs.
    fn first(&mut self, key: &str, value: Value<'_>) -> usize {
        if self.get(key).is_some() {
            0
        } else {
            self.last(key, value)
        }
    }

    /// Keeps the last value that is not null. Returns what that costs.
    fn last(&mut self, key: &str, value: Value<'_>) -> usize {
        let raw = value.raw();
        if value.is_null() {
            return 0;
        }
        let has_room = self.list.len() < MAX_MEMBERS;
        match self.list.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => {
                let cost = raw.len().saturating_sub(old.len());
                raw.clone_into(old);
                cost
            }
            None if has_room => {
                self.list.push((key.to_owned(), raw.to_owned()));
                key.len() + raw.len() + OVERHEAD
            }
            None => 0,
        }
    }

    fn write(&self, out: &mut String) {
        for (key, value) in &self.list {
            member(out, key, value);
        }
    }
}

// === impl Joined ===

impl Joined {
    fn join(&mut self, object: Value<'_>) -> usize {
        let mut cost = 0;
        for entry in object.members() {
            let (key, value) = (entry.key(), entry.value());
            if value.is_array() {
                let at = self.arrays.iter().position(|(name, _)| **name == *key);
                let at = match at {
                    Some(at) => at,
                    None if self.arrays.len() < MAX_MEMBERS => {
                        self.arrays.push((key.into_owned(), String::new()));
                        cost += OVERHEAD;
                        self.arrays.len() - 1
                    }
                    None => continue,
                };
                cost += join_array(&mut self.arrays[at].1, value);
            } else {
                cost += self.members.last(&key, value);
            }
        }
        cost
    }

    fn write(&self, out: &mut String) {
        out.push('{');
        for (key, items) in &self.arrays {
            member(out, key, &format!("[{items}]"));
        }
        self.members.write(out);
        out.push('}');
    }
}

/// Appends a string's contents, as spelt, to the text of that name. Returns what that costs.
fn append(texts: &mut Vec<(String, String)>, key: &str, value: Value<'_>) -> usize {
    let text = inside(value);
    let has_room = texts.len() < MAX_MEMBERS;
    match texts.iter_mut().find(|(name, _)| name == key) {
        Some((_, all)) => {
            all.push_str(text);
            text.len()
        }
        None if has_room => {
            texts.push((key.to_owned(), text.to_owned()));
            key.len() + text.len() + OVERHEAD
        }
        None => 0,
    }
}

/// Appends the elements of an array, as spelt, to those before. Returns what that costs.
fn join_array(all: &mut String, array: Value<'_>) -> usize {
    let before = all.len();
    for element in array.elements() {
        if !all.is_empty() {
            all.push(',');
        }
        all.push_str(element.value().raw());
    }
    all.len() - before
}

/// What stands between a string's quotes, as spelt.
fn inside(value: Value<'_>) -> &str {
    let raw = value.raw();
    raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()
}

/// Contents as spelt, in quotes again.
fn quoted(spelt: &str) -> String {
    format!("\"{spelt}\"")
}

fn separate(out: &mut String) {
    if !out.ends_with(['{', '[']) {
        out.push(',');
    }
}

fn member(out: &mut String, key: &str, json: &str) {
    separate(out);
    encode_str(out, key);
    out.push(':');
    out.push_str(json);
}

#[cfg(test)]
mod tests;
