//! What one gets for a record: to wait until it is safe.

use std::{
    fmt,
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use crate::{
    error::Failed,
    queue::{Queue, Safety},
};

/// Stands for a record that was appended.
#[derive(Clone)]
pub struct Ticket {
    queue: Arc<Queue>,
    seq: u64,
}

impl Ticket {
    pub(crate) const fn new(queue: Arc<Queue>, seq: u64) -> Self {
        Self { queue, seq }
    }

    /// The record's number.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Whether the record is in the system's cache, where it survives the end of this process.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.queue.is(Safety::Written, self.seq)
    }

    /// Whether the record is on the disk.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.queue.is(Safety::Synced, self.seq)
    }

    /// Waits until the record is written. It is not an error for ever: the record is kept, and may be
    /// written later.
    pub fn poll_written(&self, cx: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        self.queue.poll(Safety::Written, self.seq, cx)
    }

    /// Waits until the record is on the disk; as [`poll_written`](Self::poll_written).
    pub fn poll_synced(&self, cx: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        self.queue.poll(Safety::Synced, self.seq, cx)
    }

    /// Waits until the record is written.
    ///
    /// # Errors
    ///
    /// The log cannot be written to now.
    pub async fn written(&self) -> Result<(), Failed> {
        poll_fn(|cx| self.poll_written(cx)).await
    }

    /// Waits until the record is on the disk.
    ///
    /// # Errors
    ///
    /// The log cannot be written to now.
    pub async fn synced(&self) -> Result<(), Failed> {
        poll_fn(|cx| self.poll_synced(cx)).await
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
