use serde_json::{Value as Json, json};

use super::*;

fn convert(request: &Json) -> Result<(Json, String), ApiError> {
    let mut changes = ParamsChanges::default();
    let messages = messages_request(&request.to_string().into(), &mut changes)?;
    let json = serde_json::from_slice(&messages).unwrap();
    Ok((json, changes.to_string()))
}

fn converted(request: Json) -> (Json, String) {
    convert(&request).unwrap()
}

fn with(fields: Json) -> Json {
    let mut request = json!({"max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]});
    for (key, value) in fields.as_object().unwrap() {
        request[key] = value.clone();
    }
    request
}

fn messages(messages: Json) -> Json {
    let (request, changes) = converted(json!({"max_tokens": 1, "messages": messages}));
    assert_eq!(changes, "");
    request["messages"].clone()
}

#[track_caller]
fn refused(request: Json) -> String {
    let error = convert(&request).unwrap_err();
    assert_eq!(error.status(), 400);
    error.error_param().unwrap().to_owned()
}

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
fn system_and_developer_messages_are_the_prompt_wherever_they_stand() {
    let (request, changes) = converted(with(json!({"messages": [
        {"role": "system", "content": "a"},
        {"role": "developer", "content": [{"type": "text", "text": "b"}]},
        {"role": "user", "content": "Hi"},
        {"role": "system", "content": "c"},
        {"role": "system", "content": ""},
    ]})));
    let text = |text: &str| json!({"type": "text", "text": text});
    assert_eq!(request["system"], json!([text("a"), text("b"), text("c")]));
    assert_eq!(request["messages"].as_array().unwrap().len(), 1);
    assert_eq!(changes, "merged messages[] (system) x2");
}

#[test]
fn parts_become_blocks() {
    assert_eq!(
        messages(json!([{"role": "user", "content": [
            {"type": "text", "text": "What?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0="}},
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
            {"type": "image_url", "image_url": "https://example.com/b.png"},
        ]}])),
        json!([{"role": "user", "content": [
            {"type": "text", "text": "What?"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0="}},
            {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
            {"type": "image", "source": {"type": "url", "url": "https://example.com/b.png"}},
        ]}])
    );
    for part in [
        json!({"type": "input_audio", "input_audio": {}}),
        json!({"type": "file", "file": {}}),
        json!({"type": "image_url", "image_url": {"url": "data:text/plain,x"}}),
        json!({"type": "text"}),
        json!("text"),
    ] {
        let place = refused(with(
            json!({"messages": [{"role": "user", "content": [part]}]}),
        ));
        assert!(place.starts_with("messages[0].content[0]"), "{place}");
    }
}

#[test]
fn calls_and_results_become_blocks_and_results_open_the_user_s_turn() {
    assert_eq!(
        messages(json!([
            {"role": "assistant", "content": "Looking.", "reasoning_content": "I should look.",
             "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{\"x\":1}"}},
                {"id": "b", "function": {"name": "g", "arguments": "oops"}},
             ]},
            {"role": "tool", "tool_call_id": "a", "content": "1"},
            {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "2"}]},
            {"role": "user", "content": "Well?"},
            {"role": "user", "content": "And?"},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "f"}}]},
            {"role": "tool", "tool_call_id": "c", "content": ""},
        ])),
        json!([
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "I should look.", "signature": ""},
                {"type": "text", "text": "Looking."},
                {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}},
                {"type": "tool_use", "id": "b", "name": "g", "input": {"_raw": "oops"}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "a", "content": "1"},
                {"type": "tool_result", "tool_use_id": "b", "content": [{"type": "text", "text": "2"}]},
                {"type": "text", "text": "Well?"},
            ]},
            {"role": "user", "content": "And?"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": ""}]},
        ])
    );
}

#[test]
fn legacy_functions_become_tools() {
    let (request, changes) = converted(json!({
        "max_tokens": 1,
        "functions": [{"name": "f", "parameters": {"type": "object"}}],
        "function_call": {"name": "f"},
        "messages": [
            {"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}},
            {"role": "function", "name": "f", "content": "1"},
        ],
    }));
    assert_eq!(changes, "");
    assert_eq!(
        request["tools"],
        json!([{"name": "f", "input_schema": {"type": "object"}}])
    );
    assert_eq!(request["tool_choice"], json!({"type": "tool", "name": "f"}));
    assert_eq!(
        request["messages"],
        json!([
            {"role": "assistant", "content": [{"type": "tool_use", "id": "call_0", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_0", "content": "1"}]},
        ])
    );
}

#[test]
fn a_refusal_in_the_history_is_text() {
    assert_eq!(
        messages(json!([{"role": "assistant", "content": null, "refusal": "No."}])),
        json!([{"role": "assistant", "content": [{"type": "text", "text": "No."}]}])
    );
    assert_eq!(
        messages(json!([{"role": "assistant", "content": null}])),
        json!([{"role": "assistant", "content": ""}])
    );
}

#[test]
fn messages_that_are_none_are_refused() {
    assert_eq!(refused(json!({})), "messages");
    assert_eq!(refused(json!({"messages": "Hi"})), "messages");
    for (message, place) in [
        (json!("Hi"), "messages[0]"),
        (json!({"content": "Hi"}), "messages[0].role"),
        (json!({"role": "bot", "content": "Hi"}), "messages[0].role"),
        (json!({"role": "user"}), "messages[0].content"),
        (
            json!({"role": "tool", "content": "x"}),
            "messages[0].tool_call_id",
        ),
        (
            json!({"role": "assistant", "tool_calls": {}}),
            "messages[0].tool_calls",
        ),
        (
            json!({"role": "assistant", "tool_calls": [{"function": {"name": "f"}}]}),
            "messages[0].tool_calls[0].id",
        ),
        (
            json!({"role": "assistant", "tool_calls": [{"id": "a", "type": "custom"}]}),
            "messages[0].tool_calls[0].type",
        ),
        (
            json!({"role": "assistant", "tool_calls": [{"id": "a"}]}),
            "messages[0].tool_calls[0].function",
        ),
    ] {
        assert_eq!(refused(json!({"messages": [message]})), place);
    }
}

#[test]
fn settings_have_their_counterparts() {
    let (request, changes) = converted(with(json!({
        "model": "m", "temperature": 0.5, "top_p": 0.9, "top_k": 3, "stop": "x", "user": "u",
        "stream": true, "stream_options": {"include_usage": true}, "n": 1,
        "response_format": {"type": "json_schema", "json_schema": {"name": "response", "schema": {"type": "object"}}},
    })));
    assert_eq!(changes, "");
    assert_eq!(
        request,
        json!({
            "model": "m", "max_tokens": 1, "temperature": 0.5, "top_p": 0.9, "top_k": 3,
            "stop_sequences": ["x"], "metadata": {"user_id": "u"}, "stream": true,
            "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
            "messages": [{"role": "user", "content": "Hi"}],
        })
    );
}

#[test]
fn what_cannot_be_said_is_recorded() {
    let (request, changes) = converted(json!({
        "messages": [{"role": "user", "content": "Hi", "name": "Ann"}],
        "temperature": 1.5,
        "seed": 1,
        "response_format": {"type": "json_object"},
        "tool_choice": "auto",
        "user": "a",
        "safety_identifier": "b",
        "stream_options": {"include_obfuscation": true},
    }));
    assert_eq!(request["max_tokens"], 4096);
    assert_eq!(request["temperature"], 1);
    assert_eq!(
        changes,
        "removed seed; removed messages[].name; added max_tokens; set temperature; \
         removed safety_identifier; removed tool_choice; removed response_format; \
         removed stream_options.include_obfuscation"
    );
}

#[test]
fn tools_and_their_choice_have_their_counterparts() {
    let of = |fields: Json| {
        let mut request = with(json!({"tools": [{"type": "function", "function": {
            "name": "f", "description": "d", "parameters": {"type": "object"}, "strict": true}},
            {"type": "function", "function": {"name": "g"}}]}));
        for (key, value) in fields.as_object().unwrap() {
            request[key] = value.clone();
        }
        let (request, changes) = converted(request);
        assert_eq!(changes, "");
        assert_eq!(
            request["tools"],
            json!([
                {"name": "f", "description": "d", "input_schema": {"type": "object"}, "strict": true},
                {"name": "g", "input_schema": {"type": "object", "properties": {}}},
            ])
        );
        request["tool_choice"].clone()
    };
    assert_eq!(of(json!({})), Json::Null);
    for (choice, expected) in [
        (json!("auto"), json!({"type": "auto"})),
        (json!("none"), json!({"type": "none"})),
        (json!("required"), json!({"type": "any"})),
        (json!("any"), json!({"type": "any"})),
        (
            json!({"type": "function", "function": {"name": "f"}}),
            json!({"type": "tool", "name": "f"}),
        ),
        (
            json!({"type": "function", "name": "f"}),
            json!({"type": "tool", "name": "f"}),
        ),
    ] {
        assert_eq!(of(json!({ "tool_choice": choice })), expected);
    }
    assert_eq!(
        of(json!({"parallel_tool_calls": false})),
        json!({"type": "auto", "disable_parallel_tool_use": true})
    );
    assert_eq!(
        of(json!({"parallel_tool_calls": false, "tool_choice": "none"})),
        json!({"type": "none"})
    );
    assert_eq!(of(json!({"parallel_tool_calls": true})), Json::Null);
}

#[test]
fn reasoning_becomes_effort_or_thinking() {
    let of = |fields: Json| {
        let (request, changes) = converted(with(fields));
        let effort = request["output_config"]["effort"].clone();
        (request["thinking"].clone(), effort, changes)
    };
    let disabled = json!({"type": "disabled"});
    let enabled = |budget: u64| json!({"type": "enabled", "budget_tokens": budget});
    let null = Json::Null;
    for (fields, thinking, effort, changes) in [
        (
            json!({"reasoning_effort": "high"}),
            null.clone(),
            json!("high"),
            "",
        ),
        (
            json!({"reasoning_effort": "none"}),
            disabled.clone(),
            null.clone(),
            "",
        ),
        (
            json!({"reasoning_effort": false}),
            disabled,
            null.clone(),
            "",
        ),
        (
            json!({"reasoning_effort": true}),
            null.clone(),
            json!("medium"),
            "",
        ),
        (
            json!({"reasoning_effort": 9}),
            enabled(1024),
            null.clone(),
            "",
        ),
        (
            json!({"thinking": enabled(2048)}),
            enabled(2048),
            null.clone(),
            "",
        ),
        (
            json!({"thinking": enabled(2048), "reasoning_effort": 4096}),
            enabled(4096),
            null.clone(),
            "removed thinking",
        ),
        (
            json!({"reasoning_effort": "minimal"}),
            null,
            json!("low"),
            "set reasoning_effort",
        ),
    ] {
        assert_eq!(of(fields), (thinking, effort, changes.to_owned()));
    }
}

#[test]
fn what_would_lose_its_meaning_is_refused() {
    for (fields, place) in [
        (json!({"n": 2}), "n"),
        (json!({"model": 1}), "model"),
        (json!({"stop": [1]}), "stop[0]"),
        (json!({"stop": 1}), "stop"),
        (json!({"tools": [{"type": "custom"}]}), "tools[0].type"),
        (json!({"tools": "f"}), "tools"),
        (json!({"tool_choice": "some"}), "tool_choice"),
        (
            json!({"tool_choice": {"type": "allowed_tools"}}),
            "tool_choice.type",
        ),
        (json!({"reasoning_effort": []}), "reasoning_effort"),
        (
            json!({"response_format": {"type": "grammar"}}),
            "response_format.type",
        ),
        (
            json!({"response_format": {"type": "json_schema"}}),
            "response_format.json_schema",
        ),
        (json!({"stream": 1}), "stream"),
        (json!({"max_tokens": "x"}), "max_tokens"),
    ] {
        assert_eq!(refused(with(fields)), place);
    }
}
