//! Bodies full of what OpenAI and Anthropic clients send, through the layer, to a server that refuses
//! every field Fireworks does not know.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bytes::Bytes;
use fw_params::{Fireworks, ParamsLayer, ParamsRequestBody};
use fw_sim::{Running, Simulator, UsageLayout};
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tower::{Layer, ServiceExt};

/// Posts a body through the layer. Returns status and body.
async fn post(sim: &Running, path: &str, body: &str) -> (u16, String) {
    let request = Request::post(format!("{}{path}", sim.base_url()))
        .header(header::AUTHORIZATION, "Bearer fw_acme")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(body.to_owned()))
        .unwrap();
    let client: Client<_, ParamsRequestBody<Full<Bytes>>> =
        Client::builder(TokioExecutor::new()).build_http();
    let response: Response<_> = ParamsLayer::new(Fireworks)
        .layer(client)
        .oneshot(request)
        .await
        .unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

const CHAT: &str = r#"{
    "model": "fireworks/glm-5p3", "n": null, "stop": null, "store": true, "verbosity": "low",
    "max_completion_tokens": 32, "max_tokens": 16, "temperature": 3, "prompt_cache_key": "k",
    "prompt_cache_retention": "24h", "safety_identifier": "s", "modalities": ["text"],
    "reasoning": {"effort": "minimal"}, "thinking": {"type": "disabled"},
    "web_search_options": {}, "metadata": {"a": "b"}, "service_tier": "scale", "made_up": {"x": 1},
    "logprobs": true, "top_logprobs": 20,
    "tools": [{"type": "function", "cache_control": {}, "function": {"name": "f", "parameters": {"type": "object"}, "strict": true}}],
    "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]}},
    "messages": [
        {"role": "developer", "content": "Be brief.", "name": "boss"},
        {"role": "system", "content": [{"type": "text", "text": "And kind.", "cache_control": {"type": "ephemeral"}}]},
        {"role": "user", "content": "Hi", "name": "jane"},
        {"role": "assistant", "content": "Yo", "refusal": null, "annotations": [], "audio": null, "function_call": null, "reasoning": "r"},
        {"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "42"},
        {"role": "user", "content": [{"type": "text", "text": "Go on"}]}
    ]STREAM
}"#;

#[tokio::test]
async fn chat_is_accepted_in_every_layout_of_usage() {
    for layout in [UsageLayout::A, UsageLayout::B, UsageLayout::C] {
        let sim = Simulator::new()
            .knobs(|knobs| knobs.usage_layout = layout)
            .start()
            .await
            .unwrap();
        let (status, body) = post(&sim, "/chat/completions", &CHAT.replace("STREAM", "")).await;
        assert_eq!(status, 200, "{body}");
        assert!(body.contains("\"usage\""), "{body}");

        let stream = CHAT.replace("STREAM", ", \"stream\": true");
        let (status, body) = post(&sim, "/chat/completions", &stream).await;
        assert_eq!(status, 200, "{body}");
        assert!(body.ends_with("data: [DONE]\n\n"), "{body}");
        assert!(!body.contains("\"choices\":[]"), "not asked for: {body}");

        // More tokens than go without a stream.
        let long = CHAT.replace(
            "\"max_completion_tokens\": 32",
            "\"max_completion_tokens\": 9000",
        );
        let (status, body) = post(&sim, "/chat/completions", &long.replace("STREAM", "")).await;
        assert_eq!(status, 200, "{body}");
        let reply: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(reply["object"], "chat.completion");
        assert!(reply["choices"][0]["finish_reason"].is_string(), "{body}");
        sim.shutdown().await;
    }
}

#[tokio::test]
async fn an_aggregated_reply_says_what_a_plain_one_says() {
    let sim = Simulator::new().start().await.unwrap();
    for body in [
        r#"{"model":"glm-5p3","messages":[{"role":"user","content":"Tell me of é and \"quotes\""}],"n":2,"max_tokens":LIMIT}"#,
        r#"{"model":"glm-5p3","messages":[{"role":"user","content":"use f please"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"x":{"type":"string"}}}}}],"max_tokens":LIMIT}"#,
        r#"{"model":"glm-5p3","messages":[{"role":"user","content":"think"}],"reasoning_effort":"low","logprobs":true,"top_logprobs":2,"max_tokens":LIMIT}"#,
    ] {
        let (status, plain) = post(&sim, "/chat/completions", &body.replace("LIMIT", "4096")).await;
        assert_eq!(status, 200, "{plain}");
        let (_, whole) = post(&sim, "/chat/completions", &body.replace("LIMIT", "4097")).await;
        let choices = |reply: &str| {
            let mut reply: serde_json::Value = serde_json::from_str(reply).unwrap();
            // Ids are made up from the request; an index is what some models add to plain calls.
            let calls = reply.pointer_mut("/choices/0/message/tool_calls/0");
            if let Some(call) = calls.and_then(serde_json::Value::as_object_mut) {
                assert!(call.remove("id").is_some());
                call.remove("index");
            }
            reply["choices"].take()
        };
        assert_eq!(choices(&plain), choices(&whole));
    }
    sim.shutdown().await;
}

#[tokio::test]
async fn the_other_endpoints_are_accepted() {
    let sim = Simulator::new().start().await.unwrap();
    for (path, body) in [
        (
            "/completions",
            r#"{"model":"glm-5p3","prompt":"Hi","suffix":"x","best_of":2,"logprobs":9,"max_completion_tokens":4,"prompt_cache_key":"k","user":null,"stream_options":null}"#,
        ),
        (
            "/embeddings",
            r#"{"model":"nomic-ai/nomic-embed-text-v1.5","input":["a","b"],"encoding_format":"base64","dimensions":null,"made_up":1,"stream":false}"#,
        ),
        (
            "/responses",
            r#"{"model":"glm-5p3","messages":[{"role":"developer","content":"a"},{"role":"user","content":"b"}],"store":true,"max_tool_calls":2,"include":[],"background":false,"prompt_cache_key":"k","conversation":null,"top_logprobs":1}"#,
        ),
        (
            "/messages",
            r#"{"model":"glm-5p3","max_tokens":16,"service_tier":"auto","container":"c","context_management":{},"thinking":{"type":"adaptive"},"metadata":{"user_id":"u"},"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"tools":[{"name":"f","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"},"eager_input_streaming":true,"defer_loading":true},{"type":"web_search_20250305","name":"web_search"}],"messages":[{"role":"user","content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}]}]}"#,
        ),
    ] {
        let (status, reply) = post(&sim, path, body).await;
        assert_eq!(status, 200, "{path}: {reply}");
        if path == "/responses" {
            assert!(reply.contains("\"input_tokens\""), "{reply}");
        }
    }
    sim.shutdown().await;
}
