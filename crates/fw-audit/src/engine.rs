//! Who writes: the writer's own thread, or one that waits for its record and finds nobody at it.
//!
//! To have a thread woken for a record, and to be woken by it, costs several times what writing the record to
//! the system's cache does. So who waits for a record writes what there is itself, if that is quick: no file
//! ends with it, nothing has failed, and no sync goes on that writes are known to wait for. Everything else is for
//! the thread.

use std::{
    fmt,
    sync::{Arc, Mutex, TryLockError},
    task::{Context, Poll},
};

use crate::{
    error::Failed,
    queue::{Queue, Safety},
    writer::{Next, Writer},
};

/// What the handles, the tickets and the thread of a log share.
pub(crate) struct Engine {
    pub(crate) queue: Arc<Queue>,
    /// None when the thread has ended.
    writer: Mutex<Option<Writer>>,
}

impl Engine {
    pub(crate) fn new(writer: Writer) -> Self {
        Self {
            queue: writer.queue().clone(),
            writer: Mutex::new(Some(writer)),
        }
    }

    /// The thread: writes until the queue is closed and empty.
    pub(crate) fn run(&self) {
        let _stopped = Stopped(&self.queue);
        // A writer that panicked elsewhere is not to be used again.
        let Ok(mut writer) = self.writer.lock() else {
            return;
        };
        while let Some(next) = writer.as_ref().and_then(Writer::next) {
            drop(writer);
            match next {
                Next::Look(until) => self.queue.wait(until),
                Next::Retry(at) => self.queue.wait_closed(at),
            }
            let Ok(again) = self.writer.lock() else {
                return;
            };
            writer = again;
            if let Some(writer) = writer.as_mut() {
                writer.round();
            }
        }
        if let Some(writer) = writer.take() {
            writer.end();
        }
    }

    /// Whether a record is safe. `ticket` tells apart who wait for the same one.
    pub(crate) fn poll(
        &self,
        safety: Safety,
        (seq, ticket): (u64, u64),
        cx: &Context<'_>,
    ) -> Poll<Result<(), Failed>> {
        let now = self.queue.poll_now(safety, seq);
        if now.is_ready() {
            return now;
        }
        self.queue.want(seq);
        self.write_here();
        let now = self.queue.poll_now(safety, seq);
        if now.is_ready() {
            return now;
        }
        self.queue.poll(safety, (seq, ticket), cx)
    }

    /// Writes what waits, or sees to it that another one does.
    fn write_here(&self) {
        // More than once: who came meanwhile relies on it.
        for _ in 0..2 {
            let is_written = match self.writer.try_lock() {
                Ok(mut writer) => writer.as_mut().is_some_and(Writer::write_here),
                // Who has it looks for what is wanted when it is done.
                Err(TryLockError::WouldBlock) => return,
                Err(TryLockError::Poisoned(_)) => false,
            };
            if !is_written {
                break;
            }
            // Without the lock: what a waker does is not known here.
            self.queue.wake_written();
            if !self.queue.is_wanted() {
                return;
            }
        }
        self.queue.nudge();
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

/// Tells those who wait if the thread ends, even by a panic.
struct Stopped<'a>(&'a Queue);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.0.close();
        self.0.failed("the writer has stopped".into());
    }
}
