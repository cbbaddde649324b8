//! A stream that has begun, under its deadlines.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes};
use fw_stream::{Alarm, BoxError};
use http_body::{Body, Frame};
use tokio::time::Instant;

use crate::{
    commit::Opened,
    error::{AttemptError, What},
};

/// How long a stream may take.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    /// The longest silence.
    pub(crate) idle: Option<Duration>,
    /// The whole, and when it began.
    pub(crate) total: Option<(Duration, Instant)>,
}

/// The frames that were read already, then the rest of the body.
pub(crate) struct TimedBody<B> {
    held: VecDeque<Bytes>,
    body: Option<Pin<Box<B>>>,
    target: Arc<str>,
    limits: Limits,
    /// When the wait for the next data began; a keep-alive does not end it.
    waiting_since: Option<Instant>,
    keep_alive: KeepAlive,
    alarm: Alarm,
}

impl<B> TimedBody<B> {
    pub(crate) fn new(opened: Opened<B>, target: Arc<str>, limits: Limits) -> Self {
        Self {
            held: opened.held,
            body: Some(opened.body),
            target,
            limits,
            waiting_since: None,
            keep_alive: KeepAlive::default(),
            alarm: Alarm::new(),
        }
    }

    /// Which deadline is next.
    fn deadline(&self) -> Option<(Instant, What)> {
        let idle = self.limits.idle.and_then(|idle| {
            let at = self.waiting_since?.checked_add(idle)?;
            Some((at, What::Idle(idle)))
        });
        let total = self
            .limits
            .total
            .and_then(|(total, since)| Some((since.checked_add(total)?, What::Stream(total))));
        match (idle, total) {
            (Some(idle), Some(total)) => Some(if idle.0 <= total.0 { idle } else { total }),
            (one, other) => one.or(other),
        }
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<AttemptError> {
        let Some((at, what)) = self.deadline() else {
            return Poll::Pending;
        };
        ready!(self.alarm.poll_until(at, cx));
        Poll::Ready(AttemptError::new(&self.target, what))
    }
}

impl<B> Body for TimedBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if let Some(data) = this.held.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        match body.as_mut().poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let frame = frame.map_data(|mut data| data.copy_to_bytes(data.remaining()));
                if this.limits.idle.is_some() {
                    let keep_alive = &mut this.keep_alive;
                    let is_one = frame
                        .data_ref()
                        .is_some_and(|data| keep_alive.is_all_of(data));
                    if !is_one {
                        this.waiting_since = None;
                    }
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                this.body = None;
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) => {
                this.body = None;
                Poll::Ready(None)
            }
            Poll::Pending => {
                if this.limits.idle.is_some() && this.waiting_since.is_none() {
                    this.waiting_since = Some(Instant::now());
                }
                match this.poll_deadline(cx) {
                    Poll::Ready(error) => {
                        this.body = None;
                        Poll::Ready(Some(Err(error.into())))
                    }
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_empty() && self.body.as_ref().is_none_or(|body| body.is_end_stream())
    }
}

/// Tells keep-alives, which are comments and blank lines, from data, wherever frames cut them.
#[derive(Clone, Copy, Debug, Default)]
struct KeepAlive {
    /// The last frame ended within a comment, or within a line of data.
    in_comment: bool,
    in_data: bool,
}

impl KeepAlive {
    fn is_all_of(&mut self, data: &[u8]) -> bool {
        // Most data is seen to be some by its first byte.
        let begins = self.in_comment || matches!(data, [] | [b'\r' | b'\n' | b':', ..]);
        if self.in_data || !begins {
            self.in_comment = false;
            self.in_data = !matches!(data, [.., b'\r' | b'\n']);
            return false;
        }
        let mut lines = data.split(|byte| matches!(byte, b'\n' | b'\r'));
        let first = lines.next().unwrap_or_default();
        let mut in_comment = self.in_comment || first.starts_with(b":");
        let mut is_all = in_comment || first.is_empty();
        for line in lines {
            in_comment = line.starts_with(b":");
            is_all &= in_comment || line.is_empty();
        }
        self.in_comment = in_comment;
        self.in_data = !in_comment && !matches!(data, [] | [.., b'\r' | b'\n']);
        is_all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_keep_alives() {
        for text in ["", "\n", ": ping\n\n", ":\r\n\r\n", ": a\n: b\n"] {
            assert!(KeepAlive::default().is_all_of(text.as_bytes()), "{text:?}");
        }
        for text in ["data: x\n\n", ": a\ndata: x\n\n", "x"] {
            assert!(!KeepAlive::default().is_all_of(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn a_comment_may_come_in_pieces() {
        let mut keep_alive = KeepAlive::default();
        for piece in [": pi", "ng", "\n\n", ":", " x\n"] {
            assert!(keep_alive.is_all_of(piece.as_bytes()), "{piece:?}");
        }
        assert!(!keep_alive.is_all_of(b"data: x\n\n"));
        assert!(keep_alive.is_all_of(b": a"));
        assert!(!keep_alive.is_all_of(b"b\ndata: x"));
        assert!(!keep_alive.is_all_of(b": y"), "this is more of the data");
    }
}
