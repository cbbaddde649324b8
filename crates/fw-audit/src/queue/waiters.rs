//! Those who wait for a record to be safe.

use std::{collections::BTreeMap, task::Waker};

/// Who waits: for which record, and which of the tickets for it.
pub(super) type Place = (u64, u64);

/// One waker for each ticket, the last one that it was polled with.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    waiting: BTreeMap<Place, Waker>,
}

impl Waiters {
    pub(super) fn insert(&mut self, place: Place, waker: &Waker) {
        self.waiting
            .entry(place)
            .and_modify(|there| there.clone_from(waker))
            .or_insert_with(|| waker.clone());
    }

    /// Those who wait for `seq` or less. They are to be woken without a lock: a waker may drop what waits
    /// again.
    pub(super) fn take(&mut self, seq: u64) -> BTreeMap<Place, Waker> {
        match seq.checked_add(1) {
            Some(next) => {
                let rest = self.waiting.split_off(&(next, 0));
                std::mem::replace(&mut self.waiting, rest)
            }
            None => std::mem::take(&mut self.waiting),
        }
    }
}
