//! Every surface of every endpoint.
//!
//! The bodies mark their own texts: a string that is a text field starts with what the field must
//! say of itself, `kind+encoding/role:`. So a field that is found must be marked, and everything
//! marked must be found.

use super::*;
use crate::document::{Document, Kind};

use Direction::{Reply, Request};
use Endpoint::{ChatCompletions, Completions, Embeddings, Messages, Responses};

fn mark(field: TextField) -> String {
    let kind = match field.kind() {
        TextKind::Content => "content",
        TextKind::Reasoning => "reasoning",
        TextKind::Refusal => "refusal",
        TextKind::ToolArguments => "args",
        TextKind::ToolResult => "result",
        TextKind::Document => "document",
        TextKind::Description => "description",
        TextKind::Prediction => "prediction",
        TextKind::Prompt => "prompt",
        TextKind::Suffix => "suffix",
        TextKind::Input => "input",
        TextKind::Citation => "citation",
        TextKind::Token => "token",
        TextKind::RawOutput => "raw",
    };
    let encoding = match field.encoding() {
        TextEncoding::Plain => "",
        TextEncoding::JsonInString => "+json",
        TextEncoding::Key => "+key",
        TextEncoding::Number => "+number",
        TextEncoding::Bytes => "+bytes",
    };
    let role = match field.role() {
        None => "-",
        Some(Role::System) => "system",
        Some(Role::Developer) => "developer",
        Some(Role::User) => "user",
        Some(Role::Assistant) => "assistant",
        Some(Role::Tool) => "tool",
        Some(Role::Other) => "other",
    };
    format!("{kind}{encoding}/{role}:")
}

/// All strings and keys of a value that carry a mark, and byte arrays, which always do.
fn marked(value: Value<'_>, found: &mut Vec<String>) {
    let is_marked = |text: &str| {
        text.split_once(':').is_some_and(|(mark, _)| {
            mark.split_once('/').is_some_and(|(kind, role)| {
                kind.chars().all(|c| c.is_ascii_lowercase() || c == '+')
                    && role.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            })
        })
    };
    match value.kind() {
        Kind::String => {
            let text = value.as_str().unwrap();
            if is_marked(&text) {
                found.push(text.into_owned());
            }
        }
        Kind::Array => {
            let bytes: Option<Vec<u8>> = value
                .elements()
                .map(|e| e.value().as_u64().map(|n| n as u8))
                .collect();
            match bytes.map(String::from_utf8) {
                Some(Ok(text)) if is_marked(&text) => found.push(text),
                _ => value
                    .elements()
                    .for_each(|element| marked(element.value(), found)),
            }
        }
        Kind::Object => {
            for member in value.members() {
                if is_marked(&member.key()) {
                    found.push(member.key().into_owned());
                }
                marked(member.value(), found);
            }
        }
        _ => {}
    }
}

#[track_caller]
fn check(endpoint: Endpoint, direction: Direction, body: &str) {
    // `"@bytes x"` stands for the array of the bytes of x.
    let mut body = body.to_owned();
    while let Some(at) = body.find("\"@bytes ") {
        let end = at + 8 + body[at + 8..].find('"').unwrap();
        let bytes: Vec<_> = body[at + 8..end]
            .bytes()
            .map(|byte| byte.to_string())
            .collect();
        body.replace_range(at..=end, &format!("[{}]", bytes.join(",")));
    }
    let document = Document::parse(body).unwrap();
    let mut expected = Vec::new();
    marked(document.root(), &mut expected);
    assert!(!expected.is_empty());
    let mut found = Vec::new();
    let mut edited = document.clone();
    for field in text_fields(endpoint, direction, &document) {
        let text = field.text(document.root()).into_owned();
        assert!(
            text.starts_with(&mark(field)),
            "{} is {:?}, found as {}",
            document.path(field.span()),
            text,
            mark(field)
        );
        edited.set_text(field, &text.to_uppercase());
        found.push(text);
    }
    assert_eq!(found, expected);
    // Every field can be given another text, and then says that.
    let edited = Document::parse(edited.finish()).unwrap();
    let texts: Vec<_> = text_fields(endpoint, direction, &edited)
        .map(|field| field.text(edited.root()).into_owned())
        .collect();
    // A key or a type that is itself looked at would be lost; none of the marked ones is.
    assert_eq!(
        texts,
        found
            .iter()
            .map(|text| text.to_uppercase())
            .collect::<Vec<_>>()
    );
}

// === chat ===

#[test]
fn chat_requests() {
    check(
        ChatCompletions,
        Request,
        r#"{"model":"m","user":"u","metadata":{"a":"b"},"stop":["s"],"messages":[
        {"role":"system","content":"content/system:1"},
        {"role":"developer","content":[{"type":"text","text":"content/developer:1"}]},
        {"role":"user","name":"n","content":[
            {"type":"text","text":"content/user:1"},
            {"type":"image_url","image_url":{"url":"https://x"}},
            {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}},
            {"type":"file","file":{"filename":"content/user:file","file_data":"AAAA"}},
            {"text":"content/user:no type"},
            "content/user:bare"]},
        {"content":"content/assistant:role after","reasoning_content":"reasoning/assistant:1","reasoning":"reasoning/assistant:2",
            "reasoning_details":[{"type":"reasoning.text","text":"reasoning/assistant:3"},{"type":"reasoning.summary","summary":"reasoning/assistant:4"},{"type":"reasoning.encrypted","data":"AAAA"}],
            "refusal":"refusal/assistant:1","audio":{"id":"a"},
            "tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"args+json/assistant:1"}},
                {"id":"c2","type":"function","function":{"name":"f","arguments":{"args+key/assistant:k":["args/assistant:v",null,true]}}},
                {"id":"c3","type":"custom","custom":{"name":"c","input":"args/assistant:free"}}],
            "function_call":{"name":"g","arguments":"args+json/assistant:2"},"role":"assistant"},
        {"role":"assistant","content":[{"type":"refusal","refusal":"refusal/assistant:2"},{"type":"thinking","thinking":"reasoning/assistant:5","signature":"x"}]},
        {"role":"assistant","content":null},
        {"role":"tool","tool_call_id":"c1","content":"result/tool:1"},
        {"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"result/tool:2"}]},
        {"role":"function","name":"g","content":"result/tool:3"},
        {"role":"narrator","content":"content/other:1"},
        {"content":"content/-:no role"}],
        "tools":[{"type":"function","function":{"name":"f","description":"description/-:1","parameters":{"type":"object",
            "title":"description/-:2","properties":{"description":{"type":"string","description":"description/-:3"},
            "x":{"anyOf":[{"type":"string","description":"description/-:4"}],"enum":["description/-:e"]}}}}},
            {"type":"custom","custom":{"name":"c","description":"description/-:5"}}],
        "functions":[{"name":"g","description":"description/-:6","parameters":{"description":"description/-:7"}}],
        "response_format":{"type":"json_schema","json_schema":{"name":"n","description":"description/-:8","schema":{"properties":{"y":{"description":"description/-:9"}}}}},
        "prediction":{"type":"content","content":"prediction/-:1"},
        "speculation":"prediction/-:2"}"#,
    );
    check(
        ChatCompletions,
        Request,
        r#"{"prediction":{"type":"content","content":[{"type":"text","text":"prediction/-:parts"}]},
        "messages":[{"role":"user","content":"content/user:1","content":"content/user:duplicate",
            "\u0063ontent":"content/user:spelt otherwise"}],
        "messages":[{"role":"user","content":"content/user:duplicate array"}]}"#,
    );
}

#[test]
fn chat_replies() {
    check(
        ChatCompletions,
        Reply,
        r#"{"id":"x","model":"m","choices":[
        {"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"content/assistant:1",
            "reasoning_content":"reasoning/assistant:1","refusal":"refusal/assistant:1",
            "tool_calls":[{"id":"c","type":"function","index":0,"function":{"name":"f","arguments":"args+json/assistant:1"}}],
            "annotations":[{"type":"url_citation","url_citation":{"url":"citation/assistant:u","title":"citation/assistant:1"}}],
            "audio":{"data":"AAAA","transcript":"content/assistant:spoken"}},
         "logprobs":{"content":[{"token":"token/assistant:1","logprob":-0.1,"bytes":"@bytes token+bytes/assistant:1","token_id":5,
            "top_logprobs":[{"token":"token/assistant:2","bytes":"@bytes token+bytes/assistant:2","logprob":-1}]}],
            "refusal":[{"token":"token/assistant:3","bytes":null,"top_logprobs":[]}]},
         "raw_output":{"completion":"raw/assistant:1","prompt_fragments":["raw/assistant:2",{"text":"raw/assistant:3"}],"prompt_token_ids":[1,2],
            "completion_logprobs":{"tokens":["token/assistant:4"],"token_logprobs":[-1],"top_logprobs":[{"token+key/assistant:5":-1}]}}},
        {"index":1,"message":{"content":"content/assistant:second choice"},
         "logprobs":{"tokens":["token/assistant:6","token/assistant:7"],"token_logprobs":[-0.1,-2],"text_offset":[0,1],"token_ids":[3,4],
            "top_logprobs":[{"token+key/assistant:8":-0.1,"token+key/assistant:9":-2},null]}}],
        "usage":{"prompt_tokens":1},"raw_output":{"completion":"raw/assistant:9"}}"#,
    );
}

#[test]
fn chat_chunks() {
    check(
        ChatCompletions,
        Reply,
        r#"{"object":"chat.completion.chunk","choices":[
        {"index":0,"delta":{"role":"assistant","content":"content/assistant:1","reasoning_content":"reasoning/assistant:1",
            "tool_calls":[{"index":0,"function":{"arguments":"args+json/assistant:1"}}]},"finish_reason":null,
            "logprobs":{"content":[{"token":"token/assistant:1"}]}},
        {"index":1,"delta":{"content":"content/assistant:2","refusal":"refusal/assistant:1"}}],"usage":null}"#,
    );
}

// === completions ===

#[test]
fn completions() {
    check(
        Completions,
        Request,
        r#"{"model":"m","prompt":"prompt/-:1","suffix":"suffix/-:1","user":"u","speculation":"prediction/-:1",
        "response_format":{"schema":{"description":"description/-:1"}}}"#,
    );
    check(
        Completions,
        Request,
        r#"{"prompt":["prompt/-:1",[1,2],"prompt/-:2"],"images":["https://x"]}"#,
    );
    check(
        Completions,
        Reply,
        r#"{"object":"text_completion","choices":[{"index":0,"text":"content/assistant:echoed and completed","finish_reason":"stop",
        "logprobs":{"tokens":["token/assistant:1"],"top_logprobs":[{"token+key/assistant:2":-0.1}]},
        "raw_output":{"completion":"raw/assistant:1"}},
        {"index":1,"text":"content/assistant:2","logprobs":{"content":[{"token":"token/assistant:3","bytes":"@bytes token+bytes/assistant:3"}]}}]}"#,
    );
}

// === embeddings ===

#[test]
fn embeddings() {
    check(
        Embeddings,
        Request,
        r#"{"model":"m","input":"input/-:1","user":"u"}"#,
    );
    check(
        Embeddings,
        Request,
        r#"{"input":["input/-:1","input/-:2",[1,2],{"text":"input/-:3","nested":{"a":["input/-:4"]}}],"prompt_template":"input/-:5"}"#,
    );
    let reply = Document::parse(
        r#"{"object":"list","data":[{"object":"embedding","embedding":"AAAA","index":0}],"model":"m"}"#,
    );
    assert_eq!(text_fields(Embeddings, Reply, &reply.unwrap()).count(), 0);
}

// === responses ===

#[test]
fn responses_requests() {
    check(
        Responses,
        Request,
        r#"{"model":"m","input":"content/user:1","instructions":"content/system:1","metadata":{"a":"b"},
        "text":{"format":{"type":"json_schema","name":"n","description":"description/-:1","schema":{"properties":{"x":{"description":"description/-:2"}}}}},
        "tools":[{"type":"function","name":"f","description":"description/-:3","parameters":{"properties":{"y":{"description":"description/-:4"}}}},
            {"type":"mcp","server_label":"l","server_url":"https://x","server_description":"description/-:5"}],
        "prompt":{"id":"p","variables":{"a":"content/-:1","b":{"type":"input_text","text":"content/-:2"}}}}"#,
    );
    check(
        Responses,
        Request,
        r#"{"input":[
        {"role":"user","content":"content/user:1"},
        {"type":"message","role":"developer","content":[{"type":"input_text","text":"content/developer:1"},{"type":"input_image","image_url":"https://x"},{"type":"input_file","file_data":"AAAA"}]},
        {"type":"message","role":"assistant","id":"msg","content":[{"type":"output_text","text":"content/assistant:1","annotations":[{"type":"file_citation","title":"citation/assistant:1"}],
            "logprobs":[{"token":"token/assistant:1","bytes":"@bytes token+bytes/assistant:1"}]},{"type":"refusal","refusal":"refusal/assistant:1"}]},
        {"type":"input_text","text":"content/user:bare part"},
        "content/user:bare string",
        {"type":"function_call","call_id":"c","name":"f","arguments":"args+json/assistant:1"},
        {"type":"function_call","function":{"name":"f","arguments":"args+json/assistant:2"}},
        {"type":"function_call_output","call_id":"c","output":"result/tool:1"},
        {"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"result/tool:2"}]},
        {"type":"custom_tool_call","call_id":"c","name":"f","input":"args/assistant:3"},
        {"type":"custom_tool_call_output","call_id":"c","output":"result/tool:3"},
        {"type":"tool_output","tool_call_id":"c","output":{"content":[{"type":"text","text":"result/tool:4"}]}},
        {"type":"mcp_call","mcp":{"name":"f","arguments":"args+json/assistant:4"}},
        {"type":"mcp_call","name":"f","arguments":"args+json/assistant:5","output":"result/assistant:5","error":{"type":"e","message":"result/assistant:6"}},
        {"type":"mcp_approval_response","approve":false,"reason":"content/user:2"},
        {"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"reasoning/assistant:1"}],
            "content":[{"type":"reasoning_text","text":"reasoning/assistant:2"}],"encrypted_content":"AAAA"},
        {"type":"code_interpreter_call","code":"args/assistant:6","outputs":[{"type":"logs","logs":"result/assistant:7"}]},
        {"type":"file_search_call","queries":["args/assistant:7"],"results":[{"file_id":"f","text":"result/assistant:8"}]},
        {"type":"local_shell_call","action":{"args+key/assistant:k":["args/assistant:8"]}},
        {"type":"shell_call_output","output":[{"stdout":"result/tool:9","stderr":"result/tool:10"}]},
        {"type":"item_reference","id":"x"}]}"#,
    );
    check(
        Responses,
        Request,
        r#"{"messages":[{"role":"user","content":"content/user:in place of input"}],
        "instructions":[{"role":"developer","content":"content/developer:1"},{"type":"message","content":"content/system:1"}]}"#,
    );
}

const RESPONSE: &str = r#"{"id":"resp","object":"response","status":"completed","instructions":"content/system:1",
    "text":{"format":{"type":"json_schema","schema":{"description":"description/assistant:1"}}},
    "tools":[{"type":"function","name":"f","description":"description/assistant:2"}],"reasoning":{"effort":"low"},
    "output":[{"type":"message","role":"user","content":[{"type":"input_text","text":"content/user:1"}]},
        {"type":"reasoning","summary":[{"type":"summary_text","text":"reasoning/assistant:1"}],"content":[{"type":"reasoning_text","text":"reasoning/assistant:2"}]},
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"content/assistant:1","annotations":null}]},
        {"type":"function_call","name":"f","arguments":"args+json/assistant:1"},
        {"type":"tool_output","tool_call_id":"c","output":"result/tool:1"}],
    "usage":{"prompt_tokens":1}}"#;

#[test]
fn responses_replies_and_their_completed_event() {
    check(Responses, Reply, RESPONSE);
    for event in [
        "response.created",
        "response.completed",
        "response.incomplete",
        "response.failed",
    ] {
        check(
            Responses,
            Reply,
            &format!(r#"{{"type":"{event}","sequence_number":9,"response":{RESPONSE}}}"#),
        );
    }
    check(
        Responses,
        Reply,
        &format!(r#"{{"object":"list","data":[{RESPONSE}],"has_more":false}}"#),
    );
}

#[test]
fn responses_events() {
    let table = [
        (
            "response.output_text.delta",
            r#""delta":"content/assistant:1","logprobs":[{"token":"token/assistant:1"}]"#,
        ),
        (
            "response.output_text.done",
            r#""text":"content/assistant:1""#,
        ),
        ("response.refusal.delta", r#""delta":"refusal/assistant:1""#),
        (
            "response.refusal.done",
            r#""refusal":"refusal/assistant:1""#,
        ),
        (
            "response.function_call_arguments.delta",
            r#""delta":"args+json/assistant:1""#,
        ),
        (
            "response.function_call_arguments.done",
            r#""name":"f","arguments":"args+json/assistant:1""#,
        ),
        (
            "response.mcp_call_arguments.delta",
            r#""delta":"args+json/assistant:1""#,
        ),
        (
            "response.mcp_call_arguments.done",
            r#""arguments":"args+json/assistant:1""#,
        ),
        (
            "response.custom_tool_call_input.delta",
            r#""delta":"args/assistant:1""#,
        ),
        (
            "response.custom_tool_call_input.done",
            r#""input":"args/assistant:1""#,
        ),
        (
            "response.code_interpreter_call_code.delta",
            r#""delta":"args/assistant:1""#,
        ),
        (
            "response.code_interpreter_call_code.done",
            r#""code":"args/assistant:1""#,
        ),
        (
            "response.reasoning_text.delta",
            r#""delta":"reasoning/assistant:1""#,
        ),
        (
            "response.reasoning_text.done",
            r#""text":"reasoning/assistant:1""#,
        ),
        (
            "response.reasoning_summary_text.delta",
            r#""delta":"reasoning/assistant:1""#,
        ),
        (
            "response.reasoning_summary_text.done",
            r#""text":"reasoning/assistant:1""#,
        ),
        (
            "response.reasoning_summary_part.added",
            r#""part":{"type":"summary_text","text":"reasoning/assistant:1"}"#,
        ),
        (
            "response.content_part.added",
            r#""part":{"type":"output_text","text":"content/assistant:1"}"#,
        ),
        (
            "response.content_part.done",
            r#""part":{"type":"refusal","refusal":"refusal/assistant:1"}"#,
        ),
        (
            "response.output_item.done",
            r#""item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"content/assistant:1"}]}"#,
        ),
        (
            "response.output_item.done",
            r#""item":{"type":"function_call","arguments":"args+json/assistant:1"}"#,
        ),
        (
            "response.output_text.annotation.added",
            r#""annotation":{"type":"url_citation","title":"citation/assistant:1"}"#,
        ),
        (
            "response.audio.transcript.delta",
            r#""delta":"content/assistant:1""#,
        ),
        (
            "response.something.new",
            r#""delta":"content/assistant:1","text":"content/assistant:2""#,
        ),
    ];
    for (event, rest) in table {
        let body = format!(
            r#"{{"type":"{event}","item_id":"i","output_index":0,"content_index":0,{rest},"obfuscation":"xyz"}}"#
        );
        check(Responses, Reply, &body);
    }
    for binary in [
        "response.audio.delta",
        "response.image_generation_call.partial_image",
    ] {
        let body = format!(r#"{{"type":"{binary}","delta":"AAAA","partial_image_b64":"AAAA"}}"#);
        let body = Document::parse(body).unwrap();
        assert_eq!(text_fields(Responses, Reply, &body).count(), 0, "{binary}");
    }
}

// === messages ===

#[test]
fn messages_requests() {
    check(
        Messages,
        Request,
        r#"{"model":"m","max_tokens":1,"metadata":{"user_id":"u"},"stop_sequences":["s"],"system":"content/system:1","messages":[
        {"role":"user","content":"content/user:1"},
        {"role":"user","content":[{"type":"text","text":"content/user:2","cache_control":{"type":"ephemeral"},
            "citations":[{"type":"char_location","cited_text":"citation/user:1","document_title":"citation/user:2"}]},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},
            {"type":"document","title":"content/user:3","context":"content/user:4","citations":{"enabled":true},"source":{"type":"text","media_type":"text/plain","data":"document/user:5"}},
            {"type":"document","source":{"type":"base64","data":"AAAA"}},
            {"type":"document","source":{"data":"document/user:duplicate types","type":"text","type":"base64"}},
            {"type":"document","source":{"type":"content","content":[{"type":"text","text":"document/user:6"}]}},
            {"type":"search_result","source":"document/user:10","title":"content/user:7","content":[{"type":"text","text":"result/user:8"}]},
            {"type":"tool_result","tool_use_id":"t","is_error":false,"content":"result/user:1"},
            {"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"result/user:2"},{"type":"document","source":{"type":"text","data":"document/user:9"}},{"type":"image","source":{"type":"url","url":"https://x"}}]}]},
        {"role":"assistant","content":[{"type":"thinking","thinking":"reasoning/assistant:1","signature":"AAAA"},
            {"type":"redacted_thinking","data":"AAAA"},
            {"type":"text","text":"content/assistant:1"},
            {"type":"tool_use","id":"t","name":"f","input":{"args+key/assistant:k":"args/assistant:1","args+key/assistant:l":[{"args+key/assistant:m":"args/assistant:2"}]}}]}],
        "tools":[{"name":"f","description":"description/-:1","input_schema":{"properties":{"a":{"description":"description/-:2"}}}}],
        "output_config":{"format":{"type":"json_schema","schema":{"description":"description/-:3"}}}}"#,
    );
    check(
        Messages,
        Request,
        r#"{"system":[{"type":"text","text":"content/system:1","cache_control":{"type":"ephemeral"}},{"type":"text","text":"content/system:2"}]}"#,
    );
}

#[test]
fn messages_replies_and_events() {
    check(
        Messages,
        Reply,
        r#"{"id":"msg","type":"message","role":"assistant","model":"m","content":[
        {"type":"thinking","thinking":"reasoning/assistant:1","signature":""},
        {"type":"text","text":"content/assistant:1","citations":[{"cited_text":"citation/assistant:1"}]},
        {"type":"tool_use","id":"t","name":"f","input":{"args+key/assistant:q":"args/assistant:1"}}],
        "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1},"raw_output":{"completion":"raw/assistant:1"}}"#,
    );
    let events = [
        r#"{"type":"message_start","message":{"role":"assistant","content":[{"type":"text","text":"content/assistant:1"}]}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"content/assistant:1"}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"reasoning/assistant:1","signature":""}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"args+key/assistant:k":"args/assistant:1"}}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"content/assistant:1"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"reasoning/assistant:1"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"args+json/assistant:1"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"cited_text":"citation/assistant:1"}}}"#,
    ];
    for event in events {
        check(Messages, Reply, event);
    }
    for event in [
        r#"{"type":"content_block_delta","delta":{"type":"signature_delta","signature":"AAAA"}}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":1}}"#,
        r#"{"type":"ping"}"#,
    ] {
        assert_eq!(
            text_fields(Messages, Reply, &Document::parse(event).unwrap()).count(),
            0
        );
    }
}

// === encodings ===

#[test]
fn a_number_in_free_form_json_is_text_and_becomes_a_string() {
    let body = Document::parse(
        r#"{"content":[{"type":"tool_use","input":{"card":4111111111111111,"ok":true}}]}"#,
    )
    .unwrap();
    let mut edited = body.clone();
    for field in text_fields(Messages, Reply, &body) {
        if field.encoding() == TextEncoding::Number {
            assert_eq!(field.text(body.root()), "4111111111111111");
            edited.set_text(field, "[CARD]");
        }
    }
    assert_eq!(
        edited.finish(),
        r#"{"content":[{"type":"tool_use","input":{"card":"[CARD]","ok":true}}]}"#
    );
}

#[test]
fn bytes_that_are_not_text_are_shown_as_replacement_characters() {
    let body = Document::parse(
        r#"{"choices":[{"logprobs":{"content":[{"bytes":[240,159]},{"bytes":[300,-1,256]},{"bytes":[]}]}}]}"#,
    )
    .unwrap();
    let texts: Vec<_> = text_fields(ChatCompletions, Reply, &body)
        .map(|field| field.text(body.root()).into_owned())
        .collect();
    assert_eq!(texts, ["\u{fffd}", "\u{fffd}\u{fffd}\u{fffd}", ""]);
}

#[test]
fn arguments_are_edited_at_both_levels() {
    let body = Document::parse(
        r#"{"choices":[{"message":{"tool_calls":[{"function":{"arguments":"{\"to\": \"a@b.c \\\"x\\\"\",\"n\":1}"}}]}}]}"#,
    )
    .unwrap();
    let field = text_fields(ChatCompletions, Reply, &body).next().unwrap();
    assert_eq!(field.encoding(), TextEncoding::JsonInString);
    let inner = Document::parse(field.text(body.root()).into_owned()).unwrap();
    let mut inner_edited = inner.clone();
    for field in json_strings(inner.root()) {
        let text = field.text(inner.root()).replace("a@b.c", "[\"EMAIL\"]");
        if text != field.text(inner.root()) {
            inner_edited.set_text(field, &text);
        }
    }
    let inner = inner_edited.finish();
    assert_eq!(inner, r#"{"to": "[\"EMAIL\"] \"x\"","n":1}"#);
    let mut edited = body.clone();
    edited.set_text(field, std::str::from_utf8(&inner).unwrap());
    let out: serde_json::Value = serde_json::from_slice(&edited.finish()).unwrap();
    let arguments = out["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"].as_str();
    let arguments: serde_json::Value = serde_json::from_str(arguments.unwrap()).unwrap();
    assert_eq!(arguments["to"], "[\"EMAIL\"] \"x\"");
}

#[test]
fn bodies_of_the_wrong_shape_have_no_text_and_do_no_harm() {
    for body in [
        "null",
        "[]",
        "7",
        "[[{}],7]",
        "{}",
        r#"{"messages":7,"input":null,"prompt":{},"choices":{}}"#,
    ] {
        let body = Document::parse(body).unwrap();
        for endpoint in Endpoint::ALL {
            for direction in [Request, Reply] {
                assert_eq!(text_fields(endpoint, direction, &body).count(), 0);
            }
        }
    }
}
