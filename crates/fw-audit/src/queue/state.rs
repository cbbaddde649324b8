//! What waits to be written.

use std::time::Instant;

use crate::{
    batch::Batch,
    format::{Kind, OVERHEAD},
};

#[derive(Debug)]
pub(super) struct State {
    pub(super) batch: Batch,
    pub(super) next_seq: u64,
    /// Records not written yet, whether here or with the writer.
    pub(super) waiting: usize,
    pub(super) waiting_bytes: usize,
    pub(super) reserved: usize,
    /// Records since the last line that is signed, and when the first of them came.
    pub(super) unsigned: u64,
    pub(super) unsigned_since: Option<Instant>,
    /// Bytes of the file that the next line goes to.
    pub(super) segment_bytes: u64,
    /// When the oldest came of the records that are here, and of those that the writer has taken.
    pub(super) oldest: Option<Instant>,
    pub(super) oldest_taken: Option<Instant>,
    pub(super) dropped: u64,
    pub(super) dropped_untold: u64,
    /// The number of the next record when the writer last looked.
    pub(super) looked: u64,
    pub(super) rest: Rest,
    pub(super) nudged: bool,
    /// There are lines that only the writer's own thread shall write, for they take long.
    pub(super) for_thread: bool,
    pub(super) closed: bool,
}

/// Whether the writer's thread rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    Awake,
    /// For some milliseconds: records are coming, and those who wait for theirs write it.
    Nap,
    /// Until a record comes.
    Asleep,
}

impl State {
    /// Whether the writer's thread is to work now.
    pub(super) fn is_urgent(&self, nap: usize) -> bool {
        self.nudged
            || self.closed
            || self.for_thread
            || self.dropped_untold > 0
            || self.batch.len() > nap
    }

    /// Moves all there is to `batch`.
    pub(super) fn give(&mut self, batch: &mut Batch) {
        batch.take(&mut self.batch);
        self.for_thread = false;
        let oldest = self.oldest.take();
        if self.oldest_taken.is_none() {
            self.oldest_taken = oldest;
        }
    }

    pub(super) fn line(&mut self, kind: Kind, members: &[u8]) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        self.segment_bytes += (members.len() + OVERHEAD) as u64;
        self.batch.push(kind, seq, members);
        seq
    }

    /// Adds a line that signs all before it.
    pub(super) fn sign(&mut self, kind: Kind, members: &[u8]) -> u64 {
        let seq = self.line(kind, members);
        self.unsigned = 0;
        self.unsigned_since = None;
        if kind == Kind::Seal {
            self.for_thread = true;
            self.segment_bytes = 0;
        }
        seq
    }
}
