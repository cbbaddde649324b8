//! `POST /v1/chat/completions` to Fireworks.
//!
//! Fireworks refuses fields that its schema does not have ("Extra inputs are not permitted"), so
//! every field an OpenAI client may send has a rule here. Source: Fireworks API documentation and
//! the types of the official Python SDK.

use fw_wire::ApiError;

use super::{
    cache,
    fields::Request,
    functions, history, model, reasoning,
    rule::{Rule, Slot},
    streaming, tools,
};

/// The table of top-level fields.
pub(super) fn rule(field: &[u8]) -> Rule {
    match field {
        b"messages" => Rule::Read(Slot::Messages),
        b"tools" => Rule::Read(Slot::Tools),
        b"tool_choice" => Rule::Read(Slot::ToolChoice),
        b"functions" => Rule::Read(Slot::Functions),
        b"function_call" => Rule::Read(Slot::FunctionCall),
        b"parallel_tool_calls" | b"prompt_truncate_len" | b"safe_tokenization" => Rule::Keep,

        // What other servers take; Fireworks translates it (2026-08), on chat only.
        b"chat_template_kwargs"
        | b"guided_json"
        | b"guided_grammar"
        | b"guided_choice"
        | b"truncate_prompt_tokens" => Rule::Keep,

        _ => shared(field),
    }
}

/// The fields that chat and text completions have in common.
pub(super) fn shared(field: &[u8]) -> Rule {
    match field {
        b"model" => Rule::Read(Slot::Model),
        b"stream" => Rule::Read(Slot::Stream),
        b"stream_options" => Rule::Read(Slot::StreamOptions),
        b"max_tokens" => Rule::Read(Slot::MaxTokens),
        b"max_completion_tokens" => Rule::Read(Slot::MaxCompletionTokens),
        b"prompt_cache_key" => Rule::Read(Slot::PromptCacheKey),
        b"prompt_cache_isolation_key" => Rule::Read(Slot::IsolationKey),
        b"user" => Rule::Read(Slot::User),
        b"safety_identifier" => Rule::Read(Slot::SafetyIdentifier),
        b"reasoning_effort" => Rule::Read(Slot::ReasoningEffort),
        b"reasoning" => Rule::Read(Slot::Reasoning),
        b"thinking" => Rule::Read(Slot::Thinking),

        b"temperature" => Rule::AtMost(2.0),
        // A boolean (the new shape) is no integer and passes.
        b"logprobs" | b"top_logprobs" => Rule::Within(0, 5),
        b"service_tier" => Rule::OneOf(&["auto", "default", "flex", "priority"]),
        b"metadata" => Rule::Strings,

        // OpenAI's own.
        b"n" | b"seed" | b"stop" | b"top_p" | b"frequency_penalty" | b"presence_penalty"
        | b"logit_bias" | b"prediction" | b"response_format" => Rule::Keep,

        // Fireworks' own.
        b"top_k"
        | b"min_p"
        | b"typical_p"
        | b"repetition_penalty"
        | b"mirostat_target"
        | b"mirostat_lr"
        | b"context_length_exceeded_behavior"
        | b"echo"
        | b"echo_last"
        | b"ignore_eos"
        | b"reasoning_history"
        | b"speculation"
        | b"prompt_cache_max_len"
        | b"perf_metrics_in_response"
        | b"raw_output"
        | b"return_token_ids"
        | b"include_routing_matrix"
        | b"routing_matrix_format"
        | b"sampling_mask"
        | b"top_sampling_logprobs" => Rule::Keep,

        // OpenAI's, and refused by Fireworks.
        b"store"
        | b"verbosity"
        | b"web_search_options"
        | b"prompt_cache_retention"
        | b"prompt_cache_options"
        | b"modalities"
        | b"audio"
        | b"moderation"
        | b"suffix"
        | b"best_of" => Rule::Drop,

        _ => Rule::Unknown,
    }
}

pub(super) fn convert(request: &mut Request<'_, '_>) -> Result<(), ApiError> {
    request.walk(rule)?;
    let model = model::convert(request)?;
    cache::convert(request);
    cache::convert_user(request);
    reasoning::convert(request, model.as_deref());
    functions::convert(request)?;
    tools::convert(request)?;
    history::convert(request)?;
    streaming::convert(request);
    Ok(())
}
