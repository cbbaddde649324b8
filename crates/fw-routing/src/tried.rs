//! A small set of positions.

/// Positions that a request is done with, such as the targets it has tried.
///
/// Up to 64 positions need no memory of their own.
#[derive(Clone, Debug, Default)]
pub struct Tried {
    low: u64,
    high: Vec<u64>,
}

impl Tried {
    /// The empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            low: 0,
            high: Vec::new(),
        }
    }

    /// Adds a position.
    pub fn insert(&mut self, position: usize) {
        let (word, bit) = place(position);
        match word.checked_sub(1) {
            None => self.low |= bit,
            Some(word) => {
                if self.high.len() <= word {
                    self.high.resize(word + 1, 0);
                }
                self.high[word] |= bit;
            }
        }
    }

    /// Whether a position is in it.
    #[must_use]
    pub fn contains(&self, position: usize) -> bool {
        let (word, bit) = place(position);
        let word = match word.checked_sub(1) {
            None => self.low,
            Some(word) => self.high.get(word).copied().unwrap_or_default(),
        };
        word & bit != 0
    }

    /// How many positions are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        let words = self.high.iter().chain([&self.low]);
        words.map(|word| word.count_ones() as usize).sum()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The word of a position and its bit there.
const fn place(position: usize) -> (usize, u64) {
    (position / 64, 1 << (position % 64))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set(positions in prop::collection::vec(0_usize..200, 0..40)) {
            let mut tried = Tried::new();
            let mut model = BTreeSet::new();
            for position in positions {
                tried.insert(position);
                model.insert(position);
                prop_assert_eq!(tried.len(), model.len());
            }
            for position in 0..200 {
                prop_assert_eq!(tried.contains(position), model.contains(&position));
            }
            prop_assert_eq!(tried.is_empty(), model.is_empty());
        }
    }
}
