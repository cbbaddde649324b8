//! Chat completions, whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{MODEL, chat, chat_with, post, start, user, with};
use fw_sim::Simulator;
use serde_json::{Value, json};

#[tokio::test]
async fn a_reply_has_the_documented_shape() {
    let sim = start().await;
    let reply = chat(&sim, &user("Hi there")).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, Some("application/json"))
    );
    let json = reply.json();
    assert_eq!(json["object"], "chat.completion");
    assert_eq!(json["model"], MODEL);
    assert_eq!(
        json["choices"][0]["message"],
        json!({"role": "assistant", "content": "You said: Hi there"})
    );
    assert_eq!(json["choices"][0]["finish_reason"], "stop");
    // One token for the role, two for the text, one for its end, one for the reply's start.
    assert_eq!(
        json["usage"],
        json!({"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10, "prompt_tokens_details": {"cached_tokens": 0}})
    );
    for absent in ["system_fingerprint", "perf_metrics", "service_tier"] {
        assert!(json.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn the_short_model_name_is_answered_with_the_full_one() {
    let sim = start().await;
    let reply = chat(
        &sim,
        &with(user("x"), json!({"model": "fireworks/kimi-k3"})),
    )
    .await;
    assert_eq!(reply.json()["model"], "accounts/fireworks/models/kimi-k3");
}

#[tokio::test]
async fn both_route_prefixes_serve() {
    let sim = start().await;
    for path in ["/v1/chat/completions", "/inference/v1/chat/completions"] {
        assert_eq!(
            post(&sim, path, &user("x"), &[]).await.status,
            200,
            "{path}"
        );
    }
    assert_eq!(
        post(&sim, "/inference/v1/v1/chat/completions", &user("x"), &[])
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn the_same_request_has_the_same_reply() {
    let sim = start().await;
    let (one, two) = (chat(&sim, &user("x")).await, chat(&sim, &user("x")).await);
    assert_eq!(one.body, two.body);
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
}

#[tokio::test]
async fn headers_are_those_of_the_reference() {
    let sim = start().await;
    let reply = chat_with(
        &sim,
        &with(user("Hi"), json!({"top_p": 0.5})),
        &[("x-request-id", "mine-1")],
    )
    .await;
    for (name, value) in [
        ("x-request-id", "mine-1"),
        ("server", "istio-envoy"),
        ("fireworks-prompt-tokens", "4"),
        ("fireworks-cached-prompt-tokens", "0"),
        ("fireworks-server-time-to-first-token", "0.184"),
        (
            "fireworks-sampling-options",
            r#"{"temperature":1.0,"top_k":50,"top_p":0.5}"#,
        ),
        ("x-ratelimit-limit-tokens-prompt", "60000"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn n_gives_so_many_choices() {
    let sim = start().await;
    let json = chat(&sim, &with(user("x"), json!({"n": 3}))).await.json();
    let texts: Vec<&str> = json["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["message"]["content"].as_str().unwrap())
        .collect();
    assert_eq!(
        texts,
        [
            "You said: x",
            "You said: x (choice 1)",
            "You said: x (choice 2)"
        ]
    );
    assert_eq!(json["choices"][2]["index"], 2);
}

#[tokio::test]
async fn max_tokens_cuts_and_ignore_eos_fills() {
    let sim = start().await;
    let cut = chat(&sim, &with(user("Hi there"), json!({"max_tokens": 2})))
        .await
        .json();
    assert_eq!(
        (
            &cut["choices"][0]["message"]["content"],
            &cut["choices"][0]["finish_reason"]
        ),
        (&json!("You said"), &json!("length"))
    );
    assert_eq!(cut["usage"]["completion_tokens"], 2);
    let full = chat(
        &sim,
        &with(
            user("Hi"),
            json!({"max_completion_tokens": 40, "ignore_eos": true}),
        ),
    )
    .await
    .json();
    assert_eq!(
        (
            &full["usage"]["completion_tokens"],
            &full["choices"][0]["finish_reason"]
        ),
        (&json!(40), &json!("length"))
    );
}

#[tokio::test]
async fn stop_strings_end_the_text() {
    let sim = start().await;
    let json = chat(
        &sim,
        &with(user("one two three"), json!({"stop": ["three", "two"]})),
    )
    .await
    .json();
    assert_eq!(json["choices"][0]["message"]["content"], "You said: one ");
    assert_eq!(json["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn a_header_sets_the_reply() {
    let sim = start().await;
    let reply = chat_with(&sim, &user("x"), &[("x-sim-reply", "caf%C3%A9%0A!")]).await;
    assert_eq!(reply.json()["choices"][0]["message"]["content"], "café\n!");
    let reply = chat_with(&sim, &user("x"), &[("x-sim-reply-tokens", "100")]).await;
    assert_eq!(reply.json()["usage"]["completion_tokens"], 100);
}

#[tokio::test]
async fn reasoning_comes_when_asked() {
    let sim = start().await;
    let message = |json: Value| json["choices"][0]["message"].clone();
    let asked = chat(&sim, &with(user("x"), json!({"reasoning_effort": "low"})))
        .await
        .json();
    assert_eq!(
        asked["choices"][0]["message"]["reasoning_content"],
        "The last message is: x"
    );
    for (fields, has) in [
        (json!({"reasoning_effort": "none"}), false),
        (json!({"reasoning_effort": false}), false),
        (json!({"reasoning_effort": true}), true),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}),
            true,
        ),
        (json!({"thinking": {"type": "disabled"}}), false),
    ] {
        let got = message(chat(&sim, &with(user("x"), fields.clone())).await.json());
        assert_eq!(got.get("reasoning_content").is_some(), has, "{fields}");
    }
    let set = message(
        chat_with(&sim, &user("x"), &[("x-sim-reasoning", "Hmm")])
            .await
            .json(),
    );
    assert_eq!(
        (&set["reasoning_content"], &set["content"]),
        (&json!("Hmm"), &json!("You said: x"))
    );
    let tags = [
        ("x-sim-reasoning", "Hmm"),
        ("x-sim-think-tags", "true"),
        ("x-sim-reasoning-tokens", "true"),
    ];
    let json = chat_with(&sim, &user("x"), &tags).await.json();
    assert_eq!(
        message(json.clone())["content"],
        "<think>Hmm</think>You said: x"
    );
    assert_eq!(
        json["usage"]["completion_tokens_details"],
        json!({"reasoning_tokens": 1})
    );
}

#[tokio::test]
async fn tools_are_called_by_name() {
    let sim = start().await;
    let tools = json!({"tools": [
        {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object",
            "required": ["city"], "properties": {"city": {"type": "string"}, "unit": {"enum": ["C"]}}}}},
        {"type": "function", "function": {"name": "get_time"}}]});
    let json = chat(
        &sim,
        &with(user("Use get_weather and get_time"), tools.clone()),
    )
    .await
    .json();
    let choice = &json["choices"][0];
    assert_eq!(
        (&choice["finish_reason"], &choice["message"]["content"]),
        (&json!("tool_calls"), &json!(null))
    );
    let calls = choice["message"]["tool_calls"].as_array().unwrap();
    assert_eq!(
        calls[0]["function"],
        json!({"name": "get_weather", "arguments": "{\"city\":\"city\"}"})
    );
    assert_eq!(
        calls[1]["function"],
        json!({"name": "get_time", "arguments": "{}"})
    );
    assert!(
        calls
            .iter()
            .all(|c| c["type"] == "function" && c["id"].as_str().unwrap().starts_with("call_"))
    );

    let named = json!({"tool_choice": {"type": "function", "function": {"name": "get_time"}}});
    let json = chat(&sim, &with(with(user("x"), tools.clone()), named))
        .await
        .json();
    assert_eq!(
        json["choices"][0]["message"]["tool_calls"][0]["function"]["name"],
        "get_time"
    );

    let answered = json!({"messages": [
        {"role": "user", "content": "get_time"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "c", "type": "function", "function": {"name": "get_time", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "noon"}]});
    let json = chat(&sim, &with(with(user("x"), tools), answered))
        .await
        .json();
    assert_eq!(
        json["choices"][0]["message"]["content"],
        "The tool said: noon"
    );
}

#[tokio::test]
async fn a_json_schema_has_an_instance() {
    let sim = start().await;
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"], "additionalProperties": false});
    for format in [
        json!({"type": "json_schema", "json_schema": {"name": "person", "strict": true, "schema": schema}}),
        json!({"type": "json_schema", "json_schema": schema}),
        json!({"type": "json_object", "schema": schema}),
    ] {
        let json = chat(&sim, &with(user("x"), json!({"response_format": format})))
            .await
            .json();
        assert_eq!(
            json["choices"][0]["message"]["content"], r#"{"age":1,"name":"name"}"#,
            "{format}"
        );
    }
    let json = chat(
        &sim,
        &with(
            user("x"),
            json!({"response_format": {"type": "json_object"}}),
        ),
    )
    .await
    .json();
    assert_eq!(
        json["choices"][0]["message"]["content"],
        r#"{"reply":"You said: x"}"#
    );
}

#[tokio::test]
async fn logprobs_have_two_shapes() {
    let sim = start().await;
    let new = chat(
        &sim,
        &with(user("x"), json!({"logprobs": true, "top_logprobs": 2})),
    )
    .await
    .json();
    let content = new["choices"][0]["logprobs"]["content"].as_array().unwrap();
    let joined: String = content
        .iter()
        .map(|t| t["token"].as_str().unwrap())
        .collect();
    assert_eq!(
        (joined.as_str(), content[1]["text_offset"].as_u64()),
        ("You said: x", Some(3))
    );
    assert_eq!(content[0]["bytes"], json!([89, 111, 117]));
    let top = content[0]["top_logprobs"].as_array().unwrap();
    assert_eq!((top.len(), &top[0]["token"]), (2, &json!("You")));
    assert!(top[0]["logprob"].as_f64() > top[1]["logprob"].as_f64());

    let old = chat(&sim, &with(user("x"), json!({"logprobs": 1})))
        .await
        .json();
    let old = &old["choices"][0]["logprobs"];
    assert_eq!(old["tokens"], json!(["You", " said", ":", " x"]));
    assert_eq!(old["text_offset"], json!([0, 3, 8, 9]));
    for list in ["token_logprobs", "top_logprobs", "token_ids"] {
        assert_eq!(old[list].as_array().unwrap().len(), 4, "{list}");
    }
}

#[tokio::test]
async fn fireworks_extras_are_given_when_asked() {
    let sim = start().await;
    let fields = json!({"perf_metrics_in_response": true, "raw_output": true, "return_token_ids": true, "echo": true});
    let json = chat(&sim, &with(user("Hi"), fields)).await.json();
    assert_eq!(json["perf_metrics"]["prompt-tokens"], 4);
    assert_eq!(json["prompt_token_ids"].as_array().unwrap().len(), 4);
    assert_eq!(json["choices"][0]["token_ids"].as_array().unwrap().len(), 4);
    assert_eq!(
        json["choices"][0]["raw_output"]["completion"],
        "You said: Hi"
    );
    assert_eq!(json["choices"][0]["message"]["content"], "HiYou said: Hi");
    assert_eq!(
        json["usage"]["completion_tokens"], 4,
        "an echo is no completion"
    );
}

#[tokio::test]
async fn completions_answer_each_prompt() {
    let sim = start().await;
    let body = json!({"model": MODEL, "prompt": ["one", "two"], "n": 2, "echo": true});
    let json = post(&sim, "/v1/completions", &body, &[]).await.json();
    assert_eq!(json["object"], "text_completion");
    let texts: Vec<&str> = json["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        texts,
        [
            "oneYou said: one",
            "oneYou said: one (choice 1)",
            "twoYou said: two",
            "twoYou said: two (choice 1)"
        ]
    );
    let ids = post(
        &sim,
        "/v1/completions",
        &json!({"model": MODEL, "prompt": [1, 2, 3]}),
        &[],
    )
    .await
    .json();
    assert_eq!(ids["usage"]["prompt_tokens"], 3);
}

/// 64 words in blocks of 16 tokens, after one token for the role.
fn long(more: Value) -> Value {
    with(user(&"word ".repeat(64)), more)
}

async fn cached(sim: &fw_sim::Running, body: &Value, headers: &[(&str, &str)]) -> u64 {
    let json = chat_with(sim, body, headers).await.json();
    json["usage"]["prompt_tokens_details"]["cached_tokens"]
        .as_u64()
        .unwrap()
}

#[tokio::test]
async fn the_cache_belongs_to_account_model_and_isolation_key() {
    let sim = Simulator::new().replicas(1).start().await.unwrap();
    assert_eq!(cached(&sim, &long(json!({})), &[]).await, 0);
    assert_eq!(cached(&sim, &long(json!({})), &[]).await, 64);
    assert_eq!(
        cached(
            &sim,
            &long(json!({})),
            &[("authorization", "Bearer fw_acme_second")]
        )
        .await,
        64
    );
    assert_eq!(
        cached(
            &sim,
            &long(json!({})),
            &[("authorization", "Bearer fw_other")]
        )
        .await,
        0
    );
    assert_eq!(
        cached(&sim, &long(json!({"model": "fireworks/kimi-k3"})), &[]).await,
        0
    );
    let isolated = long(json!({"prompt_cache_isolation_key": "tenant"}));
    assert_eq!(cached(&sim, &isolated, &[]).await, 0);
    assert_eq!(cached(&sim, &isolated, &[]).await, 64);
    assert_eq!(
        cached(
            &sim,
            &long(json!({})),
            &[("x-prompt-cache-isolation-key", "tenant")]
        )
        .await,
        64
    );
}

#[tokio::test]
async fn affinity_finds_the_replica_that_knows_the_prompt() {
    let sim = Simulator::new().replicas(1000).start().await.unwrap();
    assert_eq!(
        cached(&sim, &long(json!({"prompt_cache_key": "s1"})), &[]).await,
        0
    );
    assert_eq!(
        cached(&sim, &long(json!({"prompt_cache_key": "s1"})), &[]).await,
        64
    );
    assert_eq!(cached(&sim, &long(json!({"user": "s1"})), &[]).await, 64);
    assert_eq!(
        cached(
            &sim,
            &long(json!({"user": "u", "prompt_cache_key": "s1"})),
            &[]
        )
        .await,
        64,
        "the key wins"
    );
    assert_eq!(
        cached(&sim, &long(json!({})), &[("x-session-affinity", "s1")]).await,
        64
    );
    let both = [
        ("x-session-affinity", "s2"),
        ("x-multi-turn-session-id", "s1"),
    ];
    assert_eq!(
        cached(&sim, &long(json!({})), &both).await,
        64,
        "the trajectory wins"
    );
    assert_eq!(
        cached(&sim, &long(json!({})), &[]).await,
        0,
        "no affinity, another replica"
    );
    // Isolation is no affinity: a key of its own does not bring the request to the replica.
    assert_eq!(
        cached(
            &sim,
            &long(json!({"prompt_cache_isolation_key": "s1"})),
            &[]
        )
        .await,
        0
    );
}
