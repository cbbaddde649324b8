//! OpenAI's Responses API over any service of chat completions, with a store of its own, as a tower layer.

// A refusal is rare and moves a few times: boxing it would only cost clarity.
#![allow(clippy::result_large_err)]

mod body;
mod config;
mod create;
mod earlier;
mod error;
mod future;
mod item;
mod kept;
mod layer;
mod object;
mod request;
mod response;
mod route;
mod service;
mod store;
mod stream;

pub use crate::body::{ResponsesBody, ResponsesRequestBody};
pub use crate::config::{
    DEFAULT_MAX_BODY_BYTES, DEFAULT_MAX_RESPONSE_BYTES, ResponsesConfig, ResponsesMode,
};
pub use crate::future::ResponsesFuture;
pub use crate::item::Item;
pub use crate::layer::ResponsesLayer;
pub use crate::request::{ChatRequest, chat_request, previous_response_id, with_references};
pub use crate::response::{Response, ResponseStatus, response};
pub use crate::service::ResponsesService;
pub use crate::store::{
    DEFAULT_PAGE, History, ListQuery, MAX_HISTORY_BYTES, MAX_HISTORY_TURNS, MAX_PAGE, Order, Owner,
    Page, ResponseStore, StoreError, Turn,
};
pub use crate::stream::{DEFAULT_MAX_STREAM_BYTES, ResponseStream};
