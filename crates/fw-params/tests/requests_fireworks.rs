//! The conversion table for Fireworks, row by row: what the client sends, the exact bytes that go
//! upstream, and what is reported.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use fw_params::{Fireworks, ParamsLayer, PromptCacheKey, UnknownFields};
use fw_wire::Endpoint::{self, ChatCompletions, Completions, Embeddings, Messages, Responses};

/// `input` becomes `output`, with these changes; and converting that again changes nothing.
#[track_caller]
fn becomes_with(layer: &ParamsLayer, endpoint: Endpoint, input: &str, output: &str, changes: &str) {
    let request = layer
        .convert_request(endpoint, input.to_owned())
        .expect(input);
    assert_eq!(std::str::from_utf8(request.body()).unwrap(), output);
    assert_eq!(request.changes().to_string(), changes);
    let again = layer
        .convert_request(endpoint, request.body().clone())
        .expect(output);
    assert_eq!(
        std::str::from_utf8(again.body()).unwrap(),
        output,
        "converted twice"
    );
    assert!(
        again.changes().is_empty(),
        "converted twice: {}",
        again.changes()
    );
}

#[track_caller]
fn becomes(endpoint: Endpoint, input: &str, output: &str, changes: &str) {
    becomes_with(
        &ParamsLayer::new(Fireworks),
        endpoint,
        input,
        output,
        changes,
    );
}

/// One field of a chat request, and of a text completion.
#[track_caller]
fn field(input: &str, output: &str, changes: &str) {
    for (endpoint, rest) in [
        (
            ChatCompletions,
            r#""messages":[{"role":"user","content":"Hi"}]"#,
        ),
        (Completions, r#""prompt":"Hi""#),
    ] {
        let body = |field: &str| {
            let comma = if field.is_empty() { "" } else { "," };
            format!(r#"{{"model":"accounts/a/models/b",{rest}{comma}{field}}}"#)
        };
        becomes(endpoint, &body(input), &body(output), changes);
    }
}

#[track_caller]
fn chat_field(input: &str, output: &str, changes: &str) {
    let body = |field: &str| format!(r#"{{"model":"accounts/a/models/b","messages":[]{field}}}"#);
    becomes(ChatCompletions, &body(input), &body(output), changes);
}

/// The messages of a chat request.
#[track_caller]
fn messages(input: &str, output: &str, changes: &str) {
    let body = |messages: &str| format!(r#"{{"model":"m#d","messages":[{messages}]}}"#);
    becomes(ChatCompletions, &body(input), &body(output), changes);
}

/// The request is refused with this status, code and parameter.
#[track_caller]
fn refused(
    layer: &ParamsLayer,
    endpoint: Endpoint,
    input: &str,
    status: u16,
    code: Option<&str>,
    param: Option<&str>,
) -> String {
    let error = layer
        .convert_request(endpoint, input.to_owned())
        .unwrap_err();
    assert_eq!(error.status().as_u16(), status, "{error}");
    assert_eq!(error.error_code(), code, "{error}");
    assert_eq!(error.error_param(), param, "{error}");
    error.message().to_owned()
}

// === model ===

#[test]
fn the_model_is_sent_without_prefix_and_in_full() {
    for (asked, sent) in [
        ("fireworks/glm-5p3", "accounts/fireworks/models/glm-5p3"),
        ("fireworks/accounts/acme/models/x", "accounts/acme/models/x"),
        (
            "fireworks:chat:glm-5p3",
            "accounts/fireworks/models/glm-5p3",
        ),
        ("glm-5p3", "accounts/fireworks/models/glm-5p3"),
        ("kimi-k3-fast", "accounts/fireworks/routers/kimi-k3-fast"),
        ("fireworks/auto", "accounts/fireworks/routers/auto"),
    ] {
        becomes(
            ChatCompletions,
            &format!(r#"{{ "model" : "{asked}", "messages":[] }}"#),
            &format!(r#"{{ "model" : "{sent}", "messages":[] }}"#),
            "set model",
        );
    }
}

#[test]
fn a_full_name_and_a_deployment_are_left_alone() {
    for name in [
        "accounts/acme/deployments/d",
        "glm-5p3#acme/d",
        "accounts/a/models/b#d",
    ] {
        let body = format!(r#"{{"model":"{name}","messages":[]}}"#);
        becomes(ChatCompletions, &body, &body, "");
    }
}

#[test]
fn embedding_models_by_hugging_face_name_are_left_alone() {
    let body = r#"{"model":"nomic-ai/nomic-embed-text-v1.5","input":"x"}"#;
    becomes(Embeddings, body, body, "");
    becomes(
        Embeddings,
        r#"{"model":"fireworks/nomic-ai/nomic-embed-text-v1.5","input":"x"}"#,
        body,
        "set model",
    );
    becomes(
        Embeddings,
        r#"{"model":"fireworks/qwen3-embedding-8b","input":"x"}"#,
        r#"{"model":"accounts/fireworks/models/qwen3-embedding-8b","input":"x"}"#,
        "set model",
    );
}

#[test]
fn a_known_name_or_none_means_the_target_s_own_model() {
    let layer = ParamsLayer::new(Fireworks)
        .model("fireworks/glm-5p3")
        .known_models(["fast", "gpt-4o", "target-1"]);
    let sent = r#"{"model":"accounts/fireworks/models/glm-5p3","prompt":"x"}"#;
    for asked in ["fast", "gpt-4o", "target-1", "fireworks/", "glm-5p3", ""] {
        let body = format!(r#"{{"model":"{asked}","prompt":"x"}}"#);
        becomes_with(&layer, Completions, &body, sent, "set model");
    }
    becomes_with(
        &layer,
        Completions,
        r#"{"prompt":"x"}"#,
        r#"{"prompt":"x","model":"accounts/fireworks/models/glm-5p3"}"#,
        "added model",
    );
    becomes_with(
        &layer,
        Completions,
        r#"{"model":null,"prompt":"x"}"#,
        r#"{"prompt":"x","model":"accounts/fireworks/models/glm-5p3"}"#,
        "removed model; added model",
    );
    // Any other name passes, unchecked.
    becomes_with(
        &layer,
        Completions,
        r#"{"model":"other","prompt":"x"}"#,
        r#"{"model":"accounts/fireworks/models/other","prompt":"x"}"#,
        "set model",
    );
    let own = layer.unknown_models(fw_params::UnknownModels::TargetModel);
    becomes_with(
        &own,
        Completions,
        r#"{"model":"other","prompt":"x"}"#,
        sent,
        "set model",
    );
}

#[test]
fn a_model_of_another_provider_is_not_found_here() {
    let layer = ParamsLayer::new(Fireworks)
        .model("glm-5p3")
        .known_providers(["groq"]);
    for (asked, provider) in [("openai/gpt-4o", "openai"), ("groq:chat:x", "groq")] {
        let body = format!(r#"{{"model":"{asked}","messages":[]}}"#);
        let code = Some("model_not_found");
        let message = refused(&layer, ChatCompletions, &body, 404, code, Some("model"));
        assert!(
            message.contains(provider) && message.contains("fireworks"),
            "{message}"
        );
    }
    let body = r#"{"model":"anthropic/x","messages":[]}"#;
    becomes(ChatCompletions, body, body, "");
}

#[test]
fn no_model_anywhere_is_refused() {
    let layer = ParamsLayer::new(Fireworks);
    for body in [
        r#"{"messages":[]}"#,
        r#"{"model":"","messages":[]}"#,
        r#"{"model":"fireworks/"}"#,
    ] {
        let code = Some("model_required");
        refused(&layer, ChatCompletions, body, 400, code, Some("model"));
    }
}

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

// === tools ===

#[test]
fn functions_become_tools() {
    chat_field(
        r#","functions":[{"name":"f","parameters":{}}, {"name":"g"}],"function_call":"auto""#,
        r#","tools":[{"type":"function","function":{"name":"f","parameters":{}}},{"type":"function","function":{"name":"g"}}],"tool_choice":"auto""#,
        "renamed functions>tools; renamed function_call>tool_choice",
    );
    chat_field(
        r#","function_call":{"name":"f"}"#,
        r#","tool_choice":{"type":"function","function":{"name":"f"}}"#,
        "renamed function_call>tool_choice",
    );
    chat_field(
        r#","tools":[],"functions":[],"tool_choice":"none","function_call":"auto""#,
        r#","tools":[],"tool_choice":"none""#,
        "removed functions; removed function_call",
    );
}

#[test]
fn tools_keep_what_fireworks_types() {
    let tool = r#","tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"x":1},"strict":true}}]"#;
    for choice in [
        r#""auto""#,
        r#""required""#,
        r#""any""#,
        r#"{"type":"function","function":{"name":"f"}}"#,
    ] {
        let field = format!(r#"{tool},"tool_choice":{choice}"#);
        chat_field(&field, &field, "");
    }
    chat_field(
        r#","tools":[{"type":"function","cache_control":{"type":"ephemeral"},"x":1,"function":{"name":"f","cache_control":null,"y":2}}]"#,
        r#","tools":[{"type":"function","function":{"name":"f"}}]"#,
        "removed tools[].cache_control; removed tools[].x; removed tools[].function.cache_control; removed tools[].function.y",
    );
}

#[test]
fn allowed_tools_narrow_the_tools() {
    chat_field(
        r#","tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"b"}}]}}"#,
        r#","tools":[{"type":"function","function":{"name":"b"}}],"tool_choice":"required""#,
        "set tool_choice; removed tools[]",
    );
    let layer = ParamsLayer::new(Fireworks);
    let body = r#"{"model":"m#d","tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}}}"#;
    refused(
        &layer,
        ChatCompletions,
        body,
        400,
        None,
        Some("tool_choice"),
    );
}

#[test]
fn custom_tools_and_unsupported_parts_are_refused_by_place() {
    let layer = ParamsLayer::new(Fireworks);
    for (body, code, param) in [
        (
            r#"{"model":"m#d","tools":[{"type":"function"},{"type":"custom","custom":{}}]}"#,
            "unsupported_tool",
            "tools[1]",
        ),
        (
            r#"{"model":"m#d","tool_choice":{"type":"custom","custom":{"name":"x"}}}"#,
            "unsupported_tool",
            "tool_choice",
        ),
        (
            r#"{"model":"m#d","messages":[{"role":"assistant","tool_calls":[{"type":"custom"}]}]}"#,
            "unsupported_tool",
            "messages[0].tool_calls[0]",
        ),
        (
            r#"{"model":"m#d","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"file","file":{}}]}]}"#,
            "unsupported_content",
            "messages[1].content[1]",
        ),
        (
            r#"{"model":"m#d","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]}"#,
            "unsupported_content",
            "messages[0].content[0]",
        ),
    ] {
        refused(&layer, ChatCompletions, body, 400, Some(code), Some(param));
    }
}

// === messages of a chat ===

#[test]
fn messages_lose_what_the_schema_lacks() {
    messages(
        r#"{"role":"user","content":"Hi","name":"jane"},{"role":"assistant","content":"Yo","refusal":null,"annotations":[],"audio":null,"cache_control":{},"prefix":true}"#,
        r#"{"role":"user","content":"Hi"},{"role":"assistant","content":"Yo"}"#,
        "removed messages[].name; removed messages[].refusal; removed messages[].annotations; removed messages[].audio; removed messages[].cache_control; removed messages[].prefix",
    );
    let kept = r#"{"role":"assistant","content":null,"reasoning_content":"r","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":{"a":1}}}]},{"role":"tool","tool_call_id":"1","content":"x"}"#;
    messages(kept, kept, "");
    messages(
        r#"{"role":"assistant","tool_calls":[{"index":0,"id":"1","function":{"name":"f","arguments":"","x":1}}]}"#,
        r#"{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":""}}]}"#,
        "removed messages[].tool_calls[].index; removed messages[].tool_calls[].function.x",
    );
}

#[test]
fn developers_are_systems_and_leading_systems_are_one() {
    messages(
        r#"{"role":"developer","content":"a"},{"role":"user","content":"b"},{"role":"developer","content":"c"}"#,
        r#"{"role":"system","content":"a"},{"role":"user","content":"b"},{"role":"system","content":"c"}"#,
        "set messages[].role x2",
    );
    messages(
        r#"{"role":"system","content":"a\u00e9"}, {"role":"developer","content":"b","name":"n"}, {"role":"user","content":"c"}"#,
        r#"{"role":"system","content":"a\u00e9\n\nb"}, {"role":"user","content":"c"}"#,
        "merged messages[]",
    );
    messages(
        r#"{"role":"developer","content":"a"},{"role":"system","content":[{"type":"text","text":"b","cache_control":{}}]}"#,
        r#"{"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"#,
        "removed messages[].content[].cache_control; set messages[].role; merged messages[]",
    );
    messages(
        r#"{"role":"system","content":"a"},{"role":"system"},{"role":"system","content":""}"#,
        r#"{"role":"system","content":"a"}"#,
        "merged messages[] x2",
    );
}

#[test]
fn legacy_function_messages_become_tool_messages() {
    messages(
        r#"{"role":"user","content":"x"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"42"}"#,
        r#"{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"42","tool_call_id":"call_1"}"#,
        "renamed messages[].function_call>tool_calls; set messages[].role; removed messages[].name; added messages[].tool_call_id",
    );
    messages(
        r#"{"role":"assistant","function_call":null,"tool_calls":[]}"#,
        r#"{"role":"assistant","tool_calls":[]}"#,
        "removed messages[].function_call",
    );
}

#[test]
fn earlier_thoughts_are_reasoning_content() {
    messages(
        r#"{"role":"assistant","content":"a","reasoning":"r","reasoning_details":[{"text":"d"}]}"#,
        r#"{"role":"assistant","content":"a","reasoning_content":"r"}"#,
        "renamed messages[].reasoning>reasoning_content; removed messages[].reasoning_details",
    );
    messages(
        r#"{"role":"assistant","reasoning_content":null,"reasoning_details":[{"type":"reasoning.text","text":"d\n"},{"type":"reasoning.summary","summary":"e"},{"type":"reasoning.encrypted","data":"z"}]}"#,
        r#"{"role":"assistant","reasoning_content":"d\ne"}"#,
        "removed messages[].reasoning_content; renamed messages[].reasoning_details>reasoning_content",
    );
    messages(
        r#"{"role":"assistant","reasoning_content":"k","reasoning":"r"}"#,
        r#"{"role":"assistant","reasoning_content":"k"}"#,
        "removed messages[].reasoning",
    );
}

#[test]
fn content_parts_keep_what_fireworks_reads() {
    let kept = r#"{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"u","detail":"low"}},{"type":"video_url","video_url":{"url":"v","max_frames":1}},{"type":"audio_url","audio_url":{"url":"w"}}]}"#;
    messages(kept, kept, "");
    messages(
        r#"{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"},"citations":[]}]}"#,
        r#"{"role":"user","content":[{"type":"text","text":"a"}]}"#,
        "removed messages[].content[].cache_control; removed messages[].content[].citations",
    );
    messages(
        r#"{"role":"assistant","content":[{"refusal":"no","type":"refusal"}]}"#,
        r#"{"role":"assistant","content":[{"text":"no","type":"text"}]}"#,
        "renamed messages[].content[].refusal>text; set messages[].content[].type",
    );
}

// === the other endpoints ===

#[test]
fn embeddings_keep_their_fields() {
    let body = r#"{"model":"a/b","input":[[1,2],[3]],"encoding_format":"base64","dimensions":8,"user":"u","prompt_template":"{text}","return_logits":[1],"normalize":true,"prompt_cache_key":"k","prompt_cache_isolation_key":"i"}"#;
    becomes(Embeddings, body, body, "");
    becomes(
        Embeddings,
        r#"{"model":"a/b","input":"x","dimensions":null,"stream":false,"truncate":true}"#,
        r#"{"model":"a/b","input":"x"}"#,
        "removed dimensions; removed truncate; removed stream",
    );
    let layer = ParamsLayer::new(Fireworks);
    let body = r#"{"model":"a/b","input":"x","stream":true}"#;
    let message = refused(
        &layer,
        Embeddings,
        body,
        400,
        Some("unsupported_operation"),
        Some("stream"),
    );
    assert!(
        message.contains("streaming embeddings") && message.contains("fireworks"),
        "{message}"
    );
}

#[test]
fn responses_go_native() {
    let body = r#"{"model":"m#d","input":[{"role":"user","content":[{"type":"input_text","text":"x"}]}],"previous_response_id":null,"max_tool_calls":2,"store":true,"tools":[{"type":"mcp","server_url":"u"}],"reasoning":{"effort":"low"},"text":{},"stream":true}"#;
    becomes(Responses, body, body, "");
    becomes(
        Responses,
        r#"{"model":"m#d","messages":[{"role":"developer","content":"a"},{"role":"user","content":"b"}],"include":[],"background":false,"prompt_cache_key":"k","safety_identifier":"s","conversation":"c","top_logprobs":1}"#,
        r#"{"model":"m#d","input":[{"role":"system","content":"a"},{"role":"user","content":"b"}]}"#,
        "removed include; removed background; removed prompt_cache_key; removed safety_identifier; removed conversation; removed top_logprobs; renamed messages>input; set input[].role",
    );
    becomes(
        Responses,
        r#"{"model":"m#d","input":"x","messages":[]}"#,
        r#"{"model":"m#d","input":"x"}"#,
        "removed messages",
    );
    let layer = ParamsLayer::new(Fireworks).unknown_fields(UnknownFields::Forward);
    let body = r#"{"model":"m#d","input":"x","include":[],"prompt_cache_key":"k"}"#;
    becomes_with(&layer, Responses, body, body, "");
}

#[test]
fn messages_go_native_without_what_is_refused() {
    let body = r#"{"model":"m#d","max_tokens":9000,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"x"}],"metadata":{"user_id":"u"},"thinking":{"type":"enabled","budget_tokens":1024},"top_k":1,"stop_sequences":["a"],"stream":true}"#;
    becomes(Messages, body, body, "");
    becomes(
        Messages,
        r#"{"model":"m#d","messages":[],"service_tier":"auto","inference_geo":"us","container":"c","context_management":{},"thinking":{"type":"adaptive"},"output_config":{"effort":"low","task_budget":1}}"#,
        r#"{"model":"m#d","messages":[],"output_config":{"effort":"low"}}"#,
        "removed service_tier; removed inference_geo; removed container; removed context_management; removed thinking; removed output_config.task_budget",
    );
    becomes(
        Messages,
        r#"{"model":"m#d","tools":[{"name":"f","input_schema":{},"cache_control":{},"eager_input_streaming":true,"allowed_callers":[],"defer_loading":true,"input_examples":[],"type":"custom","x":1}]}"#,
        r#"{"model":"m#d","tools":[{"name":"f","input_schema":{},"type":"custom"}]}"#,
        "removed tools[].cache_control; removed tools[].eager_input_streaming; removed tools[].allowed_callers; removed tools[].defer_loading; removed tools[].input_examples; removed tools[].x",
    );
    becomes(
        Messages,
        r#"{"model":"m#d","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"image","source":{},"cache_control":{}}],"cache_control":{}},{"type":"text","text":"x","cache_control":{}}],"id":"1"}]}"#,
        r#"{"model":"m#d","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"image","source":{}}]},{"type":"text","text":"x","cache_control":{}}]}]}"#,
        "removed content[].cache_control x2; removed messages[].id",
    );
}

#[test]
fn server_tools_are_removed_with_what_chooses_them() {
    becomes(
        Messages,
        r#"{"model":"m#d","tools":[{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"auto"}}"#,
        r#"{"model":"m#d"}"#,
        "removed tools[] (server tool); removed tools; removed tool_choice",
    );
    becomes(
        Messages,
        r#"{"model":"m#d","tools":[{"type":"bash_20250124","name":"bash"},{"name":"f","input_schema":{}}],"tool_choice":{"type":"tool","name":"f"}}"#,
        r#"{"model":"m#d","tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"tool","name":"f"}}"#,
        "removed tools[] (server tool)",
    );
}

// === bodies that cannot be read ===

#[test]
fn bad_json_is_refused_with_its_position() {
    let layer = ParamsLayer::new(Fireworks);
    // The missing comma of a published example.
    let body = "{\n  \"store\": true\n  \"max_tool_calls\": 2\n}";
    let message = refused(&layer, Responses, body, 400, Some("invalid_json"), None);
    assert!(message.contains("line 3, column 3"), "{message}");
    for body in ["", "[]", "\"x\"", "null", &"[".repeat(10_000)] {
        let error = layer
            .convert_request(ChatCompletions, body.to_owned())
            .unwrap_err();
        assert_eq!(error.status().as_u16(), 400);
    }
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let layer = ParamsLayer::new(Fireworks).max_body_bytes(10);
    let code = Some("request_too_large");
    refused(
        &layer,
        ChatCompletions,
        r#"{"model":"m#d"}"#,
        413,
        code,
        None,
    );
}

#[test]
fn wrong_types_are_left_for_the_provider_to_refuse() {
    for body in [
        r#"{"model":7,"messages":"x","tools":{},"stream":"yes","stream_options":1}"#,
        r#"{"model":"m#d","messages":[1,"x",{"role":3,"content":{}}],"tools":[5,{"function":"f"}]}"#,
        r#"{"model":"m#d","messages":[{"role":"system","content":1},{"role":"system","content":"x"}]}"#,
        r#"{"model":"m#d","functions":"f","function_call":7,"prompt_cache_isolation_key":7,"max_tokens":"many"}"#,
    ] {
        becomes(ChatCompletions, body, body, "");
    }
}
