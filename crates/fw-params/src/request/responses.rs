//! `POST /v1/responses` to Fireworks, which speaks it natively.
//!
//! `previous_response_id`, `max_tool_calls`, `store`, `tools`, `reasoning` and `text` pass untouched.

use fw_wire::ApiError;

use super::{
    cache,
    fields::Request,
    model,
    rule::{Rule, Slot},
};

/// The table of top-level fields.
///
/// What OpenAI has beyond it (`include`, `top_logprobs`, `safety_identifier`, `prompt_cache_…`) is not in
/// Fireworks' schema. Whether it would be refused or ignored is not documented, so it counts as unknown and
/// the setting decides. Without `conversation`, `prompt` or `background` the model would see less than the
/// client means, or the client wait for another reply than it asked for: unless forwarded, they are refused.
pub(super) fn rule(field: &[u8]) -> Rule {
    match field {
        b"model" => Rule::Read(Slot::Model),
        b"input" => Rule::Read(Slot::Input),
        // An alias that some guides show.
        b"messages" => Rule::Read(Slot::Messages),
        b"stream" => Rule::Read(Slot::Stream),
        b"conversation" => {
            Rule::Refuse("Use 'previous_response_id', or send the items in 'input'.")
        }
        b"background" => Rule::Refuse("Leave it out, and stream if it takes long."),
        b"prompt" => Rule::Refuse("Send the text in 'instructions' and 'input'."),
        b"instructions"
        | b"previous_response_id"
        | b"max_output_tokens"
        | b"max_tool_calls"
        | b"metadata"
        | b"parallel_tool_calls"
        | b"reasoning"
        | b"store"
        | b"temperature"
        | b"text"
        | b"tool_choice"
        | b"tools"
        | b"top_p"
        | b"truncation"
        | b"user"
        | b"service_tier" => Rule::Pass,
        _ => Rule::Unknown,
    }
}

pub(super) fn convert(request: &mut Request<'_, '_>) -> Result<(), ApiError> {
    request.walk(rule)?;
    model::convert(request)?;
    keep_affinity(request);
    alias(request);
    developer_items(request);
    read_stream(request);
    Ok(())
}

/// `messages` for `input`.
pub(super) fn alias(request: &mut Request<'_, '_>) {
    let Some(messages) = request.slot(Slot::Messages) else {
        return;
    };
    if request.slot(Slot::Input).is_some() {
        request.edits.remove(messages.span, Slot::Messages.name());
    } else {
        request
            .edits
            .rename(messages.span, Slot::Input.name(), Slot::Messages.name());
    }
}

pub(super) fn read_stream(request: &mut Request<'_, '_>) {
    let stream = request
        .slot(Slot::Stream)
        .and_then(|field| field.value.as_bool());
    request.plan.stream = stream == Some(true);
}

/// There is no role `developer` in several chat templates.
fn developer_items(request: &mut Request<'_, '_>) {
    let input = request.slot(Slot::Input).or(request.slot(Slot::Messages));
    let Some(input) = input else { return };
    for item in input.value.elements() {
        if let Some(role) = item.value().get("role")
            && role.is_str("developer")
        {
            request
                .edits
                .set_text(role.span(), "system", "input[].role");
        }
    }
}

/// The key itself does not reach this endpoint, but what it is for can: routing by session.
fn keep_affinity(request: &mut Request<'_, '_>) {
    let key = request.root.get(Slot::PromptCacheKey.name());
    if let Some(text) = key.and_then(|key| key.as_str()) {
        request.affinity = cache::affinity(&text);
    }
}
