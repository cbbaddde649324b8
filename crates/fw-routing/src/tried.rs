//! A small set of positions.

/// Positions that a request is done with, such as the targets it has tried.
///
/// Up to 64 positions need no memory of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    low: u64,
    high: Vec<usize>,
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
        if position < 64 {
            self.low |= 1 << position;
        } else if !self.high.contains(&position) {
            self.high.push(position);
        }
    }

    /// Whether a position is in it.
    #[must_use]
    pub fn contains(&self, position: usize) -> bool {
        if position < 64 {
            self.low & (1 << position) != 0
        } else {
            self.high.contains(&position)
        }
    }

    /// How many positions are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.low.count_ones() as usize + self.high.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.low == 0 && self.high.is_empty()
    }

    /// Takes out all positions.
    pub fn clear(&mut self) {
        self.low = 0;
        self.high.clear();
    }
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
            tried.clear();
            prop_assert!(tried.is_empty());
        }
    }
}
