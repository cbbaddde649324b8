//! Events that wait until their text is settled.

use std::collections::{HashSet, VecDeque};
use std::ops::Range;

use bytes::Bytes;

use crate::escape::{self, Cursor};
use crate::event::Event;
use crate::rewrite::{Splice, rewrite};
use crate::transform::Output;

/// What a waiting event takes beside its bytes, about.
const OVERHEAD: usize = 256;

/// The events that wait, in order, and the pieces of text in them.
#[derive(Default)]
pub(crate) struct Queue {
    held: VecDeque<Held>,
    /// The pieces of all events, in order.
    pieces: VecDeque<Piece>,
    bytes: usize,
    /// How many events with data have left.
    sent: u64,
}

struct Held {
    source: Source,
    /// How many of the pieces are this event's.
    pieces: usize,
    splices: Vec<Splice>,
    choice: Option<u32>,
}

enum Source {
    /// The event that is being looked at.
    Current,
    Event(Event),
    /// An event of our own.
    Written(Bytes),
}

/// A piece of a channel's text.
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) channel: u32,
    /// Where it is in the channel's text.
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// Where its spelling is in the event's data.
    pub(crate) raw: (u32, u32),
    pub(crate) settled: bool,
}

/// Replaces ranges of one channel's text, each after the last one, so that all of them together take one
/// walk.
pub(crate) struct Editor<'a> {
    held: &'a mut VecDeque<Held>,
    pieces: &'a VecDeque<Piece>,
    channel: u32,
    current: &'a [u8],
    /// The first event that more edits may be in, and how many pieces come before it.
    event: usize,
    before: usize,
    /// The first piece that more edits may be in.
    piece: usize,
    /// How far the spelling of a piece was walked.
    cursor: (usize, Cursor),
}

impl Editor<'_> {
    /// Replaces a range. Returns whether there was a place for the replacement.
    pub(crate) fn edit(&mut self, range: Range<u64>, with: &str) -> bool {
        let mut with = Some(with);
        let (mut event, mut before, mut at) = (self.event, self.before, self.piece);
        while let Some(piece) = self.pieces.get(at) {
            while let Some(held) = self.held.get(event)
                && at >= before + held.pieces
            {
                before += held.pieces;
                event += 1;
            }
            let index = at;
            at += 1;
            if piece.channel != self.channel || piece.end < range.start {
                if self.piece == index {
                    (self.event, self.before, self.piece) = (event, before, at);
                }
                continue;
            }
            let overlaps = piece.start < range.end && range.start < piece.end;
            let touches = range.is_empty() && (piece.start..=piece.end).contains(&range.start);
            if !(overlaps || (touches && with.is_some())) {
                if piece.start > range.end {
                    break;
                }
                continue;
            }
            let Some(held) = self.held.get_mut(event) else {
                break;
            };
            let data = match &held.source {
                Source::Current => self.current,
                Source::Event(event) => event.data().unwrap_or_default(),
                Source::Written(_) => continue,
            };
            if self.cursor.0 != index {
                self.cursor = (index, Cursor::default());
            }
            let (from, to) = (piece.raw.0 as usize, piece.raw.1 as usize);
            let within = |at: u64| (at.clamp(piece.start, piece.end) - piece.start) as usize;
            let raw = self.cursor.1.range(
                data.get(from..to).unwrap_or_default(),
                within(range.start)..within(range.end),
            );
            held.splices.push(Splice {
                start: from + raw.start,
                end: from + raw.end,
                with: with.take().map(escape::encode).unwrap_or_default(),
            });
            if range.end <= piece.end {
                break;
            }
        }
        with.is_none()
    }
}

impl Queue {
    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) const fn sent(&self) -> u64 {
        self.sent
    }

    pub(crate) fn clear(&mut self) {
        self.held.clear();
        self.pieces.clear();
        self.bytes = 0;
    }

    /// Lines up the event that is being looked at.
    pub(crate) fn push_current(&mut self, choice: Option<u32>) {
        self.push(Source::Current, choice);
    }

    pub(crate) fn push_written(&mut self, event: Bytes, choice: u32) {
        self.bytes += event.len() + OVERHEAD;
        self.push(Source::Written(event), Some(choice));
    }

    fn push(&mut self, source: Source, choice: Option<u32>) {
        if self.held.capacity() == 0 {
            // Most often one waits for the next.
            self.held.reserve_exact(2);
            self.pieces.reserve_exact(2);
        }
        self.held.push_back(Held {
            source,
            pieces: 0,
            splices: Vec::new(),
            choice,
        });
    }

    /// Adds a piece to the last event.
    pub(crate) fn push_piece(&mut self, piece: Piece) {
        if let Some(last) = self.held.back_mut() {
            last.pieces += 1;
            self.pieces.push_back(piece);
        }
    }

    /// The last event's only piece, if it has one and is alone.
    pub(crate) fn only_piece(&mut self) -> Option<&mut Piece> {
        match (self.held.len(), self.pieces.len()) {
            (1, 1) => self.pieces.back_mut(),
            _ => None,
        }
    }

    /// The text of a channel up to `until` is settled.
    #[inline]
    pub(crate) fn settle(&mut self, channel: u32, until: u64) {
        for piece in &mut self.pieces {
            if piece.channel == channel && piece.end <= until {
                piece.settled = true;
            }
        }
    }

    /// To replace ranges of a channel's text, as far as it waits. `current` is the data of the event that is
    /// being looked at.
    pub(crate) fn editor<'a>(&'a mut self, channel: u32, current: &'a [u8]) -> Editor<'a> {
        Editor {
            held: &mut self.held,
            pieces: &self.pieces,
            channel,
            current,
            event: 0,
            before: 0,
            piece: 0,
            cursor: (0, Cursor::default()),
        }
    }

    /// Changes the data of the last event.
    pub(crate) fn splice(&mut self, splice: Splice) {
        if let Some(last) = self.held.back_mut() {
            last.splices.push(splice);
        }
    }

    /// Whether the last event changes.
    pub(crate) fn changes_last(&self) -> bool {
        self.held
            .back()
            .is_some_and(|last| !last.splices.is_empty())
    }

    /// Takes the changes of the last event.
    pub(crate) fn take_splices(&mut self) -> Vec<Splice> {
        self.held
            .back_mut()
            .map(|last| std::mem::take(&mut last.splices))
            .unwrap_or_default()
    }

    /// Puts an event in place of the one that is being looked at, which has one piece. The piece begins at
    /// `start` now.
    pub(crate) fn replace_current(&mut self, event: Event, start: u64, raw: (u32, u32)) {
        if let (Some(last), Some(piece)) = (self.held.back_mut(), self.pieces.back_mut()) {
            self.bytes += event.raw().len() + OVERHEAD;
            last.source = Source::Event(event);
            piece.start = start;
            piece.raw = raw;
        }
    }

    /// Lets the events go that wait for nothing and for nobody before them.
    #[inline]
    pub(crate) fn release(&mut self, current: Option<&Event>, out: &mut Output<'_>) {
        while let Some(front) = self.held.front() {
            if !self
                .pieces
                .iter()
                .take(front.pieces)
                .all(|piece| piece.settled)
            {
                return;
            }
            self.pieces.drain(..front.pieces);
            if let Some(held) = self.held.pop_front() {
                self.send(held, current, out);
            }
        }
    }

    /// Keeps the event that is being looked at, if it has not left.
    #[inline]
    pub(crate) fn keep(&mut self, current: &Event) {
        if let Some(last) = self.held.back_mut()
            && matches!(last.source, Source::Current)
        {
            self.bytes += current.raw().len() + OVERHEAD;
            last.source = Source::Event(current.clone());
        }
    }

    /// Lets events of other choices go ahead of those that wait for text.
    pub(crate) fn overtake(&mut self, out: &mut Output<'_>) {
        let Some(first) = self.first_to_overtake() else {
            return;
        };
        // One turn of the queue: what stays goes to the back, in order.
        let mut stalled = HashSet::new();
        let mut is_blocked = false;
        for index in 0..self.held.len() {
            let Some(held) = self.held.pop_front() else {
                return;
            };
            let pieces = held.pieces;
            is_blocked |= held.choice.is_none();
            let waits = self.pieces.iter().take(pieces).any(|piece| !piece.settled);
            let goes = index >= first
                && !is_blocked
                && !waits
                && held.choice.is_none_or(|choice| !stalled.contains(&choice));
            if goes {
                self.pieces.drain(..pieces);
                self.send(held, None, out);
            } else {
                stalled.extend(held.choice);
                self.pieces.rotate_left(pieces);
                self.held.push_back(held);
            }
        }
    }

    /// The first event that may go ahead of those before it.
    fn first_to_overtake(&self) -> Option<usize> {
        let mut stalled = HashSet::new();
        let mut pieces = self.pieces.iter();
        for (index, held) in self.held.iter().enumerate() {
            // What is about all choices, or none, stays where it is among them.
            let choice = held.choice?;
            let mut pieces = pieces.by_ref().take(held.pieces);
            let waits = pieces.any(|piece| !piece.settled);
            pieces.by_ref().for_each(drop);
            if !waits && !stalled.contains(&choice) {
                return Some(index);
            }
            stalled.insert(choice);
        }
        None
    }

    #[inline]
    fn send(&mut self, held: Held, current: Option<&Event>, out: &mut Output<'_>) {
        let event = match &held.source {
            Source::Current => current,
            Source::Event(event) => {
                self.bytes -= event.raw().len() + OVERHEAD;
                Some(event)
            }
            Source::Written(bytes) => {
                self.bytes -= bytes.len() + OVERHEAD;
                self.sent += 1;
                return out.insert(bytes.clone());
            }
        };
        let Some(event) = event else { return };
        self.sent += u64::from(event.data().is_some());
        if !held.splices.is_empty() {
            let data = rewrite(event.data().unwrap_or_default(), &held.splices);
            out.insert(event.with_data(&data));
        } else if matches!(held.source, Source::Current) {
            out.pass();
        } else {
            out.insert_event(event);
        }
    }
}
