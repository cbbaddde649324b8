//! The Responses endpoint and its store.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{MODEL, Reply, get, post, send, start, with};
use fw_sim::Running;
use serde_json::{Value, json};

async fn create(sim: &Running, fields: Value) -> Reply {
    post(
        sim,
        "/inference/v1/responses",
        &with(json!({"model": MODEL, "input": "Hi there"}), fields),
        &[],
    )
    .await
}

#[tokio::test]
async fn a_response_has_chat_usage_names() {
    let sim = start().await;
    let json = create(&sim, json!({"metadata": {"a": "b"}, "user": "u"}))
        .await
        .json();
    let id = json["id"].as_str().unwrap();
    assert!(id.starts_with("resp_") && id.len() == "resp_".len() + 32);
    assert_eq!(
        (&json["object"], &json["status"], &json["model"]),
        (&json!("response"), &json!("completed"), &json!(MODEL))
    );
    assert_eq!(
        json["output"][0]["content"],
        json!([{"type": "output_text", "text": "You said: Hi there", "annotations": []}])
    );
    assert_eq!(
        json["usage"],
        json!({"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10, "prompt_tokens_details": {"cached_tokens": 0}})
    );
    assert_eq!(
        (&json["metadata"], &json["user"], &json["store"]),
        (&json!({"a": "b"}), &json!("u"), &json!(true))
    );
}

#[tokio::test]
async fn a_chain_carries_the_conversation() {
    let sim = start().await;
    let first = create(&sim, json!({})).await.json();
    let second = create(
        &sim,
        json!({"input": "again", "previous_response_id": first["id"]}),
    )
    .await
    .json();
    assert_eq!(second["output"][0]["content"][0]["text"], "You said: again");
    assert_eq!(second["previous_response_id"], first["id"]);
    // The first turn, its reply (six tokens with role and end), and the new message.
    assert_eq!(second["usage"]["prompt_tokens"], 4 + 7 + 3 + 1);
    let missing = create(&sim, json!({"previous_response_id": "resp_nope"})).await;
    assert_eq!(
        (missing.status, missing.json()),
        (404, json!({"detail": "Previous response not found"}))
    );
}

#[tokio::test]
async fn an_unstored_response_has_no_id() {
    let sim = start().await;
    let json = create(&sim, json!({"store": false})).await.json();
    assert_eq!((&json["id"], &json["store"]), (&Value::Null, &json!(false)));
    assert_eq!(get(&sim, "/v1/responses").await.json()["data"], json!([]));
}

#[tokio::test]
async fn responses_are_got_listed_and_deleted() {
    let sim = start().await;
    let mut ids = Vec::new();
    for text in ["a", "b", "c"] {
        ids.push(
            create(&sim, json!({"input": text})).await.json()["id"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    let one = get(&sim, &format!("/v1/responses/{}", ids[0])).await;
    assert_eq!(one.json()["output"][0]["content"][0]["text"], "You said: a");
    let page = get(&sim, "/v1/responses?limit=2").await.json();
    assert_eq!(
        (&page["object"], &page["has_more"]),
        (&json!("list"), &json!(true))
    );
    assert_eq!(
        (&page["first_id"], &page["last_id"]),
        (&json!(ids[2]), &json!(ids[1]))
    );
    let rest = get(&sim, &format!("/v1/responses?after={}", ids[1]))
        .await
        .json();
    assert_eq!(
        (&rest["first_id"], &rest["has_more"]),
        (&json!(ids[0]), &json!(false))
    );
    assert_eq!(get(&sim, "/v1/responses?limit=101").await.status, 422);

    let path = format!("/v1/responses/{}", ids[1]);
    let stranger = send(
        &sim,
        "GET",
        &path,
        "",
        &[("authorization", "Bearer fw_other")],
    )
    .await;
    assert_eq!(stranger.status, 404);
    let deleted = send(&sim, "DELETE", &path, "", &[]).await;
    assert_eq!(
        (deleted.status, deleted.json()),
        (200, json!({"message": "Response deleted successfully"}))
    );
    assert_eq!(get(&sim, &path).await.status, 404);
}

#[tokio::test]
async fn wrong_bodies_are_422_and_unknown_fields_are_ignored() {
    let sim = start().await;
    let reply = post(
        &sim,
        "/v1/responses",
        &json!({"model": MODEL, "max_output_tokens": 0}),
        &[],
    )
    .await;
    assert_eq!(reply.status, 422);
    assert_eq!(
        reply.json(),
        json!({"detail": [
            {"loc": ["body", "input"], "msg": "Field required", "type": "missing"},
            {"loc": ["body", "max_output_tokens"], "msg": "Input should be greater than or equal to 1", "type": "greater_than_equal"}]})
    );
    let messages = post(
        &sim,
        "/v1/responses",
        &json!({"model": MODEL, "messages": []}),
        &[],
    )
    .await;
    assert_eq!(messages.status, 422, "the API takes input, not messages");
    assert_eq!(
        create(
            &sim,
            json!({"include": [], "background": false, "prompt_cache_key": "k"})
        )
        .await
        .status,
        200
    );
    let schema = json!({"text": {"format": {"type": "json_schema", "name": "x", "schema": {"type": "string", "pattern": "a"}}}});
    let reply = create(&sim, schema).await;
    assert_eq!(reply.status, 400);
    assert!(
        reply
            .message()
            .starts_with("JSON Schema not supported: could not understand the instance")
    );
    assert!(reply.json()["error"].get("object").is_none());
}

#[tokio::test]
async fn a_cut_response_is_incomplete() {
    let sim = start().await;
    let json = create(&sim, json!({"max_output_tokens": 2})).await.json();
    assert_eq!(
        (&json["status"], &json["incomplete_details"]),
        (
            &json!("incomplete"),
            &json!({"reason": "max_output_tokens"})
        )
    );
    let stream = create(&sim, json!({"max_output_tokens": 2, "stream": true})).await;
    assert_eq!(stream.event_names().last(), Some(&"response.incomplete"));
}

fn tools() -> Value {
    json!({"input": "get_time and get_date", "tools": [
        {"type": "function", "name": "get_time", "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}}},
        {"type": "function", "name": "get_date", "parameters": {}}]})
}

#[tokio::test]
async fn functions_are_called_and_answered() {
    let sim = start().await;
    let json = create(&sim, tools()).await.json();
    let call = &json["output"][0];
    assert_eq!(
        (&call["type"], &call["name"], &call["arguments"]),
        (
            &json!("function_call"),
            &json!("get_time"),
            &json!(r#"{"zone":"zone"}"#)
        )
    );
    assert_eq!(json["output"].as_array().unwrap().len(), 2);
    let limited = create(&sim, with(tools(), json!({"max_tool_calls": 1})))
        .await
        .json();
    assert_eq!(limited["output"].as_array().unwrap().len(), 1);
    let answer = json!({"previous_response_id": json["id"],
        "input": [{"type": "function_call_output", "call_id": call["call_id"], "output": "noon"}]});
    let json = create(&sim, with(tools(), answer)).await.json();
    assert_eq!(
        json["output"][0]["content"][0]["text"],
        "The tool said: noon"
    );
}

#[tokio::test]
async fn a_stream_has_the_documented_sequence() {
    let sim = start().await;
    let reply = create(&sim, json!({"stream": true})).await;
    assert_eq!(
        reply.event_names(),
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    let events = reply.events();
    for (i, (event, name)) in events.iter().zip(reply.event_names()).enumerate() {
        assert_eq!(
            (&event["type"], &event["sequence_number"]),
            (&json!(name), &json!(i))
        );
    }
    let text: String = events.iter().filter_map(|e| e["delta"].as_str()).collect();
    assert_eq!(text, "You said: Hi there");
    assert_eq!(
        (
            &events[0]["response"]["status"],
            &events[0]["response"]["usage"]
        ),
        (&json!("in_progress"), &Value::Null)
    );
    let completed = &events[10]["response"];
    assert_eq!(
        (&completed["usage"]["total_tokens"], &completed["id"]),
        (&json!(10), &events[0]["response"]["id"])
    );
    let stored = get(
        &sim,
        &format!("/v1/responses/{}", completed["id"].as_str().unwrap()),
    )
    .await
    .json();
    assert_eq!(&stored, completed);
}

#[tokio::test]
async fn a_stream_of_calls_and_reasoning_uses_openai_names() {
    let sim = start().await;
    let reply = create(
        &sim,
        with(
            tools(),
            json!({"stream": true, "reasoning": {"effort": "low"}, "parallel_tool_calls": false}),
        ),
    )
    .await;
    let mut names = reply.event_names();
    names.dedup();
    assert_eq!(
        names,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.reasoning_text.delta",
            "response.reasoning_text.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
}

#[tokio::test]
async fn event_lines_done_and_errors_are_knobs() {
    let sim = start().await;
    let body = json!({"model": MODEL, "input": "x", "stream": true});
    let bare = post(
        &sim,
        "/v1/responses",
        &body,
        &[("x-sim-event-lines", "false"), ("x-sim-done", "true")],
    )
    .await;
    assert!(bare.event_names().is_empty());
    assert_eq!(bare.events().last().unwrap(), "[DONE]");
    let failed = post(&sim, "/v1/responses", &body, &[("x-sim-error-after", "2")])
        .await
        .events();
    assert_eq!(
        (&failed[2]["type"], &failed[2]["sequence_number"]),
        (&json!("error"), &json!(2))
    );
    let echoed = post(
        &sim,
        "/v1/responses",
        &body,
        &[("x-sim-echo-input", "true")],
    )
    .await
    .events();
    assert_eq!(
        echoed.last().unwrap()["response"]["output"][0]["role"],
        "user"
    );
}

#[tokio::test]
async fn a_stream_that_breaks_is_not_stored() {
    let sim = start().await;
    let body = json!({"model": MODEL, "input": "x", "stream": true});
    post(
        &sim,
        "/v1/responses",
        &body,
        &[("x-sim-truncate-after", "4")],
    )
    .await;
    assert_eq!(get(&sim, "/v1/responses").await.json()["data"], json!([]));
}
