//! Tools and messages of a chat.

use fw_params::{Fireworks, ParamsLayer};
use fw_wire::Endpoint::ChatCompletions;

use super::{chat_field, messages, refused};

// === tools ===

#[test]
fn functions_become_tools() {
    chat_field(
        r#","functions":[{"name":"f","parameters":{}}, {"name":"g"}],"function_call":"auto""#,
        r#","tools":[{"type":"function","function":{"name":"f","parameters":{}}},{"type":"function","function":{"name":"g"}}],"tool_choice":"auto""#,
        "renamed functions>tools; renamed function_call>tool_choice",
    );
    chat_field(
        r#","function_call":{"name":"f"}"#,
        r#","tool_choice":{"type":"function","function":{"name":"f"}}"#,
        "renamed function_call>tool_choice",
    );
    chat_field(
        r#","tools":[],"functions":[],"tool_choice":"none","function_call":"auto""#,
        r#","tools":[],"tool_choice":"none""#,
        "removed functions; removed function_call",
    );
}

#[test]
fn tools_keep_what_fireworks_types() {
    let tool = r#","tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"x":1},"strict":true}}]"#;
    for choice in [
        r#""auto""#,
        r#""required""#,
        r#""any""#,
        r#"{"type":"function","function":{"name":"f"}}"#,
    ] {
        let field = format!(r#"{tool},"tool_choice":{choice}"#);
        chat_field(&field, &field, "");
    }
    chat_field(
        r#","tools":[{"type":"function","cache_control":{"type":"ephemeral"},"x":1,"function":{"name":"f","cache_control":null,"y":2}}]"#,
        r#","tools":[{"type":"function","function":{"name":"f"}}]"#,
        "removed tools[].cache_control; removed tools[].x; removed tools[].function.cache_control; removed tools[].function.y",
    );
}

#[test]
fn allowed_tools_narrow_the_tools() {
    chat_field(
        r#","tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"b"}}]}}"#,
        r#","tools":[{"type":"function","function":{"name":"b"}}],"tool_choice":"required""#,
        "set tool_choice; removed tools[]",
    );
    let layer = ParamsLayer::new(Fireworks);
    let body = r#"{"model":"m#d","tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}}}"#;
    refused(
        &layer,
        ChatCompletions,
        body,
        400,
        None,
        Some("tool_choice"),
    );
}

#[test]
fn custom_tools_and_unsupported_parts_are_refused_by_place() {
    let layer = ParamsLayer::new(Fireworks);
    for (body, code, param) in [
        (
            r#"{"model":"m#d","tools":[{"type":"function"},{"type":"custom","custom":{}}]}"#,
            "unsupported_tool",
            "tools[1]",
        ),
        (
            r#"{"model":"m#d","tool_choice":{"type":"custom","custom":{"name":"x"}}}"#,
            "unsupported_tool",
            "tool_choice",
        ),
        (
            r#"{"model":"m#d","messages":[{"role":"assistant","tool_calls":[{"type":"custom"}]}]}"#,
            "unsupported_tool",
            "messages[0].tool_calls[0]",
        ),
        (
            r#"{"model":"m#d","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"file","file":{}}]}]}"#,
            "unsupported_content",
            "messages[1].content[1]",
        ),
        (
            r#"{"model":"m#d","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]}"#,
            "unsupported_content",
            "messages[0].content[0]",
        ),
    ] {
        refused(&layer, ChatCompletions, body, 400, Some(code), Some(param));
    }
}

// === messages of a chat ===

#[test]
fn messages_lose_what_the_schema_lacks() {
    messages(
        r#"{"role":"user","content":"Hi","name":"jane"},{"role":"assistant","content":"Yo","refusal":null,"annotations":[],"audio":null,"cache_control":{},"prefix":true}"#,
        r#"{"role":"user","content":"Hi"},{"role":"assistant","content":"Yo"}"#,
        "removed messages[].name; removed messages[].refusal; removed messages[].annotations; removed messages[].audio; removed messages[].cache_control; removed messages[].prefix",
    );
    let kept = r#"{"role":"assistant","content":null,"reasoning_content":"r","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":{"a":1}}}]},{"role":"tool","tool_call_id":"1","content":"x"}"#;
    messages(kept, kept, "");
    messages(
        r#"{"role":"assistant","tool_calls":[{"index":0,"id":"1","function":{"name":"f","arguments":"","x":1}}]}"#,
        r#"{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":""}}]}"#,
        "removed messages[].tool_calls[].index; removed messages[].tool_calls[].function.x",
    );
}

#[test]
fn developers_are_systems_and_leading_systems_are_one() {
    messages(
        r#"{"role":"developer","content":"a"},{"role":"user","content":"b"},{"role":"developer","content":"c"}"#,
        r#"{"role":"system","content":"a"},{"role":"user","content":"b"},{"role":"system","content":"c"}"#,
        "set messages[].role x2",
    );
    messages(
        r#"{"role":"system","content":"a\u00e9"}, {"role":"developer","content":"b","name":"n"}, {"role":"user","content":"c"}"#,
        r#"{"role":"system","content":"a\u00e9\n\nb"}, {"role":"user","content":"c"}"#,
        "merged messages[]",
    );
    messages(
        r#"{"role":"developer","content":"a"},{"role":"system","content":[{"type":"text","text":"b","cache_control":{}}]}"#,
        r#"{"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"#,
        "removed messages[].content[].cache_control; set messages[].role; merged messages[]",
    );
    messages(
        r#"{"role":"system","content":"a"},{"role":"system"},{"role":"system","content":""}"#,
        r#"{"role":"system","content":"a"}"#,
        "merged messages[] x2",
    );
}

#[test]
fn legacy_function_messages_become_tool_messages() {
    messages(
        r#"{"role":"user","content":"x"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"42"}"#,
        r#"{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"42","tool_call_id":"call_1"}"#,
        "renamed messages[].function_call>tool_calls; set messages[].role; removed messages[].name; added messages[].tool_call_id",
    );
    messages(
        r#"{"role":"assistant","function_call":null,"tool_calls":[]}"#,
        r#"{"role":"assistant","tool_calls":[]}"#,
        "removed messages[].function_call",
    );
}

#[test]
fn earlier_thoughts_are_reasoning_content() {
    messages(
        r#"{"role":"assistant","content":"a","reasoning":"r","reasoning_details":[{"text":"d"}]}"#,
        r#"{"role":"assistant","content":"a","reasoning_content":"r"}"#,
        "renamed messages[].reasoning>reasoning_content; removed messages[].reasoning_details",
    );
    messages(
        r#"{"role":"assistant","reasoning_content":null,"reasoning_details":[{"type":"reasoning.text","text":"d\n"},{"type":"reasoning.summary","summary":"e"},{"type":"reasoning.encrypted","data":"z"}]}"#,
        r#"{"role":"assistant","reasoning_content":"d\ne"}"#,
        "removed messages[].reasoning_content; renamed messages[].reasoning_details>reasoning_content",
    );
    messages(
        r#"{"role":"assistant","reasoning_content":"k","reasoning":"r"}"#,
        r#"{"role":"assistant","reasoning_content":"k"}"#,
        "removed messages[].reasoning",
    );
}

#[test]
fn content_parts_keep_what_fireworks_reads() {
    let kept = r#"{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"u","detail":"low"}},{"type":"video_url","video_url":{"url":"v","max_frames":1}},{"type":"audio_url","audio_url":{"url":"w"}}]}"#;
    messages(kept, kept, "");
    messages(
        r#"{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"},"citations":[]}]}"#,
        r#"{"role":"user","content":[{"type":"text","text":"a"}]}"#,
        "removed messages[].content[].cache_control; removed messages[].content[].citations",
    );
    messages(
        r#"{"role":"assistant","content":[{"refusal":"no","type":"refusal"}]}"#,
        r#"{"role":"assistant","content":[{"text":"no","type":"text"}]}"#,
        "renamed messages[].content[].refusal>text; set messages[].content[].type",
    );
}
