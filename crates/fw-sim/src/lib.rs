//! A faithful, deterministic simulator of the Fireworks AI inference API for tests, demos and benchmarks.
//!
//! It speaks HTTP/1.1 and HTTP/2 on a real socket, needs no key and no network, and answers as the
//! Fireworks API documentation, its OpenAPI documents and bodies observed in public say the service
//! does: closed request schemas with the real error texts, usage in its three streamed layouts, error
//! bodies in their seven shapes, prompt-cache accounting, stored responses. Where the wire is not
//! documented, a [knob](#knobs) chooses.
//!
//! ```
//! use fw_sim::{Fault, Simulator, UsageLayout};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sim = Simulator::new()
//!     .knobs(|k| k.usage_layout = UsageLayout::B)
//!     .model("accounts/acme/models/flaky", |k| k.fault = Some(Fault::status(503).times(2)))
//!     .start()
//!     .await?;
//! println!("base_url for an OpenAI client: {}", sim.base_url());
//! // … send requests with a key such as `fw_acme` …
//! assert_eq!(sim.counters().in_flight, 0);
//! sim.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! As a process, `fw-sim --listen 127.0.0.1:0 --knob usage-layout=b` prints its address on one line.
//!
//! # Routes
//!
//! Below both `/inference/v1` and `/v1`: `POST chat/completions`, `completions`, `embeddings`, `rerank`,
//! `responses`, `messages`; `GET responses`, `GET` and `DELETE responses/{id}`; `GET models` and
//! `models/{id}`. Anything else is 404 `{"detail":"Not Found"}`.
//!
//! [`Simulator::openai`] (`--openai`) has `chat/completions`, `completions`, `embeddings` and `models` only, as
//! a server of OpenAI's chat completions does: OpenAI's fields and errors, every model name and key, 404 for
//! Messages and Responses, 400 for Fireworks' own fields and for tool calls that are not answered.
//!
//! # Keys and accounts
//!
//! `Authorization: Bearer` and `x-api-key` do. `fw_<account>` and `fw_<account>_<anything>` are keys of
//! that account; `fpk_<account>` is a Fire Pass key, good for chat completions only; others are 401.
//! An account reaches the models of the catalogue, and whatever it calls `accounts/<account>/models/…`
//! or `…/deployments/…`. Replies name the model in full.
//!
//! # What it says
//!
//! Replies are a function of the request, so a test can predict them, and the same request has the same
//! reply (only the cache figures, the made-up `x-request-id` and the ids of Responses differ):
//!
//! - The text is `You said: ` and the last user message (or the prompt), or `The tool said: ` and the
//!   tool's result when that comes last. Choice *k* of several adds ` (choice k)`.
//! - Tools: with `auto`, each tool whose name occurs in the last user message is called, all of them
//!   unless `parallel_tool_calls` is false; `required` (`any`) calls the first tool when none is named;
//!   a named tool is called. Arguments are an instance of the tool's schema.
//! - JSON: `json_schema` gives an instance of the schema, `json_object` gives `{"reply":"…"}`.
//! - An instance has the required properties (all, when none is required); strings hold the name of
//!   their property, numbers the minimum or else 1 and 1.5, booleans are true, arrays have one item, of
//!   `enum` and `anyOf` the first is taken.
//! - Reasoning is `The last message is: ` and the start of the message, when `reasoning_effort` (other
//!   than `none`), `thinking` or `reasoning.effort` asks for it.
//! - A token is optional white space and either up to six letters or digits or one other character. A
//!   chat message costs its text, one token for the role and one for the end; the reply's start costs
//!   one; an image 256.
//! - `max_tokens` (2048 by default) cuts with `length`; `ignore_eos` fills up to it with filler words;
//!   `stop` strings end the text and are not part of it; `seed` moves the filler.
//! - The prompt cache keeps blocks of 16 tokens by account, model, isolation key and replica. Replicas
//!   are chosen by `x-multi-turn-session-id`, `x-session-affinity`, `prompt_cache_key` or `user`, in that
//!   order, and in turn without any.
//! - Embeddings add a pseudo-random vector per token, so that texts with common words are close. Rerank
//!   scores by the share of the query's words.
//!
//! # Knobs
//!
//! A knob is set for all requests ([`Simulator::knobs`], `--knob`), for a key or a model
//! ([`Simulator::key`], [`Simulator::model`], `--key`, `--model`), or for one request: by the header
//! `x-sim-<name>: value`, or without headers by a suffix of the key or of the model name,
//! `accounts/fireworks/models/glm-5p3?usage-layout=b&fault=overloaded`. Later in this list wins, and the
//! header wins over all. Text values may be percent-encoded. A knob that does not exist is 400.
//!
//! | name | value | meaning |
//! |---|---|---|
//! | `reply` | text | the exact text of the reply |
//! | `reply-tokens` | number | pads the text with filler, or cuts it, to so many tokens |
//! | `reasoning` | `asked`, `on`, `off`, text | whether there is reasoning, and which |
//! | `think-tags` | flag | reasoning as `<think>…</think>` in the content |
//! | `reasoning-tokens` | flag | reports `completion_tokens_details.reasoning_tokens` |
//! | `usage-layout` | `a`, `b`, `c`, `both` | usage on the finish chunk (and null before); in an extra chunk when asked; never; both A and B |
//! | `usage-choices` | flag | `false`: the extra usage chunk has no `choices` |
//! | `tokens-per-event` | number | tokens in a delta; 2 by default |
//! | `head-delay` | time | before the head |
//! | `ttft` | time | between the head and the first event |
//! | `event-delay` | time | between events |
//! | `comments` | number | a comment line before every so many events |
//! | `crlf` | flag | CR LF line ends |
//! | `done` | flag | whether `[DONE]` is sent; by default on chat and text completions only |
//! | `event-lines` | flag | whether Responses and Messages streams have `event:` lines; they do by default |
//! | `truncate-after` | number | clean end after so many events, with no finish reason |
//! | `error-after` | number | an error event after so many events, then the end |
//! | `error-shape` | `object`, `string` | the shape of that error |
//! | `tool-fragment` | number | characters in a fragment of tool arguments; 0: the whole call in one delta; 8 by default |
//! | `tool-index` | flag | `false`: tool-call deltas have no `index` |
//! | `base64` | flag | `false`: embeddings ignore `encoding_format: base64` |
//! | `echo-input` | flag | the output of a Responses reply starts with the input items |
//! | `replica` | number | the replica of the prompt cache |
//! | `fault` | see below | what goes wrong; `none` for nothing |
//! | `status` | 400–599 | an error status instead of a reply |
//! | `shape` | `e1`–`e7`, `html`, `empty` | the body of that status, see [`BodyShape`] |
//! | `message` | text | its message |
//! | `retry-after` | text | its `Retry-After` header |
//! | `fault-after` | number | events that leave before a fault in the middle of a stream; 2 by default |
//! | `fault-times` | number | only so many requests are hit |
//! | `fault-for` | time | only requests within this time of the first are hit |
//! | `fault-id` | text | what those two are counted by; the model name as sent, by default |
//!
//! Flags are `true` or `false`; times are `250ms`, `1.5s`, `500us`, or milliseconds without a unit.
//!
//! | `fault` | what happens |
//! |---|---|
//! | `hang-before-head`, `hang` | no answer, until the client hangs up |
//! | `hang-mid-body` | the head and some events (half of a plain body), then nothing |
//! | `reset-before-head`, `reset-after-head`, `reset-mid-body` | a TCP reset at that point (on HTTP/2, a stream reset) |
//! | `close-before-head`, `close-mid-body` | the connection is closed at that point |
//! | `wrong-length` | `Content-Length` says more than is sent (plain replies; streams are closed) |
//! | `cut-json` | well-framed HTTP, half of the JSON (plain replies; streams are closed) |
//! | `rate-limit`, `overloaded`, `scaling-up`, `suspended` | 429, 503, 503 `DEPLOYMENT_SCALING_UP`, 412 |
//! | `html-502`, `empty-502` | 502 with an HTML page, or with nothing |
//!
//! # Looking inside
//!
//! [`Running`] tells the [counters](Counters), hands out the last [requests](Recorded), and
//! [waits for](Running::wait_for) a state without polling, so that tests need no sleep. Over HTTP the
//! same is at `GET /sim/state`, `GET /sim/requests` and `POST /sim/reset`. These show credentials as they
//! were sent, so do not send real ones.
//!
//! # What it does not do
//!
//! - Nothing is checked of images or documents, and tools of types `mcp`, `sse` and `python` of Responses
//!   are accepted but never called.
//! - `prompt_truncate_len`, grammars, `prediction` and penalties are validated but change nothing.
//! - Members of Messages blocks are not checked against the type of the block.
//! - Not verified against the live service: the text of a 401, what 429 says, whether Responses ignore
//!   unknown fields, the shape of an error in the middle of a stream, and the texts for setting both
//!   `max_tokens` and `max_completion_tokens` or both `thinking` and `reasoning_effort`.
//! - Memory is bounded everywhere: bodies of 32 MiB, the last 256 requests and 64 MiB of them, 1,000
//!   stored responses and 64 MiB of them, 200,000 cached blocks, 10,000 fault counters, 1,048,576 tokens
//!   in a reply.

mod auth;
mod body;
mod cache;
mod call;
mod chat;
mod chunks;
mod completions;
mod config;
mod control;
mod embeddings;
mod faults;
mod generate;
mod instance;
mod json;
mod knobs;
mod logprobs;
mod messages;
mod models;
mod prompt;
mod refusal;
mod rerank;
mod responses;
mod routes;
mod server;
mod state;
mod steps;
mod stream;
mod tokens;
mod usage;
mod validate;

pub use crate::config::Simulator;
pub use crate::faults::{BodyShape, Fault, FaultKind};
pub use crate::knobs::{ErrorEvent, KnobError, Knobs, Reasoning, UsageLayout};
pub use crate::server::Running;
pub use crate::state::{Counters, Recorded};
