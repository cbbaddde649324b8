//! Reading what is kept: what waits to be written, then what is written.
//!
//! In this order nothing is missed: what is not waiting any more is written.

use std::ops::Bound;

use bytes::Bytes;
use redb::{Error, ReadTransaction};

use super::{
    History, ListQuery, MAX_HISTORY_BYTES, MAX_HISTORY_TURNS, Order, Owner, Page,
    kept::Kept,
    tables::{BY_OWNER, Entry, Key, RESPONSES},
};

/// Most bytes of responses on one page of a list. One is given in any case.
const MAX_PAGE_BYTES: usize = 16 * 1024 * 1024;

/// The fields of a response, where they are.
type Fields<'a> = <Entry as redb::Value>::SelfType<'a>;

// === impl Kept ===

impl Kept {
    pub(super) fn find(&self, owner: Owner, id: &str) -> Result<Option<Bytes>, Error> {
        self.read(owner, id, |fields| Bytes::copy_from_slice(fields.3))
    }

    pub(super) fn has(&self, owner: Owner, id: &str) -> Result<bool, Error> {
        Ok(self.read(owner, id, |_| ())?.is_some())
    }

    pub(super) fn input_items(&self, owner: Owner, id: &str) -> Result<Option<Vec<String>>, Error> {
        self.read(owner, id, |fields| {
            fields.4.iter().map(|item| text(item)).collect()
        })
    }

    pub(super) fn output_items(
        &self,
        owner: Owner,
        id: &str,
    ) -> Result<Option<Vec<String>>, Error> {
        self.read(owner, id, |fields| {
            fields.5.iter().map(|item| text(item)).collect()
        })
    }

    pub(super) fn history(&self, owner: Owner, id: &str) -> Result<History, Error> {
        let (mut turns, mut bytes) = (Vec::new(), 0);
        let mut next = Some(id.to_owned());
        while let Some(id) = next {
            if turns.len() == MAX_HISTORY_TURNS {
                return Ok(History::TooLong);
            }
            let turn = self.read(owner, &id, |fields| {
                let items = || fields.4.iter().chain(&fields.5);
                bytes += items().map(|item| item.len()).sum::<usize>();
                // Not copied only to be thrown away.
                let is_too_long = bytes > MAX_HISTORY_BYTES;
                let items = (!is_too_long).then(|| items().map(|item| text(item)).collect());
                (fields.2.map(str::to_owned), items)
            })?;
            let Some((previous, items)) = turn else {
                return Ok(History::Missing);
            };
            let Some(items) = items else {
                return Ok(History::TooLong);
            };
            let items: Vec<String> = items;
            turns.push(items);
            next = previous;
        }
        Ok(History::Found(turns.into_iter().rev().flatten().collect()))
    }

    pub(super) fn list(&self, owner: Owner, query: &ListQuery) -> Result<Option<Page>, Error> {
        let number = |id: &Option<String>| match id {
            None => Ok(Some(None)),
            Some(id) => {
                let number = self.read(owner, id, |fields| fields.0)?;
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
        if above
            .zip(below)
            .is_some_and(|(above, below)| above >= below)
        {
            return Ok(Some(Page::default()));
        }
        let is_within = |number| {
            above.is_none_or(|above| number > above) && below.is_none_or(|below| number < below)
        };
        let waiting = self.waiting().of(owner);
        let read = self.snapshot()?;
        // What is written is older than what waits; what of that was written in between is not told twice.
        let end = waiting.first().map(|turn| turn.number);
        let end = end.into_iter().chain(below).min();
        let key = |number| (owner.bytes(), number);
        let from = above.map_or(Bound::Included(key(0)), |n| Bound::Excluded(key(n)));
        let to = end.map_or(Bound::Included(key(u64::MAX)), |n| Bound::Excluded(key(n)));
        let is_empty = above.zip(end).is_some_and(|(above, end)| above >= end);
        let table = read.open_table(BY_OWNER)?;
        let written = (!is_empty).then(|| table.range((from, to))).transpose()?;
        let written = written.into_iter().flatten().map(|entry| {
            let (key, id) = entry?;
            Ok((key.value().1, id.value().to_owned()))
        });
        let waiting = waiting.iter().map(|turn| (turn.number, turn.id.clone()));
        let waiting = waiting.filter(|(number, _)| is_within(*number)).map(Ok);
        let numbers = written.chain(waiting);
        // What stands right before a response is found by going backwards from it.
        let backwards = before.is_some() && after.is_none();
        let mut page = if ascending == backwards {
            self.page(owner, query.limit, numbers.rev())?
        } else {
            self.page(owner, query.limit, numbers)?
        };
        if backwards {
            page.data.reverse();
        }
        Ok(Some(page))
    }

    /// One page, in the order of `numbers`.
    fn page(
        &self,
        owner: Owner,
        limit: usize,
        numbers: impl Iterator<Item = Result<(u64, String), redb::StorageError>>,
    ) -> Result<Page, Error> {
        let mut page = Page::default();
        let mut bytes = 0;
        for entry in numbers {
            let (number, id) = entry?;
            let json = self.read(owner, &id, |fields| {
                // One that was replaced stands where the other does.
                (fields.0 == number).then(|| Bytes::copy_from_slice(fields.3))
            })?;
            let Some(json) = json.flatten() else {
                continue;
            };
            bytes += json.len();
            let is_full = page.data.len() == limit;
            if is_full || (bytes > MAX_PAGE_BYTES && !page.data.is_empty()) {
                page.has_more = true;
                break;
            }
            page.data.push((id, json));
        }
        Ok(page)
    }

    /// Reads a response that is not too old.
    fn read<T>(
        &self,
        owner: Owner,
        id: &str,
        take: impl FnOnce(Fields<'_>) -> T,
    ) -> Result<Option<T>, Error> {
        let take = |fields: Fields<'_>| {
            let is_over = self.limits().is_over(fields.1, self.now());
            (!is_over).then(|| take(fields))
        };
        if let Some(turn) = self.waiting().find(owner, id) {
            return Ok(take(turn.entry()));
        }
        let read: ReadTransaction = self.snapshot()?;
        let table: redb::ReadOnlyTable<Key, Entry> = read.open_table(RESPONSES)?;
        let entry = table.get((owner.bytes(), id))?;
        Ok(entry.and_then(|entry| take(entry.value())))
    }
}

fn text(item: &[u8]) -> String {
    String::from_utf8_lossy(item).into_owned()
}
