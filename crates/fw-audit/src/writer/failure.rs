//! What happens when the disk fails.

use std::{
    io,
    time::{Duration, Instant},
};

use super::{Open, Writer};

/// How long to wait after a failure, at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// What is to be put right before anything can be written again.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: String,
    pub(super) poisoned: Option<Poisoned>,
    pub(super) retry_at: Instant,
    pub(super) pause: Duration,
}

/// A file whose last bytes may or may not be on the disk.
#[derive(Debug)]
pub(super) struct Poisoned {
    pub(super) name: String,
    /// The length up to which it is known to be on the disk; none: the file is of no use.
    pub(super) keep: Option<u64>,
}

impl Writer {
    /// Gives the file up, for a failed sync says nothing about what is on the disk, and a second one would
    /// say that all is well. Goes back to what is known to be there.
    pub(super) fn fail(&mut self, error: &io::Error) {
        let error = error.to_string();
        tracing::error!(%error, "the audit log cannot be written to");
        // A sync that goes on may still make safe what was written before.
        let also = self.end_sync(true);
        if let Err(error) = also {
            tracing::error!(%error, "the audit log cannot be synced either");
        }
        let before = self.failure.take();
        let pause = before
            .as_ref()
            .map_or(RETRY.0, |failure| (failure.pause * 2).min(RETRY.1));
        let poisoned = match self.file.take() {
            Some(open) => Some(self.give_up(open)),
            None => before.and_then(|failure| failure.poisoned),
        };
        self.chain = self.synced;
        self.done = 0;
        self.unsynced_since = None;
        self.failure = Some(Failure {
            error: error.clone(),
            poisoned,
            retry_at: Instant::now() + pause,
            pause,
        });
        self.queue.failed(error);
    }

    fn give_up(&mut self, open: Open) -> Poisoned {
        let keep = if self.synced.head() == open.before.head() {
            // Nothing in it is on the disk but its first line: as if it had never been.
            self.synced = open.before;
            self.previous = open.file_before;
            None
        } else {
            self.previous = Some(open.name.clone());
            Some(open.synced_len)
        };
        Poisoned {
            name: open.name,
            keep,
        }
    }

    /// Removes what may or may not be on the disk.
    pub(super) fn repair(&mut self) -> io::Result<()> {
        let Some(poisoned) = self
            .failure
            .as_ref()
            .and_then(|failure| failure.poisoned.as_ref())
        else {
            return Ok(());
        };
        match poisoned.keep {
            Some(len) => self.storage.truncate(&poisoned.name, len)?,
            None => match self.storage.remove(&poisoned.name) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => self.storage.sync_directory()?,
            },
        }
        if let Some(failure) = &mut self.failure {
            failure.poisoned = None;
        }
        Ok(())
    }
}
