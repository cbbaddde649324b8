//! What can be wrong with a log.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::chain::{Broken, Hash};
use crate::format::LineError;

/// The log could not be verified.
#[derive(Debug)]
pub struct VerifyError {
    kind: ErrorKind,
}

#[derive(Debug)]
enum ErrorKind {
    Unreadable { path: PathBuf, error: io::Error },
    NoKey(String),
    Bad(Bad),
}

/// The first thing that is wrong with a log: somebody changed it, or the disk did.
#[derive(Debug)]
pub struct Bad {
    file: Option<String>,
    line: Option<u64>,
    seq: Option<u64>,
    flaw: Flaw,
}

/// What is wrong.
#[derive(Debug)]
pub(super) enum Flaw {
    Form(LineError),
    TooLong,
    LineEnd,
    Number,
    Members,
    Chain(Broken),
    NoSignature,
    Signature,
    NotASegment,
    SegmentInside,
    AfterSeal,
    Version(u32),
    Name {
        first: u64,
    },
    UnknownKey(String),
    Before {
        named: Option<String>,
        there: Option<String>,
    },
    BeforeHash,
    Torn,
    Empty,
    NoLog,
    NoBeginning {
        before: u64,
        removed: Option<u64>,
    },
    BeginningHash,
    HeadMissing {
        hash: Hash,
        removed: Option<u64>,
    },
    UnsignedEnd(u64),
    UnsignedRun {
        most: u64,
        limit: u64,
    },
}

// === impl VerifyError ===

impl VerifyError {
    /// What is wrong with the log. `None` if it could not be looked at.
    #[must_use]
    pub fn bad(&self) -> Option<&Bad> {
        match &self.kind {
            ErrorKind::Bad(bad) => Some(bad),
            _ => None,
        }
    }

    pub(super) fn unreadable(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        Self {
            kind: ErrorKind::Unreadable { path, error },
        }
    }

    pub(super) fn no_key(reason: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::NoKey(reason.into()),
        }
    }
}

impl From<Bad> for VerifyError {
    fn from(bad: Bad) -> Self {
        Self {
            kind: ErrorKind::Bad(bad),
        }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Unreadable { path, error } => {
                write!(f, "cannot read {}: {error}", path.display())
            }
            ErrorKind::NoKey(reason) => f.write_str(reason),
            ErrorKind::Bad(bad) => bad.fmt(f),
        }
    }
}

impl Error for VerifyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            ErrorKind::Unreadable { error, .. } => Some(error),
            ErrorKind::NoKey(_) | ErrorKind::Bad(_) => None,
        }
    }
}

// === impl Bad ===

impl Bad {
    pub(super) fn whole(flaw: Flaw) -> Self {
        Self {
            file: None,
            line: None,
            seq: None,
            flaw,
        }
    }

    pub(super) fn file(file: &str, flaw: Flaw) -> Self {
        Self {
            file: Some(file.to_owned()),
            ..Self::whole(flaw)
        }
    }

    pub(super) fn line(file: &str, line: u64, seq: Option<u64>, flaw: Flaw) -> Self {
        Self {
            line: Some(line),
            seq,
            ..Self::file(file, flaw)
        }
    }

    /// The name of the file. `None` if it is about the log as a whole, such as a head that is missing.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Which line of the file. The first one is 1.
    #[must_use]
    pub fn line_number(&self) -> Option<u64> {
        self.line
    }

    /// The sequence number that the line claims to have.
    #[must_use]
    pub fn seq(&self) -> Option<u64> {
        self.seq
    }

    /// What is wrong there, in words.
    #[must_use]
    pub fn what(&self) -> String {
        self.flaw.to_string()
    }
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            f.write_str(file)?;
            if let Some(line) = self.line {
                write!(f, ":{line}")?;
            }
            if let Some(seq) = self.seq {
                write!(f, " (sequence number {seq})")?;
            }
            f.write_str(": ")?;
        }
        self.flaw.fmt(f)
    }
}

impl Error for Bad {}

// === impl Flaw ===

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(error) => write!(f, "this is no line of a log: {error}"),
            Self::TooLong => f.write_str("the line is longer than any that a log has"),
            Self::LineEnd => f.write_str("something else where the line must end"),
            Self::Number => f.write_str("no line has this sequence number"),
            Self::Members => f.write_str("its members are not those of its kind"),
            Self::Chain(broken) => broken.fmt(f),
            Self::NoSignature => f.write_str("the signature is missing"),
            Self::Signature => f.write_str("the signature is not made with a trusted key"),
            Self::NotASegment => f.write_str("a file must begin with a line of kind `segment`"),
            Self::SegmentInside => f.write_str("a line of kind `segment` in the middle of a file"),
            Self::AfterSeal => f.write_str("a line after the file was sealed"),
            Self::Version(version) => write!(f, "format {version} is not known to this version"),
            Self::Name { first } => write!(f, "a file of this name must begin with number {first}"),
            Self::UnknownKey(key) => {
                write!(
                    f,
                    "signed with {key:?}, which is not among the trusted keys"
                )
            }
            Self::Before { named, there } => match (named, there) {
                (Some(named), Some(there)) => {
                    write!(f, "the file before must be {named}, but is {there}")
                }
                (None, Some(there)) => write!(f, "no file must be before it, but {there} is"),
                (named, None) => write!(
                    f,
                    "the file before, {}, is missing",
                    named.as_deref().unwrap_or("of no name")
                ),
            },
            Self::BeforeHash => f.write_str("the file before must end with another line"),
            Self::Torn => f.write_str("the file ends in the middle of a line"),
            Self::Empty => f.write_str("the file holds no line"),
            Self::NoLog => f.write_str("the directory holds no line of a log"),
            Self::NoBeginning { before, removed } => {
                write!(f, "everything up to number {before} is missing, and ")?;
                match removed {
                    Some(removed) => write!(f, "was removed by retention only up to {removed}"),
                    None => f.write_str("was not removed by retention"),
                }
            }
            Self::BeginningHash => {
                f.write_str("it does not go on from where retention removed the lines before")
            }
            Self::HeadMissing { hash, removed } => {
                write!(
                    f,
                    "no line has the expected hash {hash}: the end of the log was cut off, or the log was replaced"
                )?;
                match removed {
                    Some(removed) => write!(
                        f,
                        "; unless it was among those that retention removed, up to number {removed}"
                    ),
                    None => Ok(()),
                }
            }
            Self::UnsignedRun { most, limit } => write!(
                f,
                "{most} records in a row have no signature among them, where {limit} may: they were written by somebody without the key"
            ),
            Self::UnsignedEnd(records) => write!(
                f,
                "the last {records} records are not signed: the end of the log was cut off, or the process that wrote it did not end by itself"
            ),
        }
    }
}
