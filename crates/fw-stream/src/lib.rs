//! Server-sent events for LLM traffic: a zero-copy framer, a transforming body and an observer.
//!
//! Four parts, each usable alone:
//!
//! - [`Framer`] cuts bytes into [`Event`]s. It does no input or output and copies no whole event.
//! - [`StreamBody`] is an [`http_body::Body`] that runs the events of another body through a
//!   [`Transform`]: pass, replace, insert, leave out, end. It spawns nothing and waits for nothing of
//!   its own.
//! - [`Observe`] and [`ReportErrors`] are transforms. The first tells how a reply ended, with usage,
//!   finish reasons and the time of the first content. The second turns a failure into an error event
//!   that clients understand. [`ObserveBody`] does the first's work for replies that are no stream.
//! - [`FilterText`] is a transform that runs the text of a reply, channel by channel, through
//!   [`TextFilter`]s: what they replace is replaced, however it was cut into events. Filters compose:
//!   [`Chained`] runs several as one, [`JsonText`] runs one over JSON so that it stays JSON.
//!
//! [`StreamLayer`] puts any of these transforms on the streams of a tower, axum or hyper service.
//!
//! They understand the streams of chat completions, text completions, Responses and Messages, as the
//! Fireworks API documentation, the OpenAI SDKs and the Anthropic SDKs describe them.
//!
//! # Framing bytes
//!
//! ```
//! use bytes::Bytes;
//! use fw_stream::Framer;
//!
//! let mut framer = Framer::new();
//! let mut words = Vec::new();
//! // Chunks as a socket may deliver them: cut anywhere, with any of the three line ends.
//! for chunk in ["data: {\"tex", "t\":\"Hel\"}\r\n\r", "\ndata: {\"text\":\"lo\"}\n\n"] {
//!     framer.push(Bytes::from_static(chunk.as_bytes()));
//!     while let Some(event) = framer.next_event()? {
//!         if let Some(text) = event.json().and_then(|data| data.get("text")?.as_str()) {
//!             words.push(text.into_owned());
//!         }
//!     }
//! }
//! assert_eq!(words, ["Hel", "lo"]);
//! # Ok::<(), fw_stream::FrameError>(())
//! ```
//!
//! # In a handler
//!
//! A proxy that has the upstream's response wraps its body, and returns it. This works the same with
//! axum, hyper and anything else that takes an [`http_body::Body`]; with axum, end with
//! `response.map(axum::body::Body::new)`.
//!
//! ```
//! use bytes::Bytes;
//! use fw_stream::{BoxError, Observation, Observe, ReportErrors, StreamBody};
//! use fw_wire::Endpoint;
//! use http::{Response, header};
//! use http_body::Body;
//! # use fw_stream::EndCause;
//! # use http_body_util::{BodyExt, Full};
//!
//! fn relay<B>(
//!     upstream: Response<B>,
//!     report: impl FnOnce(Observation),
//! ) -> Response<impl Body<Data = Bytes, Error = fw_stream::StreamError>>
//! where
//!     B: Body,
//!     B::Error: Into<BoxError>,
//! {
//!     let endpoint = Endpoint::ChatCompletions;
//!     let transform = (Observe::new(endpoint, report), ReportErrors::new(endpoint));
//!     let (mut head, body) = upstream.into_parts();
//!     // The length is not known any more, and streams need none.
//!     head.headers.remove(header::CONTENT_LENGTH);
//!     Response::from_parts(head, StreamBody::new(body, transform))
//! }
//!
//! # tokio_test::block_on(async {
//! let upstream = Response::new(Full::new(Bytes::from_static(b"data: [DONE]\n\n")));
//! let (tell, seen) = std::sync::mpsc::channel();
//! let response = relay(upstream, move |observation| {
//!     let _ = tell.send(observation);
//! });
//! assert_eq!(response.into_body().collect().await?.to_bytes(), "data: [DONE]\n\n");
//! assert_eq!(seen.recv()?.end, EndCause::Complete);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # What holds always
//!
//! - **The same bytes.** What no transform changes leaves as it came: line ends, comments, unknown
//!   fields, a missing blank line at the end. Tested for every cut of the bytes into chunks, and
//!   against a second parser that follows the text of the [WHATWG HTML standard][spec] to the letter.
//! - **Nothing clean about a failure.** An upstream error, or an event over the limit, becomes the
//!   body's error or an error event, never the end of a stream that looks complete.
//! - **Bounded memory.** A body holds at most one upstream frame and the start of one event, up to
//!   [`StreamBody::max_event_bytes`] (1 MiB by default). A slow reader slows the upstream.
//! - **One report.** An observer reports exactly once, also if the client goes away.
//! - **No content in logs.** `Debug` shows lengths and kinds.
//!
//! # Caveats
//!
//! - A body with a `content-encoding` is not text. Ask the upstream for `identity`.
//! - A stream that stops within an event ends with an [unterminated](Event::is_terminated) block.
//!   Transforms see it, because some clients do.
//! - An event of several `data` lines is joined once, into memory of its own. Everything else about
//!   an event refers to the chunk it came in, so an event that is kept keeps its chunk alive.
//!
//! # Cost
//!
//! Nanoseconds per event of 250 bytes, a chat chunk as Fireworks sends it, on a busy two-core virtual
//! machine (AMD EPYC, rustc 1.95, medians). "Torn" means that every chunk ends in the middle of an
//! event. Repeat with `cargo bench -p fw-stream`.
//!
//! | | 1 per chunk | 8 per chunk | 1, torn | 8, torn |
//! |---|---|---|---|---|
//! | the scripted body alone | 17 | 10 | 17 | 10 |
//! | [`Framer`] | 83 | 55 | 131 | 60 |
//! | [`StreamBody`] with [`Identity`] | 85 | 46 | 131 | 60 |
//! | with [`Observe`] | 165 | 132 | 214 | 148 |
//! | with `(Observe, ReportErrors)` | 170 | 137 | 217 | 155 |
//!
//! Whole events are framed, passed, observed and checked without any allocation, if the chunk's
//! [`Bytes`](bytes::Bytes) are shared already, as those of hyper are; else the first event of a chunk
//! costs one, for the reference count. A torn event takes two allocations (its buffer and a reference
//! count), and a third if it leaves together with others. `tests/allocations.rs` counts them.
//!
//! [spec]: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream

mod again;
#[cfg(feature = "time")]
mod alarm;
mod body;
mod chained;
mod channel;
mod channels;
mod choices;
mod collect;
mod converted;
mod envelope;
mod error;
mod escape;
mod event;
mod filter;
mod filtered;
mod framer;
mod future;
mod gathered;
mod hold;
mod json_text;
mod layer;
mod nesting;
mod observation;
mod observe;
mod pending;
mod pieces;
mod plain;
mod reading;
mod reply;
mod report;
mod rewrite;
#[cfg(test)]
mod script;
mod service;
mod signals;
mod synthetic;
mod template;
mod transform;
mod whole;

pub use crate::again::{PollAgain, SelfWaker};
#[cfg(feature = "time")]
pub use crate::alarm::Alarm;
pub use crate::body::StreamBody;
pub use crate::chained::{Chained, chain_filters};
pub use crate::channel::Channel;
pub use crate::choices::ExpectedChoices;
pub use crate::collect::{CollectError, Collected};
pub use crate::converted::ConvertedBody;
pub use crate::envelope::Envelope;
pub use crate::error::{BoxError, FrameError, StreamError};
pub use crate::escape::without_lone_surrogates;
pub use crate::event::{Event, Field, encode_event};
pub use crate::filter::{Edit, Edits, Scan, TextFilter, Window, filter_text};
pub use crate::filtered::{FailMode, FilterText, Filters};
pub use crate::framer::{DEFAULT_MAX_EVENT_BYTES, Framer};
pub use crate::future::StreamFuture;
pub use crate::gathered::GatheredBody;
pub use crate::json_text::JsonText;
pub use crate::layer::StreamLayer;
pub use crate::observation::{EndCause, Observation};
pub use crate::observe::Observe;
pub use crate::plain::{DEFAULT_MAX_HELD_BYTES, ObserveBody, is_event_stream};
pub use crate::reading::{FinishReason, Meaning, has_content, meaning};
pub use crate::reply::{ReplyBody, ReplyHead};
pub use crate::report::ReportErrors;
pub use crate::service::StreamService;
pub use crate::transform::{Flow, Identity, Output, StreamEnd, Transform};
pub use crate::whole::{
    caused_by, encoded_request_error, is_encoded, reply_error, reply_too_large_error, request_error,
};
