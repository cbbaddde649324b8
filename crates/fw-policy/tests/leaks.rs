//! Servers write what the documentation of an endpoint does not say, and clients and servers read more than
//! it does. Whatever they write, and wherever: the word is gone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use bytes::Bytes;
use fw_policy::{Exchange, Policy, PolicyLayer, Texts, Verdict};
use fw_stream::{Channel, Edits, Scan, TextFilter, Window};
use fw_wire::Endpoint::{self, ChatCompletions, Completions, Messages, Responses};
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
        assert_gone_in_streams(endpoint, &[r#""@""#, r#"["@"]"#, r#"[{"text":"@"}]"#]);
    }
    for endpoint in Endpoint::ALL {
        assert_gone_in_replies(endpoint, &[r#""@""#, r#"["@"]"#, r#"[{"text":"@"}]"#]);
    }
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
