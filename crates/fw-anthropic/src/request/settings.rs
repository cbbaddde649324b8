//! Sampling, limits, reasoning, and the form of the output.

use fw_params::{ChangeKind, ParamsChanges};
use fw_wire::{ApiError, Value, encode_str};

use crate::json;
use crate::place::{Place, number, object, read, string};

/// Most stop sequences that a chat takes.
const MAX_STOPS: usize = 4;

/// The largest `top_k` that chat completions servers take.
const MAX_TOP_K: u64 = 100;

/// Longest `user` that OpenAI takes, in characters. Coding agents send longer ids; their beginning
/// says whose they are.
const MAX_USER: usize = 64;

pub(super) fn top_k(
    out: &mut String,
    top_k: Option<Value<'_>>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    if top_k.is_some_and(|k| k.as_u64().is_some_and(|k| k > MAX_TOP_K)) {
        changes.record(ChangeKind::Set, place.pattern());
        json::number(out, "top_k", MAX_TOP_K);
        return Ok(());
    }
    number(out, "top_k", top_k, place)
}

/// A chat takes four stop sequences; more are left out.
pub(super) fn stop(
    out: &mut String,
    sequences: Option<Value<'_>>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    let Some(sequences) = sequences else {
        return Ok(());
    };
    if !sequences.is_array() {
        return Err(place.invalid("a list of strings is expected"));
    }
    for (i, sequence) in sequences.elements().enumerate() {
        let text = string(Some(sequence.value()), &place.item(i))?;
        if i >= MAX_STOPS {
            changes.record(ChangeKind::Removed, place.item(i).pattern());
            continue;
        }
        if i == 0 {
            json::key(out, "stop");
            out.push('[');
        }
        json::separate(out);
        encode_str(out, &text);
    }
    if sequences.elements().next().is_some() {
        out.push(']');
    }
    Ok(())
}

/// Who the request is for.
pub(super) fn user(
    out: &mut String,
    metadata: Option<Value<'_>>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    let Some(metadata) = metadata else {
        return Ok(());
    };
    object(metadata, place)?;
    let [user] = read(metadata, ["user_id"], place, changes);
    if user.is_some() {
        let place = place.field("user_id");
        let user = string(user, &place)?;
        let end = user.char_indices().nth(MAX_USER).map(|(end, _)| end);
        if end.is_some() {
            changes.record(ChangeKind::Set, place.pattern());
        }
        let user = user.get(..end.unwrap_or(user.len())).unwrap_or_default();
        json::text(out, "user", user);
    }
    Ok(())
}

/// How much the model may think. Of `thinking` and an effort one can be said in a chat: no thinking
/// at all wins, then the effort.
pub(super) fn reasoning(
    out: &mut String,
    thinking: Option<Value<'_>>,
    effort: Option<Value<'_>>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    let config = Place::Body.field("output_config");
    let effort_place = config.field("effort");
    let place = Place::Body.field("thinking");
    let mut budget = None;
    if let Some(thinking) = thinking {
        object(thinking, &place)?;
        let [kind, tokens] = read(thinking, ["type", "budget_tokens"], &place, changes);
        match &*string(kind, &place.field("type"))? {
            "disabled" => {
                if effort.is_some() {
                    changes.record(ChangeKind::Removed, effort_place.pattern());
                }
                json::text(out, "reasoning_effort", "none");
                return Ok(());
            }
            "enabled" if effort.is_none() => budget = Some(tokens),
            // Left to the model, or said by the effort.
            "enabled" | "adaptive" => changes.record(ChangeKind::Removed, place.pattern()),
            _ => {
                let place = place.field("type");
                return Err(place.invalid("enabled, disabled or adaptive is expected"));
            }
        }
    }
    if effort.is_some() {
        let effort = string(effort, &effort_place)?;
        if effort == "max" {
            changes.record(ChangeKind::Set, effort_place.pattern());
            json::text(out, "reasoning_effort", "high");
        } else {
            json::text(out, "reasoning_effort", &effort);
        }
    }
    if let Some(tokens) = budget {
        json::raw(out, "thinking", r#"{"type":"enabled""#);
        number(out, "budget_tokens", tokens, &place.field("budget_tokens"))?;
        out.push('}');
    }
    Ok(())
}

/// The form of the output: a JSON schema, or nothing.
pub(super) fn format(
    out: &mut String,
    format: Option<Value<'_>>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    let Some(format) = format else {
        return Ok(());
    };
    object(format, place)?;
    let [kind, schema] = read(format, ["type", "schema"], place, changes);
    if !kind.is_some_and(|kind| kind.is_str("json_schema")) {
        return Err(place.field("type").invalid("json_schema is expected"));
    }
    let Some(schema) = schema.filter(|schema| schema.is_object()) else {
        return Err(place.field("schema").invalid("a JSON schema is expected"));
    };
    json::key(out, "response_format");
    out.push_str(r#"{"type":"json_schema","json_schema":{"name":"response","schema":"#);
    out.push_str(schema.raw());
    out.push_str("}}");
    Ok(())
}
