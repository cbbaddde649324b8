//! Calls of tools and their results.

use super::*;

#[test]
fn a_call_and_its_result_follow_each_other() {
    assert_eq!(
        messages(json!([
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "I should look.", "signature": ""},
                {"type": "text", "text": "Looking."},
                {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Bern"}},
                {"type": "tool_use", "id": "toolu_2", "name": "time", "input": {}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": "Sun"},
                {"type": "tool_result", "tool_use_id": "toolu_2", "content": [
                    {"type": "text", "text": "1"}, {"type": "text", "text": "pm"}]},
            ]},
        ])),
        json!([
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": "Looking.", "reasoning_content": "I should look.",
             "tool_calls": [
                {"id": "toolu_1", "type": "function",
                 "function": {"name": "weather", "arguments": "{\"city\":\"Bern\"}"}},
                {"id": "toolu_2", "type": "function", "function": {"name": "time", "arguments": "{}"}},
             ]},
            {"role": "tool", "tool_call_id": "toolu_1", "content": "Sun"},
            {"role": "tool", "tool_call_id": "toolu_2", "content": "1\npm"},
        ])
    );
}

#[test]
fn a_call_without_text_has_null_content() {
    let call = json!({"type": "tool_use", "id": "t", "name": "f", "input": {}});
    let chat = messages(json!([{"role": "assistant", "content": [call]}]));
    assert_eq!(chat[0]["content"], Json::Null);
}

#[test]
fn the_input_of_a_call_keeps_its_bytes() {
    let input = r#"{ "b": 1.0, "a": [1e2,  "\u00e9"] }"#;
    let body = format!(
        r#"{{"messages":[{{"role":"assistant","content":[
            {{"type":"tool_use","id":"t","name":"f","input":{input}}}]}}]}}"#
    );
    let chat = chat_request(&body.into(), &mut ParamsChanges::default()).unwrap();
    let chat: Json = serde_json::from_slice(chat.body()).unwrap();
    assert_eq!(
        chat["messages"][0]["tool_calls"][0]["function"]["arguments"],
        input
    );
}

#[test]
fn results_come_before_the_rest_of_the_turn() {
    let result = |id: &str| json!({"type": "tool_result", "tool_use_id": id, "content": id});
    let tool = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": id});
    // Even when the turn is several messages.
    assert_eq!(
        messages(json!([
            {"role": "user", "content": [{"type": "text", "text": "x"}, result("a")]},
            {"role": "user", "content": "y"},
            {"role": "user", "content": [result("b")]},
        ])),
        json!([
            tool("a"),
            tool("b"),
            {"role": "user", "content": "x"},
            {"role": "user", "content": "y"},
        ])
    );
}

#[test]
fn images_of_results_come_right_behind_them() {
    let image = json!({"type": "image", "source": {"type": "url", "url": "u"}});
    let part = json!({"type": "image_url", "image_url": {"url": "u"}});
    assert_eq!(
        user(json!([
            {"type": "tool_result", "tool_use_id": "a", "content": [image]},
            {"type": "tool_result", "tool_use_id": "b", "content": [{"type": "text", "text": "see"}, image]},
            {"type": "text", "text": "Well?"},
        ])),
        json!([
            {"role": "tool", "tool_call_id": "a", "content": "The result is the image in the next message."},
            {"role": "tool", "tool_call_id": "b", "content": "see"},
            {"role": "user", "content": [part, part, {"type": "text", "text": "Well?"}]},
        ])
    );
}

#[test]
fn results_may_be_errors_or_empty() {
    let content = |fields: Json| {
        let mut result = json!({"type": "tool_result", "tool_use_id": "a"});
        for (key, value) in fields.as_object().unwrap() {
            result[key] = value.clone();
        }
        user(json!([result]))[0]["content"].clone()
    };
    assert_eq!(content(json!({})), "");
    assert_eq!(content(json!({"content": null})), "");
    assert_eq!(content(json!({"content": []})), "");
    assert_eq!(content(json!({"content": "no", "is_error": false})), "no");
    assert_eq!(
        content(json!({"content": "no", "is_error": true})),
        "Error: no"
    );
    assert_eq!(content(json!({"is_error": true})), "Error: ");
    refused_block(
        "user",
        json!({"type": "tool_result", "tool_use_id": "a", "is_error": 1}),
    );
    refused_block("user", json!({"type": "tool_result", "content": "x"}));
}

#[test]
fn assistant_messages_in_a_row_are_one() {
    let call = |id: &str| json!({"type": "tool_use", "id": id, "name": "f", "input": {}});
    let chat = messages(json!([
        {"role": "assistant", "content": [call("a")]},
        {"role": "assistant", "content": [{"type": "text", "text": "x"}, call("b")]},
        {"role": "assistant", "content": "y"},
    ]));
    assert_eq!(chat.as_array().unwrap().len(), 1);
    assert_eq!(chat[0]["content"], "x\ny");
    assert_eq!(chat[0]["tool_calls"][0]["id"], "a");
    assert_eq!(chat[0]["tool_calls"][1]["id"], "b");
}

#[test]
fn texts_cut_by_citations_are_joined_without_a_seam() {
    let text = |text: &str| json!({"type": "text", "text": text});
    let call = json!({"type": "tool_use", "id": "t", "name": "f", "input": {}});
    let chat = messages(json!([{"role": "assistant",
        "content": [text("The grass is "), text("green"), text("."), call, text("Done.")]}]));
    assert_eq!(chat[0]["content"], "The grass is green.\nDone.");
}
