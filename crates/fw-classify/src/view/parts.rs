//! The pieces of a text that were decoded, as many as there is room for.

use std::ops::Range;

use super::inline::Decoded;
use crate::offsets::Draft;

/// A piece that has to be cut is worth no less than this. If there is not so much room for each, those in the middle
/// are left out.
const MIN_PIECE: usize = 64;

/// Pieces of a text.
///
/// What is too much for the room is cut where it is longest, so that a long piece, however often it comes and wherever
/// it stands, does not take the room of a short one. Of a piece that is cut, the beginning and the end stay.
#[derive(Debug)]
pub(super) struct Parts {
    room: usize,
    pieces: Vec<Draft>,
    len: usize,
    cut: bool,
}

impl Parts {
    pub(super) fn new(room: usize) -> Self {
        Self {
            room,
            pieces: Vec::new(),
            len: 0,
            cut: false,
        }
    }

    /// Adds the text that `source` stands for.
    pub(super) fn add(&mut self, text: &str, source: Range<usize>) {
        let mut draft = Draft::default();
        draft.block(text, source);
        self.push(draft);
    }

    /// Adds a piece.
    pub(super) fn push(&mut self, draft: Draft) {
        if draft.text.is_empty() {
            return;
        }
        self.len += draft.text.len() + 1;
        self.pieces.push(draft);
        // Twice the room, so that each byte is looked at a few times only.
        if self.len > self.room.saturating_mul(2) {
            self.shorten(self.room);
        }
    }

    /// Keeps a piece that is not added yet in bounds.
    pub(super) fn bound(&mut self, draft: &mut Draft) {
        if draft.text.len() > self.room.saturating_mul(2) {
            self.cut |= draft.shorten(self.room);
        }
    }

    /// What was found, if it was anything.
    pub(super) fn finish(self) -> Option<Decoded> {
        (!self.pieces.is_empty() || self.cut).then_some(Decoded {
            parts: self,
            hidden: true,
        })
    }

    /// The texts of the pieces.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().map(|piece| piece.text.as_str())
    }

    /// How long all pieces are together.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The pieces in their order, one a line, in at most `room` bytes, and whether that is all of them.
    pub(super) fn joined(mut self, room: usize) -> (Draft, bool) {
        self.shorten(room);
        let mut joined = Draft::default();
        for piece in &self.pieces {
            if !joined.text.is_empty() {
                let start = piece.offsets.source(0..1).start;
                joined.block("\n", start..start);
            }
            joined.append(piece);
        }
        self.cut |= joined.shorten(room);
        (joined, !self.cut)
    }

    /// Cuts the longest pieces until all of them have room.
    fn shorten(&mut self, room: usize) {
        if self.len <= room {
            return;
        }
        self.cut = true;
        let most = (room / (MIN_PIECE + 1)).max(1);
        if self.pieces.len() > most {
            // The short ones stay if they can: a short one costs little, and may be all that is hidden.
            let shares = self.pieces.iter().map(|piece| piece.text.len() + 1);
            if share(shares, room) < MIN_PIECE + 1 {
                let tail = self.pieces.len() - most / 2;
                self.pieces.drain(most - most / 2..tail);
            }
        }
        let share = share(self.pieces.iter().map(|piece| piece.text.len() + 1), room);
        for piece in &mut self.pieces {
            piece.shorten(share.saturating_sub(1));
        }
        self.pieces.retain(|piece| !piece.text.is_empty());
        self.len = self.pieces.iter().map(|piece| piece.text.len() + 1).sum();
    }
}

/// How much each may have, so that all of `lengths` together have no more than `room`: the short ones all they need,
/// the long ones the same.
pub(super) fn share(lengths: impl Iterator<Item = usize>, room: usize) -> usize {
    let mut lengths: Vec<usize> = lengths.collect();
    lengths.sort_unstable();
    let mut left = room;
    for (index, len) in lengths.iter().enumerate() {
        let each = left / (lengths.len() - index);
        if *len > each {
            return each;
        }
        left -= len;
    }
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_ones_have_all_they_need() {
        assert_eq!(share([1, 2, 3].into_iter(), 6), usize::MAX);
        assert_eq!(share([10, 2, 30].into_iter(), 20), 9);
        assert_eq!(share([10, 10].into_iter(), 5), 2);
        assert_eq!(share([].into_iter(), 5), usize::MAX);
    }

    #[test]
    fn a_long_piece_does_not_take_the_room_of_a_short_one() {
        let long = format!("begin{}end", "x".repeat(10_000));
        for order in [[0, 1, 2], [1, 0, 2], [1, 2, 0]] {
            let mut parts = Parts::new(500);
            for (at, index) in order.into_iter().enumerate() {
                parts.add(["hidden", &long, &long][index], at..at + 1);
            }
            let (draft, complete) = parts.joined(500);
            assert!(!complete);
            assert!(draft.text.len() <= 500);
            assert!(draft.text.contains("hidden"));
            assert!(draft.text.contains("begin") && draft.text.contains("end"));
        }
    }

    #[test]
    fn of_many_pieces_the_first_and_the_last_stay() {
        let mut parts = Parts::new(1000);
        parts.add("first", 0..1);
        for at in 1..5000 {
            parts.add(&"x".repeat(100), at..at + 1);
        }
        parts.add("last", 5000..5001);
        let (draft, complete) = parts.joined(1000);
        assert!(!complete);
        assert!(draft.text.len() <= 1000);
        assert!(draft.text.starts_with("first\n") && draft.text.ends_with("\nlast"));
    }

    #[test]
    fn what_has_room_is_whole() {
        let mut parts = Parts::new(8);
        parts.add("abc", 0..1);
        parts.add("def", 2..3);
        let (draft, complete) = parts.joined(8);
        assert!(complete);
        assert_eq!(draft.text, "abc\ndef");
        assert_eq!(draft.offsets.source(4..5), 2..3);
        assert!(Parts::new(5).finish().is_none());
    }
}
