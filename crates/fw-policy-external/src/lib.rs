//! Asks a moderation or classification service about LLM requests before they go on.
//!
//! The classifiers of `fw-policy-injection` and `fw-policy-safety` take microseconds and know what a small model can
//! know. Where that is not enough, [`ExternalLayer`] asks a larger model that runs elsewhere: OpenAI's moderation
//! endpoint or one like it, or a classifier behind Hugging Face's API. It is a layer and no
//! [`Policy`](fw_policy::Policy), because it has to wait. Its denials look like those of policies, and what it decides
//! is in the same record, [`Decisions`](fw_policy::Decisions).
//!
//! ```
//! use bytes::Bytes;
//! use fw_policy_external::{ExternalConfig, ExternalLayer};
//! use http::{Request, Response, StatusCode};
//! use http_body_util::Full;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! // Any HTTP client that is a service. This one answers itself, as OpenAI's endpoint would.
//! let client = service_fn(|request: Request<Full<Bytes>>| async move {
//!     assert_eq!(request.headers()["authorization"], "Bearer sk-123");
//!     let reply = r#"{"results":[{"flagged":true,"categories":{"violence":true}}]}"#;
//!     Ok::<_, std::io::Error>(Response::new(Full::<Bytes>::from(reply)))
//! });
//! // Stands in for a provider, which is not asked.
//! let provider = service_fn(|_| async { Ok::<_, std::io::Error>(Response::new(Full::<Bytes>::default())) });
//!
//! let config = ExternalConfig::new("https://api.openai.com/v1/moderations");
//! let service = ExternalLayer::new(&config, client)?.bearer("sk-123")?.layer(provider);
//!
//! let body = r#"{"model":"m","messages":[{"role":"user","content":"..."}]}"#;
//! let request = Request::post("/v1/chat/completions").body(Full::<Bytes>::from(body))?;
//! let response = service.oneshot(request).await?;
//! assert_eq!(response.status(), StatusCode::BAD_REQUEST);
//! assert_eq!(response.headers()["x-fw-policy"], "external-moderation=block(violence:1)");
//! # Ok(())
//! # }
//! ```
//!
//! # Where it stands
//!
//! Put it beneath a [`PolicyLayer`](fw_policy::PolicyLayer). Then texts leave for the service after personal data was
//! redacted, and what a policy blocks is never sent there at all.
//!
//! # What is asked
//!
//! What users, tools and documents say in a request: prompts, messages, results of tools, documents, inputs to embed.
//! What the model said itself is not sent, nor are system and developer messages. A request that is known by an
//! [`Endpoint`](fw_wire::Endpoint) in its extensions or by its usual path is looked at; others pass. Replies are not
//! looked at: a stream would wait for a network at every sentence.
//!
//! | format | is asked | answers |
//! |---|---|---|
//! | `moderation` | `{"input": [text, ...], "model": ...}`, once | `{"results": [{"flagged", "categories", "category_scores"}]}`, one result a text |
//! | `classification` | `{"inputs": text}`, once a text | `[{"label", "score"}]`, or that in a list |
//! | `score` | `{"text": text}`, once a text | `{"score": ...}` |
//!
//! # What becomes of the answer
//!
//! With `moderation`, what is `flagged` counts, or with a `threshold` each category that reaches it; `labels` says
//! which categories count. With `classification`, one of `labels` has to reach the `threshold` (0.5). What counts is
//! blocked, flagged or escalated, by `action`.
//!
//! No answer in time, no answer at all, a status other than 2xx, an answer that is none of that shape, a request that
//! cannot be read or has more text than `max_bytes`: with `fail_mode: block` the client gets a 503 with the code
//! `moderation_unavailable` (or an error that says what is wrong with its request), and with `fail_mode: allow` the
//! request passes. Both are in the record, as `unavailable`.
//!
//! # Settings
//!
//! | key | default | what it does |
//! |---|---|---|
//! | `url` | required | where texts are sent |
//! | `format` | `moderation` | the shapes of [above](#what-is-asked) |
//! | `model` | the service's | which model is asked (`moderation`) |
//! | `secret_key_ref.env` | none | the variable that holds the key, sent as `Authorization: Bearer` |
//! | `labels` | all | which categories or labels count |
//! | `threshold` | `flagged`, or 0.5 | the score from which they count |
//! | `action` | `block` | `block`, `flag` or `escalate` |
//! | `message` | the layer's own | what a denied client is told |
//! | `timeout_ms` | 2000 | how long all answers for one request may take together |
//! | `max_bytes` | 1048576 | the most text of one request that is sent |
//! | `fail_mode` | `block` | what happens without an answer: `block` or `allow` |
//!
//! The key is in one header, marked as sensitive, and in no log, error or `Debug` output. Neither are texts.
//!
//! # Limits
//!
//! - Every turn of a conversation is sent with each request, because nothing is remembered between requests.
//! - Most classifiers read some hundred tokens and ignore the rest of a text. Long texts are not cut into pieces.
//! - Texts in pictures, audio and files are not sent.

mod ask;
mod body;
mod config;
mod error;
mod future;
mod layer;
mod service;

pub use crate::config::{ExternalAction, ExternalConfig, ExternalFailMode, ExternalFormat, KeyRef};
pub use crate::error::{ConfigError, Problem};
pub use crate::future::ExternalFuture;
pub use crate::layer::ExternalLayer;
pub use crate::service::{ExternalRequestBody, ExternalResponseBody, ExternalService};

/// What the layer is called in denials and records.
pub const KIND: &str = "external-moderation";
