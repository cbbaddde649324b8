//! A router for LLM traffic: one tower service over several targets.

mod breaker;
mod budget;
mod clock;
mod cooldown;
mod ewma;
mod fault;
mod gate;
mod headroom;
mod permit;
mod stats;
mod status;
mod tried;
mod window;

pub use crate::breaker::Breaker;
pub use crate::budget::RetryBudget;
pub use crate::fault::{Fault, FaultKind};
pub use crate::permit::Permit;
pub use crate::stats::TargetStats;
pub use crate::status::{TargetState, TargetStatus};
pub use crate::tried::Tried;
