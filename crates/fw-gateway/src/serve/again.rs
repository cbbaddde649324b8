//! A task that wakes itself goes on at once.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use pin_project_lite::pin_project;

/// How often a future is polled in a row before others have their turn.
const MAX_IN_A_ROW: usize = 4;

const WAITING: u8 = 0;
const POLLED: u8 = 1;
const WOKEN: u8 = 2;

pin_project! {
    /// Polls a future again at once when it was woken while it was polled.
    ///
    /// A service that takes a request's body wakes the connection it came on, in the middle of the connection's own
    /// poll. The runtime then puts the task at the end of its queue and wakes another thread to take it from there:
    /// a system call and a switch of processors for every request.
    pub(super) struct PollAgain<F> {
        #[pin]
        future: F,
        waker: Option<(Arc<OwnWaker>, Waker)>,
    }
}

/// Wakes the task, or notes that it has to be polled again if it is being polled.
struct OwnWaker {
    state: AtomicU8,
    task: Waker,
}

impl<F> PollAgain<F> {
    pub(super) fn new(future: F) -> Self {
        Self {
            future,
            waker: None,
        }
    }
}

impl<F: Future> Future for PollAgain<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let known = this
            .waker
            .take()
            .filter(|(own, _)| own.task.will_wake(cx.waker()));
        let (own, waker) = this.waker.insert(known.unwrap_or_else(|| {
            let own = Arc::new(OwnWaker {
                state: AtomicU8::new(WAITING),
                task: cx.waker().clone(),
            });
            let waker = Waker::from(Arc::clone(&own));
            (own, waker)
        }));
        let mut own_cx = Context::from_waker(waker);
        for _ in 0..MAX_IN_A_ROW {
            own.state.store(POLLED, Ordering::Release);
            if let Poll::Ready(output) = this.future.as_mut().poll(&mut own_cx) {
                // Who still holds the waker wakes nobody.
                own.state.store(POLLED, Ordering::Release);
                return Poll::Ready(output);
            }
            let ended =
                own.state
                    .compare_exchange(POLLED, WAITING, Ordering::AcqRel, Ordering::Acquire);
            if ended.is_ok() {
                return Poll::Pending;
            }
        }
        own.state.store(WAITING, Ordering::Release);
        own.task.wake_by_ref();
        Poll::Pending
    }
}

impl Wake for OwnWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let noted = self
            .state
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| {
                (state != WAITING).then_some(WOKEN)
            });
        if noted.is_err() {
            self.task.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;

    use tokio_test::{assert_pending, assert_ready, task};

    use super::*;

    /// Wakes itself in the first `times` polls, and is ready in the one after them.
    fn self_waking(times: usize, polls: &Cell<usize>) -> impl Future<Output = ()> {
        poll_fn(move |cx| {
            polls.set(polls.get() + 1);
            if polls.get() > times {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }

    #[test]
    fn who_wakes_itself_goes_on_at_once() {
        let polls = Cell::new(0);
        let mut task = task::spawn(PollAgain::new(self_waking(MAX_IN_A_ROW - 1, &polls)));
        assert_ready!(task.poll());
        assert!(!task.is_woken());
    }

    #[test]
    fn others_have_their_turn_after_a_while() {
        let polls = Cell::new(0);
        let mut task = task::spawn(PollAgain::new(self_waking(MAX_IN_A_ROW, &polls)));
        assert_pending!(task.poll());
        assert_eq!(polls.get(), MAX_IN_A_ROW);
        assert!(task.is_woken());
        assert_ready!(task.poll());
    }

    #[test]
    fn who_is_woken_by_others_wakes_the_task() {
        let held: Cell<Option<Waker>> = Cell::new(None);
        let mut task = task::spawn(PollAgain::new(poll_fn(|cx| {
            match held.replace(Some(cx.waker().clone())) {
                None => Poll::Pending,
                Some(_) => Poll::Ready(()),
            }
        })));
        assert_pending!(task.poll());
        assert!(!task.is_woken());
        let waker = held.take().unwrap();
        waker.wake_by_ref();
        assert!(task.is_woken());
        held.set(Some(waker));
        assert_ready!(task.poll());
    }

    #[test]
    fn no_wake_is_lost_between_threads() {
        for _ in 0..200 {
            let (send, receive) = tokio::sync::oneshot::channel();
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .build()
                .unwrap();
            let waiting = runtime.spawn(PollAgain::new(receive));
            let sender = std::thread::spawn(move || send.send(7).unwrap());
            assert_eq!(runtime.block_on(waiting).unwrap().unwrap(), 7);
            sender.join().unwrap();
        }
    }
}
