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
pub(super) fn rule(field: &str) -> Rule {
    match field {
        "messages" => Rule::Read(Slot::Messages),
        "tools" => Rule::Read(Slot::Tools),
        "tool_choice" => Rule::Read(Slot::ToolChoice),
        "functions" => Rule::Read(Slot::Functions),
        "function_call" => Rule::Read(Slot::FunctionCall),
        "parallel_tool_calls" | "prompt_truncate_len" | "safe_tokenization" => Rule::Keep,

        // What other servers take; Fireworks translates it (2026-08), on chat only.
        "chat_template_kwargs"
        | "guided_json"
        | "guided_grammar"
        | "guided_choice"
        | "truncate_prompt_tokens" => Rule::Keep,

        _ => shared(field),
    }
}

/// The fields that chat and text completions have in common.
pub(super) fn shared(field: &str) -> Rule {
    match field {
        "model" => Rule::Read(Slot::Model),
        "stream" => Rule::Read(Slot::Stream),
        "stream_options" => Rule::Read(Slot::StreamOptions),
        "max_tokens" => Rule::Read(Slot::MaxTokens),
        "max_completion_tokens" => Rule::Read(Slot::MaxCompletionTokens),
        "prompt_cache_key" => Rule::Read(Slot::PromptCacheKey),
        "prompt_cache_isolation_key" => Rule::Read(Slot::IsolationKey),
        "user" => Rule::Read(Slot::User),
        "safety_identifier" => Rule::Read(Slot::SafetyIdentifier),
        "reasoning_effort" => Rule::Read(Slot::ReasoningEffort),
        "reasoning" => Rule::Read(Slot::Reasoning),
        "thinking" => Rule::Read(Slot::Thinking),

        "temperature" => Rule::AtMost(2.0),
        // A boolean (the new shape) is no integer and passes.
        "logprobs" | "top_logprobs" => Rule::Within(0, 5),
        "service_tier" => Rule::OneOf(&["auto", "default", "flex", "priority"]),
        "metadata" => Rule::Strings,

        // OpenAI's own.
        "n" | "seed" | "stop" | "top_p" | "frequency_penalty" | "presence_penalty"
        | "logit_bias" | "prediction" | "response_format" => Rule::Keep,

        // Fireworks' own.
        "top_k"
        | "min_p"
        | "typical_p"
        | "repetition_penalty"
        | "mirostat_target"
        | "mirostat_lr"
        | "context_length_exceeded_behavior"
        | "echo"
        | "echo_last"
        | "ignore_eos"
        | "reasoning_history"
        | "speculation"
        | "prompt_cache_max_len"
        | "perf_metrics_in_response"
        | "raw_output"
        | "return_token_ids"
        | "include_routing_matrix"
        | "routing_matrix_format"
        | "sampling_mask"
        | "top_sampling_logprobs" => Rule::Keep,

        // OpenAI's, and refused by Fireworks.
        "store"
        | "verbosity"
        | "web_search_options"
        | "prompt_cache_retention"
        | "prompt_cache_options"
        | "modalities"
        | "audio"
        | "moderation"
        | "suffix"
        | "best_of" => Rule::Drop,

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
