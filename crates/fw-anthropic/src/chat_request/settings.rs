//! Sampling, limits, reasoning, and the form of the output.

use fw_params::{ChangeKind, ParamsChanges};
use fw_wire::{ApiError, Value};

use crate::json;
use crate::place::{Place, number, object, read, string};

/// Messages insists on a limit. This one is for requests that name none.
const DEFAULT_MAX_TOKENS: u64 = 4096;

/// The highest temperature of Messages.
const MAX_TEMPERATURE: f64 = 1.0;

/// The smallest budget for thinking that Messages takes.
const MIN_BUDGET: u64 = 1024;

/// Of the two names the newer counts.
pub(super) fn max_tokens(
    out: &mut String,
    newer: Option<Value<'_>>,
    older: Option<Value<'_>>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    let place = Place::Body.field("max_tokens");
    if newer.is_some() && older.is_some() {
        changes.record(ChangeKind::Removed, place.pattern());
    }
    match newer.or(older) {
        Some(limit) => number(out, "max_tokens", Some(limit), &place),
        None => {
            changes.record(ChangeKind::Added, place.pattern());
            json::number(out, "max_tokens", DEFAULT_MAX_TOKENS);
            Ok(())
        }
    }
}

pub(super) fn temperature(
    out: &mut String,
    temperature: Option<Value<'_>>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    let place = Place::Body.field("temperature");
    let degrees = temperature.and_then(Value::as_f64);
    if degrees.is_some_and(|degrees| degrees > MAX_TEMPERATURE) {
        changes.record(ChangeKind::Set, place.pattern());
        json::number(out, "temperature", 1);
        return Ok(());
    }
    number(out, "temperature", temperature, &place)
}

/// One stop sequence or a list of them.
pub(super) fn stop(out: &mut String, stop: Option<Value<'_>>) -> Result<(), ApiError> {
    let Some(stop) = stop else {
        return Ok(());
    };
    let place = Place::Body.field("stop");
    if !stop.is_string() && !stop.is_array() {
        return Err(place.invalid("a string or a list of strings is expected"));
    }
    for (i, sequence) in stop.elements().enumerate() {
        string(Some(sequence.value()), &place.item(i))?;
    }
    let raw = stop.raw();
    if stop.is_string() {
        json::raw(out, "stop_sequences", &format!("[{raw}]"));
    } else if stop.elements().next().is_some() {
        json::raw(out, "stop_sequences", raw);
    }
    Ok(())
}

pub(super) fn user(
    out: &mut String,
    user: Option<Value<'_>>,
    newer: Option<Value<'_>>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    if user.is_some() && newer.is_some() {
        changes.record(ChangeKind::Removed, "safety_identifier");
    }
    if let Some(user) = user.or(newer) {
        let user = string(Some(user), &Place::Body.field("user"))?;
        json::key(out, "metadata");
        out.push('{');
        json::text(out, "user_id", &user);
        out.push('}');
    }
    Ok(())
}

/// What `reasoning_effort` and `thinking` become, as JSON.
#[derive(Default)]
pub(super) struct Reasoning {
    thinking: Option<String>,
    effort: Option<String>,
}

impl Reasoning {
    pub(super) fn read(
        effort: Option<Value<'_>>,
        thinking: Option<Value<'_>>,
        changes: &mut ParamsChanges,
    ) -> Result<Self, ApiError> {
        let mut read_so_far = Self::default();
        if let Some(thinking) = thinking {
            let place = Place::Body.field("thinking");
            object(thinking, &place)?;
            read_so_far.thinking = Some(thinking.raw().to_owned());
        }
        let Some(effort) = effort else {
            return Ok(read_so_far);
        };
        let place = Place::Body.field("reasoning_effort");
        let level = match (effort.as_str(), effort.as_bool(), effort.as_u64()) {
            (Some(level), ..) => level,
            (_, Some(true), _) => "medium".into(),
            (_, Some(false), _) => "none".into(),
            (.., Some(budget)) => {
                let budget = budget.max(MIN_BUDGET);
                read_so_far.replace(
                    format!(r#"{{"type":"enabled","budget_tokens":{budget}}}"#),
                    changes,
                );
                return Ok(read_so_far);
            }
            _ => return Err(place.invalid("a level or a number of tokens is expected")),
        };
        match &*level {
            "none" => read_so_far.replace(r#"{"type":"disabled"}"#.to_owned(), changes),
            "minimal" => {
                changes.record(ChangeKind::Set, place.pattern());
                read_so_far.effort = Some("low".to_owned());
            }
            level => read_so_far.effort = Some(level.to_owned()),
        }
        Ok(read_so_far)
    }

    /// Of two settings of thinking the effort counts.
    fn replace(&mut self, thinking: String, changes: &mut ParamsChanges) {
        if self.thinking.replace(thinking).is_some() {
            changes.record(ChangeKind::Removed, "thinking");
        }
    }
}

/// Writes `thinking` and `output_config`.
pub(super) fn output(
    out: &mut String,
    reasoning: &Reasoning,
    format: Option<Value<'_>>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    if let Some(thinking) = &reasoning.thinking {
        json::raw(out, "thinking", thinking);
    }
    let schema = match format {
        Some(format) => schema(format, changes)?,
        None => None,
    };
    if reasoning.effort.is_none() && schema.is_none() {
        return Ok(());
    }
    json::key(out, "output_config");
    out.push('{');
    if let Some(effort) = &reasoning.effort {
        json::text(out, "effort", effort);
    }
    if let Some(schema) = schema {
        json::key(out, "format");
        out.push('{');
        json::text(out, "type", "json_schema");
        json::raw(out, "schema", schema.raw());
        out.push('}');
    }
    out.push('}');
    Ok(())
}

/// The schema of a response format. "Any JSON object" cannot be said in Messages.
fn schema<'a>(
    format: Value<'a>,
    changes: &mut ParamsChanges,
) -> Result<Option<Value<'a>>, ApiError> {
    let place = Place::Body.field("response_format");
    object(format, &place)?;
    let [kind, schema] = read(format, ["type", "json_schema"], &place, changes);
    match &*string(kind, &place.field("type"))? {
        "text" => Ok(None),
        "json_object" => {
            changes.record(ChangeKind::Removed, place.pattern());
            Ok(None)
        }
        "json_schema" => {
            let place = place.field("json_schema");
            let schema = schema.ok_or_else(|| place.invalid("an object is expected"))?;
            object(schema, &place)?;
            // A schema must have a name in a chat, and has none in Messages.
            let [_, schema] = read(schema, ["name", "schema"], &place, changes);
            let place = place.field("schema");
            let schema = schema.ok_or_else(|| place.invalid("a JSON schema is expected"))?;
            object(schema, &place)?;
            Ok(Some(schema))
        }
        _ => Err(place
            .field("type")
            .unsupported("text, json_object or json_schema is expected")),
    }
}
