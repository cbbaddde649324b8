//! Several targets behind one gateway: which one answers, and what a client sees when some of them fail.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answer;
mod bifrost;
mod breaker;
mod chaos;
mod clients;
mod commit;
mod fallback;
mod faults;
mod groups;
mod hedge;
mod keys;
mod metrics;
mod mirror;
mod oddities;
mod probes;
mod retry;
mod split;
mod strategies;

use std::future::Future;

use fw_tests::{Gateway, MODEL, Reply, chat, streamed};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// What every simulator answers to `Hello` unless it was told otherwise.
const ANSWER: &str = "You said: Hello";

/// The one thing this gateway does after a failure is to take the next target.
const NO_BREAKER: &str = "circuit_breaker: { enabled: false }";

async fn send(gateway: &Gateway, body: &Value) -> Reply {
    gateway.post("/v1/chat/completions").json(body).send().await
}

async fn ask(gateway: &Gateway) -> Reply {
    send(gateway, &chat("Hello")).await
}

/// The same question, plain and streamed.
fn both() -> [Value; 2] {
    [chat("Hello"), streamed("Hello")]
}

/// The target that answered.
fn target(reply: &Reply) -> &str {
    reply
        .header("x-fw-target")
        .unwrap_or_else(|| panic!("no x-fw-target: {:?}", reply.headers))
}

/// How many attempts it took.
fn attempts(reply: &Reply) -> &str {
    reply
        .header("x-fw-attempts")
        .unwrap_or_else(|| panic!("no x-fw-attempts: {:?}", reply.headers))
}

/// The text of a whole chat reply, plain or streamed.
fn text(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text());
    if !reply
        .header("content-type")
        .unwrap()
        .starts_with("text/event-stream")
    {
        return reply.json()["choices"][0]["message"]["content"]
            .as_str()
            .unwrap()
            .to_owned();
    }
    assert!(
        reply.text().ends_with("data: [DONE]\n\n"),
        "{}",
        reply.text()
    );
    let chunks = reply.chunks();
    let finished = chunks
        .iter()
        .filter(|chunk| chunk["choices"][0]["finish_reason"].is_string());
    assert_eq!(finished.count(), 1, "{}", reply.text());
    streamed_text(&chunks)
}

/// The text that has come in these chunks of a chat stream.
fn streamed_text(chunks: &[Value]) -> String {
    chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect()
}

/// The whole, undisturbed answer of one target after so many attempts.
fn assert_answered(reply: &Reply, by: &str, after: &str, case: &str) {
    assert_eq!(reply.status, 200, "{case}: {}", reply.text());
    assert_eq!(text(reply), ANSWER, "{case}");
    assert_eq!((target(reply), attempts(reply)), (by, after), "{case}");
}

/// The requests of every operation: path, body, and for those that can be streamed how many events come before
/// the first content.
fn operations() -> [(&'static str, Value, Option<usize>); 5] {
    [
        ("/v1/chat/completions", chat("Hello"), Some(1)),
        (
            "/v1/completions",
            json!({ "model": MODEL, "prompt": "Hello" }),
            Some(0),
        ),
        (
            "/v1/responses",
            json!({ "model": MODEL, "input": "Hello" }),
            Some(4),
        ),
        (
            "/v1/messages",
            json!({ "model": MODEL, "max_tokens": 64, "messages": [{ "role": "user", "content": "Hello" }] }),
            Some(3),
        ),
        (
            "/v1/embeddings",
            json!({ "model": "accounts/fireworks/models/qwen3-embedding-8b", "input": "Hello" }),
            None,
        ),
    ]
}

/// Runs all cases at once.
async fn together<C, F>(cases: impl IntoIterator<Item = C>, run: impl Fn(C) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut running: JoinSet<()> = cases.into_iter().map(run).collect();
    while let Some(ended) = running.join_next().await {
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}
