//! What can be set for a target.

use std::time::Duration;

use super::TargetStats;
use crate::{
    breaker::{Breaker, BreakerState},
    budget::{BudgetState, RetryBudget},
    clock::length,
    window::Window,
};

impl TargetStats {
    /// Leaves the target alone when it keeps failing.
    #[must_use]
    pub fn breaker(self, config: Breaker) -> Self {
        self.gate().set_breaker(BreakerState::new(config));
        self
    }

    /// How many retries are allowed: see [`RetryBudget`].
    #[must_use]
    pub fn retry_budget(self, config: RetryBudget) -> Self {
        *self.budget() = BudgetState::new(config);
        self
    }

    /// What it costs, in USD per million tokens of the prompt and of the completion.
    #[must_use]
    pub fn price(mut self, prompt: f64, completion: f64) -> Self {
        let blended = (3.0 * prompt + completion) / 4.0;
        self.price = blended.is_finite().then_some(blended);
        self
    }

    /// The longest `Retry-After` that is honoured: 60 s by default.
    #[must_use]
    pub const fn cooldown_cap(mut self, cap: Duration) -> Self {
        self.cooldown_cap = cap;
        self
    }

    /// The time constant with which a peak of [`latency`](Self::latency) falls: 10 s by default.
    #[must_use]
    pub fn latency_decay(mut self, constant: Duration) -> Self {
        self.latency_decay = 1.0 / constant.as_secs_f64().max(1e-3);
        self
    }

    /// Over how long [`samples`](Self::samples) counts: 60 s by default, a second at least.
    #[must_use]
    pub fn samples_window(mut self, window: Duration) -> Self {
        self.samples = Window::new(window);
        self
    }

    /// How long a target takes to get its full share again when it comes back: 10 s by default.
    #[must_use]
    pub fn recovery_ramp(mut self, ramp: Duration) -> Self {
        self.ramp = length(ramp);
        self
    }
}
