//! Listing, reading and deleting what is kept.

use http::Method;
use serde_json::{Value, json};

use crate::provider::{World, says};

/// Responses to the inputs "0", "1" and so on, oldest first.
async fn responses(world: &World, key: &str, count: usize) -> Vec<Value> {
    let mut responses = Vec::new();
    for n in 0..count {
        let body = format!(r#"{{"model":"m","input":"{n}"}}"#);
        responses.push(world.create(key, &body, says("Hello")).await.1);
    }
    responses
}

fn id(response: &Value) -> &str {
    response["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_response_is_read_as_it_was_given() {
    let world = World::new();
    let given = responses(&world, "k", 1).await.remove(0);
    let path = format!("/openai/v1/responses/{}", id(&given));
    assert_eq!(world.ask(Method::GET, "k", &path).await, (200, given));
    assert_eq!(world.asked(), 1, "the provider is not asked");
}

#[tokio::test]
async fn a_list_is_newest_first_and_has_pages() {
    let world = World::new();
    let given = responses(&world, "k", 5).await;
    responses(&world, "another", 1).await;
    let (status, list) = world.ask(Method::GET, "k", "/v1/responses?limit=2").await;
    assert_eq!(status, 200);
    assert_eq!(
        list,
        json!({
            "object": "list", "data": [given[4], given[3]],
            "first_id": id(&given[4]), "last_id": id(&given[3]), "has_more": true,
        })
    );
    let ids = |list: &Value| -> Vec<String> {
        let data = list["data"].as_array().unwrap();
        data.iter()
            .map(|response| id(response).to_owned())
            .collect()
    };
    for (query, expected, has_more) in [
        (format!("limit=2&after={}", id(&given[3])), [2, 1], true),
        (format!("limit=2&before={}", id(&given[0])), [2, 1], true),
        ("limit=2&order=asc".to_owned(), [0, 1], true),
        (format!("order=asc&after={}", id(&given[2])), [3, 4], false),
        (
            format!("before={}&after={}", id(&given[1]), id(&given[4])),
            [3, 2],
            false,
        ),
    ] {
        let (_, list) = world
            .ask(Method::GET, "k", &format!("/v1/responses?{query}"))
            .await;
        let expected = expected.map(|n: usize| id(&given[n]).to_owned());
        assert_eq!(ids(&list), expected, "{query}");
        assert_eq!(list["has_more"], has_more, "{query}");
    }
}

#[tokio::test]
async fn an_empty_list_is_a_list() {
    let (status, list) = World::new().ask(Method::GET, "k", "/v1/responses").await;
    let empty =
        json!({"object": "list", "data": [], "first_id": null, "last_id": null, "has_more": false});
    assert_eq!((status, list), (200, empty));
}

#[tokio::test]
async fn a_list_says_what_is_wrong_with_a_question() {
    let world = World::new();
    for (query, status, param) in [
        ("limit=0", 400, json!("limit")),
        ("limit=101", 400, json!("limit")),
        ("limit=many", 400, json!("limit")),
        ("order=up", 400, json!("order")),
        ("after=resp_none", 404, Value::Null),
    ] {
        let path = format!("/v1/responses?{query}");
        let (got, error) = world.ask(Method::GET, "k", &path).await;
        assert_eq!((got, &error["error"]["param"]), (status, &param), "{query}");
    }
}

#[tokio::test]
async fn a_deleted_response_is_gone() {
    let world = World::new();
    let given = responses(&world, "k", 1).await.remove(0);
    let path = format!("/v1/responses/{}", id(&given));
    let (status, deleted) = world.ask(Method::DELETE, "k", &path).await;
    let expected = json!({"id": id(&given), "object": "response", "deleted": true});
    assert_eq!((status, deleted), (200, expected));
    assert_eq!(world.ask(Method::DELETE, "k", &path).await.0, 404);
    assert_eq!(world.ask(Method::GET, "k", &path).await.0, 404);
}

#[tokio::test]
async fn what_is_not_there_is_a_404_in_openai_s_shape() {
    let world = World::new();
    let given = responses(&world, "k", 1).await.remove(0);
    for (method, key, path) in [
        (Method::GET, "k", "/v1/responses/resp_none".to_owned()),
        (
            Method::GET,
            "another",
            format!("/v1/responses/{}", id(&given)),
        ),
        (
            Method::DELETE,
            "another",
            format!("/v1/responses/{}", id(&given)),
        ),
        (
            Method::GET,
            "another",
            format!("/v1/responses/{}/input_items", id(&given)),
        ),
        (
            Method::POST,
            "another",
            format!("/v1/responses/{}/cancel", id(&given)),
        ),
    ] {
        let (status, error) = world.ask(method, key, &path).await;
        assert_eq!(status, 404);
        let error = &error["error"];
        assert_eq!(error["type"], "invalid_request_error");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("Response with id 'resp_"), "{message}");
    }
}

#[tokio::test]
async fn input_items_are_those_of_the_turn_and_have_ids() {
    let world = World::new();
    let body = r#"{"model":"m","input":[{"role":"user","content":"a"},{"id":"msg_b","role":"assistant","content":"b"},{"role":"user","content":"c"}]}"#;
    let (_, response) = world.create("k", body, says("Hello")).await;
    let path = format!("/v1/responses/{}/input_items", id(&response));
    let (status, list) = world.ask(Method::GET, "k", &path).await;
    assert_eq!(status, 200);
    let data = list["data"].as_array().unwrap();
    let contents: Vec<&Value> = data.iter().map(|item| &item["content"]).collect();
    assert_eq!(contents, ["c", "b", "a"]);
    assert_eq!(data[1]["id"], "msg_b");
    assert!(id(&data[0]).starts_with("item_fw"));
    assert_eq!(
        (&list["first_id"], &list["last_id"]),
        (&data[0]["id"], &data[2]["id"])
    );

    let page = |query: &str| format!("{path}?{query}");
    let (_, first) = world
        .ask(Method::GET, "k", &page("order=asc&limit=1"))
        .await;
    assert_eq!(
        (&first["data"][0], &first["has_more"]),
        (&data[2], &json!(true))
    );
    let after = format!("order=asc&after={}", id(&data[2]));
    let (_, rest) = world.ask(Method::GET, "k", &page(&after)).await;
    assert_eq!(rest["data"], json!([data[1], data[0]]));
    let (_, before) = world.ask(Method::GET, "k", &page("before=msg_b")).await;
    assert_eq!(before["data"], json!([data[0]]));
    // Cursors that stand the wrong way round have nothing between them.
    let (status, none) = world
        .ask(Method::GET, "k", &page("after=msg_b&before=msg_b"))
        .await;
    assert_eq!((status, &none["data"]), (200, &json!([])));
}

#[tokio::test]
async fn what_is_complete_can_be_neither_cancelled_nor_streamed() {
    let world = World::new();
    let given = responses(&world, "k", 1).await.remove(0);
    let path = format!("/v1/responses/{}", id(&given));
    let (status, error) = world
        .ask(Method::POST, "k", &format!("{path}/cancel"))
        .await;
    assert_eq!(status, 400, "{error}");
    let (status, error) = world
        .ask(Method::GET, "k", &format!("{path}?stream=true"))
        .await;
    assert_eq!((status, &error["error"]["param"]), (400, &json!("stream")));
}
