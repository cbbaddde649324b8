//! The vocabulary of LLM traffic, without any I/O: endpoints and routes, JSON bodies that keep their
//! bytes, the text in them, token usage, and errors in the dialect of the client.
//!
//! Other crates build on it; it depends on `bytes`, `http` and `memchr` only, and knows no runtime.
//!
//! ```
//! use fw_wire::{ApiError, Direction, Document, Endpoint, ErrorShape, Usage, text_fields};
//!
//! // Which endpoint is it? Any prefix will do.
//! let endpoint = Endpoint::from_path("/inference/v1/chat/completions").unwrap();
//!
//! // A body: read it, change two things, leave every other byte alone.
//! let body = r#"{"model":"fireworks/glm-5p3",  "messages":[{"role":"user","content":"hi"}], "x":1.0}"#;
//! let mut document = Document::parse(body)?;
//! let root = document.root().span();
//! document.set(root, "model", r#""accounts/fireworks/models/glm-5p3""#)?;
//! let view = document.clone();
//! for field in text_fields(endpoint, Direction::Request, &view) {
//!     document.set_text(field, &field.text(view.root()).to_uppercase());
//! }
//! assert_eq!(
//!     document.finish(),
//!     r#"{"model":"accounts/fireworks/models/glm-5p3",  "messages":[{"role":"user","content":"HI"}], "x":1.0}"#,
//! );
//!
//! // A reply: what did it use?
//! let reply = Document::parse(r#"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}"#)?;
//! assert_eq!(Usage::from_reply(endpoint, reply.root()).unwrap().total_tokens, 9);
//!
//! // An error, as this endpoint's clients expect it.
//! let error = ApiError::from(Document::parse("{oops").unwrap_err());
//! assert_eq!(error.to_response(ErrorShape::for_endpoint(endpoint)).status(), 400);
//! # Ok::<(), fw_wire::DocumentError>(())
//! ```
//!
//! # What is here
//!
//! - [`Endpoint`], [`Operation`] and [`Surface`]: which operation a path and a method mean.
//! - [`Document`] and [`Value`]: byte-exact JSON. A document owns its bytes and takes edits; a value
//!   is a view, and [`Value::parse`] is the quick way to read the data of one event of a stream.
//! - [`text_fields`] and [`json_strings`]: where the text is, for all endpoints, requests, replies and
//!   events.
//! - [`Usage`] and [`UsageMeter`]: tokens, in whole replies and in streams, never counted twice.
//! - [`ApiError`], [`ErrorShape`] and [`RetryAfter`]: errors out, and upstream errors in.
//!
//! # How documents work
//!
//! A text is validated once as a whole: no recursion, no allocation, no tree. After that a [`Value`]
//! is two offsets, and looking for a member steps over the text before it. So a hostile body costs no
//! memory beyond its own bytes and time in proportion to them, and nesting is bounded by 128 levels.
//! The price is that looking for many things one by one steps over the same text many times:
//! [`Value::get_many`] finds several members in one pass, and a loop over [`Value::members`] all.
//! [`text_fields`] goes over a body once.
//!
//! Edits are recorded by place and spliced at the end; see [`Document`] for what happens where they
//! meet. It is a property test that nothing else changes, and a fuzz target (`fuzz/`) that reading
//! agrees with serde_json and that edits leave JSON.
//!
//! # Caveats
//!
//! - Escapes of lone surrogates (`"\ud83d"` alone) are refused, as serde_json refuses them. They are no
//!   text, and servers disagree on them.
//! - Numbers are not looked at before they are asked for, so `1e999` passes; [`Value::as_f64`] then
//!   has no answer.
//! - Of duplicate keys [`Value::get`] takes the last. Text fields and [`Document::set`] look at all.
//! - Token ids spell the text as well and are no text fields; see [`text_fields`].
//! - A message of [`ApiError::from_upstream`] may quote the request it is about, so it is fit for the
//!   client and not for logs. `Debug` leaves it out; so does that of documents and values.
//!
//! # Speed
//!
//! Medians of `cargo bench -p fw-wire --bench document`, on one core of a shared AMD EPYC server under
//! load, rustc 1.95, beside `serde_json::Value` in the same run:
//!
//! | | 250 B event | 1 KB request | 32 KB request |
//! |---|---|---|---|
//! | [`Value::parse`] | 132 ns | 428 ns | 8.9 µs |
//! | [`Document::parse`] | 142 ns | 444 ns | 8.9 µs |
//! | serde_json parse | 591 ns | 1.82 µs | 15.4 µs |
//! | parse, replace `model`, finish | 0.55 µs | 1.07 µs | 14.9 µs |
//! | serde_json, the same | 1.08 µs | 3.92 µs | 38.6 µs |
//! | [`text_fields`] of a parsed body | 0.42 µs | 1.45 µs | 17.0 µs |
//!
//! Parsing an event and finding its content, finish reason and usage takes 0.48 µs; reading a usage
//! object 0.2 µs. Parsing and navigating allocate nothing (`tests/allocation.rs`).

mod document;
mod endpoint;
mod error;
mod operation;
mod text;
mod usage;

pub use crate::document::{
    Document, DocumentError, Element, ElementSpan, Elements, Kind, Limits, Member, MemberSpan,
    Members, Path, Span, Value, encode_str,
};
pub use crate::endpoint::Endpoint;
pub use crate::error::{ApiError, ErrorShape, RetryAfter};
pub use crate::operation::{Operation, RouteError, Surface};
pub use crate::text::{
    Direction, JsonStrings, Role, TextEncoding, TextField, TextFields, TextKind, json_strings,
    text_fields,
};
pub use crate::usage::{Usage, UsageMeter};
