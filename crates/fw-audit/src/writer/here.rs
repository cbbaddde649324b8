//! Writing on the thread of one who waits for a record.

use std::time::{Duration, Instant};

use super::Writer;
use crate::config::Durability;

/// A write to the system's cache that takes longer had to wait: for the disk, if the next one has to as well, and else
/// only for its turn on a processor.
const SLOW: Duration = Duration::from_millis(5);
/// How long everything is left to the writer's own thread then: so many times as long as it took, so that no more
/// than a twentieth of the time goes into waiting.
const PAUSES: u32 = 20;

impl Writer {
    /// Writes what waits, if that is quick. Tells whether it was done; if not, the thread has to.
    pub(crate) fn write_here(&mut self) -> bool {
        let begun = Instant::now();
        if !self.is_quick(begun) || !self.queue.take_small(&mut self.batch) {
            return false;
        }
        if self.done == self.batch.len() {
            return true;
        }
        let written = self.write_lines();
        let took = begun.elapsed();
        let is_slow = took > SLOW;
        if std::mem::replace(&mut self.was_slow, is_slow) && is_slow {
            self.slow_until = begun.checked_add(took.saturating_mul(PAUSES));
        }
        match written {
            Ok(_) => {
                self.queue.counters.commit(took);
                true
            }
            Err(error) => {
                self.broken = Some(error);
                false
            }
        }
    }

    /// Whether nothing is in the way. A write may have to wait for a sync of its file.
    fn is_quick(&self, now: Instant) -> bool {
        matches!(self.config.durability, Durability::Batched { .. })
            && self.syncing.is_none()
            && self.failure.is_none()
            && self.broken.is_none()
            && self.file.is_some()
            && self.done == self.batch.len()
            && self.slow_until.is_none_or(|until| until <= now)
    }
}
