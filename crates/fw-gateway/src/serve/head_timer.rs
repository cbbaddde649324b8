//! The deadlines for requests' heads, with one timer a connection.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant as StdInstant};

use fw_stream::Alarm;
use hyper::rt::{Sleep, Timer};
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

/// One deadline of a [`HeadTimer`].
struct Deadline {
    alarm: Arc<Mutex<Alarm>>,
    at: Instant,
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
        alarm.poll_until(self.at, cx)
    }
}

impl Sleep for Deadline {}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn it_fires_when_the_time_is_over() {
        let start = Instant::now();
        HeadTimer::default().sleep(SECOND * 30).await;
        assert_eq!(start.elapsed(), SECOND * 30);
    }

    #[tokio::test(start_paused = true)]
    async fn each_head_has_the_whole_time() {
        let timer = HeadTimer::default();
        let start = Instant::now();
        for _ in 0..4 {
            let mut deadline = timer.sleep(SECOND * 30);
            let waiting = poll_fn(|cx| Poll::Ready(deadline.as_mut().poll(cx).is_pending()));
            assert!(waiting.await);
            tokio::time::advance(SECOND * 7).await;
        }
        timer.sleep(SECOND * 30).await;
        assert_eq!(start.elapsed(), SECOND * 58);
    }
}
