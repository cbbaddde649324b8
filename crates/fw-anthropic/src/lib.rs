//! Anthropic's Messages API over any OpenAI-compatible service, as a tower layer.
//!
//! Anthropic's SDKs, Claude Code and other agents speak the [Messages API][messages]; most providers
//! speak [chat completions][chat]. [`MessagesLayer`] stands between the two: requests, replies, errors
//! and every event of a stream are converted, so that the client notices nothing and the provider needs
//! nothing. Everything else passes untouched.
//!
//! # A layer
//!
//! It goes around anything that takes and gives HTTP. Here an axum router stands in for the provider; the
//! same line works for a hyper client.
//!
//! ```
//! use axum::{Router, routing::post};
//! use bytes::Bytes;
//! use fw_anthropic::{MessagesLayer, MessagesRequestBody};
//! use http::Request;
//! use http_body_util::{BodyExt, Full};
//! use tower::{Layer, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! // A provider that says what it was sent.
//! let provider = Router::new()
//!     .route("/v1/chat/completions", post(|body: String| async move {
//!         let said = body.replace('"', "'");
//!         format!(r#"{{"id":"c1","model":"m","choices":[{{"message":{{"content":"{said}"}},"finish_reason":"stop"}}]}}"#)
//!     }))
//!     .into_service::<MessagesRequestBody<Full<Bytes>>>();
//!
//! let service = MessagesLayer::new().layer(provider);
//!
//! let request = Request::post("/v1/messages?beta=true")
//!     .header("x-api-key", "sk-1")
//!     .body(Full::from(
//!         r#"{"model":"m","max_tokens":9,"container":"c","messages":[{"role":"user","content":"Hi"}]}"#,
//!     ))?;
//! let response = service.oneshot(request).await?;
//!
//! // What a chat cannot say is told, and by name only.
//! assert_eq!(response.headers()["x-fw-params"], "removed container");
//! let message = response.into_body().collect().await?.to_bytes();
//! let message = std::str::from_utf8(&message)?;
//! assert!(message.starts_with(r#"{"id":"msg_c1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"{'model':'m',"#));
//! # Ok(())
//! # }
//! ```
//!
//! # The conversions alone
//!
//! A proxy of your own can use them without the layer; nothing is read or sent.
//!
//! ```
//! use bytes::Bytes;
//! use fw_anthropic::{chat_request, message};
//! use fw_params::ParamsChanges;
//!
//! let request = Bytes::from_static(
//!     br#"{"model":"m","max_tokens":9,"stop_sequences":["END"],"messages":[{"role":"user","content":"Hi"}]}"#,
//! );
//! let chat = chat_request(&request, &mut ParamsChanges::default())?;
//! assert!(!chat.is_stream());
//! assert_eq!(
//!     chat.body(),
//!     r#"{"model":"m","messages":[{"role":"user","content":"Hi"}],"max_tokens":9,"stop":["END"]}"#,
//! );
//!
//! let reply = Bytes::from_static(
//!     br#"{"id":"chatcmpl-1","model":"m","choices":[{"message":{"content":"Hello"},"finish_reason":"length"}]}"#,
//! );
//! let message = message(&reply)?;
//! assert!(message.windows(26).any(|part| part == br#""stop_reason":"max_tokens""#));
//! # Ok::<(), fw_wire::ApiError>(())
//! ```
//!
//! [`MessageStream`] does the same for a stream, and [`messages_request`] is the way back: a chat request
//! becomes a Messages request.
//!
//! # What is converted
//!
//! | Messages | chat completions | where it is described |
//! |---|---|---|
//! | `POST …/messages` | `POST …/chat/completions`, same prefix, no query | [Messages][messages], [chat][chat] |
//! | `x-api-key` | `authorization: Bearer`, unless there is one | [API overview][overview] |
//! | `anthropic-version`, `anthropic-beta`, … | nothing | [API overview][overview] |
//! | the request's body | see [`chat_request`] | [Messages][messages], [chat][chat] |
//! | the message | see [`message`](message()) | [Messages][messages], [chat object][object] |
//! | stop reasons | `stop` end_turn, `length` max_tokens, `tool_calls` tool_use, `content_filter` refusal | [stop reasons][stop] |
//! | `usage` | prompt tokens without those from the cache, which are counted apart | [prompt caching][cache] |
//! | the events of a stream | see [`MessageStream`] | [streaming][streaming], [chunk object][chunk] |
//! | errors `{"type":"error",…}` | any of the [shapes](fw_wire::ApiError::from_upstream) that providers use; the status stays; of a prompt that is too long it is said in Anthropic's words | [errors][errors] |
//! | header `request-id` | `x-request-id`, else the request's own | [errors][errors] |
//! | `POST …/messages/count_tokens` | nothing: answered here with [`count_tokens`] | [token counting][tokens] |
//!
//! **Nothing silently.** What is left out of a request is in the response header
//! [`x-fw-params`](fw_params::CHANGES_HEADER), in the current span's field
//! [`fw.params`](fw_params::CHANGES_SPAN_FIELD), and as [`ParamsChanges`](fw_params::ParamsChanges) in
//! the extensions of the response, before what a [`ParamsLayer`](fw_params::ParamsLayer) below has
//! changed.
//!
//! **The same either way.** A stream comes to the message that the whole reply comes to, however it was
//! cut: `tests/stream` has a client that puts it together as Anthropic's SDKs do, and random replies,
//! fragments and frames. The exception are arguments of a tool that begin like a JSON object and are none,
//! for example because `max_tokens` cut them: in a whole reply they become `{"_raw": "…"}`, in a stream
//! their beginning has been sent by then.
//!
//! # Limits
//!
//! - A request is read whole before the call, up to [`max_body_bytes`](MessagesLayer::max_body_bytes), by
//!   the service instance that was polled ready. A reply that is no stream is held whole, up to
//!   [`max_response_bytes`](MessagesLayer::max_response_bytes). A stream is never held, except for tool
//!   calls and text that come between the fragments of an earlier call.
//! - Of errors 256 KiB are read, of tool calls 1024 are taken in one reply, JSON may nest 128 deep.
//! - `accept-encoding: identity` goes upstream; a compressed reply is a 502. So are a reply that is no
//!   chat completion, and a stream that was not asked for. A plain reply to a request for a stream is
//!   made into a stream.
//! - Thinking has no signature, so another provider's Messages API will not take it back; chat
//!   completions does. Which stop sequence was met is not known: that is `end_turn`.
//! - A last message of the assistant is sent as it is. Whether the reply goes on from it, as Anthropic's does,
//!   or begins anew is up to the provider.
//! - Parameters are converted to chat completions in general. What one provider does not take of it, such
//!   as `top_k` at OpenAI, is for a [`ParamsLayer`](fw_params::ParamsLayer) below.
//!
//! # Cost
//!
//! Medians of `cargo bench -p fw-anthropic --bench messages` on a busy two-core machine (AMD EPYC, rustc
//! 1.95); read them as orders of magnitude. An event is a chat chunk of 250 bytes, in a frame of its own,
//! and its figure has the framing in it, which is 0.09 µs.
//!
//! | | |
//! |---|---|
//! | an event with text | 0.13 µs |
//! | an event with arguments of a tool | 1.2 µs |
//! | a request of 1 KB, with tools and results; of 16 KB | 4.7 µs; 15 µs |
//! | a whole reply of 1 KB; of 16 KB | 1.7 µs; 3.7 µs |
//! | tokens of a request of 1 KB; of 16 KB | 4.0 µs; 34 µs |
//!
//! [messages]: https://docs.anthropic.com/en/api/messages
//! [overview]: https://docs.anthropic.com/en/api/overview
//! [streaming]: https://docs.anthropic.com/en/docs/build-with-claude/streaming
//! [stop]: https://docs.anthropic.com/en/api/handling-stop-reasons
//! [cache]: https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
//! [tokens]: https://docs.anthropic.com/en/api/messages-count-tokens
//! [errors]: https://docs.anthropic.com/en/api/errors
//! [chat]: https://platform.openai.com/docs/api-reference/chat/create
//! [object]: https://platform.openai.com/docs/api-reference/chat/object
//! [chunk]: https://platform.openai.com/docs/api-reference/chat-streaming

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
