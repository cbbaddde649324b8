//! The one thread that writes: it takes what there is, chains it, writes it at once, and syncs.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    batch::Batch,
    chain::{Chain, line_hash},
    config::{Durability, LogConfig},
    format::{self, Cause, Kind, VERSION, push_end, push_signature, push_start},
    keys::SigningKey,
    lock::Lock,
    metrics::Counters,
    queue::Queue,
    recover::Tail,
    retention,
    segment::file_name,
    storage::{Segment, Storage},
    syncer::Syncer,
    time::Timestamp,
};

mod failure;
mod removal;
mod sync;

use failure::Failure;
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
    /// Lines as they are written; used again.
    out: Vec<u8>,
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
            out: Vec::new(),
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

    /// Writes until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        let _stopped = Stopped(self.queue.clone());
        loop {
            match &self.failure {
                Some(failure) => self.queue.wait_closed(failure.retry_at),
                None => self.queue.wait(self.next_look()),
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
            if closed && is_told {
                break;
            }
        }
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
        if old {
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

    /// Writes lines up to the end of the batch, or of the file.
    fn write(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            let (cause, error) = match &self.failure {
                None => (Cause::Rotation, None),
                Some(failure) => (Cause::Failure, Some(failure.error.clone())),
            };
            self.begin_file(cause, error)?;
        }
        let Some(open) = &mut self.file else {
            return Ok(());
        };
        let mut chain = self.chain;
        let (mut records, mut bytes) = (0, 0);
        let mut at = self.done;
        let mut sealed = false;
        let time = members(&format::Checkpoint {
            time: (self.config.clock)(),
        });
        self.out.clear();
        while let Some((item, members)) = self.batch.item(at).filter(|_| !sealed) {
            let start = self.out.len();
            let own = matches!(item.kind, Kind::Checkpoint | Kind::Seal);
            let members = if own { &time } else { members };
            push_start(&mut self.out, item.seq, item.kind, members);
            if item.kind.is_signed() {
                let signature = self.key.sign(chain.last(), &self.out[start..]);
                push_signature(&mut self.out, &signature);
            }
            let hash = line_hash(chain.last(), &self.out[start..]);
            push_end(&mut self.out, &hash);
            chain.advance(item.kind, hash);
            if item.kind.is_record() && item.seq > self.counted {
                records += 1;
                bytes += members.len();
            }
            sealed = item.kind == Kind::Seal;
            at += 1;
        }
        self.unsynced_since.get_or_insert_with(Instant::now);
        open.file.write_all(&self.out)?;
        open.len += self.out.len() as u64;
        self.chain = chain;
        self.done = at;
        self.counted = self.counted.max(chain.head().seq);
        Counters::add(&self.queue.counters.bytes, self.out.len() as u64);
        self.queue.wrote(chain.head().seq, records, bytes);
        if sealed {
            self.sync()?;
            self.previous = self.file.take().map(|file| file.name);
            self.retention_due = Instant::now();
        }
        Ok(())
    }

    fn begin_file(&mut self, cause: Cause, error: Option<String>) -> io::Result<()> {
        let name = file_name(self.chain.next_seq());
        let header = format::Segment {
            time: (self.config.clock)(),
            version: VERSION,
            cause,
            error,
            previous: self.previous.clone(),
            previous_hash: *self.chain.last(),
            public_key: self.key.public_key().to_string(),
            name: self.config.name.clone(),
        };
        let mut line = Vec::new();
        push_start(
            &mut line,
            self.chain.next_seq(),
            Kind::Segment,
            &members(&header),
        );
        let hash = line_hash(self.chain.last(), &line);
        push_end(&mut line, &hash);

        let file = self.storage.create(&name)?;
        // From here on there is a file, which a failure takes back.
        let open = self.file.insert(Open {
            file,
            name,
            begun: header.time,
            len: line.len() as u64,
            synced_len: 0,
            before: self.chain,
            file_before: self.previous.clone(),
        });
        open.file.write_all(&line)?;
        open.file.sync()?;
        self.storage.sync_directory()?;
        open.synced_len = open.len;
        self.chain.advance(Kind::Segment, hash);
        self.synced = self.chain;
        Counters::add(&self.queue.counters.segments, 1);
        Counters::add(&self.queue.counters.bytes, line.len() as u64);
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

/// Tells those who wait if the thread ends, even by a panic.
struct Stopped(Arc<Queue>);

impl Drop for Stopped {
    fn drop(&mut self) {
        self.0.close();
        self.0.failed("the writer has stopped".into());
    }
}
