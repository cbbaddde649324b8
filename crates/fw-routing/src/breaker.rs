//! A circuit breaker: a target that keeps failing is left alone for a while, then tried with a few requests.

use std::time::{Duration, Instant};

use crate::{
    clock::{after, ticks},
    window::Window,
};

/// How long a request that was let through for a trial may take: after it another may take its place.
///
/// A long answer, or a client that does not read, must not keep a target that works out of rotation.
const TRIAL: Duration = Duration::from_secs(30);

/// When a target is left alone, and how it comes back.
///
/// It opens after a number of failures in a row, or at a ratio of failures over a window where one is set. After the
/// cooldown it lets a few requests through, and closes when all of them have succeeded; one failure opens it again.
/// While they take long it lets one more through every 30 s.
/// Only results of the target's own making count: see [`FaultKind::is_failure`](crate::FaultKind::is_failure).
///
/// ```
/// use std::time::Duration;
/// use fw_routing::Breaker;
///
/// let breaker = Breaker::new()
///     .failure_threshold(3)
///     .error_ratio(0.5)
///     .cooldown(Duration::from_secs(10));
/// # let _ = breaker;
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breaker {
    failure_threshold: u32,
    error_ratio: Option<f64>,
    window: Duration,
    min_requests: u32,
    cooldown: Duration,
    half_open_requests: u32,
}

impl Breaker {
    /// Opens for 30 s after 5 failures in a row and comes back with 1 request; the ratio is off.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            failure_threshold: 5,
            error_ratio: None,
            window: Duration::from_secs(60),
            min_requests: 20,
            cooldown: Duration::from_secs(30),
            half_open_requests: 1,
        }
    }

    /// Opens after this many failures in a row, 5 by default; 0 counts as 1.
    #[must_use]
    pub const fn failure_threshold(mut self, failures: u32) -> Self {
        self.failure_threshold = failures;
        self
    }

    /// Also opens when this part of the requests of the [window](Self::window) failed, from 0 to 1. Off by default.
    #[must_use]
    pub const fn error_ratio(mut self, ratio: f64) -> Self {
        self.error_ratio = Some(ratio);
        self
    }

    /// Over how long the ratio is taken: 60 s by default, a second at least. It moves on in eighths.
    #[must_use]
    pub const fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// With fewer results than this in the window the ratio says nothing: 20 by default.
    #[must_use]
    pub const fn min_requests(mut self, requests: u32) -> Self {
        self.min_requests = requests;
        self
    }

    /// How long it stays open: 30 s by default.
    #[must_use]
    pub const fn cooldown(mut self, cooldown: Duration) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// How many requests must succeed after the cooldown, and are let through for it: 1 by default; 0 counts as 1.
    #[must_use]
    pub const fn half_open_requests(mut self, requests: u32) -> Self {
        self.half_open_requests = requests;
        self
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Self::new()
    }
}

/// Says in which period of the breaker a request was admitted. Results from another period do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

impl Ticket {
    pub(crate) const fn of_period(period: u64) -> Self {
        Self(period)
    }
}

/// What a result changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Opened,
    Closed,
}

/// The breaker of one target. Time is what the callers say it is.
#[derive(Debug)]
pub(crate) struct BreakerState {
    config: Breaker,
    phase: Phase,
    /// Counts the changes of phase.
    period: u64,
}

#[derive(Debug)]
enum Phase {
    Closed {
        failures_in_a_row: u32,
        results: Window,
        failures: Window,
    },
    Open {
        until: Instant,
    },
    HalfOpen {
        in_flight: u32,
        succeeded: u32,
        /// Places beyond those configured, and from when on there is one more.
        extra: u32,
        extra_from: Instant,
    },
}

impl BreakerState {
    pub(crate) fn new(config: Breaker) -> Self {
        Self {
            config,
            phase: Phase::closed(config),
            period: 0,
        }
    }

    /// Whether [`admit`](Self::admit) would let a request through.
    fn admits(&self, now: Instant) -> bool {
        match self.phase {
            Phase::Closed { .. } => true,
            Phase::Open { until } => now >= until,
            Phase::HalfOpen { .. } => self.full_until().is_none_or(|until| now >= until),
        }
    }

    /// From when on it lets one more through, if it is half-open with no place left.
    pub(crate) fn full_until(&self) -> Option<Instant> {
        match self.phase {
            Phase::HalfOpen {
                in_flight,
                succeeded,
                extra,
                extra_from,
            } => {
                let places = self.config.half_open_requests.max(1).saturating_add(extra);
                (in_flight.saturating_add(succeeded) >= places).then_some(extra_from)
            }
            _ => None,
        }
    }

    /// Lets a request through or not. After the cooldown the first one makes it half-open.
    pub(crate) fn admit(&mut self, now: Instant) -> Option<Ticket> {
        if !self.admits(now) {
            return None;
        }
        if let Phase::Open { .. } = self.phase {
            self.enter(Phase::HalfOpen {
                in_flight: 0,
                succeeded: 0,
                extra: 0,
                extra_from: now,
            });
        }
        let is_full = self.full_until().is_some();
        if let Phase::HalfOpen {
            in_flight,
            extra,
            extra_from,
            ..
        } = &mut self.phase
        {
            *in_flight += 1;
            *extra += u32::from(is_full);
            *extra_from = after(now, TRIAL);
        }
        Some(Ticket(self.period))
    }

    /// A request went well or failed.
    pub(crate) fn record(&mut self, ticket: Ticket, success: bool, now: Instant) -> Option<Change> {
        if ticket.0 != self.period {
            return None;
        }
        let next = match &mut self.phase {
            Phase::Closed {
                failures_in_a_row,
                results,
                failures,
            } => {
                let at = ticks(now);
                results.add(at);
                if success {
                    *failures_in_a_row = 0;
                    return None;
                }
                failures.add(at);
                *failures_in_a_row += 1;
                let too_many = *failures_in_a_row >= self.config.failure_threshold.max(1);
                let too_often = self.config.error_ratio.is_some_and(|limit| {
                    let results = results.count(at);
                    results >= self.config.min_requests.max(1)
                        && f64::from(failures.count(at)) >= limit * f64::from(results)
                });
                if !too_many && !too_often {
                    return None;
                }
                self.opened(now)
            }
            Phase::HalfOpen {
                in_flight,
                succeeded,
                ..
            } => {
                *in_flight = in_flight.saturating_sub(1);
                if !success {
                    self.opened(now)
                } else {
                    *succeeded += 1;
                    if *succeeded < self.config.half_open_requests.max(1) {
                        return None;
                    }
                    Phase::closed(self.config)
                }
            }
            // No request is admitted in this phase.
            Phase::Open { .. } => return None,
        };
        let change = match next {
            Phase::Closed { .. } => Change::Closed,
            _ => Change::Opened,
        };
        self.enter(next);
        Some(change)
    }

    /// A request ended in a way that says nothing of the target. Its place is free again.
    pub(crate) fn neutral(&mut self, ticket: Ticket) {
        if ticket.0 == self.period
            && let Phase::HalfOpen { in_flight, .. } = &mut self.phase
        {
            *in_flight = in_flight.saturating_sub(1);
        }
    }

    /// Ends the cooldown: the next request is let through as after it.
    pub(crate) fn end_cooldown(&mut self, now: Instant) {
        if let Phase::Open { until } = &mut self.phase {
            *until = now.min(*until);
        }
    }

    /// The period, if it is closed: requests may then be admitted with [`Ticket::of_period`] without asking.
    pub(crate) fn closed_period(&self) -> Option<u64> {
        matches!(self.phase, Phase::Closed { .. }).then_some(self.period)
    }

    /// The end of the cooldown, if it is open.
    pub(crate) fn open_until(&self) -> Option<Instant> {
        match self.phase {
            Phase::Open { until } => Some(until),
            _ => None,
        }
    }

    fn opened(&self, now: Instant) -> Phase {
        Phase::Open {
            until: after(now, self.config.cooldown),
        }
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.period += 1;
    }
}

impl Phase {
    fn closed(config: Breaker) -> Self {
        Self::Closed {
            failures_in_a_row: 0,
            results: Window::new(config.window),
            failures: Window::new(config.window),
        }
    }
}

#[cfg(test)]
mod tests;
