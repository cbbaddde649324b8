//! The upstream client of the fw gateway as a tower service: Fireworks, OpenAI
//! and anything compatible.
//!
//! A [`Provider`] is one target: a base address, a key and deadlines, with
//! pooled connections. It takes the request a client sent, whatever SDK it came
//! from, and sends it where it belongs:
//!
//! ```
//! use bytes::Bytes;
//! use fw_provider::{Provider, ProviderConfig};
//! use http::{Request, Response};
//! use http_body_util::{BodyExt, Full};
//! use tower::{Service, ServiceExt};
//! # use hyper::service::service_fn;
//! # use hyper_util::rt::{TokioExecutor, TokioIo};
//! # use hyper_util::server::conn::auto;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! # let address = format!("http://{}", listener.local_addr()?);
//! # let upstream = service_fn(|request: Request<hyper::body::Incoming>| async move {
//! #     assert_eq!(request.uri().path(), "/v1/chat/completions");
//! #     assert_eq!(request.headers()["authorization"], "Bearer fw_123");
//! #     Ok::<_, std::convert::Infallible>(Response::new(Full::<Bytes>::from("{}")))
//! # });
//! # tokio::spawn(async move {
//! #     let (tcp, _) = listener.accept().await.unwrap();
//! #     let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(tcp), upstream).await;
//! # });
//! // Without `base_url` it is https://api.fireworks.ai/inference/v1.
//! let config = ProviderConfig::new("fireworks").base_url(address).api_key("fw_123");
//! let mut provider: Provider<Full<Bytes>> = Provider::new(config)?;
//!
//! let request = Request::post("/openai/v1/chat/completions")
//!     .header("authorization", "Bearer of-the-client")
//!     .body(Full::from(r#"{"model":"...","messages":[]}"#))?;
//! let response = provider.ready().await?.call(request).await?;
//! assert_eq!(response.status(), 200);
//! assert_eq!(response.into_body().collect().await?.to_bytes(), "{}");
//! # Ok(())
//! # }
//! ```
//!
//! # What happens to a request
//!
//! - **Address.** The surface the client used (`/v1`, `/inference/v1`,
//!   `/inference/v1/v1`, `/openai`, `/openai/v1`, `/anthropic/v1`) is taken off
//!   its path and the rest put under the base address; the query is kept. A
//!   path with `..` in it, encoded or not, is refused: with the target's key it
//!   could reach things outside of the base address.
//! - **Key.** The client's credentials (`authorization`, `x-api-key`,
//!   `api-key`, `x-goog-api-key`, `openai-organization`, `openai-project`) are
//!   taken off and the target's key is put on, by default as
//!   `Authorization: Bearer <key>`.
//! - **Headers.** Cookies, conditions (`if-*`, `range`), hop-by-hop headers
//!   (RFC 9110 section 7.6.1), `expect`, and the addresses of clients that servers in front noted
//!   (`forwarded`, `x-forwarded-*`, `x-real-ip`, `via`, `cf-*`) are taken off.
//!   `host` and `content-length` are worked out anew and `accept-encoding` is
//!   `identity`. Everything else passes.
//!
//! # What happens to a reply
//!
//! The body passes untouched. Hop-by-hop headers are taken off, and so are those in which a
//! provider speaks of itself: `fireworks-*`, `x-fireworks-*`, `openai-*`,
//! `x-envoy-*`, `cf-*`, `server`, `via`, `set-cookie`, `alt-svc`, and what
//! addresses a browser about the provider's own origin (`access-control-*`,
//! `strict-transport-security`, `nel`, `report-to`). `retry-after`,
//! `x-ratelimit-*` and `x-request-id` stay.
//! [`ProviderConfig::expose_headers`] lets all but the hop-by-hop ones through.
//!
//! An error status is a reply like any other: [`ProviderError`] is for replies
//! that did not come, or not whole.
//!
//! # Deadlines
//!
//! All times are [`Duration`](std::time::Duration)s here, whole seconds in the
//! configuration file.
//!
//! | setting | limits | default |
//! |---|---|---|
//! | [`timeout`](ProviderConfig::timeout) | a whole reply, to the last byte | 60 s |
//! | [`stream_timeout`](ProviderConfig::stream_timeout) | a whole streamed reply | `timeout` |
//! | [`connect_timeout`](ProviderConfig::connect_timeout) | DNS, TCP and TLS together | 10 s |
//! | [`first_byte_timeout`](ProviderConfig::first_byte_timeout) | to the first byte of a streamed body | none |
//! | [`idle_timeout`](ProviderConfig::idle_timeout) | silence within a body | none |
//!
//! A reply is streamed if its `content-type` is `text/event-stream`. Before
//! there is a head, a request counts as streamed if a layer above says so with
//! the [`Streaming`] extension, or if it accepts `text/event-stream`. A
//! deadline that passes within a body is that body's error.
//!
//! # Connections
//!
//! HTTP/2 or HTTP/1.1, whichever the provider prefers. TLS is rustls; the
//! system's certificate authorities are trusted, Mozilla's where the system has
//! none, and those of [`ProviderConfig::root_certificate`].
//!
//! - **HTTP/2.** Up to 64 connections are opened per target, one more for each
//!   [`streams_per_connection`](ProviderConfig::streams_per_connection) requests
//!   in flight, because servers limit the streams on one. A peer that vanished
//!   is found by pings.
//! - **HTTP/1.1.** A connection serves one request at a time, and whoever waits
//!   for the reply drives it: no task of its own stands between. What arrived
//!   together is therefore passed on together, and a reply that nobody reads is
//!   not read from the provider, nor is the rest of its request sent.
//!   Pieces of up to 1 KiB, such as events, are copied, so that the connection's
//!   buffer is free for what comes next. [`ProviderConfig::pool_max_idle`]
//!   connections are kept for [`ProviderConfig::pool_idle_timeout`]; the one used
//!   last is used first. A server that was offered both and took HTTP/1.1 is
//!   offered nothing else from then on, until it refuses a handshake. A peer that
//!   vanished is found by TCP keep-alive.
//!
//! A request that found its pooled connection closed before anything was
//! written is sent again on another; nothing else is retried here.
//!
//! Dropping the response future or the body cancels the request upstream.
//!
//! # Keys
//!
//! A key is a [`Secret`]. It goes into one header value that is marked as
//! sensitive, and appears in no `Debug`, error or trace output of this crate
//! nor of those below it. A target whose variable is not set is
//! [unavailable](Availability): a warning at start, and an error for each
//! request that names the variable.
//!
//! A target may have several keys, each with a limit of its own.
//! [`TargetConfig::api_keys`] lists those that are there;
//! [`Provider::with_api_key`] makes a handle for each over the same
//! connections.
//!
//! # Models and prices
//!
//! [`catalogue`] knows the models of Fireworks, what they can do and what they
//! cost, with the date and source of the data. [`ModelList`] renders it as the
//! answer to `GET /v1/models`, which the provider's own listing is not reliable
//! enough for.
//!
//! # Limits
//!
//! - `path_template`, Azure OpenAI, WebSocket transport and keys from a
//!   control plane's store are refused by name.
//! - Proxies (`HTTPS_PROXY`) and client certificates are not supported.
//! - A custom `base_url` without any version in its path gets `/v1`; a provider
//!   that has its operations elsewhere cannot be reached.

mod api_keys;
mod auth;
mod body;
mod catalogue;
mod client;
mod config;
mod connector;
mod deadline;
mod error;
mod from_target;
mod future;
mod headers;
mod http1;
mod known;
mod plain;
mod secret;
mod service;
mod target;
mod tls;
mod url;

pub use api_keys::ApiKey;
pub use body::ProviderBody;
pub use catalogue::{
    Capability, Catalogue, Cost, ModelInfo, ModelKind, ModelList, Price, Quote, Rate, Tier,
    catalogue,
};
pub use config::{Availability, HttpVersions, ProviderConfig};
pub use error::{ConfigError, Deadline, ErrorKind, ProviderError};
pub use future::ProviderFuture;
pub use plain::HttpClient;
pub use secret::Secret;
pub use service::{Provider, Streaming};
pub use target::{
    DataCollection, DataPolicy, EscalationRouting, HealthProbe, LiteralKey, MAX_SECONDS,
    MessagesMode, Pricing, ProviderName, ResponsesMode, SecretKeyRef, TargetConfig, TargetKey,
    TargetProblem, Transport, WireFormat,
};
