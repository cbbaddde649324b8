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
/// With some file systems a write waits for a sync that goes on. So it is where it was so in as many syncs one after
/// another; a slow one now and then had to wait for its turn.
const SLOW_SYNCS: u32 = 4;
/// How long everything that comes while the file is synced is left to the writer's own thread then.
const SYNC_PAUSE: Duration = Duration::from_secs(60);

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
        if let Some(mark) = &mut self.syncing {
            let was_slow = mark.was_slow.get_or_insert(false);
            *was_slow |= is_slow;
        }
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

    /// Whether nothing is in the way.
    fn is_quick(&self, now: Instant) -> bool {
        matches!(self.config.durability, Durability::Batched { .. })
            && (self.syncing.is_none() || self.slow_syncs.is_over(now))
            && self.failure.is_none()
            && self.broken.is_none()
            && self.file.is_some()
            && self.done == self.batch.len()
            && self.slow_until.is_none_or(|until| until <= now)
    }
}

/// Whether syncs keep other threads waiting.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SlowSyncs {
    in_a_row: u32,
    until: Option<Instant>,
}

impl SlowSyncs {
    /// A sync is over, and a write that came meanwhile was slow or not. Without any it says nothing.
    pub(super) fn learn(&mut self, was_slow: Option<bool>, now: Instant) {
        self.in_a_row = match was_slow {
            None => self.in_a_row,
            Some(true) => self.in_a_row + 1,
            Some(false) => 0,
        };
        if self.in_a_row >= SLOW_SYNCS {
            *self = Self {
                in_a_row: 0,
                until: now.checked_add(SYNC_PAUSE),
            };
        }
    }

    fn is_over(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| until <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_slow_syncs_in_a_row_leave_the_next_minute_to_the_thread() {
        let now = Instant::now();
        let after = |syncs: &[Option<bool>]| {
            let mut slow = SlowSyncs::default();
            syncs.iter().for_each(|was_slow| slow.learn(*was_slow, now));
            (slow.is_over(now), slow.is_over(now + SYNC_PAUSE))
        };
        let (slow, quick, none) = (Some(true), Some(false), None);
        assert_eq!(after(&[slow, slow, slow]), (true, true));
        assert_eq!(after(&[slow, slow, slow, quick, slow]), (true, true));
        assert_eq!(after(&[slow, slow, none, slow, slow]), (false, true));
    }
}
