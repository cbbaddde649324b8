//! Segments and their lines, as they lie on disk.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::chain::Head;
use crate::format::{Kind, Line, LineError};
use crate::segment;

/// Longest line that is read, in bytes. A file without any line end must not fill the memory.
pub(crate) const MAX_LINE_BYTES: usize = 64 << 20;

/// How often a directory that changes is listed again.
const LISTINGS: usize = 10;

/// How much is read at once, in bytes.
const CHUNK: usize = 1 << 20;

/// The segments of a log, oldest first.
///
/// ```no_run
/// use fw_audit::Segments;
///
/// for segment in &Segments::list("audit/".as_ref())? {
///     let mut reader = segment.reader()?;
///     while let Some(line) = reader.next_line()? {
///         println!("{}:{} {} bytes", segment.name(), line.number(), line.bytes().len());
///     }
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Segments {
    list: Vec<SegmentFile>,
}

/// One file of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentFile {
    path: PathBuf,
    name: String,
    first: u64,
    bytes: u64,
}

/// A line and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    bytes: &'a [u8],
    number: u64,
    offset: u64,
}

/// Reads a segment line by line.
///
/// Holds one chunk of the file, or the longest line. Lines are lent out: the next call takes them back.
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    buffer: Vec<u8>,
    /// What of the buffer is read and not yet lent out.
    start: usize,
    end: usize,
    /// What has no line end so far, so that no byte is looked at twice.
    searched: usize,
    /// Where in the file `start` is.
    offset: u64,
    number: u64,
    /// Longest line that is read.
    longest: usize,
}

// === impl Segments ===

impl Segments {
    /// Lists a directory. What is not named like a segment is left out.
    ///
    /// Files that grow meanwhile are taken with the length that they have now.
    ///
    /// # Errors
    ///
    /// The directory cannot be read.
    pub fn list(directory: &Path) -> io::Result<Self> {
        // All names before any length: a file that another one follows is complete, so it must be looked at
        // after that one was seen.
        let names = names(directory)?;
        let mut list = Vec::new();
        for (first, name) in names {
            let path = directory.join(&name);
            // Retention may have removed it since.
            let Ok(metadata) = fs::metadata(&path) else {
                continue;
            };
            if metadata.is_file() {
                list.push(SegmentFile {
                    path,
                    name,
                    first,
                    bytes: metadata.len(),
                });
            }
        }
        Ok(Self { list })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Bytes of all together.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.list.iter().map(|segment| segment.bytes).sum()
    }

    /// The newest one, which the log may still write to.
    #[must_use]
    pub fn last(&self) -> Option<&SegmentFile> {
        self.list.last()
    }

    /// The last line that has a number, as the log claims; [`verify`](crate::verify()) says whether it is
    /// right to. Kept elsewhere, its hash proves later that nothing was cut off.
    ///
    /// # Errors
    ///
    /// A segment cannot be read, or a line is none.
    pub fn head(&self) -> io::Result<Head> {
        for segment in self.list.iter().rev() {
            let mut head = None;
            let mut reader = segment.reader()?;
            while let Some(placed) = reader.next_line()? {
                let line = placed.parse().map_err(|error| {
                    let (name, line) = (segment.name(), placed.number());
                    io::Error::new(
                        io::ErrorKind::InvalidData,
                        format!("{name}:{line}: {error}"),
                    )
                })?;
                if line.kind() != Kind::Segment {
                    head = Some(Head {
                        seq: line.seq(),
                        hash: line.hash(),
                    });
                }
            }
            if let Some(head) = head {
                return Ok(head);
            }
        }
        Ok(Head::default())
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, SegmentFile> {
        self.list.iter()
    }
}

impl<'a> IntoIterator for &'a Segments {
    type Item = &'a SegmentFile;
    type IntoIter = std::slice::Iter<'a, SegmentFile>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The names of all segments, by their first numbers.
fn names(directory: &Path) -> io::Result<BTreeMap<u64, String>> {
    let list = || {
        let mut names = BTreeMap::new();
        for entry in fs::read_dir(directory)? {
            let name = entry?.file_name().into_string().ok();
            if let Some((name, first)) = name.and_then(|name| {
                let first = segment::first_seq(&name)?;
                Some((name, first))
            }) {
                names.insert(first, name);
            }
        }
        io::Result::Ok(names)
    };
    // A directory that changes while it is listed may show a new file and hide another that is not as new.
    let mut names = list()?;
    for _ in 0..LISTINGS {
        let again = list()?;
        if again == names {
            break;
        }
        names = again;
    }
    Ok(names)
}

// === impl SegmentFile ===

impl SegmentFile {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its file name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The sequence number of its first line, as its name tells it.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Its length when it was listed, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Opens it for reading, up to the length that it had when it was listed.
    ///
    /// # Errors
    ///
    /// The file cannot be opened.
    pub fn reader(&self) -> io::Result<Reader<io::Take<File>>> {
        Ok(Reader::new(File::open(&self.path)?.take(self.bytes)))
    }
}

// === impl Placed ===

impl<'a> Placed<'a> {
    /// The line without its end.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The line in its parts.
    ///
    /// # Errors
    ///
    /// It has not the form of a log's line.
    pub fn parse(&self) -> Result<Line<'a>, LineError> {
        Line::parse(self.bytes)
    }

    /// Which line of the file it is. The first one is 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Bytes before it in the file.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

// === impl Reader ===

impl<R: Read> Reader<R> {
    /// Reads from the beginning of a segment.
    #[must_use]
    pub fn new(source: R) -> Self {
        Self::at(0, source)
    }

    /// Reads from the beginning of a line that is at this place in the file. Its number is 1.
    pub(crate) fn at(offset: u64, source: R) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            searched: 0,
            offset,
            number: 0,
            longest: MAX_LINE_BYTES,
        }
    }

    /// The next whole line. `None` at the end, also where the file ends in the middle of a line:
    /// [`torn`](Self::torn) tells.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or has a line of more than 64 MiB.
    pub fn next_line(&mut self) -> io::Result<Option<Placed<'_>>> {
        let length = loop {
            let unsearched = &self.buffer[self.start + self.searched..self.end];
            if let Some(found) = memchr::memchr(b'\n', unsearched) {
                break self.searched + found;
            }
            self.searched = self.end - self.start;
            if self.searched > self.longest {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!(
                        "line {} is longer than {} MiB",
                        self.number + 1,
                        self.longest >> 20
                    ),
                ));
            }
            if self.fill()? == 0 {
                return Ok(None);
            }
        };
        let (start, offset) = (self.start, self.offset);
        self.start += length + 1;
        self.searched = 0;
        self.offset += length as u64 + 1;
        self.number += 1;
        Ok(Some(Placed {
            bytes: &self.buffer[start..start + length],
            number: self.number,
            offset,
        }))
    }

    /// Bytes after the last line end, once [`next_line`](Self::next_line) has said `None`: a line that is
    /// being written, or was when the process ended.
    #[must_use]
    pub fn torn(&self) -> u64 {
        self.tail().len() as u64
    }

    /// Those bytes.
    pub(crate) fn tail(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Bytes of the whole lines so far.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads a chunk behind what is there, and says how many bytes.
    fn fill(&mut self) -> io::Result<usize> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.end < CHUNK / 2 {
            // Doubling: a long line is copied a few times, not once a chunk.
            let wanted = (self.buffer.len() * 2).max(CHUNK);
            self.buffer.resize(wanted, 0);
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(read) => {
                    self.end += read;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::Sample;

    /// Gives its bytes in portions of these lengths, as a file may.
    struct Portions<'a>(&'a [u8], Vec<usize>);

    impl Read for Portions<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.pop().unwrap_or(usize::MAX).max(1);
            let length = length.min(self.0.len()).min(buffer.len());
            let (portion, rest) = self.0.split_at(length);
            buffer[..length].copy_from_slice(portion);
            self.0 = rest;
            Ok(length)
        }
    }

    #[test]
    fn the_head_is_that_of_the_last_numbered_line() {
        let mut log = Sample::three_files();
        let head = log.head();
        log.begin();
        let directory = log.write();
        let segments = Segments::list(directory.path()).unwrap();
        assert_eq!(segments.len(), 4);
        assert_eq!(
            segments.head().unwrap(),
            Head {
                seq: 20,
                hash: head
            }
        );
    }

    #[test]
    fn only_segments_are_listed() {
        let directory = Sample::three_files().write();
        for name in ["audit.key", "LOCK", "audit-00000000000000000001.jsonl.idx"] {
            fs::write(directory.path().join(name), "x").unwrap();
        }
        fs::create_dir(directory.path().join(crate::segment::file_name(99))).unwrap();
        let segments = Segments::list(directory.path()).unwrap();
        let first: Vec<u64> = segments.iter().map(SegmentFile::first).collect();
        assert_eq!(first, [1, 8, 15]);
    }

    #[test]
    fn a_file_that_grows_is_read_on() {
        let directory = crate::sample::TempDir::new();
        let path = directory.path().join("file");
        fs::write(&path, "one\ntw").unwrap();
        let mut reader = Reader::new(File::open(&path).unwrap());
        assert_eq!(reader.next_line().unwrap().unwrap().bytes(), b"one");
        assert_eq!(reader.next_line().unwrap(), None);
        assert_eq!(reader.torn(), 2);
        fs::write(&path, "one\ntwo\n").unwrap();
        let line = reader.next_line().unwrap().unwrap();
        assert_eq!(
            (line.bytes(), line.number(), line.offset()),
            (&b"two"[..], 2, 4)
        );
        assert_eq!(reader.next_line().unwrap(), None);
        assert_eq!(reader.torn(), 0);
    }

    #[test]
    fn a_line_without_an_end_does_not_fill_the_memory() {
        let mut reader = Reader::new(io::repeat(b'x'));
        reader.longest = 3 << 20;
        let error = reader.next_line().unwrap_err();
        assert_eq!(error.to_string(), "line 1 is longer than 3 MiB");
    }

    proptest! {
        #[test]
        fn lines_are_those_of_the_bytes(
            text in prop::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..300),
            portions in prop::collection::vec(0_usize..9, 0..100),
        ) {
            let mut reader = Reader::new(Portions(&text, portions));
            let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
            let torn = lines.pop().unwrap();
            let mut offset = 0;
            for (at, line) in lines.into_iter().enumerate() {
                let placed = reader.next_line().unwrap().unwrap();
                prop_assert_eq!(placed.bytes(), line);
                prop_assert_eq!((placed.number(), placed.offset()), (at as u64 + 1, offset));
                offset += line.len() as u64 + 1;
            }
            prop_assert!(reader.next_line().unwrap().is_none());
            prop_assert_eq!((reader.torn(), reader.offset()), (torn.len() as u64, offset));
        }
    }
}
