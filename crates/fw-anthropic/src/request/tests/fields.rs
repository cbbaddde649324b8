//! Everything beside the conversation.

use super::*;

#[test]
fn sampling_and_limits_keep_their_spelling() {
    let body = br#"{"model":"m","messages":[{"role":"user","content":"Hi"}],
        "max_tokens":1024,"temperature":0.70,"top_p":1.0,"top_k":40,"stop_sequences":["a","b"]}"#;
    let chat = chat_request(&Bytes::from_static(body), &mut ParamsChanges::default()).unwrap();
    assert_eq!(
        chat.body(),
        concat!(
            r#"{"model":"m","messages":[{"role":"user","content":"Hi"}],"#,
            r#""max_tokens":1024,"temperature":0.70,"top_p":1.0,"top_k":40,"stop":["a","b"]}"#
        )
    );
    assert_eq!(chat.model(), Some("m"));
    assert!(!chat.is_stream());
}

#[test]
fn what_is_too_much_is_cut_and_recorded() {
    let (chat, changes) = converted(with(json!({
        "top_k": 500,
        "stop_sequences": ["a", "b", "c", "d", "e", "f"],
        "metadata": {"user_id": "é".repeat(70), "team": "x"},
    })));
    assert_eq!(chat["top_k"], 100);
    assert_eq!(chat["stop"], json!(["a", "b", "c", "d"]));
    assert_eq!(chat["user"], "é".repeat(64));
    assert_eq!(
        changes,
        "set top_k; removed stop_sequences[] x2; removed metadata.team; set metadata.user_id"
    );
}

#[test]
fn nothing_stays_nothing() {
    let (chat, changes) = converted(with(json!({
        "system": null, "max_tokens": null, "stop_sequences": [], "metadata": {"user_id": null},
        "tools": [], "mcp_servers": [], "container": null, "stream": false, "output_config": {},
    })));
    assert_eq!(
        chat,
        json!({"messages": [{"role": "user", "content": "Hi"}]})
    );
    assert_eq!(changes, "");
}

#[test]
fn a_stream_asks_for_its_usage() {
    let mut changes = ParamsChanges::default();
    let request = with(json!({"stream": true})).to_string();
    let chat = chat_request(&request.into(), &mut changes).unwrap();
    assert!(chat.is_stream());
    let chat: Json = serde_json::from_slice(chat.body()).unwrap();
    assert_eq!(chat["stream"], true);
    assert_eq!(chat["stream_options"], json!({"include_usage": true}));
}

#[test]
fn tools_become_functions() {
    let (chat, changes) = converted(with(json!({"tools": [
        {"name": "f", "description": "Does f.", "input_schema": {"type": "object"}, "strict": true},
        {"type": "custom", "name": "g", "eager_input_streaming": true},
    ]})));
    assert_eq!(
        chat["tools"],
        json!([
            {"type": "function", "function": {
                "name": "f", "description": "Does f.", "parameters": {"type": "object"}, "strict": true}},
            {"type": "function", "function": {"name": "g"}},
        ])
    );
    assert_eq!(changes, "removed tools[].eager_input_streaming");
    for (tool, place) in [
        (json!({}), "tools[0].name"),
        (
            json!({"name": "f", "input_schema": []}),
            "tools[0].input_schema",
        ),
        (json!({"name": "f", "strict": "yes"}), "tools[0].strict"),
        (
            json!({"name": "f", "description": 1}),
            "tools[0].description",
        ),
        (json!("f"), "tools[0].name"),
    ] {
        assert_eq!(refused(with(json!({ "tools": [tool] }))), place);
    }
    assert_eq!(refused(with(json!({"tools": {}}))), "tools");
}

#[test]
fn every_tool_choice_has_its_counterpart() {
    let choice = |choice: Json| {
        let (chat, changes) = converted(with(json!({
            "tools": [{"name": "f", "input_schema": {}}], "tool_choice": choice})));
        assert_eq!(changes, "");
        (
            chat["tool_choice"].clone(),
            chat["parallel_tool_calls"].clone(),
        )
    };
    let null = Json::Null;
    assert_eq!(
        choice(json!({"type": "auto"})),
        (json!("auto"), null.clone())
    );
    assert_eq!(
        choice(json!({"type": "any"})),
        (json!("required"), null.clone())
    );
    assert_eq!(
        choice(json!({"type": "none"})),
        (json!("none"), null.clone())
    );
    assert_eq!(
        choice(json!({"type": "tool", "name": "f"})),
        (
            json!({"type": "function", "function": {"name": "f"}}),
            null.clone()
        )
    );
    assert_eq!(
        choice(json!({"type": "auto", "disable_parallel_tool_use": true})),
        (json!("auto"), json!(false))
    );
    assert_eq!(
        choice(json!({"type": "any", "disable_parallel_tool_use": false})),
        (json!("required"), null)
    );
}

#[test]
fn a_choice_that_cannot_be_made_is_refused() {
    let tools = json!([{"name": "f", "input_schema": {}}, {"type": "web_search_20250305", "name": "web_search"}]);
    let refused =
        |tools: &Json, choice: Json| refused(with(json!({"tools": tools, "tool_choice": choice})));
    for (choice, place) in [
        (
            json!({"type": "tool", "name": "web_search"}),
            "tool_choice.name",
        ),
        (json!({"type": "tool", "name": "g"}), "tool_choice.name"),
        (json!({"type": "tool"}), "tool_choice.name"),
        (json!({"type": "some"}), "tool_choice.type"),
        (json!("auto"), "tool_choice.type"),
        (
            json!({"type": "auto", "disable_parallel_tool_use": 1}),
            "tool_choice.disable_parallel_tool_use",
        ),
    ] {
        assert_eq!(refused(&tools, choice), place);
    }
    assert_eq!(refused(&json!([]), json!({"type": "any"})), "tool_choice");
}

#[test]
fn tools_of_the_server_are_left_out_and_recorded() {
    let search = json!({"type": "web_search_20250305", "name": "web_search", "max_uses": 5});
    let (chat, changes) = converted(with(json!({
        "tools": [search, {"name": "f", "input_schema": {}}], "tool_choice": {"type": "auto"}})));
    assert_eq!(chat["tools"].as_array().unwrap().len(), 1);
    assert_eq!(chat["tool_choice"], "auto");
    assert_eq!(changes, "removed tools[] (server tool)");
    // Without any tool there is no choice either.
    let (chat, changes) = converted(with(json!({
        "tools": [search], "tool_choice": {"type": "auto"}})));
    assert_eq!(
        chat,
        json!({"messages": [{"role": "user", "content": "Hi"}]})
    );
    assert_eq!(
        changes,
        "removed tools[] (server tool); removed tool_choice"
    );
}

#[test]
fn thinking_and_effort_come_down_to_one() {
    let reasoning = |fields: Json| {
        let (chat, changes) = converted(with(fields));
        (
            chat["thinking"].clone(),
            chat["reasoning_effort"].clone(),
            changes,
        )
    };
    let enabled = json!({"type": "enabled", "budget_tokens": 2048});
    let null = Json::Null;
    for (fields, thinking, effort, changes) in [
        (
            json!({"thinking": enabled}),
            enabled.clone(),
            null.clone(),
            "",
        ),
        (
            json!({"thinking": {"type": "enabled"}}),
            json!({"type": "enabled"}),
            null.clone(),
            "",
        ),
        (
            json!({"thinking": {"type": "disabled"}}),
            null.clone(),
            json!("none"),
            "",
        ),
        (
            json!({"thinking": {"type": "adaptive", "display": "summarized"}}),
            null.clone(),
            null.clone(),
            "removed thinking.display; removed thinking",
        ),
        (
            json!({"output_config": {"effort": "low"}}),
            null.clone(),
            json!("low"),
            "",
        ),
        (
            json!({"output_config": {"effort": "xhigh"}}),
            null.clone(),
            json!("xhigh"),
            "",
        ),
        (
            json!({"output_config": {"effort": "max", "task_budget": {"type": "tokens"}}}),
            null.clone(),
            json!("high"),
            "removed output_config.task_budget; set output_config.effort",
        ),
        (
            json!({"thinking": enabled, "output_config": {"effort": "medium"}}),
            null.clone(),
            json!("medium"),
            "removed thinking",
        ),
        (
            json!({"thinking": {"type": "disabled"}, "output_config": {"effort": "medium"}}),
            null.clone(),
            json!("none"),
            "removed output_config.effort",
        ),
    ] {
        assert_eq!(reasoning(fields), (thinking, effort, changes.to_owned()));
    }
}

#[test]
fn a_schema_for_the_output_is_a_response_format() {
    let schema = json!({"type": "object", "properties": {"x": {"type": "string"}}});
    let format = json!({"type": "json_schema", "schema": schema});
    let expected =
        json!({"type": "json_schema", "json_schema": {"name": "response", "schema": schema}});
    for fields in [
        json!({"output_config": {"format": format}}),
        json!({"output_format": format}),
    ] {
        let (chat, changes) = converted(with(fields));
        assert_eq!(chat["response_format"], expected);
        assert_eq!(changes, "");
    }
    let (_, changes) = converted(with(
        json!({"output_config": {"format": format}, "output_format": format}),
    ));
    assert_eq!(changes, "removed output_format");
}

#[test]
fn a_conversation_that_the_server_should_know_is_refused_with_the_code_that_sdks_act_on() {
    for thread in [
        json!({"type": "create"}),
        json!({"type": "continue", "previous_message_id": "msg_1"}),
    ] {
        let request = with(json!({"thread": thread})).to_string();
        let error = chat_request(&request.into(), &mut ParamsChanges::default()).unwrap_err();
        assert_eq!(error.error_code(), Some("thread_unsupported_request"));
        assert_eq!(error.error_param(), Some("thread"));
    }
    let (_, changes) = converted(with(json!({"thread": null})));
    assert_eq!(changes, "");
}

#[test]
fn fields_without_a_counterpart_are_recorded() {
    let (chat, changes) = converted(with(json!({
        "service_tier": "auto",
        "inference_geo": "us",
        "container": "container_1",
        "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
        "speed": "fast",
        "raw_output": true,
        "something new": 1,
        "messages": [{"role": "user", "content": [
            {"type": "text", "text": "Hi", "citations": [{"type": "char_location"}]},
            {"type": "text", "text": "you", "citations": null},
        ], "id": "msg_1"}],
    })));
    assert_eq!(chat.as_object().unwrap().len(), 1);
    for name in [
        "service_tier",
        "inference_geo",
        "container",
        "context_management",
        "speed",
        "raw_output",
        "something?new",
        "messages[].id",
        "messages[].content[].citations",
    ] {
        assert!(changes.contains(&format!("removed {name}")), "{changes}");
    }
}

#[test]
fn fields_of_the_wrong_kind_are_refused_by_name() {
    for (fields, place) in [
        (json!({"model": 1}), "model"),
        (json!({"max_tokens": "9"}), "max_tokens"),
        (json!({"temperature": "hot"}), "temperature"),
        (json!({"top_p": []}), "top_p"),
        (json!({"top_k": "x"}), "top_k"),
        (json!({"stop_sequences": "x"}), "stop_sequences"),
        (json!({"stop_sequences": ["x", 1]}), "stop_sequences[1]"),
        (json!({"metadata": "x"}), "metadata"),
        (json!({"metadata": {"user_id": 1}}), "metadata.user_id"),
        (json!({"stream": "yes"}), "stream"),
        (json!({"thinking": true}), "thinking"),
        (json!({"thinking": {"type": "much"}}), "thinking.type"),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": "x"}}),
            "thinking.budget_tokens",
        ),
        (json!({"output_config": 1}), "output_config"),
        (
            json!({"output_config": {"effort": 1}}),
            "output_config.effort",
        ),
        (
            json!({"output_config": {"format": {"type": "text"}}}),
            "output_config.format.type",
        ),
        (
            json!({"output_format": {"type": "json_schema"}}),
            "output_format.schema",
        ),
        (
            json!({"mcp_servers": [{"type": "url", "url": "u", "name": "n"}]}),
            "mcp_servers",
        ),
    ] {
        assert_eq!(refused(with(fields)), place);
    }
}

#[test]
fn what_is_no_object_of_json_is_refused() {
    let mut changes = ParamsChanges::default();
    for body in ["", "{", "[]", "null", "\"x\""] {
        let error = chat_request(&Bytes::from_static(body.as_bytes()), &mut changes);
        assert_eq!(error.unwrap_err().status(), 400, "{body}");
    }
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    let error = chat_request(&deep.into(), &mut changes).unwrap_err();
    assert_eq!(error.status(), 400);
}

#[test]
fn of_a_field_said_twice_the_last_counts_and_the_first_is_recorded() {
    let body = r#"{"messages":[{"role":"user","content":"a"}],"messages":[{"role":"user","content":"b"}]}"#;
    let mut changes = ParamsChanges::default();
    let chat = chat_request(&Bytes::from_static(body.as_bytes()), &mut changes).unwrap();
    assert_eq!(
        chat.body(),
        r#"{"messages":[{"role":"user","content":"b"}]}"#
    );
    assert_eq!(changes.to_string(), "removed messages");
}

#[test]
fn debug_shows_no_text() {
    let request = with(json!({"model": "m"})).to_string();
    let chat = chat_request(&request.into(), &mut ParamsChanges::default()).unwrap();
    assert!(!format!("{chat:?}").contains("Hi"));
}
