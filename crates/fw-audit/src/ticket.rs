//! What one gets for a record: to wait until it is safe.

use std::{
    fmt,
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use crate::{engine::Engine, error::Failed, queue::Safety};

/// Stands for a record that was appended.
///
/// As with any future, who polls one last is woken; clones wait for themselves.
pub struct Ticket {
    engine: Arc<Engine>,
    seq: u64,
    /// Tells it from its clones.
    number: u64,
}

impl Ticket {
    pub(crate) const fn new(engine: Arc<Engine>, seq: u64) -> Self {
        Self {
            engine,
            seq,
            number: 0,
        }
    }

    /// The record's number.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Whether the record is in the system's cache, where it survives the end of this process.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.engine.queue.is(Safety::Written, self.seq)
    }

    /// Whether the record is on the disk.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.engine.queue.is(Safety::Synced, self.seq)
    }

    /// Waits until the record is written. It is not an error for ever: the record is kept, and may be
    /// written later.
    pub fn poll_written(&self, cx: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        self.engine
            .poll(Safety::Written, (self.seq, self.number), cx)
    }

    /// Waits until the record is on the disk; as [`poll_written`](Self::poll_written).
    pub fn poll_synced(&self, cx: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        self.engine
            .poll(Safety::Synced, (self.seq, self.number), cx)
    }

    /// Waits until the record is written.
    ///
    /// # Errors
    ///
    /// The log cannot be written to now.
    pub async fn written(&self) -> Result<(), Failed> {
        let own = self.clone();
        poll_fn(|cx| own.poll_written(cx)).await
    }

    /// Waits until the record is on the disk.
    ///
    /// # Errors
    ///
    /// The log cannot be written to now.
    pub async fn synced(&self) -> Result<(), Failed> {
        let own = self.clone();
        poll_fn(|cx| own.poll_synced(cx)).await
    }

    /// Blocks this thread until the record is written. Not for async code.
    ///
    /// # Errors
    ///
    /// The log cannot be written to now.
    pub fn wait_written(&self) -> Result<(), Failed> {
        block_on(self.written())
    }

    /// Blocks this thread until the record is on the disk. Not for async code.
    ///
    /// # Errors
    ///
    /// The log cannot be written to now.
    pub fn wait_synced(&self) -> Result<(), Failed> {
        block_on(self.synced())
    }
}

impl Clone for Ticket {
    fn clone(&self) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            engine: self.engine.clone(),
            seq: self.seq,
            number: NEXT.fetch_add(1, Relaxed),
        }
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("seq", &self.seq).finish()
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
        thread::park();
    }
}
