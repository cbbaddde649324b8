//! Failures, told to the client within the stream.

use std::error::Error;
use std::fmt;

use fw_wire::{ApiError, Endpoint, ErrorShape};

use crate::event::Event;
use crate::reading::Progress;
use crate::transform::{Flow, Output, StreamEnd, Transform};

/// Ends a stream that failed with one error event in the dialect of its endpoint.
///
/// Once a stream has begun its status code has been sent, and a client sees a broken connection at
/// best. Many take a stream that merely stops for a complete one. So a failure becomes an event: an
/// object with `error` on chat and text completions, an `event: error` on Messages and Responses. No
/// finish reason and no `[DONE]` follow, and the body ends without an error.
///
/// | what happened | event |
/// |---|---|
/// | the upstream body failed | as [`describe`](Self::describe) says; by default 502, code `upstream_error` |
/// | it ended before the reply was complete | 502, code `stream_truncated` |
/// | an event was too large | 502, code `event_too_large` |
/// | the reply was complete | none, also if the connection fails after the end marker |
/// | the upstream sent an error event itself | none: the upstream's own is passed on |
/// | another transform ended the stream | none: that is for the other transform |
///
/// The rest of an event that the upstream broke off is left out: its text would be taken for JSON by
/// some clients, and no client may use it.
///
/// When a stream is complete is decided as by [`Observe`](crate::Observe). To have both, put the
/// observer first, so that it sees what the upstream did: `(observe, report_errors)`.
///
/// ```
/// use bytes::Bytes;
/// use fw_stream::{ReportErrors, StreamBody};
/// use fw_wire::Endpoint;
/// use http_body_util::{BodyExt, Full};
///
/// # tokio_test::block_on(async {
/// let torn = Full::new(Bytes::from_static(
///     b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\ndata: {\"choi",
/// ));
/// let body = StreamBody::new(torn, ReportErrors::new(Endpoint::ChatCompletions));
/// let text = body.collect().await?.to_bytes();
/// let events: Vec<_> = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
/// assert_eq!(events.len(), 2);
/// assert!(events[1].starts_with(b"data: {\"error\":{\"message\":"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct ReportErrors<D = fn(&(dyn Error + 'static)) -> ApiError> {
    progress: Progress,
    events: u64,
    describe: D,
}

impl ReportErrors {
    /// Reports the failures of a stream of `endpoint`.
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            progress: Progress::new(endpoint),
            events: 0,
            describe: upstream_failed,
        }
    }
}

impl<D> ReportErrors<D> {
    /// How many choices the reply has, as in [`Observe::choices`](crate::Observe::choices).
    #[must_use]
    pub fn choices(mut self, choices: usize) -> Self {
        self.progress.set_choices(choices);
        self
    }

    /// Chooses the error to send when the upstream body fails, for example to tell a timeout from a
    /// lost connection. By default the text of the body's error is not shown.
    #[must_use]
    pub fn describe<E>(self, describe: E) -> ReportErrors<E>
    where
        E: FnMut(&(dyn Error + 'static)) -> ApiError,
    {
        ReportErrors {
            progress: self.progress,
            events: self.events,
            describe,
        }
    }
}

fn upstream_failed(_: &(dyn Error + 'static)) -> ApiError {
    ApiError::upstream("The upstream connection failed before the reply was complete.")
        .code("upstream_error")
}

impl<D> Transform for ReportErrors<D>
where
    D: FnMut(&(dyn Error + 'static)) -> ApiError,
{
    #[inline]
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        if event.data().is_some() {
            self.events += 1;
            self.progress.read_markers(event);
            let signals = event.signals(self.progress.endpoint());
            if (signals.finish || signals.error)
                && let Some(value) = event.json()
            {
                self.progress.read_event(event.name(), value);
            }
        }
        if event.is_terminated() || self.progress.is_complete() || self.progress.is_failed() {
            out.pass();
        }
        Flow::Continue
    }

    fn end(&mut self, end: StreamEnd<'_>, out: &mut Output<'_>) {
        let told = self.progress.is_failed() || self.progress.is_done();
        let error = match end {
            StreamEnd::Stopped => return,
            StreamEnd::Finished if told || self.progress.is_complete() => return,
            _ if told => return out.settle(),
            StreamEnd::Finished => {
                ApiError::upstream("The upstream ended the stream before the reply was complete.")
                    .code("stream_truncated")
            }
            StreamEnd::Failed(error) => (self.describe)(error),
            StreamEnd::TooLarge(error) => ApiError::upstream(format!(
                "The upstream sent an event of more than {} bytes.",
                error.limit()
            ))
            .code("event_too_large"),
        };
        let shape = ErrorShape::for_endpoint(self.progress.endpoint());
        // The numbers of Responses events count up from 0, so the next one is their number so far.
        out.insert(error.to_sse_event_numbered(shape, self.events));
        out.settle();
    }
}

impl<D> fmt::Debug for ReportErrors<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReportErrors")
            .field("endpoint", &self.progress.endpoint())
            .field("complete", &self.progress.is_complete())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
