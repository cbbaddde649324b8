//! What the producers and the writer share: the queue between them, and how far the writer is.

use std::{
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Acquire, Release, SeqCst},
        },
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use crate::{
    batch::Batch,
    chain::Head,
    config::LogConfig,
    error::{Failed, Full, Health},
    format::Kind,
    metrics::{Counters, LogMetrics},
};

mod limits;
mod rest;
mod state;
mod waiters;

use limits::{Limits, SMALL};
use state::{Rest, State};
use waiters::Waiters;

#[derive(Debug)]
pub(crate) struct Queue {
    limits: Limits,
    state: Mutex<State>,
    wake: Condvar,
    written: AtomicU64,
    synced: AtomicU64,
    /// The last record that somebody waits for.
    wanted: AtomicU64,
    failing: AtomicBool,
    for_written: Mutex<Waiters>,
    for_synced: Mutex<Waiters>,
    status: Mutex<Status>,
    pub(crate) counters: Counters,
}

#[derive(Debug)]
struct Status {
    health: Health,
    head: Head,
}

/// How safe a record must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Safety {
    Written,
    Synced,
}

impl Queue {
    /// For a log that ends with `head`, in a file that has `segment_bytes` so far, with `unsigned` records
    /// after the last line that is signed.
    pub(crate) fn new(config: &LogConfig, head: Head, segment_bytes: u64, unsigned: u64) -> Self {
        Self {
            limits: Limits::of(config),
            state: Mutex::new(State {
                batch: Batch::default(),
                next_seq: head.seq + 1,
                waiting: 0,
                waiting_bytes: 0,
                reserved: 0,
                unsigned,
                unsigned_since: (unsigned > 0).then(Instant::now),
                segment_bytes,
                oldest: None,
                oldest_taken: None,
                dropped: 0,
                dropped_untold: 0,
                looked: head.seq + 1,
                rest: Rest::Awake,
                nudged: false,
                for_thread: false,
                closed: false,
            }),
            wake: Condvar::new(),
            written: AtomicU64::new(head.seq),
            synced: AtomicU64::new(head.seq),
            wanted: AtomicU64::new(head.seq),
            failing: AtomicBool::new(false),
            for_written: Mutex::default(),
            for_synced: Mutex::default(),
            status: Mutex::new(Status {
                health: Health::Ok,
                head,
            }),
            counters: Counters::default(),
        }
    }

    // For producers.

    /// Takes a record, and tells its number.
    pub(crate) fn push(&self, kind: Kind, members: &[u8]) -> Result<u64, Full> {
        let state = lock(&self.state);
        let full = state.waiting + state.reserved >= self.limits.records
            || state.waiting_bytes + members.len() > self.limits.bytes;
        if full || state.closed {
            return Err(Full);
        }
        Ok(self.accept(state, kind, members))
    }

    /// Keeps a place free.
    pub(crate) fn reserve(&self) -> Result<(), Full> {
        let mut state = lock(&self.state);
        let full = state.waiting + state.reserved >= self.limits.records
            || state.waiting_bytes >= self.limits.bytes;
        if full || state.closed {
            return Err(Full);
        }
        state.reserved += 1;
        Ok(())
    }

    pub(crate) fn release(&self) {
        lock(&self.state).reserved -= 1;
    }

    /// Takes a record whose place was reserved.
    pub(crate) fn push_reserved(&self, kind: Kind, members: &[u8]) -> u64 {
        let mut state = lock(&self.state);
        state.reserved -= 1;
        self.accept(state, kind, members)
    }

    fn accept(&self, mut state: MutexGuard<'_, State>, kind: Kind, members: &[u8]) -> u64 {
        let seq = state.line(kind, members);
        state.waiting += 1;
        state.waiting_bytes += members.len();
        state.unsigned += 1;
        if state.oldest.is_none() || state.unsigned_since.is_none() {
            let now = Instant::now();
            state.oldest.get_or_insert(now);
            state.unsigned_since.get_or_insert(now);
        }
        if state.segment_bytes >= self.limits.segment_bytes {
            state.sign(Kind::Seal, b"");
        } else if state.unsigned >= self.limits.checkpoint_every {
            state.sign(Kind::Checkpoint, b"");
        }
        // Who naps looks for itself soon. Who waits for a record says so.
        let wake = match state.rest {
            Rest::Awake => false,
            Rest::Asleep => true,
            Rest::Nap => state.for_thread || state.batch.len() > self.limits.nap,
        };
        if wake {
            self.wake(state);
        }
        seq
    }

    /// Ends the writer's rest.
    fn wake(&self, mut state: MutexGuard<'_, State>) {
        let rests = std::mem::replace(&mut state.rest, Rest::Awake) != Rest::Awake;
        drop(state);
        if rests {
            self.wake.notify_one();
        }
    }

    /// Counts a record that was not taken; the log tells it with the next ones.
    pub(crate) fn note_dropped(&self) {
        let mut state = lock(&self.state);
        state.dropped += 1;
        state.dropped_untold += 1;
        self.wake(state);
    }

    /// Nothing more will come: the writer writes what there is, and ends.
    pub(crate) fn close(&self) {
        lock(&self.state).closed = true;
        self.wake.notify_one();
    }

    // For the writer. How it rests is in `rest`.

    /// Adds a line of the log's own, and tells its number.
    pub(crate) fn push_own(&self, kind: Kind, members: &[u8]) -> u64 {
        let mut state = lock(&self.state);
        if kind.is_signed() {
            return state.sign(kind, members);
        }
        state.unsigned_since.get_or_insert_with(Instant::now);
        state.line(kind, members)
    }

    /// Ends the file: the next record goes to another one. Not if nothing has come since the last end.
    pub(crate) fn push_seal(&self) {
        let mut state = lock(&self.state);
        if state.segment_bytes > 0 {
            state.sign(Kind::Seal, b"");
        }
    }

    /// Records that were not taken and not told of.
    pub(crate) fn take_dropped(&self) -> u64 {
        std::mem::take(&mut lock(&self.state).dropped_untold)
    }

    /// Whether there are any.
    pub(crate) fn has_dropped(&self) -> bool {
        lock(&self.state).dropped_untold > 0
    }

    /// Moves all there is to `batch`, a checkpoint at its end if one is due. Tells whether the queue is closed.
    pub(crate) fn take(&self, batch: &mut Batch) -> bool {
        let mut state = lock(&self.state);
        let due = state.unsigned_since.is_some_and(|since| {
            state.closed || since.elapsed() >= self.limits.checkpoint_interval
        });
        if due {
            state.sign(Kind::Checkpoint, b"");
        }
        state.give(batch);
        state.closed
    }

    /// As [`take`](Self::take), for one who waits and shall not work for long. Tells whether there was anything.
    pub(crate) fn take_small(&self, batch: &mut Batch) -> bool {
        let mut state = lock(&self.state);
        let is_small = !state.for_thread && state.batch.bytes() <= SMALL;
        if is_small {
            state.give(batch);
        }
        is_small
    }

    /// All lines up to `seq` are written, `records` with `bytes` in their members for the first time.
    pub(crate) fn wrote(&self, seq: u64, records: usize, bytes: usize) {
        let mut state = lock(&self.state);
        state.waiting -= records;
        state.waiting_bytes -= bytes;
        state.oldest_taken = None;
        drop(state);
        Counters::add(&self.counters.records, records as u64);
        self.written.store(seq, SeqCst);
    }

    /// Wakes those who wait for what is written.
    pub(crate) fn wake_written(&self) {
        wake(&self.for_written, self.written.load(Acquire));
    }

    /// All lines up to `head` are on the disk.
    pub(crate) fn synced(&self, head: Head) {
        Counters::add(&self.counters.syncs, 1);
        lock(&self.status).head = head;
        self.synced.store(head.seq, Release);
        wake(&self.for_synced, head.seq);
    }

    /// Writing failed: only what is known to be on the disk counts as written.
    pub(crate) fn failed(&self, reason: String) {
        Counters::add(&self.counters.failures, 1);
        lock(&self.status).health = Health::Failing { reason };
        self.failing.store(true, Release);
        self.written.store(self.synced.load(Acquire), SeqCst);
        wake(&self.for_written, u64::MAX);
        wake(&self.for_synced, u64::MAX);
    }

    pub(crate) fn recovered(&self) {
        lock(&self.status).health = Health::Ok;
        self.failing.store(false, Release);
    }

    // For tickets and those who look.

    pub(crate) fn is(&self, safety: Safety, seq: u64) -> bool {
        self.reached(safety).load(Acquire) >= seq
    }

    fn reached(&self, safety: Safety) -> &AtomicU64 {
        match safety {
            Safety::Written => &self.written,
            Safety::Synced => &self.synced,
        }
    }

    /// Whether a record is safe, if that is known now.
    pub(crate) fn poll_now(&self, safety: Safety, seq: u64) -> Poll<Result<(), Failed>> {
        if self.is(safety, seq) {
            Poll::Ready(Ok(()))
        } else if self.failing.load(Acquire) {
            Poll::Ready(Err(Failed))
        } else {
            Poll::Pending
        }
    }

    /// As [`poll_now`](Self::poll_now); wakes when that changes. `ticket` tells apart who wait for the same.
    pub(crate) fn poll(
        &self,
        safety: Safety,
        (seq, ticket): (u64, u64),
        cx: &Context<'_>,
    ) -> Poll<Result<(), Failed>> {
        let waiters = match safety {
            Safety::Written => &self.for_written,
            Safety::Synced => &self.for_synced,
        };
        let mut waiters = lock(waiters);
        // Looked at under the lock: who gets further wakes after that.
        let now = self.poll_now(safety, seq);
        if now.is_pending() {
            waiters.insert((seq, ticket), cx.waker());
        }
        now
    }

    /// Somebody waits for a record. Who writes looks at that before it stops.
    pub(crate) fn want(&self, seq: u64) {
        self.wanted.fetch_max(seq, SeqCst);
    }

    /// Whether somebody waits for more than is written.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.load(SeqCst) > self.written.load(SeqCst)
    }

    pub(crate) fn health(&self) -> Health {
        lock(&self.status).health.clone()
    }

    pub(crate) fn is_failing(&self) -> bool {
        self.failing.load(Acquire)
    }

    pub(crate) fn head(&self) -> Head {
        lock(&self.status).head
    }

    pub(crate) fn metrics(&self) -> LogMetrics {
        let load = |counter: &AtomicU64| counter.load(Acquire);
        let commit_seconds = self.counters.commit_seconds();
        let state = lock(&self.state);
        LogMetrics {
            queue_depth: state.waiting as u64,
            reserved: state.reserved as u64,
            records: load(&self.counters.records),
            bytes: load(&self.counters.bytes),
            commits: commit_seconds.count,
            syncs: load(&self.counters.syncs),
            segments: load(&self.counters.segments),
            failures: load(&self.counters.failures),
            dropped: state.dropped,
            refused: load(&self.counters.refused),
            commit_seconds,
            lag: state
                .oldest_taken
                .or(state.oldest)
                .map_or(Duration::ZERO, |since| since.elapsed()),
            head: self.head(),
            healthy: !self.is_failing(),
        }
    }
}

/// Wakes those who wait for `seq` or less.
fn wake(waiters: &Mutex<Waiters>, seq: u64) {
    let ready = lock(waiters).take(seq);
    for waker in ready.into_values() {
        waker.wake();
    }
}

/// A panic elsewhere leaves nothing half done here: all that is behind these locks is numbers and lists.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
