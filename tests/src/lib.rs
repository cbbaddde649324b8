//! Harness of the end-to-end tests: the real `fw-gateway` process in front of the real simulator,
//! over real sockets.
//!
//! A test starts a [`Stage`]: the simulator in this process, the gateway as a child process with a
//! `policy-config.yaml` that names the simulator as the upstream, and a client for each of them. What
//! happened is read from replies, from what the simulator recorded, and from the gateway's log lines.
//!
//! ```no_run
//! # async fn run() {
//! use fw_tests::{Stage, chat};
//!
//! let stage = Stage::start().await;
//! let reply = stage.gateway.post("/v1/chat/completions").json(&chat("Hello")).send().await;
//! assert_eq!(reply.status, 200);
//! assert_eq!(stage.sim.last().path, "/inference/v1/chat/completions");
//! # }
//! ```
//!
//! A [`Fleet`] has several simulators behind one gateway, each with knobs of its own; [`ByHand`] is an upstream
//! whose answers the test decides one by one, [`Canned`] one that always says the same.
//!
//! Nothing here sleeps: a wait is for an event (a line, a counter, a byte), and every wait ends with a
//! panic that says what did not come when [`PATIENCE`] is over.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod binary;
mod by_hand;
mod canned;
mod clients;
mod config;
mod fleet;
mod gateway;
mod http;
mod log;
mod project;
mod raw;
mod sim;
mod stage;
mod table;
mod target;

pub use self::binary::gateway_binary;
pub use self::by_hand::{Asked, ByHand, Stream};
pub use self::canned::Canned;
pub use self::clients::ClientStage;
pub use self::config::Config;
pub use self::fleet::Fleet;
pub use self::gateway::{Gateway, Launch, Targets};
pub use self::http::{Call, Client, Live, Reply};
pub use self::log::Log;
pub use self::project::{ClientProject, PythonClients};
pub use self::raw::{RawConnection, RawReply};
pub use self::sim::Sim;
pub use self::stage::Stage;
pub use self::table::ClientTable;
pub use self::target::Target;

use std::future::Future;
use std::io::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

/// The key that the gateway has in its environment, and that nobody else may ever see.
pub const KEY: &str = "fw_test_2f6b1c9d";

/// The model of the target, in the form that the simulator and Fireworks call it.
pub const MODEL: &str = "accounts/fireworks/models/glm-5p3";

/// How long anything may take before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Awaits `future`, or panics with `what` when it takes longer than [`PATIENCE`].
pub async fn within<F: Future>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(output) => output,
        Err(_) => panic!("{what}: nothing came within {PATIENCE:?}"),
    }
}

/// Tells a person something. Unlike `eprintln!`, this is seen even when the test passes.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The body of a small chat request.
pub fn chat(text: &str) -> Value {
    json!({ "model": MODEL, "messages": [{ "role": "user", "content": text }] })
}

/// The body of a small streamed chat request.
pub fn streamed(text: &str) -> Value {
    json!({ "model": MODEL, "messages": [{ "role": "user", "content": text }], "stream": true })
}
