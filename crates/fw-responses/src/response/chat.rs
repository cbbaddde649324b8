//! Reading chat replies: what whole ones and chunks have in common.

use std::borrow::Cow;

use fw_wire::{ApiError, Value};

/// Most calls of one reply. A reply with more fails: nobody runs so many.
pub(crate) const MAX_CALLS: usize = 1024;

/// The pieces of a message or of a delta, in the order in which a response has them.
pub(crate) struct Said<'a> {
    pub(crate) reasoning: Cow<'a, str>,
    pub(crate) content: Cow<'a, str>,
    pub(crate) refusal: Cow<'a, str>,
    pub(crate) calls: Vec<Called<'a>>,
}

/// A tool call, or a piece of one. What is empty is not said.
pub(crate) struct Called<'a> {
    pub(crate) index: Option<u64>,
    pub(crate) id: Cow<'a, str>,
    pub(crate) name: Cow<'a, str>,
    pub(crate) arguments: Cow<'a, str>,
}

impl<'a> Said<'a> {
    pub(crate) fn read(message: Value<'a>) -> Self {
        let [
            reasoning,
            other_reasoning,
            content,
            refusal,
            calls,
            function_call,
        ] = message.get_many([
            "reasoning_content",
            "reasoning",
            "content",
            "refusal",
            "tool_calls",
            "function_call",
        ]);
        let calls = calls.into_iter().flat_map(Value::elements);
        let mut calls: Vec<_> = calls.map(|call| Called::read(call.value())).collect();
        if let Some(function) = function_call.filter(|call| call.is_object()) {
            calls.push(Called::function(function));
        }
        // Some services say the same under both names.
        let reasoning = match text(reasoning) {
            said if said.is_empty() => text(other_reasoning),
            said => said,
        };
        Self {
            reasoning,
            content: text(content),
            refusal: text(refusal),
            calls,
        }
    }
}

impl<'a> Called<'a> {
    fn read(call: Value<'a>) -> Self {
        let [index, id, function] = call.get_many(["index", "id", "function"]);
        Self {
            index: index.and_then(Value::as_u64),
            id: text(id),
            ..function.map_or_else(Self::nothing, Self::function)
        }
    }

    fn function(function: Value<'a>) -> Self {
        let [name, arguments] = function.get_many(["name", "arguments"]);
        let arguments = match arguments.filter(|arguments| !arguments.is_null()) {
            Some(object) if !object.is_string() => Cow::Borrowed(object.raw()),
            arguments => text(arguments),
        };
        Self {
            name: text(name),
            arguments,
            ..Self::nothing()
        }
    }

    const fn nothing() -> Self {
        Self {
            index: None,
            id: Cow::Borrowed(""),
            name: Cow::Borrowed(""),
            arguments: Cow::Borrowed(""),
        }
    }
}

/// A text: a string, or the texts of parts, as some services send them.
fn text(value: Option<Value<'_>>) -> Cow<'_, str> {
    let Some(value) = value else {
        return Cow::Borrowed("");
    };
    if let Some(text) = value.as_str() {
        return text;
    }
    let mut all = String::new();
    for part in value.elements() {
        let text = part.value().get("text").and_then(Value::as_str);
        all.push_str(&text.unwrap_or_default());
    }
    Cow::Owned(all)
}

/// 502: there are more than [`MAX_CALLS`].
pub(crate) fn too_many_calls() -> ApiError {
    ApiError::upstream("The upstream's reply has too many tool calls.").code("response_too_large")
}

/// Why the reply is not whole, by its finish reason.
pub(crate) fn incomplete_reason(finish_reason: &str) -> Option<&'static str> {
    match finish_reason {
        "length" => Some("max_output_tokens"),
        "content_filter" => Some("content_filter"),
        _ => None,
    }
}
