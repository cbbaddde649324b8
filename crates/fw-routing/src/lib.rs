//! A router for LLM traffic: one tower service over several targets.

mod backoff;
mod breaker;
mod budget;
mod clock;
mod cooldown;
mod ewma;
mod fault;
mod gate;
mod headroom;
mod keys;
mod permit;
mod schedule;
mod stats;
mod status;
mod sticky;
pub mod strategy;
mod tried;
mod window;

pub use crate::backoff::Backoff;
pub use crate::breaker::Breaker;
pub use crate::budget::RetryBudget;
pub use crate::fault::{Fault, FaultKind};
pub use crate::permit::Permit;
pub use crate::stats::TargetStats;
pub use crate::status::{KeyState, KeyStatus, TargetState, TargetStatus};
pub use crate::sticky::sticky_key;
pub use crate::strategy::{Candidate, Candidates, Member, Strategy};
pub use crate::tried::Tried;
