//! Estimates that follow what is seen and forget it with time.
//!
//! They are small values. Those who change one hold a lock; those who read one take a copy from its `Shared` form,
//! without a lock. A copy may mix two moments, such as the new value with the old time: it is then off by what one
//! sample changes, which is no matter for an estimate.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::clock::{Ticks, decay, seconds};

/// The least that a failure counts for, in seconds.
const PENALTY_FLOOR: f64 = 1.0;
/// The most that failures alone count for, in seconds. Beyond it the breaker and the error ratio say enough.
const PENALTY_CAP: f64 = 60.0;
/// What nobody uses is forgotten at this part of the rate of a peak.
const FORGETTING: f64 = 1.0 / 6.0;
/// However close together, each sample moves the mean by at least this much of the way.
const LEAST_WEIGHT: f64 = 0.1;

/// How long something takes, rather too high than too low.
///
/// Peak-EWMA as known from Finagle, linkerd and tower: a sample above the estimate raises it at once, and from there
/// it falls with a time constant. Two things differ. It falls to the mean of the samples, not to zero, so that a
/// slow target does not look fast after a quiet half minute; the mean itself is forgotten six times more slowly, so
/// that a target that nobody uses gets another chance in the end. And a failure is no sample: it doubles the
/// estimate, as linkerd learned after fast-failing endpoints had looked good and drawn traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct PeakEwma {
    /// Seconds, at `at`.
    peak: f64,
    /// Seconds, at `at`.
    mean: f64,
    /// Zero: nothing is known.
    at: Ticks,
}

impl PeakEwma {
    /// Seconds; `None` as long as nothing is known. `rate` is how many time constants a second is.
    pub(crate) fn value(&self, now: Ticks, rate: f64) -> Option<f64> {
        if self.at == 0 {
            return None;
        }
        if now <= self.at {
            return Some(self.peak);
        }
        let elapsed = seconds(self.at, now) * rate;
        let above = (self.peak - self.mean).max(0.0);
        Some(self.mean * decay(elapsed * FORGETTING) + above * decay(elapsed))
    }

    /// Something took this long.
    pub(crate) fn observe(&mut self, sample: f64, now: Ticks, rate: f64) {
        let (mean, current) = match self.value(now, rate) {
            Some(current) => {
                let weight = (1.0 - decay(seconds(self.at, now) * rate)).max(LEAST_WEIGHT);
                (self.mean + (sample - self.mean) * weight, current)
            }
            None => (sample, sample),
        };
        *self = Self {
            peak: current.max(sample).max(mean),
            mean,
            at: now.max(self.at).max(1),
        };
    }

    /// Something took at least this long: never makes it look faster.
    pub(crate) fn observe_at_least(&mut self, sample: f64, now: Ticks, rate: f64) {
        if self.value(now, rate).is_none_or(|known| known < sample) {
            self.observe(sample, now, rate);
        }
    }

    /// Something failed after this long: never makes it look faster, and worse each time.
    pub(crate) fn penalise(&mut self, observed: f64, now: Ticks, rate: f64) {
        let (mean, current) = match self.value(now, rate) {
            Some(current) => (self.mean, current),
            None => (PENALTY_FLOOR, 0.0),
        };
        let doubled = (2.0 * current).clamp(PENALTY_FLOOR, PENALTY_CAP);
        let peak = doubled.max(current).max(observed);
        *self = Self {
            peak,
            // After a long pause the mean may be above: what was forgotten does not come back.
            mean: mean.min(peak),
            at: now.max(self.at).max(1),
        };
    }
}

/// A [`PeakEwma`] that is read without a lock.
#[derive(Debug, Default)]
pub(crate) struct SharedPeakEwma {
    peak: AtomicU64,
    mean: AtomicU64,
    at: AtomicU64,
}

impl SharedPeakEwma {
    pub(crate) fn load(&self) -> PeakEwma {
        PeakEwma {
            peak: f64::from_bits(self.peak.load(Relaxed)),
            mean: f64::from_bits(self.mean.load(Relaxed)),
            at: self.at.load(Relaxed),
        }
    }

    pub(crate) fn store(&self, value: PeakEwma) {
        self.peak.store(value.peak.to_bits(), Relaxed);
        self.mean.store(value.mean.to_bits(), Relaxed);
        self.at.store(value.at, Relaxed);
    }
}

/// Failures and successes are forgotten with this time constant, in seconds.
const OUTCOMES_CONSTANT: f64 = 60.0;

/// How many attempts failed of late.
///
/// Both counts decay. One more success is taken for granted, so that a single failure is no ratio of 1, and so that
/// the ratio falls when nothing happens.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Outcomes {
    failed: f64,
    succeeded: f64,
    at: Ticks,
}

impl Outcomes {
    /// Whether the ratio is above zero.
    pub(crate) fn has_failures(&self) -> bool {
        self.failed > 0.0
    }

    /// From 0 to 1.
    pub(crate) fn error_ratio(&self, now: Ticks) -> f64 {
        let left = decay(seconds(self.at, now) / OUTCOMES_CONSTANT);
        self.failed * left / ((self.failed + self.succeeded) * left + 1.0)
    }

    pub(crate) fn record(&mut self, success: bool, now: Ticks) {
        let left = decay(seconds(self.at, now) / OUTCOMES_CONSTANT);
        // What is below a thousandth is gone, so that reading is free again.
        let failed = if self.failed * left < 1e-3 {
            0.0
        } else {
            self.failed * left
        };
        *self = Self {
            failed: failed + f64::from(u8::from(!success)),
            succeeded: self.succeeded * left + f64::from(u8::from(success)),
            at: now.max(self.at),
        };
    }
}

/// [`Outcomes`] that are read without a lock.
#[derive(Debug, Default)]
pub(crate) struct SharedOutcomes {
    failed: AtomicU64,
    succeeded: AtomicU64,
    at: AtomicU64,
}

impl SharedOutcomes {
    pub(crate) fn load(&self) -> Outcomes {
        Outcomes {
            failed: f64::from_bits(self.failed.load(Relaxed)),
            succeeded: f64::from_bits(self.succeeded.load(Relaxed)),
            at: self.at.load(Relaxed),
        }
    }

    pub(crate) fn store(&self, value: Outcomes) {
        self.failed.store(value.failed.to_bits(), Relaxed);
        self.succeeded.store(value.succeeded.to_bits(), Relaxed);
        self.at.store(value.at, Relaxed);
    }
}

#[cfg(test)]
mod tests;
