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
    pub(super) asleep: bool,
    pub(super) nudged: bool,
    pub(super) closed: bool,
}

impl State {
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
            self.segment_bytes = 0;
        }
        seq
    }
}
