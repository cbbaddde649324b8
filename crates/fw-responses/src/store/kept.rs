//! What is kept, and the rules for it.

use std::{ops::Bound, sync::Arc};

use bytes::Bytes;
use redb::{Database, Durability, Error, ReadTransaction, ReadableDatabase};

use super::{
    History, ListQuery, MAX_HISTORY_BYTES, MAX_HISTORY_TURNS, Order, Owner, Page, Turn,
    sync::Work,
    tables::{self, BY_OWNER, Entry, Key, RESPONSES, Tables},
};

/// Most bytes of responses on one page of a list. One is given in any case.
const MAX_PAGE_BYTES: usize = 16 * 1024 * 1024;

/// Most responses that are removed at once.
const PRUNE_AT_ONCE: usize = 64;

/// Seconds since the beginning of 1970.
type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The database, and what bounds it.
pub(super) struct Kept {
    database: Database,
    durability: Durability,
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
    pub(super) fn new(
        database: Database,
        durability: Durability,
        limits: Limits,
        clock: Clock,
    ) -> Result<Self, Error> {
        let kept = Self {
            database,
            durability,
            limits,
            clock,
        };
        kept.prune()?;
        Ok(kept)
    }

    pub(super) const fn limits(&self) -> Limits {
        self.limits
    }

    pub(super) fn now(&self) -> u64 {
        (self.clock)()
    }

    pub(super) fn put(&self, owner: Owner, turn: &Turn<'_>) -> Result<(), Error> {
        let now = self.now();
        self.write(self.durability, |tables| {
            tables.insert(owner, turn, now)?;
            // The size is a promise; what is too old is not given any more, and its removal can wait.
            while tables.prune(self.limits, now, PRUNE_AT_ONCE)?
                && tables.bytes()? > self.limits.max_bytes
            {}
            Ok(())
        })
    }

    pub(super) fn find(&self, owner: Owner, id: &str) -> Result<Option<Bytes>, Error> {
        let read = self.database.begin_read()?;
        self.read(&read, owner, id, |entry| Bytes::copy_from_slice(entry.3))
    }

    pub(super) fn input_items(&self, owner: Owner, id: &str) -> Result<Option<Vec<String>>, Error> {
        let read = self.database.begin_read()?;
        self.read(&read, owner, id, |entry| {
            entry.4.iter().map(|item| text(item)).collect()
        })
    }

    pub(super) fn output_items(
        &self,
        owner: Owner,
        id: &str,
    ) -> Result<Option<Vec<String>>, Error> {
        let read = self.database.begin_read()?;
        self.read(&read, owner, id, |entry| {
            entry.5.iter().map(|item| text(item)).collect()
        })
    }

    pub(super) fn delete(&self, owner: Owner, id: &str) -> Result<bool, Error> {
        let time = self.write(Durability::Immediate, |tables| tables.remove(owner, id))?;
        let now = self.now();
        Ok(time.is_some_and(|time| !self.limits.is_over(time, now)))
    }

    pub(super) fn list(&self, owner: Owner, query: &ListQuery) -> Result<Option<Page>, Error> {
        let read = self.database.begin_read()?;
        let number = |id: &Option<String>| match id {
            None => Ok(Some(None)),
            Some(id) => {
                let number = self.read(&read, owner, id, |entry| entry.0)?;
                Ok::<_, Error>(number.map(Some))
            }
        };
        let (Some(after), Some(before)) = (number(&query.after)?, number(&query.before)?) else {
            return Ok(None);
        };
        let ascending = query.order == Order::Ascending;
        let (above, below) = if ascending {
            (after, before)
        } else {
            (before, after)
        };
        let key = |number| (owner.bytes(), number);
        let from = above.map_or(Bound::Included(key(0)), |n| Bound::Excluded(key(n)));
        let to = below.map_or(Bound::Included(key(u64::MAX)), |n| Bound::Excluded(key(n)));
        if above
            .zip(below)
            .is_some_and(|(above, below)| above >= below)
        {
            return Ok(Some(Page::default()));
        }
        // What stands right before a response is found by going backwards from it.
        let backwards = before.is_some() && after.is_none();
        let table = read.open_table(BY_OWNER)?;
        let range = table.range((from, to))?;
        let mut page = if ascending == backwards {
            self.page(&read, owner, query.limit, range.rev())?
        } else {
            self.page(&read, owner, query.limit, range)?
        };
        if backwards {
            page.data.reverse();
        }
        Ok(Some(page))
    }

    pub(super) fn history(&self, owner: Owner, id: &str) -> Result<History, Error> {
        let read = self.database.begin_read()?;
        let (mut turns, mut bytes) = (Vec::new(), 0);
        let mut next = Some(id.to_owned());
        while let Some(id) = next {
            if turns.len() == MAX_HISTORY_TURNS {
                return Ok(History::TooLong);
            }
            let turn = self.read(&read, owner, &id, |entry| {
                let items = || entry.4.iter().chain(&entry.5);
                bytes += items().map(|item| item.len()).sum::<usize>();
                let items: Vec<String> = items().map(|item| text(item)).collect();
                (entry.2.map(str::to_owned), items)
            })?;
            let Some((previous, items)) = turn else {
                return Ok(History::Missing);
            };
            if bytes > MAX_HISTORY_BYTES {
                return Ok(History::TooLong);
            }
            turns.push(items);
            next = previous;
        }
        Ok(History::Found(turns.into_iter().rev().flatten().collect()))
    }

    pub(super) fn bytes(&self) -> Result<u64, Error> {
        tables::bytes(&self.database.begin_read()?)
    }

    pub(super) fn sync(&self) -> Result<(), Error> {
        // A commit that waits for the disk takes along all that did not.
        self.write(Durability::Immediate, |_| Ok(()))
    }

    /// Removes all that is too old or too much. Between the portions others can write.
    fn prune(&self) -> Result<(), Error> {
        let now = self.now();
        let prune = |tables: &mut Tables<'_>| tables.prune(self.limits, now, PRUNE_AT_ONCE);
        while self.write(self.durability, prune)? {}
        Ok(())
    }

    /// One page, in the order of `numbers`.
    fn page<'a>(
        &self,
        read: &ReadTransaction,
        owner: Owner,
        limit: usize,
        numbers: impl Iterator<
            Item = Result<
                (
                    redb::AccessGuard<'a, (&'static [u8; 32], u64)>,
                    redb::AccessGuard<'a, &'static str>,
                ),
                redb::StorageError,
            >,
        >,
    ) -> Result<Page, Error> {
        let mut page = Page::default();
        let mut bytes = 0;
        for entry in numbers {
            let (_, id) = entry?;
            let id = id.value();
            let Some(json) = self.read(read, owner, id, |entry| Bytes::copy_from_slice(entry.3))?
            else {
                continue;
            };
            bytes += json.len();
            let is_full = page.data.len() == limit;
            if is_full || (bytes > MAX_PAGE_BYTES && !page.data.is_empty()) {
                page.has_more = true;
                break;
            }
            page.data.push((id.to_owned(), json));
        }
        Ok(page)
    }

    /// Reads a response that is not too old.
    fn read<T>(
        &self,
        read: &ReadTransaction,
        owner: Owner,
        id: &str,
        take: impl FnOnce(<Entry as redb::Value>::SelfType<'_>) -> T,
    ) -> Result<Option<T>, Error> {
        let table: redb::ReadOnlyTable<Key, Entry> = read.open_table(RESPONSES)?;
        let Some(entry) = table.get((owner.bytes(), id))? else {
            return Ok(None);
        };
        let entry = entry.value();
        let is_over = self.limits.is_over(entry.1, self.now());
        Ok((!is_over).then(|| take(entry)))
    }

    /// Changes all tables or none.
    fn write<T>(
        &self,
        durability: Durability,
        change: impl FnOnce(&mut Tables<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut write = self.database.begin_write()?;
        write.set_durability(durability)?;
        // Replies are text of others: two phases keep a crash from mixing old and new pages, whatever they hold.
        write.set_two_phase_commit(true);
        let done = change(&mut Tables::open(&write)?)?;
        write.commit()?;
        Ok(done)
    }
}

impl Work for Arc<Kept> {
    fn sync(&self) {
        if let Err(error) = Kept::sync(self) {
            tracing::warn!(%error, "stored responses could not be written to the disk");
        }
    }

    fn prune(&self) {
        if let Err(error) = Kept::prune(self) {
            tracing::warn!(%error, "old stored responses could not be removed");
        }
    }
}

fn text(item: &[u8]) -> String {
    String::from_utf8_lossy(item).into_owned()
}
