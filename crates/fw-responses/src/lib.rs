//! OpenAI's Responses API over any service of chat completions, with a store of its own, as a tower layer.

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
