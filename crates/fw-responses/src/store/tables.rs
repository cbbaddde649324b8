//! The tables of a store, and what changes them together.
//!
//! Responses are numbered in the order in which they came. The number is what lists are sorted by and
//! what goes first when there is no more room.

use redb::{Error, ReadTransaction, ReadableTable, Table, TableDefinition, WriteTransaction};

use super::{Owner, Turn, kept::Limits, waiting::WaitingTurn};

/// Owner and id: number, time, the response before it, the response, the items that went in, and those
/// that came out.
pub(super) type Entry = (
    u64,
    u64,
    Option<&'static str>,
    &'static [u8],
    Vec<&'static [u8]>,
    Vec<&'static [u8]>,
);
pub(super) type Key = (&'static [u8; 32], &'static str);

pub(super) const RESPONSES: TableDefinition<'_, Key, Entry> = TableDefinition::new("responses-1");
/// Owner and number: id.
pub(super) const BY_OWNER: TableDefinition<'_, (&[u8; 32], u64), &str> =
    TableDefinition::new("by-owner-1");
/// Number: owner, id, time, bytes.
const BY_AGE: TableDefinition<'_, u64, (&[u8; 32], &str, u64, u64)> =
    TableDefinition::new("by-age-1");
/// How many bytes are kept, and the next number.
const TOTALS: TableDefinition<'_, &str, u64> = TableDefinition::new("totals-1");

const BYTES: &str = "bytes";
const NEXT: &str = "next";

/// What the entries of a response in all tables take, beside its texts.
const OVERHEAD: u64 = 256;

/// All tables, to write.
pub(super) struct Tables<'t> {
    responses: Table<'t, Key, Entry>,
    by_owner: Table<'t, (&'static [u8; 32], u64), &'static str>,
    by_age: Table<'t, u64, (&'static [u8; 32], &'static str, u64, u64)>,
    totals: Table<'t, &'static str, u64>,
}

/// How many bytes are kept.
pub(super) fn bytes(read: &ReadTransaction) -> Result<u64, Error> {
    let total = read.open_table(TOTALS)?.get(BYTES)?;
    Ok(total.map_or(0, |total| total.value()))
}

/// How many bytes a turn counts for.
pub(super) fn size(turn: &Turn<'_>) -> u64 {
    let items = turn.input.iter().chain(&turn.output);
    let items: usize = items.map(|item| item.len() + 8).sum();
    let previous = turn.previous.map_or(0, str::len);
    // The id stands in three tables.
    OVERHEAD + (3 * turn.id.len() + previous + turn.json.len() + items) as u64
}

// === impl Tables ===

impl<'t> Tables<'t> {
    pub(super) fn open(write: &'t WriteTransaction) -> Result<Self, Error> {
        Ok(Self {
            responses: write.open_table(RESPONSES)?,
            by_owner: write.open_table(BY_OWNER)?,
            by_age: write.open_table(BY_AGE)?,
            totals: write.open_table(TOTALS)?,
        })
    }

    /// Keeps a turn. One of the same id goes.
    pub(super) fn insert(&mut self, turn: &WaitingTurn) -> Result<(), Error> {
        let (owner, id, number) = (turn.owner.bytes(), &*turn.id, turn.number);
        self.remove(turn.owner, id)?;
        let entry = turn.entry();
        let time = entry.1;
        self.responses.insert((owner, id), entry)?;
        self.by_owner.insert((owner, number), id)?;
        self.by_age.insert(number, (owner, id, time, turn.bytes))?;
        let next = self.next()?.max(number + 1);
        self.totals.insert(NEXT, next)?;
        let total = self.total(BYTES)?;
        self.totals.insert(BYTES, total + turn.bytes)?;
        Ok(())
    }

    /// Removes a response. Gives the time it is from, if it was there.
    pub(super) fn remove(&mut self, owner: Owner, id: &str) -> Result<Option<u64>, Error> {
        let Some((number, time)) = self.responses.remove((owner.bytes(), id))?.map(|kept| {
            let kept = kept.value();
            (kept.0, kept.1)
        }) else {
            return Ok(None);
        };
        self.by_owner.remove((owner.bytes(), number))?;
        let bytes = self.by_age.remove(number)?.map(|entry| entry.value().3);
        self.subtract(bytes.unwrap_or_default())?;
        Ok(Some(time))
    }

    /// Makes room: removes the oldest while they are too old, or too many. At most `most` at once, because
    /// somebody waits. Says whether there may be more.
    pub(super) fn prune(&mut self, limits: Limits, now: u64, most: usize) -> Result<bool, Error> {
        for _ in 0..most {
            let total = self.total(BYTES)?;
            let Some((owner, id)) = self.by_age.first()?.and_then(|(_, entry)| {
                let (owner, id, time, _) = entry.value();
                let goes = limits.is_over(time, now) || total > limits.max_bytes;
                goes.then(|| (Owner::from_bytes(*owner), id.to_owned()))
            }) else {
                return Ok(false);
            };
            self.remove(owner, &id)?;
        }
        Ok(true)
    }

    /// How many bytes are kept.
    pub(super) fn bytes(&self) -> Result<u64, Error> {
        self.total(BYTES)
    }

    /// The number of the next response.
    pub(super) fn next(&self) -> Result<u64, Error> {
        self.total(NEXT)
    }

    fn subtract(&mut self, bytes: u64) -> Result<(), Error> {
        let total = self.total(BYTES)?;
        self.totals.insert(BYTES, total.saturating_sub(bytes))?;
        Ok(())
    }

    fn total(&self, name: &str) -> Result<u64, Error> {
        Ok(self.totals.get(name)?.map_or(0, |total| total.value()))
    }
}
