//! Policies on LLM traffic as a tower layer: requests, replies and streams go through one chain.

mod body;
mod cause;
mod chain;
mod collect;
mod config;
mod decisions;
mod denial;
mod error;
mod exchange;
mod future;
mod headers;
mod held;
mod layer;
mod policy;
mod reply;
mod request;
mod route;
mod service;
mod stream;
mod text;
mod texts;
mod verdict;

pub use crate::body::{PolicyBody, PolicyRequestBody};
pub use crate::chain::{Chain, IntoChain};
pub use crate::config::{DEFAULT_MAX_BODY_BYTES, DEFAULT_MAX_RESPONSE_BYTES, FailMode};
pub use crate::decisions::{Decision, Decisions, Outcome, Phase};
pub use crate::denial::Denial;
pub use crate::exchange::{Exchange, Findings};
pub use crate::future::PolicyFuture;
pub use crate::layer::PolicyLayer;
pub use crate::policy::Policy;
pub use crate::reply::POLICY_HEADER;
pub use crate::service::PolicyService;
pub use crate::text::Text;
pub use crate::texts::Texts;
pub use crate::verdict::Verdict;
