//! How long to wait before asking the same target again.

use std::time::Duration;

use fastrand::Rng;

/// Waits that double from one attempt to the next, each shortened by chance so that clients that failed together
/// do not come back together.
///
/// The chance takes up to half of a wait ("equal jitter" in the AWS article "Exponential Backoff And Jitter"): a
/// wait of nearly nothing would help nobody.
///
/// ```
/// use std::time::Duration;
/// use fw_routing::Backoff;
///
/// // 100 ms, 200 ms, 400 ms, 800 ms, 1 s, 1 s, ...
/// let backoff = Backoff::new()
///     .initial(Duration::from_millis(100))
///     .max(Duration::from_secs(1));
/// # let _ = backoff;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    initial: Duration,
    max: Duration,
    jitter: bool,
}

impl Backoff {
    /// From 200 ms up to 2 s, with jitter.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            initial: Duration::from_millis(200),
            max: Duration::from_secs(2),
            jitter: true,
        }
    }

    /// The first wait: 200 ms by default.
    #[must_use]
    pub const fn initial(mut self, wait: Duration) -> Self {
        self.initial = wait;
        self
    }

    /// The longest wait, and the longest `Retry-After` that is waited for: 2 s by default.
    #[must_use]
    pub const fn max(mut self, wait: Duration) -> Self {
        self.max = wait;
        self
    }

    /// Whether waits are changed by chance: they are by default.
    #[must_use]
    pub const fn jitter(mut self, jitter: bool) -> Self {
        self.jitter = jitter;
        self
    }

    /// The wait before retry `retry`, the first one being 1.
    ///
    /// A `Retry-After` takes its place, not below the first wait, and up to a tenth longer so that not all come back
    /// at once. `None` if it is longer than the longest wait: it is better to go elsewhere.
    pub(crate) fn delay(
        &self,
        retry: u32,
        retry_after: Option<Duration>,
        rng: &mut Rng,
    ) -> Option<Duration> {
        let chance = if self.jitter { rng.f64() } else { 0.0 };
        if let Some(asked) = retry_after {
            let wait = asked.max(self.initial.min(self.max));
            return (wait <= self.max).then(|| wait.saturating_add(part(wait, chance / 10.0)));
        }
        let doubled = 1_u32
            .checked_shl(retry.saturating_sub(1))
            .and_then(|factor| self.initial.checked_mul(factor));
        let wait = doubled.map_or(self.max, |wait| wait.min(self.max));
        Some(wait.saturating_sub(part(wait, chance / 2.0)))
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

/// This part of a wait, or of a year if that is less: `mul_f64` must not overflow.
fn part(wait: Duration, part: f64) -> Duration {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    wait.min(YEAR).mul_f64(part)
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;
    use proptest::prelude::*;

    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn it_doubles_up_to_the_longest() {
        let backoff = Backoff::new().initial(ms(100)).max(ms(500)).jitter(false);
        let mut rng = Rng::with_seed(1);
        let waits: Vec<_> = (1..=5)
            .map(|retry| backoff.delay(retry, None, &mut rng).unwrap())
            .collect();
        assert_eq!(waits, [ms(100), ms(200), ms(400), ms(500), ms(500)]);
        assert_eq!(backoff.delay(u32::MAX, None, &mut rng), Some(ms(500)));
    }

    #[test]
    fn chance_shortens_a_wait_by_up_to_half() {
        let backoff = Backoff::new().initial(ms(100));
        let mut rng = Rng::with_seed(1);
        let waits: Vec<_> = (0..1000)
            .map(|_| backoff.delay(1, None, &mut rng).unwrap())
            .collect();
        assert!(waits.iter().all(|wait| (ms(50)..=ms(100)).contains(wait)));
        assert!(waits.iter().any(|wait| *wait < ms(55)));
        assert!(waits.iter().any(|wait| *wait > ms(95)));
    }

    #[test]
    fn what_the_target_asks_for_is_kept_or_not_waited_for() {
        let backoff = Backoff::new().initial(ms(200)).max(ms(2000));
        let mut rng = Rng::with_seed(1);
        for _ in 0..100 {
            let wait = backoff.delay(1, Some(ms(1000)), &mut rng).unwrap();
            assert!((ms(1000)..=ms(1100)).contains(&wait));
        }
        assert!(backoff.delay(1, Some(ms(2000)), &mut rng).is_some());
        assert_eq!(backoff.delay(1, Some(ms(2001)), &mut rng), None);
    }

    #[test]
    fn at_once_is_too_soon() {
        let backoff = Backoff::new().initial(ms(200)).jitter(false);
        let mut rng = Rng::with_seed(1);
        assert_eq!(
            backoff.delay(1, Some(Duration::ZERO), &mut rng),
            Some(ms(200))
        );
    }

    proptest! {
        #[test]
        fn any_setting_gives_a_wait_within_it(
            initial: Duration,
            max: Duration,
            jitter: bool,
            retry: u32,
            retry_after: Option<Duration>,
            seed: u64,
        ) {
            let backoff = Backoff::new().initial(initial).max(max).jitter(jitter);
            match backoff.delay(retry, retry_after, &mut Rng::with_seed(seed)) {
                Some(wait) => {
                    let most = if retry_after.is_some() { max.saturating_add(max / 10) } else { max };
                    prop_assert!(wait <= most);
                    if let Some(asked) = retry_after {
                        prop_assert!(wait >= asked && asked <= max);
                    }
                }
                None => prop_assert!(retry_after.is_some_and(|asked| asked > max)),
            }
        }
    }
}
