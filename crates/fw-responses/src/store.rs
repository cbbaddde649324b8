//! Responses that were answered, kept for later turns.

use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;

use crate::config::ResponsesConfig;

use self::{
    kept::{Kept, Limits},
    writer::Writer,
};

mod error;
mod kept;
mod open;
mod owner;
mod page;
mod read;
mod tables;
mod waiting;
mod writer;

pub use self::error::StoreError;
pub use self::owner::Owner;
pub use self::page::{DEFAULT_PAGE, ListQuery, MAX_PAGE, Order, Page};

/// Most turns that a conversation is followed back.
pub const MAX_HISTORY_TURNS: usize = 1024;

/// Most bytes of items that a conversation gives together: 10 MiB.
pub const MAX_HISTORY_BYTES: usize = 10 * 1024 * 1024;

/// Responses by owner and id. Cloning is cheap, and gives the same store.
///
/// ```
/// use fw_responses::{ListQuery, Owner, ResponseStore, Turn};
///
/// let store = ResponseStore::in_memory()?;
/// let owner = Owner::new("fw_key");
/// store.put(owner, &Turn {
///     id: "resp_1",
///     previous: None,
///     json: br#"{"id":"resp_1"}"#,
///     input: vec![r#"{"role":"user","content":"Hi"}"#],
///     output: vec![r#"{"role":"assistant","content":"Hello"}"#],
/// })?;
///
/// assert_eq!(store.find(owner, "resp_1")?.unwrap(), r#"{"id":"resp_1"}"#);
/// assert_eq!(store.find(Owner::new("another"), "resp_1")?, None);
/// let page = store.list(owner, &ListQuery::default())?.unwrap();
/// assert!(page.ids().eq(["resp_1"]));
/// # Ok::<(), fw_responses::StoreError>(())
/// ```
#[derive(Clone)]
pub struct ResponseStore {
    shared: Arc<Shared>,
}

struct Shared {
    kept: Arc<Kept>,
    _writer: Writer,
}

/// One response, and what it answered.
#[derive(Clone)]
#[allow(clippy::exhaustive_structs)]
pub struct Turn<'a> {
    /// The response's id.
    pub id: &'a str,
    /// The response that it goes on from.
    pub previous: Option<&'a str>,
    /// The response, as JSON.
    pub json: &'a [u8],
    /// The items of this turn's input, each as JSON; not those of earlier turns.
    pub input: Vec<&'a str>,
    /// The items of the response's output, each as JSON.
    pub output: Vec<&'a str>,
}

/// The items of a conversation.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum History {
    /// The items of all turns as JSON, input and output, oldest first.
    Found(Vec<String>),
    /// This response, or one that it goes on from, is not there: it never was, was deleted, or was too old.
    Missing,
    /// There are more than [`MAX_HISTORY_TURNS`] turns, or [`MAX_HISTORY_BYTES`].
    TooLong,
}

// === impl ResponseStore ===

impl ResponseStore {
    /// Opens a store. A file is checked as a whole, which takes longer the larger it is.
    ///
    /// # Errors
    ///
    /// If a setting makes no sense, or the file cannot be opened, is open already, is no store or is
    /// damaged. It is left as it is then.
    pub fn open(config: &ResponsesConfig) -> Result<Self, StoreError> {
        Self::with_clock(config, now)
    }

    /// A store with the default settings that ends with the process.
    ///
    /// # Errors
    ///
    /// If there is no memory for it.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::open(&ResponsesConfig::default())
    }

    /// As [`open`](Self::open), with a clock: seconds since the beginning of 1970.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn with_clock(
        config: &ResponsesConfig,
        clock: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        if config.max_bytes == 0 {
            return Err(StoreError::settings("max_bytes has to be at least 1"));
        }
        if config.retention_days == 0 {
            return Err(StoreError::settings("retention_days has to be at least 1"));
        }
        let limits = Limits {
            max_bytes: config.max_bytes,
            retention: config.retention(),
        };
        let database = match &config.path {
            Some(path) => open::file(path)?,
            None => open::memory()?,
        };
        let kept = Kept::new(database, limits, Arc::new(clock))
            .map_err(|error| StoreError::io("the store cannot be made ready", error))?;
        let kept = Arc::new(kept);
        let writer = Writer::start(Arc::clone(&kept))
            .map_err(|error| StoreError::io("the store's thread cannot be started", error))?;
        let shared = Arc::new(Shared {
            kept,
            _writer: writer,
        });
        Ok(Self { shared })
    }

    /// Keeps a response, as the newest. One of the same owner and id is replaced.
    ///
    /// It is found at once, and never waits for the disk: a thread writes it within about a second. Then what
    /// is too old goes, and the oldest for as long as there is no room.
    ///
    /// # Errors
    ///
    /// If it is larger than all that may be kept, or 64 MiB wait to be written already.
    pub fn put(&self, owner: Owner, turn: &Turn<'_>) -> Result<(), StoreError> {
        let kept = &self.shared.kept;
        let bytes = tables::size(turn);
        if bytes > kept.limits().max_bytes {
            return Err(StoreError::too_large(bytes, kept.limits().max_bytes));
        }
        let put = kept.put(owner, turn);
        put.map_err(|_| StoreError::busy("a response is not kept"))
    }

    /// A response as JSON.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn find(&self, owner: Owner, id: &str) -> Result<Option<Bytes>, StoreError> {
        self.shared
            .kept
            .find(owner, id)
            .map_err(|error| StoreError::io("a response cannot be read", error))
    }

    /// The items that a response answered, as JSON, in the order in which they came.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn input_items(&self, owner: Owner, id: &str) -> Result<Option<Vec<String>>, StoreError> {
        self.shared
            .kept
            .input_items(owner, id)
            .map_err(|error| StoreError::io("a response cannot be read", error))
    }

    /// The items that a response gave, as JSON, in order.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn output_items(&self, owner: Owner, id: &str) -> Result<Option<Vec<String>>, StoreError> {
        self.shared
            .kept
            .output_items(owner, id)
            .map_err(|error| StoreError::io("a response cannot be read", error))
    }

    /// Removes a response. Says whether it was there. It is ready once that is on the disk: what is deleted
    /// does not come back. No thread is blocked, and it happens also if nobody waits for it.
    ///
    /// # Errors
    ///
    /// If the store cannot be read or written to, or too many deletions wait already.
    pub async fn delete(&self, owner: Owner, id: &str) -> Result<bool, StoreError> {
        if !self.has(owner, id)? {
            return Ok(false);
        }
        let deleted = self.shared.kept.waiting().delete(owner, id);
        let deleted = deleted.map_err(|_| StoreError::busy("a response is not deleted"))?;
        deleted.await.map_err(|_| StoreError::not_deleted())
    }

    /// A page of an owner's responses. `None` if `after` or `before` is no response of this owner.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn list(&self, owner: Owner, query: &ListQuery) -> Result<Option<Page>, StoreError> {
        self.shared
            .kept
            .list(owner, query)
            .map_err(|error| StoreError::io("responses cannot be listed", error))
    }

    /// All items of the conversation up to and with this response.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn history(&self, owner: Owner, id: &str) -> Result<History, StoreError> {
        self.shared
            .kept
            .history(owner, id)
            .map_err(|error| StoreError::io("a conversation cannot be read", error))
    }

    /// How many bytes are kept, as `max_bytes` counts them.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        self.shared
            .kept
            .bytes()
            .map_err(|error| StoreError::io("the size of the store cannot be read", error))
    }

    /// Writes what was kept to the disk, and blocks until that is done. It happens by itself within about a second, and
    /// when the store is dropped.
    ///
    /// # Errors
    ///
    /// If the disk does not take it.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.shared.kept.write_waiting().map_err(|error| {
            StoreError::io("stored responses cannot be written to the disk", error)
        })
    }

    pub(crate) fn has(&self, owner: Owner, id: &str) -> Result<bool, StoreError> {
        self.shared
            .kept
            .has(owner, id)
            .map_err(|error| StoreError::io("a response cannot be read", error))
    }

    /// The store's clock, in seconds since the beginning of 1970.
    pub(crate) fn now(&self) -> u64 {
        self.shared.kept.now()
    }
}

/// Nothing of what is kept.
impl fmt::Debug for ResponseStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseStore")
            .field("limits", &self.shared.kept.limits())
            .finish_non_exhaustive()
    }
}

// === impl Turn ===

/// Nothing of what was said.
impl fmt::Debug for Turn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn")
            .field("id", &self.id)
            .field("previous", &self.previous)
            .finish_non_exhaustive()
    }
}

// === impl History ===

/// Nothing of what was said.
impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(items) => f.debug_tuple("Found").field(&items.len()).finish(),
            Self::Missing => f.write_str("Missing"),
            Self::TooLong => f.write_str("TooLong"),
        }
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
