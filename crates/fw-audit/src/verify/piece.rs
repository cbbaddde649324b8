//! A run of lines of one file, checked by itself.
//!
//! Each line's hash begins with the hash that the line before claims to have, so a piece needs nothing from
//! the one before it but that hash. Its first line is set aside until that is known.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::bad::Flaw;
use crate::chain::{Chain, Hash, Head};
use crate::format::{Dropped, Kind, Line, Tombstone};
use crate::keys::PublicKey;
use crate::reader::{Reader, SegmentFile};

/// Which bytes of which file. Lines that begin in it belong to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range<'a> {
    pub(super) file: &'a SegmentFile,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// What a piece says about itself.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// Its first line.
    pub(super) first: Option<Vec<u8>>,
    /// The last line's kind, and its hash.
    pub(super) last: Option<(Kind, Chain)>,
    /// What is wrong, and in which line of the piece; the lines after it have not been looked at.
    pub(super) flaw: Option<(u64, Option<u64>, Flaw)>,
    pub(super) counts: Counts,
    /// The line that has the hash that was asked for.
    pub(super) expected: Option<u64>,
    /// Lines that are right, those without a number among them.
    pub(super) lines: u64,
    /// Bytes after the last line end.
    pub(super) torn: u64,
}

/// What has been counted, over a piece or the whole log.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) lines: u64,
    pub(super) records: u64,
    pub(super) dropped: u64,
    pub(super) signatures: u64,
    /// Records after the last signature.
    pub(super) unsigned: u64,
    /// Records before the first signature, if there is one.
    pub(super) unsigned_first: u64,
    /// The most records in a row without a signature among them.
    pub(super) unsigned_most: u64,
    /// The one that speaks for the most.
    pub(super) tombstone: Option<(u64, Hash)>,
}

// === impl Piece ===

impl Piece {
    /// Reads and checks a range.
    pub(super) fn check(
        range: Range<'_>,
        keys: &[PublicKey],
        expected: Option<&Hash>,
    ) -> io::Result<Self> {
        let mut file = File::open(range.file.path())?;
        let mut piece = Self::default();
        // A line that begins before the range belongs to the piece before. Whether one begins right at its
        // start, the byte before it tells.
        let back = u64::from(range.start > 0);
        file.seek(SeekFrom::Start(range.start - back))?;
        let source = file.take(range.file.bytes() - (range.start - back));
        let mut reader = Reader::at(range.start - back, source);
        if range.start > 0 {
            // A line without an end, or too long a one, is reported by the piece that it begins in.
            match reader.next_line() {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(piece),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(piece),
                Err(error) => return Err(error),
            }
        }
        let mut number = 0;
        while reader.offset() < range.end {
            number += 1;
            let placed = match reader.next_line() {
                Ok(Some(placed)) => placed,
                Ok(None) => {
                    piece.torn = reader.torn();
                    // A line that is not yet whole is the beginning of one. More than a whole line is not.
                    let (_, beginning) = reader.tail().split_last().unwrap_or((&0, &[]));
                    if Line::parse(beginning).is_ok() {
                        piece.flaw = Some((number, None, Flaw::LineEnd));
                    }
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    piece.flaw = Some((number, None, Flaw::TooLong));
                    break;
                }
                Err(error) => return Err(error),
            };
            let line = match placed.parse() {
                Ok(line) => line,
                Err(error) => {
                    piece.flaw = Some((number, None, Flaw::Form(error)));
                    break;
                }
            };
            if let Err(flaw) = piece.line(&line, keys) {
                piece.flaw = Some((number, Some(line.seq()), flaw));
                break;
            }
            piece.lines += 1;
            if expected == Some(&line.hash()) {
                piece.expected = Some(line.seq());
            }
        }
        Ok(piece)
    }

    /// Goes on by one line.
    fn line(&mut self, line: &Line<'_>, keys: &[PublicKey]) -> Result<(), Flaw> {
        if line.seq() == 0 || line.seq() == u64::MAX {
            return Err(Flaw::Number);
        }
        let Some((kind, chain)) = &mut self.last else {
            let before = Head {
                seq: line.seq() - 1,
                hash: Hash::ZERO,
            };
            let mut chain = Chain::new(before, Hash::ZERO);
            chain.advance(line.kind(), line.hash());
            self.first = Some(line.bytes().to_vec());
            self.last = Some((line.kind(), chain));
            // Its signature waits for the hash before it, too.
            return self.counts.line(line);
        };
        if line.kind() == Kind::Segment {
            return Err(Flaw::SegmentInside);
        }
        if *kind == Kind::Seal {
            return Err(Flaw::AfterSeal);
        }
        let before = *chain.last();
        chain.check(line).map_err(Flaw::Chain)?;
        *kind = line.kind();
        signature(line, &before, keys)?;
        self.counts.line(line)
    }
}

/// Checks the signature of a line that must have one.
pub(super) fn signature(line: &Line<'_>, before: &Hash, keys: &[PublicKey]) -> Result<(), Flaw> {
    if !line.kind().is_signed() {
        return Ok(());
    }
    if line.signed().is_none() {
        return Err(Flaw::NoSignature);
    }
    if keys.iter().any(|key| key.verify(before, line)) {
        Ok(())
    } else {
        Err(Flaw::Signature)
    }
}

// === impl Counts ===

impl Counts {
    fn line(&mut self, line: &Line<'_>) -> Result<(), Flaw> {
        self.lines += u64::from(line.kind() != Kind::Segment);
        if line.kind().is_signed() {
            if self.signatures == 0 {
                self.unsigned_first = self.unsigned;
            }
            self.signatures += 1;
            self.unsigned = 0;
        } else if line.kind().is_record() {
            self.records += 1;
            self.unsigned += 1;
            self.unsigned_most = self.unsigned_most.max(self.unsigned);
        }
        match line.kind() {
            Kind::Dropped => {
                let dropped: Dropped = line.read().map_err(|_| Flaw::Members)?;
                self.dropped = self.dropped.saturating_add(dropped.count);
            }
            Kind::Tombstone => {
                let stone: Tombstone = line.read().map_err(|_| Flaw::Members)?;
                self.tombstone = self.tombstone.max(Some((stone.up_to, stone.up_to_hash)));
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds what came after.
    pub(super) fn add(&mut self, next: &Self) {
        self.lines += next.lines;
        self.records += next.records;
        self.dropped = self.dropped.saturating_add(next.dropped);
        let (joined, unsigned) = if next.signatures > 0 {
            (self.unsigned + next.unsigned_first, next.unsigned)
        } else {
            (self.unsigned + next.unsigned, self.unsigned + next.unsigned)
        };
        if self.signatures == 0 && next.signatures > 0 {
            self.unsigned_first = joined;
        }
        self.unsigned_most = self.unsigned_most.max(next.unsigned_most).max(joined);
        self.unsigned = unsigned;
        self.signatures += next.signatures;
        self.tombstone = self.tombstone.max(next.tombstone);
    }
}
