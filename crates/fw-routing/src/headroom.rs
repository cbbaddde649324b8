//! How much of a target's rate limit is left.

use std::{
    str,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use http::HeaderMap;

use crate::clock::{Ticks, seconds};

/// Limits are counted per minute or faster: after a minute, in seconds, what was said means nothing any more.
const MEMORY: f64 = 60.0;
/// What is left for a target that says it serves above its limit.
const OVER_LIMIT: f64 = 0.1;

const LIMIT: &str = "x-ratelimit-limit-";
const REMAINING: &str = "x-ratelimit-remaining-";

/// The least part that is left of any limit that these headers name, from 0 to 1; `None` if they name none.
///
/// `x-ratelimit-remaining-…` over `x-ratelimit-limit-…`, with whatever follows: OpenAI and others have `requests` and
/// `tokens`, Fireworks has `tokens-prompt`, `tokens-cache-adjusted-prompt` and `tokens-generated`, and says
/// `x-ratelimit-over-limit: yes` when it is near its capacity.
pub(crate) fn headroom(headers: &HeaderMap) -> Option<f64> {
    let mut least: Option<f64> = None;
    let mut note = |part: f64| least = Some(least.map_or(part, |least| least.min(part)));
    // A name longer than this is not among those we know, and costs no memory.
    let mut name = [0_u8; 64];
    for (header, limit) in headers {
        let header = header.as_str();
        if header == "x-ratelimit-over-limit" {
            if limit.as_bytes().eq_ignore_ascii_case(b"yes") {
                note(OVER_LIMIT);
            }
            continue;
        }
        let Some(what) = header.strip_prefix(LIMIT) else {
            continue;
        };
        let end = REMAINING.len() + what.len();
        let Some(name) = name.get_mut(..end) else {
            continue;
        };
        name[..REMAINING.len()].copy_from_slice(REMAINING.as_bytes());
        name[REMAINING.len()..].copy_from_slice(what.as_bytes());
        let remaining = str::from_utf8(name)
            .ok()
            .and_then(|name| headers.get(name))
            .and_then(|value| number(value.as_bytes()));
        if let (Some(remaining), Some(limit)) = (remaining, number(limit.as_bytes()))
            && limit > 0.0
        {
            note((remaining / limit).clamp(0.0, 1.0));
        }
    }
    least
}

fn number(text: &[u8]) -> Option<f64> {
    let number: f64 = str::from_utf8(text).ok()?.trim().parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

/// The last headroom that was heard of; read without a lock.
#[derive(Debug, Default)]
pub(crate) struct Headroom {
    used: AtomicU64,
    at: AtomicU64,
}

impl Headroom {
    pub(crate) fn observe(&self, headroom: f64, now: Ticks) {
        self.at.store(now, Relaxed);
        self.used.store((1.0 - headroom).to_bits(), Relaxed);
    }

    /// Whether it was below 1 when last heard of.
    pub(crate) fn is_limited(&self) -> bool {
        self.used.load(Relaxed) != 0
    }

    /// From 0 to 1. It grows back to 1 within a minute, as the limits do.
    pub(crate) fn value(&self, now: Ticks) -> f64 {
        let used = f64::from_bits(self.used.load(Relaxed));
        let elapsed = seconds(self.at.load(Relaxed), now);
        1.0 - used * (1.0 - elapsed / MEMORY).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(lines: &[(&'static str, &'static str)]) -> Option<f64> {
        let headers = lines
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        headroom(&headers)
    }

    #[test]
    fn the_scarcest_limit_counts() {
        let headers = [
            ("x-ratelimit-limit-requests", "600"),
            ("x-ratelimit-remaining-requests", "300"),
            ("x-ratelimit-limit-tokens-prompt", "60000"),
            ("x-ratelimit-remaining-tokens-prompt", "6000"),
        ];
        assert_eq!(of(&headers), Some(0.1));
    }

    #[test]
    fn half_of_a_pair_says_nothing() {
        assert_eq!(of(&[("x-ratelimit-limit-requests", "600")]), None);
        assert_eq!(of(&[("x-ratelimit-remaining-requests", "600")]), None);
        let zero = [
            ("x-ratelimit-limit-requests", "0"),
            ("x-ratelimit-remaining-requests", "0"),
        ];
        assert_eq!(of(&zero), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn over_the_limit_is_nearly_nothing() {
        assert_eq!(of(&[("x-ratelimit-over-limit", "yes")]), Some(0.1));
        assert_eq!(of(&[("x-ratelimit-over-limit", "no")]), None);
    }

    #[test]
    fn it_grows_back_in_a_minute() {
        const SECOND: u64 = 1_000_000_000;
        let headroom = Headroom::default();
        assert_eq!(headroom.value(SECOND), 1.0);
        headroom.observe(0.0, 100 * SECOND);
        assert_eq!(headroom.value(100 * SECOND), 0.0);
        assert!((headroom.value(130 * SECOND) - 0.5).abs() < 1e-9);
        assert_eq!(headroom.value(170 * SECOND), 1.0);
        assert_eq!(headroom.value(90 * SECOND), 0.0);
    }

    proptest! {
        #[test]
        fn it_is_a_part_of_one(limit in "\\PC{0,8}", remaining in "[-0-9.einfNa]{0,6}", name in "[a-z-]{0,80}") {
            let mut headers = HeaderMap::new();
            for (prefix, value) in [(LIMIT, &limit), (REMAINING, &remaining)] {
                if let (Ok(name), Ok(value)) = (
                    http::HeaderName::try_from(format!("{prefix}{name}")),
                    http::HeaderValue::try_from(value.as_str()),
                ) {
                    headers.insert(name, value);
                }
            }
            if let Some(part) = headroom(&headers) {
                prop_assert!((0.0..=1.0).contains(&part));
            }
        }
    }
}
