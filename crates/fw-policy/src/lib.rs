//! Policies on LLM traffic as a tower layer: requests, replies and streams go through one chain.

mod denial;
mod exchange;
mod policy;
mod texts;
mod verdict;

pub use crate::denial::Denial;
pub use crate::exchange::{Exchange, Findings};
pub use crate::policy::Policy;
pub use crate::texts::{Text, Texts};
pub use crate::verdict::Verdict;
