//! Whole replies of `POST /v1/chat/completions`.
//!
//! Fireworks' reply is OpenAI's, with three differences that some models show: `arguments` of a
//! tool call as an object, or missing, where clients insist on a string; and the finish reason
//! `function_call` for a call that is a tool call.

use bytes::Bytes;
use fw_wire::{Document, Value};

use crate::changes::{ChangeKind, ParamsChanges};

use super::legacy;

pub(crate) fn convert(body: Bytes, legacy_functions: bool, changes: &mut ParamsChanges) -> Bytes {
    let Ok(mut document) = Document::parse(body.clone()) else {
        return body;
    };
    let source = document.clone();
    for choice in source
        .root()
        .get("choices")
        .into_iter()
        .flat_map(Value::elements)
    {
        let choice = choice.value();
        let Some(message) = choice.get("message") else {
            continue;
        };
        let Some(calls) = message.member("tool_calls") else {
            continue;
        };
        if calls.value().elements().next().is_none() {
            continue;
        }
        if legacy_functions {
            legacy::message(&mut document, choice, message, calls, changes);
            continue;
        }
        for call in calls.value().elements() {
            arguments(&mut document, call.value(), changes);
        }
        if let Some(reason) = choice.get("finish_reason")
            && reason.is_str("function_call")
        {
            document.replace_text(reason.span(), "tool_calls");
            changes.record(ChangeKind::Set, "reply.choices[].finish_reason");
        }
    }
    document.finish()
}

/// `arguments` as a string, whatever they are. A call without arguments gets an empty object.
fn arguments(document: &mut Document, call: Value<'_>, changes: &mut ParamsChanges) {
    const PATH: &str = "reply.choices[].message.tool_calls[].function.arguments";
    let Some(function) = call.get("function") else {
        return;
    };
    match function.get("arguments") {
        Some(arguments) if arguments.is_string() => {}
        Some(arguments) => {
            let text = if arguments.is_null() {
                "{}"
            } else {
                arguments.raw()
            };
            document.replace_text(arguments.span(), text);
            changes.record(ChangeKind::Set, PATH);
        }
        None => {
            if document
                .insert(function.span(), "arguments", "\"{}\"")
                .is_ok()
            {
                changes.record(ChangeKind::Added, PATH);
            }
        }
    }
}
