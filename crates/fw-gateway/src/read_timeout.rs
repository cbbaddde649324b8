//! A limit on how long a client may pause while it sends a request's body.
//!
//! The server has a deadline for the head of a request only. Without this a client that stops in the
//! middle of a body holds a connection, and what was read of the body, for as long as it likes.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use fw_stream::{Alarm, BoxError};
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;

/// The longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// A request body that fails when the client pauses for too long.
#[derive(Debug)]
pub(crate) struct ReadTimeout<B> {
    body: B,
    /// When the wait for the body began.
    waiting_since: Option<Instant>,
    alarm: Alarm,
}

impl<B> ReadTimeout<B> {
    pub(crate) fn new(body: B) -> Self {
        Self {
            body,
            waiting_since: None,
            alarm: Alarm::new(),
        }
    }
}

impl<B> Body for ReadTimeout<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.waiting_since = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        self.alarm.poll_until(since + MAX_PAUSE, cx).map(|()| {
            let seconds = MAX_PAUSE.as_secs();
            Some(Err(format!(
                "the client sent nothing of its body for {seconds} s"
            )
            .into()))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::future::Future;

    use http_body_util::BodyExt;
    use tokio::time::Sleep;

    use super::*;

    /// Yields its parts, each after a pause, then pauses for ever.
    #[derive(Debug)]
    struct Slow {
        parts: VecDeque<(Duration, &'static str)>,
        pause: Option<Pin<Box<Sleep>>>,
    }

    impl Body for Slow {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            let Some(&(wait, text)) = self.parts.front() else {
                return Poll::Pending;
            };
            let pause = self
                .pause
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(wait)));
            if pause.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.pause = None;
            self.parts.pop_front();
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(text.as_bytes())))))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_pause_counts_not_the_whole_time() {
        let almost = MAX_PAUSE - Duration::from_millis(1);
        let parts = VecDeque::from([(almost, "a"), (almost, "b"), (almost, "c")]);
        let mut body = ReadTimeout::new(Slow { parts, pause: None });
        for expected in ["a", "b", "c"] {
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), expected);
        }
        let error = body.frame().await.unwrap().unwrap_err();
        assert!(error.to_string().contains("30 s"), "{error}");
    }
}
