//! Finds and redacts personal data and secrets in text, in LLM requests and in streamed replies.

mod detect;
mod entity;
mod finding;
mod region;
mod scan;
mod segment;

pub use crate::entity::Entity;
