//! A stream that has begun, under its deadlines.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Buf, Bytes};
use fw_stream::BoxError;
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep};

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
    /// Made when there is something to wait for.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<B> TimedBody<B> {
    pub(crate) fn new(opened: Opened<B>, target: Arc<str>, limits: Limits) -> Self {
        Self {
            held: opened.held,
            body: Some(opened.body),
            target,
            limits,
            waiting_since: None,
            timer: None,
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

    /// A timer that is due too early is left alone until then: most streams go on, and moving a timer for
    /// each event costs more than waking once too often.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Option<AttemptError> {
        let (at, what) = self.deadline()?;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if timer.deadline() > at {
            timer.as_mut().reset(at);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if timer.deadline() >= at {
                return Some(AttemptError::new(&self.target, what));
            }
            timer.as_mut().reset(at);
        }
        None
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
                if this.waiting_since.is_some() && !frame.data_ref().is_some_and(is_keep_alive) {
                    this.waiting_since = None;
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
                    Some(error) => {
                        this.body = None;
                        Poll::Ready(Some(Err(error.into())))
                    }
                    None => Poll::Pending,
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_empty() && self.body.as_ref().is_none_or(|body| body.is_end_stream())
    }
}

/// Comments and blank lines only.
fn is_keep_alive(data: &Bytes) -> bool {
    // Most data is seen to be some by its first byte.
    matches!(**data, [] | [b'\r' | b'\n' | b':', ..])
        && data
            .split(|byte| *byte == b'\n')
            .all(|line| matches!(line, [] | [b'\r'] | [b':', ..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_keep_alives() {
        for text in ["", "\n", ": ping\n\n", ":\r\n\r\n", ": a\n: b\n"] {
            assert!(is_keep_alive(&Bytes::from(text)), "{text:?}");
        }
        for text in ["data: x\n\n", ": a\ndata: x\n\n", "x"] {
            assert!(!is_keep_alive(&Bytes::from(text)), "{text:?}");
        }
    }
}
