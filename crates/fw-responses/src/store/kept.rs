//! What is kept, and the rules for it.

use std::sync::Arc;

use redb::{Database, Error, ReadTransaction, ReadableDatabase};

use super::{
    Owner, Turn,
    tables::{self, Tables},
    waiting::{NoRoom, Waiting},
};

/// Most responses that are removed at once.
const PRUNE_AT_ONCE: usize = 1024;

/// Seconds since the beginning of 1970.
type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The database, what is not in it yet, and what bounds it.
pub(super) struct Kept {
    database: Database,
    waiting: Waiting,
    limits: Limits,
    clock: Clock,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) max_bytes: u64,
    /// In seconds.
    pub(super) retention: u64,
}

// === impl Limits ===

impl Limits {
    /// Whether what is from `time` is too old.
    pub(super) const fn is_over(self, time: u64, now: u64) -> bool {
        time.saturating_add(self.retention) <= now
    }
}

// === impl Kept ===

impl Kept {
    /// Makes the tables if they are missing, and removes what is too old or too much.
    pub(super) fn new(database: Database, limits: Limits, clock: Clock) -> Result<Self, Error> {
        let mut kept = Self {
            database,
            waiting: Waiting::default(),
            limits,
            clock,
        };
        kept.prune()?;
        kept.waiting = Waiting::new(kept.write(|tables| tables.next())?);
        Ok(kept)
    }

    pub(super) const fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    pub(super) const fn limits(&self) -> Limits {
        self.limits
    }

    pub(super) fn now(&self) -> u64 {
        (self.clock)()
    }

    /// Keeps a turn as the newest. It is written later, and found at once.
    pub(super) fn put(&self, owner: Owner, turn: &Turn<'_>) -> Result<(), NoRoom> {
        self.waiting.put(owner, turn, self.now())
    }

    pub(super) fn bytes(&self) -> Result<u64, Error> {
        Ok(self.waiting.bytes() + tables::bytes(&self.snapshot()?)?)
    }

    /// What is written.
    pub(super) fn snapshot(&self) -> Result<ReadTransaction, Error> {
        Ok(self.database.begin_read()?)
    }

    /// Writes what waits, makes room for it, and waits for the disk.
    pub(super) fn write_waiting(&self) -> Result<(), Error> {
        let now = self.now();
        let (turns, deleted) = self.write(|tables| {
            // Taken while nobody else writes: of two writers, the second has what came later.
            let (turns, deletions) = self.waiting.take();
            for turn in &turns {
                tables.insert(turn)?;
            }
            let mut deleted = Vec::with_capacity(deletions.len());
            for deletion in deletions {
                let time = tables.remove(deletion.owner, &deletion.id)?;
                let was_there = time.is_some_and(|time| !self.limits.is_over(time, now));
                deleted.push((deletion.done, was_there));
            }
            // The size is a promise; what is too old is not given any more, and its removal can wait.
            let most = PRUNE_AT_ONCE.max(2 * turns.len());
            while tables.prune(self.limits, now, most)? && tables.bytes()? > self.limits.max_bytes {
            }
            Ok((turns, deleted))
        })?;
        self.waiting.forget(&turns);
        for (done, was_there) in deleted {
            // Who asked may have gone.
            done.send(was_there).ok();
        }
        Ok(())
    }

    /// Removes all that is too old or too much. Between the portions others can write.
    pub(super) fn prune(&self) -> Result<(), Error> {
        let now = self.now();
        while self.write(|tables| tables.prune(self.limits, now, PRUNE_AT_ONCE))? {}
        Ok(())
    }

    /// Changes all tables or none, and waits for the disk.
    fn write<T>(
        &self,
        change: impl FnOnce(&mut Tables<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut write = self.database.begin_write()?;
        // Replies are text of others: two phases keep a crash from mixing old and new pages, whatever they hold.
        write.set_two_phase_commit(true);
        let done = change(&mut Tables::open(&write)?)?;
        write.commit()?;
        Ok(done)
    }
}
