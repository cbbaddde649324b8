//! A faithful, deterministic simulator of the Fireworks AI inference API for tests, demos and benchmarks.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sim = fw_sim::Simulator::new().start().await?;
//! assert!(sim.base_url().ends_with("/inference/v1"));
//! sim.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod auth;
mod body;
mod cache;
mod call;
mod chat;
mod chunks;
mod completions;
mod config;
mod control;
mod embeddings;
mod faults;
mod generate;
mod instance;
mod json;
mod knobs;
mod logprobs;
mod messages;
mod models;
mod prompt;
mod refusal;
mod rerank;
mod responses;
mod routes;
mod server;
mod state;
mod steps;
mod stream;
mod tokens;
mod usage;
mod validate;

pub use crate::config::Simulator;
pub use crate::faults::{BodyShape, Fault, FaultKind};
pub use crate::knobs::{ErrorEvent, KnobError, Knobs, Reasoning, UsageLayout};
pub use crate::server::Running;
pub use crate::state::{Counters, Recorded};
