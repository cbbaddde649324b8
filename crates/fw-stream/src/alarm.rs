//! Deadlines that move, at the cost of one timer.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep};

/// One of tokio's timers for a deadline that moves later again and again: for the silence between two events, or for
/// the next request of a connection.
///
/// The timer is made when there is something to wait for, and then left alone while the deadline moves. When it fires
/// it is set again to what is due by then. So a wait that is over in time costs no change of the runtime's timers,
/// where a `Sleep` of its own costs two.
///
/// ```
/// use std::future::poll_fn;
/// use std::time::Duration;
///
/// use fw_stream::Alarm;
/// use tokio::time::Instant;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let begin = Instant::now();
/// let mut alarm = Alarm::new();
/// for at in [2, 5] {
///     let at = begin + Duration::from_secs(at);
///     poll_fn(|cx| alarm.poll_until(at, cx)).await;
///     assert_eq!(Instant::now(), at);
/// }
/// # });
/// ```
#[derive(Debug, Default)]
pub struct Alarm {
    timer: Option<Pin<Box<Sleep>>>,
    /// Whom the timer wakes.
    waker: Option<Waker>,
}

impl Alarm {
    /// Has no timer yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            timer: None,
            waker: None,
        }
    }

    /// Ready once `at` has passed.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with timers.
    pub fn poll_until(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let is_set = self
            .timer
            .as_ref()
            .is_some_and(|timer| timer.deadline() <= at && !timer.is_elapsed());
        let mut waker = self.waker.iter();
        if is_set && waker.any(|waker| waker.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        self.waker = Some(cx.waker().clone());
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if !is_set {
            timer.as_mut().reset(at);
        }
        loop {
            // Out of the task's budget a timer is put off without being set, and it would be taken for set from then on.
            ready!(pin!(unconstrained(timer.as_mut())).poll(cx));
            if at <= Instant::now() {
                return Poll::Ready(());
            }
            timer.as_mut().reset(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    async fn is_over(alarm: &mut Alarm, at: Instant) -> bool {
        poll_fn(|cx| Poll::Ready(alarm.poll_until(at, cx).is_ready())).await
    }

    fn set_for(alarm: &Alarm) -> Instant {
        alarm.timer.as_ref().unwrap().deadline()
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_that_moves_leaves_the_timer_alone_until_it_fires() {
        let start = Instant::now();
        let mut alarm = Alarm::new();
        for turn in 0..4 {
            assert!(!is_over(&mut alarm, start + SECOND * (30 + turn * 7)).await);
            assert_eq!(set_for(&alarm), start + SECOND * 30);
            tokio::time::advance(SECOND * 7).await;
        }
        // It fires at 30 s, for nobody, and then waits for the last deadline only.
        let last = start + SECOND * 51;
        poll_fn(|cx| alarm.poll_until(last, cx)).await;
        assert_eq!(Instant::now(), last);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_before_the_others_is_kept() {
        let start = Instant::now();
        let mut alarm = Alarm::new();
        assert!(!is_over(&mut alarm, start + SECOND * 30).await);
        poll_fn(|cx| alarm.poll_until(start + SECOND, cx)).await;
        assert_eq!(start.elapsed(), SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_that_fired_meanwhile_is_set_again() {
        let mut alarm = Alarm::new();
        assert!(!is_over(&mut alarm, Instant::now() + SECOND).await);
        tokio::time::sleep(SECOND * 5).await;
        let start = Instant::now();
        poll_fn(|cx| alarm.poll_until(start + SECOND * 2, cx)).await;
        assert_eq!(start.elapsed(), SECOND * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_task_that_waits_is_woken_not_the_one_that_did() {
        let at = Instant::now() + SECOND;
        let mut alarm = Alarm::new();
        assert!(!is_over(&mut alarm, at).await);
        let waiting = tokio::spawn(async move { poll_fn(|cx| alarm.poll_until(at, cx)).await });
        waiting.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_without_budget_still_has_its_deadline() {
        let start = Instant::now();
        let mut alarm = Alarm::new();
        let mut fresh = true;
        let over = poll_fn(|cx| {
            // The first time, use up more than a task may do before it has to yield.
            if std::mem::take(&mut fresh) {
                for _ in 0..1000 {
                    let _ = pin!(tokio::task::consume_budget()).poll(cx);
                }
            }
            alarm.poll_until(start + SECOND * 3, cx)
        });
        over.await;
        assert_eq!(start.elapsed(), SECOND * 3);
    }
}
