//! OpenAI's Responses API over any service of chat completions, with a store of its own, as a tower layer.

// A refusal is rare and moves a few times: boxing it would only cost clarity.
#![allow(clippy::result_large_err)]

mod body;
mod config;
mod error;
mod future;
mod item;
mod layer;
mod request;
mod response;
mod service;
mod store;
mod stream;

pub use crate::config::{
    DEFAULT_MAX_BODY_BYTES, DEFAULT_MAX_RESPONSE_BYTES, ResponsesConfig, ResponsesMode,
};
pub use crate::error::StoreError;
pub use crate::store::{
    DEFAULT_PAGE, History, ListQuery, MAX_HISTORY_BYTES, MAX_HISTORY_TURNS, MAX_PAGE, Order, Owner,
    Page, ResponseStore, Turn,
};
