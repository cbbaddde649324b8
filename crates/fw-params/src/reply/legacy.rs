//! Tool calls for clients that sent `functions`: they wait for a `function_call`.
//!
//! There was never more than one such call in a message, so the first tool call is it.

use fw_wire::{Document, Member, Value, encode_str};

use crate::changes::{ChangeKind, ParamsChanges};

/// A whole message.
pub(crate) fn message(
    document: &mut Document,
    choice: Value<'_>,
    message: Value<'_>,
    calls: Member<'_>,
    changes: &mut ParamsChanges,
) {
    let first = calls.value().index(0).and_then(|call| call.get("function"));
    if let Some(function) = first {
        put(document, message, calls, function, true);
    }
    changes.record(
        ChangeKind::Renamed("function_call"),
        "reply.choices[].message.tool_calls",
    );
    finish_reason(document, choice);
}

/// One chunk of a stream. Returns whether there was something to change.
pub(crate) fn chunk(document: &mut Document, choice: Value<'_>) -> bool {
    let mut changed = finish_reason(document, choice);
    let Some(delta) = choice.get("delta") else {
        return changed;
    };
    let Some(calls) = delta.member("tool_calls") else {
        return changed;
    };
    changed = true;
    let first = calls
        .value()
        .elements()
        .map(|call| call.value())
        .find(|call| {
            call.get("index")
                .is_none_or(|index| index.is_null() || index.as_u64() == Some(0))
        });
    match first.and_then(|call| call.get("function")) {
        Some(function) => put(document, delta, calls, function, false),
        None => document.remove(calls.span()),
    }
    changed
}

fn put(
    document: &mut Document,
    holder: Value<'_>,
    calls: Member<'_>,
    function: Value<'_>,
    whole: bool,
) {
    let mut json = String::from("{");
    if let Some(name) = function.get("name").filter(|name| whole || !name.is_null()) {
        json.push_str("\"name\":");
        json.push_str(name.raw());
    }
    let arguments = function
        .get("arguments")
        .filter(|arguments| !arguments.is_null());
    if whole || arguments.is_some() {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str("\"arguments\":");
        match arguments {
            Some(arguments) if arguments.is_string() => json.push_str(arguments.raw()),
            Some(arguments) => encode_str(&mut json, arguments.raw()),
            None => json.push_str("\"{}\""),
        }
    }
    json.push('}');
    // A null of that name would be a duplicate.
    if let Some(null) = holder.member("function_call") {
        document.remove(null.span());
    }
    document.rename(calls.span(), "function_call");
    let _ = document.replace(calls.value().span(), json);
}

fn finish_reason(document: &mut Document, choice: Value<'_>) -> bool {
    match choice.get("finish_reason") {
        Some(reason) if reason.is_str("tool_calls") => {
            document.replace_text(reason.span(), "function_call");
            true
        }
        _ => false,
    }
}
