//! Before a provider with a Responses API of its own.

use fw_responses::{ResponseStore, ResponsesLayer, ResponsesMode};
use http::Method;
use serde_json::{Value, json};

use crate::provider::{World, json as reply, post, read, says};

/// A store with one response, and a layer before a provider that has responses itself.
async fn world() -> (World, Value) {
    let store = ResponseStore::in_memory().unwrap();
    let emulated = World::with(ResponsesLayer::new(store.clone()));
    let body = r#"{"model":"m","input":"I am Ada."}"#;
    let first = reply(
        r#"{"choices":[{"index":0,"message":{"role":"assistant","reasoning_content":"A name.","content":"Hello Ada."},"finish_reason":"stop"}]}"#,
    );
    let (_, response) = emulated.create("k", body, first).await;
    let layer = ResponsesLayer::new(store).mode(ResponsesMode::Expand);
    (World::with(layer), response)
}

#[tokio::test]
async fn what_is_kept_here_goes_up_as_items() {
    let (world, first) = world().await;
    let earlier = [
        json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "I am Ada."}]}),
        // Without its id, which the provider would look for, and without reasoning, which it cannot use.
        json!({"type": "message", "status": "completed", "role": "assistant", "content": first["output"][1]["content"]}),
    ];
    assert_eq!(first["output"][0]["type"], "reasoning");
    let id = &first["id"];
    let item = json!({"role": "user", "content": [{"type": "input_text", "text": "Who am I?"}]});
    for (input, last) in [
        (
            json!("Who am I?"),
            json!({"type": "message", "role": "user", "content": "Who am I?"}),
        ),
        (json!([item]), item),
    ] {
        let body = format!(
            r#"{{"model": "m", "previous_response_id": {id}, "input": {input}, "unknown": [1.0]}}"#
        );
        let reply = reply(r#"{"id":"resp_theirs","object":"response"}"#);
        let response = world
            .exchange(post("/v1/responses", "k", &body), reply)
            .await;
        let header = &response.headers()["x-fw-params"];
        assert_eq!(header, "set input; removed previous_response_id");
        let (status, response) = read(response).await;
        assert_eq!((status, &response["id"]), (200, &json!("resp_theirs")));
        let sent = world.last();
        assert_eq!(sent.path, "/v1/responses");
        assert!(sent.body.contains(r#""unknown": [1.0]"#), "{}", sent.body);
        let sent = sent.json();
        assert_eq!(sent["input"], json!([earlier[0], earlier[1], last]));
        assert_eq!(sent.get("previous_response_id"), None);
    }
}

#[tokio::test]
async fn what_is_the_provider_s_goes_up_untouched() {
    let (world, first) = world().await;
    let id = first["id"].as_str().unwrap();
    for (key, body) in [
        (
            "k",
            r#"{"model": "m", "input": "Hi", "previous_response_id": "resp_theirs"}"#.to_owned(),
        ),
        (
            "another",
            format!(r#"{{"model": "m", "input": "Hi", "previous_response_id": "{id}"}}"#),
        ),
        ("k", r#"{"model": "m",  "input": "Hi"}"#.to_owned()),
        (
            "k",
            r#"{"model": "m", "background": true, "conversation": "c"}"#.to_owned(),
        ),
        ("k", "not JSON".to_owned()),
    ] {
        let (_, response) = world.create(key, &body, says("x")).await;
        assert_eq!(
            response["object"], "chat.completion",
            "the reply is passed on"
        );
        assert_eq!(world.last().body, body);
        assert_eq!(world.last().path, "/v1/responses");
    }
}

#[tokio::test]
async fn what_is_kept_here_is_read_and_deleted_here() {
    let (world, first) = world().await;
    let path = format!("/v1/responses/{}", first["id"].as_str().unwrap());
    assert_eq!(world.ask(Method::GET, "k", &path).await, (200, first));
    let (status, items) = world
        .ask(Method::GET, "k", &format!("{path}/input_items"))
        .await;
    assert_eq!((status, &items["object"]), (200, &json!("list")));
    assert_eq!(world.asked(), 0);

    let theirs = (404, json!({"from": "the provider"}));
    assert_eq!(world.ask(Method::GET, "another", &path).await, theirs);
    assert_eq!(
        world
            .ask(Method::GET, "k", "/v1/responses/resp_theirs")
            .await,
        theirs
    );
    assert_eq!(
        world
            .ask(Method::DELETE, "k", "/v1/responses/resp_theirs")
            .await,
        theirs
    );
    assert_eq!(world.ask(Method::GET, "k", "/v1/responses").await, theirs);

    assert_eq!(
        world.ask(Method::DELETE, "k", &path).await.1["deleted"],
        true
    );
    assert_eq!(world.ask(Method::GET, "k", &path).await, theirs);
}

#[tokio::test]
async fn references_to_what_is_kept_here_are_items_and_all_others_stay() {
    let (world, first) = world().await;
    let [thought, said] = [0, 1].map(|at| first["output"][at]["id"].clone());
    let theirs = json!({"type": "item_reference", "id": "msg_theirs"});
    let body = json!({"model": "m", "input": [
        {"role": "user", "content": "I am Ada."},
        {"type": "item_reference", "id": thought},
        {"type": "item_reference", "id": said},
        theirs,
        {"role": "user", "content": "Who am I?"},
    ]});
    let response = world
        .exchange(post("/v1/responses", "k", &body.to_string()), reply("{}"))
        .await;
    assert_eq!(response.headers()["x-fw-params"], "set input");
    assert_eq!(
        world.last().json()["input"],
        json!([
            {"role": "user", "content": "I am Ada."},
            {"type": "message", "status": "completed", "role": "assistant", "content": first["output"][1]["content"]},
            theirs,
            {"role": "user", "content": "Who am I?"},
        ])
    );

    // Another's are not found.
    world
        .exchange(
            post("/v1/responses", "another", &body.to_string()),
            reply("{}"),
        )
        .await;
    assert_eq!(world.last().body, body.to_string());
}
