//! What policies do to what passes the gateway, over real sockets.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attacks;
mod behaviour;
mod classify;
mod external;
mod replies;
mod requests;
mod streams;
mod unsafe_content;

use std::path::Path;

use fw_tests::{Canned, Config, Gateway, Launch};
use serde_json::Value;

/// What must not pass.
const VALUE: &str = "jane.roe@corp.example";

/// What stands in its place.
const MARKER: &str = "[REDACTED:EMAIL]";

/// A gateway with PII redaction in front of an upstream.
async fn gateway(upstream: &Canned) -> Gateway {
    configured(upstream, "{ action: redact }").await
}

/// A gateway with these settings of the PII policy.
async fn configured(upstream: &Canned, settings: &str) -> Gateway {
    launch(upstream, settings).start().await
}

/// What the gateway says when it refuses these settings.
async fn refused(upstream: &Canned, settings: &str) -> String {
    launch(upstream, settings).refused().await
}

fn launch(upstream: &Canned, settings: &str) -> Launch {
    let config = Config::new()
        .base_url(&upstream.base_url())
        .policy("pii-detector", settings);
    Launch::new(config)
}

/// No spelling of the value is in a text: neither plain nor escaped nor as bytes.
fn assert_no_leak(body: &str) {
    for leak in ["jane", "roe@", "corp.example"] {
        assert!(!body.contains(leak), "{leak:?} leaks: {body}");
    }
    let bytes: Vec<String> = b"jane".iter().map(u8::to_string).collect();
    assert!(!body.contains(&bytes.join(",")), "bytes leak: {body}");
}

/// The `finished` record of the audit log in this directory.
fn finished(directory: &Path) -> Value {
    let files = std::fs::read_dir(directory).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let text: String = files
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let mut records = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    records
        .find(|record| record["kind"] == "finished")
        .expect("a record")
}
