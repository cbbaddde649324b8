//! What writes: it takes what there is, chains it, writes it at once, and syncs.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    batch::Batch,
    chain::Chain,
    config::{Durability, LogConfig},
    format::{self, Cause, Kind},
    keys::SigningKey,
    lock::Lock,
    queue::Queue,
    recover::Tail,
    retention,
    segment::file_name,
    storage::{Segment, Storage},
    syncer::Syncer,
    time::Timestamp,
};

mod failure;
mod here;
mod presence;
mod removal;
mod sync;
mod write;

use failure::Failure;
use here::SlowSyncs;
use removal::Removal;
use sync::Mark;

/// How often it is looked whether a file is old enough to end, at least.
const LOOK: Duration = Duration::from_secs(60);
/// How often old files are looked for.
const RETENTION: Duration = Duration::from_secs(3600);

#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) config: LogConfig,
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) tail: Tail,
    pub(crate) key: SigningKey,
    pub(crate) lock: Lock,
}

#[derive(Debug)]
pub(crate) struct Writer {
    config: LogConfig,
    storage: Arc<dyn Storage>,
    queue: Arc<Queue>,
    key: SigningKey,
    _lock: Lock,
    /// Where the log is written to, and where it is known to be on the disk.
    chain: Chain,
    synced: Chain,
    file: Option<Open>,
    /// The name of the file before the one that is begun next.
    previous: Option<String>,
    /// Lines since the last sync, and how many of them are written: after a failure all are written again.
    batch: Batch,
    done: usize,
    /// The last number whose record has been counted as written.
    counted: u64,
    unsynced_since: Option<Instant>,
    /// Syncs while more is written; none if each batch is synced anyway.
    syncer: Option<Syncer>,
    syncing: Option<Mark>,
    failure: Option<Failure>,
    removal: Option<Removal>,
    retention_due: Instant,
    /// When it is looked next whether the file still has its name.
    presence_due: Instant,
    /// What went wrong on another thread than the writer's own, which has to put it right.
    broken: Option<io::Error>,
    /// Until then no other thread writes, for it would be kept too long.
    slow_until: Option<Instant>,
    /// Whether one does while the file is synced.
    slow_syncs: SlowSyncs,
    /// The last write of another thread was slow.
    was_slow: bool,
    /// Lines as they are written; used again.
    out: Vec<u8>,
    is_over: bool,
}

/// What the thread does next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next {
    /// Works when there is something to do, at that time at the latest.
    Look(Instant),
    /// Tries again, at that time or at the end.
    Retry(Instant),
}

/// The file that is written to.
#[derive(Debug)]
struct Open {
    file: Box<dyn Segment>,
    name: String,
    begun: Timestamp,
    len: u64,
    synced_len: u64,
    /// What to go back to if nothing in this file gets to the disk.
    before: Chain,
    file_before: Option<String>,
}

impl Writer {
    /// Goes on with the last file, or begins one.
    pub(crate) fn begin(parts: Parts) -> io::Result<Self> {
        let Parts {
            config,
            storage,
            tail,
            key,
            lock,
        } = parts;
        let (len, unsigned) = tail
            .open
            .as_ref()
            .map_or((0, 0), |open| (open.len, open.unsigned));
        let queue = Arc::new(Queue::new(&config, tail.chain.head(), len, unsigned));
        let syncer = match config.durability {
            Durability::Sync => None,
            Durability::Batched { .. } => Some(Syncer::start(queue.clone())?),
        };
        let mut writer = Self {
            config,
            storage,
            queue,
            key,
            _lock: lock,
            chain: tail.chain,
            synced: tail.chain,
            file: None,
            previous: tail.previous,
            batch: Batch::default(),
            done: 0,
            counted: tail.chain.head().seq,
            unsynced_since: None,
            syncer,
            syncing: None,
            failure: None,
            removal: None,
            retention_due: Instant::now(),
            presence_due: Instant::now(),
            broken: None,
            slow_until: None,
            slow_syncs: SlowSyncs::default(),
            was_slow: false,
            out: Vec::new(),
            is_over: false,
        };
        match tail.open {
            None => writer.begin_file(Cause::Start, None)?,
            Some(open) => {
                let name = file_name(open.first);
                let mut file = writer.storage.append(&name)?;
                // What a killed process wrote may be in the cache only.
                file.sync()?;
                writer.file = Some(Open {
                    file,
                    name,
                    begun: open.header.time,
                    len: open.len,
                    synced_len: open.len,
                    before: open.before,
                    file_before: open.file_before,
                });
            }
        }
        Ok(writer)
    }

    pub(crate) const fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    /// What comes next; `None` if nothing does, for the queue is closed and empty.
    pub(crate) fn next(&self) -> Option<Next> {
        if self.is_over {
            return None;
        }
        Some(match &self.failure {
            Some(failure) => Next::Retry(failure.retry_at),
            None => Next::Look(self.next_look()),
        })
    }

    /// Does what there is to do, on the writer's own thread.
    pub(crate) fn round(&mut self) {
        if let Some(error) = self.broken.take() {
            self.fail(&error);
            return;
        }
        if self.failure.is_none() {
            self.push_due();
        }
        let taken = Instant::now();
        let closed = self.queue.take(&mut self.batch);
        if let Err(error) = self.commit(taken, closed) {
            self.fail(&error);
        }
        // What was dropped while writing failed is told before the end, if it can be.
        let is_told = self.failure.is_some() || !self.queue.has_dropped();
        self.is_over = closed && is_told;
    }

    /// The end. What could not be written is lost.
    pub(crate) fn end(self) {
        if self.done < self.batch.len() {
            let lines = self.batch.len() - self.done;
            tracing::error!(lines, "the audit log ends without its last lines");
        }
    }

    /// When there is something to do even if no record comes.
    fn next_look(&self) -> Instant {
        let look = Instant::now() + LOOK;
        match (self.config.durability, self.unsynced_since) {
            // If a sync goes on, its end ends the wait.
            (Durability::Batched { sync_within }, Some(since)) if self.syncing.is_none() => {
                look.min(since + sync_within)
            }
            _ => look,
        }
    }

    /// Adds the log's own lines, but for checkpoints, which the queue adds.
    fn push_due(&mut self) {
        let now = (self.config.clock)();
        let dropped = self.queue.take_dropped();
        if dropped > 0 {
            let line = format::Dropped {
                time: now,
                count: dropped,
                reason: "the queue was full, or the log could not be written to".into(),
            };
            self.push_own(Kind::Dropped, &line);
        }
        let old = self.file.as_ref().is_some_and(|file| {
            self.chain.head() != file.before.head()
                && retention::age(file.begun, now) >= self.config.segment_age
        });
        if old || self.is_lost() {
            self.queue.push_seal();
        }
        if let Some(retention) = self.config.retention
            && self.removal.is_none()
            && self.retention_due <= Instant::now()
        {
            self.retention_due = Instant::now() + RETENTION;
            let key = self.key.public_key();
            match retention::expired(self.storage.as_ref(), &key, retention, now) {
                Ok(None) => {}
                Ok(Some(expired)) => {
                    let line = format::Tombstone {
                        time: now,
                        up_to: expired.up_to,
                        up_to_hash: expired.up_to_hash,
                        segments: expired.segments.len() as u64,
                    };
                    self.removal = Some(Removal {
                        after: self.push_own(Kind::Tombstone, &line),
                        segments: expired.segments,
                    });
                }
                Err(error) => tracing::warn!(%error, "old files of the audit log cannot be found"),
            }
        }
    }

    fn push_own(&self, kind: Kind, line: &impl serde::Serialize) -> u64 {
        self.queue.push_own(kind, &members(line))
    }

    /// Writes what was taken, and syncs if it is time.
    fn commit(&mut self, taken: Instant, closed: bool) -> io::Result<()> {
        let failed = self.failure.is_some();
        self.repair()?;
        self.end_sync(false)?;
        let new = self.done < self.batch.len();
        while self.done < self.batch.len() {
            self.write()?;
        }
        match self.config.durability {
            Durability::Batched { sync_within } if !closed && !failed => {
                let due = |since: Instant| since.elapsed() >= sync_within;
                if self.syncing.is_none() && self.unsynced_since.is_some_and(due) {
                    self.begin_sync()?;
                }
            }
            _ => self.sync()?,
        }
        if new {
            self.queue.counters.commit(taken.elapsed());
        }
        if failed && self.failure.take().is_some() {
            tracing::info!("the audit log can be written to again");
            self.queue.recovered();
        }
        Ok(())
    }
}

/// The inside of the object that `line` is.
fn members(line: &impl serde::Serialize) -> Vec<u8> {
    let text = serde_json::to_vec(line).unwrap_or_default();
    match text.as_slice() {
        [b'{', members @ .., b'}'] => members.to_vec(),
        _ => Vec::new(),
    }
}
