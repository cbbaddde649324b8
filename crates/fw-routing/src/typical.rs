//! How long something usually takes.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::clock::{Ticks, growth, seconds};

/// What nobody uses is forgotten at this part of the rate of a peak.
const FORGETTING: f64 = 1.0 / 6.0;
/// However close together, each sample moves the mean by at least this much of the way.
const LEAST_WEIGHT: f64 = 0.1;
/// However far apart, by no more than this: one sample alone says little.
const MOST_WEIGHT: f64 = 0.3;
/// From so many samples on it is known what is usual.
const FEW: f64 = 8.0;
/// What is usual is the mean of about so many samples.
const MANY: f64 = 256.0;
/// No sample counts for more than this many times what is usual: a bad hour is not.
const UNUSUAL: f64 = 3.0;

/// A mean of the last samples, and what is usual in the long run.
///
/// The mean follows within a few samples. While there are none, what it is above the usual is forgotten: a target that
/// was slow, and that nobody uses now, is taken for what it usually is and gets another chance. If nothing were
/// forgotten it would never come back. If all were, targets that are always slow would be tried again and again; where
/// requests are few, most of them would go there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Typical {
    /// Seconds, at `at`.
    mean: f64,
    /// Seconds.
    usual: f64,
    /// Samples, up to many; zero: nothing is known.
    count: f64,
    at: Ticks,
}

impl Typical {
    /// Seconds, as a number and what to divide it by; `None` as long as nothing is known. `rate` is how many time
    /// constants of a peak a second is.
    pub(crate) fn value(&self, now: Ticks, rate: f64) -> Option<(f64, f64)> {
        if self.count == 0.0 {
            return None;
        }
        let usual = if self.count < FEW { 0.0 } else { self.usual };
        if self.mean <= usual {
            return Some((self.mean, 1.0));
        }
        let forgotten = growth(seconds(self.at, now) * rate * FORGETTING).min(1e9);
        Some((self.mean + usual * (forgotten - 1.0), forgotten))
    }

    /// Something took this long.
    pub(crate) fn observe(&mut self, sample: f64, now: Ticks, rate: f64) {
        let current = match self.value(now, rate) {
            Some((value, forgotten)) => value / forgotten,
            None => sample,
        };
        let news = 1.0 - 1.0 / growth(seconds(self.at, now) * rate * FORGETTING);
        let weight = news
            .clamp(LEAST_WEIGHT, MOST_WEIGHT)
            .max(1.0 / (self.count + 1.0));
        let counted = if self.count < FEW {
            sample
        } else {
            sample.min(UNUSUAL * self.usual)
        };
        let count = (self.count + 1.0).min(MANY);
        *self = Self {
            mean: current + (sample - current) * weight,
            usual: self.usual + (counted - self.usual) / count,
            count,
            at: now.max(self.at),
        };
    }

    /// Something took at least this long: never makes it look faster.
    pub(crate) fn observe_at_least(&mut self, sample: f64, now: Ticks, rate: f64) {
        let is_news = self
            .value(now, rate)
            .is_none_or(|(value, forgotten)| value < sample * forgotten);
        if is_news {
            self.observe(sample, now, rate);
        }
    }
}

/// A [`Typical`] that is read without a lock.
#[derive(Debug, Default)]
pub(crate) struct SharedTypical {
    mean: AtomicU64,
    usual: AtomicU64,
    count: AtomicU64,
    at: AtomicU64,
}

impl SharedTypical {
    pub(crate) fn load(&self) -> Typical {
        Typical {
            mean: f64::from_bits(self.mean.load(Relaxed)),
            usual: f64::from_bits(self.usual.load(Relaxed)),
            count: f64::from_bits(self.count.load(Relaxed)),
            at: self.at.load(Relaxed),
        }
    }

    pub(crate) fn store(&self, value: Typical) {
        self.mean.store(value.mean.to_bits(), Relaxed);
        self.usual.store(value.usual.to_bits(), Relaxed);
        self.count.store(value.count.to_bits(), Relaxed);
        self.at.store(value.at, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Ticks = 1_000_000_000;
    const START: Ticks = 1000 * SECOND;
    /// Peaks have a time constant of ten seconds.
    const RATE: f64 = 0.1;

    fn value(typical: &Typical, at: Ticks) -> f64 {
        let (value, forgotten) = typical.value(at, RATE).unwrap();
        value / forgotten
    }

    /// So many samples, one a second, and the time of the next.
    fn known(sample: f64, count: u64) -> (Typical, Ticks) {
        let mut typical = Typical::default();
        for second in 0..count {
            typical.observe(sample, START + second * SECOND, RATE);
        }
        (typical, START + count * SECOND)
    }

    #[test]
    fn nothing_is_known_at_first() {
        assert_eq!(Typical::default().value(START, RATE), None);
        let (typical, _) = known(0.3, 1);
        assert_eq!(value(&typical, START), 0.3);
    }

    #[test]
    fn it_follows_within_a_few_samples() {
        let (mut typical, now) = known(0.3, 50);
        for second in 0..5 {
            typical.observe(3.0, now + second * SECOND, RATE);
        }
        assert!(value(&typical, now + 4 * SECOND) > 1.2);
    }

    #[test]
    fn one_sample_alone_says_little() {
        let (mut typical, now) = known(0.3, 50);
        typical.observe(1.3, now + 3600 * SECOND, RATE);
        let after = value(&typical, now + 3600 * SECOND);
        assert!((0.59..0.61).contains(&after), "{after}");
    }

    #[test]
    fn a_slow_target_that_nobody_uses_is_taken_for_what_it_usually_is() {
        let (mut typical, now) = known(0.3, 300);
        for second in 0..20 {
            typical.observe(3.0, now + second * SECOND, RATE);
        }
        let now = now + 20 * SECOND;
        assert!(value(&typical, now) > 2.0);
        let later = value(&typical, now + 300 * SECOND);
        assert!((0.3..0.4).contains(&later), "{later}");
    }

    #[test]
    fn one_that_is_always_slow_looks_no_better_after_a_pause() {
        let (typical, now) = known(2.0, 20);
        let later = value(&typical, now + 3600 * SECOND);
        assert!((1.9..2.001).contains(&later), "{later}");
    }

    #[test]
    fn what_is_hardly_known_is_forgotten() {
        let (typical, now) = known(2.0, 3);
        assert!(value(&typical, now + 600 * SECOND) < 0.01);
    }

    #[test]
    fn a_bad_hour_is_not_usual() {
        let (mut typical, now) = known(0.3, 300);
        for minute in 0..60 {
            typical.observe(3.0, now + minute * 60 * SECOND, RATE);
        }
        let later = value(&typical, now + 3600 * SECOND + 600 * SECOND);
        assert!(later < 0.6, "{later}");
    }

    #[test]
    fn what_took_longer_only_raises_it() {
        let (mut typical, now) = known(0.3, 10);
        typical.observe_at_least(0.1, now, RATE);
        assert!(value(&typical, now) > 0.28);
        typical.observe_at_least(2.0, now, RATE);
        assert!(value(&typical, now) > 0.4);
    }

    proptest! {
        #[test]
        fn it_stays_within_what_was_seen(
            samples in prop::collection::vec((0.001_f64..20.0, 0..100 * SECOND), 1..100),
        ) {
            let mut typical = Typical::default();
            let mut now = START;
            let (mut least, mut most) = (f64::MAX, 0.0_f64);
            for (sample, step) in samples {
                now += step;
                typical.observe(sample, now, RATE);
                (least, most) = (least.min(sample), most.max(sample));
                prop_assert!((0.0..=most * 1.000_001).contains(&value(&typical, now)));
                // Without news it only falls, and not below what is known to be usual.
                let mut last = value(&typical, now);
                for second in [1, 10, 100, 1000, 1_000_000] {
                    let later = value(&typical, now + second * SECOND);
                    prop_assert!(later <= last * 1.000_001 && later >= 0.0);
                    prop_assert!(typical.count < FEW || later * 1.000_001 >= typical.usual.min(typical.mean));
                    last = later;
                }
            }
            prop_assert!(typical.usual * 1.000_001 >= least && typical.usual <= most * 1.000_001);
        }

        #[test]
        fn a_copy_is_what_was_stored(samples in prop::collection::vec((0.0_f64..20.0, 0..100 * SECOND), 1..10)) {
            let mut typical = Typical::default();
            samples.into_iter().for_each(|(sample, at)| typical.observe(sample, at, RATE));
            let shared = SharedTypical::default();
            prop_assert_eq!(shared.load(), Typical::default());
            shared.store(typical);
            prop_assert_eq!(shared.load(), typical);
        }
    }
}
