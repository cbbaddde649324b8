//! Instants as numbers, so that they fit into an atomic.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

/// Nanoseconds since the process-wide epoch.
///
/// Zero stands for "never" and for anything before the epoch.
pub(crate) type Ticks = u64;

/// A century: longer than any process, and far from the end of any clock.
const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A day before the first use, so that times a little before it are not cut off. By the runtime's clock, so that a
/// simulation under a paused one gives the same numbers each time.
fn epoch() -> Instant {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    *EPOCH.get_or_init(|| {
        let now = tokio::time::Instant::now().into_std();
        now.checked_sub(Duration::from_secs(24 * 60 * 60))
            .unwrap_or(now)
    })
}

/// `at` as a number.
pub(crate) fn ticks(at: Instant) -> Ticks {
    length(at.saturating_duration_since(epoch()))
}

/// A number as an instant; `None` past the end of the clock.
pub(crate) fn instant(ticks: Ticks) -> Option<Instant> {
    epoch().checked_add(Duration::from_nanos(ticks))
}

/// A duration in nanoseconds; half a millennium at most.
pub(crate) fn length(duration: Duration) -> u64 {
    duration
        .as_secs()
        .saturating_mul(1_000_000_000)
        .saturating_add(u64::from(duration.subsec_nanos()))
}

/// Seconds as a duration; cheaper than what the standard library does for all numbers.
pub(crate) fn duration(seconds: f64) -> Duration {
    Duration::from_nanos((seconds * 1e9 + 0.5) as u64)
}

/// `now + delay`; a century for whatever the clock cannot hold.
pub(crate) fn after(now: Instant, delay: Duration) -> Instant {
    now.checked_add(delay.min(FAR)).unwrap_or(now)
}

/// Seconds from one moment to another; zero if the clock went back.
pub(crate) fn seconds(from: Ticks, to: Ticks) -> f64 {
    to.saturating_sub(from) as f64 * 1e-9
}

/// What is left of 1 after this many time constants.
///
/// `(1 + x/64)^-64` instead of `e^-x`: never more than 0.005 from it, always falling, and a quarter of its cost,
/// which strategies pay for each target.
pub(crate) fn decay(constants: f64) -> f64 {
    1.0 / growth(constants)
}

/// The inverse of [`decay`], without its division.
pub(crate) fn growth(constants: f64) -> f64 {
    (1.0 + constants / 64.0).powi(64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn far_away_times_are_no_trouble() {
        let now = Instant::now();
        assert!(after(now, Duration::MAX) > now);
        assert_eq!(length(Duration::MAX), u64::MAX);
        assert_eq!(seconds(7, 3), 0.0);
        assert_eq!(duration(-1.0), Duration::ZERO);
        assert_eq!(duration(f64::INFINITY), Duration::from_nanos(u64::MAX));
        assert!(instant(u64::MAX).is_none_or(|far| far > now));
    }

    proptest! {
        #[test]
        fn there_and_back(offset in 0_u64..1 << 60) {
            let at = Instant::now() + Duration::from_nanos(offset);
            prop_assert_eq!(instant(ticks(at)), Some(at));
        }

        #[test]
        fn it_falls_like_e(x in 0.0_f64..1000.0) {
            let now = decay(x);
            prop_assert!((0.0..=1.0).contains(&now));
            prop_assert!(decay(x + 0.01) < now);
            prop_assert!((now - (-x).exp()).abs() < 0.005);
        }
    }
}
