//! Watching a stream without changing it.

use std::fmt;
use std::time::Instant;

use fw_wire::Endpoint;

use crate::event::Event;
use crate::observation::{Observation, Record};
use crate::transform::{Flow, Output, StreamEnd, Transform};

/// Lets every event through and tells, once the stream is over, what was in it.
///
/// The [`Observation`] goes to a function of your choice, exactly once: when the stream ends, or when
/// the observer is dropped before that because the client went away. The function is called from
/// `poll_frame` or from a destructor, so it should only store or send what it is given.
///
/// ```
/// use bytes::Bytes;
/// use fw_stream::{EndCause, FinishReason, Observe, StreamBody};
/// use fw_wire::Endpoint;
/// use http_body_util::{BodyExt, Full};
///
/// # tokio_test::block_on(async {
/// let upstream = Full::new(Bytes::from_static(
///     b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"4\"},\"finish_reason\":null}]}\n\n\
///       data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\
///              \"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1,\"total_tokens\":8}}\n\n\
///       data: [DONE]\n\n",
/// ));
/// let (tell, seen) = std::sync::mpsc::channel();
/// let observe = Observe::new(Endpoint::ChatCompletions, move |observation| {
///     let _ = tell.send(observation);
/// });
///
/// StreamBody::new(upstream, observe).collect().await?;
///
/// let seen = seen.recv()?;
/// assert_eq!(seen.end, EndCause::Complete);
/// assert_eq!(seen.finish_reason(), Some(FinishReason::Stop));
/// assert_eq!(seen.usage.map(|usage| usage.total_tokens), Some(8));
/// assert_eq!(seen.events, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
///
/// # When a stream is complete
///
/// | endpoint | end marker | finish reason |
/// |---|---|---|
/// | chat, text completions | `data: [DONE]` | `finish_reason` of as many choices as [`choices`](Self::choices) says |
/// | Messages | `message_stop` | `stop_reason` |
/// | Responses | `response.completed`, `.incomplete`, `.failed` | the response's `status` |
///
/// Either is enough if the upstream then ends the stream without an error, or if the client goes
/// away after it. (A client may hang up as soon as it has read `[DONE]`.) If the connection fails, only
/// the end marker makes the stream complete, because usage may come after the finish reason.
///
/// # Cost
///
/// Until the first content has been seen, events are read as JSON. After that, the data is only
/// searched for the few names that matter, and read if one is found; see the
/// [crate documentation](crate#cost) for figures.
pub struct Observe<F: FnOnce(Observation), C = fn() -> Instant> {
    record: Record<F>,
    clock: C,
    search: bool,
}

impl<F: FnOnce(Observation)> Observe<F> {
    /// Observes a reply of `endpoint` and gives what was seen to `report`.
    pub fn new(endpoint: Endpoint, report: F) -> Self {
        Self {
            record: Record::new(endpoint, report),
            clock: Instant::now,
            search: true,
        }
    }
}

impl<F: FnOnce(Observation), C> Observe<F, C> {
    /// How many choices the reply has: `n` of the request, times the number of prompts of a text
    /// completion. 1 by default.
    ///
    /// Without an end marker, a stream is complete when that many choices have their finish reason.
    #[must_use]
    pub fn choices(mut self, choices: usize) -> Self {
        self.record.progress.set_choices(choices);
        self
    }

    /// Whether to keep the message of an error that the upstream reports within the reply. `false` by
    /// default: such a message may repeat what the client sent.
    #[must_use]
    pub fn keep_error_message(mut self, keep: bool) -> Self {
        self.record.keep_error_message = keep;
        self
    }

    /// Whether to keep the name of the model that the reply says has answered. `false` by default.
    #[must_use]
    pub fn keep_model(mut self, keep: bool) -> Self {
        self.record.keep_model = keep;
        self
    }

    /// Whether to report as soon as the [end marker](Self#when-a-stream-is-complete) has been seen, while
    /// the event with it is still on its way to the client, and not when the stream ends. `false` by
    /// default. Of what comes after the marker nothing is in the [`Observation`].
    #[must_use]
    pub fn report_at_end_marker(mut self, at_marker: bool) -> Self {
        self.record.at_end_marker = at_marker;
        self
    }

    /// Takes the time from `clock` instead of [`Instant::now`]. It is read once, at the first content.
    #[must_use]
    pub fn clock<D: FnMut() -> Instant>(self, clock: D) -> Observe<F, D> {
        Observe {
            record: self.record,
            clock,
            search: self.search,
        }
    }

    /// Reads every event as JSON, to compare with.
    #[cfg(test)]
    pub(crate) fn without_search(mut self) -> Self {
        self.search = false;
        self
    }

    pub(crate) fn into_parts(self) -> (Record<F>, C) {
        (self.record, self.clock)
    }
}

impl<F: FnOnce(Observation), C: FnMut() -> Instant> Transform for Observe<F, C> {
    #[inline]
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        self.record.event(event, &mut self.clock, self.search);
        if self.record.at_end_marker && self.record.progress.is_done() {
            self.record.deliver(self.record.marked());
        }
        out.pass();
        Flow::Continue
    }

    fn end(&mut self, end: StreamEnd<'_>, _out: &mut Output<'_>) {
        let cause = self.record.cause(end);
        self.record.deliver(cause);
    }
}

impl<F: FnOnce(Observation), C> fmt::Debug for Observe<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observe")
            .field("endpoint", &self.record.progress.endpoint())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
