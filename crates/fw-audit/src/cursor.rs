//! What of a log has been shipped elsewhere.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::chain::Head;
use crate::format::{self, Kind};
use crate::reader::{SegmentFile, Segments};

/// A place in a log that is kept in a file: up to where the log has been shipped to another system.
///
/// It goes through the files that are closed, in their order, each once. It is moved on when a file has
/// arrived, so after a crash a file may be shipped again, and none is left out. What retention removed before it
/// was shipped is told.
///
/// ```
/// use fw_audit::Cursor;
///
/// # let directory = std::env::temp_dir().join(format!("fw-audit-cursor-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # fn ship(_: &std::path::Path) -> std::io::Result<()> { Ok(()) }
/// let mut cursor = Cursor::open(directory.join("shipped.json"))?;
/// while let Some(closed) = cursor.next(&directory)? {
///     if let Some(missed) = closed.missed() {
///         eprintln!("records {missed:?} were removed before they were shipped");
///     }
///     ship(closed.file().path())?;
///     cursor.advance(&closed)?;
/// }
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// It trusts the log. A copy can be [verified](crate::verify()) where it arrives, and the
/// [head](Cursor::shipped) is one to keep there.
#[derive(Debug)]
pub struct Cursor {
    path: PathBuf,
    shipped: Option<Shipped>,
}

/// As it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Shipped {
    segment: String,
    #[serde(flatten)]
    head: Head,
}

/// A file of a log to which nothing will be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedSegment {
    file: SegmentFile,
    end: Head,
    missed: Option<RangeInclusive<u64>>,
}

// === impl Cursor ===

impl Cursor {
    /// The cursor in a file, or a new one at the beginning if there is no such file. Keep it outside of the
    /// log's directory, or under a name that no file of the log has.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is no cursor.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let shipped =
            match fs::read(&path) {
                Ok(text) => Some(serde_json::from_slice(&text).map_err(|error| {
                    invalid(format!("{} is no cursor: {error}", path.display()))
                })?),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            };
        Ok(Self { path, shipped })
    }

    /// The last line that has been shipped.
    #[must_use]
    pub fn shipped(&self) -> Option<Head> {
        self.shipped.as_ref().map(|shipped| shipped.head)
    }

    /// The next file to ship. `None` if all that are closed have been shipped: the one that is written to is
    /// closed when it is full or old enough.
    ///
    /// # Errors
    ///
    /// The log cannot be read, or is not the one that the cursor comes from.
    pub fn next(&self, directory: &Path) -> io::Result<Option<ClosedSegment>> {
        let segments = Segments::list(directory)?;
        let done = self.shipped().unwrap_or_default();
        let Some(file) = segments.iter().find(|file| file.first() > done.seq) else {
            return match (segments.last(), &self.shipped) {
                (Some(last), Some(shipped)) if last.name() != shipped.segment => Err(other_log(
                    format!("it ends with {} before {}", last.name(), shipped.segment),
                )),
                _ => Ok(None),
            };
        };
        let Some((header, end, kind)) = ends(file)? else {
            return Ok(None);
        };
        let is_last = segments.last() == Some(file);
        if is_last && kind != Kind::Seal {
            return Ok(None);
        }
        let follows = file.first() == done.seq + 1;
        if follows && header.previous_hash != done.hash {
            return Err(other_log(format!(
                "{} does not follow what was shipped",
                file.name()
            )));
        }
        Ok(Some(ClosedSegment {
            file: file.clone(),
            end,
            missed: (!follows).then(|| done.seq + 1..=file.first() - 1),
        }))
    }

    /// Keeps that a file has been shipped, on the disk.
    ///
    /// # Errors
    ///
    /// The cursor's file cannot be written; it is as it was before.
    pub fn advance(&mut self, closed: &ClosedSegment) -> io::Result<()> {
        let shipped = Shipped {
            segment: closed.file.name().to_owned(),
            head: closed.end,
        };
        let text = serde_json::to_vec(&shipped)?;
        // A new file takes the place of the old one: a crash leaves one of the two.
        let new = self.path.with_added_extension("new");
        let mut file = File::create(&new)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        if cfg!(unix) {
            let parent = self
                .path
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty());
            File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        self.shipped = Some(shipped);
        Ok(())
    }
}

// === impl ClosedSegment ===

impl ClosedSegment {
    /// The file.
    #[must_use]
    pub const fn file(&self) -> &SegmentFile {
        &self.file
    }

    /// Its last line.
    #[must_use]
    pub const fn end(&self) -> Head {
        self.end
    }

    /// The numbers before it that were never shipped, and are gone.
    #[must_use]
    pub fn missed(&self) -> Option<RangeInclusive<u64>> {
        self.missed.clone()
    }
}

/// The first line of a file, and its last one that has a number, with its kind. `None` if there are none yet.
fn ends(file: &SegmentFile) -> io::Result<Option<(format::Segment, Head, Kind)>> {
    let mut reader = file.reader()?;
    let mut header: Option<format::Segment> = None;
    let mut end = None;
    while let Some(placed) = reader.next_line()? {
        let wrong = |error: &dyn std::fmt::Display| {
            invalid(format!("{}:{}: {error}", file.name(), placed.number()))
        };
        let line = placed.parse().map_err(|error| wrong(&error))?;
        if line.kind() == Kind::Segment {
            header = Some(line.read().map_err(|error| wrong(&error))?);
        } else {
            let head = Head {
                seq: line.seq(),
                hash: line.hash(),
            };
            end = Some((head, line.kind()));
        }
    }
    Ok(header
        .zip(end)
        .map(|(header, (head, kind))| (header, head, kind)))
}

fn other_log(what: String) -> io::Error {
    invalid(format!(
        "the log is not the one that the cursor comes from: {what}"
    ))
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests;
