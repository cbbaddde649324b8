//! Servers write what the documentation of an endpoint does not say, and clients and servers read more than
//! it does. Whatever they write, and wherever: the word is gone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use bytes::Bytes;
use fw_policy::{Exchange, Policy, PolicyLayer, Texts, Verdict};
use fw_stream::{Channel, Edits, Scan, TextFilter, Window};
use fw_wire::Endpoint::{self, ChatCompletions, Completions, Embeddings, Messages, Responses};
use http::Request;
use http_body_util::{BodyExt, Full};
use support::{CANARY, Provider, Replace};
use tower_layer::Layer;
use tower_service::Service;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What the client gets of this reply, which is a stream if the provider says so.
fn got(policy: impl Policy, endpoint: Endpoint, provider: Provider) -> String {
    tokio_test::block_on(async {
        let request = Request::post(endpoint.path())
            .body(Full::new(Bytes::from_static(b"{}")))
            .unwrap();
        let mut service = PolicyLayer::new(policy).layer(provider);
        let response = service.call(request).await.unwrap();
        text(&response.into_body().collect().await.unwrap().to_bytes())
    })
}

/// What the provider gets of this request.
fn sent(path: &str, body: String) -> String {
    let provider = Provider::json("{}");
    tokio_test::block_on(async {
        let request = Request::post(path).body(Full::new(Bytes::from(body)));
        let mut service = PolicyLayer::new(Replace::CANARY).layer(provider.clone());
        drop(service.call(request.unwrap()).await.unwrap());
    });
    let sent = provider.sent();
    sent.first().map(|body| text(body)).unwrap_or_default()
}

/// The halves of the word, of which nothing may be left either.
fn halves() -> (&'static str, &'static str) {
    CANARY.split_at(CANARY.len() / 2)
}

fn is_in(output: &str) -> bool {
    let (first, second) = halves();
    output.contains(first) || output.contains(second)
}

/// `@` is the word, `@1` and `@2` its halves.
fn spelt(row: &str) -> String {
    let (first, second) = halves();
    let spelt = row.replace("@1", first).replace("@2", second);
    let spelt = spelt.replace('@', CANARY);
    assert!(is_in(&spelt), "there is nothing to be seen in {row}");
    spelt
}

/// Runs all rows and tells of each that has the word when it comes out.
fn assert_gone<'a>(rows: impl IntoIterator<Item = &'a str>, output: impl Fn(String) -> String) {
    let outputs = rows.into_iter().map(|row| output(spelt(row)));
    let leaks: Vec<_> = outputs.filter(|output| is_in(output)).collect();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

/// Each row is a stream: the data of one event a line.
fn assert_gone_in_streams(endpoint: Endpoint, rows: &[&str]) {
    assert_gone(rows.iter().copied(), |row| {
        let line = |line: &str| format!("data: {}\n\n", line.trim());
        let events: String = row.lines().map(line).collect();
        got(Replace::CANARY, endpoint, Provider::events(events))
    });
}

fn assert_gone_in_replies(endpoint: Endpoint, rows: &[&str]) {
    assert_gone(rows.iter().copied(), |row| {
        got(Replace::CANARY, endpoint, Provider::json(row))
    });
}

fn assert_gone_in_requests(endpoint: Endpoint, rows: &[&str]) {
    assert_gone(rows.iter().copied(), |row| {
        let sent = sent(endpoint.path(), row.clone());
        assert!(!sent.is_empty(), "refused: {row}");
        sent
    });
}

// === where a text ends ===

/// Adapters for Gemini write it.
#[test]
fn a_text_goes_on_although_each_chunk_has_a_finish_reason() {
    assert_gone_in_streams(
        ChatCompletions,
        &[
            r#"{"choices":[{"index":0,"delta":{"content":"a @1"},"finish_reason":"stop"}]}
               {"choices":[{"index":0,"delta":{"content":"@2 b"},"finish_reason":"stop"}]}"#,
            r#"{"choices":[{"index":0,"delta":{"reasoning_content":"@1"},"finish_reason":"stop"}]}
               {"choices":[{"index":0,"delta":{"reasoning_content":"@2"},"finish_reason":"stop"}]}
               [DONE]"#,
        ],
    );
    assert_gone_in_streams(
        Completions,
        &[
            r#"{"choices":[{"index":0,"text":"a @1","finish_reason":"length"}]}
               {"choices":[{"index":0,"text":"@2 b","finish_reason":"length"}]}"#,
        ],
    );
}

/// Some servers make an id for each chunk.
#[test]
fn a_call_goes_on_although_its_pieces_have_ids_of_their_own() {
    assert_gone_in_streams(
        ChatCompletions,
        &[
            r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"arguments":"{\"to\":\"@1"}}]}}]}
               {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"b","function":{"arguments":"@2\"}"}}]}}]}"#,
        ],
    );
}

// === arguments that are no string ===

/// Hides what stands in the member `pin`: one has to see the key to know it.
struct HidePin;

impl HidePin {
    const KEY: &str = r#""pin":""#;

    fn run(texts: &mut Texts) -> Verdict {
        match texts.filter(|_| Some(Self)) {
            Ok(true) => Verdict::Redact,
            _ => Verdict::Allow,
        }
    }
}

impl TextFilter for HidePin {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        if !window.is_end() {
            return Scan::Settled(window.start());
        }
        if let Some(at) = window.text().find(Self::KEY) {
            let value = at + Self::KEY.len();
            edits.replace(value..value + CANARY.len(), "[X]");
        }
        Scan::Settled(window.text().len())
    }
}

impl Policy for HidePin {
    fn kind(&self) -> &str {
        "hide-pin"
    }

    fn request(&self, texts: &mut Texts, _: &mut Exchange) -> Verdict {
        Self::run(texts)
    }

    fn response(&self, texts: &mut Texts, _: &mut Exchange) -> Verdict {
        Self::run(texts)
    }

    fn filter(&self, _: &Channel, _: &Exchange) -> Option<Box<dyn TextFilter>> {
        Some(Box::new(Self))
    }
}

#[test]
fn a_whole_object_of_arguments_is_seen_with_its_keys_in_replies() {
    for (endpoint, row) in [
        (
            Messages,
            r#"{"content":[{"type":"tool_use","input":{"to":"x","pin":"@"}}]}"#,
        ),
        (
            ChatCompletions,
            r#"{"choices":[{"message":{"tool_calls":[{"function":{"arguments":{"pin":"@"}}}]}}]}"#,
        ),
    ] {
        assert_gone([row], |reply| got(HidePin, endpoint, Provider::json(reply)));
    }
}

#[test]
fn a_whole_object_of_arguments_is_seen_with_its_keys_in_streams() {
    for (endpoint, row) in [
        (
            Messages,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","input":{"to":"x","pin":"@"}}}"#,
        ),
        (
            ChatCompletions,
            r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":{"pin":"@"}}}]}}]}"#,
        ),
        (
            Responses,
            r#"{"type":"response.output_item.done","item":{"type":"function_call","arguments":{"pin":"@"}}}"#,
        ),
    ] {
        assert_gone([row], |row| {
            let events = format!("data: {row}\n\n");
            got(HidePin, endpoint, Provider::events(events))
        });
    }
}

// === spellings of JSON ===

#[test]
fn half_a_character_hides_nothing() {
    assert_gone_in_streams(
        ChatCompletions,
        &[
            r#"{"error":{"message":"@ \ud83d"}}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"@ \ud83d"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"\ude00"},"logprobs":{"content":[{"token":"x","top_logprobs":[{"token":"@"}]}]}}]}"#,
        ],
    );
}

#[test]
fn blanks_and_escapes_in_keys_hide_nothing() {
    assert_gone_in_streams(
        ChatCompletions,
        &[
            r#"{"err\u006fr":{"message":"@"}}"#,
            r#"{"choices":[],"err\u006fr":{"message":"@"}}"#,
            r#"{"choices":[],"\u0065rror" : "@"}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"a"},"logprobs" :{"content":[{"token":"x","top_logprobs" :[{"token":"@"}]}]}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"a"},"logpr\u006Fbs":{"content":[{"token":"x","top_l\u006fgprobs":[{"token":"@"}]}]}}]}"#,
        ],
    );
}

#[test]
fn data_that_cannot_be_read_does_not_pass() {
    assert_gone_in_streams(
        ChatCompletions,
        &[
            r#"{"error":"@"#,
            r#"{"error":{"message":"@" \ud83d}}"#,
            "@",
            r#"{"logprobs":@}"#,
        ],
    );
}

#[test]
fn of_two_members_with_one_name_neither_hides_the_other() {
    assert_gone_in_streams(
        Responses,
        &[
            r#"{"type":"response.output_text.delta","output_index":0,"delta":"@","type":"response.audio.delta"}"#,
            r#"{"type":"response.audio.delta","output_index":0,"delta":"@","type":"response.output_text.delta"}"#,
        ],
    );
    assert_gone_in_streams(
        ChatCompletions,
        &[
            r#"{"choices":[{"index":0,"delta":{"content":"@"}}],"choices":[]}"#,
            r#"{"choices":[],"choices":{"0":"@"}}"#,
            r#"{"choices":[],"error":"@","error":null}"#,
        ],
    );
}

// === events that are not only data ===

fn assert_gone_in_events(endpoint: Endpoint, rows: &[&str]) {
    assert_gone(rows.iter().copied(), |events| {
        got(Replace::CANARY, endpoint, Provider::events(events))
    });
}

#[test]
fn what_follows_the_end_marker_does_not_pass() {
    assert_gone_in_events(
        ChatCompletions,
        &[
            "data: [DONE] @\n\n",
            "data: [DONE]\ndata: {\"x\":\"@\"}\n\n",
        ],
    );
}

#[test]
fn lines_beside_the_data_say_nothing() {
    for line in ["foo: @", "@", "@: x", "event: the @", "id: it is @"] {
        let choices = r#"data: {"choices":[{"index":0,"delta":{"content":"a"}}]}"#;
        assert_gone_in_events(ChatCompletions, &[&format!("{line}\n{choices}\n\n")]);
    }
}

// === errors ===

/// OpenAI and Anthropic; vLLM before 0.10; FastAPI; and what proxies write.
const ERRORS: [&str; 9] = [
    r#"{"error":{"message":"about @","code":400}}"#,
    r#"{"error":"about @"}"#,
    r#"{"error":{"fields":{"@":"is too long"}}}"#,
    r#"{"object":"error","message":"about @","type":"BadRequestError","code":400}"#,
    r#"{"type":"error","message":"about @"}"#,
    r#"{"detail":"about @"}"#,
    r#"{"detail":[{"type":"missing","loc":["body",0],"input":{"content":"about @"}}]}"#,
    r#"{"message":"about @"}"#,
    r#"{"success":false,"errors":[{"message":"about @"}]}"#,
];

#[test]
fn errors_in_streams_are_text_in_any_shape() {
    for endpoint in [ChatCompletions, Completions, Messages, Responses] {
        assert_gone_in_streams(endpoint, &ERRORS);
    }
}

#[test]
fn an_event_that_is_called_an_error_is_one() {
    for endpoint in [ChatCompletions, Completions, Messages, Responses] {
        assert_gone_in_events(
            endpoint,
            &[
                "event: error\ndata: {\"message\":\"@\"}\n\n",
                "event: error\ndata: {\"choices\":[],\"about\":\"@\"}\n\n",
                "event: error\ndata: \"@\"\n\n",
            ],
        );
    }
}

#[test]
fn errors_that_come_as_a_success_are_text_in_any_shape() {
    for endpoint in Endpoint::ALL {
        assert_gone_in_replies(endpoint, &ERRORS);
    }
}

// === what no documentation names ===

#[test]
fn data_that_is_no_object_is_text() {
    for endpoint in [ChatCompletions, Completions, Messages, Responses] {
        assert_gone_in_streams(
            endpoint,
            &[
                r#""@""#,
                r#"["@"]"#,
                r#"[{"text":"@"}]"#,
                r#"[{"choices":[{"index":0,"delta":{"content":"@"},"text":"@"}]}]"#,
                r#"[{"type":"response.created","response":{"instructions":"@"}}]"#,
            ],
        );
    }
    for endpoint in Endpoint::ALL {
        let rows = [r#""@""#, r#"["@"]"#, r#"[{"text":"@"}]"#];
        assert_gone_in_replies(endpoint, &rows);
        assert_gone_in_requests(endpoint, &rows);
    }
}

#[test]
fn choices_deltas_and_contents_of_other_types_are_text() {
    let streams = [
        r#"{"choices":{"0":{"delta":{"content":"@"}}}}"#,
        r#"{"choices":[{"index":0,"delta":["@"]}]}"#,
        r#"{"choices":[{"index":0,"delta":"@"}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":{"text":"@"}}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":[["@"]]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":[{"type":"text","text":{"value":"@"}}]}}]}"#,
    ];
    assert_gone_in_streams(ChatCompletions, &streams);
    assert_gone_in_streams(
        Completions,
        &[
            r#"{"choices":[{"index":0,"text":["@"]}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"@"}}]}"#,
            r#"{"choices":[{"index":0,"message":{"content":"@"}}]}"#,
        ],
    );
    assert_gone_in_streams(
        Responses,
        &[
            r#"{"type":"response.output_text.delta","output_index":0,"delta":{"text":"@"}}"#,
            r#"{"type":"response.output_text.delta","output_index":0,"delta":["@"]}"#,
        ],
    );
    let replies = streams.map(|row| row.replace("delta", "message"));
    assert_gone_in_replies(ChatCompletions, &replies.each_ref().map(String::as_str));
}

#[test]
fn members_that_nobody_knows_are_text_in_chats() {
    let streams = [
        r#"{"choices":[{"index":0,"delta":{"thinking":"@"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"reasoning_details":[{"content":"@"}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"a","new":{"deep":["@"]}}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"a"},"new":"@"}]}"#,
        r#"{"choices":[],"citations":["@"]}"#,
        r#"{"choices":[],"new":{"deep":"@"}}"#,
    ];
    assert_gone_in_streams(ChatCompletions, &streams);
    let replies = streams.map(|row| row.replace("delta", "message"));
    assert_gone_in_replies(ChatCompletions, &replies.each_ref().map(String::as_str));
}

#[test]
fn members_that_nobody_knows_are_text_in_completions() {
    let rows = [
        r#"{"choices":[{"index":0,"text":"a","reasoning":"@"}]}"#,
        r#"{"choices":[{"index":0,"text":"a","new":{"deep":"@"}}]}"#,
        r#"{"choices":[],"new":"@"}"#,
    ];
    assert_gone_in_streams(Completions, &rows);
    assert_gone_in_replies(Completions, &rows);
}

#[test]
fn members_that_nobody_knows_are_text_in_messages() {
    assert_gone_in_streams(
        Messages,
        &[
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"compaction_delta","content":"@"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"new_delta","new":"@"}}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"new","new":"@"}}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"@"}}"#,
            r#"{"type":"new_event","new":"@"}"#,
        ],
    );
    assert_gone_in_replies(
        Messages,
        &[
            r#"{"content":[{"type":"new","new":"@"}]}"#,
            r#"{"content":[],"stop_sequence":"@"}"#,
            r#"{"content":[{"type":"text","text":"a","citations":[{"source":"@"}]}]}"#,
            r#"{"content":[{"type":"text_editor_code_execution_tool_result","content":{"lines":["@"],"error_message":"@"}}]}"#,
        ],
    );
}

#[test]
fn members_that_nobody_knows_are_text_in_responses() {
    for item in [
        r#"{"type":"image_generation_call","revised_prompt":"@"}"#,
        r#"{"type":"mcp_list_tools","tools":[{"description":"@"}]}"#,
        r#"{"type":"file_search_call","results":[{"attributes":{"a":"@"}}]}"#,
        r#"{"type":"file_search_call","results":[{"filename":"@"}]}"#,
        r#"{"type":"computer_call","pending_safety_checks":[{"message":"@"}]}"#,
        r#"{"type":"computer_call","action":{"type":"new","new":"@"}}"#,
        r#"{"type":"function_call_output","output":{"new":"@"}}"#,
        r#"{"type":"new","new":{"deep":"@"}}"#,
    ] {
        let event = format!(r#"{{"type":"response.output_item.done","item":{item}}}"#);
        assert_gone_in_streams(Responses, &[&event]);
        assert_gone_in_replies(Responses, &[&format!(r#"{{"output":[{item}]}}"#)]);
    }
    assert_gone_in_streams(
        Responses,
        &[
            r#"{"type":"response.new.delta","delta":"@"}"#,
            r#"{"type":"response.new","transcript":"@"}"#,
        ],
    );
    assert_gone_in_replies(Responses, &[r#"{"output":"@"}"#]);
}

// === requests ===

#[test]
fn a_path_that_some_server_takes_for_an_endpoint_is_one() {
    for path in [
        "/v1/chat/completions/.",
        "/v1/chat/./completions",
        "/v1/chat/completions/x/..",
        "/v1/chat/completions/x/%2e%2E/",
        "/v1/chat/completions;a=b",
        "/v1;a=b/chat/completions",
        "/v1/chat/completions%20",
        "/v1/chat/completions%00",
        "/v1/chat/completions%3Fa=b",
        "/v1/chat/c%256fmpletions",
        "/v1%5Cchat%5Ccompletions",
    ] {
        let row = r#"{"messages":[{"role":"user","content":"@"}]}"#;
        assert_gone([row], |body| {
            let sent = sent(path, body);
            assert!(!sent.is_empty(), "{path} is not looked at");
            sent
        });
    }
}

#[test]
fn stored_texts_are_replies() {
    for path in [
        "/v1/chat/completions",
        "/v1/chat/completions/c",
        "/v1/chat/completions/c/messages",
        "/v1/conversations/c/items",
        "/v1/messages/batches/b/results",
    ] {
        assert_gone([r#"{"data":[{"content":"@"}]}"#], |reply| {
            let request = Request::get(path).body(Full::new(Bytes::new())).unwrap();
            let mut service = PolicyLayer::new(Replace::CANARY).layer(Provider::json(reply));
            tokio_test::block_on(async {
                let response = service.call(request).await.unwrap();
                text(&response.into_body().collect().await.unwrap().to_bytes())
            })
        });
    }
}

#[test]
fn contents_of_other_types_are_text_in_requests() {
    for content in [
        r#"{"text":"@"}"#,
        r#"[["@"]]"#,
        r#"[{"type":"text","text":{"value":"@"}}]"#,
        r#"[{"type":"tool_result","content":"@"}]"#,
    ] {
        let body = format!(r#"{{"messages":[{{"role":"user","content":{content}}}]}}"#);
        assert_gone_in_requests(ChatCompletions, &[&body]);
        assert_gone_in_requests(Messages, &[&body]);
    }
    assert_gone_in_requests(
        ChatCompletions,
        &[
            r#"{"messages":{"role":"user","content":"@"}}"#,
            r#"{"messages":["@"]}"#,
            r#"{"messages":"@"}"#,
        ],
    );
    assert_gone_in_requests(
        Messages,
        &[
            r#"{"system":{"type":"text","text":"@"}}"#,
            r#"{"messages":{"role":"user","content":"@"}}"#,
        ],
    );
    assert_gone_in_requests(
        Responses,
        &[
            r#"{"input":{"role":"user","content":"@"}}"#,
            r#"{"input":{"role":"user","content":{"type":"input_text","text":"@"}}}"#,
            r#"{"input":[{"type":"function_call_output","output":{"a":"@"}}]}"#,
        ],
    );
}

#[test]
fn members_of_requests_that_servers_read_are_text() {
    assert_gone_in_requests(
        ChatCompletions,
        &[
            r#"{"messages":[],"documents":[{"text":"@"}]}"#,
            r#"{"messages":[],"chat_template_kwargs":{"about":"@"}}"#,
            r#"{"messages":[],"guided_choice":["@"]}"#,
            r#"{"messages":[],"web_search_options":{"user_location":{"approximate":{"city":"@"}}}}"#,
            r#"{"messages":[],"new":{"deep":"@"}}"#,
        ],
    );
    assert_gone_in_requests(
        Completions,
        &[r#"{"messages":[{"role":"user","content":"@"}]}"#],
    );
    assert_gone_in_requests(
        Messages,
        &[
            r#"{"messages":[],"context_management":{"new":"@"}}"#,
            r#"{"messages":[],"tools":[{"name":"f","input_examples":[{"a":"@"}]}]}"#,
        ],
    );
    assert_gone_in_requests(
        Embeddings,
        &[
            r#"{"input":[{"text":"@"}]}"#,
            r#"{"input":"a","new":{"deep":"@"}}"#,
        ],
    );
}

#[test]
fn values_in_schemas_are_text() {
    for key in ["enum", "examples"] {
        let body = format!(
            r#"{{"messages":[],"tools":[{{"type":"function","function":{{"parameters":{{"properties":{{"a":{{"{key}":["@"]}}}}}}}}}}]}}"#
        );
        assert_gone_in_requests(ChatCompletions, &[&body]);
    }
    for key in ["const", "default"] {
        let body = format!(
            r#"{{"messages":[],"tools":[{{"name":"f","input_schema":{{"properties":{{"a":{{"{key}":"@"}}}}}}}}]}}"#
        );
        assert_gone_in_requests(Messages, &[&body]);
    }
}

// === logs ===

#[test]
fn debug_shows_how_much_there_is_and_not_what() {
    let event = "data: {\"choices\":[]}\n\n".repeat(2) + "data: private\n\n";
    for provider in [
        Provider::json(r#"{"choices":[{"message":{"content":"private"}}]}"#),
        Provider::events(event),
    ] {
        for path in ["/v1/chat/completions", "/v1/files"] {
            let shown = tokio_test::block_on(async {
                let mut service = PolicyLayer::new(Replace::CANARY).layer(provider.clone());
                let request = Request::post(path)
                    .body(Full::new(Bytes::from_static(b"{}")))
                    .unwrap();
                format!("{:?}", service.call(request).await.unwrap())
            });
            assert!(shown.contains("PolicyBody("), "{shown}");
            assert!(!shown.contains("private"), "{shown}");
        }
    }
}
