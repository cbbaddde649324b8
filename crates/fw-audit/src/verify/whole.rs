//! Pieces put together: what only shows at their seams, and in the log as a whole.

use super::bad::{Bad, Flaw};
use super::options::VerifyOptions;
use super::piece::{Counts, Piece, Range, signature};
use crate::chain::{Chain, Hash, Head};
use crate::format::{Kind, Line, Segment, VERSION};
use crate::keys::PublicKey;
use crate::reader::Segments;

/// A log that is as it was written, and what it holds.
#[derive(Clone, Debug)]
pub struct Verified {
    segments: usize,
    bytes: u64,
    first: u64,
    head: Head,
    counts: Counts,
    torn: u64,
    expected: Option<u64>,
    key_beside_log: bool,
}

/// A log, as far as its pieces have been put together.
pub(super) struct Whole<'a> {
    segments: &'a Segments,
    keys: &'a [PublicKey],
    /// The file of the last piece.
    file: Option<&'a str>,
    /// Lines of that file so far.
    lines: u64,
    /// The last line's kind and the chain up to it.
    last: Option<(Kind, Chain)>,
    /// What came before the first line that is there.
    beginning: Head,
    counts: Counts,
    expected: Option<u64>,
    torn: u64,
}

// === impl Whole ===

impl<'a> Whole<'a> {
    pub(super) fn new(segments: &'a Segments, keys: &'a [PublicKey]) -> Self {
        Self {
            segments,
            keys,
            file: None,
            lines: 0,
            last: None,
            beginning: Head::default(),
            counts: Counts::default(),
            expected: None,
            torn: 0,
        }
    }

    /// Adds the next piece.
    pub(super) fn add(&mut self, range: Range<'a>, piece: Piece) -> Result<(), Bad> {
        let name = range.file.name();
        let before = self.file;
        if range.start == 0 {
            if let Some(before) = before {
                self.end_of_file(before)?;
            }
            self.file = Some(name);
            self.lines = 0;
            self.torn = 0;
        }
        if let Some(first) = &piece.first {
            // It was parsed once, so it can be again.
            let line = Line::parse(first)
                .map_err(|error| Bad::line(name, self.lines + 1, None, Flaw::Form(error)))?;
            let fits = if self.lines == 0 {
                self.first_line(&line, range, before)
            } else {
                self.seam(&line)
            };
            fits.map_err(|flaw| Bad::line(name, self.lines + 1, Some(line.seq()), flaw))?;
        }
        if let Some((line, seq, flaw)) = piece.flaw {
            return Err(Bad::line(name, self.lines + line, seq, flaw));
        }
        self.lines += piece.lines;
        // A beginning of a line may be longer than a piece, and only the piece that it begins in knows it.
        self.torn = self.torn.max(piece.torn);
        self.counts.add(&piece.counts);
        self.expected = self.expected.or(piece.expected);
        // After one line the chain is where that line has led it.
        if piece.lines > 1 {
            self.last = piece.last;
        }
        Ok(())
    }

    /// The first line of a file: it says what it goes on from.
    fn first_line(
        &mut self,
        line: &Line<'_>,
        range: Range<'_>,
        before: Option<&str>,
    ) -> Result<(), Flaw> {
        if line.kind() != Kind::Segment {
            return Err(Flaw::NotASegment);
        }
        let members: Segment = line.read().map_err(|_| Flaw::Members)?;
        if members.version != VERSION {
            return Err(Flaw::Version(members.version));
        }
        if line.seq() != range.file.first() {
            let first = range.file.first();
            return Err(Flaw::Name { first });
        }
        if !self
            .keys
            .iter()
            .any(|key| key.to_string() == members.public_key)
        {
            return Err(Flaw::UnknownKey(members.public_key));
        }
        let (kind, chain) = if let Some((kind, chain)) = &mut self.last {
            if members.previous.as_deref() != before {
                return Err(Flaw::Before {
                    named: members.previous,
                    there: before.map(str::to_owned),
                });
            }
            if members.previous_hash != *chain.last() {
                return Err(Flaw::BeforeHash);
            }
            (kind, chain)
        } else {
            self.beginning = Head {
                seq: line.seq() - 1,
                hash: members.previous_hash,
            };
            let first_ever = members.previous.is_none();
            if first_ever != (line.seq() == 1 && members.previous_hash == Hash::ZERO) {
                return Err(Flaw::Members);
            }
            let chain = Chain::new(self.beginning, self.beginning.hash);
            let (kind, chain) = self.last.insert((Kind::Segment, chain));
            (kind, chain)
        };
        *kind = Kind::Segment;
        chain.check(line).map_err(Flaw::Chain)
    }

    /// The first line of a piece that goes on with a file.
    fn seam(&mut self, line: &Line<'_>) -> Result<(), Flaw> {
        let Some((kind, chain)) = &mut self.last else {
            return Err(Flaw::NotASegment);
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
        signature(line, &before, self.keys)
    }

    /// A file that others follow is whole.
    fn end_of_file(&self, name: &str) -> Result<(), Bad> {
        if self.torn > 0 {
            return Err(Bad::line(name, self.lines + 1, None, Flaw::Torn));
        }
        if self.lines == 0 {
            return Err(Bad::file(name, Flaw::Empty));
        }
        Ok(())
    }

    /// What the log as a whole must fulfil.
    pub(super) fn finish(
        self,
        options: &VerifyOptions,
        key_beside_log: bool,
    ) -> Result<Verified, Bad> {
        if self.lines == 0 && self.counts.lines == 0 {
            return Err(Bad::whole(Flaw::NoLog));
        }
        if let (Some(name), Some((Kind::Seal, _)), true) = (self.file, &self.last, self.torn > 0) {
            return Err(Bad::line(name, self.lines + 1, None, Flaw::AfterSeal));
        }
        let removed = self.counts.tombstone;
        if let (Some(file), true) = (self.segments.iter().next(), self.beginning.seq > 0) {
            let before = self.beginning.seq;
            let flaw = match removed {
                Some((up_to, _)) if up_to > before => None,
                Some((up_to, hash)) if up_to == before => {
                    (hash != self.beginning.hash).then_some(Flaw::BeginningHash)
                }
                _ => Some(Flaw::NoBeginning {
                    before,
                    removed: removed.map(|(up_to, _)| up_to),
                }),
            };
            if let Some(flaw) = flaw {
                return Err(Bad::file(file.name(), flaw));
            }
        }
        let mut expected = self.expected;
        if let (Some(head), None) = (options.head(), expected) {
            match removed {
                Some((up_to, hash)) if hash == *head => expected = Some(up_to),
                _ => {
                    return Err(Bad::whole(Flaw::HeadMissing {
                        hash: *head,
                        removed: removed.map(|(up_to, _)| up_to),
                    }));
                }
            }
        }
        if options.wants_signed_end() && self.counts.unsigned > 0 {
            return Err(Bad::whole(Flaw::UnsignedEnd(self.counts.unsigned)));
        }
        let (most, limit) = (self.counts.unsigned_most, options.max_unsigned_records());
        if let Some(limit) = limit.filter(|limit| most > *limit) {
            return Err(Bad::whole(Flaw::UnsignedRun { most, limit }));
        }
        Ok(Verified {
            segments: self.segments.len(),
            bytes: self.segments.bytes() - self.torn,
            first: self.beginning.seq + 1,
            head: self.last.map_or(self.beginning, |(_, chain)| chain.head()),
            counts: self.counts,
            torn: self.torn,
            expected,
            key_beside_log,
        })
    }
}

// === impl Verified ===

impl Verified {
    /// Files.
    #[must_use]
    pub fn segments(&self) -> usize {
        self.segments
    }

    /// Bytes of whole lines.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Lines with a number, those of the log's own among them.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.counts.lines
    }

    /// Records that were appended.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.counts.records
    }

    /// Records that the log says it could not take.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.counts.dropped
    }

    /// The number of the first line that is there: 1, unless retention removed older ones.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The last line. Keep it elsewhere, to prove later that nothing was cut off.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// The last number that retention removed, with its hash.
    #[must_use]
    pub fn removed(&self) -> Option<Head> {
        let (seq, hash) = self.counts.tombstone?;
        Some(Head { seq, hash })
    }

    /// Signatures, all of them right.
    #[must_use]
    pub fn signatures(&self) -> u64 {
        self.counts.signatures
    }

    /// Records after the last signature: they hang on the chain alone.
    #[must_use]
    pub fn unsigned(&self) -> u64 {
        self.counts.unsigned
    }

    /// The most records in a row without a signature among them.
    #[must_use]
    pub fn unsigned_most(&self) -> u64 {
        self.counts.unsigned_most
    }

    /// Bytes after the last line end: a line that is being written, or was when the process ended.
    #[must_use]
    pub fn torn(&self) -> u64 {
        self.torn
    }

    /// The number of the line with the expected head, where there was one to expect.
    #[must_use]
    pub fn expected_head(&self) -> Option<u64> {
        self.expected
    }

    /// Whether the key was the one beside the log, which proves little.
    #[must_use]
    pub fn key_beside_log(&self) -> bool {
        self.key_beside_log
    }
}
