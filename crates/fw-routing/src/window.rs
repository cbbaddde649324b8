//! How often something happened of late.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use crate::clock::{Ticks, length};

const BUCKETS: usize = 8;

/// Counts events of the last while, in eighths of it: what is counted is at most as old as the window and an eighth,
/// and all that is younger than seven eighths of it is counted.
///
/// Each bucket is one word, the number of its eighth above its count, so that reading takes no lock. Two writers at
/// the turn of an eighth may lose a count; writers that mind have a lock of their own.
#[derive(Debug)]
pub(crate) struct Window {
    bucket: u64,
    buckets: [AtomicU64; BUCKETS],
}

impl Window {
    /// A window of this length; a second at least.
    pub(crate) fn new(length_of: Duration) -> Self {
        let bucket = length(length_of.max(Duration::from_secs(1))) / BUCKETS as u64;
        Self {
            bucket,
            buckets: Default::default(),
        }
    }

    pub(crate) fn add(&self, now: Ticks) {
        let number = self.number(now);
        let bucket = &self.buckets[number as usize % BUCKETS];
        let word = bucket.load(Relaxed);
        let count = if (word >> 32) as u32 == number {
            word as u32
        } else {
            0
        };
        let count = count.saturating_add(1);
        bucket.store(u64::from(number) << 32 | u64::from(count), Relaxed);
    }

    pub(crate) fn count(&self, now: Ticks) -> u32 {
        let number = self.number(now);
        let mut sum = 0_u32;
        for bucket in &self.buckets {
            let word = bucket.load(Relaxed);
            if number.wrapping_sub((word >> 32) as u32) < BUCKETS as u32 {
                sum = sum.saturating_add(word as u32);
            }
        }
        sum
    }

    /// With a bucket of an eighth of a second or more it takes 17 years to come round.
    fn number(&self, now: Ticks) -> u32 {
        (now / self.bucket) as u32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    proptest! {
        #[test]
        fn it_counts_what_is_young(steps in prop::collection::vec(0..3 * SECOND, 1..100)) {
            let window = Window::new(Duration::from_secs(16));
            let mut now = 100 * SECOND;
            let mut events = Vec::new();
            for step in steps {
                now += step;
                window.add(now);
                events.push(now);
                let counted = window.count(now) as usize;
                let exact = events.iter().filter(|event| now / (2 * SECOND) - **event / (2 * SECOND) < 8).count();
                prop_assert_eq!(counted, exact);
            }
            prop_assert_eq!(window.count(now + 16 * SECOND), 0);
        }
    }
}
