//! The handle to a log.

use std::{
    cell::RefCell,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle, ThreadId},
};

use serde::Serialize;

use crate::{
    chain::Head,
    config::LogConfig,
    engine::Engine,
    error::{Full, Health, OpenError},
    format::Kind,
    keys::{PublicKey, SigningKey},
    metrics::{Counters, LogMetrics},
    open,
    queue::lock,
    reader::MAX_LINE_BYTES,
    ticket::Ticket,
};

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordKind {
    /// A request has been read.
    Accepted,
    /// A request has ended, whatever its end.
    Finished,
    /// Somebody read the log.
    Access,
}

impl From<RecordKind> for Kind {
    fn from(kind: RecordKind) -> Self {
        match kind {
            RecordKind::Accepted => Self::Accepted,
            RecordKind::Finished => Self::Finished,
            RecordKind::Access => Self::Access,
        }
    }
}

/// An open log. Clones are handles to the same one. A thread of its own writes, or who waits for a record.
///
/// When the last handle goes, and the last [`Slot`], what waits is written, signed and synced before the drop
/// returns.
///
/// ```
/// use fw_audit::{AuditLog, LogConfig, RecordKind};
///
/// # let directory = std::env::temp_dir().join(format!("fw-audit-doc-{}", std::process::id()));
/// # let _ = std::fs::remove_dir_all(&directory);
/// let log = AuditLog::open(LogConfig::new(&directory))?;
/// let entry = serde_json::json!({"time": "2026-11-21T17:45:00Z", "user": "anna"});
/// let ticket = log.append(RecordKind::Access, &entry)?;
/// ticket.wait_synced()?;
/// assert_eq!(log.head().seq, ticket.seq());
/// # drop(log);
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct AuditLog {
    handle: Arc<Handle>,
}

struct Handle {
    engine: Arc<Engine>,
    directory: PathBuf,
    public_key: PublicKey,
    key: SigningKey,
    thread: Mutex<Option<JoinHandle<()>>>,
    writer: ThreadId,
}

impl AuditLog {
    /// Opens the log in a directory, or begins one.
    ///
    /// A last line that is not whole is what a killed process leaves, and is removed. All else that is not as
    /// it was written is an error, and is left as it is. Looked at are the last file and its link to the one
    /// before; [`verify`](crate::verify()) looks at all.
    ///
    /// # Errors
    ///
    /// Another handle has it open, it is damaged, the key is not the log's, or the system says no.
    pub fn open(config: LogConfig) -> Result<Self, OpenError> {
        let opened = open::open(config)?;
        Self::start(opened)
    }

    pub(crate) fn start(opened: open::Opened) -> Result<Self, OpenError> {
        let open::Opened {
            writer,
            key,
            directory,
        } = opened;
        let engine = Arc::new(Engine::new(writer));
        let writing = engine.clone();
        let thread = thread::Builder::new()
            .name("audit-log".into())
            .spawn(move || writing.run())
            .map_err(|error| OpenError::io("a thread for the audit log", error))?;
        Ok(Self {
            handle: Arc::new(Handle {
                engine,
                directory,
                public_key: key.public_key(),
                key,
                writer: thread.thread().id(),
                thread: Mutex::new(Some(thread)),
            }),
        })
    }

    /// Appends a record: `entry` must be serialized as a JSON object, without the members `seq`, `kind`,
    /// `hash` and `sig`. Never blocks on the disk. What cannot be serialized, or has 64 MiB
    /// and more, is recorded as `{"unencodable": "why"}`.
    ///
    /// # Errors
    ///
    /// As many records wait as may.
    pub fn append(&self, kind: RecordKind, entry: &impl Serialize) -> Result<Ticket, Full> {
        let engine = &self.handle.engine;
        let seq = encoded(entry, |members| engine.queue.push(kind.into(), members))?;
        Ok(Ticket::new(engine.clone(), seq))
    }

    /// As [`append`](Self::append), for members that are written as JSON already.
    pub(crate) fn append_members(
        &self,
        kind: RecordKind,
        write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
    ) -> Result<Ticket, Full> {
        let engine = &self.handle.engine;
        let seq = written(write, |members| engine.queue.push(kind.into(), members))?;
        Ok(Ticket::new(engine.clone(), seq))
    }

    /// Keeps a place in the queue, so that a later record cannot fail to be taken.
    ///
    /// # Errors
    ///
    /// As many records wait, or have their places kept, as may.
    pub fn reserve(&self) -> Result<Slot, Full> {
        self.handle.engine.queue.reserve()?;
        Ok(Slot {
            log: self.clone(),
            kept: true,
        })
    }

    /// Counts a record that was not taken, because nobody wanted to wait for room. The log tells how many in
    /// a line of its own with the next batch.
    pub fn note_dropped(&self) {
        self.handle.engine.queue.note_dropped();
    }

    /// Counts a request that was refused because it could not be recorded.
    pub(crate) fn note_refused(&self) {
        let counters = &self.handle.engine.queue.counters;
        Counters::add(&counters.refused, 1);
    }

    /// Whether the log can be written to.
    #[must_use]
    pub fn health(&self) -> Health {
        self.handle.engine.queue.health()
    }

    /// As [`health`](Self::health), without the reason.
    pub(crate) fn is_healthy(&self) -> bool {
        !self.handle.engine.queue.is_failing()
    }

    /// The log's numbers.
    #[must_use]
    pub fn metrics(&self) -> LogMetrics {
        self.handle.engine.queue.metrics()
    }

    /// The last record that is on the disk. Kept elsewhere, it proves later that nothing was cut off.
    #[must_use]
    pub fn head(&self) -> Head {
        self.handle.engine.queue.head()
    }

    /// What the signatures are checked with.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.handle.public_key
    }

    /// A key for another purpose, such as digests of prompts: the same for the same context and signing key,
    /// and no way back to the latter.
    #[must_use]
    pub fn derive_key(&self, context: &str) -> [u8; 32] {
        self.handle.key.derive(context)
    }

    /// Where the log is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.handle.directory
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditLog")
            .field("directory", &self.handle.directory)
            .field("public_key", &self.handle.public_key)
            .finish_non_exhaustive()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.engine.queue.close();
        // A waker that the writer drops may have held the last handle: no thread can wait for itself.
        if thread::current().id() != self.writer
            && let Some(thread) = lock(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the audit log's writer panicked");
        }
    }
}

/// A place in the queue that is kept. Dropped without a record it is free again.
#[derive(Debug)]
pub struct Slot {
    log: AuditLog,
    kept: bool,
}

impl Slot {
    /// Appends the record that the place was kept for; as [`AuditLog::append`], but there is always room.
    pub fn append(mut self, kind: RecordKind, entry: &impl Serialize) -> Ticket {
        let engine = &self.log.handle.engine;
        let seq = encoded(entry, |members| {
            self.kept = false;
            engine.queue.push_reserved(kind.into(), members)
        });
        Ticket::new(engine.clone(), seq)
    }

    /// As [`append`](Self::append), for members that are written as JSON already.
    pub(crate) fn append_members(
        mut self,
        kind: RecordKind,
        write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
    ) -> Ticket {
        let engine = &self.log.handle.engine;
        let seq = written(write, |members| {
            self.kept = false;
            engine.queue.push_reserved(kind.into(), members)
        });
        Ticket::new(engine.clone(), seq)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if self.kept {
            self.log.handle.engine.queue.release();
        }
    }
}

/// Readers take no line for one that is longer.
const MAX_MEMBERS: usize = MAX_LINE_BYTES - 1024;

const TOO_LONG: &[u8] = br#""unencodable":"too long""#;

/// Calls `then` with the inside of the object that `entry` is.
fn encoded<T>(entry: &impl Serialize, then: impl FnOnce(&[u8]) -> T) -> T {
    with_buffer(|buffer| match serde_json::to_writer(&mut *buffer, entry) {
        Ok(()) => {
            // Only raw JSON that was passed through can have line feeds, as white space.
            for byte in buffer.iter_mut() {
                if *byte == b'\n' || *byte == b'\r' {
                    *byte = b' ';
                }
            }
            match buffer.as_slice() {
                [b'{', members @ .., b'}'] if members.len() <= MAX_MEMBERS => {
                    then(members.trim_ascii())
                }
                [b'{', .., b'}'] => then(TOO_LONG),
                _ => then(br#""unencodable":"not an object""#),
            }
        }
        Err(error) => then(&unencodable(&error)),
    })
}

/// Calls `then` with the members that `write` writes.
fn written<T>(
    write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
    then: impl FnOnce(&[u8]) -> T,
) -> T {
    with_buffer(|buffer| match write(buffer) {
        Ok(()) if buffer.len() <= MAX_MEMBERS => then(buffer),
        Ok(()) => then(TOO_LONG),
        Err(error) => then(&unencodable(&error)),
    })
}

fn unencodable(error: &serde_json::Error) -> Vec<u8> {
    let why = serde_json::Value::from(error.to_string());
    format!("\"unencodable\":{why}").into_bytes()
}

/// Calls `then` with an empty buffer.
fn with_buffer<T>(then: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    thread_local! {
        /// Used again, so that a record costs no allocation. Taken out meanwhile: an entry may log as well.
        static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    /// What a large record leaves behind is not kept.
    const KEPT: usize = 64 * 1024;
    let mut buffer = BUFFER.try_with(RefCell::take).unwrap_or_default();
    buffer.clear();
    let result = then(&mut buffer);
    if buffer.capacity() <= KEPT {
        let _ = BUFFER.try_with(|kept| kept.replace(buffer));
    }
    result
}

#[cfg(test)]
mod tests;
