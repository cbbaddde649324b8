//! Fields of requests: converted, recorded as removed, or refused by name.

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_responses::chat_request;
use fw_wire::ErrorShape;
use serde_json::{Value, json};

use crate::{converted, parse, refused, request, user};

#[test]
fn settings_have_their_counterparts() {
    let chat = converted(json!({
        "model": "m", "input": "Hi", "instructions": "Be brief.",
        "max_output_tokens": 9, "temperature": 0.5, "top_p": 0.9, "user": "u",
        "safety_identifier": "s", "service_tier": "flex",
        "prompt_cache_key": "k", "prompt_cache_retention": "24h",
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"verbosity": "low", "format": {"type": "text"}},
        "stream": true,
    }));
    assert_eq!(
        chat,
        json!({
            "model": "m",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Hi"},
            ],
            "max_tokens": 9, "temperature": 0.5, "top_p": 0.9, "user": "u",
            "safety_identifier": "s", "service_tier": "flex",
            "prompt_cache_key": "k", "prompt_cache_retention": "24h",
            "reasoning_effort": "low", "verbosity": "low",
            "stream": true, "stream_options": {"include_usage": true},
        })
    );
}

#[test]
fn what_concerns_the_response_stays_here() {
    let request = request(json!({
        "input": "Hi", "store": false, "metadata": {"a": "b"}, "previous_response_id": "resp_1",
        "parallel_tool_calls": false, "truncation": "disabled", "background": false, "include": [],
        "conversation": null,
    }));
    assert_eq!(
        parse(request.body()),
        json!({"messages": [{"role": "user", "content": "Hi"}]})
    );
    assert!(!request.store());
    assert_eq!(request.previous(), Some("resp_1"));
    assert_eq!(request.model(), None);
}

#[test]
fn what_is_left_out_is_recorded() {
    let mut changes = ParamsChanges::default();
    let body = json!({
        "input": "Hi", "max_tool_calls": 3, "truncation": "auto",
        "include": ["reasoning.encrypted_content"], "top_logprobs": 2,
        "stream_options": {"include_obfuscation": false},
        "text": {"x": 1}, "reasoning": {"y": 1}, "unheard of": 1,
        "tools": [{"type": "function", "name": "f", "defer_loading": true}],
    });
    let body = Bytes::from(body.to_string());
    chat_request(&body, &[], &mut changes).unwrap();
    let mut lines: Vec<String> = changes.iter().map(ToString::to_string).collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "removed include",
            "removed max_tool_calls",
            "removed reasoning.y",
            "removed stream_options.include_obfuscation",
            "removed text.x",
            "removed tools[].defer_loading",
            "removed top_logprobs",
            "removed truncation",
            "removed unheard?of",
        ]
    );
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    for (body, param) in [
        (json!({}), "input"),
        (json!({"input": 1}), "input"),
        (json!({"input": []}), "input"),
        (json!({"input": "x", "model": 1}), "model"),
        (json!({"input": "x", "stream": "yes"}), "stream"),
        (json!({"input": "x", "store": 1}), "store"),
        (json!({"input": "x", "text": "json"}), "text"),
        (json!({"input": "x", "tools": {}}), "tools"),
        (json!({"input": "x", "background": true}), "background"),
        (json!({"input": "x", "conversation": "c"}), "conversation"),
        (json!({"input": "x", "prompt": {"id": "p"}}), "prompt"),
        (
            json!({"input": "x", "previous_response_id": 1}),
            "previous_response_id",
        ),
        (
            json!({"input": "x", "tools": [{"type": "web_search"}]}),
            "tools[0].type",
        ),
        (
            json!({"input": "x", "tools": [{"type": "custom", "name": "c"}]}),
            "tools[0].type",
        ),
        (
            json!({"input": "x", "tools": [{"type": "function"}]}),
            "tools[0].name",
        ),
        (
            json!({"input": "x", "tools": [{"type": "function", "name": "f"}, {"name": "g"}]}),
            "tools[1].type",
        ),
        (
            json!({"input": "x", "tools": [{"type": "function", "name": "f"}, {"type": "web_search"}],
                "tool_choice": {"type": "web_search"}}),
            "tool_choice.type",
        ),
        (
            json!({"input": "x", "tools": [{"type": "function", "name": "f"}, {"type": "custom", "name": "c"}],
                "tool_choice": {"type": "custom", "name": "c"}}),
            "tool_choice.type",
        ),
        (
            json!({"input": "x", "tools": [{"type": "function", "name": "f"}, {"type": "web_search"}],
                "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "web_search"}]}}),
            "tool_choice.tools",
        ),
        (json!({"input": "x", "tools": [{}]}), "tools[0].type"),
        (
            json!({"input": "x", "tool_choice": "required"}),
            "tool_choice",
        ),
        (json!({"input": "x", "tool_choice": "often"}), "tool_choice"),
        (
            json!({"input": "x", "tool_choice": {"type": "file_search"}}),
            "tool_choice.type",
        ),
        (
            json!({"input": "x", "text": {"format": {"type": "grammar"}}}),
            "text.format.type",
        ),
        (
            json!({"input": "x", "text": {"format": {}}}),
            "text.format.type",
        ),
        (json!({"input": ["x"]}), "input[0]"),
        (json!({"input": [{"role": "user"}]}), "input[0].content"),
        (
            json!({"input": [{"role": "tool", "content": "x"}]}),
            "input[0].role",
        ),
        (
            json!({"input": [{"type": "message", "content": "x"}]}),
            "input[0].role",
        ),
        (
            json!({"input": [{"type": "computer_call", "id": "w"}]}),
            "input[0].type",
        ),
        (
            json!({"input": [{"type": "function_call", "call_id": "c"}]}),
            "input[0].name",
        ),
        (
            json!({"input": [{"type": "function_call", "name": "f"}]}),
            "input[0].call_id",
        ),
        (
            json!({"input": [{"type": "function_call_output", "call_id": "c"}]}),
            "input[0].output",
        ),
        (
            json!({"input": [user(json!([{"type": "video"}]))]}),
            "input[0].content[0].type",
        ),
        (
            json!({"input": [user(json!([{"type": "input_text", "text": "x"}, {"type": "input_image", "file_id": "f"}]))]}),
            "input[0].content[1].file_id",
        ),
        (
            json!({"input": [user(json!([{"type": "input_file", "file_id": "f"}]))]}),
            "input[0].content[0]",
        ),
    ] {
        let error = refused(&body);
        assert_eq!(error.status(), 400, "{body}");
        assert_eq!(error.error_param(), Some(param), "{body}: {error}");
        let json = error.to_json(ErrorShape::OpenAi);
        assert!(json.contains("invalid_request_error"), "{json}");
    }
}

#[test]
fn a_tool_that_is_refused_is_named() {
    let error = refused(&json!({"input": "x", "tools": [{"type": "code_interpreter"}]}));
    assert!(error.message().contains("'code_interpreter'"), "{error}");
}

#[test]
fn of_duplicates_the_last_is_sent_alone() {
    let body = r#"{"input":"a","input":"b","text":{"verbosity":"low","verbosity":"high"},
        "tools":[{"type":"function","name":"f","name":"g"}]}"#;
    let body = Bytes::from_static(body.as_bytes());
    let request = chat_request(&body, &[], &mut ParamsChanges::default()).unwrap();
    assert_eq!(
        request.body(),
        r#"{"messages":[{"role":"user","content":"b"}],"tools":[{"type":"function","function":{"name":"g"}}],"verbosity":"high"}"#
    );
}

#[test]
fn requests_are_bounded() {
    let nested = |levels: usize| {
        let tool = format!(
            r#"{{"type":"function","name":"f","parameters":{}1{}}}"#,
            "[".repeat(levels),
            "]".repeat(levels)
        );
        let body = Bytes::from(format!(r#"{{"input":"x","tools":[{tool}]}}"#));
        let converted = chat_request(&body, &[], &mut ParamsChanges::default());
        converted.map_err(|error| error.status())
    };
    // The deepest that is taken can be read again wherever it goes.
    let request = nested(117).unwrap();
    let reply = Bytes::from_static(br#"{"choices":[{"message":{"content":"a"}}]}"#);
    let response = fw_responses::response(&reply, &request, "r", 1).unwrap();
    let event = format!(r#"{{"data":[{{"response":{}}}]}}"#, parse(response.json()));
    for json in [request.body(), &Bytes::from(event)] {
        assert!(fw_wire::Value::parse(json).is_ok());
    }
    assert_eq!(nested(118).unwrap_err(), 400);

    let items = vec![json!({"role": "user", "content": "a"}); 10_001];
    let error = refused(&json!({ "input": items }));
    assert_eq!(error.error_param(), Some("input"));
}

#[test]
fn no_json_is_a_400() {
    for body in ["", "{", "[]", "\"x\"", "null"] {
        let body = Bytes::from_static(body.as_bytes());
        let error = chat_request(&body, &[], &mut ParamsChanges::default()).unwrap_err();
        assert_eq!(error.status(), 400);
    }
}

#[test]
fn tools_are_nested() {
    let chat = converted(json!({
        "input": "x",
        "tools": [
            {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}, "strict": true},
            {"type": "function", "function": {"name": "g"}},
            {"type": "function", "name": "h", "strict": null},
        ],
        "tool_choice": {"type": "function", "name": "g"},
        "parallel_tool_calls": false,
    }));
    assert_eq!(
        chat["tools"],
        json!([
            {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}, "strict": true}},
            {"type": "function", "function": {"name": "g"}},
            {"type": "function", "function": {"name": "h"}},
        ])
    );
    let choice = json!({"type": "function", "function": {"name": "g"}});
    assert_eq!(chat["tool_choice"], choice);
    assert_eq!(chat["parallel_tool_calls"], false);
}

#[test]
fn of_allowed_tools_only_those_are_sent() {
    let chat = converted(json!({
        "input": "x",
        "tools": [{"type": "function", "name": "f"}, {"type": "function", "name": "g"}],
        "tool_choice": {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "g"}]},
    }));
    let only = json!([{"type": "function", "function": {"name": "g"}}]);
    assert_eq!(chat["tools"], only);
    assert_eq!(chat["tool_choice"], "required");
}

/// Agents list what OpenAI runs itself beside their functions.
#[test]
fn beside_functions_other_tools_are_left_out() {
    let body = json!({
        "input": "x",
        "tools": [
            {"type": "web_search"},
            {"type": "function", "name": "f"},
            {"type": "custom", "name": "c", "format": {"type": "text"}},
            {"type": "web_search", "external_web_access": false},
            {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "g"}]},
        ],
        "tool_choice": "required",
        "parallel_tool_calls": true,
    });
    let mut changes = ParamsChanges::default();
    let request = chat_request(&Bytes::from(body.to_string()), &[], &mut changes).unwrap();
    let chat = parse(request.body());
    let only = json!([{"type": "function", "function": {"name": "f"}}]);
    assert_eq!(chat["tools"], only);
    assert_eq!(chat["tool_choice"], "required");
    assert_eq!(chat["parallel_tool_calls"], true);
    let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(
        changes,
        [
            "removed tools[] web_search x2",
            "removed tools[] custom",
            "removed tools[] namespace",
        ]
    );
}

#[test]
fn of_allowed_tools_those_that_are_no_functions_are_left_out() {
    let chat = converted(json!({
        "input": "x",
        "tools": [{"type": "function", "name": "f"}, {"type": "function", "name": "g"}, {"type": "web_search"}],
        "tool_choice": {"type": "allowed_tools", "mode": "auto",
            "tools": [{"type": "web_search"}, {"type": "function", "name": "g"}]},
    }));
    let only = json!([{"type": "function", "function": {"name": "g"}}]);
    assert_eq!(chat["tools"], only);
    assert_eq!(chat["tool_choice"], "auto");
}

#[test]
fn without_tools_there_is_no_choice() {
    let chat = converted(json!({
        "input": "x", "tools": [], "tool_choice": "auto", "parallel_tool_calls": true,
    }));
    let keys: Vec<_> = chat.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["messages"]);
}

#[test]
fn structured_output_is_nested() {
    let format = |format: Value| {
        converted(json!({"input": "x", "text": {"format": format}}))["response_format"].clone()
    };
    assert_eq!(
        format(json!({"type": "json_schema", "name": "n", "schema": {"a": 1}, "strict": true})),
        json!({"type": "json_schema", "json_schema": {"name": "n", "schema": {"a": 1}, "strict": true}})
    );
    assert_eq!(
        format(json!({"type": "json_schema", "schema": {}}))["json_schema"]["name"],
        "response"
    );
    let object = json!({"type": "json_object"});
    assert_eq!(format(object.clone()), object);
    assert_eq!(format(json!({"type": "text"})), Value::Null);
}
