//! Items of a conversation as chat messages.

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_responses::{chat_request, previous_response_id, with_references};
use serde_json::json;

use crate::{item, messages, parse, refused};

#[test]
fn messages_of_every_role() {
    let messages = messages(json!([
        {"role": "developer", "content": "d"},
        {"role": "system", "content": [{"type": "input_text", "text": "s"}]},
        {"type": "message", "role": "user", "id": "msg_1", "status": "completed", "content": [
            {"type": "input_text", "text": "a"},
            {"type": "input_image", "image_url": "https://x/y.png", "detail": "low"},
            {"type": "input_file", "filename": "f.pdf", "file_data": "data:application/pdf;base64,AA"},
            {"type": "input_audio", "input_audio": {"data": "AA", "format": "mp3"}},
        ]},
        {"role": "assistant", "content": [
            {"type": "output_text", "text": "b", "annotations": []},
            {"type": "refusal", "refusal": "c"},
        ]},
    ]));
    assert_eq!(
        messages,
        json!([
            {"role": "developer", "content": "d"},
            {"role": "system", "content": "s"},
            {"role": "user", "content": [
                {"type": "text", "text": "a"},
                {"type": "image_url", "image_url": {"url": "https://x/y.png", "detail": "low"}},
                {"type": "file", "file": {"filename": "f.pdf", "file_data": "data:application/pdf;base64,AA"}},
                {"type": "input_audio", "input_audio": {"data": "AA", "format": "mp3"}},
            ]},
            {"role": "assistant", "content": "bc"},
        ])
    );
}

#[test]
fn the_items_of_a_turn_are_one_message() {
    let messages = messages(json!([
        {"role": "user", "content": "q"},
        {"type": "reasoning", "id": "rs_1", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "wait"}]},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{ }"},
        {"type": "function_call", "call_id": "c2", "name": "g", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "one"},
        {"type": "function_call_output", "call_id": "c2", "output": "two"},
    ]));
    assert_eq!(
        messages,
        json!([
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": "wait", "reasoning_content": "hm", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{ }"}},
                {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
            ]},
            {"role": "tool", "tool_call_id": "c1", "content": "one"},
            {"role": "tool", "tool_call_id": "c2", "content": "two"},
        ])
    );
}

#[test]
fn images_of_tools_wait_for_the_last_output() {
    let image = json!({"type": "input_image", "image_url": "data:image/png;base64,AA"});
    let messages = messages(json!([
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call", "call_id": "c2", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "see"}, image]},
        {"type": "function_call_output", "call_id": "c2", "output": "two"},
        {"role": "user", "content": "so?"},
    ]));
    let roles = messages.as_array().unwrap().iter();
    let roles: Vec<_> = roles.map(|message| message["role"].clone()).collect();
    assert_eq!(roles, ["assistant", "tool", "tool", "user", "user"]);
    assert_eq!(messages[1]["content"], "see");
    assert_eq!(messages[3]["content"][0]["type"], "image_url");
}

#[test]
fn custom_calls_are_calls_with_one_argument() {
    let messages = messages(json!([
        {"role": "user", "content": "x"},
        {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c", "name": "apply_patch", "input": "*** \"a\"\n"},
        {"type": "custom_tool_call_output", "call_id": "c", "output": "Done"},
    ]));
    assert_eq!(
        messages[1]["tool_calls"],
        json!([{"id": "c", "type": "function", "function": {
            "name": "apply_patch", "arguments": r#"{"input":"*** \"a\"\n"}"#,
        }}])
    );
    assert_eq!(
        messages[2],
        json!({"role": "tool", "tool_call_id": "c", "content": "Done"})
    );
    let nothing = json!({"input": [{"type": "custom_tool_call", "call_id": "c", "name": "n"}]});
    assert_eq!(refused(&nothing).error_param(), Some("input[0].input"));
}

#[test]
fn what_built_in_tools_leave_behind_is_left_out() {
    let mut changes = ParamsChanges::default();
    let body = json!({"input": [
        {"role": "user", "content": "x"},
        {"type": "tool_search_call", "call_id": "t", "arguments": {}},
        {"type": "tool_search_output", "call_id": "t", "tools": []},
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "q"}},
        {"type": "web_search_call", "id": "ws_2"},
        {"role": "assistant", "content": "y"},
    ]});
    let body = Bytes::from(body.to_string());
    let request = chat_request(&body, &[], &mut changes).unwrap();
    let messages = &parse(request.body())["messages"];
    assert_eq!(
        *messages,
        json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}])
    );
    assert_eq!(
        changes.to_string(),
        "removed input[] tool_search_call; removed input[] tool_search_output; removed input[] web_search_call x2"
    );
}

#[test]
fn a_summary_stands_in_for_reasoning() {
    let messages = messages(json!([
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "s"}], "encrypted_content": "x"},
        {"role": "assistant", "content": "a"},
    ]));
    assert_eq!(messages[0]["reasoning_content"], "s");
}

#[test]
fn reasoning_without_an_answer_is_left_out() {
    let messages = messages(json!([
        {"role": "user", "content": "a"},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "s"}]},
        {"role": "user", "content": "b"},
    ]));
    assert_eq!(messages.as_array().unwrap().len(), 2);
}

#[test]
fn earlier_turns_come_after_the_instructions() {
    let history = [
        item(json!({"role": "user", "content": "first"})),
        item(
            json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "second"}]}),
        ),
    ];
    let body = json!({"input": "third", "instructions": "zeroth", "previous_response_id": "r"});
    let body = Bytes::from(body.to_string());
    assert_eq!(previous_response_id(&body).unwrap().as_deref(), Some("r"));
    let request = chat_request(&body, &history, &mut ParamsChanges::default()).unwrap();
    let chat = parse(request.body());
    let said = chat["messages"].as_array().unwrap().iter();
    let said: Vec<_> = said.map(|message| message["content"].clone()).collect();
    assert_eq!(said, ["zeroth", "first", "second", "third"]);
    // Only this turn's items are stored with it.
    let stored = request.input_items();
    assert_eq!(stored.len(), 1);
    assert_eq!(
        parse(stored[0].json().as_bytes()),
        json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "third"}]})
    );
}

#[test]
fn items_are_stored_as_they_came() {
    let body = Bytes::from_static(br#"{"input":[ {"role" : "user","content":"a"} ]}"#);
    let request = chat_request(&body, &[], &mut ParamsChanges::default()).unwrap();
    assert_eq!(
        request.input_items()[0].json(),
        r#"{"role" : "user","content":"a"}"#
    );
}

#[test]
fn references_are_resolved_before() {
    let body = json!({"input": [
        {"type": "item_reference", "id": "msg_1"},
        {"id": "msg_1"},
        {"role": "user", "content": "b"},
    ]});
    let body = Bytes::from(body.to_string());
    let find =
        |id: &str| (id == "msg_1").then(|| item(json!({"role": "assistant", "content": "a"})));
    let resolved = with_references(&body, find).unwrap();
    let request = chat_request(&resolved, &[], &mut ParamsChanges::default()).unwrap();
    let said = parse(request.body())["messages"].clone();
    assert_eq!(said[0]["content"], "a");
    assert_eq!(said[2]["content"], "b");

    let error = with_references(&body, |_| None).unwrap_err();
    assert_eq!(
        (error.status().as_u16(), error.error_param()),
        (404, Some("input[0].id"))
    );
    let error = refused(&parse(&body));
    assert_eq!(
        (error.status().as_u16(), error.error_param()),
        (404, Some("input[0]"))
    );
}

#[test]
fn without_references_the_body_is_the_same() {
    let body = Bytes::from_static(br#"{"input": [ {"role":"user","content":"b"} ] }"#);
    assert_eq!(with_references(&body, |_| None).unwrap(), body);
}
