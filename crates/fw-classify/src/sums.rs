//! What the n-grams of a text add up to, block by block.

use std::ops::Range;

use crate::features::{Group, extract};
use crate::model::Parts;
use crate::weights::Bank;
use crate::windows::{BlockSink, Blocks, Windows};

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
            words: Vec::with_capacity(Bank::ROW),
            chars: Vec::with_capacity(Bank::ROW),
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
        if pending.len() == Bank::ROW {
            self.settle();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Told(Vec<Vec<(Group, u64)>>);

    impl BlockSink for Told {
        fn block(&mut self, _: usize) {
            self.0.push(Vec::new());
        }
        fn end(&mut self, _: usize) {}
        fn feature(&mut self, group: Group, hash: u64) {
            self.0.last_mut().unwrap().push((group, hash));
        }
    }

    #[test]
    fn blocks_add_up_to_what_their_features_weigh() {
        let bank = |bits: u8, heads: u8| {
            let weights = (0..(2_usize << bits) * usize::from(heads)).map(|at| (at * 37) as i8);
            Bank::new(bits, heads, weights.collect()).unwrap()
        };
        let banks = [bank(5, 3), bank(4, 16), bank(6, 1), bank(4, 9)];
        let text: String = (0..900).map(|at| format!("w{at} naïve 核電 ")).collect();
        for windows in [
            Windows::new(32, 32),
            Windows::default(),
            Windows::new(1 << 20, 1 << 20),
        ] {
            let sums = Sums::of(&banks, &text, Some(windows));
            let mut told = Told::default();
            extract(&text, &mut Blocks::new(windows, &mut told));
            assert_eq!(sums.blocks.len(), told.0.len());
            for (at, features) in told.0.iter().enumerate() {
                let mut expected = Vec::new();
                for bank in &banks {
                    for head in 0..bank.heads() {
                        let weight = |(group, hash): &(Group, u64)| {
                            let slot = Bank::slot(bank.bits(), *group, *hash);
                            i32::from(bank.weights()[slot * bank.heads() + head])
                        };
                        expected.push(features.iter().map(weight).sum::<i32>());
                    }
                }
                assert_eq!(sums.sums[at * sums.stride..][..sums.stride], expected);
                let words = features.iter().filter(|it| it.0 == Group::Word).count();
                let block = &sums.blocks[at];
                assert_eq!(
                    (block.words as usize, block.chars as usize),
                    (words, features.len() - words)
                );
            }
        }
    }
}
