//! Messages requests through the layer to a simulated provider that refuses what it does not know.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
#[path = "stream/client.rs"]
mod client;

use bytes::Bytes;
use fw_anthropic::{MessagesLayer, MessagesRequestBody};
use fw_params::{Fireworks, ParamsLayer, ParamsRequestBody};
use fw_sim::{Running, Simulator, UsageLayout};
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};
use tower::{Layer, ServiceExt};

/// Posts a Messages request through the layers. Returns status and body.
async fn post(sim: &Running, body: &Value) -> (u16, String) {
    let request = Request::post(format!("{}/messages?beta=true", sim.base_url()))
        .header("x-api-key", "fw_acme")
        .header("anthropic-version", "2023-06-01")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(body.to_string()))
        .unwrap();
    let client: Client<_, ParamsRequestBody<MessagesRequestBody<Full<Bytes>>>> =
        Client::builder(TokioExecutor::new()).build_http();
    let layers = (MessagesLayer::new(), ParamsLayer::new(Fireworks));
    let service = layers.0.layer(layers.1.layer(client));
    let response: Response<_> = service.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn requests() -> Vec<Value> {
    let tool = json!({
        "name": "f", "description": "Does it.", "cache_control": {"type": "ephemeral"},
        "input_schema": {"type": "object", "properties": {"x": {"type": "string"}}},
    });
    vec![
        json!({
            "model": "glm-5p3", "max_tokens": 64, "temperature": 0.5, "top_k": 200,
            "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
            "metadata": {"user_id": "u"}, "service_tier": "auto", "stop_sequences": ["END"],
            "messages": [{"role": "user", "content": "Tell me of é and \"quotes\""}],
        }),
        json!({
            "model": "glm-5p3", "max_tokens": 64, "tools": [tool], "tool_choice": {"type": "auto"},
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "use f please"}]},
            ],
        }),
        json!({
            "model": "glm-5p3", "max_tokens": 64, "tools": [tool],
            "messages": [
                {"role": "user", "content": "use f please"},
                {"role": "assistant", "content": [
                    {"type": "text", "text": "Yes."},
                    {"type": "tool_use", "id": "t1", "name": "f", "input": {"x": "1"}},
                    {"type": "tool_use", "id": "t2", "name": "f", "input": {}},
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "content": "one"},
                    {"type": "tool_result", "tool_use_id": "t2", "is_error": true, "content": [
                        {"type": "text", "text": "two"},
                    ]},
                    {"type": "text", "text": "Go on."},
                ]},
            ],
        }),
        json!({
            "model": "glm-5p3", "max_tokens": 2048,
            "thinking": {"type": "enabled", "budget_tokens": 1024},
            "messages": [{"role": "user", "content": "think"}],
        }),
    ]
}

#[tokio::test]
async fn a_stream_comes_to_what_a_plain_reply_says_in_every_layout_of_usage() {
    for layout in [UsageLayout::A, UsageLayout::B, UsageLayout::C] {
        let sim = Simulator::new()
            .knobs(|knobs| knobs.usage_layout = layout)
            .start()
            .await
            .unwrap();
        for mut request in requests() {
            let (status, plain) = post(&sim, &request).await;
            assert_eq!(status, 200, "{plain}");
            let plain: Value = serde_json::from_str(&plain).unwrap();
            request["stream"] = true.into();
            let (status, stream) = post(&sim, &request).await;
            assert_eq!(status, 200, "{stream}");
            let received = client::receive(&stream);
            assert!(received.is_complete, "{stream}");
            for part in ["content", "stop_reason"] {
                // Ids are made up from the request.
                assert_eq!(
                    without_ids(&received.message[part]),
                    without_ids(&plain[part]),
                    "{part}"
                );
            }
            let has_usage = received.message["usage"]["output_tokens"] != 0;
            assert_eq!(has_usage, !matches!(layout, UsageLayout::C), "{stream}");
        }
        sim.shutdown().await;
    }
}

#[tokio::test]
async fn errors_of_the_provider_come_in_anthropic_s_shape() {
    let sim = Simulator::new().start().await.unwrap();
    let mut request = requests().remove(0);
    request["model"] = "accounts/fireworks/models/no-such-model".into();
    let (status, error) = post(&sim, &request).await;
    let error: Value = serde_json::from_str(&error).unwrap();
    assert_eq!(status, 404, "{error}");
    assert_eq!(error["type"], "error");
    assert_eq!(error["error"]["type"], "not_found_error");
    sim.shutdown().await;
}

fn without_ids(value: &Value) -> Value {
    let mut value = value.clone();
    for block in value.as_array_mut().into_iter().flatten() {
        block.as_object_mut().unwrap().remove("id");
    }
    value
}
