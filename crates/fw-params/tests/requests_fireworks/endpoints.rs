//! Embeddings, Responses and Messages; bodies that cannot be read.

use fw_params::{Fireworks, ParamsLayer, UnknownFields};
use fw_wire::Endpoint::{ChatCompletions, Embeddings, Messages, Responses};

use super::{becomes, becomes_with, refused};

// === the other endpoints ===

#[test]
fn embeddings_keep_their_fields() {
    let body = r#"{"model":"a/b","input":[[1,2],[3]],"encoding_format":"base64","dimensions":8,"user":"u","prompt_template":"{text}","return_logits":[1],"normalize":true,"prompt_cache_key":"k","prompt_cache_isolation_key":"i"}"#;
    becomes(Embeddings, body, body, "");
    becomes(
        Embeddings,
        r#"{"model":"a/b","input":"x","dimensions":null,"stream":false,"truncate":true}"#,
        r#"{"model":"a/b","input":"x"}"#,
        "removed dimensions; removed truncate; removed stream",
    );
    let layer = ParamsLayer::new(Fireworks);
    let body = r#"{"model":"a/b","input":"x","stream":true}"#;
    let message = refused(
        &layer,
        Embeddings,
        body,
        400,
        Some("unsupported_operation"),
        Some("stream"),
    );
    assert!(
        message.contains("streaming embeddings") && message.contains("fireworks"),
        "{message}"
    );
}

#[test]
fn responses_go_native() {
    let body = r#"{"model":"m#d","input":[{"role":"user","content":[{"type":"input_text","text":"x"}]}],"previous_response_id":null,"max_tool_calls":2,"store":true,"tools":[{"type":"mcp","server_url":"u"}],"reasoning":{"effort":"low"},"text":{},"stream":true}"#;
    becomes(Responses, body, body, "");
    becomes(
        Responses,
        r#"{"model":"m#d","messages":[{"role":"developer","content":"a"},{"role":"user","content":"b"}],"include":[],"background":false,"prompt_cache_key":"k","safety_identifier":"s","conversation":null,"top_logprobs":1}"#,
        r#"{"model":"m#d","input":[{"role":"system","content":"a"},{"role":"user","content":"b"}]}"#,
        "removed include; removed background; removed prompt_cache_key; removed safety_identifier; removed conversation; removed top_logprobs; renamed messages>input; set input[].role",
    );
    becomes(
        Responses,
        r#"{"model":"m#d","input":"x","messages":[]}"#,
        r#"{"model":"m#d","input":"x"}"#,
        "removed messages",
    );
    let layer = ParamsLayer::new(Fireworks).unknown_fields(UnknownFields::Forward);
    let body = r#"{"model":"m#d","input":"x","include":[],"prompt_cache_key":"k"}"#;
    becomes_with(&layer, Responses, body, body, "");
}

#[test]
fn what_a_response_cannot_do_without_is_refused_by_name() {
    for (field, value) in [
        ("conversation", r#""conv_1""#),
        ("conversation", r#"{"id":"conv_1"}"#),
        ("background", "true"),
        ("prompt", r#"{"id":"pmpt_1"}"#),
    ] {
        let body = format!(r#"{{"model":"m#d","input":"x","{field}":{value}}}"#);
        for setting in [UnknownFields::Remove, UnknownFields::Reject] {
            let layer = ParamsLayer::new(Fireworks).unknown_fields(setting);
            let code = Some("unsupported_value");
            let message = refused(&layer, Responses, &body, 400, code, Some(field));
            assert!(message.contains("fireworks"), "{message}");
        }
        // Whoever asked for that lets the provider decide.
        let layer = ParamsLayer::new(Fireworks).unknown_fields(UnknownFields::Forward);
        becomes_with(&layer, Responses, &body, &body, "");
    }
    becomes(
        Responses,
        r#"{"model":"m#d","input":"x","conversation":null,"background":false,"prompt":null}"#,
        r#"{"model":"m#d","input":"x"}"#,
        "removed conversation; removed background; removed prompt",
    );
}

#[test]
fn a_conversation_that_the_server_should_know_is_refused_with_the_code_that_sdks_act_on() {
    for thread in [
        r#"{"type":"create"}"#,
        r#"{"type":"continue","previous_message_id":"msg_1"}"#,
    ] {
        refused(
            &ParamsLayer::new(Fireworks),
            Messages,
            &format!(r#"{{"model":"m#d","messages":[],"thread":{thread}}}"#),
            400,
            Some("thread_unsupported_request"),
            Some("thread"),
        );
    }
}

#[test]
fn messages_go_native_without_what_is_refused() {
    let body = r#"{"model":"m#d","max_tokens":9000,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"x"}],"metadata":{"user_id":"u"},"thinking":{"type":"enabled","budget_tokens":1024},"top_k":1,"stop_sequences":["a"],"stream":true}"#;
    becomes(Messages, body, body, "");
    becomes(
        Messages,
        r#"{"model":"m#d","messages":[],"service_tier":"auto","inference_geo":"us","container":"c","context_management":{},"thinking":{"type":"adaptive"},"output_config":{"effort":"low","task_budget":1}}"#,
        r#"{"model":"m#d","messages":[],"output_config":{"effort":"low"}}"#,
        "removed service_tier; removed inference_geo; removed container; removed context_management; removed thinking; removed output_config.task_budget",
    );
    becomes(
        Messages,
        r#"{"model":"m#d","tools":[{"name":"f","input_schema":{},"cache_control":{},"eager_input_streaming":true,"allowed_callers":[],"defer_loading":true,"input_examples":[],"type":"custom","x":1}]}"#,
        r#"{"model":"m#d","tools":[{"name":"f","input_schema":{},"type":"custom"}]}"#,
        "removed tools[].cache_control; removed tools[].eager_input_streaming; removed tools[].allowed_callers; removed tools[].defer_loading; removed tools[].input_examples; removed tools[].x",
    );
    becomes(
        Messages,
        r#"{"model":"m#d","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"image","source":{},"cache_control":{}}],"cache_control":{}},{"type":"text","text":"x","cache_control":{}}],"id":"1"}]}"#,
        r#"{"model":"m#d","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"image","source":{}}]},{"type":"text","text":"x","cache_control":{}}]}]}"#,
        "removed content[].cache_control x2; removed messages[].id",
    );
}

#[test]
fn what_a_client_tells_anthropic_s_billing_is_no_prompt() {
    let line = "x-anthropic-billing-header: cc_version=2.1.177.01c; cc_entrypoint=cli; cch=36ee5;";
    let rest = r#""messages":[{"role":"user","content":"x-anthropic-billing-header: x"}]"#;
    let text = |text: &str| format!(r#"{{"type":"text","text":"{text}"}}"#);
    let prompt = text("Be brief.");
    for (system, left, changes) in [
        (
            format!("[{},{prompt}]", text(line)),
            format!(r#""system":[{prompt}],"#),
            "removed system (x-anthropic-billing-header)",
        ),
        (
            format!("[{}]", text(&format!(r"{line}\nBe brief."))),
            format!(r#""system":[{prompt}],"#),
            "set system (x-anthropic-billing-header)",
        ),
        (
            format!(r#""{line}\nBe brief.\n{line}""#),
            format!(r#""system":"Be brief.\n{line}","#),
            "set system (x-anthropic-billing-header)",
        ),
        (
            format!(r#""{line}""#),
            String::new(),
            "removed system (x-anthropic-billing-header)",
        ),
    ] {
        becomes(
            Messages,
            &format!(r#"{{"model":"m#d","system":{system},{rest}}}"#),
            &format!(r#"{{"model":"m#d",{left}{rest}}}"#),
            changes,
        );
    }
}

#[test]
fn server_tools_are_removed_with_what_chooses_them() {
    becomes(
        Messages,
        r#"{"model":"m#d","tools":[{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"auto"}}"#,
        r#"{"model":"m#d"}"#,
        "removed tools[] (server tool); removed tools; removed tool_choice",
    );
    becomes(
        Messages,
        r#"{"model":"m#d","tools":[{"type":"bash_20250124","name":"bash"},{"name":"f","input_schema":{}}],"tool_choice":{"type":"tool","name":"f"}}"#,
        r#"{"model":"m#d","tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"tool","name":"f"}}"#,
        "removed tools[] (server tool)",
    );
}

// === bodies that cannot be read ===

#[test]
fn bad_json_is_refused_with_its_position() {
    let layer = ParamsLayer::new(Fireworks);
    // The missing comma of a published example.
    let body = "{\n  \"store\": true\n  \"max_tool_calls\": 2\n}";
    let message = refused(&layer, Responses, body, 400, Some("invalid_json"), None);
    assert!(message.contains("line 3, column 3"), "{message}");
    for body in ["", "[]", "\"x\"", "null", &"[".repeat(10_000)] {
        let error = layer
            .convert_request(ChatCompletions, body.to_owned())
            .unwrap_err();
        assert_eq!(error.status().as_u16(), 400);
    }
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let layer = ParamsLayer::new(Fireworks).max_body_bytes(10);
    let code = Some("request_too_large");
    refused(
        &layer,
        ChatCompletions,
        r#"{"model":"m#d"}"#,
        413,
        code,
        None,
    );
}

#[test]
fn wrong_types_are_left_for_the_provider_to_refuse() {
    for body in [
        r#"{"model":7,"messages":"x","tools":{},"stream":"yes","stream_options":1}"#,
        r#"{"model":"m#d","messages":[1,"x",{"role":3,"content":{}}],"tools":[5,{"function":"f"}]}"#,
        r#"{"model":"m#d","messages":[{"role":"system","content":1},{"role":"system","content":"x"}]}"#,
        r#"{"model":"m#d","functions":"f","function_call":7,"prompt_cache_isolation_key":7,"max_tokens":"many"}"#,
    ] {
        becomes(ChatCompletions, body, body, "");
    }
}
