//! What the n-grams of a text add up to, block by block.

use std::ops::Range;

use crate::features::{Group, extract};
use crate::model::Parts;
use crate::weights::Bank;
use crate::windows::{BlockSink, Blocks, Windows};

/// Features that are kept before they are added up.
const PENDING: usize = 256;

/// What the blocks of a view add up to.
pub(crate) struct Sums<'a> {
    banks: &'a [Bank],
    stride: usize,
    blocks: Vec<Block>,
    /// For each block, one sum for each head of the model.
    sums: Vec<i32>,
    /// Features of the last block that are not added up yet: together that is faster than one by one.
    words: Vec<u64>,
    chars: Vec<u64>,
    total: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Block {
    start: usize,
    end: usize,
    words: u32,
    chars: u32,
}

impl<'a> Sums<'a> {
    pub(crate) fn of(banks: &'a [Bank], text: &str, windows: Option<Windows>) -> Self {
        let stride = banks.iter().map(Bank::heads).sum();
        let mut sums = Self {
            banks,
            stride,
            blocks: Vec::new(),
            sums: Vec::new(),
            words: Vec::with_capacity(PENDING),
            chars: Vec::with_capacity(PENDING),
            total: 0,
        };
        let mut blocks = Blocks::new(windows.unwrap_or_default(), &mut sums);
        extract(text, &mut blocks);
        sums.total = blocks.total();
        sums.settle();
        sums
    }

    /// Adds up what is pending.
    fn settle(&mut self) {
        let start = self.sums.len().saturating_sub(self.stride);
        let mut sums = self.sums.get_mut(start..).unwrap_or_default();
        for bank in self.banks {
            let Some((own, rest)) = sums.split_at_mut_checked(bank.heads()) else {
                break;
            };
            bank.add(Group::Word, &self.words, own);
            bank.add(Group::Char, &self.chars, own);
            sums = rest;
        }
        if let Some(block) = self.blocks.last_mut() {
            block.words += self.words.len() as u32;
            block.chars += self.chars.len() as u32;
        }
        self.words.clear();
        self.chars.clear();
    }

    /// The blocks of each window.
    pub(crate) fn windows(
        &self,
        windows: Option<Windows>,
    ) -> impl ExactSizeIterator<Item = Range<usize>> + use<> {
        let count = self.blocks.len();
        let size = match windows {
            Some(windows) if self.total > windows.over() as usize => 2.min(count),
            _ => count,
        };
        let last = if count == 0 { 0 } else { count - size + 1 };
        (0..last).map(move |start| start..start + size)
    }

    pub(crate) fn window(
        &self,
        window: Range<usize>,
        head: usize,
        parts: &Parts,
    ) -> Option<(Range<usize>, f32, f32, usize)> {
        let blocks = self.blocks.get(window.clone())?;
        let range = blocks.first()?.start..blocks.last()?.end;
        let sum: i64 = window
            .filter_map(|block| self.sums.get(block * self.stride + head))
            .map(|s| i64::from(*s))
            .sum();
        let words: u64 = blocks.iter().map(|block| u64::from(block.words)).sum();
        let chars: u64 = blocks.iter().map(|block| u64::from(block.chars)).sum();
        Some((
            range,
            sum as f32,
            words as f32 * parts.word_norm + chars as f32 + parts.pad,
            (words + chars) as usize,
        ))
    }
}

impl BlockSink for Sums<'_> {
    fn block(&mut self, start: usize) {
        self.settle();
        self.blocks.push(Block {
            start,
            end: start,
            ..Block::default()
        });
        self.sums.resize(self.sums.len() + self.stride, 0);
    }

    fn end(&mut self, end: usize) {
        if let Some(block) = self.blocks.last_mut() {
            block.end = end;
        }
    }

    fn feature(&mut self, group: Group, hash: u64) {
        let pending = match group {
            Group::Word => &mut self.words,
            Group::Char => &mut self.chars,
        };
        pending.push(hash);
        if pending.len() == PENDING {
            self.settle();
        }
    }
}
