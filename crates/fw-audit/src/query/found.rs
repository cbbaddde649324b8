//! A record that was found.

use std::sync::Arc;

use serde::Deserialize;

use crate::format::{Kind, Line};
use crate::reader::Placed;

/// A record that was found, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    file: Arc<str>,
    bytes: Vec<u8>,
    seq: u64,
    kind: Kind,
}

impl Found {
    pub(super) fn new(file: Arc<str>, line: &Line<'_>) -> Self {
        Self {
            file,
            bytes: line.bytes().to_vec(),
            seq: line.seq(),
            kind: line.kind(),
        }
    }

    /// The record in a line of a segment. `None` for the log's own lines, and for what is no line.
    #[must_use]
    pub fn from_line(file_name: &str, line: &Placed<'_>) -> Option<Self> {
        let line = line.parse().ok()?;
        line.kind()
            .is_record()
            .then(|| Self::new(file_name.into(), &line))
    }

    /// The name of the segment that it is in.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.file
    }

    /// Its sequence number.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The line as it is in the log, without its end: a JSON object with `seq`, `kind` and `hash`.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads it, into a [`Finished`](crate::Finished) for instance.
    ///
    /// # Errors
    ///
    /// It is no JSON, or not of `T`.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.bytes)
    }
}
