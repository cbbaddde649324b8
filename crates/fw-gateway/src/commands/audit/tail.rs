//! `audit tail`.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use fw_audit::{Found, Query, Reader, SegmentFile, Segments};

use super::table::Table;
use super::{CommandError, flushed, unreadable};
use crate::cli::TailArgs;

/// How often is looked for new records.
const PAUSE: Duration = Duration::from_millis(200);

/// Prints the last records, and goes on with those that come if asked to.
pub(super) fn tail(
    args: &TailArgs,
    directory: &Path,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    let unreadable = |error: io::Error| unreadable(directory, &error);
    let segments = Segments::list(directory).map_err(unreadable)?;
    let mut last = 0;
    let mut found: Vec<Found> = Query::new()
        .newest_first()
        .limit(args.records)
        .run(directory)
        .and_then(Iterator::collect)
        .map_err(unreadable)?;
    found.reverse();
    let mut printer = Printer {
        table: Table::new(),
        json: args.json,
    };
    for found in &found {
        last = found.seq();
        let written = printer.print(found, output);
        if written.is_err() {
            return flushed(written);
        }
    }
    if !args.follow {
        return Ok(());
    }
    if let (0, Some(segment)) = (last, segments.last()) {
        // Nothing was asked for or found: what is there now is not new.
        last = segments
            .head()
            .map_err(unreadable)?
            .seq
            .max(segment.first() - 1);
    }
    flushed(output.flush())?;
    let mut follower = Follower::new(segments.last().cloned(), last);
    loop {
        let mut written = Ok(());
        follower
            .read(directory, |found| {
                if written.is_ok() {
                    written = printer.print(&found, output);
                }
            })
            .map_err(unreadable)?;
        let written = written.and_then(|()| output.flush());
        if written.is_err() {
            return flushed(written);
        }
        thread::sleep(PAUSE);
    }
}

struct Printer {
    table: Table,
    json: bool,
}

impl Printer {
    fn print(&mut self, found: &Found, output: &mut impl Write) -> io::Result<()> {
        if self.json {
            output.write_all(found.bytes())?;
            return output.write_all(b"\n");
        }
        self.table.write(found, output)
    }
}

/// Reads on where a log grows.
struct Follower {
    current: Option<(SegmentFile, Reader<File>)>,
    /// The segment to begin with.
    begin: Option<SegmentFile>,
    /// The last record that was seen.
    last: u64,
}

impl Follower {
    fn new(begin: Option<SegmentFile>, last: u64) -> Self {
        Self {
            current: None,
            begin,
            last,
        }
    }

    /// Hands out the records that have come.
    fn read(&mut self, directory: &Path, mut record: impl FnMut(Found)) -> io::Result<()> {
        if self.current.is_none() {
            let begin = match self.begin.take() {
                Some(begin) => Some(begin),
                None => Segments::list(directory)?.last().cloned(),
            };
            let Some(begin) = begin else { return Ok(()) };
            let Some(reader) = open(&begin)? else {
                // Only a log that is taken away loses its newest file: what comes is another one.
                self.last = 0;
                return Ok(());
            };
            self.current = Some((begin, reader));
        }
        loop {
            // Listed before it is read to its end: what is in the next one comes after all of this one.
            let segments = Segments::list(directory)?;
            let Some((segment, reader)) = &mut self.current else {
                return Ok(());
            };
            if is_another_log(&segments, segment, reader) {
                // What was shown was of the one before: this one is new from its beginning.
                let Some(first) = segments.iter().next() else {
                    return Ok(());
                };
                let Some(reader) = open(first)? else {
                    return Ok(());
                };
                self.last = 0;
                self.current = Some((first.clone(), reader));
                continue;
            }
            let next = segments.iter().find(|next| next.first() > segment.first());
            while let Some(placed) = reader.next_line()? {
                let Some(found) = Found::from_line(segment.name(), &placed) else {
                    continue;
                };
                if found.seq() > self.last {
                    self.last = found.seq();
                    record(found);
                }
            }
            let Some(next) = next else { return Ok(()) };
            let Some(reader) = open(next)? else {
                return Ok(());
            };
            self.current = Some((next.clone(), reader));
        }
    }
}

/// Opens a file of the log. `None` if it was taken away since it was listed.
fn open(segment: &SegmentFile) -> io::Result<Option<Reader<File>>> {
    match File::open(segment.path()) {
        Ok(file) => Ok(Some(Reader::new(file))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the log was begun anew: its files have lower numbers, or this one is shorter than it was.
fn is_another_log(segments: &Segments, segment: &SegmentFile, reader: &Reader<File>) -> bool {
    match segments.last() {
        Some(last) if last.first() == segment.first() => last.bytes() < reader.offset(),
        Some(last) => last.first() < segment.first(),
        None => false,
    }
}
