//! How what is written gets to the disk.

use std::{io, time::Instant};

use super::Writer;
use crate::chain::Chain;

/// How far a sync that goes on reaches.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) chain: Chain,
    pub(super) len: u64,
    pub(super) done: usize,
    /// Whether another thread's write while it went on was slow; none: there was no such write.
    pub(super) was_slow: Option<bool>,
}

impl Writer {
    /// Brings all that is written to the disk, and waits for it.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.end_sync(true)?;
        if self.unsynced_since.is_none() {
            return Ok(());
        }
        if let Some(open) = &mut self.file {
            open.file.sync()?;
            let mark = Mark {
                chain: self.chain,
                len: open.len,
                done: self.done,
                was_slow: None,
            };
            self.unsynced_since = None;
            self.is_synced(&mark);
        }
        Ok(())
    }

    /// Begins to bring what is written to the disk, while more is written.
    pub(super) fn begin_sync(&mut self) -> io::Result<()> {
        if let (Some(syncer), Some(open)) = (&self.syncer, &self.file) {
            syncer.sync(open.file.share()?)?;
            self.syncing = Some(Mark {
                chain: self.chain,
                len: open.len,
                done: self.done,
                was_slow: None,
            });
            self.unsynced_since = None;
        }
        Ok(())
    }

    /// Takes the result of a sync that was begun, if it is there, or after waiting for it.
    pub(super) fn end_sync(&mut self, wait: bool) -> io::Result<()> {
        let Some(syncer) = self.syncer.as_ref().filter(|_| self.syncing.is_some()) else {
            return Ok(());
        };
        let result = if wait {
            Some(syncer.wait())
        } else {
            syncer.result()
        };
        if let Some(result) = result
            && let Some(mark) = self.syncing.take()
        {
            result?;
            self.slow_syncs.learn(mark.was_slow, Instant::now());
            self.is_synced(&mark);
        }
        Ok(())
    }

    fn is_synced(&mut self, mark: &Mark) {
        if let Some(open) = &mut self.file {
            open.synced_len = mark.len;
        }
        self.synced = mark.chain;
        self.batch.forget(mark.done);
        self.done -= mark.done;
        self.queue.synced(self.synced.head());
        self.remove_old();
    }
}
