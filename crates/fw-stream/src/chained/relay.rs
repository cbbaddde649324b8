//! The text between two filters.

use std::collections::VecDeque;
use std::fmt;
use std::mem;

use fw_wire::ApiError;

use crate::filter::{Edits, TextFilter, Window};
use crate::pending::{Pending, run};

/// What the first filter made of a text, for the second to read, with the places where it came from.
///
/// It is open from the first change that the first filter makes until the second has left that change
/// behind, context included. In between, and in most texts always, the second reads the source itself.
pub(super) struct Relay {
    open: bool,
    /// Text that the second has settled, for context, and all that it has not.
    text: String,
    /// Where in `text` the part begins that the second has not settled, and the part it has not seen.
    start: usize,
    shown: usize,
    /// How much text went before `text`. Places in the text between are counted with it.
    dropped: usize,
    /// How much of the source both have settled, and where its pieces end, counted from the opening.
    settled: usize,
    read: usize,
    /// Where the last change ends.
    changed: usize,
    pieces: VecDeque<Piece>,
    pending: Pending,
}

/// A stretch of the source, and the place of what became of it.
#[derive(Clone, Copy)]
struct Piece {
    copied: bool,
    source: usize,
    source_len: usize,
    place: usize,
    len: usize,
}

impl Piece {
    const fn end(&self) -> usize {
        self.place + self.len
    }

    /// Takes the first bytes of a copied piece away.
    const fn split_front(&mut self, len: usize) -> Self {
        let front = Self {
            source_len: len,
            len,
            ..*self
        };
        self.source += len;
        self.source_len -= len;
        self.place += len;
        self.len -= len;
        front
    }
}

// === impl Relay ===

impl Relay {
    pub(super) const fn new() -> Self {
        Self {
            open: false,
            text: String::new(),
            start: 0,
            shown: 0,
            dropped: 0,
            settled: 0,
            read: 0,
            changed: 0,
            pieces: VecDeque::new(),
            pending: Pending::new(),
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.open
    }

    /// Starts with what the second has seen up to now: settled text before `start`, of which it wants so
    /// much as `context`, and unsettled text up to `shown`.
    pub(super) fn open(&mut self, source: &str, start: usize, shown: usize, context: usize) {
        self.close();
        self.open = true;
        let cut = source.floor_char_boundary(start.saturating_sub(context));
        self.text
            .push_str(source.get(cut..start).unwrap_or_default());
        self.start = self.text.len();
        self.copy(source.get(start..shown).unwrap_or_default());
        self.shown = self.text.len();
    }

    /// Forgets everything and keeps the memory.
    pub(super) fn close(&mut self) {
        self.open = false;
        self.text.clear();
        self.pieces.clear();
        self.pending.clear();
        (self.start, self.shown, self.dropped) = (0, 0, 0);
        (self.settled, self.read, self.changed) = (0, 0, 0);
    }

    /// Adds text that the first left as it was.
    pub(super) fn copy(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.pieces.back_mut() {
            Some(last) if last.copied => {
                last.source_len += text.len();
                last.len += text.len();
                self.read += text.len();
                self.text.push_str(text);
            }
            _ => self.push(true, text.len(), text),
        }
    }

    /// Adds what the first made of so many bytes of the source.
    pub(super) fn replace(&mut self, source_len: usize, with: &str) {
        self.push(false, source_len, with);
        self.changed = self.place();
    }

    fn push(&mut self, copied: bool, source_len: usize, text: &str) {
        self.pieces.push_back(Piece {
            copied,
            source: self.read,
            source_len,
            place: self.place(),
            len: text.len(),
        });
        self.read += source_len;
        self.text.push_str(text);
    }

    /// Where the text ends.
    fn place(&self) -> usize {
        self.dropped + self.text.len()
    }

    /// Shows the second what is new.
    pub(super) fn scan(
        &mut self,
        second: &mut impl TextFilter,
        end: bool,
        found: &mut Edits,
    ) -> Result<(), Box<ApiError>> {
        let context = self.start.saturating_sub(second.context());
        let cut = self.text.floor_char_boundary(context);
        let text = self.text.get(cut..).unwrap_or_default();
        let view = Window::new(text, self.start - cut, self.shown - cut, end);
        let settled = run(second, &view, found)?;
        self.pending.add(found, &view, self.dropped + cut);
        self.start = cut + settled;
        self.shown = self.text.len();
        Ok(())
    }

    /// Says what both have settled as changes of the source, which is settled up to `base` as yet. Gives how
    /// much more of it is settled now.
    ///
    /// What the first wrote leaves as a whole: the source cannot be settled within it.
    pub(super) fn settle(&mut self, base: usize, edits: &mut Edits) -> usize {
        let before = self.settled;
        let index = |source: usize| base + (source - before);
        let until = self.dropped + self.start;
        while let Some(piece) = self.pieces.front_mut() {
            let is_whole = piece.end() <= until;
            let part = if is_whole {
                *piece
            } else if piece.copied && piece.place < until {
                piece.split_front(until - piece.place)
            } else {
                break;
            };
            let source = index(part.source);
            if part.copied {
                self.pending
                    .within(part.place..part.end(), true, |range, with| {
                        let start = source + (range.start - part.place);
                        edits.replace(start..start + range.len(), mem::take(with));
                    });
            } else {
                let text = rewritten(&self.text, self.dropped, part, &mut self.pending);
                edits.replace(source..source + part.source_len, text);
            }
            self.settled = part.source + part.source_len;
            if is_whole {
                self.pieces.pop_front();
            }
        }
        if self.pieces.is_empty() {
            // What is put after all that there is has no piece to go into.
            let end = index(self.settled);
            self.pending.within(until..until, true, |_, with| {
                edits.replace(end..end, mem::take(with));
            });
        }
        self.settled - before
    }

    /// Forgets text that is not needed any more, and closes where the text is the source again.
    pub(super) fn forget(&mut self, context: usize) {
        let mut cut = self.start.saturating_sub(context);
        if let Some(piece) = self.pieces.front() {
            cut = cut.min(piece.place.saturating_sub(self.dropped));
        }
        let cut = self.text.floor_char_boundary(cut);
        self.text.drain(..cut);
        self.start -= cut;
        self.shown -= cut;
        self.dropped += cut;
        let has_context = self.start >= context && self.dropped >= self.changed;
        let is_source = self.pieces.iter().all(|piece| piece.copied);
        if has_context && is_source && self.pending.len() == 0 {
            self.close();
        }
    }
}

/// What the second made of something that the first wrote.
fn rewritten(text: &str, dropped: usize, piece: Piece, pending: &mut Pending) -> String {
    let part = |from: usize, to: usize| text.get(from - dropped..to - dropped).unwrap_or_default();
    let mut out = String::new();
    let mut at = piece.place;
    pending.within(piece.place..piece.end(), true, |range, with| {
        out.push_str(part(at, range.start));
        out.push_str(&mem::take(with));
        at = range.end;
    });
    out.push_str(part(at, piece.end()));
    out
}

impl fmt::Debug for Relay {
    /// Lengths only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("open", &self.open)
            .field("held_len", &(self.text.len() - self.start))
            .field("pending", &self.pending.len())
            .finish()
    }
}
