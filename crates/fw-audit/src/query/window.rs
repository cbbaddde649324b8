//! Lines of a file, read some at a time where they are close together.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// How much is read at once where lines are close together, in bytes.
const CHUNK: u64 = 256 << 10;

/// A part of a file.
#[derive(Debug)]
pub(super) struct Window {
    file: File,
    buffer: Vec<u8>,
    start: u64,
}

impl Window {
    pub(super) fn new(file: File) -> Self {
        Self {
            file,
            buffer: Vec::new(),
            start: 0,
        }
    }

    /// The bytes of a file from one place to another. `later` is a place that will be asked for soon.
    pub(super) fn bytes(&mut self, from: u64, to: u64, later: Option<u64>) -> io::Result<&[u8]> {
        let end = self.start + self.buffer.len() as u64;
        if from < self.start || to > end {
            let (mut start, mut end) = (from, to);
            match later {
                Some(later) if later > from && later - from < CHUNK => end = to.max(from + CHUNK),
                Some(later) if later < from && from - later < CHUNK => {
                    start = from.min(to.saturating_sub(CHUNK));
                }
                _ => {}
            }
            self.buffer.clear();
            self.start = start;
            self.file.seek(SeekFrom::Start(start))?;
            (&self.file)
                .take(end - start)
                .read_to_end(&mut self.buffer)?;
        }
        let range = usize::try_from(from - self.start)
            .ok()
            .zip(usize::try_from(to - self.start).ok());
        range
            .and_then(|(from, to)| self.buffer.get(from..to))
            .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
    }
}
