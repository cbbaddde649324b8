//! Parameters on their way to Fireworks, and replies on their way back.

use fw_tests::{MODEL, Stage, chat};
use serde_json::{Value, json};

/// The body that the simulator got for a chat request with these members added.
async fn sent(stage: &Stage, members: Value) -> Value {
    let mut body = chat("Hello");
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&body)
        .send()
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    stage.sim.last().json()
}

#[tokio::test]
async fn a_prompt_cache_key_isolates_and_still_routes() {
    let stage = Stage::start().await;
    for (path, mut body) in [
        ("/v1/chat/completions", chat("Hello")),
        (
            "/v1/completions",
            json!({ "model": MODEL, "prompt": "Hello" }),
        ),
    ] {
        body["prompt_cache_key"] = "conversation-7".into();
        let reply = stage.gateway.post(path).json(&body).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let got = stage.sim.last();
        assert_eq!(
            got.json()["prompt_cache_isolation_key"],
            "conversation-7",
            "{path}"
        );
        assert!(got.json().get("prompt_cache_key").is_none(), "{path}");
        assert_eq!(
            got.header("x-session-affinity"),
            Some("conversation-7"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_affinity_that_a_client_set_itself_stays() {
    let stage = Stage::start().await;
    let mut body = chat("Hello");
    body["prompt_cache_key"] = "conversation-7".into();
    let call = stage
        .gateway
        .post("/v1/chat/completions")
        .header("x-session-affinity", "mine")
        .json(&body);
    assert_eq!(call.send().await.status, 200);
    let got = stage.sim.last();
    assert_eq!(got.json()["prompt_cache_isolation_key"], "conversation-7");
    assert_eq!(got.header("x-session-affinity"), Some("mine"));
}

#[tokio::test]
async fn the_same_conversation_finds_its_cache_again() {
    let stage = Stage::start().await;
    let mut body = chat(&"A long story about a lighthouse keeper. ".repeat(100));
    body["prompt_cache_key"] = "conversation-7".into();
    let cached = |reply: Value| {
        reply["usage"]["prompt_tokens_details"]["cached_tokens"]
            .as_u64()
            .unwrap_or(0)
    };
    let first = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&body)
        .send()
        .await
        .json();
    assert_eq!(cached(first), 0);
    let second = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&body)
        .send()
        .await
        .json();
    assert!(cached(second) > 0, "the same replica answered");
    body["prompt_cache_key"] = "conversation-8".into();
    let other = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&body)
        .send()
        .await
        .json();
    assert_eq!(cached(other), 0, "isolated");
}

#[tokio::test]
async fn what_fireworks_would_refuse_is_removed_and_reported() {
    let stage = Stage::start().await;
    let mut body = chat("Hello");
    body["store"] = true.into();
    body["verbosity"] = "low".into();
    body["max_completion_tokens"] = 50.into();
    body["made_up_field"] = json!({ "a": 1 });

    let direct = stage
        .sim
        .post("/inference/v1/chat/completions")
        .json(&body)
        .send()
        .await;
    assert_eq!(direct.status, 400, "Fireworks itself refuses it");

    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&body)
        .send()
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let got = stage.sim.last().json();
    assert_eq!(got["max_tokens"], 50);
    for gone in [
        "store",
        "verbosity",
        "max_completion_tokens",
        "made_up_field",
    ] {
        assert!(got.get(gone).is_none(), "{gone}");
    }
    let report = reply.header("x-fw-params").unwrap();
    for name in [
        "store",
        "verbosity",
        "max_completion_tokens",
        "max_tokens",
        "made_up_field",
    ] {
        assert!(report.contains(name), "{name} in {report}");
    }
}

#[tokio::test]
async fn a_stream_reports_its_changes_too() {
    let stage = Stage::start().await;
    let mut body = chat("Hello");
    body["stream"] = true.into();
    body["max_completion_tokens"] = 50.into();
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&body)
        .send()
        .await;
    assert!(reply.header("x-fw-params").unwrap().contains("max_tokens"));
}

#[tokio::test]
async fn nothing_is_reported_where_nothing_was_changed() {
    let stage = Stage::start().await;
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&chat("Hello"))
        .send()
        .await;
    assert_eq!(reply.header("x-fw-params"), None);
}

#[tokio::test]
async fn messages_become_what_fireworks_takes() {
    let stage = Stage::start().await;
    let got = sent(
        &stage,
        json!({ "messages": [
            { "role": "developer", "content": "Be brief." },
            { "role": "user", "name": "ada", "content": "Hello" },
            { "role": "assistant", "content": "Hi", "refusal": null, "annotations": [] },
            { "role": "user", "content": "Bye" },
        ] }),
    )
    .await;
    assert_eq!(
        got["messages"],
        json!([
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": "Hello" },
            { "role": "assistant", "content": "Hi" },
            { "role": "user", "content": "Bye" },
        ])
    );
}

#[tokio::test]
async fn old_functions_become_tools() {
    let stage = Stage::start().await;
    let function =
        json!({ "name": "get_weather", "parameters": { "type": "object", "properties": {} } });
    let got = sent(
        &stage,
        json!({ "functions": [function], "function_call": { "name": "get_weather" } }),
    )
    .await;
    assert_eq!(
        got["tools"],
        json!([{ "type": "function", "function": function }])
    );
    assert_eq!(
        got["tool_choice"],
        json!({ "type": "function", "function": { "name": "get_weather" } })
    );
}

#[tokio::test]
async fn values_out_of_fireworks_range_are_brought_into_it() {
    let stage = Stage::start().await;
    let got = sent(
        &stage,
        json!({ "logprobs": true, "top_logprobs": 20, "reasoning_effort": "minimal" }),
    )
    .await;
    assert_eq!(got["top_logprobs"], 5);
    assert_eq!(got["reasoning_effort"], "low");
}

#[tokio::test]
async fn a_long_plain_reply_is_fetched_as_a_stream_and_put_together() {
    let stage = Stage::start().await;
    let mut body = chat("Hello");
    body["max_tokens"] = 5000.into();
    let direct = stage
        .sim
        .post("/inference/v1/chat/completions")
        .json(&body)
        .send()
        .await;
    assert_eq!(direct.status, 400, "Fireworks gives that only as a stream");

    let call = stage
        .gateway
        .post("/v1/chat/completions")
        .knob("reply-tokens", "4500")
        .json(&body);
    let reply = call.send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(stage.sim.last().json()["stream"], true);
    let whole = reply.json();
    assert_eq!(whole["object"], "chat.completion");
    assert_eq!(whole["choices"][0]["finish_reason"], "stop");
    assert_eq!(whole["choices"][0]["message"]["role"], "assistant");
    assert!(
        whole["usage"]["completion_tokens"].as_u64().unwrap() >= 4500,
        "{}",
        whole["usage"]
    );

    // The text is that of the same reply in one piece.
    body["max_tokens"] = 4096.into();
    let call = |call: fw_tests::Call| call.knob("reply-tokens", "300");
    let plain = call(stage.gateway.post("/v1/chat/completions"))
        .json(&body)
        .send()
        .await
        .json();
    body["max_tokens"] = 5000.into();
    let long = call(stage.gateway.post("/v1/chat/completions"))
        .json(&body)
        .send()
        .await
        .json();
    assert_eq!(
        long["choices"][0]["message"],
        plain["choices"][0]["message"]
    );
    assert_eq!(long["model"], plain["model"]);
}

#[tokio::test]
async fn an_upstream_stream_that_fails_does_not_become_a_whole_reply() {
    let stage = Stage::start().await;
    let mut body = chat("Hello");
    body["max_tokens"] = 5000.into();
    for (knob, value) in [
        ("truncate-after", "2"),
        ("error-after", "2"),
        ("fault", "reset-mid-body"),
    ] {
        let reply = stage
            .gateway
            .post("/v1/chat/completions")
            .knob(knob, value)
            .json(&body)
            .send()
            .await;
        assert!(
            reply.status.is_server_error(),
            "{knob}: {} {}",
            reply.status,
            reply.text()
        );
        reply.error();
    }
}

#[tokio::test]
async fn usage_is_asked_for_upstream_and_kept_from_a_client_that_did_not_ask() {
    let stage = Stage::start().await;
    let mut body = chat("Hello");
    body["stream"] = true.into();
    let call = stage
        .gateway
        .post("/v1/chat/completions")
        .knob("usage-layout", "b")
        .json(&body);
    let reply = call.send().await;
    assert_eq!(
        stage.sim.last().json()["stream_options"],
        json!({ "include_usage": true })
    );
    assert!(
        reply
            .chunks()
            .iter()
            .all(|chunk| !chunk["choices"].as_array().unwrap().is_empty())
    );
    assert_eq!(reply.events().last().unwrap(), "[DONE]");

    body["stream_options"] = json!({ "include_usage": true, "include_obfuscation": false });
    let call = stage
        .gateway
        .post("/v1/chat/completions")
        .knob("usage-layout", "b")
        .json(&body);
    let chunks = call.send().await.chunks();
    let usage: Vec<&Value> = chunks
        .iter()
        .filter(|chunk| chunk["usage"].is_object())
        .collect();
    assert_eq!(usage.len(), 1, "said once");
    assert_eq!(usage[0]["choices"], json!([]));
}

#[tokio::test]
async fn every_chunk_has_choices_and_every_tool_call_an_index() {
    let stage = Stage::start().await;
    let tool = json!({ "type": "function", "function": { "name": "get_weather", "parameters": {
        "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"],
    } } });
    let mut body = chat("Weather?");
    body["stream"] = true.into();
    body["stream_options"] = json!({ "include_usage": true });
    body["tools"] = json!([tool]);
    body["tool_choice"] = "required".into();
    let call = stage.gateway.post("/v1/chat/completions");
    let call = call
        .knob("tool-index", "false")
        .knob("usage-layout", "b")
        .knob("usage-choices", "false");
    let chunks = call.json(&body).send().await.chunks();
    let mut calls = 0;
    for chunk in &chunks {
        for choice in chunk["choices"].as_array().expect("choices on every chunk") {
            for call in choice["delta"]["tool_calls"]
                .as_array()
                .unwrap_or(&Vec::new())
            {
                assert_eq!(call["index"], 0, "{chunk}");
                calls += 1;
            }
        }
    }
    assert!(calls > 0);
}

#[tokio::test]
async fn embeddings_come_in_base64_when_asked_even_if_the_upstream_gives_floats() {
    let stage = Stage::start().await;
    let mut body =
        json!({ "model": "accounts/fireworks/models/qwen3-embedding-8b", "input": "Hello" });
    let floats = stage
        .gateway
        .post("/v1/embeddings")
        .json(&body)
        .send()
        .await
        .json();
    assert!(floats["data"][0]["embedding"].is_array());
    body["encoding_format"] = "base64".into();
    let native = stage
        .gateway
        .post("/v1/embeddings")
        .json(&body)
        .send()
        .await
        .json();
    let ours = stage
        .gateway
        .post("/v1/embeddings")
        .knob("base64", "false")
        .json(&body)
        .send()
        .await
        .json();
    assert!(ours["data"][0]["embedding"].is_string());
    assert_eq!(
        ours["data"], native["data"],
        "the same bytes as the upstream's own encoding"
    );
}
