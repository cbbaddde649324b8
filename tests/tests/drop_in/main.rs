//! Messages and Responses in front of a provider that speaks chat completions only, over real sockets.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audit;
mod front;
mod messages;
mod modes;
mod policies;
mod responses;

use fw_sim::Simulator;
use fw_tests::{Config, Gateway, Launch, Reply, Sim, Target};
use serde_json::{Value, json};

/// The target's own model.
const MODEL: &str = "gpt-sim";

/// A gateway, and the provider behind it that has nothing but OpenAI's chat completions.
#[derive(Debug)]
struct ChatOnly {
    gateway: Gateway,
    sim: Sim,
}

// === impl ChatOnly ===

impl ChatOnly {
    async fn start() -> Self {
        Self::configured(|config| config).await
    }

    async fn configured(change: impl FnOnce(Config) -> Config) -> Self {
        let sim = Sim::of(Simulator::new().openai()).await;
        let target = Target::new("chat").provider("openai").model(MODEL);
        let config = change(Config::of([target.base_url(&sim.base_url())]));
        let gateway = Launch::new(config).start().await;
        Self { gateway, sim }
    }

    async fn post(&self, path: &str, body: &Value) -> Reply {
        self.gateway.post(path).json(body).send().await
    }

    /// What the provider was asked last; it is a chat completion, whatever the client sent.
    fn asked(&self) -> Value {
        let last = self.sim.last();
        assert_eq!(last.path, "/inference/v1/chat/completions");
        last.json()
    }
}

/// The body of a small request to Messages.
fn message(text: &str) -> Value {
    json!({ "model": MODEL, "max_tokens": 64, "messages": [{ "role": "user", "content": text }] })
}

/// The body of a small request to Responses.
fn input(text: &str) -> Value {
    json!({ "model": MODEL, "input": text })
}

/// The same, streamed.
fn streamed(mut body: Value) -> Value {
    body["stream"] = json!(true);
    body
}

/// The events of a stream with their names, which clients go by.
fn events(reply: &Reply) -> Vec<(String, Value)> {
    assert_eq!(reply.header("content-type"), Some("text/event-stream"));
    let blocks = reply.text().split("\n\n").filter(|block| !block.is_empty());
    let event = |block: &str| {
        let line = |name: &str| {
            let mut lines = block.lines();
            lines
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        let name = line("event:").unwrap_or_else(|| panic!("no name: {block}"));
        let data = line("data:").unwrap_or_else(|| panic!("no data: {block}"));
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["type"], name);
        (name.to_owned(), data)
    };
    blocks.map(event).collect()
}

/// The names of events, repetitions left out.
fn names(events: &[(String, Value)]) -> Vec<&str> {
    let mut names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    names.dedup();
    names
}

/// What the deltas of a stream say: `delta` is where each has its text.
fn said(events: &[(String, Value)], name: &str, delta: &str) -> String {
    let deltas = events.iter().filter(|(found, _)| found == name);
    deltas
        .filter_map(|(_, data)| data.pointer(delta)?.as_str())
        .collect()
}
