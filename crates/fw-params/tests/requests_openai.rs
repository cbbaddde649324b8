//! The way to OpenAI: what is Fireworks' own is removed or translated, the rest keeps its bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use fw_params::{OpenAi, ParamsLayer, UnknownFields};
use fw_wire::Endpoint::{self, ChatCompletions, Completions, Embeddings, Messages, Responses};

#[track_caller]
fn becomes(endpoint: Endpoint, input: &str, output: &str, changes: &str) {
    let layer = ParamsLayer::new(OpenAi)
        .model("gpt-4o")
        .known_models(["target"]);
    let request = layer
        .convert_request(endpoint, input.to_owned())
        .expect(input);
    assert_eq!(std::str::from_utf8(request.body()).unwrap(), output);
    assert_eq!(request.changes().to_string(), changes);
    let again = layer
        .convert_request(endpoint, request.body().clone())
        .expect(output);
    assert_eq!(again.body(), request.body(), "converted twice");
    assert!(!request.is_aggregated());
}

#[test]
fn openai_s_own_fields_pass_with_every_byte() {
    let body = r#"{"model":"gpt-4o", "messages":[{"role":"developer","content":"x","name":"n"}],"store":true,"verbosity":"low","max_completion_tokens":9000,"max_tokens":9000,"prompt_cache_key":"k","prompt_cache_retention":"24h","safety_identifier":"s","reasoning_effort":"minimal","modalities":["text"],"stop":null,"tools":[{"type":"custom"}],"tool_choice":{"type":"allowed_tools"},"service_tier":"scale","something_new":1}"#;
    becomes(ChatCompletions, body, body, "");
    let body = r#"{"model":"gpt-3.5-turbo-instruct","prompt":"x","suffix":"y","best_of":2,"max_tokens":9000,"logprobs":5,"echo":true}"#;
    becomes(Completions, body, body, "");
    let body = r#"{"model":"text-embedding-3-small","input":"x","encoding_format":"base64","dimensions":8}"#;
    becomes(Embeddings, body, body, "");
    let body = r#"{"model":"gpt-4o","input":"x","include":[],"background":true,"conversation":"c","top_logprobs":1,"stream":true}"#;
    becomes(Responses, body, body, "");
}

#[test]
fn the_token_limit_has_its_newer_name_where_that_is_wanted() {
    let layer = ParamsLayer::new(OpenAi).newer_token_limit(true);
    for (body, sent, changes) in [
        (
            r#"{"model":"m","max_tokens": 9}"#,
            r#"{"model":"m","max_completion_tokens": 9}"#,
            "renamed max_tokens>max_completion_tokens",
        ),
        (
            r#"{"model":"m","max_tokens":9,"max_completion_tokens":8}"#,
            r#"{"model":"m","max_completion_tokens":8}"#,
            "removed max_tokens",
        ),
        (r#"{"model":"m"}"#, r#"{"model":"m"}"#, ""),
    ] {
        let request = layer.convert_request(ChatCompletions, body).unwrap();
        assert_eq!(request.body(), sent);
        assert_eq!(request.changes().to_string(), changes);
    }
    let legacy = r#"{"model":"m","prompt":"x","max_tokens":9}"#;
    let request = layer.convert_request(Completions, legacy).unwrap();
    assert_eq!(request.body(), legacy);
}

#[test]
fn a_router_s_fallbacks_are_removed_from_every_request() {
    for endpoint in Endpoint::ALL {
        for layer in [ParamsLayer::default(), ParamsLayer::new(OpenAi)] {
            let layer = layer.unknown_fields(UnknownFields::Forward);
            let body = r#"{"model":"a/b","fallbacks":["openai/gpt-5"]}"#;
            let request = layer.convert_request(endpoint, body).unwrap();
            assert_eq!(request.body(), r#"{"model":"a/b"}"#, "{endpoint}");
            assert_eq!(request.changes().to_string(), "removed fallbacks");
        }
    }
}

#[test]
fn fireworks_fields_are_removed() {
    for name in [
        "top_k",
        "min_p",
        "typical_p",
        "repetition_penalty",
        "mirostat_target",
        "mirostat_lr",
        "prompt_truncate_len",
        "context_length_exceeded_behavior",
        "echo_last",
        "ignore_eos",
        "thinking",
        "reasoning_history",
        "speculation",
        "perf_metrics_in_response",
        "raw_output",
        "return_token_ids",
        "safe_tokenization",
    ] {
        let body = format!(r#"{{"model":"gpt-4o","messages":[],"{name}":1}}"#);
        let changes = format!("removed {name}");
        becomes(
            ChatCompletions,
            &body,
            r#"{"model":"gpt-4o","messages":[]}"#,
            &changes,
        );
        let forward = ParamsLayer::new(OpenAi).unknown_fields(UnknownFields::Forward);
        assert_eq!(
            forward
                .convert_request(ChatCompletions, body.clone())
                .unwrap()
                .body(),
            &body
        );
        let reject = ParamsLayer::new(OpenAi).unknown_fields(UnknownFields::Reject);
        let error = reject.convert_request(ChatCompletions, body).unwrap_err();
        assert_eq!(
            (error.status().as_u16(), error.error_param()),
            (400, Some(name))
        );
    }
}

#[test]
fn fireworks_spellings_are_translated() {
    let chat = |field: &str| format!(r#"{{"model":"gpt-4o",{field}}}"#);
    for (input, output, changes) in [
        (
            r#""prompt_cache_isolation_key":"k""#,
            r#""prompt_cache_key":"k""#,
            "renamed prompt_cache_isolation_key>prompt_cache_key",
        ),
        (
            r#""prompt_cache_isolation_key":"k","prompt_cache_key":"l""#,
            r#""prompt_cache_key":"l""#,
            "removed prompt_cache_isolation_key",
        ),
        (
            r#""reasoning_effort":"max""#,
            r#""reasoning_effort":"high""#,
            "set reasoning_effort",
        ),
        (
            r#""reasoning_effort":false"#,
            r#""reasoning_effort":"none""#,
            "set reasoning_effort",
        ),
        (
            r#""n":1,"reasoning_effort":512"#,
            r#""n":1"#,
            "removed reasoning_effort",
        ),
        (
            r#""tool_choice":"any""#,
            r#""tool_choice":"required""#,
            "set tool_choice",
        ),
        (
            r#""logprobs":3"#,
            r#""logprobs":true,"top_logprobs":3"#,
            "set logprobs; added top_logprobs",
        ),
        (
            r#""messages":[{"role":"assistant","content":"a","reasoning_content":"r"}]"#,
            r#""messages":[{"role":"assistant","content":"a"}]"#,
            "removed messages[].reasoning_content",
        ),
        (
            r#""stream":true,"stream_options":{"include_obfuscation":false}"#,
            r#""stream":true,"stream_options":{"include_obfuscation":false,"include_usage":true}"#,
            "added stream_options.include_usage",
        ),
    ] {
        becomes(ChatCompletions, &chat(input), &chat(output), changes);
    }
    becomes(
        Completions,
        r#"{"model":"m","max_tokens":1,"max_completion_tokens":2}"#,
        r#"{"model":"m","max_tokens":2}"#,
        "removed max_tokens; renamed max_completion_tokens>max_tokens",
    );
    becomes(
        Responses,
        r#"{"model":"m","messages":[{"role":"developer","content":"x"}]}"#,
        r#"{"model":"m","input":[{"role":"developer","content":"x"}]}"#,
        "renamed messages>input",
    );
}

#[test]
fn the_model_follows_the_same_rules_without_expansion() {
    for (asked, sent) in [
        ("openai/gpt-5", "gpt-5"),
        ("openai:chat:gpt-5", "gpt-5"),
        ("openai/ft:gpt-4o:org::id", "ft:gpt-4o:org::id"),
        ("target", "gpt-4o"),
        ("", "gpt-4o"),
    ] {
        becomes(
            ChatCompletions,
            &format!(r#"{{"model":"{asked}"}}"#),
            &format!(r#"{{"model":"{sent}"}}"#),
            "set model",
        );
    }
    let layer = ParamsLayer::new(OpenAi).model("gpt-4o");
    let error = layer
        .convert_request(ChatCompletions, r#"{"model":"fireworks/x"}"#)
        .unwrap_err();
    assert_eq!(
        (error.status().as_u16(), error.error_code()),
        (404, Some("model_not_found"))
    );
}

#[test]
fn messages_pass_to_a_provider_that_has_them() {
    let layer = ParamsLayer::new(OpenAi).provider("acme").model("m");
    let body = r#"{"model":"acme/x","max_tokens":9,"system":"s","metadata":{"user_id":"u"},"messages":[]}"#;
    let request = layer.convert_request(Messages, body).unwrap();
    assert_eq!(request.body(), &body.replace("acme/x", "x"));
    assert_eq!(request.changes().to_string(), "set model");
}
