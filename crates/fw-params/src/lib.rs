//! A [tower] layer between OpenAI clients and one provider: it converts the parameters of requests,
//! and replies where they differ.
//!
//! Fireworks AI speaks the OpenAI API, but its request schemas are closed: a field that it does not
//! know is a 400. OpenAI's SDKs send such fields (`store`, `max_completion_tokens` beside
//! `max_tokens`, a `name` in a message, the role `developer`, ...), and Fireworks answers some things
//! in its own way. [`ParamsLayer`] makes the two fit. It changes what a rule names and nothing else:
//! the rest of a body keeps its bytes, and a body without a change leaves as the same [`Bytes`].
//!
//! [tower]: https://docs.rs/tower
//! [`Bytes`]: bytes::Bytes
//!
//! # Example
//!
//! The layer goes around anything that takes and gives HTTP. Here it is an axum router that stands
//! in for the provider; the same line works for a hyper service or a client.
//!
//! ```
//! use axum::{Router, routing::post};
//! use fw_params::{Fireworks, ParamsLayer};
//! use http::Request;
//! use http_body_util::{BodyExt, Full};
//! use tower::{Layer, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! // A provider that answers with what it was sent.
//! let echo = |body: String| async move { body };
//! let provider = Router::new()
//!     .route("/v1/completions", post(echo))
//!     .into_service::<fw_params::ParamsRequestBody<Full<bytes::Bytes>>>();
//!
//! let service = ParamsLayer::new(Fireworks).model("glm-5p3").layer(provider);
//!
//! let request = Request::post("/v1/completions")
//!     .body(Full::from(r#"{"prompt": "Hi", "max_completion_tokens": 8, "store": true}"#))?;
//! let response = service.oneshot(request).await?;
//!
//! let changes = "removed store; added model; renamed max_completion_tokens>max_tokens";
//! assert_eq!(response.headers()["x-fw-params"], changes);
//! let sent = response.into_body().collect().await?.to_bytes();
//! assert_eq!(
//!     sent,
//!     r#"{"prompt": "Hi", "max_tokens": 8,"model":"accounts/fireworks/models/glm-5p3"}"#,
//! );
//! # Ok(())
//! # }
//! ```
//!
//! # Requests
//!
//! The tables are code that reads as a table, one file per endpoint: `src/request/chat.rs`,
//! `completions.rs`, `embeddings.rs`, `responses.rs`, `messages.rs` for [`Fireworks`], and
//! `openai.rs` for [`OpenAi`]. In short, for Fireworks:
//!
//! | what the client sends | what goes upstream |
//! |---|---|
//! | `model` | without this provider's prefix and in full ([`ModelName`], [`expand_fireworks_model`]); see below |
//! | `max_completion_tokens` | `max_tokens`; of both, the newer wins |
//! | more than 4096 `max_tokens`, no stream | a stream, put together again for the client |
//! | `prompt_cache_key` | `prompt_cache_isolation_key` and the header `x-session-affinity` ([`PromptCacheKey`]) |
//! | `safety_identifier` | `user`, unless there is one |
//! | `reasoning: {…}`, `minimal`, `xhigh` | `reasoning_effort` at a level that Fireworks has; then no `thinking` |
//! | `functions`, `function_call`, role `function` | tools, and the reply is turned back |
//! | `tool_choice` of type `allowed_tools` | those tools only, and the mode |
//! | role `developer`; several system messages first | `system`; one |
//! | a stream | always with `stream_options.include_usage`; a client that did not ask does not see the usage chunk |
//! | `store`, `verbosity`, `web_search_options`, message `name`, `refusal`, `annotations`, … | nothing |
//! | `fallbacks`, which is for routers; to OpenAI too | nothing; or the request comes back ([`UnreadFallbacks`]) |
//! | a field nobody knows | nothing, or as [`UnknownFields`] says |
//! | `null` | nothing |
//! | parts of type `file` or `input_audio`, custom tools | a 400 that names the place |
//!
//! Responses and Messages go native, minus what Fireworks refuses. What a response cannot do without
//! (`conversation`, `prompt`, `background: true`) is a 400 that names it. A value of the wrong type passes:
//! the provider's answer is better than a guess.
//!
//! **Which model.** A prefix of this provider (`fireworks/…`) means the rest of the name. A prefix of
//! another provider is a 404, on which a router goes on to a target that serves it. A name from
//! [`known_models`](ParamsLayer::known_models), or none at all, means the target's own
//! [`model`](ParamsLayer::model). Any other name passes unchecked ([`UnknownModels`]).
//!
//! **Nothing silently.** Every change is in the response header [`x-fw-params`](CHANGES_HEADER), in
//! the current span's field [`fw.params`](CHANGES_SPAN_FIELD) if it has that, in a debug event, and
//! as [`ParamsChanges`] in the extensions of the upstream request and of the response. Names only,
//! never values.
//!
//! **Repeating is harmless.** A converted request, converted again, stays as it is.
//!
//! # Replies
//!
//! Most replies are not even looked at. These are:
//!
//! - Errors, whatever their shape (JSON in seven ways, HTML, text): the client's dialect gets its own
//!   shape. Status, `Retry-After` and all other headers stay.
//! - Streams of chat and text completions: every chunk has `choices`, every tool-call delta an
//!   `index`, an error in the stream OpenAI's shape, and usage chunks that the client did not ask for
//!   are taken out ([`UpstreamUsage`] has what they said). Other events pass as the same bytes.
//! - Streams of Messages and Responses: an error is an event that their SDKs raise, with its message.
//! - Chat replies to requests with tools: `arguments` are strings.
//! - Embeddings whose `encoding_format` was given: in that format, whatever the provider sent.
//! - Responses: token counts under both families of names; `DELETE` answers as OpenAI does.
//!
//! # Caveats
//!
//! - A request body is read whole before the call ([`max_body_bytes`](ParamsLayer::max_body_bytes)),
//!   by the service instance that was polled ready. A permit it holds is held meanwhile.
//! - A reply that is converted or aggregated is held whole
//!   ([`max_response_bytes`](ParamsLayer::max_response_bytes)). If it breaks off, the client gets a
//!   502, or a 504 if a timeout is the cause.
//! - An aggregated reply is put together from deltas: its members may stand in another order than in
//!   a plain one, and time-outs should be those of a stream.
//! - `accept-encoding: identity` goes upstream, because a compressed reply cannot be converted; one
//!   that comes all the same is a 502 where it would have to be read.
//! - A duplicate of a field that a rule over several fields reads is removed, so that provider and
//!   gateway cannot read different ones.
//! - Other requests (`GET /v1/models`, unknown paths) pass untouched, their errors too.
//!
//! # Cost
//!
//! Medians of `cargo bench -p fw-params` on a busy two-core machine; read them as orders of magnitude.
//!
//! | | 1 KB | 16 KB |
//! |---|---|---|
//! | chat request in which nothing changes (no allocation) | 1.0 µs | 2.7 µs |
//! | chat request with another model | 1.4 µs | 3.2 µs |
//! | chat request for a stream: model and `stream_options` | 2.0 µs | 4.1 µs |
//! | chat request with eight changes | 3.9 µs | |
//!
//! A streamed event costs 0.12 µs, framing included, and no copy.

// A refusal is rare and moves a few times: boxing it would only cost clarity.
#![allow(clippy::result_large_err)]

mod body;
mod changes;
mod config;
mod dialect;
mod error;
mod fallbacks;
mod future;
mod layer;
mod model;
mod reply;
mod request;
mod route;
mod service;

pub use crate::body::{ParamsBody, ParamsRequestBody};
pub use crate::changes::{Change, ChangeKind, ParamsChanges};
pub use crate::config::{
    DEFAULT_MAX_BODY_BYTES, DEFAULT_MAX_RESPONSE_BYTES, DEFAULT_MAX_TOKENS_WITHOUT_STREAM,
    PromptCacheKey, UnknownFields, UnknownModels,
};
pub use crate::dialect::Dialect::{self, Fireworks, OpenAi};
pub use crate::fallbacks::{FallbacksRead, UnreadFallbacks};
pub use crate::future::{CHANGES_HEADER, CHANGES_SPAN_FIELD, ParamsFuture};
pub use crate::layer::ParamsLayer;
pub use crate::model::{KNOWN_PROVIDERS, ModelName, expand_fireworks_model};
pub use crate::reply::usage::UpstreamUsage;
pub use crate::request::ConvertedRequest;
pub use crate::service::ParamsService;
