//! Server-sent events for LLM traffic: a zero-copy framer, a transforming body and an observer.

mod body;
mod error;
mod event;
mod framer;
mod observation;
mod observe;
mod plain;
mod reading;
mod report;
#[cfg(test)]
mod script;
mod signals;
mod transform;

pub use crate::body::StreamBody;
pub use crate::error::{BoxError, FrameError, StreamError};
pub use crate::event::{Event, Field, encode_event};
pub use crate::framer::{DEFAULT_MAX_EVENT_BYTES, Framer};
pub use crate::observation::{EndCause, Observation};
pub use crate::observe::Observe;
pub use crate::plain::{DEFAULT_MAX_HELD_BYTES, ObserveBody, is_event_stream};
pub use crate::reading::{FinishReason, has_content};
pub use crate::report::ReportErrors;
pub use crate::transform::{Flow, Identity, Output, StreamEnd, Transform};
