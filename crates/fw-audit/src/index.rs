//! The sidecar of a segment: what queries look at, in columns.
//!
//! A million records are searched by looking at some numbers of each instead of its text. A segment that is
//! closed has its index in a file beside it, `audit-….jsonl.idx`, which is made when it is first needed and
//! made anew when it does not fit to the segment. An index only says where to look: what it finds is read from
//! the log and checked again, and verification never reads it. One that was tampered with can hide a record
//! from queries, no more; [`Query::scan`](crate::Query::scan) does without.

mod build;
mod store;

use std::io;
use std::path::PathBuf;

use crate::format::Kind;
use crate::reader::SegmentFile;

/// The number of the dictionary's entry for what is absent.
pub(crate) const ABSENT: u32 = 0;

/// What is known of the lines of one segment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Index {
    /// Where each line begins, and where the last one ends.
    offsets: Vec<u64>,
    kinds: Vec<u8>,
    /// Microseconds since 1970; 0 where there is no time.
    times: Vec<u64>,
    /// A hash of the request id; 0 where there is none.
    requests: Vec<u64>,
    /// The number of the `accepted` line that a `finished` one belongs to; 0 where there is none.
    accepted: Vec<u64>,
    /// For each [`Column`], the places of its values in the dictionary.
    texts: [Vec<u32>; Column::COUNT],
    dictionary: Vec<String>,
}

/// Members whose values repeat.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    Verdict,
    Model,
    ModelServed,
    Client,
    Target,
    /// The names of the policies that acted, each followed by a line feed.
    Policies,
}

impl Column {
    pub(crate) const COUNT: usize = 6;
}

// === impl Index ===

impl Index {
    /// The index of a segment: the one beside it, or a new one, which is kept if the segment is `closed`.
    pub(crate) fn of(segment: &SegmentFile, closed: bool) -> io::Result<Self> {
        if !closed {
            return Self::build(segment);
        }
        if let Some(index) = Self::load(segment) {
            return Ok(index);
        }
        let index = Self::build(segment)?;
        // Where nothing can be written, it has to be made each time.
        if let Err(error) = index.store(segment) {
            tracing::debug!(segment = segment.name(), %error, "index not kept");
        }
        Ok(index)
    }

    /// Whether the segment has an index that looks right, without reading all of it.
    pub(crate) fn is_kept(segment: &SegmentFile) -> bool {
        store::fits(segment)
    }

    /// Lines.
    pub(crate) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Where a line is, its end included.
    pub(crate) fn place(&self, row: usize) -> Option<(u64, u64)> {
        Some((*self.offsets.get(row)?, *self.offsets.get(row + 1)?))
    }

    pub(crate) fn kinds(&self) -> &[u8] {
        &self.kinds
    }

    pub(crate) fn times(&self) -> &[u64] {
        &self.times
    }

    pub(crate) fn requests(&self) -> &[u64] {
        &self.requests
    }

    pub(crate) fn accepted(&self) -> &[u64] {
        &self.accepted
    }

    pub(crate) fn texts(&self, column: Column) -> &[u32] {
        &self.texts[column as usize]
    }

    pub(crate) fn dictionary(&self) -> &[String] {
        &self.dictionary
    }
}

/// A kind as it stands in an index.
pub(crate) const fn code(kind: Kind) -> u8 {
    match kind {
        Kind::Accepted => 1,
        Kind::Finished => 2,
        Kind::Access => 3,
        Kind::Segment => 4,
        Kind::Checkpoint => 5,
        Kind::Seal => 6,
        Kind::Tombstone => 7,
        Kind::Dropped => 8,
    }
}

/// A request id as it stands in an index. Never 0.
pub(crate) fn request_code(id: &str) -> u64 {
    let hash = blake3::hash(id.as_bytes());
    let bytes = hash.as_bytes().first_chunk().copied().unwrap_or_default();
    u64::from_le_bytes(bytes).max(1)
}

/// Where the index of a segment is kept.
fn index_path(segment: &SegmentFile) -> PathBuf {
    segment.path().with_extension("jsonl.idx")
}

#[cfg(test)]
mod tests;
