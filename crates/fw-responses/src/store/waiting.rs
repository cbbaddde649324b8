//! Responses that were kept and are not written yet, so that nobody who keeps one waits for the disk.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

use super::{Owner, Turn, tables};

/// How long what was kept may be in memory only.
const WRITE_EVERY: Duration = Duration::from_secs(1);

/// How often old responses are looked for when nothing happens.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// Most bytes that wait: what a disk writes within seconds. One response may be larger.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// When there is so much, it is written at once.
const SOON: u64 = MAX_BYTES / 4;

/// Most deletions that wait.
const MAX_DELETIONS: usize = 1024;

/// What waits for the thread that writes.
#[derive(Default)]
pub(super) struct Waiting {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    turns: BTreeMap<(Owner, u64), Arc<WaitingTurn>>,
    numbers: HashMap<(Owner, String), u64>,
    bytes: u64,
    /// The number of the next response.
    next: u64,
    deletions: VecDeque<Deletion>,
    is_closed: bool,
}

/// A response that waits.
pub(super) struct WaitingTurn {
    pub(super) owner: Owner,
    pub(super) id: String,
    pub(super) number: u64,
    /// How many bytes it counts for.
    pub(super) bytes: u64,
    time: u64,
    previous: Option<String>,
    json: Vec<u8>,
    input: Vec<String>,
    output: Vec<String>,
}

/// A response that is to go, and who waits for that.
pub(super) struct Deletion {
    pub(super) owner: Owner,
    pub(super) id: String,
    /// Told whether it was there. Dropped if the disk did not take it.
    pub(super) done: oneshot::Sender<bool>,
}

/// What the thread has to do next.
pub(super) enum Due {
    Write,
    /// Nothing came for a long time.
    Prune,
    /// There will be no more.
    End,
}

/// There is no more room: the disk does not keep up.
#[derive(Debug)]
pub(super) struct NoRoom;

// === impl Waiting ===

impl Waiting {
    /// `next` is the number of the next response.
    pub(super) fn new(next: u64) -> Self {
        let state = State {
            next,
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    pub(super) fn put(&self, owner: Owner, turn: &Turn<'_>, time: u64) -> Result<(), NoRoom> {
        let bytes = tables::size(turn);
        let texts = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        // Copied before the lock is taken.
        let mut turn = WaitingTurn {
            owner,
            id: turn.id.to_owned(),
            number: 0,
            bytes,
            time,
            previous: turn.previous.map(str::to_owned),
            json: turn.json.to_owned(),
            input: texts(&turn.input),
            output: texts(&turn.output),
        };
        let mut state = self.lock();
        let was_idle = state.is_idle();
        if !state.turns.is_empty() && state.bytes.saturating_add(bytes) > MAX_BYTES {
            return Err(NoRoom);
        }
        state.remove(owner, &turn.id);
        turn.number = state.next;
        state.next += 1;
        state.bytes += bytes;
        state.numbers.insert((owner, turn.id.clone()), turn.number);
        state.turns.insert((owner, turn.number), Arc::new(turn));
        if was_idle || state.bytes >= SOON {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Has a response deleted. What is given is told whether it was there, once that is on the disk.
    pub(super) fn delete(&self, owner: Owner, id: &str) -> Result<oneshot::Receiver<bool>, NoRoom> {
        let (done, is_done) = oneshot::channel();
        let mut state = self.lock();
        if state.deletions.len() >= MAX_DELETIONS {
            return Err(NoRoom);
        }
        state.deletions.push_back(Deletion {
            owner,
            id: id.to_owned(),
            done,
        });
        self.changed.notify_one();
        Ok(is_done)
    }

    pub(super) fn find(&self, owner: Owner, id: &str) -> Option<Arc<WaitingTurn>> {
        let state = self.lock();
        if state.turns.is_empty() {
            return None;
        }
        let number = *state.numbers.get(&(owner, id.to_owned()))?;
        state.turns.get(&(owner, number)).cloned()
    }

    /// The responses of an owner, oldest first. All others of it are older.
    pub(super) fn of(&self, owner: Owner) -> Vec<Arc<WaitingTurn>> {
        let state = self.lock();
        let range = state.turns.range((owner, 0)..=(owner, u64::MAX));
        range.map(|(_, turn)| Arc::clone(turn)).collect()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// All that waits, to be written now. Deletions are taken, because who waits for them is told of a failure.
    pub(super) fn take(&self) -> (Vec<Arc<WaitingTurn>>, VecDeque<Deletion>) {
        let mut state = self.lock();
        let turns = state.turns.values().cloned().collect();
        (turns, std::mem::take(&mut state.deletions))
    }

    /// These are written.
    pub(super) fn forget(&self, turns: &[Arc<WaitingTurn>]) {
        let mut state = self.lock();
        for turn in turns {
            // One of the same id may have come since.
            if state.turns.contains_key(&(turn.owner, turn.number)) {
                state.remove(turn.owner, &turn.id);
            }
        }
    }

    /// Waits until there is something to do.
    pub(super) fn due(&self) -> Due {
        let state = self.lock();
        let state = self.wait(state, PRUNE_EVERY, State::is_idle);
        if !state.is_closed && state.is_idle() {
            return Due::Prune;
        }
        // What comes within the next second is written with it.
        let is_early = |state: &State| state.bytes < SOON && state.deletions.is_empty();
        let state = self.wait(state, WRITE_EVERY, is_early);
        if state.is_closed {
            Due::End
        } else {
            Due::Write
        }
    }

    /// Waits before it is tried again.
    pub(super) fn rest(&self) {
        drop(self.wait(self.lock(), WRITE_EVERY, |_| true));
    }

    /// No more will come.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Waits so long as this holds, at most for `time`, and not once it is closed.
    fn wait<'s>(
        &self,
        state: MutexGuard<'s, State>,
        time: Duration,
        so_long_as: impl Fn(&State) -> bool,
    ) -> MutexGuard<'s, State> {
        let waits = |state: &mut State| !state.is_closed && so_long_as(state);
        let waited = self.changed.wait_timeout_while(state, time, waits);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl State ===

impl State {
    fn is_idle(&self) -> bool {
        self.turns.is_empty() && self.deletions.is_empty()
    }

    fn remove(&mut self, owner: Owner, id: &str) {
        let Some(number) = self.numbers.remove(&(owner, id.to_owned())) else {
            return;
        };
        if let Some(turn) = self.turns.remove(&(owner, number)) {
            self.bytes = self.bytes.saturating_sub(turn.bytes);
        }
    }
}

// === impl WaitingTurn ===

impl WaitingTurn {
    /// As it stands in the tables.
    pub(super) fn entry(&self) -> <tables::Entry as redb::Value>::SelfType<'_> {
        (
            self.number,
            self.time,
            self.previous.as_deref(),
            &*self.json,
            self.input.iter().map(String::as_bytes).collect(),
            self.output.iter().map(String::as_bytes).collect(),
        )
    }
}

#[cfg(test)]
mod tests;
