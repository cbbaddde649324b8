//! What reading and editing JSON bodies costs, beside `serde_json::Value` in the same run.
//!
//! `cargo bench -p fw-wire --bench document`
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use bytes::Bytes;
use divan::Bencher;
use divan::counter::BytesCount;
use fw_wire::{Direction, Document, Endpoint, Usage, UsageMeter, Value, text_fields};

fn main() {
    divan::main();
}

/// The data of one event of a streamed chat reply.
const CHUNK: &str = r#"{"id":"6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11","object":"chat.completion.chunk","created":1795246800,"model":"accounts/fireworks/models/gpt-oss-120b","choices":[{"index":0,"delta":{"content":" over the lazy dog"},"finish_reason":null}],"usage":null}"#;

/// A chat request of about so many bytes: a system prompt, turns of prose with a few escapes, a tool.
fn request(size: usize) -> String {
    let mut body = String::from(
        r#"{"model":"accounts/fireworks/models/glm-5p3","temperature":0.7,"max_tokens":1024,"stream":true,"tools":[{"type":"function","function":{"name":"get_weather","description":"The weather in a city","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}],"messages":[{"role":"system","content":"You are a helpful assistant."}"#,
    );
    let prose = r#"The quick brown fox jumps over the lazy dog, again and again.\nThen it \"rests\" a while under the old tree, because foxes need rest as well. "#;
    let mut user = true;
    while body.len() + 2 < size {
        let role = if user { "user" } else { "assistant" };
        let room = (size - body.len()).clamp(60, 2000);
        let text = prose.repeat((room - 40) / prose.len() + 1);
        // Cut in plain text, never within an escape.
        let cut = text[..(room - 40).min(text.len())].rfind(' ').unwrap_or(0);
        body.push_str(&format!(
            r#",{{"role":"{role}","content":"{}"}}"#,
            &text[..cut]
        ));
        user = !user;
    }
    body.push_str("]}");
    body
}

fn body(name: &str) -> String {
    match name {
        "chunk_250B" => CHUNK.to_owned(),
        "request_1KB" => request(1024),
        _ => request(32 * 1024),
    }
}

const BODIES: [&str; 3] = ["chunk_250B", "request_1KB", "request_32KB"];

#[divan::bench(args = BODIES)]
fn parse_value(bencher: Bencher<'_, '_>, name: &str) {
    let body = body(name);
    bencher
        .counter(BytesCount::of_str(&body))
        .bench_local(|| Value::parse(black_box(body.as_bytes())).unwrap().span());
}

#[divan::bench(args = BODIES)]
fn parse_document(bencher: Bencher<'_, '_>, name: &str) {
    let body = Bytes::from(body(name));
    bencher
        .counter(BytesCount::new(body.len()))
        .with_inputs(|| body.clone())
        .bench_local_values(|body| Document::parse(body).unwrap());
}

#[divan::bench(args = BODIES)]
fn parse_serde_json(bencher: Bencher<'_, '_>, name: &str) {
    let body = body(name);
    bencher.counter(BytesCount::of_str(&body)).bench_local(|| {
        serde_json::from_slice::<serde_json::Value>(black_box(body.as_bytes())).unwrap()
    });
}

#[divan::bench(args = BODIES)]
fn one_edit(bencher: Bencher<'_, '_>, name: &str) {
    let body = Bytes::from(body(name));
    bencher
        .counter(BytesCount::new(body.len()))
        .with_inputs(|| body.clone())
        .bench_local_values(|body| {
            let mut document = Document::parse(body).unwrap();
            let model = document.root().get("model").unwrap().span();
            document.replace_text(model, "accounts/fireworks/models/kimi-k3");
            document.finish()
        });
}

#[divan::bench(args = BODIES)]
fn one_edit_serde_json(bencher: Bencher<'_, '_>, name: &str) {
    let body = Bytes::from(body(name));
    bencher
        .counter(BytesCount::new(body.len()))
        .bench_local(|| {
            let mut value: serde_json::Value = serde_json::from_slice(black_box(&body)).unwrap();
            value["model"] = "accounts/fireworks/models/kimi-k3".into();
            serde_json::to_vec(&value).unwrap()
        });
}

/// What an observing transform does for an event: parse, content, finish reason, usage.
#[divan::bench]
fn observe_chunk(bencher: Bencher<'_, '_>) {
    let mut meter = UsageMeter::new();
    bencher.bench_local(|| {
        let event = Value::parse(black_box(CHUNK.as_bytes())).unwrap();
        let [choices, usage] = event.get_many(["choices", "usage"]);
        let choice = choices.unwrap().index(0).unwrap();
        let [delta, reason] = choice.get_many(["delta", "finish_reason"]);
        let content = delta.and_then(|delta| delta.get("content"));
        if usage.is_some_and(Value::is_object) {
            meter.observe(event);
        }
        (content.map(Value::span), reason.map(Value::span))
    });
}

#[divan::bench(args = BODIES)]
fn find_text_fields(bencher: Bencher<'_, '_>, name: &str) {
    let document = Document::parse(body(name)).unwrap();
    let direction = if name.starts_with("chunk") {
        Direction::Reply
    } else {
        Direction::Request
    };
    bencher
        .counter(BytesCount::new(document.bytes().len()))
        .bench_local(|| text_fields(Endpoint::ChatCompletions, direction, &document).count());
}

#[divan::bench]
fn read_usage(bencher: Bencher<'_, '_>) {
    let usage = br#"{"prompt_tokens":71,"total_tokens":95,"completion_tokens":24,"prompt_tokens_details":{"cached_tokens":64}}"#;
    let usage = Value::parse(usage).unwrap();
    bencher.bench_local(|| Usage::from_value(black_box(usage)));
}
