//! The deadlines of a reply's body.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use fw_stream::Alarm;
use tokio::time::Instant;

/// Deadlines at the cost of one timer.
///
/// There is none before the body has to wait for the first time, and while
/// frames come it is left alone. A frame costs one reading of the clock, and
/// that only with an idle deadline.
#[derive(Debug)]
pub(crate) struct Watch {
    total: Option<Instant>,
    first: Option<Instant>,
    idle: Option<Duration>,
    /// When the wait for the current frame began.
    waiting_since: Option<Instant>,
    alarm: Alarm,
}

/// What passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expired {
    Total,
    FirstByte,
    Idle,
}

impl Watch {
    pub(crate) fn new(
        total: Option<Instant>,
        first: Option<Instant>,
        idle: Option<Duration>,
    ) -> Self {
        Self {
            total,
            first,
            idle,
            waiting_since: None,
            alarm: Alarm::new(),
        }
    }

    /// A frame came.
    pub(crate) fn progress(&mut self) {
        self.first = None;
        self.waiting_since = None;
    }

    /// The body has nothing to give: is it too late?
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Expired> {
        if self.idle.is_some() && self.waiting_since.is_none() {
            self.waiting_since = Some(Instant::now());
        }
        let Some((at, expired)) = self.next() else {
            return Poll::Pending;
        };
        ready!(self.alarm.poll_until(at, cx));
        Poll::Ready(expired)
    }

    /// The deadline that is due first.
    fn next(&self) -> Option<(Instant, Expired)> {
        let idle = match (self.waiting_since, self.idle) {
            (Some(since), Some(idle)) => since.checked_add(idle),
            _ => None,
        };
        [
            self.total.map(|at| (at, Expired::Total)),
            self.first.map(|at| (at, Expired::FirstByte)),
            idle.map(|at| (at, Expired::Idle)),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Waits for `for_frames` frames, one each `interval`, then for ever.
    async fn run(watch: &mut Watch, interval: Duration, frames: usize) -> (Expired, Duration) {
        let start = Instant::now();
        for _ in 0..frames {
            let frame = tokio::time::sleep(interval);
            tokio::pin!(frame);
            let expired = poll_fn(|cx| {
                if frame.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(None);
                }
                watch.poll(cx).map(Some)
            })
            .await;
            if let Some(expired) = expired {
                return (expired, start.elapsed());
            }
            watch.progress();
        }
        (poll_fn(|cx| watch.poll(cx)).await, start.elapsed())
    }

    fn after(seconds: u32) -> Option<Instant> {
        Some(Instant::now() + SECOND * seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn the_whole_reply_has_a_deadline_however_lively_it_is() {
        let mut watch = Watch::new(after(10), None, Some(SECOND * 3));
        let (expired, at) = run(&mut watch, SECOND, 100).await;
        assert_eq!((expired, at.as_secs()), (Expired::Total, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_measured_from_the_last_frame() {
        let mut watch = Watch::new(after(100), None, Some(SECOND * 3));
        let (expired, at) = run(&mut watch, SECOND * 2, 5).await;
        assert_eq!((expired, at.as_secs()), (Expired::Idle, 13));
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_which_nobody_reads_is_not_silence() {
        let mut watch = Watch::new(None, None, Some(SECOND * 3));
        let expired = poll_fn(|cx| Poll::Ready(watch.poll(cx).is_ready())).await;
        assert!(!expired);
        watch.progress();
        tokio::time::advance(SECOND * 60).await;
        let (expired, at) = run(&mut watch, SECOND, 1).await;
        assert_eq!((expired, at.as_secs()), (Expired::Idle, 4));
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_byte_ends_its_own_deadline() {
        let mut watch = Watch::new(after(60), after(5), None);
        let (expired, at) = run(&mut watch, SECOND * 4, 2).await;
        assert_eq!((expired, at.as_secs()), (Expired::Total, 60));

        let mut watch = Watch::new(after(60), after(5), None);
        let (expired, at) = run(&mut watch, SECOND * 6, 2).await;
        assert_eq!((expired, at.as_secs()), (Expired::FirstByte, 5));
    }

    #[tokio::test(start_paused = true)]
    async fn without_deadlines_nothing_expires() {
        let mut watch = Watch::new(None, None, None);
        assert!(poll_fn(|cx| Poll::Ready(watch.poll(cx).is_pending())).await);
    }
}
