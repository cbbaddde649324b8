//! How long a target or a key rests after it said that it has had too much.

use std::time::Duration;

/// Where a target does not say how long to stay away.
const DEFAULT: Duration = Duration::from_secs(5);
/// `Retry-After: 0` would have it asked again at once, by everybody.
const LEAST: Duration = Duration::from_secs(1);
/// A server that asks for more is asked again after this long, unless set otherwise.
pub(crate) const DEFAULT_CAP: Duration = Duration::from_secs(60);

/// The rest that follows this `Retry-After`: five seconds without one, and from one second up to `cap`.
pub(crate) fn cooldown(retry_after: Option<Duration>, cap: Duration) -> Duration {
    retry_after.unwrap_or(DEFAULT).max(LEAST).min(cap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_clamped() {
        let seconds = Duration::from_secs;
        let after = |retry_after| cooldown(retry_after, DEFAULT_CAP);
        assert_eq!(after(None), seconds(5));
        assert_eq!(after(Some(Duration::ZERO)), seconds(1));
        assert_eq!(after(Some(seconds(20))), seconds(20));
        assert_eq!(after(Some(Duration::MAX)), seconds(60));
        let short = Duration::from_millis(100);
        assert_eq!(cooldown(Some(seconds(20)), short), short);
    }
}
