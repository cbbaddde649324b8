//! What a target looks like from outside.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::keys::KeyRing;

/// Whether a target takes requests, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TargetState {
    /// It takes requests.
    Ready,
    /// It met its rate limit and rests.
    Cooling,
    /// It kept failing: its breaker is open.
    Open,
    /// Its breaker tries it with a few requests.
    HalfOpen,
    /// It failed its health probes.
    Unhealthy,
    /// It cannot be used at all, such as without a key.
    Unavailable,
}

impl TargetState {
    /// A name for logs, metrics and records, such as `half_open`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Cooling => "cooling",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
            Self::Unhealthy => "unhealthy",
            Self::Unavailable => "unavailable",
        }
    }
}

impl fmt::Display for TargetState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A target at one moment: see [`TargetStats::status`](crate::TargetStats::status).
///
/// The counts are attempts since the start. Those that have ended are `successes + failures + rate_limited + others`,
/// so `requests` is their sum and `in_flight`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TargetStatus {
    /// Its name.
    pub id: Arc<str>,
    /// Whether it takes requests.
    pub state: TargetState,
    /// Attempts that have not ended, to the end of their bodies.
    pub in_flight: u32,
    /// Estimate of the time to the first content; `None` as long as nothing is known.
    pub latency: Option<Duration>,
    /// Estimate of tokens per second within a reply; `None` as long as nothing is known.
    pub throughput: Option<f64>,
    /// Failed attempts of late, from 0 to 1.
    pub error_ratio: f64,
    /// What is left of its rate limit, from 0 to 1; 1 where it does not say.
    pub headroom: f64,
    /// How long until it may take requests again; `None` if it takes them, or if nobody knows.
    pub ready_in: Option<Duration>,
    /// Attempts.
    pub requests: u64,
    /// Attempts that succeeded, to the end of their bodies.
    pub successes: u64,
    /// Attempts that failed by the target's fault.
    pub failures: u64,
    /// Attempts that met its rate limit.
    pub rate_limited: u64,
    /// Attempts that ended in another way: the client's fault, the account's, or given up.
    pub others: u64,
    /// Its keys, where it has several.
    pub keys: Vec<KeyStatus>,
}

impl TargetStatus {
    /// Adds its keys, if there are several, under these names.
    pub(crate) fn with_keys(
        mut self,
        names: impl IntoIterator<Item = Option<Arc<str>>>,
        ring: &KeyRing,
        now: Instant,
    ) -> Self {
        if ring.len() > 1 {
            let states = ring.status(now);
            self.keys = names
                .into_iter()
                .zip(states)
                .map(|(name, (state, ready_in))| KeyStatus {
                    name,
                    state,
                    ready_in,
                })
                .collect();
        }
        self
    }
}

/// Whether a key is used, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyState {
    /// It is used.
    Ready,
    /// It met its rate limit and rests.
    Cooling,
    /// The target refused it or its account.
    SetAside,
}

impl KeyState {
    /// A name for logs, metrics and records, such as `set_aside`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Cooling => "cooling",
            Self::SetAside => "set_aside",
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One of the keys of a target at one moment. The key itself is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyStatus {
    /// Its name, if it has one.
    pub name: Option<Arc<str>>,
    /// Whether it is used.
    pub state: KeyState,
    /// How long until it is used again; `None` if it is used.
    pub ready_in: Option<Duration>,
}
