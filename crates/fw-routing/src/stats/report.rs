//! What attempts report through their permits.

use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use super::{NOT_CLOSED, TargetStats};
use crate::{
    breaker::{Change, Ticket},
    clock::{Ticks, after, ticks},
};

/// How far one reply moves the estimate of the throughput.
const THROUGHPUT_WEIGHT: f64 = 0.2;

impl TargetStats {
    /// The answer began after so many seconds.
    pub(crate) fn began(&self, waited: f64, at: Ticks) {
        let gate = self.gate();
        self.record_beginning(waited, at);
        drop(gate);
    }

    /// The answer took longer than this.
    pub(crate) fn took_longer(&self, than: Duration, now: Instant) {
        let gate = self.gate();
        let at = ticks(now);
        let mut latency = self.latency.load();
        latency.observe_at_least(than.as_secs_f64(), at, self.latency_decay);
        self.latency.store(latency);
        let mut typical = self.typical.load();
        typical.observe_at_least(than.as_secs_f64(), at, self.latency_decay);
        self.typical.store(typical);
        drop(gate);
    }

    /// It went well. `began` says after how many seconds its answer began, if that is not known yet; `now` is given
    /// in both forms.
    pub(crate) fn succeeded(
        &self,
        ticket: Ticket,
        began: Option<f64>,
        throughput: Option<f64>,
        (now, at): (Instant, Ticks),
    ) {
        self.counts.successes.fetch_add(1, Relaxed);
        let mut gate = self.gate();
        if let Some(waited) = began {
            self.record_beginning(waited, at);
        }
        self.record_outcome(true, at);
        if let Some(new) = throughput {
            let known = self.throughput().unwrap_or(new);
            let average = known + (new - known) * THROUGHPUT_WEIGHT;
            self.throughput.store(average.to_bits(), Relaxed);
        }
        let change = gate.record(ticket, true, now);
        self.publish(&gate);
        drop(gate);
        if change == Some(Change::Closed) {
            tracing::info!(id = %self.id, "the circuit breaker closed");
        }
    }

    /// It failed after this long.
    pub(crate) fn failed(&self, ticket: Ticket, waited: Duration, now: Instant) {
        self.counts.failures.fetch_add(1, Relaxed);
        let mut gate = self.gate();
        let at = ticks(now);
        self.record_outcome(false, at);
        let mut latency = self.latency.load();
        latency.penalise(waited.as_secs_f64(), at, self.latency_decay);
        self.latency.store(latency);
        let change = gate.record(ticket, false, now);
        self.publish(&gate);
        drop(gate);
        if change == Some(Change::Opened) {
            tracing::warn!(id = %self.id, "the circuit breaker opened");
        }
    }

    pub(crate) fn rate_limited(&self, ticket: Ticket, retry_after: Option<Duration>, now: Instant) {
        self.counts.rate_limited.fetch_add(1, Relaxed);
        self.change(|gate| {
            gate.neutral(ticket);
            gate.cool_until(after(now, self.cooldown(retry_after)));
        });
    }

    /// It met a rate limit after which the target does not rest.
    pub(crate) fn limited(&self, ticket: Ticket) {
        self.counts.rate_limited.fetch_add(1, Relaxed);
        self.change(|gate| gate.neutral(ticket));
    }

    /// It ended in a way that says nothing of the target.
    pub(crate) fn neutral(&self, ticket: Ticket) {
        self.counts.others.fetch_add(1, Relaxed);
        // A closed breaker counts no places.
        if self.closed_period.load(Relaxed) == NOT_CLOSED {
            let mut gate = self.gate();
            gate.neutral(ticket);
            self.publish(&gate);
        }
    }

    /// It ended before its answer began.
    pub(crate) fn given_up(&self) {
        self.silence.given_up();
    }

    pub(crate) fn ended(&self) {
        self.in_flight.fetch_sub(1, Relaxed);
    }

    /// Under the lock of the gate.
    fn record_beginning(&self, waited: f64, at: Ticks) {
        let mut latency = self.latency.load();
        latency.observe(waited, at, self.latency_decay);
        self.latency.store(latency);
        let mut typical = self.typical.load();
        typical.observe(waited, at, self.latency_decay);
        self.typical.store(typical);
        self.samples.add(at);
        self.silence.answered(at);
    }

    /// Under the lock of the gate.
    fn record_outcome(&self, success: bool, at: Ticks) {
        let mut outcomes = self.outcomes.load();
        outcomes.record(success, at);
        self.outcomes.store(outcomes);
    }
}
