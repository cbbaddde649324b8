//! Long texts are scored piece by piece: a planted sentence is a small part of a long document.

use crate::features::{Group, Sink};

/// How long texts are cut. Lengths are in characters of the normalised text; characters of scripts
/// that are written without spaces count twice, and only those inside words and one space a word do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    size: u32,
    over: u32,
}

impl Default for Windows {
    /// Windows of 400 characters for anything over 600.
    fn default() -> Self {
        Self {
            size: 400,
            over: 600,
        }
    }
}

impl Windows {
    /// Windows of `size` characters, each half over the one before it, for texts longer than `over`.
    ///
    /// `size` is at least 32, `over` at least `size`.
    #[must_use]
    pub fn new(size: u32, over: u32) -> Self {
        let size = size.clamp(32, 1 << 20);
        Self {
            size,
            over: over.clamp(size, 1 << 20),
        }
    }

    /// Characters in a window.
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.size
    }

    /// Longer texts are cut.
    #[must_use]
    pub const fn over(&self) -> u32 {
        self.over
    }

    pub(crate) const fn block(&self) -> usize {
        self.size as usize / 2
    }
}

/// Takes the features of a text block by block. A window is two neighbouring blocks.
pub trait BlockSink {
    /// A block begins with the word at this byte.
    fn block(&mut self, start: usize);
    /// A word of the present block ends at this byte.
    fn end(&mut self, end: usize);
    /// A feature of the present block.
    fn feature(&mut self, group: Group, hash: u64);
}

const REMEMBERED: usize = 2048;

/// Cuts what [`extract`](crate::features::extract) finds into blocks, and leaves out what a block already has
/// (as far as a small table remembers it: the same way for the same text, always).
pub struct Blocks<'a, B> {
    inner: &'a mut B,
    size: usize,
    filled: usize,
    total: usize,
    begun: bool,
    seen: Box<[u64; REMEMBERED]>,
}

impl<B> std::fmt::Debug for Blocks<'_, B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blocks")
            .field("size", &self.size)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

impl<'a, B: BlockSink> Blocks<'a, B> {
    /// Blocks of half a window.
    pub fn new(windows: Windows, inner: &'a mut B) -> Self {
        Self {
            inner,
            size: windows.block(),
            filled: 0,
            total: 0,
            begun: false,
            seen: Box::new([0; REMEMBERED]),
        }
    }

    /// How many characters there were.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.total
    }
}

impl<B: BlockSink> Sink for Blocks<'_, B> {
    fn word(&mut self, start: usize, end: usize, width: usize) {
        if !self.begun || self.filled >= self.size {
            if self.begun {
                self.seen.fill(0);
            }
            self.begun = true;
            self.filled = 0;
            self.inner.block(start);
        }
        self.filled += width;
        self.total += width;
        self.inner.end(end);
    }

    fn feature(&mut self, group: Group, hash: u64) {
        let place = &mut self.seen[hash as usize % REMEMBERED];
        if *place != hash {
            *place = hash;
            self.inner.feature(group, hash);
        }
    }
}
