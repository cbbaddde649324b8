//! Embeddings, rerank, models, keys, routes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use base64::Engine as _;
use common::{MODEL, chat, chat_with, get, post, send, start, user, with};
use fw_sim::{Running, Simulator};
use serde_json::{Value, json};

const EMBEDDER: &str = "nomic-ai/nomic-embed-text-v1.5";

async fn embed(sim: &Running, fields: Value) -> Value {
    let body = with(json!({"model": EMBEDDER, "input": "Hi there"}), fields);
    post(sim, "/inference/v1/embeddings", &body, &[])
        .await
        .json()
}

fn vector(value: &Value) -> Vec<f64> {
    value["embedding"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

#[tokio::test]
async fn embeddings_are_floats_unless_base64_is_asked() {
    let sim = start().await;
    let floats = embed(&sim, json!({})).await;
    assert_eq!(
        (&floats["object"], &floats["model"]),
        (&json!("list"), &json!(EMBEDDER))
    );
    assert_eq!(
        floats["usage"],
        json!({"prompt_tokens": 2, "total_tokens": 2})
    );
    let floats = vector(&floats["data"][0]);
    assert_eq!(floats.len(), 768);
    let coded = embed(&sim, json!({"encoding_format": "base64"})).await;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(coded["data"][0]["embedding"].as_str().unwrap())
        .unwrap();
    let decoded: Vec<f32> = bytes
        .chunks_exact(4)
        .map(|c| f32::from_le_bytes(c.try_into().unwrap()))
        .collect();
    assert_eq!(
        decoded,
        floats.iter().map(|f| *f as f32).collect::<Vec<f32>>()
    );
    let body = json!({"model": EMBEDDER, "input": "x", "encoding_format": "base64"});
    let ignored = post(&sim, "/v1/embeddings", &body, &[("x-sim-base64", "false")])
        .await
        .json();
    assert!(ignored["data"][0]["embedding"].is_array());
}

#[tokio::test]
async fn embeddings_take_every_input() {
    let sim = start().await;
    for (input, count) in [
        (json!(["a", "b", "c"]), 3),
        (json!([1, 2, 3]), 1),
        (json!([[1], [2, 3]]), 2),
        (json!({"text": "x"}), 1),
        (json!([{"text": "x"}, {"text": "y"}]), 2),
    ] {
        let json = embed(&sim, json!({"input": input})).await;
        assert_eq!(json["data"].as_array().unwrap().len(), count, "{input}");
        assert_eq!(json["data"][count - 1]["index"], count - 1);
    }
    let ids = embed(&sim, json!({"input": [1, 2, 3]})).await;
    assert_eq!(ids["usage"]["prompt_tokens"], 3);
    let templated = embed(&sim, json!({"prompt_template": "Embed this text: {text}"})).await;
    let plain = embed(&sim, json!({"input": "Embed this text: Hi there"})).await;
    assert_eq!(templated["data"], plain["data"]);
}

#[tokio::test]
async fn dimensions_logits_and_norm_are_honoured() {
    let sim = start().await;
    let short = vector(&embed(&sim, json!({"dimensions": 64, "normalize": true})).await["data"][0]);
    let length: f64 = short.iter().map(|v| v * v).sum();
    assert_eq!((short.len(), (length * 1e3).round()), (64, 1e3));
    let logits = vector(
        &embed(&sim, json!({"return_logits": [5, 6, 7], "normalize": true})).await["data"][0],
    );
    assert_eq!(
        (logits.len(), (logits.iter().sum::<f64>() * 1e3).round()),
        (3, 1e3)
    );
    let model = json!({"model": "fireworks/qwen3-embedding-8b"});
    assert_eq!(vector(&embed(&sim, model).await["data"][0]).len(), 4096);
    assert_eq!(
        embed(&sim, json!({"dimensions": 769})).await["error"]["message"],
        "Input should be less than or equal to 768, field: 'dimensions', value: 769"
    );
}

#[tokio::test]
async fn texts_with_common_words_are_close() {
    let sim = start().await;
    let input =
        json!({"normalize": true, "input": ["the cat sat", "the cat ran", "stock prices fell"]});
    let json = embed(&sim, input).await;
    let vectors: Vec<Vec<f64>> = json["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(vector)
        .collect();
    let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(x, y)| x * y).sum() };
    assert!(dot(&vectors[0], &vectors[1]) > 0.4 && dot(&vectors[0], &vectors[2]) < 0.2);
}

#[tokio::test]
async fn embeddings_are_closed_and_not_empty() {
    let sim = start().await;
    assert_eq!(
        embed(&sim, json!({"truncate": "END"})).await["error"]["message"],
        "Extra inputs are not permitted, field: 'truncate', value: 'END'"
    );
    assert!(embed(&sim, json!({"input": ""})).await["error"].is_object());
    assert!(embed(&sim, json!({"input": []})).await["error"].is_object());
}

#[tokio::test]
async fn rerank_sorts_by_score() {
    let sim = start().await;
    let body =
        json!({"query": "red fish", "documents": ["blue cat", "a red fish", "a fish"], "top_n": 2});
    let json = post(&sim, "/v1/rerank", &body, &[]).await.json();
    let order: Vec<u64> = json["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["index"].as_u64().unwrap())
        .collect();
    assert_eq!(order, [1, 2]);
    assert_eq!(
        json["data"][0],
        json!({"index": 1, "relevance_score": 0.99, "document": "a red fish"})
    );
    let bare = post(
        &sim,
        "/v1/rerank",
        &with(body, json!({"return_documents": false})),
        &[],
    )
    .await
    .json();
    assert!(bare["data"][0].get("document").is_none());
}

#[tokio::test]
async fn models_are_listed_and_found() {
    let sim = Simulator::new()
        .model("accounts/acme/models/own", |_| {})
        .without_model(MODEL)
        .start()
        .await
        .unwrap();
    let list = get(&sim, "/inference/v1/models").await.json();
    let ids: Vec<&str> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["id"].as_str().unwrap())
        .collect();
    assert!(
        ids.contains(&"accounts/fireworks/models/kimi-k3")
            && ids.contains(&"accounts/acme/models/own")
    );
    assert!(!ids.contains(&MODEL));
    assert_eq!(
        (&list["object"], &list["data"][0]["owned_by"]),
        (&json!("list"), &json!("fireworks"))
    );
    let path = "/v1/models/accounts/fireworks/models/kimi-k3";
    assert_eq!(get(&sim, path).await.json()["context_length"], 1_048_576);
    let encoded = "/v1/models/accounts%2Ffireworks%2Fmodels%2Fkimi-k3";
    assert_eq!(
        get(&sim, encoded).await.json()["id"],
        "accounts/fireworks/models/kimi-k3"
    );
    assert_eq!(chat(&sim, &user("x")).await.status, 404);
}

#[tokio::test]
async fn keys_decide_who_may_enter() {
    let sim = start().await;
    for headers in [
        vec![("authorization", "Bearer sk-other")],
        vec![("authorization", "Bearer fw_")],
        vec![("authorization", "Basic fw_acme")],
        vec![("x-api-key", "other")],
    ] {
        let reply = chat_with(&sim, &user("x"), &headers).await;
        assert_eq!(
            (reply.status, &reply.json()["error"]["code"]),
            (401, &json!("UNAUTHORIZED")),
            "{headers:?}"
        );
        assert_eq!(
            reply.json()["request_id"],
            reply.header("x-request-id").unwrap()
        );
    }
    assert_eq!(
        chat_with(&sim, &user("x"), &[("x-api-key", "fw_acme")])
            .await
            .status,
        200
    );
    let pass = [("authorization", "Bearer fpk_acme")];
    assert_eq!(chat_with(&sim, &user("x"), &pass).await.status, 200);
    let models = send(&sim, "GET", "/v1/models", "", &pass).await;
    assert_eq!(
        (models.status, &models.json()["error"]["code"]),
        (403, &json!("FORBIDDEN"))
    );
    assert_eq!(
        models.message(),
        "Fire Pass API keys are not authorized for this route."
    );
    let open = Simulator::new().any_key().start().await.unwrap();
    assert_eq!(
        chat_with(&open, &user("x"), &[("x-api-key", "")])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn paths_and_methods_are_checked() {
    let sim = start().await;
    let unknown = get(&sim, "/v1/images/generations").await;
    assert_eq!(
        (unknown.status, unknown.json()),
        (404, json!({"detail": "Not Found"}))
    );
    let method = get(&sim, "/v1/chat/completions").await;
    assert_eq!((method.status, method.header("allow")), (405, Some("POST")));
    let json = send(&sim, "POST", "/v1/chat/completions", "{\"model\":", &[]).await;
    assert_eq!(
        (json.status, json.json()["error"]["type"].clone()),
        (400, json!("invalid_request_error"))
    );
}

#[tokio::test]
async fn the_gateway_layer_words_its_refusals_as_e1() {
    let sim = start().await;
    let plain = chat_with(
        &sim,
        &with(user("x"), json!({"max_tokens": 4097})),
        &[("x-request-id", "r1")],
    )
    .await;
    assert_eq!(plain.status, 400);
    assert_eq!(
        plain.json(),
        json!({"error": {"message": "Requests with max_tokens > 4096 must have stream=true", "param": "max_tokens",
            "code": "BAD_REQUEST", "type": "error"}, "request_id": "r1"})
    );
    assert_eq!(
        chat(&sim, &with(user("x"), json!({"max_tokens": 4096})))
            .await
            .status,
        200
    );
    assert_eq!(
        chat(
            &sim,
            &with(user("x"), json!({"max_tokens": 4097, "stream": true}))
        )
        .await
        .status,
        200
    );
    let model = chat_with(
        &sim,
        &with(user("x"), json!({"model": "gpt-4o"})),
        &[("x-request-id", "r2")],
    )
    .await;
    assert_eq!(model.status, 404);
    assert_eq!(
        model.json(),
        json!({"error": {"message": "Model not found, inaccessible, and/or not deployed", "param": "model",
            "code": "NOT_FOUND", "type": "error"}, "request_id": "r2"})
    );
}

#[tokio::test]
async fn the_model_server_words_its_refusals_as_e2() {
    let sim = start().await;
    let refused = |fields: Value| {
        let sim = &sim;
        async move {
            let reply = chat(sim, &with(user("x"), fields)).await;
            assert_eq!(
                (reply.status, &reply.json()["error"]["object"]),
                (400, &json!("error"))
            );
            reply.message()
        }
    };
    assert_eq!(
        refused(json!({"store": true})).await,
        "Extra inputs are not permitted, field: 'store', value: True"
    );
    assert!(
        refused(json!({"max_tokens": 1, "max_completion_tokens": 1}))
            .await
            .contains("max_completion_tokens")
    );
    assert!(
        refused(json!({"thinking": {"type": "disabled"}, "reasoning_effort": "low"}))
            .await
            .contains("thinking")
    );
    assert_eq!(
        refused(json!({"model": "fireworks/gpt-oss-120b", "reasoning_effort": "none"})).await,
        "Invalid reasoning effort: none"
    );
    let late = json!({"model": "fireworks/qwen3p8-max", "messages": [
        {"role": "user", "content": "x"}, {"role": "system", "content": "y"}]});
    assert_eq!(
        refused(late).await,
        "jinja template rendering failed. System message must be at the beginning."
    );
    let orphan = json!({"messages": [{"role": "tool", "content": "x", "tool_call_id": "c"}]});
    assert!(
        refused(orphan)
            .await
            .starts_with("jinja template rendering failed. ")
    );
    let schema = json!({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema":
        {"anyOf": [{"required": ["criteria"]}]}}}});
    assert_eq!(
        refused(schema).await,
        "JSON Schema not supported: could not understand the instance `{'required': ['criteria']}`."
    );
    let small = json!({"model": "fireworks/phi-3-medium-4k-instruct", "messages": [{"role": "user", "content": "word ".repeat(5_000)}]});
    assert_eq!(
        refused(small).await,
        "The prompt is too long: 5004, model maximum context length: 4096"
    );
    let tight = json!({"model": "fireworks/phi-3-medium-4k-instruct", "max_tokens": 4094,
        "context_length_exceeded_behavior": "error"});
    assert!(
        refused(tight)
            .await
            .starts_with("The prompt is too long: 4 with max_tokens 4094")
    );
}

#[tokio::test]
async fn what_one_request_may_ask_for_is_bounded() {
    let sim = start().await;
    let prompts = json!({"model": MODEL, "n": 128, "prompt": vec!["x"; 17]});
    let reply = post(&sim, "/v1/completions", &prompts, &[]).await;
    assert_eq!(
        (reply.status, reply.message().as_str()),
        (400, "Too many choices: 2176, the maximum is 2048")
    );
    let greedy = json!({"n": 128, "stream": true, "max_tokens": 1_000_000, "ignore_eos": true});
    let reply = chat_with(
        &sim,
        &with(user("x"), greedy),
        &[("x-sim-tokens-per-event", "10000")],
    )
    .await;
    let usage = &reply.events()[reply.events().len() - 2]["usage"];
    assert_eq!(usage["completion_tokens"], 1_048_576);
}
