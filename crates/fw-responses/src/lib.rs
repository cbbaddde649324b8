//! OpenAI's Responses API over any service of chat completions, with a store of its own, as a tower layer.

// A refusal is rare and moves a few times: boxing it would only cost clarity.
#![allow(clippy::result_large_err)]

mod body;
mod config;
mod error;
mod future;
mod item;
mod layer;
mod object;
mod request;
mod response;
mod service;
mod store;
mod stream;

pub use crate::config::{
    DEFAULT_MAX_BODY_BYTES, DEFAULT_MAX_RESPONSE_BYTES, ResponsesConfig, ResponsesMode,
};
pub use crate::error::StoreError;
pub use crate::item::Item;
pub use crate::request::{
    ChatRequest, chat_request, previous_response_id, with_references,
};
pub use crate::response::{Response, ResponseStatus, response};
pub use crate::store::{
    DEFAULT_PAGE, History, ListQuery, MAX_HISTORY_BYTES, MAX_HISTORY_TURNS, MAX_PAGE, Order, Owner,
    Page, ResponseStore, Turn,
};
pub use crate::stream::{DEFAULT_MAX_STREAM_BYTES, ResponseStream};
