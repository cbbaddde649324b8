//! Random numbers for many threads.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::sticky::{mix, unit};

/// A SplitMix64 generator without a lock.
#[derive(Debug)]
pub(super) struct Dice {
    state: AtomicU64,
}

impl Dice {
    pub(super) const fn with_seed(seed: u64) -> Self {
        Self {
            state: AtomicU64::new(seed),
        }
    }

    fn bits(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        mix(self.state.fetch_add(STEP, Relaxed).wrapping_add(STEP))
    }

    /// Between 0 and 1, neither of them.
    pub(super) fn unit(&self) -> f64 {
        unit(self.bits())
    }

    /// Below `end`; 0 if that is 0.
    pub(super) fn below(&self, end: usize) -> usize {
        ((u128::from(self.bits()) * end as u128) >> 64) as usize
    }
}

impl Default for Dice {
    fn default() -> Self {
        Self::with_seed(fastrand::u64(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_splitmix64() {
        let dice = Dice::with_seed(1_234_567);
        assert_eq!(dice.bits(), 6_457_827_717_110_365_317);
        assert_eq!(dice.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn numbers_stay_below_their_end() {
        let dice = Dice::with_seed(1);
        assert_eq!(dice.below(0), 0);
        let mut seen = [0; 6];
        (0..6000).for_each(|_| seen[dice.below(6)] += 1);
        assert!(
            seen.iter().all(|count| (850..1150).contains(count)),
            "{seen:?}"
        );
    }
}
