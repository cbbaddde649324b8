//! The same readings for those who ask for many targets at once: the time is converted only once, and durations not at
//! all.

use std::sync::atomic::Ordering::Relaxed;

use super::TargetStats;
use crate::clock::Ticks;

impl TargetStats {
    pub(crate) fn is_ready_at(&self, now: Ticks) -> bool {
        self.blocked_until.load(Relaxed) <= now
    }

    /// In seconds.
    pub(crate) fn latency_at(&self, now: Ticks) -> Option<f64> {
        self.latency.load().value(now, self.latency_decay)
    }

    /// In seconds, and what to divide them by.
    pub(crate) fn mean_at(&self, now: Ticks) -> Option<(f64, f64)> {
        self.typical.load().value(now, self.latency_decay)
    }

    /// In seconds.
    pub(crate) fn silence_at(&self, now: Ticks) -> f64 {
        self.silence.value(now)
    }

    pub(crate) fn samples_at(&self, now: Ticks) -> u32 {
        self.samples.count(now)
    }
}
