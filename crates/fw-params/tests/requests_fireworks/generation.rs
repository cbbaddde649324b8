//! The fields that chat and text completions share.

use fw_params::{Fireworks, ParamsLayer, PromptCacheKey, UnknownFields};
use fw_wire::Endpoint::{ChatCompletions, Completions};

use super::{becomes, becomes_with, chat_field, field, refused};

// === tokens and streams ===

#[test]
fn max_completion_tokens_becomes_max_tokens() {
    field(
        r#""max_completion_tokens": 5"#,
        r#""max_tokens": 5"#,
        "renamed max_completion_tokens>max_tokens",
    );
    field(
        r#""max_tokens":9,"max_completion_tokens":5"#,
        r#""max_tokens":5"#,
        "removed max_tokens; renamed max_completion_tokens>max_tokens",
    );
    field(r#""max_tokens":4096"#, r#""max_tokens":4096"#, "");
}

#[test]
fn more_tokens_than_go_without_a_stream_are_streamed() {
    field(
        r#""max_tokens":4097"#,
        r#""max_tokens":4097,"stream":true,"stream_options":{"include_usage":true}"#,
        "added stream; added stream_options.include_usage",
    );
    field(
        r#""max_completion_tokens":9000,"stream":false"#,
        r#""max_tokens":9000,"stream":true,"stream_options":{"include_usage":true}"#,
        "renamed max_completion_tokens>max_tokens; set stream; added stream_options.include_usage",
    );
    let layer = ParamsLayer::new(Fireworks);
    let body = r#"{"model":"m#d","max_tokens":4097}"#;
    let request = layer.convert_request(ChatCompletions, body).unwrap();
    assert!(request.is_aggregated() && request.is_stream());
    let layer = layer.max_tokens_without_stream(8192);
    let request = layer.convert_request(ChatCompletions, body).unwrap();
    assert!(!request.is_aggregated() && !request.is_stream());
}

#[test]
fn usage_is_asked_for_on_every_stream() {
    let asked = r#""stream":true,"stream_options":{"include_usage":true}"#;
    field(asked, asked, "");
    field(
        r#""stream":true"#,
        asked,
        "added stream_options.include_usage",
    );
    field(
        r#""stream":true,"stream_options":{"include_usage":false}"#,
        asked,
        "set stream_options.include_usage",
    );
    field(
        r#""stream":true,"stream_options":{}"#,
        asked,
        "added stream_options.include_usage",
    );
    field(
        r#""stream":true,"stream_options":null"#,
        asked,
        "removed stream_options; added stream_options.include_usage",
    );
    field(
        r#""stream":true,"stream_options":{"include_obfuscation":false,"include_usage":true}"#,
        asked,
        "removed stream_options.include_obfuscation",
    );
    field(r#""stream":false"#, r#""stream":false"#, "");
}

// === cache and user ===

#[test]
fn the_cache_key_isolates_and_keeps_its_affinity() {
    field(
        r#""prompt_cache_key":"k 1""#,
        r#""prompt_cache_isolation_key":"k 1""#,
        "renamed prompt_cache_key>prompt_cache_isolation_key",
    );
    field(
        r#""prompt_cache_isolation_key":"i","prompt_cache_key":"k""#,
        r#""prompt_cache_isolation_key":"i""#,
        "removed prompt_cache_key",
    );
    let body = r#"{"model":"m#d","prompt_cache_isolation_key":"i","prompt_cache_key":"k 1"}"#;
    let layer = ParamsLayer::new(Fireworks);
    for endpoint in [ChatCompletions, Completions] {
        let request = layer.convert_request(endpoint, body).unwrap();
        assert_eq!(request.session_affinity().unwrap(), "k%201");
    }
    let native = layer.prompt_cache_key(PromptCacheKey::Native);
    becomes_with(&native, ChatCompletions, body, body, "");
    assert!(
        native
            .convert_request(ChatCompletions, body)
            .unwrap()
            .session_affinity()
            .is_none()
    );
}

#[test]
fn the_safety_identifier_stands_in_for_the_user() {
    field(
        r#""safety_identifier":"u""#,
        r#""user":"u""#,
        "renamed safety_identifier>user",
    );
    field(
        r#""user":null,"safety_identifier":"u""#,
        r#""user":"u""#,
        "removed user; renamed safety_identifier>user",
    );
    field(
        r#""user":"a","safety_identifier":"u""#,
        r#""user":"a""#,
        "removed safety_identifier",
    );
    field(r#""user":"a""#, r#""user":"a""#, "");
}

// === what is refused, ranges, nulls ===

#[test]
fn what_fireworks_refuses_is_removed() {
    for name in [
        "store",
        "verbosity",
        "web_search_options",
        "prompt_cache_retention",
        "prompt_cache_options",
        "modalities",
        "audio",
        "moderation",
        "suffix",
        "best_of",
    ] {
        field(
            &format!(r#""{name}": {{"a":[1]}}"#),
            "",
            &format!("removed {name}"),
        );
        // Whatever the setting for unknown fields.
        let layer = ParamsLayer::new(Fireworks).unknown_fields(UnknownFields::Forward);
        becomes_with(
            &layer,
            ChatCompletions,
            &format!(r#"{{"model":"m#d","{name}":1}}"#),
            r#"{"model":"m#d"}"#,
            &format!("removed {name}"),
        );
    }
}

#[test]
fn what_fireworks_knows_passes_with_every_byte() {
    for kept in [
        r#""n":2,"seed": -1,"stop":["a","b"],"temperature":1.50e0,"top_p":0.9"#,
        r#""frequency_penalty":-2,"presence_penalty":2,"logit_bias":{"5":-100}"#,
        r#""top_k":40,"min_p":0.1,"typical_p":1,"repetition_penalty":1.1"#,
        r#""mirostat_target":1.5,"mirostat_lr":0.1,"ignore_eos":false,"echo":true,"echo_last":1"#,
        r#""context_length_exceeded_behavior":"error","perf_metrics_in_response":true"#,
        r#""raw_output":true,"return_token_ids":true,"prompt_cache_max_len":1"#,
        r#""prediction":{"type":"content","content":"x"},"speculation":"y""#,
        r#""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{},"strict":true}}"#,
        r#""reasoning_history":"preserved","thinking":{"type":"enabled","budget_tokens":1024}"#,
        r#""metadata":{"a":"b"},"service_tier":"priority","prompt_cache_isolation_key":"k""#,
        r#""include_routing_matrix":true,"sampling_mask":null_"#,
    ] {
        let kept = kept.replace("null_", "[]");
        field(&kept, &kept, "");
    }
    chat_field(
        r#","parallel_tool_calls":true,"prompt_truncate_len":9,"safe_tokenization":true"#,
        r#","parallel_tool_calls":true,"prompt_truncate_len":9,"safe_tokenization":true"#,
        "",
    );
    chat_field(
        r#","chat_template_kwargs":{"x":1},"guided_json":{},"truncate_prompt_tokens":9"#,
        r#","chat_template_kwargs":{"x":1},"guided_json":{},"truncate_prompt_tokens":9"#,
        "",
    );
}

#[test]
fn fields_of_chat_only_are_unknown_to_text_completions() {
    becomes(
        Completions,
        r#"{"model":"m#d","prompt":"x","tools":[],"parallel_tool_calls":true,"images":["i"]}"#,
        r#"{"model":"m#d","prompt":"x","images":["i"]}"#,
        "removed tools; removed parallel_tool_calls",
    );
}

#[test]
fn numbers_out_of_range_become_the_nearest_in_it() {
    field(
        r#""temperature":2.5"#,
        r#""temperature":2"#,
        "set temperature",
    );
    field(
        r#""top_logprobs":20,"logprobs":true"#,
        r#""top_logprobs":5,"logprobs":true"#,
        "set top_logprobs",
    );
    field(r#""logprobs":7"#, r#""logprobs":5"#, "set logprobs");
    field(r#""logprobs":-1"#, r#""logprobs":0"#, "set logprobs");
    // A wrong type is the provider's to refuse.
    field(
        r#""temperature":"hot","logprobs":"x""#,
        r#""temperature":"hot","logprobs":"x""#,
        "",
    );
}

#[test]
fn tiers_and_metadata_that_do_not_fit_are_removed() {
    for tier in ["auto", "default", "flex", "priority"] {
        let tier = format!(r#""service_tier":"{tier}""#);
        field(&tier, &tier, "");
    }
    for tier in ["scale", "fast"] {
        field(
            &format!(r#""service_tier":"{tier}""#),
            "",
            "removed service_tier",
        );
    }
    field(r#""metadata":{"a":"b","c":1}"#, "", "removed metadata");
}

#[test]
fn nulls_are_removed() {
    field(
        r#""stop":null,"n":null,"stream":null"#,
        "",
        "removed stop; removed n; removed stream",
    );
    chat_field(
        r#","tools":null,"tool_choice":null,"functions":null"#,
        "",
        "removed tools; removed tool_choice; removed functions",
    );
}

#[test]
fn unknown_fields_follow_the_setting() {
    let body = r#"{"model":"m#d","messages":[],"x y":1,"guided_regex":"a"}"#;
    becomes(
        ChatCompletions,
        body,
        r#"{"model":"m#d","messages":[]}"#,
        "removed x?y; removed guided_regex",
    );
    let layer = ParamsLayer::new(Fireworks).unknown_fields(UnknownFields::Forward);
    becomes_with(&layer, ChatCompletions, body, body, "");
    let layer = ParamsLayer::new(Fireworks).unknown_fields(UnknownFields::Reject);
    refused(
        &layer,
        ChatCompletions,
        body,
        400,
        Some("unknown_field"),
        Some("x?y"),
    );
}

#[test]
fn a_field_that_rules_read_counts_once_and_the_last_one_counts() {
    becomes(
        ChatCompletions,
        r#"{"model":"fireworks/a","messages":[],"mod\u0065l":"b","temperature":1,"temperature":1}"#,
        r#"{"messages":[],"mod\u0065l":"accounts/fireworks/models/b","temperature":1,"temperature":1}"#,
        "removed model; set model",
    );
}

// === reasoning ===

#[test]
fn reasoning_comes_down_to_one_effort() {
    for kept in ["low", "medium", "high", "max", "none"] {
        let kept = format!(r#""reasoning_effort":"{kept}""#);
        field(&kept, &kept, "");
    }
    let set = "set reasoning_effort";
    field(
        r#""reasoning_effort":"minimal""#,
        r#""reasoning_effort":"low""#,
        set,
    );
    field(
        r#""reasoning_effort":"xhigh""#,
        r#""reasoning_effort":"high""#,
        set,
    );
    field(
        r#""reasoning_effort":2048"#,
        r#""reasoning_effort":2048"#,
        "",
    );
    let renamed = "renamed reasoning>reasoning_effort";
    field(
        r#""reasoning":{"effort":"minimal"}"#,
        r#""reasoning_effort":"low""#,
        renamed,
    );
    field(
        r#""reasoning":{"max_tokens":512}"#,
        r#""reasoning_effort":512"#,
        renamed,
    );
    field(
        r#""reasoning":{"enabled":false}"#,
        r#""reasoning_effort":"none""#,
        renamed,
    );
    field(r#""reasoning":{"exclude":true}"#, "", "removed reasoning");
    field(
        r#""reasoning":{"effort":"low"},"reasoning_effort":"high""#,
        r#""reasoning_effort":"high""#,
        "removed reasoning",
    );
    field(
        r#""thinking":{"type":"disabled"},"reasoning_effort":"high""#,
        r#""reasoning_effort":"high""#,
        "removed thinking",
    );
}

#[test]
fn the_highest_effort_depends_on_the_model() {
    let body = |model: &str, effort: &str| {
        format!(r#"{{"model":"accounts/fireworks/models/{model}","reasoning_effort":"{effort}"}}"#)
    };
    for (model, effort, changes) in [
        ("kimi-k3", "max", "set reasoning_effort"),
        ("glm-5p3", "high", "set reasoning_effort"),
        ("deepseek-v4-pro", "xhigh", ""),
    ] {
        becomes(
            ChatCompletions,
            &body(model, "xhigh"),
            &body(model, effort),
            changes,
        );
    }
}
