//! What can be wrong with a store.

use std::{
    error::Error as StdError,
    fmt,
    path::{Path, PathBuf},
};

use redb::{DatabaseError, StorageError};

/// Why a store cannot be opened, or cannot do what it was asked to. Nothing was deleted then.
pub struct StoreError {
    // Boxed: it moves through every result.
    problem: Box<Problem>,
}

enum Problem {
    Settings(&'static str),
    Locked(PathBuf),
    Damaged(PathBuf, String),
    Open(PathBuf, redb::Error),
    Full { bytes: u64, max_bytes: u64 },
    Busy(&'static str),
    NotDeleted,
    Io(&'static str, redb::Error),
}

// === impl StoreError ===

impl StoreError {
    fn new(problem: Problem) -> Self {
        Self {
            problem: Box::new(problem),
        }
    }

    pub(super) fn settings(what: &'static str) -> Self {
        Self::new(Problem::Settings(what))
    }

    pub(super) fn open(path: &Path, error: DatabaseError) -> Self {
        let path = path.to_path_buf();
        Self::new(match error {
            DatabaseError::DatabaseAlreadyOpen => Problem::Locked(path),
            DatabaseError::Storage(StorageError::Corrupted(what)) => Problem::Damaged(path, what),
            // How redb says that a file does not begin as its own do.
            DatabaseError::Storage(StorageError::Io(error))
                if error.kind() == std::io::ErrorKind::InvalidData =>
            {
                Problem::Damaged(path, error.to_string())
            }
            error => Problem::Open(path, error.into()),
        })
    }

    pub(super) fn too_large(bytes: u64, max_bytes: u64) -> Self {
        Self::new(Problem::Full { bytes, max_bytes })
    }

    pub(super) fn busy(what: &'static str) -> Self {
        Self::new(Problem::Busy(what))
    }

    pub(super) fn not_deleted() -> Self {
        Self::new(Problem::NotDeleted)
    }

    pub(super) fn io(doing: &'static str, error: impl Into<redb::Error>) -> Self {
        Self::new(Problem::Io(doing, error.into()))
    }

    /// Whether another process, or another store of this one, has the file open.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(*self.problem, Problem::Locked(_))
    }

    /// Whether the file is no store, or not as it was written.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        matches!(*self.problem, Problem::Damaged(..))
    }

    /// Whether a response is larger than all that may be kept.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        matches!(*self.problem, Problem::Full { .. })
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.problem {
            Problem::Settings(what) => f.write_str(what),
            Problem::Locked(path) => write!(
                f,
                "the store of responses in {} is open already, in this process or another; \
                 give each its own file",
                path.display()
            ),
            Problem::Damaged(path, what) => write!(
                f,
                "{} is no store of responses, or is damaged: {what}; nothing was changed: \
                 move the file away, or set another path, and a new one is made",
                path.display()
            ),
            Problem::Open(path, error) => write!(
                f,
                "the store of responses in {} cannot be opened: {error}; its directory has to be there, \
                 and the file has to be ours to read and write",
                path.display()
            ),
            Problem::Full { bytes, max_bytes } => write!(
                f,
                "a response of {bytes} bytes is not kept: all together may have {max_bytes}; raise max_bytes"
            ),
            Problem::Busy(what) => write!(
                f,
                "{what}: too much waits to be written already; the disk does not keep up, or fails"
            ),
            Problem::NotDeleted => {
                f.write_str("a response is not deleted: the store could not write to the disk")
            }
            Problem::Io(doing, error) => write!(f, "{doing}: {error}"),
        }
    }
}

/// As it displays: a store's errors quote no content.
impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreError({self})")
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &*self.problem {
            Problem::Open(_, error) | Problem::Io(_, error) => Some(error),
            _ => None,
        }
    }
}
