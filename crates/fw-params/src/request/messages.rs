//! `POST /v1/messages` to Fireworks, which speaks it natively, minus what it refuses.
//!
//! Fireworks' schema is closed here too. Prompt-cache marks (`cache_control`) are part of it on text
//! blocks only; Fireworks caches without them, and for that a prompt has to begin as the one before.
//! Source: Fireworks API documentation, Anthropic compatibility.

use fw_wire::{ApiError, Value};

use crate::changes::ChangeKind;

use super::{
    fields::{Edits, Field, Request},
    model,
    responses::read_stream,
    rule::{Rule, Slot},
};

/// How the line for Anthropic's billing begins.
const BILLING: &str = "x-anthropic-billing-header:";

/// The table of top-level fields.
pub(super) fn rule(field: &[u8]) -> Rule {
    match field {
        b"model" => Rule::Read(Slot::Model),
        b"messages" => Rule::Read(Slot::Messages),
        b"system" => Rule::Read(Slot::System),
        b"tools" => Rule::Read(Slot::Tools),
        b"tool_choice" => Rule::Read(Slot::ToolChoice),
        b"thinking" => Rule::Read(Slot::Thinking),
        b"metadata" => Rule::Read(Slot::Metadata),
        b"output_config" => Rule::Read(Slot::OutputConfig),
        b"stream" => Rule::Read(Slot::Stream),
        b"max_tokens" | b"stop_sequences" | b"temperature" | b"top_k" | b"top_p"
        | b"raw_output" => Rule::Pass,
        b"service_tier" | b"inference_geo" | b"container" => Rule::Drop,
        _ => Rule::Unknown,
    }
}

pub(super) fn convert(request: &mut Request<'_, '_>) -> Result<(), ApiError> {
    // Left out, the model would not know what was said before. SDKs know the code, and then send all of it.
    if request.root.get("thread").is_some_and(Value::is_object) {
        let why = "`thread`: conversations are not kept here; send all messages";
        let error = ApiError::invalid_request(why).param("thread");
        return Err(error.code("thread_unsupported_request"));
    }
    request.walk(rule)?;
    model::convert(request)?;
    read_stream(request);
    tools(request)?;
    settings(request)?;
    for slot in [Slot::System, Slot::Messages] {
        let Some(field) = request.slot(slot) else {
            continue;
        };
        let edits = &mut request.edits;
        if slot == Slot::System {
            without_billing(edits, field);
            blocks(edits, field.value);
        } else {
            for message in field.value.elements() {
                for member in message.value().members() {
                    match &*member.key_bytes() {
                        b"role" => {}
                        b"content" => blocks(edits, member.value()),
                        _ => edits.unknown(member, "messages[].")?,
                    }
                }
            }
        }
    }
    Ok(())
}

/// Takes out what Claude Code tells Anthropic's billing in the prompt's first line. It is another with every
/// request, so with it no prompt would be found in Fireworks' cache.
fn without_billing(edits: &mut Edits<'_>, system: Field<'_>) {
    let first = system.value.elements().next();
    let value = first.map_or(Some(system.value), |first| first.value().get("text"));
    let Some((value, text)) = value.and_then(|value| Some((value, value.as_str()?))) else {
        return;
    };
    if !text.starts_with(BILLING) {
        return;
    }
    let path = "system (x-anthropic-billing-header)";
    match (text.split_once('\n'), first) {
        (Some((_, rest)), _) => edits.set_text(value.span(), rest, path),
        (None, Some(first)) => edits.remove_element(first.span(), ChangeKind::Removed, path),
        (None, None) => edits.remove(system.span, path),
    }
}

/// Content blocks, and those inside tool results.
fn blocks(edits: &mut Edits<'_>, content: Value<'_>) {
    for block in content.elements() {
        let block = block.value();
        let kind = block.get("type");
        let is = |name| kind.is_some_and(|kind| kind.is_str(name));
        if !is("text")
            && let Some(mark) = block.member("cache_control")
        {
            edits.remove(mark.span(), "content[].cache_control");
        }
        if is("tool_result")
            && let Some(content) = block.get("content")
        {
            // One level: a result holds text, images and documents, no further results.
            for inner in content.elements() {
                let inner = inner.value();
                let text = inner.get("type").is_some_and(|kind| kind.is_str("text"));
                if !text && let Some(mark) = inner.member("cache_control") {
                    edits.remove(mark.span(), "content[].cache_control");
                }
            }
        }
    }
}

/// Tools: what a client runs stays; what Anthropic's servers would run cannot be.
fn tools(request: &mut Request<'_, '_>) -> Result<(), ApiError> {
    let Some(tools) = request.slot(Slot::Tools) else {
        return Ok(());
    };
    let choice = request.slot(Slot::ToolChoice);
    let chosen = choice.and_then(|choice| choice.value.get("name"));
    let chosen = chosen.and_then(|name| name.as_str());
    let (mut kept, mut removed, mut chosen_removed) = (0_usize, 0_usize, false);
    for element in tools.value.elements() {
        let tool = element.value();
        let kind = tool.get("type").filter(|kind| !kind.is_null());
        if kind.is_some_and(|kind| kind.is_string() && !kind.is_str("custom")) {
            removed += 1;
            let name = tool.get("name").and_then(|name| name.as_str());
            chosen_removed |= chosen.is_some() && name == chosen;
            let path = "tools[] (server tool)";
            request
                .edits
                .remove_element(element.span(), ChangeKind::Removed, path);
            continue;
        }
        kept += 1;
        for member in tool.members() {
            match &*member.key_bytes() {
                b"name" | b"input_schema" | b"description" | b"strict" | b"type" => {}
                b"cache_control" => request.edits.remove(member.span(), "tools[].cache_control"),
                b"eager_input_streaming" => {
                    request
                        .edits
                        .remove(member.span(), "tools[].eager_input_streaming");
                }
                b"allowed_callers" => request
                    .edits
                    .remove(member.span(), "tools[].allowed_callers"),
                b"defer_loading" => request.edits.remove(member.span(), "tools[].defer_loading"),
                b"input_examples" => request
                    .edits
                    .remove(member.span(), "tools[].input_examples"),
                _ => request.edits.unknown(member, "tools[].")?,
            }
        }
    }
    let none_left = removed > 0 && kept == 0;
    if none_left {
        request.edits.remove(tools.span, Slot::Tools.name());
    }
    if let Some(choice) = choice
        && (none_left || chosen_removed)
    {
        request.edits.remove(choice.span, Slot::ToolChoice.name());
    }
    Ok(())
}

/// Objects of settings that are closed as well.
fn settings(request: &mut Request<'_, '_>) -> Result<(), ApiError> {
    if let Some(thinking) = request.slot(Slot::Thinking) {
        let kind = thinking.value.get("type");
        if kind.is_some_and(|kind| kind.is_str("adaptive")) {
            // "Not supported yet": the model's own default is the nearest thing.
            request.edits.remove(thinking.span, Slot::Thinking.name());
        } else {
            only(
                request,
                Slot::Thinking,
                &["type", "budget_tokens"],
                "thinking.",
            )?;
        }
    }
    only(request, Slot::Metadata, &["user_id"], "metadata.")?;
    only(
        request,
        Slot::OutputConfig,
        &["effort", "format"],
        "output_config.",
    )
}

fn only(
    request: &mut Request<'_, '_>,
    slot: Slot,
    known: &[&str],
    prefix: &'static str,
) -> Result<(), ApiError> {
    let Some(field) = request.slot(slot) else {
        return Ok(());
    };
    for member in field.value.members() {
        if !known.iter().any(|name| member.key_is(name)) {
            request.edits.unknown(member, prefix)?;
        }
    }
    Ok(())
}
