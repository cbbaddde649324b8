//! Watching a reply that is not a stream of events.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::{Buf, Bytes};
use fw_wire::Value;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::observation::{EndCause, Observation, Record};
use crate::observe::Observe;

/// How much of a reply an [`ObserveBody`] holds unless told otherwise: 4 MiB.
pub const DEFAULT_MAX_HELD_BYTES: usize = 4 << 20;

/// Whether a `content-type` header announces server-sent events, so that a reply belongs into a
/// [`StreamBody`](crate::StreamBody) and not into an [`ObserveBody`].
///
/// ```
/// use fw_stream::is_event_stream;
///
/// assert!(is_event_stream(b"text/event-stream; charset=utf-8"));
/// assert!(!is_event_stream(b"application/json"));
/// ```
pub fn is_event_stream(content_type: &[u8]) -> bool {
    const EVENT_STREAM: &[u8] = b"text/event-stream";
    let content_type = content_type.trim_ascii_start();
    let Some((start, rest)) = content_type.split_at_checked(EVENT_STREAM.len()) else {
        return false;
    };
    // Most are JSON, which the first byte tells.
    start.eq_ignore_ascii_case(EVENT_STREAM) && matches!(rest.trim_ascii_start(), [] | [b';', ..])
}

pin_project! {
    /// Passes a plain JSON reply on as it is, and tells at its end what was in it.
    ///
    /// Frames go through untouched, also their sizes. What is kept of them are handles to the same
    /// memory, up to [`max_held_bytes`](Self::max_held_bytes). At the end the text is read once; if it
    /// came in several frames it is copied together for that.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use fw_stream::{EndCause, Observe, ObserveBody};
    /// use fw_wire::Endpoint;
    /// use http_body_util::{BodyExt, Full};
    ///
    /// # tokio_test::block_on(async {
    /// let upstream = Full::new(Bytes::from_static(
    ///     br#"{"choices":[{"index":0,"message":{"content":"4"},"finish_reason":"stop"}],
    ///         "usage":{"prompt_tokens":7,"completion_tokens":1,"total_tokens":8}}"#,
    /// ));
    /// let (tell, seen) = std::sync::mpsc::channel();
    /// let observe = Observe::new(Endpoint::ChatCompletions, move |observation| {
    ///     let _ = tell.send(observation);
    /// });
    /// ObserveBody::new(upstream, observe).collect().await?;
    ///
    /// let seen = seen.recv()?;
    /// assert_eq!(seen.end, EndCause::Complete);
    /// assert_eq!(seen.usage.map(|usage| usage.total_tokens), Some(8));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// A reply is complete when its body ended without an error, unless it starts like JSON and is
    /// not: then it is [truncated](EndCause::Truncated). A reply with an `error` is an
    /// [upstream error](EndCause::UpstreamError). The status code is not looked at: it is the
    /// caller's.
    pub struct ObserveBody<B, F: FnOnce(Observation), C = fn() -> Instant> {
        #[pin]
        inner: B,
        record: Record<F>,
        clock: C,
        held: Vec<Bytes>,
        held_bytes: usize,
        max_held_bytes: usize,
        expected: Option<u64>,
        over: bool,
    }
}

impl<B, F: FnOnce(Observation), C> ObserveBody<B, F, C> {
    /// Observes `body` with the options of `observe`.
    pub fn new(body: B, observe: Observe<F, C>) -> Self {
        let (record, clock) = observe.into_parts();
        Self {
            inner: body,
            record,
            clock,
            held: Vec::new(),
            held_bytes: 0,
            max_held_bytes: DEFAULT_MAX_HELD_BYTES,
            expected: None,
            over: false,
        }
    }

    /// Sets how much of the reply may be held, [4 MiB](DEFAULT_MAX_HELD_BYTES) by default. Of a larger
    /// reply nothing is held, and usage and finish reason stay [unread](Observation::unread).
    #[must_use]
    pub const fn max_held_bytes(mut self, limit: usize) -> Self {
        self.max_held_bytes = limit;
        self
    }
}

impl<B, F: FnOnce(Observation), C> ObserveBody<B, F, C> {
    /// Says how long the reply is, where the body itself may not know: its `content-length`. With the last
    /// of these bytes it is over, because its reader need not ask for more.
    #[must_use]
    pub const fn expected_bytes(mut self, length: u64) -> Self {
        self.expected = Some(length);
        self
    }
}

impl<B, F, C> Body for ObserveBody<B, F, C>
where
    B: Body,
    F: FnOnce(Observation),
    C: FnMut() -> Instant,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        if this.expected.is_none() {
            *this.expected = this.inner.size_hint().exact();
        }
        let frame = ready!(this.inner.as_mut().poll_frame(cx));
        let mut watch = Watch {
            record: this.record,
            held: this.held,
            held_bytes: this.held_bytes,
            max_held_bytes: *this.max_held_bytes,
            over: this.over,
        };
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                let frame = frame.map_data(|mut data| data.copy_to_bytes(data.remaining()));
                if let Some(data) = frame.data_ref() {
                    watch.data(data, this.clock);
                }
                // A consumer that knows the length need not poll again once it has all of it.
                let has_all = this
                    .expected
                    .is_some_and(|len| watch.record.bytes_seen() >= len);
                if has_all || frame.is_trailers() || this.inner.is_end_stream() {
                    watch.finish();
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => {
                watch.fail();
                Some(Err(error))
            }
            None => {
                watch.finish();
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<B, F: FnOnce(Observation), C> fmt::Debug for ObserveBody<B, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObserveBody")
            .field("endpoint", &self.record.progress.endpoint())
            .field("held_bytes", &self.held_bytes)
            .finish_non_exhaustive()
    }
}

/// The parts of an [`ObserveBody`] that watch, borrowed apart from the inner body.
struct Watch<'a, F: FnOnce(Observation)> {
    record: &'a mut Record<F>,
    held: &'a mut Vec<Bytes>,
    held_bytes: &'a mut usize,
    max_held_bytes: usize,
    over: &'a mut bool,
}

impl<F: FnOnce(Observation)> Watch<'_, F> {
    fn data(&mut self, data: &Bytes, now: impl FnOnce() -> Instant) {
        self.record.bytes(data.len(), now);
        if data.is_empty() || self.record.unread {
            return;
        }
        *self.held_bytes += data.len();
        if *self.held_bytes > self.max_held_bytes {
            self.record.unread = true;
            *self.held_bytes = 0;
            *self.held = Vec::new();
        } else {
            self.held.push(data.clone());
        }
    }

    fn finish(&mut self) {
        if mem::replace(self.over, true) {
            return;
        }
        let held = mem::take(self.held);
        *self.held_bytes = 0;
        let text = match &held[..] {
            [one] => one.clone(),
            several => several.concat().into(),
        };
        let end = match Value::parse(&text) {
            Ok(value) => {
                self.record.reply(value);
                if self.record.progress.is_failed() {
                    EndCause::UpstreamError
                } else {
                    EndCause::Complete
                }
            }
            Err(_) if matches!(text.trim_ascii_start().first(), Some(b'{' | b'[')) => {
                EndCause::Truncated
            }
            Err(_) => EndCause::Complete,
        };
        self.record.deliver(end);
    }

    fn fail(&mut self) {
        *self.over = true;
        *self.held = Vec::new();
        self.record.deliver(EndCause::UpstreamError);
    }
}

#[cfg(test)]
mod tests;
