//! Requests to chat completions, and whole replies back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fields;
mod items;
mod replies;
mod round_trip;

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_responses::{ChatRequest, Item, ResponseStatus, chat_request, response};
use fw_wire::ApiError;
use serde_json::{Value, json};

pub(crate) fn request(body: Value) -> ChatRequest {
    let body = Bytes::from(body.to_string());
    chat_request(&body, &[], &mut ParamsChanges::default()).unwrap()
}

pub(crate) fn converted(body: Value) -> Value {
    parse(request(body).body())
}

pub(crate) fn messages(input: Value) -> Value {
    converted(json!({ "input": input }))["messages"].clone()
}

pub(crate) fn refused(body: &Value) -> ApiError {
    let body = Bytes::from(body.to_string());
    chat_request(&body, &[], &mut ParamsChanges::default()).unwrap_err()
}

pub(crate) fn user(content: Value) -> Value {
    json!({"role": "user", "content": content})
}

pub(crate) fn item(json: Value) -> Item {
    Item::from_json(json.to_string()).unwrap()
}

pub(crate) fn replied(message: Value, finish: &str) -> (Value, ResponseStatus) {
    let request = request(json!({"input": "x"}));
    let reply = json!({"choices": [{"index": 0, "message": message, "finish_reason": finish}]});
    let response = response(&Bytes::from(reply.to_string()), &request, "resp_fw1", 1).unwrap();
    (parse(response.json()), response.status())
}

pub(crate) fn parse(json: &[u8]) -> Value {
    serde_json::from_slice(json).unwrap()
}
