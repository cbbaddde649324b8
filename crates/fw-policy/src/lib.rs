//! A [tower] layer that runs policies over LLM traffic: over requests, plain replies and streams, in one
//! chain that reads each body and each event once.
//!
//! A [`Policy`] sees texts, not JSON: the messages, arguments of tools, descriptions, log probabilities and
//! whatever else of a body is text, on every endpoint that [`fw_wire::Endpoint`] knows. It allows, changes,
//! flags, blocks or escalates them. [`PolicyLayer`] does the rest: it finds the texts, puts changes where
//! they belong and leaves all other bytes alone, answers for a policy that blocks, holds the text of a
//! stream back as long as a policy has not made up its mind, and keeps a record.
//!
//! [tower]: https://docs.rs/tower
//!
//! # A policy from start to end
//!
//! This one hides a code name. The part that looks at text is a [`TextFilter`](fw_stream::TextFilter): it
//! works on whole texts and on streams alike, where a name may be spread over several events. Here it goes
//! around an axum router that stands in for a provider.
//!
//! ```
//! use axum::{Router, http::header, routing::post};
//! use fw_policy::{Exchange, Findings, Policy, PolicyLayer, PolicyRequestBody, Texts, Verdict};
//! use fw_stream::{Channel, Edits, Scan, TextFilter, Window};
//! use http::Request;
//! use http_body_util::{BodyExt, Full};
//! use tower::{Layer, ServiceExt};
//!
//! const NAME: &str = "Bluebird";
//!
//! struct HideName {
//!     findings: Findings,
//! }
//!
//! impl TextFilter for HideName {
//!     fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
//!         let text = window.text();
//!         let mut at = window.start();
//!         while let Some(found) = text[at..].find(NAME) {
//!             at += found + NAME.len();
//!             edits.replace(at - NAME.len()..at, "[PROJECT]");
//!             self.findings.add("CODE_NAME", 1);
//!         }
//!         // The last bytes may be the beginning of a name that goes on in the next event.
//!         let begins = |len: &usize| !window.is_end() && text[at..].ends_with(&NAME[..*len]);
//!         let held = (1..NAME.len()).rev().find(begins).unwrap_or(0);
//!         Scan::Settled(text.len() - held)
//!     }
//! }
//!
//! struct CodeNames;
//!
//! impl CodeNames {
//!     fn hide(&self, texts: &mut Texts, exchange: &Exchange) -> Verdict {
//!         let filter = || HideName { findings: exchange.findings().clone() };
//!         match texts.filter(|_| Some(filter())) {
//!             Ok(true) => Verdict::Redact,
//!             _ => Verdict::Allow,
//!         }
//!     }
//! }
//!
//! impl Policy for CodeNames {
//!     fn kind(&self) -> &str {
//!         "code-names"
//!     }
//!
//!     fn request(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
//!         self.hide(texts, exchange)
//!     }
//!
//!     fn response(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
//!         self.hide(texts, exchange)
//!     }
//!
//!     fn filter(&self, _: &Channel, exchange: &Exchange) -> Option<Box<dyn TextFilter>> {
//!         Some(Box::new(HideName { findings: exchange.findings().clone() }))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! // A provider that says in a stream what it was told, and then the name, in two events.
//! let answer = |prompt: String| async move {
//!     assert_eq!(prompt, r#"{"prompt":"About [PROJECT]?","stream":true}"#);
//!     let events = "data: {\"choices\":[{\"index\":0,\"text\":\"Blue\"}]}\n\n\
//!                   data: {\"choices\":[{\"index\":0,\"text\":\"bird flies.\"}]}\n\n\
//!                   data: [DONE]\n\n";
//!     ([(header::CONTENT_TYPE, "text/event-stream")], events)
//! };
//! let provider = Router::new()
//!     .route("/v1/completions", post(answer))
//!     .into_service::<PolicyRequestBody<Full<bytes::Bytes>>>();
//!
//! let service = PolicyLayer::new(CodeNames).layer(provider);
//!
//! let request = Request::post("/v1/completions")
//!     .body(Full::from(r#"{"prompt":"About Bluebird?","stream":true}"#))?;
//! let response = service.oneshot(request).await?;
//!
//! assert_eq!(response.headers()["x-fw-policy"], "code-names=redact(CODE_NAME:1)");
//! let events = response.into_body().collect().await?.to_bytes();
//! let events = std::str::from_utf8(&events)?;
//! assert!(events.contains("[PROJECT]") && !events.contains("Blue") && !events.contains("bird"));
//! # Ok(())
//! # }
//! ```
//!
//! With axum the same line goes around a router that answers clients:
//! `Router::new().route(…).layer(PolicyLayer::new(CodeNames))`. With hyper, give
//! `TowerToHyperService::new(PolicyLayer::new(CodeNames).layer(service))` of `hyper-util` to the server. A
//! client is a service too, and can be wrapped in the same way.
//!
//! # The chain
//!
//! [`PolicyLayer::new`] takes one policy, tuples, vectors, `Box<dyn Policy>`, `Arc<dyn Policy>`, options and
//! any nesting of these ([`IntoChain`]). Their order is meaning, and it is the same for requests, replies
//! and streams: each policy sees what the one before it left. The first that blocks or escalates ends the
//! chain; those after it are recorded as skipped.
//!
//! Several layers of one policy each do the same, at the price of reading each body as often.
//!
//! # Requests
//!
//! A request is known by an [`Endpoint`](fw_wire::Endpoint) in its extensions, or else by the end of its
//! path, below any prefix and in any spelling that a lenient server would accept: encoded, once or twice,
//! with dot segments, parameters or blanks. Requests with another path, and those without a body, pass. A request that is known is read whole, up to
//! [`max_body_bytes`](PolicyLayer::max_body_bytes), by the service instance that was polled ready; then the
//! chain runs, and the request is sent with its new length. A body without a change is the very same
//! [`Bytes`](bytes::Bytes).
//!
//! # Replies
//!
//! If no policy [looks at replies](Policy::has_response), they pass untouched. Else the provider is asked for
//! `accept-encoding: identity`, and:
//!
//! - A stream goes on as a stream, each of its channels through the policies' filters
//!   ([`FilterText`](fw_stream::FilterText)). A policy that blocks ends it with an error event in the
//!   client's dialect, without a finish reason and without `[DONE]`: what was sent before stands, nothing
//!   that was held back follows. The time that policies take is not measured in streams.
//! - Any other reply is read whole, up to [`max_response_bytes`](PolicyLayer::max_response_bytes). Stored
//!   texts are replies like others: `GET` of `/v1/responses/…`, `/v1/chat/completions/…`,
//!   `/v1/conversations/{id}/items` and `/v1/messages/batches/{id}/results`.
//! - Errors are replies with text too: a provider may quote the prompt in its message. All of the body of an
//!   error reply is one text, JSON or not, whatever its shape. So is a reply with status 200, or an event of
//!   a stream, that is none of its endpoint: `{"object":"error",…}`, `{"detail":…}` and others.
//! - What spells a changed text again goes: log probabilities and token ids of that choice become `null`
//!   (`[]` where clients expect a list).
//!
//! # Denials
//!
//! A denial is a response, never a service error: 400 ([`denial_status`](PolicyLayer::denial_status)) with
//! `x-should-retry: false` and, in the shape of the endpoint's clients,
//!
//! ```json
//! {"error":{"message":"…","type":"policy_violation","code":"input_blocked","param":null,"policy":"code-names"}}
//! ```
//!
//! The code is `input_blocked`, `output_blocked` or `escalation_required`.
//!
//! # What cannot be looked at
//!
//! With [`FailMode::Closed`], the default, nothing passes unchecked; with [`FailMode::Open`] it passes as it
//! is and a warning is logged:
//!
//! | | closed |
//! |---|---|
//! | a request with a `content-encoding` | 415 |
//! | a request that is too large | 413 |
//! | a request that is not JSON | 400, `invalid_json` |
//! | a prompt or input of token ids | 400, `unreadable_prompt` |
//! | a reply with a `content-encoding`, too large, or not JSON | 502 |
//! | an error reply that is not UTF-8 | an error of the same status, without its words |
//! | an event that is not JSON, or a stream that is no stream of events | an error event, and the end |
//!
//! An escape that stands for half of a character makes no JSON by the letter. In streams, where servers cut
//! texts anywhere, it is read as U+FFFD.
//!
//! A reply or request that breaks off is never passed on in part. If clients or the provider insist on
//! compressed bodies, put `RequestDecompressionLayer` of [tower-http] above this layer, and
//! `DecompressionLayer` beneath it.
//!
//! [tower-http]: https://docs.rs/tower-http
//!
//! # The record
//!
//! [`Decisions`] in the extensions of the upstream request and of the response say for each policy and phase
//! what came of it, what was found (kinds and counts, never text) and how long it took. A record that is in
//! the request's extensions already is used. For a stream it is complete when the body has ended. What was
//! done about the request is also in the response header [`x-fw-policy`](POLICY_HEADER), unless
//! [switched off](PolicyLayer::response_header), and in the current span's field
//! [`fw.policy`](POLICY_SPAN_FIELD) if it has that.
//!
//! # Caveats
//!
//! - Text in pictures, audio and files is not seen, nor are names, ids, metadata and URLs; see
//!   [`fw_wire::text_fields`] for what is.
//! - A policy must not panic and must not wait. What has to wait belongs into a layer of its own, which records what it
//!   decided with [`Exchange::conclude`].
//! - The layer trusts paths. A server that has LLM endpoints elsewhere puts an
//!   [`Endpoint`](fw_wire::Endpoint) into the extensions of their requests. A path that names two endpoints,
//!   to two servers, is taken for one of them. To be sure, let only known paths through to the layer.
//! - Other requests with text pass both ways: batches and files, new conversations and their items, threads
//!   and assistants, `rerank`, `moderations`, pictures and audio. So does the body of a `GET`, `HEAD`,
//!   `DELETE` or `OPTIONS`.
//! - Headers, trailers and the comments of a stream are not looked at.
//! - Two short strings of a reply pass that may be a string the request asked to stop at: `finish_reason`,
//!   and `stop_reason` as vLLM writes it. So do the keys of an object where embeddings have their input.
//! - An edit of a key in tool arguments may make two keys alike.
//! - Each text takes some 80 bytes beside the body's own, so a body of nothing but very short strings takes
//!   up to twenty times its size while the chain runs. [`max_body_bytes`](PolicyLayer::max_body_bytes) bounds
//!   it.
//!
//! # Cost
//!
//! Medians of `cargo bench -p fw-policy` with one policy that allows everything, on a shared two-core virtual
//! machine; read them as orders of magnitude. A text without escapes is not copied.
//!
//! | | 1 KB | 16 KB | 128 KB |
//! |---|---|---|---|
//! | chat request: parse, find texts, run, finish | 1.1 µs | 11 µs | 81 µs |
//! | the same with an escape in each message | 1.4 µs | 15 µs | 120 µs |
//! | three more such policies | 0.4 µs | | |
//! | the layer around a request and a plain reply of 1 KB | 2.8 µs | | |
//!
//! A streamed event that passes costs 0.18 µs, framing included.

mod body;
mod chain;
mod config;
mod config_error;
mod decisions;
mod denial;
mod error;
mod exchange;
mod future;
mod headers;
mod held;
mod layer;
mod policy;
mod reply;
mod request;
mod route;
mod service;
mod stream;
mod text;
mod texts;
mod verdict;

pub use crate::body::{PolicyBody, PolicyRequestBody};
pub use crate::chain::{Chain, IntoChain};
pub use crate::config::{DEFAULT_MAX_BODY_BYTES, DEFAULT_MAX_RESPONSE_BYTES, FailMode};
pub use crate::config_error::{ConfigError, Problem};
pub use crate::decisions::{Decision, Decisions, Outcome, Phase};
pub use crate::denial::Denial;
pub use crate::exchange::{Exchange, Findings};
pub use crate::future::PolicyFuture;
pub use crate::layer::PolicyLayer;
pub use crate::policy::Policy;
pub use crate::reply::{POLICY_HEADER, POLICY_SPAN_FIELD};
pub use crate::service::PolicyService;
pub use crate::text::Text;
pub use crate::texts::{Texts, join_parts};
pub use crate::verdict::Verdict;
