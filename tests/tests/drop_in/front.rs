//! What the gateway answers by itself for Anthropic's SDKs.

use fw_tests::Stage;
use serde_json::json;

use super::message;

#[tokio::test]
async fn tokens_are_counted_without_asking_anybody() {
    let stage = Stage::start().await;
    for path in [
        "/anthropic/v1/messages/count_tokens",
        "/v1/messages/count_tokens?beta=true",
    ] {
        let count = async |text: &str| {
            let reply = stage.gateway.post(path).json(&message(text)).send().await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            reply.json()["input_tokens"].as_u64().unwrap()
        };
        let (short, long) = (
            count("Hello").await,
            count(&"Hello there. ".repeat(100)).await,
        );
        assert!((1..30).contains(&short), "{short}");
        assert!((200..500).contains(&long), "{long}");
    }
    assert_eq!(stage.sim.counters().requests, 0);
}

#[tokio::test]
async fn what_cannot_be_counted_is_refused_in_anthropic_s_shape() {
    let limits = "size_limits: { max_body_bytes: 1000 }";
    let stage = Stage::configured(|config| config.section(limits)).await;
    let path = "/anthropic/v1/messages/count_tokens";
    let large = message(&"x".repeat(2000)).to_string();
    for (body, status, kind) in [
        ("{", 400, "invalid_request_error"),
        ("[]", 400, "invalid_request_error"),
        (large.as_str(), 413, "request_too_large"),
    ] {
        let reply = stage.gateway.post(path).body(body.to_owned()).send().await;
        assert_eq!(reply.status, status, "{}", reply.text());
        let error = reply.json();
        assert_eq!(error["type"], "error", "{error}");
        assert_eq!(error["error"]["type"], kind, "{error}");
    }
}

#[tokio::test]
async fn models_are_listed_as_anthropic_does_for_its_clients() {
    let stage = Stage::start().await;
    let get = |path: &str| stage.gateway.get(path);
    let listed = get("/anthropic/v1/models?limit=2").send().await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    assert_eq!(listed["data"][0]["type"], "model");
    assert_eq!(listed["has_more"], true);
    let last = listed["last_id"].as_str().unwrap().replace('/', "%2F");
    let next = format!("/anthropic/v1/models?limit=2&after_id={last}");
    let next = get(&next).send().await.json();
    assert_ne!(next["first_id"], listed["first_id"]);

    let version = |path: &str| get(path).header("anthropic-version", "2023-06-01").send();
    let by_header = version("/v1/models?limit=2").await.json();
    assert_eq!(by_header, listed);
    let id = listed["data"][0]["id"].as_str().unwrap();
    let one = version(&format!("/v1/models/{id}")).await.json();
    assert_eq!(one, listed["data"][0]);
    let none = version("/v1/models/nobody").await;
    assert_eq!(none.status, 404);
    assert_eq!(none.json()["error"]["type"], "not_found_error");

    let openai = get("/v1/models").send().await.json();
    assert_eq!(openai["object"], json!("list"));
}
