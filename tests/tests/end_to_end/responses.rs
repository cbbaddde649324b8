//! The life of a stored response.

use fw_tests::{MODEL, Stage};
use http::Method;
use serde_json::json;

#[tokio::test]
async fn a_response_is_created_read_listed_and_deleted() {
    let stage = Stage::start().await;
    let gateway = &stage.gateway;
    let created = gateway
        .post("/v1/responses")
        .json(&json!({ "model": MODEL, "input": "Hello" }))
        .send()
        .await;
    assert_eq!(created.status, 200, "{}", created.text());
    let created = created.json();
    let id = created["id"].as_str().unwrap();
    let path = format!("/v1/responses/{id}");

    let read = gateway.get(&path).send().await;
    assert_eq!(read.status, 200, "{}", read.text());
    assert_eq!(read.json()["id"], created["id"]);
    assert_eq!(read.json()["output"], created["output"]);

    let list = gateway.get("/v1/responses?limit=5").send().await;
    assert_eq!(list.status, 200, "{}", list.text());
    assert_eq!(list.json()["data"][0]["id"], created["id"]);
    assert_eq!(stage.sim.last().query.as_deref(), Some("limit=5"));

    let deleted = gateway.client().call(Method::DELETE, &path).send().await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    assert_eq!(
        deleted.json(),
        json!({ "id": id, "object": "response", "deleted": true })
    );

    let gone = gateway.get(&path).send().await;
    assert_eq!(gone.status, 404);
    gone.error();
}

#[tokio::test]
async fn the_fields_that_fireworks_keeps_itself_arrive_there() {
    let stage = Stage::start().await;
    let first = stage
        .gateway
        .post("/v1/responses")
        .json(&json!({ "model": MODEL, "input": "I am Ada." }))
        .send()
        .await;
    let body = json!({
        "model": MODEL,
        "input": "Who am I?",
        "previous_response_id": first.json()["id"],
        "max_tool_calls": 2,
        "store": true,
    });
    let reply = stage.gateway.post("/v1/responses").json(&body).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        stage.sim.last().json(),
        body,
        "nothing was taken away or added"
    );
    assert_eq!(reply.json()["previous_response_id"], first.json()["id"]);
}

#[tokio::test]
async fn messages_are_an_alias_of_input() {
    let stage = Stage::start().await;
    let messages = json!([{ "role": "user", "content": "Hello" }]);
    let body = json!({ "model": MODEL, "messages": messages, "store": true, "max_tool_calls": 2 });
    let reply = stage.gateway.post("/v1/responses").json(&body).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let sent = stage.sim.last().json();
    assert_eq!(sent["input"], messages);
    assert!(sent.get("messages").is_none());
    assert!(reply.header("x-fw-params").unwrap().contains("messages"));
}

#[tokio::test]
async fn usage_has_the_names_of_both_families() {
    let stage = Stage::start().await;
    let body = json!({ "model": MODEL, "input": "Hello" });
    let direct = stage
        .sim
        .post("/inference/v1/responses")
        .json(&body)
        .send()
        .await
        .json();
    assert!(
        direct["usage"].get("input_tokens").is_none(),
        "Fireworks has the names of chat only"
    );

    let usage = stage
        .gateway
        .post("/v1/responses")
        .json(&body)
        .send()
        .await
        .json()["usage"]
        .clone();
    assert_eq!(usage["input_tokens"], usage["prompt_tokens"]);
    assert_eq!(usage["output_tokens"], usage["completion_tokens"]);
    assert!(
        usage["input_tokens_details"]["cached_tokens"].is_u64(),
        "{usage}"
    );
    assert!(
        usage["output_tokens_details"]["reasoning_tokens"].is_u64(),
        "{usage}"
    );

    let stream = json!({ "model": MODEL, "input": "Hello", "stream": true });
    let reply = stage
        .gateway
        .post("/v1/responses")
        .json(&stream)
        .send()
        .await;
    let last = reply.chunks().pop().unwrap();
    assert_eq!(last["type"], "response.completed");
    assert!(
        last["response"]["usage"]["output_tokens"].as_u64().unwrap() > 0,
        "{last}"
    );
}

#[tokio::test]
async fn a_previous_response_that_is_gone_is_a_404_in_openai_s_shape() {
    let stage = Stage::start().await;
    let body = json!({ "model": MODEL, "input": "And?", "previous_response_id": format!("resp_{}", "0".repeat(32)) });
    let reply = stage.gateway.post("/v1/responses").json(&body).send().await;
    assert_eq!(reply.status, 404);
    assert_eq!(reply.error()["message"], "Previous response not found");
}
