//! What was seen of a reply.

use std::time::Instant;

use fw_wire::{ApiError, Endpoint, Usage, UsageMeter, Value};
use http::StatusCode;

use crate::envelope::Envelope;
use crate::event::Event;
use crate::reading::{FinishReason, Progress, value_has_content};
use crate::signals::may_say_usage;
use crate::transform::StreamEnd;

/// The longest error message that is kept, in bytes.
const MAX_ERROR_MESSAGE: usize = 1024;

/// The longest name of a model that is kept, in bytes.
const MAX_MODEL: usize = 256;

/// What was seen of a reply, delivered once when it is over.
///
/// It holds counts and kinds, never text; only an upstream's error message and the name of its model, and
/// only if [asked](crate::Observe::keep_error_message) [for](crate::Observe::keep_model).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Observation {
    /// The endpoint the reply belongs to.
    pub endpoint: Endpoint,
    /// How it ended.
    pub end: EndCause,
    /// Tokens used, if the upstream said so.
    pub usage: Option<Usage>,
    /// Why each choice stopped, by its index. Messages and Responses have one, with index 0.
    pub finish_reasons: Vec<(u64, FinishReason)>,
    /// When the first [content](crate::has_content) came. Of a reply that is not a stream: when its
    /// first bytes came.
    pub first_content: Option<Instant>,
    /// How many events with data there were. Always 0 if the reply is not a stream.
    pub events: u64,
    /// How many bytes the reply had, comments and line ends included.
    pub bytes: u64,
    /// The status that the error stands for which the upstream reported in the reply, if it reported one.
    pub error_status: Option<StatusCode>,
    /// The error the upstream reported in the reply, if it was asked for. At most 1 KiB.
    pub error_message: Option<String>,
    /// The model that answered, as the reply says, if it was asked for. At most 256 bytes.
    pub model: Option<String>,
    /// The reply was larger than the observer may hold, so that its usage and finish reasons were
    /// not read. Does not happen to streams.
    pub unread: bool,
}

impl Observation {
    /// The finish reason of the first choice that has one.
    pub fn finish_reason(&self) -> Option<FinishReason> {
        self.finish_reasons.first().map(|(_, reason)| *reason)
    }
}

/// How a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndCause {
    /// The client has all of it: the end marker of the endpoint or the finish reason was passed on.
    Complete,
    /// The upstream ended it without an error, but before it was whole.
    Truncated,
    /// The client went away before the end.
    ClientGone,
    /// The upstream failed, reported an error within the reply, or sent an event that is too large.
    UpstreamError,
    /// Another transform ended the stream.
    Stopped,
}

impl EndCause {
    /// A name for logs and metrics, such as `client_gone`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Truncated => "truncated",
            Self::ClientGone => "client_gone",
            Self::UpstreamError => "upstream_error",
            Self::Stopped => "stopped",
        }
    }
}

impl std::fmt::Display for EndCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Gathers an [`Observation`], and delivers it once: at the end, or when dropped before.
pub(crate) struct Record<F: FnOnce(Observation)> {
    pub(crate) progress: Progress,
    pub(crate) keep_error_message: bool,
    pub(crate) keep_model: bool,
    pub(crate) at_end_marker: bool,
    pub(crate) unread: bool,
    usage: UsageMeter,
    /// Of events with nothing to find in them.
    envelope: Envelope,
    first_content: Option<Instant>,
    events: u64,
    bytes: u64,
    error_status: Option<StatusCode>,
    error_message: Option<String>,
    model: Option<String>,
    report: Option<F>,
}

impl<F: FnOnce(Observation)> Record<F> {
    pub(crate) fn new(endpoint: Endpoint, report: F) -> Self {
        Self {
            progress: Progress::new(endpoint),
            keep_error_message: false,
            keep_model: false,
            at_end_marker: false,
            unread: false,
            usage: UsageMeter::new(),
            envelope: Envelope::new(),
            first_content: None,
            events: 0,
            bytes: 0,
            error_status: None,
            error_message: None,
            model: None,
            report: Some(report),
        }
    }

    /// Takes in an event. Without `search` it is read as JSON in any case.
    #[inline]
    pub(crate) fn event(&mut self, event: &Event, now: impl FnOnce() -> Instant, search: bool) {
        self.bytes += event.raw().len() as u64;
        let Some(data) = event.data() else {
            return;
        };
        self.events += 1;
        self.progress.read_markers(event);
        let endpoint = self.progress.endpoint();
        if search && self.first_content.is_some() {
            if self.envelope.holds(event) {
                event.set_no_signals(endpoint);
                return;
            }
            if !event.signals(endpoint).any() && !may_say_usage(data) {
                self.envelope.learn(event);
                return;
            }
        }
        let Some(value) = event.json() else {
            return;
        };
        if self.first_content.is_none() && value_has_content(endpoint, event.name(), value) {
            self.first_content = Some(now());
        }
        if self.keep_model && self.model.is_none() {
            self.model = streamed_model(endpoint, value).and_then(shortened);
        }
        self.usage.observe(value);
        if let Some(error) = self.progress.read_event(event.name(), value) {
            self.keep_error(error, value);
        }
    }

    /// Takes in bytes of a reply that is not a stream.
    pub(crate) fn bytes(&mut self, len: usize, now: impl FnOnce() -> Instant) {
        if len > 0 && self.first_content.is_none() {
            self.first_content = Some(now());
        }
        self.bytes += len as u64;
    }

    pub(crate) const fn bytes_seen(&self) -> u64 {
        self.bytes
    }

    /// Takes in a whole reply that is not a stream.
    pub(crate) fn reply(&mut self, value: Value<'_>) {
        let reply = self.progress.read_reply(value);
        if let Some(usage) = reply.usage {
            self.usage.observe_usage(usage);
        }
        if self.keep_model {
            self.model = reply.model.and_then(shortened);
        }
        if let Some(error) = reply.error {
            self.keep_error(error, value);
        }
    }

    /// Why a stream ended, as this observer sees it.
    pub(crate) const fn cause(&self, end: StreamEnd<'_>) -> EndCause {
        match end {
            _ if self.progress.is_failed() => EndCause::UpstreamError,
            // After the last marker nothing can be missing, whatever the connection does.
            _ if self.progress.is_done() => EndCause::Complete,
            StreamEnd::Failed(_) | StreamEnd::TooLarge(_) => EndCause::UpstreamError,
            StreamEnd::Finished | StreamEnd::Stopped if self.progress.is_complete() => {
                EndCause::Complete
            }
            StreamEnd::Finished => EndCause::Truncated,
            StreamEnd::Stopped => EndCause::Stopped,
        }
    }

    /// Why a stream ended whose end marker was seen.
    pub(crate) const fn marked(&self) -> EndCause {
        if self.progress.is_failed() {
            EndCause::UpstreamError
        } else {
            EndCause::Complete
        }
    }

    pub(crate) fn deliver(&mut self, end: EndCause) {
        let Some(report) = self.report.take() else {
            return;
        };
        report(Observation {
            endpoint: self.progress.endpoint(),
            end,
            usage: self.usage.usage(),
            finish_reasons: self.progress.take_finished(),
            first_content: self.first_content,
            events: self.events,
            bytes: self.bytes,
            error_status: self.error_status,
            error_message: self.error_message.take(),
            model: self.model.take(),
            unread: self.unread,
        });
    }

    fn keep_error(&mut self, error: Value<'_>, told_in: Value<'_>) {
        if self.error_status.is_none() {
            self.error_status = ApiError::from_event(told_in).map(|error| error.status());
        }
        if !self.keep_error_message || self.error_message.is_some() {
            return;
        }
        let message = error.as_str().or_else(|| error.get("message")?.as_str());
        self.error_message = message.map(|message| cut(&message, MAX_ERROR_MESSAGE));
    }
}

impl<F: FnOnce(Observation)> Drop for Record<F> {
    fn drop(&mut self) {
        let end = if self.progress.is_failed() {
            EndCause::UpstreamError
        } else if self.progress.is_complete() {
            EndCause::Complete
        } else {
            EndCause::ClientGone
        };
        self.deliver(end);
    }
}

/// The model that an event of a stream names. Where it stands differs; most events do not name it.
fn streamed_model(endpoint: Endpoint, value: Value<'_>) -> Option<Value<'_>> {
    match endpoint {
        Endpoint::Messages => value.get("message")?.get("model"),
        Endpoint::Responses => value.get("response")?.get("model"),
        _ => value.get("model"),
    }
}

fn shortened(model: Value<'_>) -> Option<String> {
    Some(cut(&model.as_str()?, MAX_MODEL))
}

fn cut(text: &str, max: usize) -> String {
    text[..text.floor_char_boundary(max)].to_owned()
}
