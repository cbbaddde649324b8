//! Texts as slots, so that they need not be read again for each fold.

use std::ops::Range;
use std::thread;

use fw_classify::features::{Group, extract};
use fw_classify::phrases::{Hit, apart};
use fw_classify::{Bank, BlockSink, Blocks, Phrases, ViewConfig, Windows, views};

use crate::data::Row;
use crate::recipe::Recipe;

/// All texts as slots.
#[derive(Debug, Default)]
pub struct Prepared {
    /// Bits of a slot's number.
    pub bits: u8,
    /// The slots of every text, one after the other.
    pub slots: Vec<u32>,
    /// In the order of the rows.
    pub samples: Vec<Sample>,
}

/// A text.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// The plain view first.
    pub views: Vec<Viewed>,
}

/// A view of a text.
#[derive(Debug, Clone, Default)]
pub struct Viewed {
    /// Its blocks.
    pub blocks: Vec<Block>,
    /// Characters that count.
    pub total: usize,
    /// Phrases that were found: number of the list, and where in the view.
    pub hits: Vec<(usize, Range<usize>)>,
}

/// A block of a view.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// Its slots, among all.
    pub slots: Range<usize>,
    /// Where it is in the view.
    pub range: Range<usize>,
    /// How many of the slots are those of words.
    pub words: usize,
}

/// A piece of a view that is scored: a window, or the whole.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Its slots, among all.
    pub slots: Range<usize>,
    /// How many of them are those of words.
    pub words: usize,
    /// Where it is in the view.
    pub range: Range<usize>,
}

impl Piece {
    /// What a feature of characters is worth.
    #[must_use]
    pub fn value(&self, recipe: &Recipe) -> f32 {
        let chars = self.slots.len() - self.words;
        let length = self.words as f32 * recipe.word_value * recipe.word_value + chars as f32;
        1.0 / (length + recipe.pad).sqrt().max(1.0)
    }
}

impl Viewed {
    /// Blocks from the first to the last of these.
    #[must_use]
    pub fn piece(&self, blocks: Range<usize>) -> Piece {
        let (first, last) = (&self.blocks[blocks.start], &self.blocks[blocks.end - 1]);
        Piece {
            slots: first.slots.start..last.slots.end,
            words: self.blocks[blocks].iter().map(|block| block.words).sum(),
            range: first.range.start..last.range.end,
        }
    }

    /// What is scored of it.
    #[must_use]
    pub fn pieces(&self, recipe: &Recipe) -> Vec<Piece> {
        let count = self.blocks.len();
        if count == 0 {
            return Vec::new();
        }
        let cut = recipe.window > 0 && self.total > recipe.over as usize;
        let size = if cut { 2.min(count) } else { count };
        (0..=count - size)
            .map(|start| self.piece(start..start + size))
            .collect()
    }

    /// How many phrases of these lists are in a piece.
    #[must_use]
    pub fn phrases(&self, lists: &[usize], piece: &Piece) -> usize {
        let hits = self
            .hits
            .iter()
            .filter(|(of, _)| lists.contains(of))
            .map(|(_, range)| range);
        apart(hits.filter(|range| range.start < piece.range.end && range.end > piece.range.start))
    }
}

struct Collect {
    bits: u8,
    slots: Vec<u32>,
    blocks: Vec<Block>,
}

impl BlockSink for Collect {
    fn block(&mut self, start: usize) {
        let at = self.slots.len();
        self.blocks.push(Block {
            slots: at..at,
            range: start..start,
            words: 0,
        });
    }

    fn end(&mut self, end: usize) {
        if let Some(block) = self.blocks.last_mut() {
            block.range.end = end;
        }
    }

    fn feature(&mut self, group: Group, hash: u64) {
        self.slots.push(Bank::slot(self.bits, group, hash) as u32);
        if let Some(block) = self.blocks.last_mut() {
            block.slots.end = self.slots.len();
            block.words += usize::from(group == Group::Word);
        }
    }
}

/// Reads texts on two threads.
#[must_use]
pub fn prepare(rows: &[Row], recipe: &Recipe, phrases: &Phrases) -> Prepared {
    let half = rows.len() / 2;
    let (first, second) = rows.split_at(half);
    let (mut one, two) = thread::scope(|scope| {
        let other = scope.spawn(|| read(second, recipe, phrases));
        let one = read(first, recipe, phrases);
        (one, other.join().unwrap_or_default())
    });
    let offset = one.slots.len();
    one.slots.extend(two.slots);
    let moved = two.samples.into_iter().map(|mut sample| {
        for block in sample.views.iter_mut().flat_map(|view| &mut view.blocks) {
            block.slots = block.slots.start + offset..block.slots.end + offset;
        }
        sample
    });
    one.samples.extend(moved);
    one
}

fn read(rows: &[Row], recipe: &Recipe, phrases: &Phrases) -> Prepared {
    let mut prepared = Prepared {
        bits: recipe.bits,
        ..Prepared::default()
    };
    let config = ViewConfig::default().decode(recipe.views);
    let windows = match recipe.window {
        0 => Windows::default(),
        size => Windows::new(size, recipe.over),
    };
    let mut collect = Collect {
        bits: recipe.bits,
        slots: Vec::new(),
        blocks: Vec::new(),
    };
    for row in rows {
        let mut sample = Sample::default();
        for view in views(&row.text, &config) {
            let mut blocks = Blocks::new(windows, &mut collect);
            extract(view.text(), &mut blocks);
            let total = blocks.total();
            let hits = phrases.hits(view.text());
            let hits = hits
                .into_iter()
                .map(|Hit { head, range }| (head, range))
                .collect();
            sample.views.push(Viewed {
                blocks: std::mem::take(&mut collect.blocks),
                total,
                hits,
            });
        }
        prepared.samples.push(sample);
    }
    prepared.slots = collect.slots;
    prepared
}
