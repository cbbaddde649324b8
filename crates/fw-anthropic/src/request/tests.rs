use serde_json::{Value as Json, json};

use super::*;

fn convert(request: &Json) -> Result<(Json, String), ApiError> {
    let mut changes = ParamsChanges::default();
    let chat = chat_request(&request.to_string().into(), &mut changes)?;
    let json = serde_json::from_slice(chat.body()).unwrap();
    Ok((json, changes.to_string()))
}

/// The chat request, and what was changed.
fn converted(request: Json) -> (Json, String) {
    convert(&request).unwrap()
}

fn with(fields: Json) -> Json {
    let mut request = json!({"messages": [{"role": "user", "content": "Hi"}]});
    for (key, value) in fields.as_object().unwrap() {
        request[key] = value.clone();
    }
    request
}

/// The chat messages of a conversation in which nothing had to be left out.
fn messages(messages: Json) -> Json {
    let (chat, changes) = converted(json!({ "messages": messages }));
    assert_eq!(changes, "");
    chat["messages"].clone()
}

fn user(blocks: Json) -> Json {
    messages(json!([{"role": "user", "content": blocks}]))
}

/// Which field is refused.
#[track_caller]
fn refused(request: Json) -> String {
    let error = convert(&request).unwrap_err();
    assert_eq!(error.status(), 400);
    let param = error.error_param().unwrap().to_owned();
    assert!(error.message().starts_with(&param), "{error}");
    param
}

#[track_caller]
fn refused_block(role: &str, block: Json) {
    let request = json!({"messages": [{"role": role, "content": [block]}]});
    let param = refused(request);
    assert!(param.starts_with("messages[0].content[0]"), "{param}");
}

// === the conversation ===

#[test]
fn a_plain_conversation_stays_one() {
    let conversation = json!([
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "How are you?"},
    ]);
    assert_eq!(messages(conversation.clone()), conversation);
}

#[test]
fn the_system_prompt_is_the_first_message() {
    let system = |system: Json| converted(with(json!({ "system": system }))).0["messages"].clone();
    let hi = json!({"role": "user", "content": "Hi"});
    assert_eq!(
        system(json!("Be brief.")),
        json!([{"role": "system", "content": "Be brief."}, hi])
    );
    assert_eq!(
        system(
            json!([{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Be kind."}])
        ),
        json!([{"role": "system", "content": "Be brief.\nBe kind."}, hi])
    );
    for nothing in [json!(""), json!([]), Json::Null] {
        assert_eq!(system(nothing), json!([hi]));
    }
    let image = json!([{"type": "image", "source": {"type": "url", "url": "https://x/y.png"}}]);
    assert_eq!(refused(with(json!({ "system": image }))), "system");
    assert_eq!(refused(with(json!({ "system": 1 }))), "system");
}

#[test]
fn what_a_client_tells_anthropic_s_billing_is_no_prompt() {
    let line = "x-anthropic-billing-header: cc_version=2.1.177.01c; cc_entrypoint=cli; cch=36ee5;";
    let hi = json!({"role": "user", "content": "Hi"});
    for (system, prompt) in [
        (
            json!([{"type": "text", "text": line}, {"type": "text", "text": "Be brief."}]),
            json!([{"role": "system", "content": "Be brief."}, hi]),
        ),
        (
            json!(format!("{line}\nBe brief.\n{line}")),
            json!([{"role": "system", "content": format!("Be brief.\n{line}")}, hi]),
        ),
        (json!(line), json!([hi])),
    ] {
        let (chat, changes) = converted(with(json!({ "system": system })));
        assert_eq!(chat["messages"], prompt);
        assert_eq!(changes, "removed system (x-anthropic-billing-header)");
    }
    // Whoever writes about it is not telling it.
    let about = messages(json!([{"role": "user", "content": line}]));
    assert_eq!(about[0]["content"], line);
}

#[test]
fn what_calls_itself_an_image_has_a_type_and_a_url_of_one() {
    for source in [
        json!({"type": "base64", "media_type": "image/png;base64,x", "data": "AAAA"}),
        json!({"type": "base64", "media_type": "jane.roe@corp.example", "data": "AAAA"}),
        json!({"type": "base64", "media_type": "", "data": "AAAA"}),
        json!({"type": "url", "url": "data:text/plain,jane.roe@corp.example"}),
    ] {
        let image = json!({"type": "image", "source": source});
        let refused = refused(json!({"messages": [{"role": "user", "content": [image]}]}));
        assert!(
            refused.starts_with("messages[0].content[0].source."),
            "{refused}"
        );
    }
    let here =
        json!({"type": "image", "source": {"type": "url", "url": "data:image/png;base64,AAAA"}});
    let url = &user(json!([here]))[0]["content"][0]["image_url"]["url"];
    assert_eq!(url, "data:image/png;base64,AAAA");
}

#[test]
fn what_is_made_of_a_request_can_be_read_again() {
    for depth in [100, 120, 122, 123, 124, 125] {
        let schema = format!("{}{{}}{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
        let request = format!(
            r#"{{"tools":[{{"name":"f","input_schema":{schema}}}],"messages":[{{"role":"user","content":"Hi"}}]}}"#
        );
        match chat_request(&request.into(), &mut ParamsChanges::default()) {
            Ok(chat) => assert!(Value::parse(chat.body()).is_ok(), "{depth}"),
            Err(error) => assert!(depth > 122 && error.status() == 400, "{depth}"),
        }
    }
}

#[test]
fn a_system_message_in_the_conversation_keeps_its_place() {
    let conversation = json!([
        {"role": "user", "content": "Hi"},
        {"role": "system", "content": "It is late."},
        {"role": "assistant", "content": "Good night"},
    ]);
    assert_eq!(messages(conversation.clone()), conversation);
}

#[test]
fn one_text_is_a_string_and_several_are_parts() {
    let text = |text: &str| json!({"type": "text", "text": text});
    assert_eq!(
        user(json!([text("a")])),
        json!([{"role": "user", "content": "a"}])
    );
    assert_eq!(
        user(json!([text("a"), text("b")])),
        json!([{"role": "user", "content": [text("a"), text("b")]}])
    );
}

#[test]
fn empty_content_stays_empty() {
    for empty in [json!(""), json!([])] {
        for role in ["user", "assistant"] {
            assert_eq!(
                messages(json!([{"role": role, "content": empty}])),
                json!([{"role": role, "content": ""}])
            );
        }
    }
}

#[test]
fn images_are_parts_in_their_place() {
    assert_eq!(
        user(json!([
            {"type": "text", "text": "What is"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0="}},
            {"type": "text", "text": "or"},
            {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
        ])),
        json!([{"role": "user", "content": [
            {"type": "text", "text": "What is"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0="}},
            {"type": "text", "text": "or"},
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        ]}])
    );
    refused_block(
        "user",
        json!({"type": "image", "source": {"type": "file", "file_id": "f"}}),
    );
    refused_block("user", json!({"type": "image"}));
    refused_block(
        "user",
        json!({"type": "image", "source": {"type": "base64", "data": "x"}}),
    );
}

#[test]
fn documents_are_their_text() {
    assert_eq!(
        user(json!([
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Once."}},
            {"type": "document", "title": "Tale", "context": "Old.",
             "source": {"type": "content", "content": [
                {"type": "text", "text": "Upon"},
                {"type": "text", "text": "a time."},
                {"type": "image", "source": {"type": "url", "url": "u"}},
                {"type": "text", "text": "End."},
             ]}},
            {"type": "document", "source": {"type": "content", "content": "All."}},
        ])),
        json!([{"role": "user", "content": [
            {"type": "text", "text": "Once."},
            {"type": "text", "text": "Tale\nOld.\nUpon\na time."},
            {"type": "image_url", "image_url": {"url": "u"}},
            {"type": "text", "text": "End."},
            {"type": "text", "text": "All."},
        ]}])
    );
    for source in [
        json!({"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}),
        json!({"type": "url", "url": "https://example.com/a.pdf"}),
        json!({"type": "file", "file_id": "f"}),
        json!({"type": "content", "content": [{"type": "document", "source": {}}]}),
        Json::Null,
    ] {
        refused_block("user", json!({"type": "document", "source": source}));
    }
}

#[test]
fn search_results_are_their_text() {
    assert_eq!(
        user(
            json!([{"type": "search_result", "source": "https://example.com", "title": "T",
            "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}])
        ),
        json!([{"role": "user", "content": "T\nhttps://example.com\na\nb"}])
    );
}

// === the rest ===

#[test]
fn thoughts_lose_their_signature_and_what_is_hidden() {
    let (chat, changes) = converted(json!({"messages": [{"role": "assistant", "content": [
        {"type": "thinking", "thinking": "a", "signature": "sig"},
        {"type": "redacted_thinking", "data": "xyz"},
        {"type": "thinking", "thinking": "b", "signature": "sig"},
        {"type": "text", "text": "c"},
    ]}]}));
    assert_eq!(
        chat["messages"],
        json!([{"role": "assistant", "content": "c", "reasoning_content": "a\nb"}])
    );
    assert_eq!(
        changes,
        "removed messages[].content[].signature x2; \
         removed messages[].content[] (redacted_thinking)"
    );
}

#[test]
fn blocks_without_a_counterpart_are_refused() {
    for kind in [
        "server_tool_use",
        "web_search_tool_result",
        "mcp_tool_use",
        "container_upload",
        "image",
        "document",
        "tool_result",
        "something_new",
    ] {
        refused_block("assistant", json!({ "type": kind }));
    }
    for kind in [
        "tool_use",
        "thinking",
        "container_upload",
        "web_search_tool_result",
    ] {
        refused_block("user", json!({ "type": kind }));
    }
    refused_block("user", json!({"text": "no type"}));
    refused_block("user", json!("no object"));
    refused_block(
        "user",
        json!({"type": "tool_result", "tool_use_id": "t",
        "content": [{"type": "tool_reference", "tool_name": "f"}]}),
    );
    refused_block(
        "assistant",
        json!({"type": "tool_use", "id": "t", "input": {}}),
    );
}

#[test]
fn messages_that_are_none_are_refused() {
    assert_eq!(refused(json!({})), "messages");
    assert_eq!(refused(json!({"messages": []})), "messages");
    assert_eq!(refused(json!({"messages": "Hi"})), "messages");
    let one = |message: Json| refused(json!({ "messages": [message] }));
    assert_eq!(one(json!({"role": "user"})), "messages[0].content");
    assert_eq!(one(json!({"content": "x"})), "messages[0].role");
    assert_eq!(
        one(json!({"role": "tool", "content": "x"})),
        "messages[0].role"
    );
    assert_eq!(
        one(json!({"role": "user", "content": 1})),
        "messages[0].content"
    );
    assert_eq!(
        one(json!({"role": "assistant", "content": {}})),
        "messages[0].content"
    );
}

#[test]
fn marks_for_the_cache_are_left_out_everywhere_and_counted() {
    let mark = json!({"type": "ephemeral"});
    let (_, changes) = converted(json!({
        "cache_control": mark,
        "system": [{"type": "text", "text": "s", "cache_control": mark}],
        "tools": [{"name": "f", "input_schema": {}, "cache_control": mark}],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "a", "cache_control": mark},
                {"type": "image", "source": {"type": "url", "url": "u"}, "cache_control": mark},
                {"type": "tool_result", "tool_use_id": "t", "cache_control": mark, "content": [
                    {"type": "text", "text": "r", "cache_control": mark}]},
            ]},
            {"role": "assistant", "content": [
                {"type": "text", "text": "b", "cache_control": mark},
                {"type": "tool_use", "id": "t", "name": "f", "input": {}, "cache_control": mark},
            ]},
            {"role": "user", "content": [{"type": "text", "text": "c", "cache_control": null}]},
        ],
    }));
    assert_eq!(
        changes,
        "removed cache_control; removed system[].cache_control; \
         removed messages[].content[].cache_control x5; \
         removed messages[].content[].content[].cache_control; \
         removed tools[].cache_control"
    );
}

mod fields;
mod tools;
