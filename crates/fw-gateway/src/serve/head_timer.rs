//! The deadlines for requests' heads, with one timer a connection.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant as StdInstant};

use hyper::rt::{Sleep, Timer};
use tokio::task::unconstrained;
use tokio::time::Instant;

/// The timer of one connection.
///
/// hyper wants a new one for each head it waits for, and drops it when the head is there, which is nearly always at
/// once. Here they share one of the runtime's. That is set for the first deadline and left alone when a request comes
/// in time; when it fires it is set again for the deadline of then.
#[derive(Clone, Debug, Default)]
pub(super) struct HeadTimer {
    alarm: Arc<Mutex<Alarm>>,
}

#[derive(Debug, Default)]
struct Alarm {
    timer: Option<Pin<Box<tokio::time::Sleep>>>,
    /// Whom the timer wakes.
    waker: Option<Waker>,
}

/// One deadline of a [`HeadTimer`].
struct Deadline {
    alarm: Arc<Mutex<Alarm>>,
    at: Instant,
}

impl Alarm {
    fn poll(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let armed = self
            .timer
            .as_ref()
            .is_some_and(|timer| !timer.is_elapsed() && timer.deadline() <= at);
        let mut wakers = self.waker.iter();
        if armed && wakers.any(|waker| waker.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        self.waker = Some(cx.waker().clone());
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if !armed {
            timer.as_mut().reset(at);
        }
        loop {
            // Out of the task's budget a timer is put off without being armed.
            ready!(pin!(unconstrained(timer.as_mut())).poll(cx));
            if at <= Instant::now() {
                return Poll::Ready(());
            }
            timer.as_mut().reset(at);
        }
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: StdInstant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Deadline {
            alarm: Arc::clone(&self.alarm),
            at: Instant::from_std(deadline),
        })
    }

    fn now(&self) -> StdInstant {
        Instant::now().into_std()
    }
}

impl Future for Deadline {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut alarm = self.alarm.lock().unwrap_or_else(PoisonError::into_inner);
        alarm.poll(self.at, cx)
    }
}

impl Sleep for Deadline {}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    async fn is_over(deadline: &mut Pin<Box<dyn Sleep>>) -> bool {
        poll_fn(|cx| Poll::Ready(deadline.as_mut().poll(cx).is_ready())).await
    }

    fn set_for(timer: &HeadTimer) -> Instant {
        timer
            .alarm
            .lock()
            .unwrap()
            .timer
            .as_ref()
            .unwrap()
            .deadline()
    }

    #[tokio::test(start_paused = true)]
    async fn it_fires_when_the_time_is_over() {
        let start = Instant::now();
        HeadTimer::default().sleep(SECOND * 30).await;
        assert_eq!(start.elapsed(), SECOND * 30);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_in_time_leave_the_timer_alone() {
        let timer = HeadTimer::default();
        let start = Instant::now();
        for _ in 0..4 {
            assert!(!is_over(&mut timer.sleep(SECOND * 30)).await);
            tokio::time::advance(SECOND * 7).await;
            assert_eq!(set_for(&timer), start + SECOND * 30);
        }
        // It fires at 30 s, for nobody, and then waits for the last deadline only.
        timer.sleep(SECOND * 30).await;
        assert_eq!(start.elapsed(), SECOND * 58);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_before_the_others_is_kept() {
        let timer = HeadTimer::default();
        assert!(!is_over(&mut timer.sleep(SECOND * 30)).await);
        let start = Instant::now();
        timer.sleep(SECOND).await;
        assert_eq!(start.elapsed(), SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_that_fired_while_a_request_was_served_is_set_again() {
        let timer = HeadTimer::default();
        assert!(!is_over(&mut timer.sleep(SECOND)).await);
        tokio::time::sleep(SECOND * 5).await;
        let start = Instant::now();
        timer.sleep(SECOND * 2).await;
        assert_eq!(start.elapsed(), SECOND * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_task_that_waits_is_woken_not_the_one_that_did() {
        let timer = HeadTimer::default();
        assert!(!is_over(&mut timer.sleep(SECOND)).await);
        let waiting = tokio::spawn(timer.sleep(SECOND));
        waiting.await.unwrap();
    }
}
