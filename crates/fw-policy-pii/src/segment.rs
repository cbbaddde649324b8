//! Cuts text into regions.

use std::ops::Range;

use fw_stream::Window;

mod words;

/// What the segmenter came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// This range of the window's text is a region.
    Region(Range<usize>),
    /// The text before this position is settled; no more can be said about the window.
    Settled(usize),
}

/// Cuts the text of one channel into regions, as it grows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segmenter {
    /// Where to go on, from the window's start.
    at: usize,
}

impl Segmenter {
    pub(crate) const fn new() -> Self {
        Self { at: 0 }
    }

    /// The next region of the window. Called until it says [`Piece::Settled`].
    pub(crate) fn next(&mut self, window: &Window<'_>) -> Piece {
        let text = window.text();
        let mut at = window.start() + self.at;
        loop {
            let Some(rest) = text.get(at..) else {
                self.at = 0;
                return Piece::Settled(text.len());
            };
            let end = at + rest.find(is_break).unwrap_or(rest.len());
            if end == text.len() && !window.is_end() {
                self.at = 0;
                return Piece::Settled(at);
            }
            if end > at {
                self.at = end - window.start();
                return Piece::Region(at..end);
            }
            let gap = rest.find(|c| !is_break(c)).unwrap_or(rest.len());
            at += gap;
            if gap == 0 {
                self.at = 0;
                return Piece::Settled(text.len());
            }
        }
    }
}

fn is_break(c: char) -> bool {
    c.is_whitespace() || "\"'`,;<>{}[]|".contains(c)
}
