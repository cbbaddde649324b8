//! The way to OpenAI, and to providers that take OpenAI's fields as they are.
//!
//! Here only what is Fireworks' own is looked at: it is not in OpenAI's tables and counts as
//! unknown (removed by default, and reported). Everything else passes untouched, fields included
//! that OpenAI may have added since. Two Fireworks spellings have a counterpart and are translated:
//! `prompt_cache_isolation_key` becomes `prompt_cache_key` (OpenAI never shares a cache between
//! organisations, so what is left of the key's purpose is to tell groups of requests apart), and
//! levels of reasoning that only Fireworks has become the nearest that OpenAI has.

use fw_wire::{ApiError, Endpoint};

use crate::error;

use super::{
    embeddings,
    fields::Request,
    model, responses,
    rule::{Rule, Slot},
    streaming,
};

/// The table of top-level fields of chat and text completions.
pub(super) fn generation(field: &[u8]) -> Rule {
    match field {
        b"model" => Rule::Read(Slot::Model),
        b"messages" => Rule::Read(Slot::Messages),
        b"stream" => Rule::Read(Slot::Stream),
        b"stream_options" => Rule::Read(Slot::StreamOptions),
        b"prompt_cache_key" => Rule::Read(Slot::PromptCacheKey),
        b"prompt_cache_isolation_key" => Rule::Read(Slot::IsolationKey),
        b"reasoning_effort" => Rule::Read(Slot::ReasoningEffort),
        b"tools" => Rule::Read(Slot::Tools),
        b"tool_choice" => Rule::Read(Slot::ToolChoice),
        b"logprobs" => Rule::Read(Slot::Logprobs),
        b"top_logprobs" => Rule::Read(Slot::TopLogprobs),

        b"top_k"
        | b"min_p"
        | b"typical_p"
        | b"repetition_penalty"
        | b"mirostat_target"
        | b"mirostat_lr"
        | b"prompt_truncate_len"
        | b"context_length_exceeded_behavior"
        | b"echo_last"
        | b"ignore_eos"
        | b"thinking"
        | b"reasoning"
        | b"reasoning_history"
        | b"speculation"
        | b"prompt_cache_max_len"
        | b"perf_metrics_in_response"
        | b"raw_output"
        | b"return_token_ids"
        | b"safe_tokenization"
        | b"include_routing_matrix"
        | b"routing_matrix_format"
        | b"sampling_mask"
        | b"top_sampling_logprobs"
        | b"images"
        | b"chat_template_kwargs"
        | b"guided_json"
        | b"guided_grammar"
        | b"guided_choice"
        | b"truncate_prompt_tokens" => Rule::Unknown,

        _ => Rule::Pass,
    }
}

fn embeddings_rule(field: &[u8]) -> Rule {
    match field {
        b"model" => Rule::Read(Slot::Model),
        b"encoding_format" => Rule::Read(Slot::EncodingFormat),
        b"stream" => Rule::Read(Slot::Stream),
        b"prompt_template"
        | b"return_logits"
        | b"normalize"
        | b"fanout_size"
        | b"raw_output"
        | b"perf_metrics_in_response"
        | b"prompt_cache_key"
        | b"prompt_cache_isolation_key" => Rule::Unknown,
        _ => Rule::Pass,
    }
}

fn responses_rule(field: &[u8]) -> Rule {
    match field {
        b"model" => Rule::Read(Slot::Model),
        b"input" => Rule::Read(Slot::Input),
        b"messages" => Rule::Read(Slot::Messages),
        b"stream" => Rule::Read(Slot::Stream),
        b"prompt_cache_key" => Rule::Read(Slot::PromptCacheKey),
        b"prompt_cache_isolation_key" => Rule::Read(Slot::IsolationKey),
        _ => Rule::Pass,
    }
}

pub(super) fn convert(endpoint: Endpoint, request: &mut Request<'_, '_>) -> Result<(), ApiError> {
    match endpoint {
        Endpoint::ChatCompletions => {
            let newer = request.config().newer_token_limit;
            request.walk(|field| match field {
                b"max_completion_tokens" if newer => Rule::Read(Slot::MaxCompletionTokens),
                b"max_tokens" if newer => Rule::Read(Slot::MaxTokens),
                _ => generation(field),
            })?;
            model::convert(request)?;
            newer_token_limit(request);
            cache_key(request);
            reasoning(request)?;
            tools(request);
            logprobs(request);
            history(request);
            stream(request);
        }
        Endpoint::Completions => {
            request.walk(|field| match field {
                b"max_completion_tokens" => Rule::Read(Slot::MaxCompletionTokens),
                b"max_tokens" => Rule::Read(Slot::MaxTokens),
                // Integers are the only form here.
                b"logprobs" | b"top_logprobs" => Rule::Pass,
                _ => generation(field),
            })?;
            model::convert(request)?;
            cache_key(request);
            token_limit(request);
            stream(request);
        }
        Endpoint::Embeddings => {
            request.walk(embeddings_rule)?;
            embeddings::no_stream(request)?;
            model::convert(request)?;
            embeddings::read_encoding(request);
        }
        Endpoint::Responses => {
            request.walk(responses_rule)?;
            model::convert(request)?;
            cache_key(request);
            responses::alias(request);
            responses::read_stream(request);
        }
        // OpenAI has no such API; other providers with OpenAI's fields do.
        Endpoint::Messages => {
            request.walk(|field| match field {
                b"model" => Rule::Read(Slot::Model),
                b"stream" => Rule::Read(Slot::Stream),
                _ => Rule::Pass,
            })?;
            model::convert(request)?;
            responses::read_stream(request);
        }
        _ => {
            return Err(error::no_such_operation(
                endpoint,
                &request.config().provider,
            ));
        }
    }
    Ok(())
}

fn stream(request: &mut Request<'_, '_>) {
    let stream = request
        .slot(Slot::Stream)
        .and_then(|field| field.value.as_bool());
    request.plan.stream = stream == Some(true);
    streaming::options(request, false);
}

fn cache_key(request: &mut Request<'_, '_>) {
    let Some(key) = request.slot(Slot::IsolationKey) else {
        return;
    };
    let (from, to) = (Slot::IsolationKey.name(), Slot::PromptCacheKey.name());
    if request.slot(Slot::PromptCacheKey).is_some() {
        request.edits.remove(key.span, from);
    } else {
        request.edits.rename(key.span, to, from);
    }
}

/// Text completions know the older name only.
fn token_limit(request: &mut Request<'_, '_>) {
    let Some(new) = request.slot(Slot::MaxCompletionTokens) else {
        return;
    };
    let (from, to) = (Slot::MaxCompletionTokens.name(), Slot::MaxTokens.name());
    if let Some(old) = request.slot(Slot::MaxTokens) {
        request.edits.remove(old.span, to);
    }
    request.edits.rename(new.span, to, from);
}

/// OpenAI's reasoning models know the newer name only. The limit was read if that is to be minded.
fn newer_token_limit(request: &mut Request<'_, '_>) {
    let Some(old) = request.slot(Slot::MaxTokens) else {
        return;
    };
    let (from, to) = (Slot::MaxTokens.name(), Slot::MaxCompletionTokens.name());
    if request.slot(Slot::MaxCompletionTokens).is_some() {
        request.edits.remove(old.span, from);
    } else {
        request.edits.rename(old.span, to, from);
    }
}

/// `max`, `true`, `false` and token budgets are Fireworks'.
fn reasoning(request: &mut Request<'_, '_>) -> Result<(), ApiError> {
    let Some(effort) = request.slot(Slot::ReasoningEffort) else {
        return Ok(());
    };
    let (at, path) = (effort.value.span(), Slot::ReasoningEffort.name());
    if effort.value.is_str("max") {
        request.edits.set_text(at, "high", path);
    } else if effort.value.as_bool() == Some(true) {
        request.edits.set_text(at, "medium", path);
    } else if effort.value.as_bool() == Some(false) {
        request.edits.set_text(at, "none", path);
    } else if effort.value.as_i64().is_some() {
        request.edits.remove(effort.span, path);
    }
    Ok(())
}

/// `any` is Fireworks' other name for `required`.
fn tools(request: &mut Request<'_, '_>) {
    let tools = request.slot(Slot::Tools);
    request.plan.tools = tools.is_some_and(|tools| tools.value.elements().next().is_some());
    if let Some(choice) = request.slot(Slot::ToolChoice)
        && choice.value.is_str("any")
    {
        request
            .edits
            .set_text(choice.value.span(), "required", Slot::ToolChoice.name());
    }
}

/// Chat at OpenAI takes a boolean and a count; Fireworks also takes the count alone.
fn logprobs(request: &mut Request<'_, '_>) {
    let Some(logprobs) = request.slot(Slot::Logprobs) else {
        return;
    };
    let Some(count) = logprobs.value.as_u64() else {
        return;
    };
    request
        .edits
        .set(logprobs.value.span(), "true", Slot::Logprobs.name());
    if request.slot(Slot::TopLogprobs).is_none() {
        request.add(Slot::TopLogprobs.name(), count.to_string());
    }
}

/// Earlier thoughts have no place in OpenAI's messages.
fn history(request: &mut Request<'_, '_>) {
    let Some(messages) = request.slot(Slot::Messages) else {
        return;
    };
    for message in messages.value.elements() {
        for member in message.value().members() {
            match &*member.key_bytes() {
                b"reasoning_content" => {
                    request
                        .edits
                        .remove(member.span(), "messages[].reasoning_content");
                }
                b"reasoning_details" => {
                    request
                        .edits
                        .remove(member.span(), "messages[].reasoning_details");
                }
                _ => {}
            }
        }
    }
}
