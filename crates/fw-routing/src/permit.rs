//! Leave to send one attempt to a target.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    breaker::Ticket,
    clock::{Ticks, seconds, ticks},
    fault::FaultKind,
    stats::TargetStats,
};

/// Below this part of the whole attempt, the time after the first content is not the time of writing it: the reply
/// was not a stream, or its target wrote it before sending.
const STREAMED: f64 = 0.05;

/// One attempt at a target, from [`TargetStats::admit`] to the end of its body.
///
/// Whoever learns how it ended says so. Dropped without a verdict, as when the client hangs up, it says nothing of
/// the target: in flight goes down, and the place it took in a half-open breaker is free again.
#[derive(Debug)]
#[must_use = "an attempt ends when its permit is dropped"]
pub struct Permit {
    target: Arc<TargetStats>,
    ticket: Ticket,
    started: Instant,
    /// The same as a number.
    from: Ticks,
    first_content: Option<Ticks>,
    judged: bool,
}

impl Permit {
    pub(crate) const fn new(
        target: Arc<TargetStats>,
        ticket: Ticket,
        started: Instant,
        from: Ticks,
    ) -> Self {
        Self {
            target,
            ticket,
            started,
            from,
            first_content: None,
            judged: false,
        }
    }

    /// The target it is for.
    #[must_use]
    pub const fn target(&self) -> &Arc<TargetStats> {
        &self.target
    }

    /// When it was admitted.
    #[must_use]
    pub const fn started(&self) -> Instant {
        self.started
    }

    /// The first content has come: a sample of the latency. Only the first call counts.
    pub fn first_content(&mut self, now: Instant) {
        if self.first_content.is_none() {
            let now = ticks(now);
            self.first_content = Some(now);
            self.target.began(seconds(self.from, now), now);
        }
    }

    /// It went well to its end. With the number of tokens of the completion, if known, it is a sample of the
    /// throughput.
    pub fn succeed(mut self, now: Instant, completion_tokens: Option<u64>) {
        let at = ticks(now);
        let is_first = self.first_content.is_none();
        let began = *self.first_content.get_or_insert(at);
        self.judged = true;
        self.target.succeeded(
            self.ticket,
            is_first.then(|| seconds(self.from, at)),
            completion_tokens.and_then(|tokens| self.throughput(began, at, tokens)),
            (now, at),
        );
    }

    /// It failed. What that says of the target depends on the kind:
    ///
    /// - a [failure](FaultKind::is_failure) counts for the breaker, the error ratio and the latency, there for no
    ///   less than the time that the target asked for;
    /// - after a rate limit the target rests: see [`TargetStats::cooldown`];
    /// - anything else says nothing of it.
    pub fn fail(mut self, now: Instant, kind: FaultKind, retry_after: Option<Duration>) {
        if kind.is_failure() {
            self.judged = true;
            let waited = self.since_start(self.first_content.unwrap_or_else(|| ticks(now)));
            let asked = retry_after.map(|asked| self.target.cooldown(Some(asked)));
            let after = waited.max(asked.unwrap_or_default());
            self.target.failed(self.ticket, after, now);
        } else if kind == FaultKind::RateLimited {
            self.judged = true;
            self.target.rate_limited(self.ticket, retry_after, now);
        }
    }

    /// It met a rate limit, and not that of the whole target: of one key, or with more than any limit allows.
    pub(crate) fn limited(mut self) {
        self.judged = true;
        self.target.limited(self.ticket);
    }

    /// Another attempt was faster: it would have taken longer than this, and says no more than that.
    pub fn overtaken(self, now: Instant) {
        if self.first_content.is_none() {
            self.target.took_longer(self.since_start(ticks(now)), now);
        }
    }

    fn since_start(&self, now: Ticks) -> Duration {
        Duration::from_nanos(now.saturating_sub(self.from))
    }

    /// Tokens per second since the first content, or since the start where that took next to no time.
    fn throughput(&self, began: Ticks, now: Ticks, tokens: u64) -> Option<f64> {
        let whole = seconds(self.from, now);
        let written = seconds(began, now);
        let time = if written < whole * STREAMED {
            whole
        } else {
            written
        };
        (time > 0.0 && tokens > 0).then(|| tokens as f64 / time)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.judged {
            self.target.neutral(self.ticket);
        }
        if self.first_content.is_none() {
            self.target.given_up();
        }
        self.target.ended();
    }
}
