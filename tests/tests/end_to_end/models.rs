//! The models list, answered from configuration and catalogue.

use fw_tests::{MODEL, Stage};
use serde_json::Value;

#[tokio::test]
async fn models_are_listed_without_asking_the_upstream() {
    let stage = Stage::start().await;
    for path in [
        "/v1/models",
        "/inference/v1/models",
        "/openai/models",
        "/openai/v1/models",
    ] {
        let reply = stage.gateway.get(path).send().await;
        assert_eq!(reply.status, 200, "{path}");
        let list = reply.json();
        assert_eq!(list["object"], "list");
        let models = list["data"].as_array().unwrap();
        assert!(
            models.iter().any(|model| model["id"] == MODEL),
            "{path} names the configured model"
        );
        for model in models {
            assert_eq!(model["object"], "model", "{model}");
            assert!(
                model["id"].is_string() && model["owned_by"].is_string(),
                "{model}"
            );
            assert!(model["created"].is_u64(), "{model}");
        }
    }
    assert_eq!(
        stage.sim.counters().requests,
        0,
        "the upstream's own list is unreliable"
    );
}

#[tokio::test]
async fn one_model_is_found_by_every_spelling_of_its_name() {
    let stage = Stage::start().await;
    for name in [
        "accounts/fireworks/models/glm-5p3",
        "accounts%2Ffireworks%2Fmodels%2Fglm-5p3",
        "accounts%2ffireworks%2fmodels%2fglm-5p3",
    ] {
        for surface in ["/v1", "/inference/v1", "/openai/v1"] {
            let path = format!("{surface}/models/{name}");
            let reply = stage.gateway.get(&path).send().await;
            assert_eq!(reply.status, 200, "{path}: {}", reply.text());
            assert_eq!(reply.json()["id"], MODEL, "{path}");
        }
    }
}

#[tokio::test]
async fn one_model_has_the_same_facts_as_in_the_list() {
    let stage = Stage::start().await;
    let list = stage.gateway.get("/v1/models").send().await.json();
    let one = stage
        .gateway
        .get(&format!("/v1/models/{MODEL}"))
        .send()
        .await
        .json();
    let listed: Vec<&Value> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|m| m["id"] == MODEL)
        .collect();
    assert_eq!(listed, [&one], "listed once, and the same");
}

#[tokio::test]
async fn a_model_that_nobody_knows_is_not_found() {
    let stage = Stage::start().await;
    let reply = stage
        .gateway
        .get("/v1/models/accounts/fireworks/models/nobody")
        .send()
        .await;
    assert_eq!(reply.status, 404);
    let error = reply.error();
    assert!(
        error["message"].as_str().unwrap().contains("nobody"),
        "{error}"
    );
}
