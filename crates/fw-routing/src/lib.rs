//! A router for LLM traffic: one tower [`Service`](tower_service::Service) over several targets.
//!
//! [`Router`] takes an HTTP request and sends it to one of its [`Target`]s, each a service of its own: an
//! `fw-provider`, a `hyper` client, an `axum` router. It chooses by a [strategy], tries again or elsewhere
//! what failed by no fault of the client's, leaves targets alone that keep failing or ask for it, and gives
//! every request exactly one answer.
//!
//! # Example
//!
//! Two axum routers stand in for two providers. The first one is down.
//!
//! ```
//! use axum::{Json, Router as App, http::StatusCode, routing::post};
//! use fw_routing::{Attempts, Breaker, Retry, Router, Target, strategy};
//! use http::Request;
//! use http_body_util::Full;
//! use tower::{ServiceExt, util::BoxCloneSyncService};
//! # use bytes::Bytes;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let down = App::new().route("/v1/chat/completions", post(|| async { StatusCode::BAD_GATEWAY }));
//! let reply = || async {
//!     let message = serde_json::json!({"role": "assistant", "content": "Hello."});
//!     let choice = serde_json::json!({"index": 0, "message": message, "finish_reason": "stop"});
//!     Json(serde_json::json!({"choices": [choice]}))
//! };
//! let up = App::new().route("/v1/chat/completions", post(reply));
//!
//! // Targets of different types are boxed; those of one type need not be.
//! let boxed = |app: App| BoxCloneSyncService::new(app.into_service::<Full<Bytes>>());
//! let router = Router::builder()
//!     .target(Target::new("main", boxed(down)))
//!     .target(Target::new("reserve", boxed(up)))
//!     .strategy(strategy::Ordered::new())
//!     .retry(Retry::none())
//!     .breaker(Breaker::new())
//!     .build()?;
//!
//! let request = Request::post("/v1/chat/completions")
//!     .body(Full::<Bytes>::from(r#"{"model":"any","messages":[]}"#))?;
//! let response = router.oneshot(request).await?;
//!
//! assert_eq!(response.status(), 200);
//! assert_eq!(response.headers()["x-fw-target"], "reserve");
//! assert_eq!(response.headers()["x-fw-attempts"], "2");
//! let attempts: &Attempts = response.extensions().get().unwrap();
//! assert!(attempts.to_string().starts_with("main: server_error (502)"));
//! # Ok(())
//! # }
//! ```
//!
//! # The commit point
//!
//! A status of 200 is no answer yet. A stream is **committed** when its first event with content has come
//! ([`fw_stream::meaning`]), a plain reply when it is complete. Before that the router may try again or
//! elsewhere, and does so for a stream that stays silent, ends without content or reports an error, and for
//! a reply that breaks off. After that it never does: the client would get two answers glued together. A
//! stream that fails then ends with an error event in the dialect of its endpoint.
//!
//! Before the commit point counts [`Target::first_token_timeout`], after it [`Target::idle_timeout`]; and
//! [`Target::stream_timeout`] for the whole. The last target that can be tried is not held to the first: a
//! slow answer is better than none.
//!
//! # Faults
//!
//! | [`FaultKind`] | what it is | same target | another target | breaker |
//! |---|---|---|---|---|
//! | `Client` | 400, 405, 409, 413, 422, other 4xx, 501 | no | no | – |
//! | `ContextLength` | the request is too long for the model | no | if [told to](Fallback::on_context_length) | – |
//! | `ContentFilter` | the target refused the content | no | if [told to](Fallback::on_content_filter) | – |
//! | `UnknownModel` | 404 | no | yes; if nobody knows it, the 404 is the answer | – |
//! | `Account` | 401, 402, 403, 412 | another key | yes | – |
//! | `RateLimited` | 429 | another key; else after the wait asked for, if nobody else can | yes, first | rests |
//! | `ServerError` | 425, 5xx, an error event | as [`Retry`] says | as [`Fallback`] says | counts |
//! | `Timeout` | 408, 504, a deadline | as [`Retry`] says | as [`Fallback`] says | counts |
//! | `Connect`, `Reset` | no connection, or one that closed | as [`Retry`] says | as [`Fallback`] says | counts |
//! | `Truncated`, `Empty` | a reply that was not whole, or had no content | as [`Retry`] says | as [`Fallback`] says | counts |
//!
//! Of several keys, one that is refused is left alone for five minutes; after a 403 only if another key of the target
//! did what it was forbidden. A request that is forbidden with every key takes none of them from the others.
//!
//! A breaker judges a stream at its end. A request that the client gives up counts neither way, and frees
//! the place it had in a half-open breaker at once.
//!
//! A request that names its session (`x-multi-turn-session-id`, else `x-session-affinity`) is sent with the same key
//! each time while that can be used; one with [`x-fw-key`](KEY_HEADER) with the key of that label.
//!
//! Retries wait longer each time ([`Backoff`]), honour `Retry-After` and `retry-after-ms` within their
//! limit, and are paid for from a [`RetryBudget`], so that an outage is not made worse. When the router gives
//! up after more than one attempt it adds `x-should-retry: false`, which keeps the SDKs from starting the
//! whole way again. When no target is ready it answers at once: 503, code `no_target_available`, with a
//! `Retry-After`.
//!
//! # Names
//!
//! The `model` of a request may be the name of a [`Group`] or one of its aliases, the id of a target, a name
//! that a target [serves](Target::serves), or carry a [prefix](Target::prefix). Whatever else it is, the
//! request goes to the default targets.
//!
//! A request may bring up to 8 models of its own to fall back to, which are tried in turn when the one it asked for
//! has failed:
//!
//! ```json
//! {"model": "large", "fallbacks": ["small", "openai/gpt-5", {"provider": "openai", "model": "gpt-5-mini"}]}
//! ```
//!
//! | an entry | where it goes, and the `model` that is sent |
//! |---|---|
//! | the name of a group, an alias, an id, a name that a target serves | there; the name |
//! | `prefix/model`, or both in an object | the targets with the prefix first; `prefix/model` |
//! | `id/model`, or both in an object | that target first; `model` |
//! | any other name, `accounts/…` included | the default targets; the name |
//! | `other/model`, where targets have prefixes and `other` is none; an object whose provider is unknown | 400, `unknown_provider`, with what is known |
//! | neither a name nor such an object | 400, `invalid_fallbacks` |
//!
//! The member is taken out before the request goes up, unless [told otherwise](RouterBuilder::leave_fallbacks). Each
//! entry is worth one target beyond what [`Fallback`] allows. With one target, the entries are further models of it.
//!
//! Where nothing else in a body matters, as with one target, the router searches it for `"fallbacks"`: some 7,600
//! instructions for 16 KB, which nearly all requests pay for nothing. Where the targets' services walk over the
//! members of a body anyway, let them tell: [`RouterBuilder::fallbacks_below`]. Then a request without the member
//! pays nothing, and one with it is read, checked and refused as ever, before anything is sent.
//!
//! # What it leaves alone
//!
//! A body goes up as it came, but for `fallbacks` and the `model` of a fallback. Conversion for a provider
//! is the business of the target's service, such as a `ParamsService` around a `Provider`. The reply gets
//! [`x-fw-target`](TARGET_HEADER) and [`x-fw-attempts`](ATTEMPTS_HEADER), and [`Attempts`] among its
//! extensions; nothing else is changed.
//!
//! # Caveats
//!
//! - A request is held in memory until it is answered ([`RouterBuilder::max_body_bytes`]), a plain reply
//!   until it is whole ([`RouterBuilder::max_reply_bytes`]).
//! - A request that failed under way may have been served: what it did at the target, such as a stored
//!   response, may be done twice. Models are asked again all the same, as their SDKs do.
//! - `previous_response_id` is not looked at: targets that store responses must share their account.
//! - A reply of the router's own policies is not known here; [`Fallback::on_content_filter`] is about
//!   refusals by the target.
//! - Health probes and mirrored copies are tasks of their own; nothing else here spawns any.
//! - State is this process's own. Only [`StickyBy`] is the same on all replicas, because it needs none.

//! # Cost
//!
//! Nanoseconds for picking one of 2, 10 and 1,000 targets, one in ten of them out from ten upwards; medians
//! on a busy two-core virtual machine (AMD EPYC, rustc 1.95), `cargo bench -p fw-routing --bench pick`. No
//! pick allocates with up to ten targets (`strategy/tests.rs` counts).
//!
//! | strategy | 2 | 10 | 1,000 |
//! |---|---|---|---|
//! | `single`, `ordered` | 3 | 3 | 3 |
//! | `round_robin` | 5 | 6 | 6 |
//! | `weighted_round_robin` | 5 | 11 | 1,550 |
//! | `random` | 6 | 17 | 40 |
//! | `least_busy` | 8 | 17 | 1,570 |
//! | `lowest_cost` | 7 | 21 | 2,090 |
//! | `highest_throughput` | 18 | 52 | 4,600 |
//! | `lowest_latency` | 22 | 65 | 5,730 |
//! | `split` with a key | 50 | 81 | 7,940 |
//! | `adaptive` | 90 | 185 | 247 |
//!
//! A request with its plain reply takes 7,900 instructions on its way through a router with one target, a
//! streamed event 2,500, of which framing is 2,000 (`fw-bench instructions`; CI holds them to what is
//! recorded).
//!
//! # A simulated day
//!
//! `cargo run --release -p fw-routing --example simulated_day` sends a day's traffic to targets that slow
//! down, fail, hang and limit their rates, once with each strategy, on a clock that stands still while nothing
//! happens. `docs/simulated_day.md` has the table of the last run, `docs/simulated_day.svg` the plot.

mod attempt;
mod attempts;
mod backoff;
mod body;
mod breaker;
mod budget;
mod builder;
mod caller;
mod clock;
mod commit;
mod config;
mod cooldown;
mod decide;
mod error;
mod ewma;
mod exchange;
mod fallbacks;
mod fault;
mod future;
mod gate;
mod group;
mod headroom;
mod keys;
mod layer;
mod mirror;
mod permit;
mod plan;
mod pool;
mod probe;
mod run;
mod schedule;
mod service;
mod silence;
mod stats;
mod status;
mod sticky;
pub mod strategy;
mod target;
mod timed;
mod tried;
mod typical;
mod window;

pub use crate::attempts::{Attempt, Attempts};
pub use crate::backoff::Backoff;
pub use crate::body::RouterBody;
pub use crate::breaker::Breaker;
pub use crate::budget::RetryBudget;
pub use crate::builder::{DEFAULT_MAX_BODY_BYTES, DEFAULT_MAX_REPLY_BYTES, RouterBuilder};
pub use crate::caller::StickyBy;
pub use crate::config::{Fallback, Hedge, Retry, RetryOn, Trigger};
pub use crate::error::{AttemptError, ConfigError};
pub use crate::fault::{Fault, FaultKind};
pub use crate::future::RouterFuture;
pub use crate::group::Group;
pub use crate::layer::RouterLayer;
pub use crate::mirror::{Mirror, MirrorCopy, MirrorStatus};
pub use crate::permit::Permit;
pub use crate::probe::{Probe, Probes};
pub use crate::run::{ATTEMPTS_HEADER, KEY_HEADER, ROUTE_SPAN_FIELD, TARGET_HEADER};
pub use crate::service::Router;
pub use crate::stats::TargetStats;
pub use crate::status::{KeyState, KeyStatus, TargetState, TargetStatus};
pub use crate::sticky::sticky_key;
pub use crate::strategy::{Candidate, Candidates, Member, Strategy};
pub use crate::target::Target;
pub use crate::tried::Tried;
