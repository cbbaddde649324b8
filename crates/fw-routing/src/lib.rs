//! A router for LLM traffic: one tower service over several targets.

mod fault;
mod tried;

pub use crate::fault::{Fault, FaultKind};
pub use crate::tried::Tried;
