//! OpenAI's Responses API over any service of chat completions, with a store of its own, as a [tower] layer.
//!
//! Agents and SDKs speak the Responses API: they create a response, go on from it by its id, list what there
//! is, read and delete it. Most providers speak chat completions only, and remember nothing.
//! [`ResponsesLayer`] stands between the two. It converts requests, replies and every event of a stream, and
//! keeps responses in a [`ResponseStore`], so that `previous_response_id` works with any of them.
//!
//! [tower]: https://docs.rs/tower
//!
//! # Example
//!
//! The layer goes around anything that takes and gives HTTP. Here a function stands in for the provider; the
//! same line works for a hyper client, an axum router, or a service with more layers.
//!
//! ```
//! use bytes::Bytes;
//! use fw_responses::{ResponseStore, ResponsesLayer, ResponsesRequestBody};
//! use http::{Request, Response};
//! use http_body_util::{BodyExt, Full};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! type Body = Full<Bytes>;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! // A provider of chat completions that says how many messages it was sent.
//! let provider = service_fn(|request: Request<ResponsesRequestBody<Body>>| async move {
//!     assert_eq!(request.uri(), "/v1/chat/completions");
//!     let body = request.into_body().collect().await?.to_bytes();
//!     let messages = std::str::from_utf8(&body)?.matches("\"role\"").count();
//!     let reply = format!(r#"{{"choices":[{{"message":{{"content":"{messages}"}},"finish_reason":"stop"}}]}}"#);
//!     Ok::<_, Box<dyn std::error::Error + Send + Sync>>(Response::new(Body::from(reply)))
//! });
//!
//! let service = ResponsesLayer::new(ResponseStore::in_memory()?).layer(provider);
//!
//! let create = |body: String| Request::post("/v1/responses").body(Body::from(body));
//! let first = service.clone().oneshot(create(r#"{"model":"m","input":"Hi"}"#.into())?).await?;
//! let first = first.into_body().collect().await?.to_bytes();
//! let first: serde_json::Value = serde_json::from_slice(&first)?;
//! assert_eq!(first["output"][0]["content"][0]["text"], "1");
//!
//! // The second turn names the first: the provider is sent the question, its answer, and what is new.
//! let id = &first["id"];
//! let body = format!(r#"{{"model":"m","input":"And now?","previous_response_id":{id}}}"#);
//! let second = service.oneshot(create(body)?).await?.into_body().collect().await?.to_bytes();
//! let second: serde_json::Value = serde_json::from_slice(&second)?;
//! assert_eq!(second["output"][0]["content"][0]["text"], "3");
//! # Ok(())
//! # }
//! ```
//!
//! # What is answered
//!
//! Under any prefix, in the default mode, [`ResponsesMode::Emulate`]:
//!
//! | request | answer |
//! |---|---|
//! | `POST …/responses` | asked of `…/chat/completions`, and kept unless `store` is `false` (or [`NotKept`]) |
//! | `GET …/responses` | a page of the caller's responses; `limit` (1 to 100), `after`, `before`, `order` |
//! | `GET …/responses/{id}` | the response |
//! | `GET …/responses/{id}/input_items` | the items that it answered, in pages |
//! | `DELETE …/responses/{id}` | `{"id":…,"object":"response","deleted":true}` |
//! | `POST …/responses/{id}/cancel` | a 400: nothing is made in the background |
//! | anything else | passes untouched |
//!
//! [`chat_request`] has the table of fields, [`response`] and [`ResponseStream`] what becomes of replies.
//! References to stored items (`item_reference`) are replaced by the items. Errors of the provider come in
//! OpenAI's shape with the status and headers they had.
//!
//! [`ResponsesMode::Expand`] is for a provider that has responses itself: only a `previous_response_id` that
//! is in *this* store becomes items before `input`, and only references to items of this store become items
//! (without their ids and without reasoning, which another provider cannot use); and only such responses are
//! read and deleted here. So a conversation can move from
//! an emulated provider to a native one.
//!
//! What was left out or changed on the way is told as [`fw_params`] does: in the header `x-fw-params` and as
//! [`ParamsChanges`](fw_params::ParamsChanges) in the response's extensions, before what layers below changed.
//!
//! # Who sees what
//!
//! A response belongs to the [`Owner`] that created it: a hash of the key in `authorization`, `x-api-key`,
//! `api-key` or `x-goog-api-key`.
//! For any other caller it is not there: not in a list, not to be read, gone on from or deleted. A server that
//! knows its callers better puts an [`Owner`] into the request's extensions. A new key is a new owner.
//! Requests without a key share one owner.
//!
//! # The store
//!
//! Responses and their items are kept as they were sent and given, in memory or in one file that only its
//! user can read (mode 0600). They are not encrypted.
//!
//! - **Writing.** Nobody who asks for a response waits for the disk. A response is in memory, and found there at
//!   once; one thread writes all that came within a second together, and waits for the disk. If 64 MiB wait, the
//!   disk does not keep up: a response is given then and not kept, with a warning.
//! - **Age.** A response is kept 30 days, and not given after that. It is removed when the next response is
//!   written, within an hour, or at the next start. Space in the file is used again, not overwritten at once.
//! - **Size.** 64 MiB of texts and what keeps them in order; beyond, the oldest go first, whoever owns them.
//!   What waits to be written comes on top. A file is larger, up to about four times: it grows by doubling, and
//!   holds pages that the next write frees.
//! - **The end of the process.** `kill -9`, a crash or a power cut loses the responses of the last second, and
//!   nothing else. Dropping the last handle writes; [`ResponseStore::sync`] does so at once. A delete is on the
//!   disk before it is answered.
//! - **Damage.** A file is checked as a whole when it is opened. If it is damaged, or something else, that is
//!   an error that says so, and the file is left as it is.
//! - **One process.** A file is locked while it is open.
//!
//! # Bounds
//!
//! | what | bound | beyond |
//! |---|---|---|
//! | request body | [`max_body_bytes`](ResponsesLayer::max_body_bytes), 10 MiB | 413 |
//! | plain reply, streamed reply, one event | [`max_response_bytes`](ResponsesLayer::max_response_bytes), 32 MiB | 502, `response.failed` |
//! | error reply that is read | 256 KiB | cut |
//! | turns of a conversation | [`MAX_HISTORY_TURNS`], 1024 | 400 `conversation_too_long` |
//! | its stored items; items referred to | [`MAX_HISTORY_BYTES`], 10 MiB | 400 `conversation_too_long` |
//! | one response in the store | all of `max_bytes` | given, not kept, a warning |
//! | a page | 100 responses, 16 MiB | `has_more` |
//! | memory for a file's pages | 16 MiB | read from the file |
//! | memory for what waits to be written | 64 MiB; 1024 deletions | given, not kept, a warning; 500 |
//!
//! # Caveats
//!
//! - A request body is read whole before the call, by the service instance that was polled ready.
//! - The store is read in the task that handles the request: `cargo bench -p fw-responses` shows what that
//!   takes. What is not in the cache of pages is read from the disk there.
//! - A response that failed is not kept, and neither is one whose client went away before its end.
//! - A conversation of which one response was deleted, or is too old, is a 404 `previous_response_not_found`:
//!   a part of it would be another conversation. Keep responses as long as conversations last.
//! - If the store fails, a reply that was made is given all the same, and a warning logged. Once the disk
//!   failed, because it was full for example, the file is not used any more until it is opened again.
//! - `accept-encoding: identity` goes upstream, because a compressed reply cannot be converted.
//!
//! # Where the rules come from
//!
//! | rule | source |
//! |---|---|
//! | routes, fields, events, ids, `order`, pages of 20 and at most 100 | OpenAI's API reference, "Responses" |
//! | pages newest first, 30 days, 404 for a previous response that is not there | OpenAI's reference, and Fireworks' |
//! | code `previous_response_not_found` with `param` | OpenAI's replies, which SDKs and agents look at |
//! | token counts under both families of names | Fireworks answers with chat names, OpenAI's SDKs read their own |
//! | instructions are of one turn | OpenAI's API reference, `instructions` |
//! | items by reference | the Vercel AI SDK sends them where responses are stored |

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
    DEFAULT_MAX_BODY_BYTES, DEFAULT_MAX_RESPONSE_BYTES, NotKept, ResponsesConfig, ResponsesMode,
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
