//! What holds for every conversation.

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_responses::{chat_request, response};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{messages, parse, request};

/// What a model says in one turn.
fn turn() -> impl Strategy<Value = Value> {
    let text = || "[a-zé\"\\\\\n]{1,9}";
    (
        prop::option::of(text()),
        prop::option::of(text()),
        prop::collection::vec(("[a-z]{1,5}", text()), 0..3),
    )
        .prop_filter("somebody who says something", |(_, content, calls)| {
            content.is_some() || !calls.is_empty()
        })
        .prop_map(|(reasoning, content, calls)| {
            let mut message = json!({"role": "assistant", "content": content});
            if let Some(reasoning) = reasoning {
                message["reasoning_content"] = json!(reasoning);
            }
            if !calls.is_empty() {
                let calls = calls.into_iter().enumerate().map(|(i, (name, arguments))| {
                    json!({"id": format!("c{i}"), "type": "function", "function": {"name": name, "arguments": arguments}})
                });
                message["tool_calls"] = calls.collect();
            }
            message
        })
}

proptest! {
    /// What a model said is what it is told that it said, whether as content or as a summary.
    #[test]
    fn output_sent_back_is_the_message_it_came_from(message in turn(), summary in any::<bool>()) {
        let mut body = json!({"input": "x"});
        if summary {
            body["reasoning"] = json!({"summary": "auto"});
        }
        let reply = json!({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]});
        let reply = Bytes::from(reply.to_string());
        let response = response(&reply, &request(body), "resp_fw1", 1).unwrap();
        let body = Bytes::from(json!({"input": "y"}).to_string());
        let next = chat_request(&body, response.output_items(), &mut ParamsChanges::default());
        let chat = parse(next.unwrap().body());
        prop_assert_eq!(&chat["messages"][0], &message);

        // The same by hand, as a client without a store does it.
        let input = parse(response.json())["output"].clone();
        prop_assert_eq!(&messages(input)[0], &message);
    }

    /// Any JSON is converted or refused, and what comes out is JSON.
    #[test]
    fn any_request_is_converted_or_refused(body in any_request()) {
        let bytes = Bytes::from(body.to_string());
        match chat_request(&bytes, &[], &mut ParamsChanges::default()) {
            Ok(request) => {
                prop_assert!(parse(request.body())["messages"].is_array());
                for item in request.input_items() {
                    prop_assert!(parse(item.json().as_bytes()).is_object());
                }
            }
            Err(error) => prop_assert!(error.status().is_client_error()),
        }
    }
}

/// Requests of known words in any places.
fn any_request() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "type",
        "role",
        "content",
        "text",
        "input_text",
        "output_text",
        "user",
        "assistant",
        "function",
        "function_call",
        "function_call_output",
        "call_id",
        "name",
        "arguments",
        "output",
        "reasoning",
        "summary",
        "input_image",
        "image_url",
        "auto",
        "required",
        "json_schema",
        "format",
        "effort",
        "item_reference",
        "id",
    ]);
    let leaf = prop_oneof![
        word.clone().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        Just(Value::Null),
    ];
    let value = leaf.prop_recursive(4, 32, 4, move |inner| {
        let object = prop::collection::vec((word.clone(), inner.clone()), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|members| members
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v))
                .collect()),
        ]
    });
    let field = prop::sample::select(vec![
        "model",
        "input",
        "instructions",
        "tools",
        "tool_choice",
        "text",
        "reasoning",
        "stream",
        "store",
        "metadata",
        "stream_options",
        "include",
        "background",
        "messages",
        "temperature",
    ]);
    prop::collection::vec((field, value), 0..6)
        .prop_map(|fields| fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}
