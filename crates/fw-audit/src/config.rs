//! How a log is kept.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use crate::{keys::KeySource, time::Timestamp};

/// When a record counts as safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// In the system's cache at once, on the disk within this time: what is lost if the machine, not the
    /// process, dies.
    Batched {
        /// The longest time that a written record is not on the disk.
        sync_within: Duration,
    },
    /// On the disk at once: each batch is synced after it is written.
    Sync,
}

impl Default for Durability {
    /// On the disk within 100 ms.
    fn default() -> Self {
        Self::Batched {
            sync_within: Duration::from_millis(100),
        }
    }
}

/// How a log is kept. [`AuditLog::open`](crate::AuditLog::open) takes it.
///
/// ```
/// use std::time::Duration;
/// use fw_audit::{Durability, LogConfig};
///
/// let config = LogConfig::new("audit")
///     .durability(Durability::Sync)
///     .retention(Some(Duration::from_secs(365 * 86_400)))
///     .name("production");
/// ```
#[derive(Clone)]
pub struct LogConfig {
    pub(crate) directory: PathBuf,
    pub(crate) segment_bytes: u64,
    pub(crate) segment_age: Duration,
    pub(crate) checkpoint_every: u64,
    pub(crate) checkpoint_interval: Duration,
    pub(crate) durability: Durability,
    pub(crate) queue: usize,
    pub(crate) queue_bytes: usize,
    pub(crate) retention: Option<Duration>,
    pub(crate) key: KeySource,
    pub(crate) name: String,
    pub(crate) clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl LogConfig {
    /// A log in this directory, which is made if it is missing.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            segment_bytes: 64 * 1024 * 1024,
            segment_age: Duration::from_secs(86_400),
            checkpoint_every: 1024,
            checkpoint_interval: Duration::from_secs(1),
            durability: Durability::default(),
            queue: 8192,
            queue_bytes: 64 * 1024 * 1024,
            retention: None,
            key: KeySource::default(),
            name: String::new(),
            clock: Arc::new(Timestamp::now),
        }
    }

    /// About how many bytes a file may have before the next one is begun; 64 MiB.
    #[must_use]
    pub const fn segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes;
        self
    }

    /// How old a file may be before the next one is begun; a day. What retention removes are whole files.
    #[must_use]
    pub const fn segment_age(mut self, age: Duration) -> Self {
        self.segment_age = age;
        self
    }

    /// After how many records a checkpoint is signed; 1,024, at least 1.
    #[must_use]
    pub const fn checkpoint_every(mut self, records: u64) -> Self {
        self.checkpoint_every = if records == 0 { 1 } else { records };
        self
    }

    /// After what time a checkpoint is signed if there is anything new; a second.
    #[must_use]
    pub const fn checkpoint_interval(mut self, interval: Duration) -> Self {
        self.checkpoint_interval = interval;
        self
    }

    /// When a record counts as safe.
    #[must_use]
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// How many records may wait to be written, reserved places among them; 8,192.
    #[must_use]
    pub const fn queue(mut self, records: usize) -> Self {
        self.queue = records;
        self
    }

    /// How many bytes of records may wait to be written; 64 MiB. Reserved places are above that.
    #[must_use]
    pub const fn queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = bytes;
        self
    }

    /// How long records are kept; for ever. Files that hold only older ones are removed, by this machine's
    /// clock.
    #[must_use]
    pub const fn retention(mut self, retention: Option<Duration>) -> Self {
        self.retention = retention;
        self
    }

    /// Where the key that signs comes from.
    #[must_use]
    pub fn key(mut self, key: KeySource) -> Self {
        self.key = key;
        self
    }

    /// The name of the configuration, for the first line of each file.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The clock that the log's own lines go by; [`Timestamp::now`]. For tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

impl fmt::Debug for LogConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogConfig")
            .field("directory", &self.directory)
            .field("segment_bytes", &self.segment_bytes)
            .field("segment_age", &self.segment_age)
            .field("durability", &self.durability)
            .field("queue", &self.queue)
            .field("retention", &self.retention)
            .field("key", &self.key)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
