//! A small share of requests that go to any target.

use super::{Candidates, dice::Dice};

/// Without it, one that was slow once would never be measured again.
#[derive(Debug)]
pub(super) struct Explore {
    share: f64,
    dice: Dice,
}

impl Explore {
    pub(super) fn new(share: f64) -> Self {
        Self {
            share,
            dice: Dice::default(),
        }
    }

    pub(super) const fn share(&mut self, share: f64) {
        self.share = share;
    }

    pub(super) fn seed(&mut self, seed: u64) {
        self.dice = Dice::with_seed(seed);
    }

    /// Any that is ready, seldom; `None` mostly. A request that has failed once is no guinea pig.
    pub(super) fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
        if candidates.is_retry() || self.dice.unit() >= self.share {
            return None;
        }
        let start = self.dice.below(candidates.len());
        candidates
            .ready_from(start)
            .next()
            .map(|candidate| candidate.position())
    }
}
