//! Whether a target takes requests: its key, its health, its rate limit and its breaker taken together.

use std::time::Instant;

use crate::{
    breaker::{BreakerState, Change, Ticket},
    clock::{Ticks, ticks},
    status::TargetState,
};

/// Nobody knows when.
pub(crate) const UNKNOWN: Ticks = u64::MAX;

/// All that can keep a target from taking requests. Time is what the callers say it is.
#[derive(Debug)]
pub(crate) struct Gate {
    available: bool,
    healthy: bool,
    cooling_until: Ticks,
    recovers_from: Ticks,
    breaker: Option<BreakerState>,
}

impl Gate {
    pub(crate) const fn new(breaker: Option<BreakerState>) -> Self {
        Self {
            available: true,
            healthy: true,
            cooling_until: 0,
            recovers_from: 0,
            breaker,
        }
    }

    pub(crate) fn set_breaker(&mut self, breaker: BreakerState) {
        self.breaker = Some(breaker);
    }

    /// From when on it takes requests, as far as is known now; zero if nothing ever kept it from it.
    pub(crate) fn blocked_until(&self) -> Ticks {
        if !self.available || !self.healthy {
            return UNKNOWN;
        }
        let breaker = match &self.breaker {
            Some(breaker) => {
                let until = breaker.open_until().or_else(|| breaker.full_until());
                until.map_or(0, ticks)
            }
            None => 0,
        };
        breaker.max(self.cooling_until)
    }

    /// From when on it gets more of its share again; unknown until it is back.
    pub(crate) fn recovers_from(&self) -> Ticks {
        if self.healthy && self.closed_period().is_some() {
            self.recovers_from
        } else {
            UNKNOWN
        }
    }

    /// See [`BreakerState::closed_period`].
    pub(crate) fn closed_period(&self) -> Option<u64> {
        match &self.breaker {
            Some(breaker) => breaker.closed_period(),
            None => Some(0),
        }
    }

    pub(crate) fn admit(&mut self, now: Instant) -> Option<Ticket> {
        if self.blocked_until() > ticks(now) {
            return None;
        }
        match &mut self.breaker {
            Some(breaker) => breaker.admit(now),
            None => Some(Ticket::of_period(0)),
        }
    }

    pub(crate) fn record(&mut self, ticket: Ticket, success: bool, now: Instant) -> Option<Change> {
        let change = self.breaker.as_mut()?.record(ticket, success, now);
        if change == Some(Change::Closed) {
            self.recovers_from = self.recovers_from.max(ticks(now));
        }
        change
    }

    pub(crate) fn neutral(&mut self, ticket: Ticket) {
        if let Some(breaker) = &mut self.breaker {
            breaker.neutral(ticket);
        }
    }

    /// A shorter rest does not end a longer one.
    pub(crate) fn cool_until(&mut self, until: Instant) {
        let until = ticks(until).min(UNKNOWN - 1);
        self.cooling_until = self.cooling_until.max(until);
        self.recovers_from = self.recovers_from.max(until);
    }

    pub(crate) fn set_healthy(&mut self, healthy: bool, now: Instant) {
        if healthy {
            if !self.healthy {
                self.recovers_from = self.recovers_from.max(ticks(now));
            }
            if let Some(breaker) = &mut self.breaker {
                breaker.end_cooldown(now);
            }
        }
        self.healthy = healthy;
    }

    pub(crate) fn set_available(&mut self, available: bool) {
        self.available = available;
    }

    pub(crate) fn state(&self, now: Instant) -> TargetState {
        let open = self.breaker.as_ref().and_then(BreakerState::open_until);
        if !self.available {
            TargetState::Unavailable
        } else if !self.healthy {
            TargetState::Unhealthy
        } else if open.is_some_and(|until| now < until) {
            TargetState::Open
        } else if self.closed_period().is_none() {
            TargetState::HalfOpen
        } else if self.cooling_until > ticks(now) {
            TargetState::Cooling
        } else {
            TargetState::Ready
        }
    }
}
