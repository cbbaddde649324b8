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

    /// Appends another map to the same source.
    pub(crate) fn append(&mut self, other: &Self) {
        for (index, piece) in other.pieces.iter().enumerate() {
            let end = other
                .pieces
                .get(index + 1)
                .map_or(other.len, |next| next.at);
            if piece.copy {
                self.copy(end - piece.at, piece.source.start);
            } else {
                self.block(end - piece.at, piece.source.clone());
            }
        }
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

    /// Appends all of another draft of the same text.
    pub(crate) fn append(&mut self, other: &Self) {
        self.text.push_str(&other.text);
        self.offsets.append(&other.offsets);
    }

    /// Cuts the text to `limit` bytes at most, between two characters: the first half and the last one stay, a line
    /// each. Returns whether anything was cut.
    pub(crate) fn shorten(&mut self, limit: usize) -> bool {
        if self.text.len() <= limit {
            return false;
        }
        let head = self.text.floor_char_boundary(limit / 2);
        let tail = (limit - limit / 2).saturating_sub(1);
        let tail = self.text.ceil_char_boundary(self.text.len() - tail);
        let mut kept = Self::default();
        if head > 0 {
            kept.copy(&self.text[..head], 0);
            kept.block("\n", head..head);
        }
        kept.copy(&self.text[tail..], tail);
        kept.offsets = kept.offsets.through(&self.offsets);
        *self = kept;
        true
    }
}

impl Draft {
    /// The parts of the text that stand for something else, and the places where something was removed, with so many
    /// bytes around each, and the rest of the words there; one where they meet. With `None`, that is all of it.
    pub(crate) fn rewritten(&self, around: usize) -> Option<Vec<Range<usize>>> {
        let mut parts: Vec<Range<usize>> = Vec::new();
        let (pieces, bytes) = (&self.offsets.pieces, self.text.as_bytes());
        for (index, piece) in pieces.iter().enumerate() {
            let end = match pieces.get(index + 1) {
                // Before a copy nothing is left of what was removed.
                _ if piece.copy && index == 0 => continue,
                _ if piece.copy => piece.at,
                next => next.map_or(bytes.len(), |it| it.at),
            };
            let done = parts.last().map_or(0, |it| it.end);
            let mut from = piece.at.saturating_sub(around);
            let mut to = end.saturating_add(around).min(bytes.len());
            // A row of digits that is cut in the wrong place says nothing.
            while from > done && !bytes[from - 1].is_ascii_whitespace() {
                from -= 1;
            }
            while to > done && to < bytes.len() && !bytes[to].is_ascii_whitespace() {
                to += 1;
            }
            match parts.last_mut() {
                Some(last) if done >= from => last.end = to.max(done),
                _ => parts.push(from..to),
            }
        }
        let all = matches!(parts.as_slice(), [part] if *part == (0..self.text.len()));
        (!all).then_some(parts)
    }

    /// Only these parts of the text, in their order, a line each.
    pub(crate) fn only(&self, parts: &[Range<usize>]) -> Self {
        let mut kept = Self::default();
        for part in parts {
            let start = self.text.floor_char_boundary(part.start);
            let end = self.text.ceil_char_boundary(part.end);
            if !kept.text.is_empty() {
                kept.block("\n", start..start);
            }
            kept.copy(&self.text[start..end], start);
        }
        kept.offsets = kept.offsets.through(&self.offsets);
        kept
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
        draft.copy("cdef", 8);
        assert!(!draft.shorten(10));
        assert!(draft.shorten(6));
        assert_eq!(draft.text, "aé\nef");
        assert_eq!(draft.offsets.source(0..3), 0..3);
        assert_eq!(draft.offsets.source(4..6), 10..12);
        assert!(draft.shorten(1));
        assert_eq!(draft.text, "");
        assert_eq!(draft.offsets.source(0..1), 0..0);
    }

    #[test]
    fn what_is_far_from_all_that_was_rewritten_is_left_out() {
        let mut draft = Draft::default();
        draft.copy("012 456 89", 0);
        draft.block("AB", 10..16);
        draft.copy("0 é 23", 16);
        draft.block("C", 23..24);
        draft.copy("01 34 67 9", 24);
        let near = draft.only(&draft.rewritten(3).unwrap());
        assert_eq!(near.text, "456 89AB0 é 23C01 34");
        assert_eq!(near.offsets.source(6..7), 10..16);
        let near = draft.only(&draft.rewritten(1).unwrap());
        assert_eq!(near.text, "89AB0\n23C01");
        assert_eq!(near.offsets.source(6..8), 21..23);
        assert!(draft.rewritten(10).is_none());

        let mut draft = Draft::default();
        draft.copy("01 34 6", 0);
        draft.copy("7 9", 10);
        let near = draft.only(&draft.rewritten(1).unwrap());
        assert_eq!(near.text, "67");
    }

    #[test]
    fn maps_are_joined() {
        let mut one = Draft::default();
        one.copy("ab", 0);
        let mut other = Draft::default();
        other.block("x", 2..4);
        other.copy("cd", 4);
        one.append(&other);
        assert_eq!(one.text, "abxcd");
        assert_eq!(one.offsets.source(2..3), 2..4);
        assert_eq!(one.offsets.source(3..4), 4..5);
    }
}
