//! Anthropic's Messages API over any OpenAI-compatible service, as a tower layer.

// A refusal is rare and moves a few times: boxing it would only cost clarity.
#![allow(clippy::result_large_err)]

mod body;
mod chat_request;
mod config;
mod count;
mod error;
mod future;
mod ids;
mod json;
mod layer;
mod message;
mod request;
mod service;
mod stream;

pub use crate::chat_request::messages_request;
pub use crate::config::{
    DEFAULT_MAX_BODY_BYTES, DEFAULT_MAX_HELD_BYTES, DEFAULT_MAX_RESPONSE_BYTES,
};
pub use crate::count::count_tokens;
pub use crate::message::message;
pub use crate::request::{ChatRequest, chat_request};
pub use crate::stream::MessageStream;
