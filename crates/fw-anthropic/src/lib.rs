//! Anthropic's Messages API over any OpenAI-compatible service, as a tower layer.

// A refusal is rare and moves a few times: boxing it would only cost clarity.
#![allow(clippy::result_large_err)]

mod body;
mod chat_request;
mod config;
mod count;
mod error;
mod future;
mod head;
mod ids;
mod json;
mod layer;
mod message;
mod place;
mod reply;
mod request;
mod route;
mod service;
mod stream;

pub use crate::body::{MessagesBody, MessagesRequestBody};
pub use crate::chat_request::messages_request;
pub use crate::config::{
    DEFAULT_MAX_BODY_BYTES, DEFAULT_MAX_HELD_BYTES, DEFAULT_MAX_RESPONSE_BYTES,
};
pub use crate::count::count_tokens;
pub use crate::future::MessagesFuture;
pub use crate::layer::MessagesLayer;
pub use crate::message::message;
pub use crate::request::{ChatRequest, chat_request};
pub use crate::service::MessagesService;
pub use crate::stream::MessageStream;
