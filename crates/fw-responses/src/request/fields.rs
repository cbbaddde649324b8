//! The table of top-level fields: each is converted, recorded as removed, or refused.

use fw_params::{ChangeKind, ParamsChanges};
use fw_wire::{ApiError, Value};

use super::refusal::{unsupported, wrong_type};

/// The fields that are read. `null` is as good as absent; of duplicates the last counts.
#[derive(Default)]
pub(crate) struct Fields<'a> {
    pub(super) model: Option<Value<'a>>,
    pub(super) input: Option<Value<'a>>,
    pub(super) messages: Option<Value<'a>>,
    pub(super) instructions: Option<Value<'a>>,
    pub(super) previous_response_id: Option<Value<'a>>,
    pub(super) store: Option<Value<'a>>,
    pub(super) stream: Option<Value<'a>>,
    pub(super) stream_options: Option<Value<'a>>,
    pub(super) text: Option<Value<'a>>,
    pub(super) reasoning: Option<Value<'a>>,
    pub(super) tools: Option<Value<'a>>,
    pub(super) tool_choice: Option<Value<'a>>,
    pub(super) parallel_tool_calls: Option<Value<'a>>,
    pub(super) max_output_tokens: Option<Value<'a>>,
    pub(super) max_tool_calls: Option<Value<'a>>,
    pub(super) metadata: Option<Value<'a>>,
    pub(super) temperature: Option<Value<'a>>,
    pub(super) top_p: Option<Value<'a>>,
    pub(super) truncation: Option<Value<'a>>,
    pub(super) user: Option<Value<'a>>,
    pub(super) safety_identifier: Option<Value<'a>>,
    pub(super) service_tier: Option<Value<'a>>,
    pub(super) prompt_cache_key: Option<Value<'a>>,
    pub(super) prompt_cache_retention: Option<Value<'a>>,
}

impl<'a> Fields<'a> {
    pub(super) fn read(root: Value<'a>, changes: &mut ParamsChanges) -> Result<Self, ApiError> {
        if !root.is_object() {
            return Err(ApiError::invalid_request(
                "The request body has to be a JSON object.",
            ));
        }
        let mut fields = Self::default();
        for member in root.members() {
            let value = member.value();
            let key = member.key();
            if let Some(slot) = fields.slot(&key) {
                *slot = (!value.is_null()).then_some(value);
            } else if !value.is_null() {
                without_a_slot(&key, value, changes)?;
            }
        }
        fields.check()?;
        fields.leave_out(changes);
        Ok(fields)
    }

    fn slot(&mut self, key: &str) -> Option<&mut Option<Value<'a>>> {
        Some(match key {
            "model" => &mut self.model,
            "input" => &mut self.input,
            // An alias that some guides show.
            "messages" => &mut self.messages,
            "instructions" => &mut self.instructions,
            "previous_response_id" => &mut self.previous_response_id,
            "store" => &mut self.store,
            "stream" => &mut self.stream,
            "stream_options" => &mut self.stream_options,
            "text" => &mut self.text,
            "reasoning" => &mut self.reasoning,
            "tools" => &mut self.tools,
            "tool_choice" => &mut self.tool_choice,
            "parallel_tool_calls" => &mut self.parallel_tool_calls,
            "max_output_tokens" => &mut self.max_output_tokens,
            "max_tool_calls" => &mut self.max_tool_calls,
            "metadata" => &mut self.metadata,
            "temperature" => &mut self.temperature,
            "top_p" => &mut self.top_p,
            "truncation" => &mut self.truncation,
            "user" => &mut self.user,
            "safety_identifier" => &mut self.safety_identifier,
            "service_tier" => &mut self.service_tier,
            "prompt_cache_key" => &mut self.prompt_cache_key,
            "prompt_cache_retention" => &mut self.prompt_cache_retention,
            _ => return None,
        })
    }

    /// Types of what is read here. What only passes through is left to the service to judge.
    fn check(&self) -> Result<(), ApiError> {
        for (field, value) in [
            ("model", self.model),
            ("instructions", self.instructions),
            ("previous_response_id", self.previous_response_id),
        ] {
            if value.is_some_and(|value| !value.is_string()) {
                return Err(wrong_type(field, "a string"));
            }
        }
        for (field, value) in [("store", self.store), ("stream", self.stream)] {
            if value.is_some_and(|value| value.as_bool().is_none()) {
                return Err(wrong_type(field, "true or false"));
            }
        }
        for (field, value) in [
            ("text", self.text),
            ("reasoning", self.reasoning),
            ("metadata", self.metadata),
            ("stream_options", self.stream_options),
        ] {
            if value.is_some_and(|value| !value.is_object()) {
                return Err(wrong_type(field, "an object"));
            }
        }
        if self.tools.is_some_and(|tools| !tools.is_array()) {
            return Err(wrong_type("tools", "an array"));
        }
        Ok(())
    }

    /// What has a slot because the response repeats it, and goes no further.
    fn leave_out(&self, changes: &mut ParamsChanges) {
        // It limits calls of built-in tools, and there are none here.
        if self.max_tool_calls.is_some() {
            changes.record(ChangeKind::Removed, "max_tool_calls");
        }
        // `disabled` is what chat completions do.
        if self
            .truncation
            .is_some_and(|truncation| !truncation.is_str("disabled"))
        {
            changes.record(ChangeKind::Removed, "truncation");
        }
        for option in self.stream_options.into_iter().flat_map(Value::members) {
            changes.record_name(ChangeKind::Removed, "stream_options.", &option.key());
        }
    }
}

/// Fields that are refused because the meaning would be lost, or removed.
fn without_a_slot(
    key: &str,
    value: Value<'_>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    match key {
        "background" if value.as_bool() != Some(false) => Err(unsupported(
            "background",
            "Responses in the background",
            "Leave 'background' out, and stream if it takes long.",
        )),
        "background" => Ok(()),
        "conversation" => Err(unsupported(
            "conversation",
            "Stored conversations",
            "Use 'previous_response_id', or send the items in 'input'.",
        )),
        "prompt" => Err(unsupported(
            "prompt",
            "Stored prompts",
            "Send the text in 'instructions' and 'input'.",
        )),
        // An empty list asks for nothing.
        "include" if value.is_array() && value.elements().next().is_none() => Ok(()),
        "include" => {
            changes.record(ChangeKind::Removed, "include");
            Ok(())
        }
        _ => {
            changes.record_name(ChangeKind::Removed, "", key);
            Ok(())
        }
    }
}
