//! Whether the file that is written to is still where readers find it.

use std::{
    io,
    time::{Duration, Instant},
};

use super::Writer;
use crate::metrics::Counters;

/// How often that is looked at.
const EVERY: Duration = Duration::from_secs(1);

impl Writer {
    /// Whether the file was removed, renamed or replaced. What is in it is missing then, which nobody can make
    /// good here; what comes goes to another file, whose first line tells of this one.
    pub(super) fn is_lost(&mut self) -> bool {
        let now = Instant::now();
        let Some(open) = self.file.as_ref().filter(|_| self.presence_due <= now) else {
            return false;
        };
        self.presence_due = now + EVERY;
        let is_lost = match (self.storage.identity(&open.name), open.file.identity()) {
            (Ok(named), Ok(written)) => named != written,
            (Err(error), _) => error.kind() == io::ErrorKind::NotFound,
            // What is wrong with the file will show when it is written to.
            (Ok(_), Err(_)) => false,
        };
        if is_lost {
            Counters::add(&self.queue.counters.failures, 1);
            tracing::error!(
                file = %open.name,
                "the audit log's file was removed, renamed or replaced while it was written to"
            );
        }
        is_lost
    }
}
