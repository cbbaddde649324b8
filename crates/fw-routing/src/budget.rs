//! How many retries a target is worth.

use crate::clock::{Ticks, decay, seconds};

/// Limits retries and hedges to a part of the traffic, so that an outage is not made worse by asking twice.
///
/// Each request adds to the budget, each retry takes one from it. This is the retry budget of Finagle, linkerd and
/// tower, and the per-client budget of Google's SRE book (chapter "Handling Overload"): a limit per request alone
/// would still multiply the load when everything fails.
///
/// ```
/// use fw_routing::RetryBudget;
///
/// // At most every tenth request is a retry, but always two a second.
/// let budget = RetryBudget::new().percent(10.0).min_per_second(2.0);
/// # let _ = budget;
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryBudget {
    percent: f64,
    min_per_second: f64,
}

impl RetryBudget {
    /// 20 % of the requests, and one a second in any case: the defaults of linkerd but for its ten a second, which is
    /// much where an answer takes seconds and costs money.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            percent: 20.0,
            min_per_second: 1.0,
        }
    }

    /// Retries per hundred requests; nothing below 0 and no more than 1,000.
    #[must_use]
    pub const fn percent(mut self, percent: f64) -> Self {
        self.percent = percent;
        self
    }

    /// Retries per second that are allowed with little traffic; nothing below 0.
    #[must_use]
    pub const fn min_per_second(mut self, retries: f64) -> Self {
        self.min_per_second = retries;
        self
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new()
    }
}

/// What is not used is forgotten with this time constant, in seconds: the window of Finagle and tower.
const MEMORY: f64 = 10.0;

/// The budget of one target: a bucket of tokens, full at the start, that leaks.
///
/// What is in it falls with a time constant of ten seconds, so it holds about what ten seconds of traffic put in:
/// no fixed size suits one request a second and a thousand.
#[derive(Debug)]
pub(crate) struct BudgetState {
    per_request: f64,
    per_second: f64,
    tokens: f64,
    /// Zero: nothing was put in yet.
    at: Ticks,
}

impl BudgetState {
    pub(crate) fn new(config: RetryBudget) -> Self {
        let per_request = up_to(1000.0, config.percent) / 100.0;
        let per_second = up_to(1e9, config.min_per_second);
        Self {
            per_request,
            per_second,
            tokens: per_second * MEMORY,
            at: 0,
        }
    }

    /// A request was sent.
    pub(crate) fn deposit(&mut self, now: Ticks) {
        self.advance(now);
        self.tokens += self.per_request;
    }

    /// Whether one more retry is allowed; if so it is counted.
    ///
    /// A retry is a request too and will put in its part: it is taken out here as well.
    pub(crate) fn withdraw(&mut self, now: Ticks) -> bool {
        self.advance(now);
        // Sums of parts such as 0.2 are a little off.
        if self.tokens < 1.0 - 1e-9 {
            return false;
        }
        self.tokens -= 1.0 + self.per_request;
        true
    }

    /// Up to `MEMORY` seconds' worth of the minimum flow in; the rest leaks.
    fn advance(&mut self, now: Ticks) {
        let before = self.at;
        self.at = before.max(now);
        if before != 0 && now > before {
            let left = decay(seconds(before, now) / MEMORY);
            let full = self.per_second * MEMORY;
            self.tokens = full + (self.tokens - full) * left;
        }
    }
}

/// Zero for what is below it or no number.
fn up_to(most: f64, number: f64) -> f64 {
    if number > 0.0 { number.min(most) } else { 0.0 }
}

#[cfg(test)]
mod tests;
