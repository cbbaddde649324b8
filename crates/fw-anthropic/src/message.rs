//! A chat reply becomes a message.
//!
//! The rules that a stream must share with a whole reply are functions of their own here: stop
//! reasons, usage, the input of a tool. Ids are in `ids`.

use std::borrow::Cow;

use bytes::Bytes;
use fw_stream::without_lone_surrogates;
use fw_wire::{ApiError, Document, Endpoint, Limits, Usage, Value, encode_str};

use crate::{error, ids, json};

/// Deepest nesting of a tool's input that is taken as JSON. The message around it adds a few levels,
/// and readers of JSON stop at 128.
const MAX_INPUT_DEPTH: usize = 100;

/// Most tool calls of a reply, as in a stream. Each becomes longer than it was.
const MAX_CALLS: usize = 1024;

/// Converts a chat completion to a message.
///
/// Of the choices the first counts: a Messages request asks for one. Blocks come in the order thinking,
/// text, refusal, tool calls. An id that is missing is made up from what there is, so the same reply
/// always gives the same message.
///
/// | chat completion | message |
/// |---|---|
/// | `reasoning_content`, else `reasoning` | a thinking block with an empty signature |
/// | `content`, a string or parts | a text block each, unless empty |
/// | `refusal` | a text block, and the stop reason `refusal` |
/// | `tool_calls`, `function_call` | tool_use blocks; `arguments` that are no object become `{"_raw": "…"}` |
/// | `finish_reason` | `stop_reason`; which stop sequence it was is not said, so that is `end_turn` |
/// | `usage` | cached tokens apart, as Anthropic counts them |
///
/// ```
/// use bytes::Bytes;
///
/// let reply = Bytes::from_static(
///     br#"{"id":"chatcmpl-7","model":"m","choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],
///         "usage":{"prompt_tokens":9,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}}"#,
/// );
/// let message = fw_anthropic::message(&reply)?;
/// assert_eq!(
///     message,
///     concat!(
///         r#"{"id":"msg_7","type":"message","role":"assistant","model":"m","#,
///         r#""content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","stop_sequence":null,"#,
///         r#""usage":{"input_tokens":5,"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"output_tokens":2}}"#,
///     ),
/// );
/// # Ok::<(), fw_wire::ApiError>(())
/// ```
///
/// # Errors
///
/// 502 when it is no chat completion or has more than 1,024 tool calls, or the error that it or its first
/// choice holds.
pub fn message(reply: &Bytes) -> Result<Bytes, ApiError> {
    read(reply, convert)
}

/// Reads a reply and hands it to `convert`, with its first choice, unless it is none or says that it
/// failed.
pub(crate) fn read(
    reply: &[u8],
    convert: impl FnOnce(Value<'_>, Value<'_>) -> Result<Bytes, ApiError>,
) -> Result<Bytes, ApiError> {
    if let Ok(reply) = Value::parse(reply) {
        return convert(reply, first_choice(reply)?);
    }
    // Some servers cut text between the two halves of a character.
    let mended = without_lone_surrogates(reply);
    match mended.as_deref().map(Value::parse) {
        Some(Ok(reply)) => convert(reply, first_choice(reply)?),
        _ => Err(no_completion("it is not JSON")),
    }
}

fn first_choice(reply: Value<'_>) -> Result<Value<'_>, ApiError> {
    let [choices, error] = reply.get_many(["choices", "error"]);
    if has_failed(error, None) {
        return Err(failure(reply));
    }
    let choice = choices.and_then(|choices| choices.index(0));
    let Some(choice) = choice.filter(|choice| choice.is_object()) else {
        let error = ApiError::from_event(reply);
        return Err(error.unwrap_or_else(|| no_completion("it has no choices")));
    };
    let [error, finish_reason] = choice.get_many(["error", "finish_reason"]);
    if has_failed(error, finish_reason) {
        return Err(failure(choice));
    }
    Ok(choice)
}

fn convert(reply: Value<'_>, choice: Value<'_>) -> Result<Bytes, ApiError> {
    let id = ids::of_reply(reply);
    let model = reply.get("model");
    let mut content = Content::new(id.as_deref());
    let [message, finish_reason] = choice.get_many(["message", "finish_reason"]);
    if let Some(message) = message {
        content.message(message);
    }
    if content.calls > MAX_CALLS {
        return Err(no_completion("it has too many tool calls"));
    }
    let finish_reason = finish_reason.and_then(Value::as_str);
    let stop_reason = ending(
        finish_reason.as_deref(),
        content.calls > 0,
        content.is_refusal,
    );
    let usage = Usage::from_reply(Endpoint::ChatCompletions, reply);

    let mut out = String::from("{");
    json::text(&mut out, "id", &ids::message_id(id.as_deref()));
    json::raw(&mut out, "type", r#""message""#);
    json::raw(&mut out, "role", r#""assistant""#);
    let model = model.and_then(Value::as_str).unwrap_or_default();
    json::text(&mut out, "model", &model);
    json::raw(&mut out, "content", &content.finish());
    json::text(&mut out, "stop_reason", stop_reason);
    json::raw(&mut out, "stop_sequence", "null");
    json::key(&mut out, "usage");
    write_usage(&mut out, usage.as_ref());
    out.push('}');
    Ok(out.into())
}

fn no_completion(why: &str) -> ApiError {
    ApiError::upstream(format!(
        "The upstream's reply is no chat completion: {why}."
    ))
}

// === what streams share ===

/// Whether a reply or a choice says that it failed. Some servers do so after they answered 200.
pub(crate) fn has_failed(error: Option<Value<'_>>, finish_reason: Option<Value<'_>>) -> bool {
    error.is_some_and(|error| !error.is_null())
        || finish_reason.is_some_and(|reason| reason.is_str("error"))
}

/// The error that a reply or a choice holds.
pub(crate) fn failure(holder: Value<'_>) -> ApiError {
    ApiError::from_event(holder).unwrap_or_else(error::unnamed_error)
}

/// The stop reason for a chat's finish reason. One nobody knows is the end of a turn.
pub(crate) fn stop_reason(finish_reason: &str) -> &'static str {
    match finish_reason {
        "length" => "max_tokens",
        "tool_calls" | "function_call" => "tool_use",
        "content_filter" => "refusal",
        _ => "end_turn",
    }
}

/// The stop reason of a reply, seen whole. Clients run tools only on `tool_use`, and some servers say
/// `stop` all the same, so what the reply holds decides between the two. A refusal is one whatever the
/// finish reason says.
pub(crate) fn ending(finish_reason: Option<&str>, calls: bool, refusal: bool) -> &'static str {
    match stop_reason(finish_reason.unwrap_or("stop")) {
        _ if refusal => "refusal",
        "end_turn" if calls => "tool_use",
        "tool_use" if !calls => "end_turn",
        reason => reason,
    }
}

/// Writes a usage object. Anthropic counts prompt tokens from the cache apart. Without any usage the
/// counts are zero: SDKs insist on the object.
pub(crate) fn write_usage(out: &mut String, usage: Option<&Usage>) {
    let usage = usage.copied().unwrap_or_default();
    let created = usage.cache_creation_tokens.unwrap_or(0);
    let input = usage.uncached_prompt_tokens().saturating_sub(created);
    out.push('{');
    json::number(out, "input_tokens", input);
    json::number(out, "cache_creation_input_tokens", created);
    let read = usage.cached_tokens.unwrap_or(0);
    json::number(out, "cache_read_input_tokens", read);
    json::number(out, "output_tokens", usage.completion_tokens);
    out.push('}');
}

/// The `input` of a tool_use block, as JSON: the arguments' own bytes if they are an object, `{}` for
/// none, else `{"_raw": "…"}` so that nothing is lost.
pub(crate) fn tool_input(arguments: &str) -> Cow<'_, str> {
    let json = arguments.trim_ascii();
    // Some models say null where there is nothing to say.
    if json.is_empty() || json == "null" {
        return Cow::Borrowed("{}");
    }
    let limits = Limits {
        max_depth: MAX_INPUT_DEPTH,
        ..Limits::default()
    };
    match Document::parse_with(json.to_owned(), limits) {
        Ok(input) if input.root().is_object() => Cow::Borrowed(json),
        _ => {
            let mut raw = String::from("{");
            json::text(&mut raw, "_raw", arguments);
            raw.push('}');
            Cow::Owned(raw)
        }
    }
}

// === the content ===

/// The blocks of a message, as JSON.
struct Content<'a> {
    id: Option<&'a str>,
    blocks: String,
    calls: usize,
    is_refusal: bool,
}

impl<'a> Content<'a> {
    fn new(id: Option<&'a str>) -> Self {
        Self {
            id,
            blocks: String::from("["),
            calls: 0,
            is_refusal: false,
        }
    }

    fn finish(mut self) -> String {
        self.blocks.push(']');
        self.blocks
    }

    fn message(&mut self, message: Value<'_>) {
        let [content, thoughts, reasoning, refusal, calls, function_call] = message.get_many([
            "content",
            "reasoning_content",
            "reasoning",
            "refusal",
            "tool_calls",
            "function_call",
        ]);
        let thoughts = thoughts.filter(|thoughts| is_text(*thoughts));
        self.thinking(thoughts.or(reasoning));
        self.text(content);
        for part in content.into_iter().flat_map(Value::elements) {
            let [text, refusal] = part.value().get_many(["text", "refusal"]);
            self.text(text);
            self.refusal(refusal);
        }
        self.refusal(refusal);
        let calls = calls.into_iter().flat_map(Value::elements);
        for call in calls.take(MAX_CALLS + 1) {
            let [id, function] = call.value().get_many(["id", "function"]);
            self.tool_use(id, function);
        }
        if self.calls == 0 && function_call.is_some_and(Value::is_object) {
            self.tool_use(None, function_call);
        }
    }

    fn thinking(&mut self, text: Option<Value<'_>>) {
        if let Some(text) = text.filter(|text| is_text(*text)) {
            json::separate(&mut self.blocks);
            self.blocks.push_str(r#"{"type":"thinking","thinking":"#);
            self.blocks.push_str(text.raw());
            self.blocks.push_str(r#","signature":""}"#);
        }
    }

    fn text(&mut self, text: Option<Value<'_>>) -> bool {
        let Some(text) = text.filter(|text| is_text(*text)) else {
            return false;
        };
        json::separate(&mut self.blocks);
        self.blocks.push_str(r#"{"type":"text","text":"#);
        self.blocks.push_str(text.raw());
        self.blocks.push('}');
        true
    }

    fn refusal(&mut self, text: Option<Value<'_>>) {
        self.is_refusal |= self.text(text);
    }

    fn tool_use(&mut self, id: Option<Value<'_>>, function: Option<Value<'_>>) {
        let id = id.and_then(Value::as_str);
        let id = ids::tool_use_id(id.as_deref(), self.id, self.calls);
        let [name, arguments] = function.map_or([None; 2], |f| f.get_many(["name", "arguments"]));
        let out = &mut self.blocks;
        json::separate(out);
        out.push_str(r#"{"type":"tool_use","id":"#);
        encode_str(out, &id);
        let name = name.and_then(Value::as_str).unwrap_or_default();
        json::text(out, "name", &name);
        // Some servers give the arguments as an object.
        let text = arguments.map(|arguments| match arguments.as_str() {
            Some(text) => text,
            None if arguments.is_null() => Cow::Borrowed(""),
            None => Cow::Borrowed(arguments.raw()),
        });
        json::raw(out, "input", &tool_input(&text.unwrap_or_default()));
        out.push('}');
        self.calls += 1;
    }
}

/// A string with something in it.
pub(crate) fn is_text(value: Value<'_>) -> bool {
    value.is_string() && !value.is_str("")
}

#[cfg(test)]
mod tests;
