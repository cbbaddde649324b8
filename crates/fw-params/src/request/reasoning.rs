//! How much a model may think.

use fw_wire::{Value, encode_str};

use super::{fields::Request, rule::Slot};

/// Brings the three ways of asking for reasoning down to one: `reasoning_effort` wins over the
/// `reasoning` object of other gateways, and both win over `thinking`, which Fireworks does not
/// take beside an effort.
pub(crate) fn convert(request: &mut Request<'_, '_>, model: Option<&str>) {
    let mut has_effort = false;
    if let Some(effort) = request.slot(Slot::ReasoningEffort) {
        has_effort = true;
        let named = effort
            .value
            .as_str()
            .and_then(|effort| translated(&effort, model));
        if let Some(level) = named {
            request
                .edits
                .set_text(effort.value.span(), level, Slot::ReasoningEffort.name());
        }
    }
    if let Some(reasoning) = request.slot(Slot::Reasoning) {
        let (from, to) = (Slot::Reasoning.name(), Slot::ReasoningEffort.name());
        match effort_of(reasoning.value, model) {
            Some(effort) if !has_effort => {
                has_effort = true;
                request.edits.rename(reasoning.span, to, from);
                request.edits.put(reasoning.value.span(), effort);
            }
            _ => request.edits.remove(reasoning.span, from),
        }
    }
    if let Some(thinking) = request.slot(Slot::Thinking)
        && has_effort
    {
        request.edits.remove(thinking.span, Slot::Thinking.name());
    }
}

/// The level Fireworks knows for one that it does not, or `None` if it knows it.
fn translated(effort: &str, model: Option<&str>) -> Option<&'static str> {
    let model = model.unwrap_or_default();
    match effort {
        "minimal" => Some("low"),
        // Documented for this model family.
        "xhigh" if model.contains("deepseek-v4") => None,
        // Its levels are low, high and max.
        "xhigh" if model.contains("kimi-k3") => Some("max"),
        "xhigh" => Some("high"),
        _ => None,
    }
}

/// The `reasoning_effort` (as JSON) that a `reasoning` object stands for: its `effort`, else its
/// token budget, else whether it is enabled.
fn effort_of(reasoning: Value<'_>, model: Option<&str>) -> Option<String> {
    if let Some(effort) = reasoning.get("effort").and_then(|effort| effort.as_str()) {
        let level = translated(&effort, model).unwrap_or(&effort);
        let mut json = String::new();
        encode_str(&mut json, level);
        return Some(json);
    }
    if let Some(budget) = reasoning
        .get("max_tokens")
        .and_then(|budget| budget.as_u64())
    {
        return Some(budget.to_string());
    }
    match reasoning
        .get("enabled")
        .and_then(|enabled| enabled.as_bool())
    {
        Some(true) => Some("\"medium\"".to_owned()),
        Some(false) => Some("\"none\"".to_owned()),
        None => None,
    }
}
