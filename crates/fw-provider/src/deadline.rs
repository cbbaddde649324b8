//! The deadlines of a reply's body.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep};

/// Deadlines at the cost of one timer.
///
/// The timer is made when the body has to wait for the first time, so that a
/// reply that is there at once has none. While frames come it is left alone:
/// deadlines only ever move later, so when it fires early it is set again to
/// what is due by then. A frame costs one reading of the clock, and that only
/// with an idle deadline.
#[derive(Debug)]
pub(crate) struct Watch {
    total: Option<Instant>,
    first: Option<Instant>,
    idle: Option<Duration>,
    /// When the wait for the current frame began.
    waiting_since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    /// Whom the timer wakes.
    waker: Option<Waker>,
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
            timer: None,
            waker: None,
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
        // A timer that has not fired and wakes this task already is left alone: between two frames
        // that is the rule.
        let armed = self.timer.as_ref().is_some_and(|timer| !timer.is_elapsed());
        if armed
            && self
                .waker
                .as_ref()
                .is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            return Poll::Pending;
        }
        self.waker = Some(cx.waker().clone());
        loop {
            let Some((at, _)) = self.next() else {
                return Poll::Pending;
            };
            let timer = self
                .timer
                .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
            // Out of the task's budget a timer is put off without being armed, and it would be taken for
            // armed from then on.
            let mut timer = pin!(unconstrained(timer.as_mut()));
            ready!(timer.as_mut().poll(cx));
            match self.next() {
                Some((at, expired)) if at <= Instant::now() => return Poll::Ready(expired),
                Some((at, _)) => {
                    if let Some(timer) = &mut self.timer {
                        timer.as_mut().reset(at);
                    }
                }
                None => return Poll::Pending,
            }
        }
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
    async fn without_deadlines_there_is_no_timer() {
        let mut watch = Watch::new(None, None, None);
        assert!(poll_fn(|cx| Poll::Ready(watch.poll(cx).is_pending())).await);
        assert!(watch.timer.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_without_budget_still_has_its_deadline() {
        let mut watch = Watch::new(after(3), None, None);
        let start = Instant::now();
        let mut fresh = true;
        let expired = poll_fn(|cx| {
            // The first time, use up more than a task may do before it has to yield.
            if std::mem::take(&mut fresh) {
                for _ in 0..1000 {
                    let _ = pin!(tokio::task::consume_budget()).poll(cx);
                }
            }
            watch.poll(cx)
        });
        assert_eq!(expired.await, Expired::Total);
        assert_eq!(start.elapsed(), SECOND * 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_is_made_once_and_moved_only_when_it_fires() {
        let mut watch = Watch::new(None, None, Some(SECOND * 3));
        assert!(poll_fn(|cx| Poll::Ready(watch.poll(cx).is_pending())).await);
        let armed = watch.timer.as_ref().unwrap().deadline();
        for _ in 0..2 {
            tokio::time::advance(SECOND).await;
            watch.progress();
            assert!(poll_fn(|cx| Poll::Ready(watch.poll(cx).is_pending())).await);
            assert_eq!(watch.timer.as_ref().unwrap().deadline(), armed);
        }
        tokio::time::advance(SECOND + SECOND / 2).await;
        assert!(poll_fn(|cx| Poll::Ready(watch.poll(cx).is_pending())).await);
        assert!(watch.timer.as_ref().unwrap().deadline() > armed);
    }
}
