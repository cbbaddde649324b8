//! Futures that wake themselves, or each other, go on at once.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use atomic_waker::AtomicWaker;
use pin_project_lite::pin_project;

/// How often the same is polled in a row before others have their turn.
const MAX_IN_A_ROW: usize = 4;

/// It waits, and nothing has happened since.
const WAITING: u8 = 0;
/// It is polled, or was ready.
const POLLED: u8 = 1;
/// It was woken since it was polled.
const WOKEN: u8 = 2;

/// Polls something again at once when it was woken while it was polled.
///
/// A task that wakes itself is put at the end of the runtime's queue, and another thread may be woken to take it from
/// there: a system call and a switch of processors. Two futures in one task that wake each other, such as a connection
/// and the reply that is read from it, would do that for every piece they hand over.
///
/// While nobody has woken it, it is not polled either: hyper asks a body that has nothing to give twice for each piece
/// that it writes.
///
/// The polled may be moved from one task to another, as long as one polls it at a time. The waker it sees stays the
/// same.
///
/// ```
/// use std::task::Poll;
///
/// use fw_stream::SelfWaker;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let waker = SelfWaker::new();
/// let mut polls = 0;
/// let poll = |cx: &mut std::task::Context<'_>| {
///     polls += 1;
///     if polls == 2 {
///         return Poll::Ready("done");
///     }
///     cx.waker().wake_by_ref();
///     Poll::Pending
/// };
/// # let mut poll = poll;
/// let mut of_the_task = 0;
/// let done = std::future::poll_fn(|cx| {
///     of_the_task += 1;
///     waker.poll(cx, &mut poll)
/// });
/// assert_eq!(done.await, "done");
/// // The runtime has polled once.
/// assert_eq!(of_the_task, 1);
/// # }
/// ```
pub struct SelfWaker {
    own: Arc<Own>,
    waker: Waker,
}

/// Wakes the task, or notes that it has to be polled again if it is being polled.
struct Own {
    state: AtomicU8,
    task: AtomicWaker,
}

impl SelfWaker {
    /// Belongs to no task yet.
    #[must_use]
    pub fn new() -> Self {
        let own = Arc::new(Own {
            state: AtomicU8::new(POLLED),
            task: AtomicWaker::new(),
        });
        Self {
            waker: Waker::from(Arc::clone(&own)),
            own,
        }
    }

    /// Calls `poll` until it is ready or was not woken meanwhile, at most four times in a row. `cx` is woken when it
    /// is worth calling again; before that it is not called, since only a wake can change what it says.
    ///
    /// Once it was ready, nobody is woken until this is called again, and then it is called.
    pub fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let own = &*self.own;
        own.task.register(cx.waker());
        // After the registration: who wakes it from here on wakes this task.
        if own.state.load(Ordering::Acquire) == WAITING {
            return Poll::Pending;
        }
        let mut own_cx = Context::from_waker(&self.waker);
        for _ in 0..MAX_IN_A_ROW {
            // Not a store: the poll must see what was done before a wake that this overwrites.
            own.state.swap(POLLED, Ordering::AcqRel);
            if let Poll::Ready(output) = poll(&mut own_cx) {
                return Poll::Ready(output);
            }
            let ended =
                own.state
                    .compare_exchange(POLLED, WAITING, Ordering::AcqRel, Ordering::Acquire);
            if ended.is_ok() {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Default for SelfWaker {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SelfWaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SelfWaker").finish_non_exhaustive()
    }
}

impl Wake for Own {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.swap(WOKEN, Ordering::AcqRel) == WAITING {
            self.task.wake();
        }
    }
}

pin_project! {
    /// A future that is polled through a [`SelfWaker`]: for a connection that is woken by what it serves.
    ///
    /// hyper's server wakes its own task whenever a service takes a request's body.
    #[derive(Debug)]
    pub struct PollAgain<F> {
        #[pin]
        future: F,
        waker: SelfWaker,
    }
}

impl<F> PollAgain<F> {
    /// Wraps a future.
    #[must_use]
    pub fn new(future: F) -> Self {
        Self {
            future,
            waker: SelfWaker::new(),
        }
    }
}

impl<F: Future> Future for PollAgain<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        this.waker.poll(cx, |cx| this.future.as_mut().poll(cx))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::sync::atomic::AtomicUsize;

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

    /// Pending once, after which its waker is in `held`.
    fn held_waker(held: &Cell<Option<Waker>>) -> impl Future<Output = ()> {
        poll_fn(|cx| match held.replace(Some(cx.waker().clone())) {
            None => Poll::Pending,
            Some(_) => Poll::Ready(()),
        })
    }

    #[test]
    fn who_is_woken_by_others_wakes_the_task() {
        let held = Cell::new(None);
        let mut task = task::spawn(PollAgain::new(held_waker(&held)));
        assert_pending!(task.poll());
        assert!(!task.is_woken());
        let waker = held.take().unwrap();
        waker.wake_by_ref();
        assert!(task.is_woken());
        held.set(Some(waker));
        assert_ready!(task.poll());
    }

    #[test]
    fn who_was_not_woken_is_not_polled() {
        let polls = Cell::new(0);
        let held = Cell::new(None);
        let mut task = task::spawn(PollAgain::new(poll_fn(|cx| {
            polls.set(polls.get() + 1);
            held.set(Some(cx.waker().clone()));
            Poll::<()>::Pending
        })));
        for _ in 0..3 {
            assert_pending!(task.poll());
        }
        assert_eq!(polls.get(), 1);
        held.take().unwrap().wake();
        assert_pending!(task.poll());
        assert_eq!(polls.get(), 2);
    }

    #[test]
    fn who_was_ready_is_polled_again() {
        let waker = SelfWaker::new();
        let mut task = task::spawn(());
        for turn in 0..3 {
            let ready = task.enter(|cx, _| waker.poll(cx, |_| Poll::Ready(turn)));
            assert_eq!(ready, Poll::Ready(turn));
        }
    }

    #[test]
    fn the_task_that_polled_last_is_woken() {
        let held = Cell::new(None);
        let waker = SelfWaker::new();
        let mut polled = Box::pin(held_waker(&held));
        let mut first = task::spawn(());
        let pending = first.enter(|cx, _| waker.poll(cx, |cx| polled.as_mut().poll(cx)));
        assert!(pending.is_pending());
        let own = held.take().unwrap();

        let mut second = task::spawn(());
        let pending = second.enter(|cx, _| waker.poll(cx, |cx| polled.as_mut().poll(cx)));
        assert!(pending.is_pending());
        own.wake();
        assert!(!first.is_woken() && second.is_woken());
    }

    #[test]
    fn nobody_is_woken_after_the_end() {
        let held = Cell::new(None);
        let mut task = task::spawn(PollAgain::new(poll_fn(|cx| {
            held.set(Some(cx.waker().clone()));
            Poll::Ready(())
        })));
        assert_ready!(task.poll());
        held.take().unwrap().wake();
        assert!(!task.is_woken());
    }

    #[test]
    fn no_wake_is_lost_between_threads() {
        for _ in 0..200 {
            let (send, receive) = tokio::sync::oneshot::channel();
            let sender = std::thread::spawn(move || send.send(7).unwrap());
            let received = tokio_test::block_on(PollAgain::new(receive));
            assert_eq!(received.unwrap(), 7);
            sender.join().unwrap();
        }
    }

    /// Waits until `turn` is `at_least`.
    fn wait_for(turn: &AtomicUsize, at_least: usize) {
        let mut spins = 0;
        while turn.load(Ordering::Acquire) < at_least {
            spins += 1;
            if spins % 1000 == 0 {
                std::thread::yield_now();
            }
            std::hint::spin_loop();
        }
    }

    #[test]
    fn no_second_wake_is_lost_when_a_poll_begins() {
        const TURNS: usize = 200_000;
        let [happened, turn, done] = [const { AtomicUsize::new(0) }; 3];
        let held = Cell::new(None);
        let waker = SelfWaker::new();
        let mut task = task::spawn(());
        let pending: Poll<()> = task.enter(|cx, _| {
            waker.poll(cx, |cx| {
                held.set(Some(cx.waker().clone()));
                Poll::Pending
            })
        });
        assert!(pending.is_pending());
        let own = held.take().unwrap();

        std::thread::scope(|scope| {
            let other = own.clone();
            let (happened, turn, done) = (&happened, &turn, &done);
            scope.spawn(move || {
                for now in 1..=TURNS {
                    wait_for(turn, now);
                    // Not always at the same moment of the poll.
                    for _ in 0..now % 64 {
                        std::hint::black_box(now);
                    }
                    happened.store(now, Ordering::Release);
                    other.wake_by_ref();
                    done.store(now, Ordering::Release);
                }
            });
            let mut lost = 0;
            for now in 1..=TURNS {
                // The first wake, for nothing. The second comes when that is looked after.
                own.wake_by_ref();
                let polled = task.enter(|cx, _| {
                    turn.store(now, Ordering::Release);
                    waker.poll(cx, |_| {
                        if happened.load(Ordering::Acquire) == now {
                            Poll::Ready(())
                        } else {
                            Poll::Pending
                        }
                    })
                });
                wait_for(done, now);
                if polled.is_pending() && !task.is_woken() {
                    lost += 1;
                }
            }
            assert_eq!(lost, 0);
        });
    }
}
