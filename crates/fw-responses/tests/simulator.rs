//! Conversations with a server that speaks chat completions and refuses what it does not know.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bytes::Bytes;
use fw_params::{Fireworks, ParamsLayer, ParamsRequestBody};
use fw_responses::{ResponseStore, ResponsesLayer, ResponsesRequestBody};
use fw_sim::{Reasoning, Running, Simulator};
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};
use tower::{Layer, ServiceExt};

type RequestBody = ParamsRequestBody<ResponsesRequestBody<Full<Bytes>>>;

/// Posts a body through both layers. Gives status and body.
async fn post(sim: &Running, layer: &ResponsesLayer, body: &Value) -> (u16, String) {
    let request = Request::post(format!("{}/responses", sim.base_url()))
        .header(header::AUTHORIZATION, "Bearer fw_acme")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(body.to_string()))
        .unwrap();
    let client: Client<_, RequestBody> = Client::builder(TokioExecutor::new()).build_http();
    let chat = ParamsLayer::new(Fireworks).layer(client);
    let response = layer.layer(chat).oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// The response in a stream's last event, and that event's type.
fn last(stream: &str) -> (String, Value) {
    let event = stream.trim_end().rsplit("\n\n").next().unwrap();
    let (name, data) = event.split_once('\n').unwrap();
    let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
    let name = name.strip_prefix("event: ").unwrap().to_owned();
    (name, data["response"].clone())
}

fn layer() -> ResponsesLayer {
    ResponsesLayer::new(ResponseStore::in_memory().unwrap())
}

#[tokio::test]
async fn a_conversation_of_plain_and_streamed_turns() {
    let sim = Simulator::new()
        .knobs(|knobs| knobs.echo_input = true)
        .start()
        .await
        .unwrap();
    let layer = layer();
    let mut previous = Value::Null;
    for turn in 0..4 {
        let stream = turn % 2 == 1;
        let body = json!({
            "model": "glm-5p3", "input": format!("turn {turn}"), "instructions": "Be brief.",
            "previous_response_id": previous, "stream": stream, "max_output_tokens": 64,
        });
        let (status, reply) = post(&sim, &layer, &body).await;
        assert_eq!(status, 200, "{reply}");
        let response = if stream {
            let (name, response) = last(&reply);
            assert_eq!(name, "response.completed");
            response
        } else {
            serde_json::from_str(&reply).unwrap()
        };
        assert_eq!(response["status"], "completed", "{response}");
        assert_eq!(response["previous_response_id"], previous);
        assert!(response["usage"]["output_tokens"].as_u64().unwrap() > 0);
        previous = response["id"].clone();
    }
    sim.shutdown().await;
}

#[tokio::test]
async fn a_stream_says_what_a_plain_reply_says() {
    for reasoning in [Reasoning::Off, Reasoning::On] {
        let sim = Simulator::new()
            .knobs(|knobs| knobs.reasoning = reasoning)
            .start()
            .await
            .unwrap();
        for body in [
            json!({"model": "glm-5p3", "input": "Tell me of é and \"quotes\""}),
            json!({"model": "glm-5p3", "input": "use f please", "tools": [{"type": "function", "name": "f", "parameters": {"type": "object", "properties": {"x": {"type": "string"}}}}]}),
            json!({"model": "glm-5p3", "input": "json", "text": {"format": {"type": "json_schema", "name": "s", "schema": {"type": "object", "properties": {"a": {"type": "string"}}}}}}),
        ] {
            let layer = layer();
            let (status, plain) = post(&sim, &layer, &body).await;
            assert_eq!(status, 200, "{plain}");
            let plain: Value = serde_json::from_str(&plain).unwrap();
            let mut body = body;
            body["stream"] = true.into();
            let (_, stream) = post(&sim, &layer, &body).await;
            let (_, streamed) = last(&stream);
            assert_eq!(said(&plain), said(&streamed));
            assert_eq!(plain["status"], streamed["status"]);
            assert_eq!(plain["usage"], streamed["usage"]);
        }
        sim.shutdown().await;
    }
}

/// What a response says, without ids.
fn said(response: &Value) -> Vec<Value> {
    let items = response["output"].as_array().unwrap().iter();
    let item = |item: &Value| {
        json!([
            item["type"],
            item["content"],
            item["summary"],
            item["name"],
            item["arguments"]
        ])
    };
    items.map(item).collect()
}

#[tokio::test]
async fn errors_have_openai_s_shape() {
    let sim = Simulator::new().start().await.unwrap();
    let body = json!({"model": "no-such-model", "input": "Hi"});
    let (status, reply) = post(&sim, &layer(), &body).await;
    assert_eq!(status, 404, "{reply}");
    let error: Value = serde_json::from_str(&reply).unwrap();
    assert!(error["error"]["message"].is_string(), "{error}");
    assert!(error["error"].get("param").is_some(), "{error}");
    sim.shutdown().await;
}
