//! Going on with a conversation.

use fw_responses::{ResponseStore, ResponsesConfig, ResponsesLayer};
use http::Method;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::provider::{END, Script, World, chunks, events, json as reply, post, says, sse, text};

#[tokio::test]
async fn a_conversation_outlives_restarts() {
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = directory.join(format!("turns-{}.redb", std::process::id()));
    std::fs::remove_file(&path).ok();
    let mut config = ResponsesConfig::default();
    config.path = Some(path.clone());
    let open = || World::with(ResponsesLayer::new(ResponseStore::open(&config).unwrap()));

    let body = r#"{"model":"m","input":"I am Ada."}"#;
    let (_, first) = open().create("k", body, says("Hello Ada.")).await;

    let id = &first["id"];
    let body = format!(
        r#"{{"model":"m","instructions":"Be brief.","previous_response_id":{id},"input":"What is 2+2?","stream":true}}"#
    );
    let script = Script::of(chunks(&["4", "."]) + END);
    let response = open()
        .exchange(post("/v1/responses", "k", &body), sse(script))
        .await;
    let second = events(&text(response).await).pop().unwrap();
    assert_eq!(second["response"]["previous_response_id"], *id);

    let world = open();
    let id = &second["response"]["id"];
    let body = format!(r#"{{"model":"m","previous_response_id":{id},"input":"Who am I?"}}"#);
    let (status, _) = world.create("k", &body, says("Ada.")).await;
    assert_eq!(status, 200);
    // Instructions are of one turn only, as at OpenAI.
    assert_eq!(
        world.last().json()["messages"],
        json!([
            {"role": "user", "content": "I am Ada."},
            {"role": "assistant", "content": "Hello Ada."},
            {"role": "user", "content": "What is 2+2?"},
            {"role": "assistant", "content": "4."},
            {"role": "user", "content": "Who am I?"},
        ])
    );
    drop(world);
    std::fs::remove_file(path).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each turn goes on from any earlier one, or from none, plain or streamed.
    #[test]
    fn the_provider_is_sent_the_path_to_the_turn(
        turns in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), any::<bool>()), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let world = World::new();
        let mut known: Vec<(Value, Vec<Value>)> = Vec::new();
        for (n, (parent, begins, is_stream)) in turns.into_iter().enumerate() {
            let (previous, mut messages) = match known.len() {
                0 => (Value::Null, Vec::new()),
                _ if begins => (Value::Null, Vec::new()),
                len => known[parent.index(len)].clone(),
            };
            let (asked, said) = (format!("question \"{n}\""), format!("answer é{n}"));
            let body = json!({"model": "m", "input": asked, "previous_response_id": previous, "stream": is_stream});
            let reply = if is_stream {
                sse(Script::of(chunks(&[&said]) + END))
            } else {
                says(&said)
            };
            let request = post("/v1/responses", "k", &body.to_string());
            let reply = runtime.block_on(async { text(world.exchange(request, reply).await).await });
            let response = if is_stream {
                events(&reply).pop().unwrap()["response"].take()
            } else {
                serde_json::from_str(&reply).unwrap()
            };
            messages.push(json!({"role": "user", "content": asked}));
            prop_assert_eq!(&world.last().json()["messages"], &json!(messages));
            messages.push(json!({"role": "assistant", "content": said}));
            known.push((response["id"].clone(), messages));
        }
    }
}

#[tokio::test]
async fn tool_calls_and_their_outputs_are_one_conversation() {
    let world = World::new();
    let body = r#"{"model":"m","input":"Weather?","tools":[{"type":"function","name":"f","parameters":{"type":"object"}}]}"#;
    let calls = reply(
        r#"{"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},"finish_reason":"tool_calls"}]}"#,
    );
    let (_, first) = world.create("k", body, calls).await;
    let call = &first["output"][0];
    assert_eq!(
        (&call["type"], &call["call_id"]),
        (&json!("function_call"), &json!("call_1"))
    );

    let id = &first["id"];
    let body = format!(
        r#"{{"model":"m","previous_response_id":{id},"input":[{{"type":"function_call_output","call_id":"call_1","output":"Rain"}}]}}"#
    );
    world.create("k", &body, says("Rain.")).await;
    let messages = world.last().json()["messages"].clone();
    assert_eq!(messages[0], json!({"role": "user", "content": "Weather?"}));
    assert_eq!(messages[1]["tool_calls"][0]["id"], "call_1");
    assert_eq!(
        messages[1]["tool_calls"][0]["function"]["arguments"],
        "{\"x\":1}"
    );
    assert_eq!(messages[2]["role"], "tool");
    assert_eq!(messages[2]["tool_call_id"], "call_1");
    assert_eq!(messages[2]["content"], "Rain");
}

#[tokio::test]
async fn a_response_that_is_not_there_cannot_be_gone_on_from() {
    let world = World::new();
    let (_, mine) = world
        .create("k", r#"{"model":"m","input":"Hi"}"#, says("Hello"))
        .await;
    let mine = mine["id"].as_str().unwrap();
    let unstored = r#"{"model":"m","input":"Hi","store":false}"#;
    let (_, unstored) = world.create("k", unstored, says("Hello")).await;
    let unstored = unstored["id"].as_str().unwrap();
    let asked = world.asked();
    for (key, id) in [("k", "resp_none"), ("k", unstored), ("another", mine)] {
        let body = format!(r#"{{"model":"m","previous_response_id":"{id}","input":"Hi"}}"#);
        let (status, error) = world.create(key, &body, says("")).await;
        assert_eq!(status, 404);
        let error = &error["error"];
        assert_eq!(error["code"], "previous_response_not_found");
        assert_eq!(error["param"], "previous_response_id");
        assert_eq!(error["type"], "invalid_request_error");
        assert!(error["message"].as_str().unwrap().contains(id));
    }
    assert_eq!(world.asked(), asked, "the provider is not asked");
    world
        .ask(Method::DELETE, "k", &format!("/v1/responses/{mine}"))
        .await;
    let body = format!(r#"{{"model":"m","previous_response_id":"{mine}","input":"Hi"}}"#);
    assert_eq!(world.create("k", &body, says("")).await.0, 404);
}

#[tokio::test]
async fn references_to_items_are_the_items() {
    let world = World::new();
    let (_, first) = world
        .create("k", r#"{"model":"m","input":"Hi"}"#, says("Hello"))
        .await;
    let id = &first["output"][0]["id"];
    let body = format!(
        r#"{{"model":"m","input":[{{"role":"user","content":"Hi"}},{{"type":"item_reference","id":{id}}},{{"role":"user","content":"Go on"}}]}}"#
    );
    let (status, second) = world.create("k", &body, says("On.")).await;
    assert_eq!(status, 200, "{second}");
    let messages = world.last().json()["messages"].clone();
    assert_eq!(
        messages[1],
        json!({"role": "assistant", "content": "Hello"})
    );
    // The item itself is kept, not the reference: it does not go when the first response does.
    let path = format!(
        "/v1/responses/{}/input_items",
        second["id"].as_str().unwrap()
    );
    let (_, items) = world
        .ask(Method::GET, "k", &format!("{path}?order=asc"))
        .await;
    assert_eq!(items["data"][1], first["output"][0]);

    let (status, error) = world.create("another", &body, says("")).await;
    assert_eq!(
        (status, &error["error"]["param"]),
        (404, &json!("input[1].id"))
    );
}

#[tokio::test]
async fn references_are_bounded() {
    let world = World::new();
    let long = "x".repeat(1024 * 1024);
    let (_, first) = world
        .create("k", r#"{"model":"m","input":"Hi"}"#, says(&long))
        .await;
    let reference = format!(
        r#"{{"type":"item_reference","id":{}}}"#,
        first["output"][0]["id"]
    );
    let all = vec![reference; 1000].join(",");
    let body = format!(r#"{{"model":"m","input":[{all}]}}"#);
    let (status, error) = world.create("k", &body, says("")).await;
    assert_eq!(
        (status, &error["error"]["code"]),
        (400, &json!("conversation_too_long"))
    );
}

#[tokio::test]
async fn so_are_references_to_what_is_small() {
    let world = World::new();
    let (_, first) = world
        .create("k", r#"{"model":"m","input":"Hi"}"#, says("x"))
        .await;
    let reference = format!(r#"{{"id":{}}}"#, first["output"][0]["id"]);
    for (count, status, param) in [(100, 200, json!(null)), (10_001, 400, json!("input"))] {
        let all = vec![reference.clone(); count].join(",");
        let body = format!(r#"{{"model":"m","input":[{all}]}}"#);
        let (answered, json) = world.create("k", &body, says("y")).await;
        assert_eq!(
            (answered, &json["error"]["param"]),
            (status, &param),
            "{count}"
        );
    }
}
