//! What to verify against.

use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::thread;

use super::bad::VerifyError;
use crate::chain::Hash;
use crate::keys::PublicKey;
use crate::open::PUBLIC_KEY;

/// What a log is verified against.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    keys: Vec<PublicKey>,
    head: Option<Hash>,
    signed_end: bool,
    max_unsigned: Option<u64>,
    threads: Option<NonZero<usize>>,
}

impl VerifyOptions {
    /// The key in `audit.pub` beside the log, no expected head, as many threads as there are processors.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts a key that was kept elsewhere, and not the one beside the log: whoever can rewrite the log can
    /// rewrite that too. More than one, where the key was changed.
    #[must_use]
    pub fn public_key(mut self, key: PublicKey) -> Self {
        self.keys.push(key);
        self
    }

    /// The log must hold the line with this hash: a head that was seen earlier and kept elsewhere.
    #[must_use]
    pub fn expect_head(mut self, head: Hash) -> Self {
        self.head = Some(head);
        self
    }

    /// The last record must be signed. That holds for a log whose process has ended by itself, and for
    /// one that was opened again since; not always for one that is being written.
    #[must_use]
    pub fn signed_end(mut self, required: bool) -> Self {
        self.signed_end = required;
        self
    }

    /// How many records in a row may have no signature among them; any number.
    ///
    /// A log that is opened goes on from what it finds: what comes after the last signature is vouched for from
    /// then on, whoever wrote it. So a log that was written anew without any signature, and then opened again
    /// by a process that has the key, is found out by this alone, or by a head that was kept elsewhere. A
    /// process writes no more than [`checkpoint_every`](crate::LogConfig::checkpoint_every) of them; a few times
    /// as many allow for processes that were killed.
    #[must_use]
    pub fn max_unsigned(mut self, records: u64) -> Self {
        self.max_unsigned = Some(records);
        self
    }

    /// How many threads work on it.
    #[must_use]
    pub fn threads(mut self, threads: NonZero<usize>) -> Self {
        self.threads = Some(threads);
        self
    }

    pub(super) fn head(&self) -> Option<&Hash> {
        self.head.as_ref()
    }

    pub(super) fn wants_signed_end(&self) -> bool {
        self.signed_end
    }

    pub(super) fn max_unsigned_records(&self) -> Option<u64> {
        self.max_unsigned
    }

    /// The trusted keys, and whether they are from beside the log.
    pub(super) fn keys(&self, directory: &Path) -> Result<(Vec<PublicKey>, bool), VerifyError> {
        if !self.keys.is_empty() {
            return Ok((self.keys.clone(), false));
        }
        let path = directory.join(PUBLIC_KEY);
        let text =
            fs::read_to_string(&path).map_err(|error| VerifyError::unreadable(&path, error))?;
        let key = text
            .parse()
            .map_err(|error| VerifyError::no_key(format!("{}: {error}", path.display())))?;
        Ok((vec![key], true))
    }

    pub(super) fn threads_for(&self, pieces: usize) -> usize {
        let threads = self
            .threads
            .or_else(|| thread::available_parallelism().ok())
            .map_or(1, NonZero::get);
        threads.min(pieces).max(1)
    }
}
