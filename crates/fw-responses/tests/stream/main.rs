//! A streamed response is the response of the whole reply, however its chunks are made and cut.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accumulator;
mod frames;
mod story;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_responses::{ChatRequest, Response, ResponseStatus, ResponseStream, chat_request};
use fw_stream::StreamBody;
use http_body_util::BodyExt;
use proptest::prelude::*;
use serde_json::{Value, json};

use self::accumulator::{Streamed, accumulate};
use self::frames::{Frames, floor, frames};
use self::story::{Call, Layout, Story, Telling, story, telling};

const ID: &str = "resp_fw00112233445566778899aabbccddeeff";

// === properties ===

proptest! {
    #[test]
    fn a_streamed_response_is_that_of_the_whole_reply(
        story in story(),
        telling in telling(false),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        summary in any::<bool>(),
    ) {
        let request = request(summary);
        let stream = story.stream(&telling);
        let cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
        let (text, stored) = run(&request, frames(&stream, cuts));
        let streamed = accumulate(&text);
        prop_assert_eq!(&streamed.response, &whole(&story, &request));
        let stored = stored.unwrap();
        prop_assert_eq!(&streamed.response, &parse(stored.json()));
    }

    #[test]
    fn texts_and_calls_that_take_turns_are_all_there(
        story in story(),
        telling in telling(true).prop_filter("something says whose a fragment is", |telling| {
            !telling.no_index
        }),
    ) {
        let request = request(false);
        let (text, _) = run(&request, frames(&story.stream(&telling), []));
        let streamed = accumulate(&text);
        prop_assert_eq!(
            joined(&streamed.response["output"]),
            joined(&whole(&story, &request)["output"])
        );
    }

    #[test]
    fn a_stream_that_breaks_off_before_its_finish_reason_has_failed(
        story in story(),
        telling in telling(false),
        cut in any::<prop::sample::Index>(),
        how in 0..3,
    ) {
        let stream = story.stream(&telling);
        let end = stream.find(&format!("\"finish_reason\":\"{}\"", story.finish)).unwrap();
        let cut = floor(&stream, cut.index(end));
        let mut frames = frames(&stream[..cut], []);
        match how {
            0 => {}
            1 => frames.push_back(Err("the connection was reset")),
            // After whole events only: it would be the rest of one otherwise.
            _ => {
                let whole = stream[..cut].rfind("data: ").unwrap_or(0);
                let error = "data: {\"error\":{\"message\":\"m\"}}\n\n";
                frames = self::frames(&format!("{}{error}", &stream[..whole]), []);
            }
        }
        let (text, stored) = run(&request(false), frames);
        let streamed = accumulate(&text);
        prop_assert_eq!(&*streamed.last_event, "response.failed");
        prop_assert_eq!(&streamed.response["error"]["code"], "server_error");
        prop_assert_eq!(stored.unwrap().status(), ResponseStatus::Failed);
    }
}

/// Every cut into two, of a stream with everything in it.
#[test]
fn no_cut_of_the_bytes_changes_anything() {
    let (story, telling) = (full(), plain());
    let request = request(false);
    let stream = story.stream(&telling);
    let whole = whole(&story, &request);
    for cut in 1..stream.len() {
        let (text, _) = run(&request, frames(&stream, [cut]));
        assert_eq!(accumulate(&text).response, whole, "cut at {cut}");
    }
}

/// Every place where an upstream may stop.
#[test]
fn a_stream_that_stops_anywhere_never_seems_complete() {
    let stream = full().stream(&plain());
    let finish = stream.find("\"finish_reason\":\"tool_calls\"").unwrap();
    let finish_end = finish + stream[finish..].find('}').unwrap();
    for end in (0..stream.len()).filter(|end| stream.is_char_boundary(*end)) {
        let (text, _) = run(&request(false), frames(&stream[..end], []));
        let last = accumulate(&text).last_event;
        if end < finish_end {
            assert_eq!(last, "response.failed", "stopped at {end}");
        }
    }
}

// === the events of one stream ===

#[test]
fn a_text_is_told_in_the_order_that_clients_expect() {
    let story = Story {
        content: "Hi".into(),
        ..empty()
    };
    let (text, stored) = run(&request(false), frames(&story.stream(&plain()), []));
    let streamed = accumulate(&text);
    assert_eq!(
        streamed.events,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    assert_eq!(streamed.response["model"], "the-model");
    assert_eq!(streamed.response["usage"]["input_tokens"], 7);
    assert_eq!(streamed.response["usage"]["prompt_tokens"], 7);
    assert_eq!(stored.unwrap().output_items().len(), 1);
}

#[test]
fn an_item_is_done_as_soon_as_the_next_begins() {
    let (text, _) = run(&request(false), frames(&full().stream(&plain()), []));
    let done = text.find("response.reasoning_text.done").unwrap();
    let next = text.find("response.output_text.delta").unwrap();
    assert!(done < next);
}

#[test]
fn reasoning_is_a_summary_if_one_was_asked_for() {
    let story = Story {
        reasoning: "Hm.".into(),
        ..empty()
    };
    let stream = story.stream(&plain());
    let (text, _) = run(&request(true), frames(&stream, []));
    let output = &accumulate(&text).response["output"];
    let summary = json!([{"type": "summary_text", "text": "Hm."}]);
    assert_eq!(output[0]["summary"], summary);

    let (text, _) = run(&request(false), frames(&stream, []));
    let output = &accumulate(&text).response["output"];
    assert_eq!(output[0]["summary"], json!([]));
    let content = json!([{"type": "reasoning_text", "text": "Hm."}]);
    assert_eq!(output[0]["content"], content);
}

#[test]
fn an_error_of_the_upstream_ends_the_response() {
    let stream = concat!(
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n",
        "data: {\"error\":{\"message\":\"Too much.\",\"code\":\"overloaded\"}}\n\n",
        "data: [DONE]\n\n",
    );
    let (text, stored) = run(&request(false), frames(stream, []));
    let streamed = accumulate(&text);
    assert_eq!(streamed.last_event, "response.failed");
    let error = json!({"code": "overloaded", "message": "Too much."});
    assert_eq!(streamed.response["error"], error);
    let cut_short = &streamed.response["output"][0];
    assert_eq!(cut_short["status"], "incomplete");
    assert_eq!(cut_short["content"][0]["text"], "Hel");
    assert_eq!(stored.unwrap().status(), ResponseStatus::Failed);
}

#[test]
fn a_status_is_no_code() {
    for (error, code) in [
        (
            r#"{"error":{"message":"m","code":429}}"#,
            "rate_limit_exceeded",
        ),
        (r#"{"error":{"message":"m","code":500}}"#, "server_error"),
        (r#"{"error":"m"}"#, "server_error"),
    ] {
        let stream = format!("data: {error}\n\n");
        let (text, _) = run(&request(false), frames(&stream, []));
        assert_eq!(accumulate(&text).response["error"]["code"], code);
    }
}

#[test]
fn a_stream_of_something_else_fails() {
    for stream in ["data: no json\n\n", "data: \"text", "", "<html>"] {
        let (text, _) = run(&request(false), frames(stream, []));
        let streamed = accumulate(&text);
        let events = [
            "response.created",
            "response.in_progress",
            "response.failed",
        ];
        assert_eq!(streamed.events, events, "{stream}");
        assert_eq!(streamed.response["model"], "asked");
    }
}

#[test]
fn a_reply_over_the_limit_fails() {
    let story = Story {
        content: "x".repeat(1000),
        ..empty()
    };
    let stream = story.stream(&plain());
    for (limit, last) in [(900, "response.failed"), (2000, "response.completed")] {
        let (text, _) = run_with(&request(false), frames(&stream, []), limit);
        assert_eq!(accumulate(&text).last_event, last);
    }
}

#[test]
fn a_response_is_handed_over_before_its_last_event() {
    let events = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&events);
    let request = request(false);
    let transform = ResponseStream::new(&request, ID, 1, move |_: Response| {
        seen.borrow_mut().push("stored");
    });
    let stream = full().stream(&plain());
    // One event a frame, so that each is told by itself.
    let cuts = stream.match_indices("\n\n").map(|(at, _)| at + 2);
    let mut body = StreamBody::new(Frames(frames(&stream, cuts)), transform);
    tokio_test::block_on(async {
        while let Some(frame) = body.frame().await {
            let data = frame.unwrap().into_data().unwrap();
            if String::from_utf8_lossy(&data).contains("response.completed") {
                events.borrow_mut().push("told");
            }
        }
    });
    assert_eq!(*events.borrow(), ["stored", "told"]);
}

/// Services number calls as they like, or not at all.
#[test]
fn a_call_without_a_number_follows_one_with_any() {
    let delta = |call: &str| {
        format!("data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{call}]}}}}]}}\n\n")
    };
    let stream = [
        delta(
            r#"{"index":18446744073709551615,"id":"a","function":{"name":"f","arguments":"{}"}}"#,
        ),
        delta(r#"{"id":"b","function":{"name":"g","arguments":"{}"}}"#),
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n"
            .to_owned(),
    ];
    let (text, stored) = run(&request(false), frames(&stream.concat(), []));
    assert!(text.contains("response.completed"), "{text}");
    assert_eq!(stored.unwrap().output_items().len(), 2);
}

#[test]
fn keep_alives_pass() {
    let telling = Telling {
        comments: true,
        ..plain()
    };
    let (text, _) = run(&request(false), frames(&empty().stream(&telling), []));
    assert!(text.starts_with(": keep-alive\n\n"));
    assert_eq!(accumulate(&text).last_event, "response.completed");
}

#[test]
fn streamed_and_whole_have_the_same_ids() {
    let request = request(false);
    let (text, _) = run(&request, frames(&full().stream(&plain()), []));
    let Streamed { response, .. } = accumulate(&text);
    let ids = |response: &Value| -> Vec<Value> {
        let items = response["output"].as_array().unwrap();
        items.iter().map(|item| item["id"].clone()).collect()
    };
    assert_eq!(ids(&response), ids(&whole(&full(), &request)));
    assert_eq!(
        fw_responses::Item::response_of(response["output"][1]["id"].as_str().unwrap()).as_deref(),
        Some(ID)
    );
}

// === helpers ===

fn request(summary: bool) -> ChatRequest {
    let mut body = json!({"model": "asked", "input": "Hi", "stream": true});
    if summary {
        body["reasoning"] = json!({"summary": "auto"});
    }
    let body = Bytes::from(body.to_string());
    chat_request(&body, &[], &mut ParamsChanges::default()).unwrap()
}

fn whole(story: &Story, request: &ChatRequest) -> Value {
    let reply = Bytes::from(story.whole().to_string());
    parse(
        fw_responses::response(&reply, request, ID, 1)
            .unwrap()
            .json(),
    )
}

fn empty() -> Story {
    Story {
        reasoning: String::new(),
        content: String::new(),
        refusal: String::new(),
        calls: Vec::new(),
        finish: "stop",
        usage: Layout::A,
    }
}

fn full() -> Story {
    let call = |id: &str| Call {
        id: Some(id.into()),
        name: "weather".into(),
        arguments: r#"{"a":"é"}"#.into(),
    };
    Story {
        reasoning: "Hm.".into(),
        content: "\"é\"\n".into(),
        refusal: "No.".into(),
        calls: vec![call("a"), call("b")],
        finish: "tool_calls",
        usage: Layout::B,
    }
}

fn plain() -> Telling {
    Telling {
        dice: vec![3, 3, 2],
        done: true,
        crlf: false,
        comments: false,
        no_index: false,
        late_name: false,
        repeats: false,
        mixed: false,
    }
}

/// All text of a kind, and all calls, wherever they stand.
fn joined(output: &Value) -> (String, String, String, Vec<Value>) {
    let (mut reasoning, mut content, mut refusal) = (String::new(), String::new(), String::new());
    let mut calls = Vec::new();
    for item in output.as_array().unwrap() {
        for part in item["content"].as_array().into_iter().flatten() {
            let text = part["text"].as_str().unwrap_or_default();
            match part["type"].as_str().unwrap() {
                "reasoning_text" => reasoning += text,
                "output_text" => content += text,
                _ => refusal += part["refusal"].as_str().unwrap(),
            }
        }
        if item["type"] == "function_call" {
            calls.push(json!([item["call_id"], item["name"], item["arguments"]]));
        }
    }
    calls.sort_by_key(Value::to_string);
    (reasoning, content, refusal, calls)
}

fn parse(json: &[u8]) -> Value {
    serde_json::from_slice(json).unwrap()
}

fn run(
    request: &ChatRequest,
    frames: VecDeque<Result<Bytes, &'static str>>,
) -> (String, Option<Response>) {
    run_with(request, frames, 1 << 20)
}

fn run_with(
    request: &ChatRequest,
    frames: VecDeque<Result<Bytes, &'static str>>,
    limit: usize,
) -> (String, Option<Response>) {
    let stored = Rc::new(RefCell::new(None));
    let slot = Rc::clone(&stored);
    let transform = ResponseStream::new(request, ID, 1, move |response| {
        *slot.borrow_mut() = Some(response);
    })
    .max_bytes(limit);
    let body = StreamBody::new(Frames(frames), transform);
    let bytes = tokio_test::block_on(body.collect()).unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    (text, stored.take())
}
