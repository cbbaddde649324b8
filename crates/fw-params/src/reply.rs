//! Replies on their way back to the client.
//!
//! A reply in which nothing can need a change is not looked at. [`plan`] knows which those are from
//! the request alone.

pub(crate) mod aggregate;
pub(crate) mod chat;
pub(crate) mod embeddings;
pub(crate) mod errors;
pub(crate) mod legacy;
pub(crate) mod plan;
pub(crate) mod responses;
pub(crate) mod stream;
pub(crate) mod tool_index;
pub(crate) mod typed;
pub(crate) mod usage;
