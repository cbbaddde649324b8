//! No text gets past a policy: each place of each endpoint's bodies, in requests, replies and streams, in
//! each spelling.
//!
//! The tables go along the one in section 5 of the design: a row for each place. `@` in a row is where the
//! forbidden word goes. A policy replaces it; then nothing of it may be in the bytes that come out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use bytes::Bytes;
use fw_policy::PolicyLayer;
use fw_wire::{Direction, Endpoint};
use http::Request;
use http_body_util::{BodyExt, Full};
use support::{CANARY, Provider, Replace};
use tower_layer::Layer;
use tower_service::Service;

use Endpoint::{ChatCompletions, Completions, Embeddings, Messages, Responses};

/// The halves of the word, of which nothing may be left either.
fn halves() -> (&'static str, &'static str) {
    CANARY.split_at(CANARY.len() / 2)
}

fn run(endpoint: Endpoint, request: String, provider: Provider) -> (Bytes, Bytes) {
    tokio_test::block_on(async {
        let mut service = PolicyLayer::new(Replace::CANARY).layer(provider.clone());
        let request = Request::post(endpoint.path())
            .body(Full::new(Bytes::from(request)))
            .unwrap();
        let response = service.call(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(status, 200, "{body:?}");
        (provider.sent().remove(0), body)
    })
}

/// What a request, or a plain reply, with this body becomes.
fn filtered(endpoint: Endpoint, direction: Direction, body: String) -> Bytes {
    match direction {
        Direction::Request => run(endpoint, body, Provider::json("{}")).0,
        Direction::Reply => run(endpoint, "{}".into(), Provider::json(body)).1,
    }
}

/// The text with all JSON escapes taken away, however many levels of them there are.
fn unescaped(bytes: &[u8]) -> String {
    let mut text = String::from_utf8(bytes.to_vec()).unwrap();
    for _ in 0..4 {
        let mut next = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find('\\') {
            next.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let unit = rest.strip_prefix('u').and_then(|rest| rest.get(..4));
            if let Some(unit) = unit.and_then(|unit| u32::from_str_radix(unit, 16).ok()) {
                next.extend(char::from_u32(unit));
                rest = &rest[5..];
            }
        }
        next.push_str(rest);
        text = next;
    }
    text
}

/// What is left of the word in a text, in any spelling.
fn left_in(output: &[u8]) -> Option<String> {
    let text = unescaped(output);
    let packed: String = text.split_whitespace().collect();
    let (first, second) = halves();
    let bytes = |half: &str| {
        let bytes: Vec<String> = half.bytes().map(|byte| byte.to_string()).collect();
        bytes.join(",")
    };
    [first.into(), second.into(), bytes(first), bytes(second)]
        .into_iter()
        .find(|half: &String| packed.contains(half))
}

/// `@` stands for the word in a string, `@bytes` for its bytes, `@1` and `@2` for its halves. In JSON within
/// a string `@@` is the word where it may have escapes of both levels.
fn spellings(row: &str) -> Vec<String> {
    let (first, second) = halves();
    let escaped = |text: &str| -> String {
        text.chars()
            .map(|c| format!("\\u{:04x}", u32::from(c)))
            .collect()
    };
    let numbers = |text: &str| {
        let bytes: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
        format!("[{}]", bytes.join(","))
    };
    let spell = |write: &dyn Fn(&str) -> String, inner: &str| {
        row.replace("@bytes1", &numbers(first))
            .replace("@bytes2", &numbers(second))
            .replace("@bytes", &numbers(CANARY))
            .replace("@1", &write(first))
            .replace("@2", &write(second))
            .replace("@@", inner)
            .replace('@', &write(CANARY))
    };
    let inner_escaped = escaped(CANARY).replace('\\', "\\\\");
    vec![
        spell(&|text| text.to_owned(), CANARY),
        spell(&escaped, CANARY),
        spell(
            &|text| format!("{}{}", &text[..1], escaped(&text[1..])),
            &inner_escaped,
        ),
        // The backslash of the inner escape is itself written as an escape.
        spell(&escaped, &inner_escaped.replace("\\\\", "\\u005c")),
    ]
}

fn check(endpoint: Endpoint, direction: Direction, rows: &[&str]) {
    for row in rows {
        for body in spellings(row) {
            let output = filtered(endpoint, direction, body.clone());
            // Otherwise there is nothing to be seen.
            assert!(left_in(body.as_bytes()).is_some(), "{body}");
            assert_eq!(left_in(&output), None, "{output:?}\nfrom {body}");
            let kept: Result<serde_json::Value, _> = serde_json::from_slice(&output);
            assert!(kept.is_ok(), "no JSON: {output:?}");
        }
    }
}

// === requests ===

#[test]
fn chat_requests() {
    let message = |message: &str| format!(r#"{{"messages":[{message}],"stream":false}}"#);
    let mut rows: Vec<String> = [
        "system",
        "developer",
        "user",
        "assistant",
        "tool",
        "function",
        "x",
    ]
    .iter()
    .flat_map(|role| {
        [
            message(&format!(r#"{{"role":"{role}","content":"a @ b"}}"#)),
            message(&format!(
                r#"{{"content":[{{"type":"text","text":"@"}},{{"text":"@"}},"@"],"role":"{role}"}}"#
            )),
        ]
    })
    .collect();
    rows.extend(
        [
            r#"{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{\"a\":\"@@\",\"@@\":[1]}"}}]}"#,
            r#"{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"not json @"}}]}"#,
            r#"{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{\"cut\":\"off @@"}}]}"#,
            r#"{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{"a":["@",{"@":"@"}]}}}]}"#,
            r#"{"role":"assistant","tool_calls":[{"type":"custom","custom":{"input":"@"}}]}"#,
            r#"{"role":"assistant","function_call":{"name":"f","arguments":"{\"a\":\"@@\"}"}}"#,
            r#"{"role":"tool","tool_call_id":"c","content":"@"}"#,
            r#"{"role":"assistant","reasoning_content":"@","reasoning":"@"}"#,
            r#"{"role":"assistant","reasoning_details":[{"text":"@"},{"summary":"@"}]}"#,
            r#"{"role":"assistant","refusal":"@","content":[{"type":"refusal","refusal":"@"},{"thinking":"@"}]}"#,
            r#"{"role":"user","content":"@","content":"@"}"#,
            r#"{"role":"user","\u0063ontent":"@"}"#,
        ]
        .map(message),
    );
    rows.extend(
        [
            r#"{"messages":[{"content":"@"}],"messages":[{"content":"@"}]}"#,
            r#"{"tools":[{"type":"function","function":{"description":"@","parameters":{"title":"@","properties":{"x":{"description":"@"}}}}}]}"#,
            r#"{"functions":[{"description":"@"}]}"#,
            r#"{"response_format":{"json_schema":{"description":"@","schema":{"description":"@"}}}}"#,
            r#"{"prediction":{"type":"content","content":"@"}}"#,
            r#"{"prediction":{"type":"content","content":[{"type":"text","text":"@"}]}}"#,
            r#"{"speculation":"@"}"#,
        ]
        .map(str::to_owned),
    );
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    check(ChatCompletions, Direction::Request, &rows);
}

#[test]
fn completion_requests() {
    check(
        Completions,
        Direction::Request,
        &[
            r#"{"prompt":"@"}"#,
            r#"{"prompt":["a","@"]}"#,
            r#"{"prompt":"a","suffix":"@"}"#,
            r#"{"prompt":"a","speculation":"@","prediction":{"content":"@"}}"#,
            r#"{"prompt":"a","response_format":{"schema":{"description":"@"}}}"#,
        ],
    );
}

#[test]
fn responses_requests() {
    check(
        Responses,
        Direction::Request,
        &[
            r#"{"input":"@"}"#,
            r#"{"instructions":"@"}"#,
            r#"{"instructions":[{"role":"developer","content":"@"}]}"#,
            r#"{"messages":[{"role":"user","content":"@"}]}"#,
            r#"{"input":["@",{"type":"input_text","text":"@"},{"role":"user","content":"@"}]}"#,
            r#"{"input":[{"role":"user","content":[{"type":"input_text","text":"@"}]}]}"#,
            r#"{"input":[{"role":"assistant","content":[{"type":"output_text","text":"@","annotations":[{"title":"@"}],"logprobs":[{"token":"@1","bytes":@bytes1},{"token":"@2","bytes":@bytes2}]}]}]}"#,
            r#"{"input":[{"role":"assistant","content":[{"type":"output_text","text":"a","logprobs":[{"token":"@"}]}]}]}"#,
            r#"{"input":[{"type":"message","content":[{"type":"refusal","refusal":"@"}]}]}"#,
            r#"{"input":[{"type":"function_call","arguments":"{\"a\":\"@@\"}"}]}"#,
            r#"{"input":[{"type":"function_call_output","output":"@"}]}"#,
            r#"{"input":[{"type":"function_call_output","output":[{"type":"input_text","text":"@"}]}]}"#,
            r#"{"input":[{"type":"custom_tool_call","input":"@"},{"type":"custom_tool_call_output","output":"@"}]}"#,
            r#"{"input":[{"type":"mcp_call","arguments":"{\"a\":\"@@\"}","output":"@","error":{"message":"@"}}]}"#,
            r#"{"input":[{"type":"reasoning","summary":[{"text":"@"}],"content":[{"text":"@"}]}]}"#,
            r#"{"input":[{"type":"code_interpreter_call","code":"@","outputs":[{"type":"logs","logs":"@"}]}]}"#,
            r#"{"input":[{"type":"file_search_call","queries":["@"],"results":[{"text":"@"}]}]}"#,
            r#"{"input":[{"type":"local_shell_call","action":{"command":["@"]}}]}"#,
            r#"{"input":[{"type":"shell_call_output","output":[{"stdout":"@","stderr":"@"}]}]}"#,
            r#"{"tools":[{"type":"function","description":"@","parameters":{"description":"@"}}]}"#,
            r#"{"text":{"format":{"schema":{"description":"@"}}}}"#,
            r#"{"prompt":{"id":"p","variables":{"a":"@","b":{"type":"input_text","text":"@"}}}}"#,
        ],
    );
}

#[test]
fn message_requests() {
    check(
        Messages,
        Direction::Request,
        &[
            r#"{"system":"@"}"#,
            r#"{"system":[{"type":"text","text":"@"}]}"#,
            r#"{"messages":[{"role":"user","content":"@"}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"text","text":"@"}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"tool_result","content":"@"}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":"@"}]}]}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"tool_use","input":{"a":"@","@":{"b":["@"]}}}]}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"tool_use","input":[{"a":"@"},"@"]}]}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"@"}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"document","title":"@","context":"@","source":{"type":"text","data":"@"}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"text","text":"@"}]}}]}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"text","text":"a","citations":[{"cited_text":"@","document_title":"@"}]}]}]}"#,
            r#"{"tools":[{"name":"f","description":"@","input_schema":{"properties":{"x":{"description":"@"}}}}]}"#,
            r#"{"output_config":{"format":{"schema":{"description":"@"}}}}"#,
        ],
    );
}

#[test]
fn embedding_requests() {
    check(
        Embeddings,
        Direction::Request,
        &[
            r#"{"input":"@"}"#,
            r#"{"input":["a","@"]}"#,
            r#"{"input":[{"text":"@","more":{"a":["@"]}}],"prompt_template":"@"}"#,
        ],
    );
}

// === plain replies ===

/// Log probabilities that spell the word in each way there is.
const LOGPROBS: [&str; 8] = [
    r#"{"content":[{"token":"@1","logprob":-1},{"token":"@2"}]}"#,
    r#"{"content":[{"token":"a","bytes":@bytes1},{"token":"b","bytes":@bytes2}]}"#,
    r#"{"content":[{"token":"a","top_logprobs":[{"token":"@"}]}]}"#,
    r#"{"content":[{"token":"a","top_logprobs":[{"token":"a","bytes":@bytes}]}]}"#,
    r#"{"refusal":[{"token":"@1"},{"token":"@2"}]}"#,
    r#"{"tokens":["@1","@2"],"token_logprobs":[-1,-1]}"#,
    r#"{"tokens":["a"],"top_logprobs":[{"@":-1,"b":-2}]}"#,
    r#"{"content":[{"token":"@"}],"tokens":["@"]}"#,
];

#[test]
fn chat_replies() {
    let choice = |rest: &str| {
        format!(r#"{{"choices":[{{"index":0,"message":{{"content":"a"}}}},{{"index":1,{rest}}}]}}"#)
    };
    let mut rows: Vec<String> = [
        r#""message":{"role":"assistant","content":"@"}"#,
        r#""message":{"content":[{"type":"text","text":"@"}]}"#,
        r#""message":{"reasoning_content":"@","refusal":"@"}"#,
        r#""message":{"tool_calls":[{"function":{"name":"f","arguments":"{\"a\":\"@@\",\"n\":1}"}}]}"#,
        r#""message":{"function_call":{"arguments":"{\"a\":\"@@\"}"}}"#,
        r#""message":{"tool_calls":[{"custom":{"input":"@"}}]}"#,
        r#""message":{"annotations":[{"url_citation":{"title":"@"}}],"audio":{"transcript":"@"}}"#,
        r#""message":{"content":"@"},"logprobs":{"content":[{"token":"@1"},{"token":"@2"}]},"token_ids":[1]"#,
        r#""raw_output":{"completion":"@","prompt_fragments":["@"]}"#,
    ]
    .iter()
    .map(|rest| choice(rest))
    .collect();
    for logprobs in LOGPROBS {
        rows.push(choice(&format!(r#""logprobs":{logprobs}"#)));
        rows.push(choice(&format!(
            r#""raw_output":{{"completion_logprobs":{logprobs}}}"#
        )));
    }
    rows.push(r#"{"choices":[],"raw_output":{"completion":"@"}}"#.into());
    rows.push(r#"{"choices":[],"error":{"message":"about @","code":"@"}}"#.into());
    rows.push(r#"{"error":"@"}"#.into());
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    check(ChatCompletions, Direction::Reply, &rows);
}

#[test]
fn completion_replies() {
    let mut rows: Vec<String> = vec![
        r#"{"choices":[{"text":"@"},{"index":1,"text":"echo: @ and on"}]}"#.into(),
        r#"{"choices":[{"reasoning_content":"@","raw_output":{"completion":"@"}}]}"#.into(),
    ];
    rows.extend(
        LOGPROBS
            .iter()
            .map(|logprobs| format!(r#"{{"choices":[{{"text":"a","logprobs":{logprobs}}}]}}"#)),
    );
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    check(Completions, Direction::Reply, &rows);
}

#[test]
fn responses_replies() {
    check(
        Responses,
        Direction::Reply,
        &[
            r#"{"output":[{"type":"message","content":[{"type":"output_text","text":"@","annotations":[{"title":"@"}],"logprobs":[{"token":"@1"},{"token":"@2"}]}]}]}"#,
            r#"{"output":[{"type":"message","content":[{"type":"output_text","text":"a","logprobs":[{"token":"a","bytes":@bytes1},{"token":"b","bytes":@bytes2}]}]}]}"#,
            r#"{"output":[{"type":"message","content":[{"type":"output_text","text":"a","logprobs":[{"token":"a","top_logprobs":[{"token":"@"}]}]}]}]}"#,
            r#"{"output":[{"type":"message","content":[{"type":"refusal","refusal":"@"}]}]}"#,
            r#"{"output":[{"type":"reasoning","summary":[{"text":"@"}],"content":[{"text":"@"}]}]}"#,
            r#"{"output":[{"type":"function_call","arguments":"{\"a\":\"@@\"}"}]}"#,
            r#"{"output":[{"type":"custom_tool_call","input":"@"},{"type":"tool_output","output":"@"}]}"#,
            r#"{"output":[{"type":"code_interpreter_call","code":"@","outputs":[{"logs":"@"}]}]}"#,
            r#"{"output":[{"type":"mcp_call","arguments":"{\"a\":\"@@\"}","output":"@","error":"@"}]}"#,
            r#"{"output":[],"output_text":"@"}"#,
            r#"{"output":[],"instructions":"@","tools":[{"description":"@"}]}"#,
            r#"{"output":[],"prompt":{"variables":{"a":"@"}},"text":{"format":{"schema":{"description":"@"}}}}"#,
            r#"{"status":"failed","output":[],"error":{"code":"server_error","message":"@"}}"#,
            r#"{"object":"list","data":[{"output":[{"type":"message","content":[{"text":"@"}]}],"error":{"message":"@"}}]}"#,
        ],
    );
}

#[test]
fn message_replies() {
    check(
        Messages,
        Direction::Reply,
        &[
            r#"{"content":"@"}"#,
            r#"{"content":[{"type":"text","text":"@","citations":[{"cited_text":"@","document_title":"@"}]}]}"#,
            r#"{"content":[{"type":"thinking","thinking":"@","signature":"s"}]}"#,
            r#"{"content":[{"type":"tool_use","name":"f","input":{"a":"@","@":1}}]}"#,
            r#"{"content":[{"type":"web_search_tool_result","content":[{"title":"@"}]}]}"#,
            r#"{"content":[],"raw_output":{"completion":"@","completion_logprobs":{"tokens":["@1","@2"]}}}"#,
            r#"{"type":"error","error":{"type":"api_error","message":"@"}}"#,
        ],
    );
}

#[test]
fn embedding_replies() {
    check(
        Embeddings,
        Direction::Reply,
        &[
            r#"{"data":[{"embedding":[0.1],"raw_output":{"prompt":"@"}}]}"#,
            r#"{"data":[],"raw_output":"@"}"#,
        ],
    );
}

// === streams ===

/// A stream of these events, each named by its type if it has one.
fn events(data: &[String]) -> String {
    let event = |data: &String| {
        let value: serde_json::Value = serde_json::from_str(data).expect(data);
        let name = value["type"].as_str();
        let name = name.map_or(String::new(), |name| format!("event: {name}\n"));
        format!("{name}data: {data}\n\n")
    };
    data.iter().map(event).collect::<String>() + "data: [DONE]\n\n"
}

/// Each row is the events of a stream, one on a line.
fn check_streams(endpoint: Endpoint, rows: &[String]) {
    for row in rows {
        for body in spellings(row) {
            let lines: Vec<String> = body.lines().map(|line| line.trim().to_owned()).collect();
            let stream = events(&lines);
            let request = r#"{"stream":true}"#.to_owned();
            let (_, output) = run(endpoint, request, Provider::events(stream.clone()));
            assert!(left_in(stream.as_bytes()).is_some(), "{stream}");
            let text = String::from_utf8_lossy(&output);
            assert_eq!(left_in(&output), None, "{text}\nfrom {stream}");
            for line in text.lines().filter_map(|line| line.strip_prefix("data: {")) {
                let value: Result<serde_json::Value, _> =
                    serde_json::from_str(&format!("{{{line}"));
                assert!(value.is_ok(), "{line}");
            }
            assert!(text.ends_with("data: [DONE]\n\n"), "{text}\nfrom {stream}");
        }
    }
}

fn chunk(index: usize, rest: &str) -> String {
    format!(r#"{{"id":"1","choices":[{{"index":{index},{rest}}}]}}"#)
}

#[test]
fn chat_streams() {
    let mut rows = Vec::new();
    // Pieces of each line of text, with another choice between them.
    for (first, second) in [
        (
            r#""delta":{"content":"a @1"}"#,
            r#""delta":{"content":"@2 b"}"#,
        ),
        (
            r#""delta":{"reasoning_content":"@1"}"#,
            r#""delta":{"reasoning_content":"@2"}"#,
        ),
        (
            r#""delta":{"reasoning":"@1"}"#,
            r#""delta":{"reasoning":"@2"}"#,
        ),
        (r#""delta":{"refusal":"@1"}"#, r#""delta":{"refusal":"@2"}"#),
        (
            r#""delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"a\":\"@1"}}]}"#,
            r#""delta":{"tool_calls":[{"index":0,"function":{"arguments":"@2\"}"}}]}"#,
        ),
        (
            r#""delta":{"tool_calls":[{"index":0,"custom":{"input":"@1"}}]}"#,
            r#""delta":{"tool_calls":[{"index":0,"custom":{"input":"@2"}}]}"#,
        ),
        (
            r#""delta":{"function_call":{"name":"f","arguments":"{\"@1"}}"#,
            r#""delta":{"function_call":{"arguments":"@2\":1}"}}"#,
        ),
        (
            r#""delta":{"content":[{"type":"text","text":"@1"}]}"#,
            r#""delta":{"content":[{"type":"text","text":"@2"}]}"#,
        ),
        (
            r#""delta":{"content":"@1"},"logprobs":{"content":[{"token":"@1","bytes":@bytes1}]},"token_ids":[1]"#,
            r#""delta":{"content":"@2"},"logprobs":{"content":[{"token":"@2","bytes":@bytes2}]}"#,
        ),
        (
            r#""delta":{},"logprobs":{"content":[{"token":"@1"}]}"#,
            r#""delta":{},"logprobs":{"content":[{"token":"@2"}]}"#,
        ),
        (
            r#""delta":{"content":"@1"}"#,
            r#""delta":{"content":"@2"},"finish_reason":"stop""#,
        ),
    ] {
        rows.push(format!("{}\n{}", chunk(0, first), chunk(0, second)));
        let other = chunk(1, r#""delta":{"content":"other"}"#);
        rows.push(format!(
            "{}\n{other}\n{}",
            chunk(0, first),
            chunk(0, second)
        ));
    }
    // Whole texts in one event.
    for rest in [
        r#""delta":{"role":"assistant","content":"@"}"#,
        r#""message":{"content":"@","reasoning_content":"@"}"#,
        r#""delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":\"@@\"}"}}]}"#,
        r#""delta":{"tool_calls":[{"index":0,"function":{"arguments":{"a":"@","@":1}}}]}"#,
        r#""delta":{"annotations":[{"url_citation":{"title":"@"}}]}"#,
        r#""delta":{"audio":{"transcript":"@"}}"#,
        r#""delta":{"reasoning_details":[{"text":"@"},{"summary":"@"}]}"#,
        r#""delta":{},"raw_output":{"completion":"@","prompt_fragments":["@"]}"#,
    ] {
        rows.push(chunk(0, rest));
    }
    for logprobs in LOGPROBS {
        rows.push(chunk(
            0,
            &format!(r#""delta":{{"content":"a"}},"logprobs":{logprobs}"#),
        ));
        rows.push(chunk(
            0,
            &format!(r#""delta":{{}},"raw_output":{{"completion_logprobs":{logprobs}}}"#),
        ));
    }
    rows.push(r#"{"choices":[],"raw_output":{"completion":"@"}}"#.into());
    check_streams(ChatCompletions, &rows);
}

#[test]
fn completion_streams() {
    let mut rows = vec![
        format!(
            "{}\n{}",
            chunk(0, r#""text":"@1""#),
            chunk(0, r#""text":"@2""#)
        ),
        format!(
            "{}\n{}",
            chunk(0, r#""text":"@1","logprobs":{"tokens":["@1"]}"#),
            chunk(0, r#""text":"@2","logprobs":{"tokens":["@2"]}"#)
        ),
        chunk(0, r#""text":"@""#),
        chunk(0, r#""text":"","raw_output":{"completion":"@"}"#),
        format!(
            "{}\n{}",
            chunk(0, r#""reasoning_content":"@1""#),
            chunk(0, r#""reasoning_content":"@2""#)
        ),
    ];
    for logprobs in LOGPROBS {
        rows.push(chunk(0, &format!(r#""text":"a","logprobs":{logprobs}"#)));
    }
    check_streams(Completions, &rows);
}

#[test]
fn responses_streams() {
    let at = r#""item_id":"i","output_index":0,"content_index":0"#;
    let event = |kind: &str, rest: &str| format!(r#"{{"type":"response.{kind}",{at},{rest}}}"#);
    let mut rows = Vec::new();
    for (kind, last) in [
        ("output_text", "text"),
        ("refusal", "refusal"),
        ("reasoning_text", "text"),
        ("reasoning_summary_text", "text"),
        ("custom_tool_call_input", "input"),
        ("code_interpreter_call_code", "code"),
    ] {
        rows.push(format!(
            "{}\n{}\n{}",
            event(&format!("{kind}.delta"), r#""delta":"@1""#),
            event(&format!("{kind}.delta"), r#""delta":"@2""#),
            event(&format!("{kind}.done"), &format!(r#""{last}":"@""#)),
        ));
    }
    for kind in ["function_call_arguments", "mcp_call_arguments"] {
        rows.push(format!(
            "{}\n{}\n{}",
            event(&format!("{kind}.delta"), r#""delta":"{\"a\":\"@1""#),
            event(&format!("{kind}.delta"), r#""delta":"@2\"}""#),
            event(&format!("{kind}.done"), r#""arguments":"{\"a\":\"@@\"}""#),
        ));
    }
    for (kind, rest) in [
        (
            "output_text.delta",
            r#""delta":"a","logprobs":[{"token":"@"}]"#,
        ),
        (
            "output_text.delta",
            r#""delta":"a","logprobs":[{"token":"a","top_logprobs":[{"token":"@"}]}]"#,
        ),
        (
            "output_text.delta",
            r#""delta":"a","logprobs":[{"token":"a","bytes":@bytes}]"#,
        ),
        (
            "output_text.done",
            r#""text":"@","logprobs":[{"token":"@1"},{"token":"@2"}]"#,
        ),
        (
            "output_text.annotation.added",
            r#""annotation":{"title":"@"}"#,
        ),
        (
            "content_part.added",
            r#""part":{"type":"output_text","text":"@"}"#,
        ),
        (
            "content_part.done",
            r#""part":{"type":"output_text","text":"@","annotations":[{"title":"@"}]}"#,
        ),
        (
            "reasoning_summary_part.done",
            r#""part":{"type":"summary_text","text":"@"}"#,
        ),
        (
            "output_item.added",
            r#""item":{"type":"message","content":[{"text":"@"}]}"#,
        ),
        (
            "output_item.done",
            r#""item":{"type":"function_call","arguments":"{\"a\":\"@@\"}"}"#,
        ),
        (
            "output_item.done",
            r#""item":{"type":"reasoning","summary":[{"text":"@"}]}"#,
        ),
        (
            "created",
            r#""response":{"instructions":"@","tools":[{"description":"@"}],"output":[]}"#,
        ),
        (
            "completed",
            r#""response":{"output":[{"type":"message","content":[{"text":"@","logprobs":[{"token":"@1"},{"token":"@2"}]}]}]}"#,
        ),
        (
            "incomplete",
            r#""response":{"output":[{"type":"custom_tool_call","input":"@"}]}"#,
        ),
        ("something_new", r#""delta":"@""#),
        ("something_new", r#""text":"@""#),
    ] {
        rows.push(event(kind, rest));
    }
    check_streams(Responses, &rows);
}

#[test]
fn message_streams() {
    let block =
        |kind: &str, rest: &str| format!(r#"{{"type":"content_block_{kind}","index":0,{rest}}}"#);
    let pieces = |first: &str, second: &str| {
        format!("{}\n{}", block("delta", first), block("delta", second))
    };
    let rows = [
        r#"{"type":"message_start","message":{"role":"assistant","content":[{"type":"text","text":"@"}]}}"#.to_owned(),
        block("start", r#""content_block":{"type":"text","text":"@"}"#),
        block("start", r#""content_block":{"type":"tool_use","input":{"a":"@","@":1}}"#),
        block("start", r#""content_block":{"type":"web_search_tool_result","content":[{"title":"@"}]}"#),
        pieces(
            r#""delta":{"type":"text_delta","text":"@1"}"#,
            r#""delta":{"type":"text_delta","text":"@2"}"#,
        ),
        pieces(
            r#""delta":{"type":"thinking_delta","thinking":"@1"}"#,
            r#""delta":{"type":"thinking_delta","thinking":"@2"}"#,
        ),
        pieces(
            r#""delta":{"type":"input_json_delta","partial_json":"{\"a\":\"@1"}"#,
            r#""delta":{"type":"input_json_delta","partial_json":"@2\"}"}"#,
        ),
        block("delta", r#""delta":{"type":"citations_delta","citation":{"cited_text":"@","document_title":"@"}}"#),
        r#"{"type":"message_stop","raw_output":{"completion":"@","completion_logprobs":{"tokens":["@1","@2"]}}}"#.to_owned(),
    ];
    check_streams(Messages, &rows);
}

#[test]
fn errors_in_streams() {
    for (endpoint, row) in [
        (
            ChatCompletions,
            r#"{"error":{"message":"about @","code":"@"}}"#,
        ),
        (Completions, r#"{"error":{"message":"about @"}}"#),
        (
            Responses,
            r#"{"type":"error","message":"@","error":{"message":"@"}}"#,
        ),
        (
            Responses,
            r#"{"type":"response.failed","response":{"output":[],"error":{"message":"@"}}}"#,
        ),
        (
            Messages,
            r#"{"type":"error","error":{"type":"api_error","message":"@"}}"#,
        ),
    ] {
        check_streams(endpoint, &[row.to_owned()]);
    }
}
