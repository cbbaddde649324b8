//! What happens when a target fails: `fallback`, `circuit_breaker`, `retry`,
//! `hedge`.

use schemars::JsonSchema;
use serde::Deserialize;

/// Trying another target when one fails.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("x-hints" = {
    "strategy": "write `providers.routing.strategy`",
    "max_retries": "write `max_fallback_attempts` here or `providers.retry.max_attempts`",
    "retry_on": "write `triggers` here or `providers.retry.retry_on`",
    "latency_window": "write `providers.routing.window_seconds`",
    "max_latency_ms": "write `first_token_timeout_seconds` in the target"
}))]
#[non_exhaustive]
pub struct Fallback {
    /// Whether another target is tried. A block without this key is on.
    pub enabled: bool,
    /// Failures after which another target is tried.
    pub triggers: Vec<FallbackTrigger>,
    /// Most further targets for one request.
    #[schemars(range(min = 0, max = 100))]
    pub max_fallback_attempts: u32,
    /// When a target refuses the content, or its own filter holds the reply
    /// back. What the policy chain blocks is never sent elsewhere. `fallback` is
    /// this project's addition.
    pub content_policy: OnContentPolicy,
    /// When the request is too long for a target. `fallback` is this project's
    /// addition.
    pub context_window: OnContextWindow,
}

impl Default for Fallback {
    fn default() -> Self {
        Self {
            enabled: true,
            triggers: vec![
                FallbackTrigger::RateLimit,
                FallbackTrigger::Timeout,
                FallbackTrigger::ServerError,
            ],
            max_fallback_attempts: 3,
            content_policy: OnContentPolicy::default(),
            context_window: OnContextWindow::default(),
        }
    }
}

/// A failure after which another target is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FallbackTrigger {
    /// The target's rate limit.
    #[serde(alias = "rate_limit_exceeded")]
    #[schemars(extend("x-aliases" = ["rate_limit_exceeded"]))]
    RateLimit,
    /// No answer in time.
    Timeout,
    /// An error of the target's own.
    #[serde(alias = "service_unavailable")]
    #[schemars(extend("x-aliases" = ["service_unavailable"]))]
    ServerError,
}

/// What follows when a target refuses the content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnContentPolicy {
    /// The refusal is the answer.
    #[default]
    Stop,
    /// The next target.
    Fallback,
}

/// What follows when a request is too long for a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnContextWindow {
    /// The error is the answer.
    #[default]
    Abort,
    /// The next target.
    Fallback,
}

/// Leaving out targets that keep failing. The names of the keys but for
/// `cooldown_seconds` are this project's.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct CircuitBreaker {
    /// Whether targets are left out.
    pub enabled: bool,
    /// Failures in a row after which a target is left out.
    #[schemars(range(min = 1))]
    pub failure_threshold: u32,
    /// Share of failed requests in the window from which a target is left out,
    /// beside `failure_threshold`. Not looked at unless given.
    #[schemars(range(min = 0.01, max = 1.0))]
    pub error_ratio: Option<f64>,
    /// `error_ratio`: length of the window.
    #[schemars(range(min = 1, max = 86_400))]
    pub window_seconds: u64,
    /// `error_ratio`: requests in the window before it is looked at.
    #[schemars(range(min = 1))]
    pub min_requests: u32,
    /// How long it is left out before it is tried again.
    #[serde(alias = "recovery_timeout")]
    #[schemars(range(min = 1, max = 86_400), extend("x-aliases" = ["recovery_timeout"]))]
    pub cooldown_seconds: u64,
    /// Requests that try it. All must succeed.
    #[schemars(range(min = 1))]
    pub half_open_max_requests: u32,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self {
            enabled: true,
            failure_threshold: 5,
            error_ratio: None,
            window_seconds: 60,
            min_requests: 20,
            cooldown_seconds: 30,
            half_open_max_requests: 1,
        }
    }
}

/// Trying the same target again. The defaults are this project's.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Retry {
    /// Whether requests are tried again.
    pub enabled: bool,
    /// Most attempts, the first one included.
    #[schemars(range(min = 1, max = 100))]
    pub max_attempts: u32,
    /// Wait before the second attempt.
    #[schemars(range(min = 0, max = 3_600_000))]
    pub initial_backoff_ms: u64,
    /// Longest wait between attempts.
    #[schemars(range(min = 0, max = 3_600_000))]
    pub max_backoff_ms: u64,
    /// Vary the waits, so that clients do not return all at once.
    pub jitter: bool,
    /// Longest time for all attempts together.
    #[schemars(range(min = 1, max = 86_400))]
    pub timeout_seconds: Option<u64>,
    /// What is tried again.
    pub retry_on: Vec<RetryOn>,
    /// Most further attempts at a target, in percent of its requests. Keeps an
    /// outage from being multiplied by those who try again.
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub budget_percent: f64,
    /// Further attempts each second that a target may always have.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub budget_min_per_second: f64,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            enabled: true,
            max_attempts: 2,
            initial_backoff_ms: 200,
            max_backoff_ms: 2_000,
            jitter: true,
            timeout_seconds: None,
            retry_on: vec![
                RetryOn::Status(429),
                RetryOn::Class(RetryClass::ServerError),
                RetryOn::Class(RetryClass::Timeout),
                RetryOn::Class(RetryClass::Connect),
            ],
            budget_percent: 20.0,
            budget_min_per_second: 1.0,
        }
    }
}

/// A failure after which a request is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RetryOn {
    /// An HTTP status.
    Status(#[schemars(range(min = 400, max = 599))] u16),
    /// A class of failures.
    Class(RetryClass),
}

/// A class of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetryClass {
    /// Any status from 500 to 599.
    #[serde(rename = "5xx", alias = "server_error")]
    #[schemars(extend("x-aliases" = ["server_error"]))]
    ServerError,
    /// No answer in time.
    Timeout,
    /// No connection.
    Connect,
    /// The target's rate limit.
    RateLimit,
}

/// A second request to another target when the first is slow to begin. The
/// answer that begins first is taken, the other one dropped. It costs the price
/// of both, so it is off unless asked for; retry budgets bound it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Hedge {
    /// Whether a second target is asked. A block without this key is on.
    pub enabled: bool,
    /// Wait without content before it is asked.
    #[schemars(range(min = 1, max = 3_600_000))]
    pub delay_ms: u64,
}

impl Default for Hedge {
    fn default() -> Self {
        Self {
            enabled: true,
            delay_ms: 1_000,
        }
    }
}
