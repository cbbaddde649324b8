//! OpenAI's Responses over chat completions, with a store in the gateway.

use http::Method;
use serde_json::json;

use super::{ChatOnly, MODEL, events, input, names, said, streamed};

const PATH: &str = "/v1/responses";

#[tokio::test]
async fn a_response_is_created_read_listed_and_deleted() {
    let stage = ChatOnly::start().await;
    let gateway = &stage.gateway;
    let created = stage.post(PATH, &input("Hello")).await;
    assert_eq!(created.status, 200, "{}", created.text());
    let created = created.json();
    assert_eq!(
        (&created["object"], &created["status"]),
        (&json!("response"), &json!("completed"))
    );
    assert_eq!(
        created["output"][0]["content"][0]["text"],
        "You said: Hello"
    );
    assert_eq!(created["model"], MODEL);
    let usage = &created["usage"];
    assert!(usage["input_tokens"].as_u64().unwrap() > 0, "{usage}");
    assert_eq!(usage["input_tokens"], usage["prompt_tokens"]);
    assert_eq!(usage["output_tokens"], usage["completion_tokens"]);

    let id = created["id"].as_str().unwrap();
    let path = format!("{PATH}/{id}");
    let read = gateway.get(&path).send().await;
    assert_eq!(read.status, 200, "{}", read.text());
    assert_eq!(read.json(), created);
    let list = gateway.get("/v1/responses?limit=5").send().await.json();
    assert_eq!(list["data"][0]["id"], created["id"], "{list}");

    let asked = gateway.get(&format!("{path}/input_items")).send().await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    assert!(asked.text().contains("Hello"), "{}", asked.text());

    let deleted = gateway.client().call(Method::DELETE, &path).send().await;
    assert_eq!(
        deleted.json(),
        json!({ "id": id, "object": "response", "deleted": true })
    );
    let gone = gateway.get(&path).send().await;
    assert_eq!(gone.status, 404, "{}", gone.text());
    gone.error();
    assert_eq!(
        stage.sim.counters().requests,
        1,
        "only the first one needs the provider"
    );
}

#[tokio::test]
async fn a_conversation_goes_on_from_what_is_kept_here() {
    let stage = ChatOnly::start().await;
    let first = stage.post(PATH, &input("I am Ada.")).await.json();
    let mut next = input("Who am I?");
    next["previous_response_id"] = first["id"].clone();
    let second = stage.post(PATH, &next).await;
    assert_eq!(second.status, 200, "{}", second.text());
    assert_eq!(second.json()["previous_response_id"], first["id"]);
    let asked = stage.asked();
    let texts: Vec<String> = asked["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message.to_string())
        .collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    for (text, part) in texts
        .iter()
        .zip(["I am Ada.", "You said: I am Ada.", "Who am I?"])
    {
        assert!(text.contains(part), "{text}");
    }

    // A third turn, streamed.
    let mut third = streamed(input("Sure?"));
    third["previous_response_id"] = second.json()["id"].clone();
    let reply = stage.post(PATH, &third).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(stage.asked()["messages"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_stream_has_the_events_of_responses_and_is_kept() {
    let stage = ChatOnly::start().await;
    let reply = stage.post(PATH, &streamed(input("Hello you there"))).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let events = events(&reply);
    assert_eq!(
        names(&events),
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed"
        ]
    );
    assert_eq!(
        said(&events, "response.output_text.delta", "/delta"),
        "You said: Hello you there"
    );
    let numbers = events
        .iter()
        .map(|(_, data)| data["sequence_number"].as_u64().unwrap());
    assert!(numbers.eq(0..events.len() as u64));
    let last = &events.last().unwrap().1["response"];
    assert!(
        last["usage"]["output_tokens"].as_u64().unwrap() > 0,
        "{last}"
    );
    let kept = stage
        .gateway
        .get(&format!("{PATH}/{}", last["id"].as_str().unwrap()))
        .send()
        .await;
    assert_eq!(kept.json(), *last);
}

#[tokio::test]
async fn a_reply_that_is_cut_short_is_incomplete_and_one_that_breaks_off_has_failed() {
    let stage = ChatOnly::start().await;
    let mut body = streamed(input("Hello you there, how are you today?"));
    body["max_output_tokens"] = json!(16);
    stage.sim.set("reply-tokens=50");
    let stream = events(&stage.post(PATH, &body).await);
    let (name, data) = stream.last().unwrap();
    assert_eq!(name, "response.incomplete");
    assert_eq!(
        data["response"]["incomplete_details"]["reason"],
        "max_output_tokens"
    );

    for fault in ["error-after=3", "truncate-after=3"] {
        stage.sim.set(fault);
        let body = streamed(input("Hello you there, how are you today?"));
        let reply = stage.gateway.post(PATH).json(&body).open().await;
        let text = reply.rest().await.unwrap();
        assert!(text.contains("event: response.failed\n"), "{fault}: {text}");
        assert!(!text.contains("response.completed"), "{fault}: {text}");
    }
}

#[tokio::test]
async fn functions_are_called_and_their_outputs_come_back() {
    let stage = ChatOnly::start().await;
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] });
    let mut body = input("What is the weather?");
    body["tools"] = json!([{ "type": "function", "name": "weather", "parameters": schema }]);
    let first = stage.post(PATH, &body).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let first = first.json();
    let call = first["output"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&call["type"], &call["name"]),
        (&json!("function_call"), &json!("weather"))
    );
    assert_eq!(call["arguments"], r#"{"city":"city"}"#);

    let stream = events(&stage.post(PATH, &streamed(body.clone())).await);
    assert_eq!(
        said(&stream, "response.function_call_arguments.delta", "/delta"),
        r#"{"city":"city"}"#
    );

    body["previous_response_id"] = first["id"].clone();
    body["input"] =
        json!([{ "type": "function_call_output", "call_id": call["call_id"], "output": "Sunny" }]);
    let second = stage.post(PATH, &body).await;
    assert_eq!(second.status, 200, "{}", second.text());
    assert_eq!(
        second.json()["output"][0]["content"][0]["text"],
        "The tool said: Sunny"
    );
}

#[tokio::test]
async fn what_is_not_known_and_what_cannot_be_done_is_refused_in_openai_s_shape() {
    let stage = ChatOnly::start().await;
    let mut unknown = input("And?");
    unknown["previous_response_id"] = json!(format!("resp_{}", "0".repeat(32)));
    let reply = stage.post(PATH, &unknown).await;
    assert_eq!(reply.status, 404, "{}", reply.text());
    let error = reply.error();
    assert_eq!(error["code"], "previous_response_not_found", "{error}");
    assert_eq!(error["param"], "previous_response_id");

    let mut search = input("News?");
    search["tools"] = json!([{ "type": "web_search" }]);
    let reply = stage.post(PATH, &search).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert!(
        reply.error()["message"]
            .as_str()
            .unwrap()
            .contains("web_search")
    );
    assert_eq!(stage.sim.counters().requests, 0);
}

#[tokio::test]
async fn nobody_reads_another_client_s_responses() {
    let stage = ChatOnly::start().await;
    let as_client = |key: &str| format!("Bearer {key}");
    let created = stage
        .gateway
        .post(PATH)
        .header("authorization", &as_client("one"))
        .json(&input("Hello"))
        .send()
        .await
        .json();
    let path = format!("{PATH}/{}", created["id"].as_str().unwrap());
    let get = |path: String, key: &'static str| {
        let call = stage.gateway.get(&path);
        call.header("authorization", &as_client(key)).send()
    };
    assert_eq!(get(path.clone(), "one").await.status, 200);
    assert_eq!(get(path.clone(), "two").await.status, 404);
    let listed = get(PATH.to_owned(), "two").await.json();
    assert_eq!(listed["data"], json!([]));
    let mut next = input("Go on");
    next["previous_response_id"] = created["id"].clone();
    let reply = stage
        .gateway
        .post(PATH)
        .header("authorization", &as_client("two"));
    assert_eq!(reply.json(&next).send().await.status, 404);
}

#[tokio::test]
async fn what_shall_not_be_kept_is_not() {
    let stage = ChatOnly::start().await;
    let mut body = input("Hello");
    body["store"] = json!(false);
    let reply = stage.post(PATH, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let listed = stage.gateway.get(PATH).send().await.json();
    assert_eq!(listed["data"], json!([]));
}
