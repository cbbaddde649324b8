//! Where each byte of a rewritten text came from.

use std::ops::Range;

/// A map from ranges of a rewritten text to ranges of the text it was made from.
///
/// It is a list of pieces in the order of the rewritten text. A piece is either a copy, byte for byte the length of
/// its source, or a block, whose bytes all stand for the whole of its source. Characters that were removed lie between
/// two pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offsets {
    pieces: Vec<Piece>,
    len: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    /// Where the piece starts in the rewritten text; it ends where the next one starts.
    at: usize,
    source: Range<usize>,
    copy: bool,
}

impl Offsets {
    /// Appends `len` bytes that stand byte for byte for the source from `start` on.
    pub(crate) fn copy(&mut self, len: usize, start: usize) {
        if len == 0 {
            return;
        }
        match self.pieces.last_mut() {
            Some(last) if last.copy && last.source.end == start => last.source.end += len,
            _ => self.pieces.push(Piece {
                at: self.len,
                source: start..start + len,
                copy: true,
            }),
        }
        self.len += len;
    }

    /// Appends `len` bytes that stand for all of `source`.
    pub(crate) fn block(&mut self, len: usize, source: Range<usize>) {
        if len == 0 {
            return;
        }
        match self.pieces.last_mut() {
            // More of the same: a second character from one source.
            Some(last) if !last.copy && last.source == source => {}
            _ => self.pieces.push(Piece {
                at: self.len,
                source,
                copy: false,
            }),
        }
        self.len += len;
    }

    /// Drops everything from byte `len` of the rewritten text on.
    pub(crate) fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        let keep = self.pieces.partition_point(|piece| piece.at < len);
        self.pieces.truncate(keep);
        if let Some(last) = self.pieces.last_mut().filter(|last| last.copy) {
            last.source.end = last.source.start + (len - last.at);
        }
        self.len = len;
    }

    /// The range of the source that `range` of the rewritten text stands for. A range that does not end inside the text
    /// is cut to it; an empty one is empty in the source as well.
    pub(crate) fn source(&self, range: Range<usize>) -> Range<usize> {
        let start = range.start.min(self.len);
        let end = range.end.min(self.len);
        let (first, _) = self.locate(start);
        if end <= start {
            return first..first;
        }
        let (_, last) = self.locate(end - 1);
        first.min(last)..last.max(first)
    }

    /// The source of the byte at `at`: where it starts and ends.
    fn locate(&self, at: usize) -> (usize, usize) {
        let index = self.pieces.partition_point(|piece| piece.at <= at);
        let Some(piece) = index
            .checked_sub(1)
            .and_then(|index| self.pieces.get(index))
        else {
            return (0, 0);
        };
        if at >= self.len {
            (piece.source.end, piece.source.end)
        } else if piece.copy {
            let start = piece.source.start + (at - piece.at);
            (start, start + 1)
        } else {
            (piece.source.start, piece.source.end)
        }
    }

    /// The map to the source of the source: `self` after `inner`.
    pub(crate) fn through(&self, inner: &Self) -> Self {
        let mut composed = Self::default();
        for (index, piece) in self.pieces.iter().enumerate() {
            let end = self.pieces.get(index + 1).map_or(self.len, |next| next.at);
            if !piece.copy {
                composed.block(end - piece.at, inner.source(piece.source.clone()));
                continue;
            }
            inner.pieces_in(piece.source.clone(), |len, source, copy| {
                if copy {
                    composed.copy(len, source.start);
                } else {
                    composed.block(len, source);
                }
            });
        }
        composed
    }

    /// The parts of pieces that lie in `range`: their lengths there, their sources, and whether they are copies.
    fn pieces_in(&self, range: Range<usize>, mut each: impl FnMut(usize, Range<usize>, bool)) {
        let first = self
            .pieces
            .partition_point(|piece| piece.at <= range.start)
            .saturating_sub(1);
        let mut at = range.start;
        for (index, piece) in self.pieces.iter().enumerate().skip(first) {
            if at >= range.end {
                break;
            }
            let piece_end = self.pieces.get(index + 1).map_or(self.len, |next| next.at);
            let len = piece_end.min(range.end) - at;
            if piece.copy {
                let start = piece.source.start + (at - piece.at);
                each(len, start..start + len, true);
            } else {
                each(len, piece.source.clone(), false);
            }
            at += len;
        }
    }
}

/// A text under construction, with the map to its source.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) text: String,
    pub(crate) offsets: Offsets,
}

impl Draft {
    /// A draft with room for `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            text: String::with_capacity(capacity),
            offsets: Offsets::default(),
        }
    }

    /// Appends text that stands byte for byte for the source from `start` on.
    pub(crate) fn copy(&mut self, text: &str, start: usize) {
        self.text.push_str(text);
        self.offsets.copy(text.len(), start);
    }

    /// Appends text that stands for all of `source`.
    pub(crate) fn block(&mut self, text: &str, source: Range<usize>) {
        self.text.push_str(text);
        self.offsets.block(text.len(), source);
    }

    /// Cuts the text to `limit` bytes at most, between two characters.
    pub(crate) fn truncate(&mut self, limit: usize) {
        let limit = self.text.floor_char_boundary(limit);
        self.text.truncate(limit);
        self.offsets.truncate(limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_map_byte_for_byte_and_blocks_as_a_whole() {
        let mut draft = Draft::default();
        draft.copy("ab", 0);
        draft.block("xyz", 2..4);
        draft.copy("c", 10);
        let source = |range| draft.offsets.source(range);
        assert_eq!(source(0..1), 0..1);
        assert_eq!(source(1..3), 1..4);
        assert_eq!(source(3..4), 2..4);
        assert_eq!(source(0..6), 0..11);
        assert_eq!(source(6..9), 11..11);
        assert_eq!(source(1..1), 1..1);
        assert_eq!(Offsets::default().source(3..5), 0..0);
    }

    #[test]
    fn maps_compose() {
        let mut inner = Draft::default();
        inner.copy("abcd", 5);
        inner.block("ef", 20..30);
        let mut outer = Draft::default();
        outer.copy("cde", 2);
        outer.block("X", 0..2);
        let composed = outer.offsets.through(&inner.offsets);
        assert_eq!(composed.len, 4);
        assert_eq!(composed.source(0..1), 7..8);
        assert_eq!(composed.source(2..3), 20..30);
        assert_eq!(composed.source(3..4), 5..7);
    }

    #[test]
    fn a_cut_text_maps_as_before() {
        let mut draft = Draft::default();
        draft.copy("aé", 0);
        draft.block("xyz", 3..4);
        draft.truncate(2);
        assert_eq!(draft.text, "a");
        assert_eq!(draft.offsets.source(0..5), 0..1);
    }
}
