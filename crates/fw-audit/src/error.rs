//! What can be wrong with a log.

use std::{error::Error as StdError, fmt, io, path::PathBuf};

/// Why a log cannot be opened. Nothing was changed then, but for a last line that was not whole.
#[derive(Debug)]
pub struct OpenError {
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Locked(PathBuf),
    Damaged {
        file: PathBuf,
        line: u64,
        what: String,
    },
    Key {
        file: PathBuf,
        what: String,
    },
    Io {
        doing: String,
        error: io::Error,
    },
}

impl OpenError {
    pub(crate) const fn locked(directory: PathBuf) -> Self {
        Self {
            problem: Problem::Locked(directory),
        }
    }

    pub(crate) fn damaged(file: PathBuf, line: u64, what: impl Into<String>) -> Self {
        Self {
            problem: Problem::Damaged {
                file,
                line,
                what: what.into(),
            },
        }
    }

    pub(crate) fn key(file: PathBuf, what: impl Into<String>) -> Self {
        Self {
            problem: Problem::Key {
                file,
                what: what.into(),
            },
        }
    }

    pub(crate) fn io(doing: impl Into<String>, error: io::Error) -> Self {
        Self {
            problem: Problem::Io {
                doing: doing.into(),
                error,
            },
        }
    }

    /// Whether another process, or another handle in this one, has the log open.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        matches!(self.problem, Problem::Locked(_))
    }

    /// Whether the log is not as it was written, beyond a last line that was not whole.
    #[must_use]
    pub const fn is_damaged(&self) -> bool {
        matches!(self.problem, Problem::Damaged { .. })
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::Locked(directory) => write!(
                f,
                "the audit log in {} is open already, in this process or another",
                directory.display()
            ),
            Problem::Damaged { file, line, what } => write!(
                f,
                "the audit log is damaged: {}, line {line}: {what}; nothing was changed: keep it for inquiry, \
                 and begin a new log in another directory",
                file.display()
            ),
            Problem::Key { file, what } => write!(f, "{}: {what}", file.display()),
            Problem::Io { doing, error } => write!(f, "{doing}: {error}"),
        }
    }
}

impl StdError for OpenError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.problem {
            Problem::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// No record can be taken now: as many as may wait do so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the audit log's queue is full")
    }
}

impl StdError for Full {}

/// The log could not be written to now. The record is kept, and written when that works again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the audit log cannot be written to")
    }
}

impl StdError for Failed {}

/// Whether the log can be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// It can.
    Ok,
    /// It could not the last time. It is tried again, from 100 ms to 5 s apart.
    Failing {
        /// What the system said.
        reason: String,
    },
}

impl Health {
    /// Whether it can.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        matches!(self, Self::Ok)
    }
}
