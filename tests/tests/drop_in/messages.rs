//! Anthropic's Messages over chat completions.

use serde_json::{Value, json};

use super::{ChatOnly, MODEL, events, message, names, said, streamed};

const PATH: &str = "/anthropic/v1/messages";

#[tokio::test]
async fn a_message_is_answered_by_a_chat_completion() {
    let stage = ChatOnly::start().await;
    let mut body = message("Hello");
    body["system"] = json!("Be brief.");
    body["stop_sequences"] = json!(["STOP"]);
    for path in ["/v1/messages", PATH, "/anthropic/v1/messages?beta=true"] {
        let reply = stage.post(path, &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let reply = reply.json();
        assert_eq!(reply["type"], "message");
        assert_eq!(reply["role"], "assistant");
        assert_eq!(reply["model"], MODEL);
        assert_eq!(
            reply["content"],
            json!([{ "type": "text", "text": "You said: Hello" }])
        );
        assert_eq!(reply["stop_reason"], "end_turn");
        assert!(
            reply["usage"]["input_tokens"].as_u64().unwrap() > 0,
            "{reply}"
        );
        assert!(
            reply["usage"]["output_tokens"].as_u64().unwrap() > 0,
            "{reply}"
        );
        let asked = stage.asked();
        assert_eq!(
            asked["messages"][0],
            json!({ "role": "system", "content": "Be brief." })
        );
        assert_eq!(asked["messages"][1]["content"], "Hello");
    }
}

#[tokio::test]
async fn a_stream_has_the_events_of_messages_in_their_order() {
    let stage = ChatOnly::start().await;
    let reply = stage
        .post(PATH, &streamed(message("Hello you there")))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let events = events(&reply);
    let mut names = names(&events);
    names.retain(|name| *name != "ping");
    assert_eq!(
        names,
        [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop"
        ]
    );
    assert_eq!(
        said(&events, "content_block_delta", "/delta/text"),
        "You said: Hello you there"
    );
    let delta = &events[events.len() - 2].1;
    assert_eq!(delta["delta"]["stop_reason"], "end_turn");
    assert!(
        delta["usage"]["output_tokens"].as_u64().unwrap() > 0,
        "{delta}"
    );
    assert_eq!(stage.asked()["stream_options"]["include_usage"], true);
}

#[tokio::test]
async fn tools_are_called_and_their_results_come_back() {
    let stage = ChatOnly::start().await;
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] });
    let tools =
        json!([{ "name": "weather", "description": "The weather", "input_schema": schema }]);
    let mut body = message("What is the weather?");
    body["tools"] = tools;
    let first = stage.post(PATH, &body).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let first = first.json();
    assert_eq!(first["stop_reason"], "tool_use");
    let call = first["content"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&call["type"], &call["name"]),
        (&json!("tool_use"), &json!("weather"))
    );
    assert_eq!(call["input"], json!({ "city": "city" }));

    let mut stream = events(&stage.post(PATH, &streamed(body.clone())).await);
    stream.retain(|(name, data)| {
        name == "content_block_start" && data["content_block"]["type"] == "tool_use"
    });
    assert_eq!(stream[0].1["content_block"]["name"], "weather");

    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(json!({ "role": "assistant", "content": first["content"] }));
    messages.push(json!({ "role": "user", "content": [
        { "type": "tool_result", "tool_use_id": call["id"], "content": "Sunny" },
    ] }));
    let second = stage.post(PATH, &body).await;
    assert_eq!(second.status, 200, "{}", second.text());
    assert_eq!(second.json()["content"][0]["text"], "The tool said: Sunny");
    let asked = stage.asked();
    assert_eq!(
        asked["messages"][2]["tool_call_id"],
        asked["messages"][1]["tool_calls"][0]["id"]
    );
}

#[tokio::test]
async fn thoughts_come_before_the_text() {
    let stage = ChatOnly::start().await;
    stage.sim.set("reasoning=Let%20me%20think.&usage-layout=b");
    let reply = stage.post(PATH, &message("Hello")).await.json();
    assert_eq!(reply["content"][0]["type"], "thinking");
    assert_eq!(reply["content"][0]["thinking"], "Let me think.");
    assert_eq!(reply["content"][1]["text"], "You said: Hello");
    // And an answer to them may be sent back.
    let mut body = message("Hello");
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(json!({ "role": "assistant", "content": reply["content"] }));
    messages.push(json!({ "role": "user", "content": "And?" }));
    let reply = stage.post(PATH, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

#[tokio::test]
async fn errors_of_every_class_have_anthropic_s_shape() {
    let stage = ChatOnly::start().await;
    for (status, kind) in [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (503, "overloaded_error"),
    ] {
        stage
            .sim
            .set(&format!("status={status}&message=It%20failed."));
        for body in [message("Hello"), streamed(message("Hello"))] {
            let reply = stage.post(PATH, &body).await;
            assert_eq!(reply.status, status, "{}", reply.text());
            let error = reply.json();
            assert_eq!(error["type"], "error", "{error}");
            assert_eq!(error["error"]["type"], kind, "{error}");
            assert_eq!(error["error"]["message"], "It failed.", "{error}");
        }
    }
}

#[tokio::test]
async fn a_stream_that_fails_says_so_and_does_not_stop_as_if_it_were_whole() {
    let stage = ChatOnly::start().await;
    for fault in [
        "error-after=3",
        "truncate-after=3",
        "fault=reset-mid-body&fault-after=3",
    ] {
        stage.sim.set(fault);
        let body = streamed(message("Hello you there, how are you today?"));
        let reply = stage.gateway.post(PATH).json(&body).open().await;
        let text = reply.rest().await.unwrap();
        assert!(text.contains("event: error\n"), "{fault}: {text}");
        assert!(!text.contains("message_stop"), "{fault}: {text}");
    }
}

#[tokio::test]
async fn what_cannot_be_converted_is_refused_by_name_and_what_may_be_missed_is_told() {
    let stage = ChatOnly::start().await;
    let mut body = message("Hello");
    let source = json!({ "type": "base64", "media_type": "application/pdf", "data": "JVBERi0=" });
    body["messages"][0]["content"] = json!([{ "type": "document", "source": source }]);
    let reply = stage.post(PATH, &body).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    let error = reply.json();
    assert_eq!(error["error"]["type"], "invalid_request_error", "{error}");
    let text = error["error"]["message"].as_str().unwrap();
    assert!(text.contains("messages[0].content[0]"), "{text}");
    assert_eq!(stage.sim.counters().requests, 0);

    // A tool that Anthropic runs itself: there is none here to be called.
    let mut body = message("Hello");
    body["tools"] = json!([{ "type": "web_search_20250305", "name": "web_search" }]);
    let reply = stage.post(PATH, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let changes = reply.header("x-fw-params").unwrap();
    assert!(changes.contains("removed tools[]"), "{changes}");
}

#[tokio::test]
async fn the_client_s_credentials_stay_here_and_the_changes_are_told() {
    let stage = ChatOnly::start().await;
    let mut body = message("Hello");
    body["top_k"] = json!(5);
    let reply = stage
        .gateway
        .post(PATH)
        .header("x-api-key", "sk-ant-of-the-client")
        .header("anthropic-version", "2026-10-21")
        .header("anthropic-beta", "some-beta")
        .json(&body)
        .send()
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let changes = reply.header("x-fw-params").unwrap();
    assert!(changes.contains("top_k"), "{changes}");
    let asked = stage.sim.last();
    for (name, value) in &asked.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        assert!(!name.as_str().starts_with("anthropic-"), "{name}");
        assert!(!value.contains("of-the-client"), "{name}");
    }
    assert_eq!(stage.asked().get("top_k"), None::<&Value>);
}
