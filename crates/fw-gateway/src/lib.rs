//! The gateway: LLM clients on one side, Fireworks AI on the other, a strict `policy-config.yaml`
//! between them.
//!
//! The crate is a thin binary over a small library. It reads the configuration, stacks the services
//! that do the work, and listens. Policies are run by [`fw_policy`], personal data is found by
//! [`fw_policy_pii`], prompt injection by [`fw_policy_injection`], unsafe content by [`fw_policy_safety`],
//! requests are recorded by [`fw_audit`], targets are chosen by [`fw_routing`], parameters are converted by
//! [`fw_params`], Messages and Responses become chat completions in [`fw_anthropic`] and [`fw_responses`], requests
//! are sent by [`fw_provider`], streams are watched by [`fw_stream`]; nothing of that
//! lives here.
//!
//! ```sh
//! fw-gateway demo                                    # with a simulator behind it
//! fw-gateway run --policy-config policy-config.yaml
//! fw-gateway lint --file policy-config.yaml [--json]
//! fw-gateway schema
//! fw-gateway redact < text                           # what the PII policy would change
//! fw-gateway classify --policy prompt-injection < text   # or safety-filter: scores, views, windows
//! fw-gateway convert --from litellm config.yaml      # also bifrost: the configuration of another gateway
//! fw-gateway audit verify                            # also head, tail, query, export, stats, keys
//! ```
//!
//! # In a process of your own
//!
//! ```
//! use fw_gateway::{Gateway, config::Config, serve};
//! use fw_sim::Simulator;
//! use std::time::Duration;
//! use tokio::net::TcpListener;
//!
//! # tokio_test::block_on(async {
//! let upstream = Simulator::new().start().await?;
//! let config = Config::parse("example", &format!("
//! pack: {{ name: example, version: 1.0.0, enabled: true }}
//! policies: {{ chain: [] }}
//! providers:
//!   targets:
//!     - id: main
//!       provider: fireworks
//!       model: accounts/fireworks/models/gpt-oss-20b
//!       base_url: {}
//! ", upstream.base_url()))?;
//! let gateway = Gateway::new(&config, |_variable| Some("fw_example".to_owned()))?;
//!
//! // Only where health probes are configured; they end with the gateway.
//! tokio::spawn(gateway.probes());
//!
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let stop = async { /* resolves when the process is to end */ };
//! serve(listener, gateway.into_service(), stop, Duration::from_secs(30)).await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # What a client gets when something is wrong
//!
//! Errors have the shape that the endpoint's SDKs read: OpenAI's, or Anthropic's on Messages.
//!
//! | status | `code` | when |
//! |---|---|---|
//! | 400 | `invalid_json` | the body is not JSON; the message says where |
//! | 400 | `unsupported_operation` | the provider lacks the operation |
//! | `policies.denial_status` (default 400) | `input_blocked`, `output_blocked`, `escalation_required` | a policy refused; the error names it |
//! | 404 | `not_found`, `model_not_found` | no such path; a model of a provider that is not configured |
//! | 405 | `method_not_allowed` | the `Allow` header says what is |
//! | 413 | `request_too_large` | the body is over `size_limits.max_body_bytes` (default 10 MiB) |
//! | 415 | | the body has a `content-encoding` |
//! | 502 | `upstream_unreachable`, `upstream_closed`, `upstream_empty_reply`, `upstream_invalid_reply`, `upstream_error` | the provider could not be reached, broke off, or answered nothing or nonsense |
//! | 503 | `moderation_unavailable` | the external moderation service gave no answer, and its fail mode is `block` |
//! | 503 | `audit_unavailable` | the audit log cannot be written, and its fail mode is `block` |
//! | 503 | `no_target_available` | every target is failing, resting or without a key; `Retry-After` says when to come back, where that is known |
//! | 504 | `upstream_timeout` | the provider took longer than the target's timeouts |
//!
//! With several targets this is what the last one said that could say something, when all that may be tried
//! have failed. After more than one attempt `x-should-retry: false` keeps SDKs from beginning anew.
//! Other errors of the provider keep their status, in the same shape. A stream that breaks ends with
//! one error event and neither a finish reason nor `[DONE]`, so that no client takes it for whole.
//!
//! # Limits
//!
//! A request's head has 30 seconds to arrive and may have 128 KiB (HTTP/1.1) or 64 KiB of headers
//! (HTTP/2). A client may pause for 30 seconds in the middle of a body. An HTTP/2 client is asked after 30 seconds of
//! silence whether it is there, and has 20 seconds to answer. A plain reply, and one event of
//! a stream, may be as large as `size_limits.max_response_bytes` (default 32 MiB); a longer reply is a
//! 502, or is broken off where its length was not told. After SIGTERM or Ctrl-C no
//! connection is accepted; requests in flight have `--drain-seconds` (30) to end.
//!
//! # Policies
//!
//! The policies of `policies.chain` run in its order, each with the settings of its block under `policy`, or with
//! its defaults. One that is not in the chain is not made, and its weights are not read. A path in a block, such
//! as `weights` or `directory`, is taken from where the process was started.
//!
//! `external-moderation` is asked after all others, about the request that they left: it has to wait, so it is a
//! layer beneath the chain ([`fw_policy_external`]).
//!
//! # Messages and Responses
//!
//! Targets with `messages: convert` and `responses: emulate`, the defaults for providers that are not known to have
//! these APIs, get chat completions for them: [`fw_anthropic`] and [`fw_responses`] convert, beneath policies and
//! routing, which see what the client sees. Requests that need no conversion take a way of their own.
//!
//! Emulated responses are kept in the `responses_store`, under the credential that the client sends: clients that
//! send the same one, or none, share them. With a file they outlive the process, but for about the last second
//! before it is killed; without one they are in memory. One process at a time can have the file open. If some target
//! emulates, the others look in the store too: what is kept there can be read, deleted and gone on from at every
//! target, but a list has either what the provider keeps or what the gateway keeps, as the first target says.
//! A copy for the mirror is kept as well, if its target emulates.
//!
//! `count_tokens` is an estimate ([`fw_anthropic::count_tokens`]); no policy looks at it, because nothing leaves.
//!
//! # Audit
//!
//! With `audit-logger` in the chain every request has two records in a log that is chained and signed:
//! [`fw_audit`] says what they hold. The log is in `policy.audit-logger.directory`, from where the process was
//! started; one process at a time can have it open. `GET /metrics` has its numbers in Prometheus' text format.
//! `fw-gateway audit` reads it, also meanwhile. It exits with 0, with 1 where the log cannot be read, with 2
//! where an option or the configuration cannot be used, with 3 where the log is not as it was written.
//!
//! # Logs
//!
//! Log lines go to standard error; `RUST_LOG` says which. `fw_gateway::access=debug` writes a line for
//! every request that went upstream: operation, status, how it ended, times, tokens, what `fw-params`
//! changed, and each attempt with its target, fault and time. Its span says what policies found in the
//! request, types and counts. A request that no target could answer is a warning. No line ever holds a key
//! or a text of a request.

mod access;
mod body;
mod capture;
pub mod cli;
pub mod commands;
pub mod config;
pub mod convert;
mod front;
mod gateway;
mod health;
mod hints;
pub mod lint;
mod metrics;
mod models;
mod prometheus;
mod read_timeout;
mod request_id;
pub mod schema;
mod serve;
pub mod telemetry;

pub use crate::gateway::{Gateway, StartError};
pub use crate::serve::{Drained, serve};
