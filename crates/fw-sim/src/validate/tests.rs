//! The rules of the wire reference, one by one, with their exact texts.

use super::*;

fn chat_error(body: &str) -> Option<String> {
    error(chat::shape, body)
}

fn error(check: fn(&Json) -> Result<(), Refusal>, body: &str) -> Option<String> {
    check(&Json::parse(body.as_bytes()).unwrap())
        .err()
        .map(|r| r.message().to_owned())
}

/// A body with a valid model and message, and more fields.
fn with(fields: &str) -> String {
    format!(r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}}],{fields}}}"#)
}

fn chat_fields(fields: &str) -> Option<String> {
    chat_error(&with(fields))
}

#[test]
fn one_extra_field_has_no_prefix() {
    assert_eq!(
        chat_fields(r#""store":true"#).unwrap(),
        "Extra inputs are not permitted, field: 'store', value: True"
    );
}

#[test]
fn several_errors_are_counted_and_joined() {
    assert_eq!(
        chat_fields(r#""store":null,"verbosity":"low""#).unwrap(),
        "2 request validation errors: Extra inputs are not permitted, field: 'store', value: None; \
         Extra inputs are not permitted, field: 'verbosity', value: 'low'"
    );
}

#[test]
fn a_union_has_an_error_per_branch() {
    let body = r#"{"model":"m","messages":[{"role":"user","content":
        [{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}]}]}"#;
    assert_eq!(
        chat_error(body).unwrap(),
        "2 request validation errors: Input should be a valid string, field: 'messages[0].content.str', \
         value: [{'type': 'text', 'text': 'hi', 'cache_control': {'type': 'ephemeral'}}]; \
         Extra inputs are not permitted, \
         field: 'messages[0].content.list[ChatMessageContent][0].cache_control', \
         value: {'type': 'ephemeral'}"
    );
}

#[test]
fn nested_objects_are_closed() {
    for (fields, path) in [
        (
            r#""stream_options":{"include_obfuscation":false}"#,
            "stream_options.include_obfuscation",
        ),
        (
            r#""tools":[{"type":"function","function":{"name":"f"},"cache_control":1}]"#,
            "tools[0].cache_control",
        ),
        (
            r#""tools":[{"type":"function","function":{"name":"f","x":1}}]"#,
            "tools[0].function.x",
        ),
        (
            r#""response_format":{"type":"text","name":"x"}"#,
            "response_format.name",
        ),
        (r#""thinking":{"type":"disabled","x":0}"#, "thinking.x"),
    ] {
        let error = chat_fields(fields).unwrap();
        assert!(
            error.starts_with(&format!(
                "Extra inputs are not permitted, field: '{path}', value: "
            )),
            "{error}"
        );
    }
    for member in [
        "name",
        "refusal",
        "annotations",
        "audio",
        "function_call",
        "cache_control",
    ] {
        let body = format!(
            r#"{{"model":"m","messages":[{{"role":"user","content":"x","{member}":null}}]}}"#
        );
        assert_eq!(
            chat_error(&body).unwrap(),
            format!("Extra inputs are not permitted, field: 'messages[0].{member}', value: None")
        );
    }
}

#[test]
fn openai_fields_that_fireworks_lacks_are_refused() {
    for field in [
        "store",
        "verbosity",
        "web_search_options",
        "prompt_cache_retention",
        "prompt_cache_options",
        "safety_identifier",
        "modalities",
        "audio",
        "moderation",
    ] {
        let error = chat_fields(&format!(r#""{field}":1"#)).unwrap();
        assert_eq!(
            error,
            format!("Extra inputs are not permitted, field: '{field}', value: 1")
        );
    }
}

#[test]
fn null_is_taken_but_for_the_fields_typed_without_it() {
    for field in [
        "stop",
        "temperature",
        "stream",
        "stream_options",
        "seed",
        "response_format",
        "logprobs",
        "user",
    ] {
        assert_eq!(chat_fields(&format!(r#""{field}":null"#)), None, "{field}");
    }
    for field in [
        "n",
        "ignore_eos",
        "context_length_exceeded_behavior",
        "service_tier",
        "tools",
        "tool_choice",
        "functions",
    ] {
        assert!(
            chat_fields(&format!(r#""{field}":null"#)).is_some(),
            "{field}"
        );
    }
    assert_eq!(
        chat_fields(r#""n":null"#).unwrap(),
        "Input should be a valid integer, field: 'n', value: None"
    );
}

#[test]
fn numbers_have_ranges() {
    for (field, low, high) in [
        ("temperature", "0", "2"),
        ("top_p", "0", "1"),
        ("top_k", "0", "100"),
        ("min_p", "0", "1"),
        ("frequency_penalty", "-2", "2"),
        ("presence_penalty", "-2", "2"),
        ("repetition_penalty", "0", "2"),
        ("n", "1", "128"),
        ("top_logprobs", "0", "5"),
    ] {
        assert_eq!(chat_fields(&format!(r#""{field}":{low}"#)), None);
        assert_eq!(chat_fields(&format!(r#""{field}":{high}"#)), None);
        assert_eq!(
            chat_fields(&format!(r#""{field}":1000"#)).unwrap(),
            format!("Input should be less than or equal to {high}, field: '{field}', value: 1000")
        );
        assert_eq!(
            chat_fields(&format!(r#""{field}":-1000"#)).unwrap(),
            format!(
                "Input should be greater than or equal to {low}, field: '{field}', value: -1000"
            )
        );
    }
}

#[test]
fn enumerations_name_their_values() {
    assert_eq!(
        chat_fields(r#""service_tier":"scale""#).unwrap(),
        "Input should be 'auto', 'default', 'flex' or 'priority', field: 'service_tier', value: 'scale'"
    );
    assert_eq!(
        chat_fields(r#""tools":[{"type":"custom","function":{"name":"f"}}]"#).unwrap(),
        "Input should be 'function', field: 'tools[0].type', value: 'custom'"
    );
    for choice in [
        r#""any""#,
        r#"{"type":"function","name":"f"}"#,
        r#"{"type":"function","function":{"name":"f"}}"#,
    ] {
        assert_eq!(chat_fields(&format!(r#""tool_choice":{choice}"#)), None);
    }
}

#[test]
fn stop_has_four_strings_at_most() {
    assert_eq!(chat_fields(r#""stop":["a","b","c","d"]"#), None);
    let error = chat_fields(r#""stop":["a","b","c","d","e"]"#).unwrap();
    assert!(
        error.contains(
            "List should have at most 4 items after validation, not 5, field: 'stop.list[str]'"
        ),
        "{error}"
    );
}

#[test]
fn required_fields_are_named() {
    assert_eq!(
        chat_error("{}").unwrap(),
        "2 request validation errors: Field required, field: 'model'; Field required, field: 'messages'"
    );
    assert_eq!(
        chat_error(r#"{"model":"m","messages":[{"content":"x"}]}"#).unwrap(),
        "Field required, field: 'messages[0].role'"
    );
    assert!(
        chat_error("[]")
            .unwrap()
            .starts_with("Input should be a valid dictionary")
    );
}

#[test]
fn what_clients_send_is_taken() {
    assert_eq!(
        chat_fields(
            r#""tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{},"strict":true}}],
            "tool_choice":"required","parallel_tool_calls":false,"stream":true,
            "stream_options":{"include_usage":true},"max_tokens":10,"n":2,"stop":"x","logprobs":true,
            "top_logprobs":5,"logit_bias":{"50256":-100},"reasoning_effort":"low","metadata":{"a":"b"},
            "prompt_cache_key":"k","prompt_cache_isolation_key":"i","service_tier":"priority",
            "response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{},"strict":true}},
            "prediction":{"type":"content","content":"x"},"chat_template_kwargs":{"enable_thinking":false}"#
        ),
        None
    );
    for effort in ["5", "true", "\"max\""] {
        assert_eq!(
            chat_fields(&format!(r#""reasoning_effort":{effort}"#)),
            None
        );
    }
}

#[test]
fn completions_have_no_messages_suffix_or_best_of() {
    let error = error(
        completions::shape,
        r#"{"model":"m","prompt":"x","suffix":"y","best_of":2,"messages":[]}"#,
    );
    assert_eq!(
        error.unwrap(),
        "3 request validation errors: Extra inputs are not permitted, field: 'suffix', value: 'y'; \
         Extra inputs are not permitted, field: 'best_of', value: 2; \
         Extra inputs are not permitted, field: 'messages', value: []"
    );
    for prompt in [r#""x""#, r#"["x","y"]"#, "[1,2]", "[[1],[2,3]]"] {
        let body = format!(r#"{{"model":"m","prompt":{prompt}}}"#);
        assert_eq!(
            super::completions::shape(&Json::parse(body.as_bytes()).unwrap())
                .err()
                .map(|r| r.message().to_owned()),
            None
        );
    }
}

#[test]
fn messages_tools_are_closed() {
    let error = error(
        messages::shape,
        r#"{"model":"m","messages":[{"role":"user","content":"x"}],
            "tools":[{"name":"t","input_schema":{},"eager_input_streaming":true}]}"#,
    );
    assert_eq!(
        error.unwrap(),
        "Extra inputs are not permitted, field: 'tools[0].eager_input_streaming', value: True"
    );
}

#[test]
fn deep_nesting_of_unions_is_linear() {
    let mut body = r#"{"model":"m","messages":[{"role":"user","content":"#.to_owned();
    body.push_str(&r#"[{"type":"tool_result","content":"#.repeat(50));
    body.push('7');
    body.push_str(&"}]".repeat(50));
    body.push_str("}]}");
    assert!(error(messages::shape, &body).is_some());
}
