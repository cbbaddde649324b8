//! `providers`: where requests go.

use std::num::NonZeroU32;

use fw_provider::TargetConfig;
use schemars::JsonSchema;
use serde::Deserialize;

/// Targets and the choice between them.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-hints" = {
    "model_groups": "model groups stand at the top of the document: `model_groups`",
    "health_check": "write `health_probe` in each target, or `health_monitor` at the top",
    "provider_fallback": "write `fallback`",
    "provider_routing": "write `routing`",
    "traffic_mirroring": "write `mirror`"
}))]
#[non_exhaustive]
pub struct Providers {
    /// How a target is chosen. Older spelling of `routing.strategy`, which wins
    /// where both are given.
    #[serde(default)]
    pub strategy: Option<Strategy>,
    /// How a target is chosen.
    #[serde(default)]
    pub routing: Option<Routing>,
    /// The targets.
    #[schemars(length(min = 1, max = 10_000))]
    pub targets: Vec<TargetConfig>,
    /// Longest wait for the first content of a reply, for targets that do not
    /// set their own.
    #[serde(default)]
    #[schemars(range(min = 1, max = 86_400))]
    pub first_token_timeout_seconds: Option<u64>,
    /// Trying another target when one fails.
    #[serde(default)]
    pub fallback: Option<Fallback>,
    /// Leaving out targets that keep failing.
    #[serde(default)]
    pub circuit_breaker: Option<CircuitBreaker>,
    /// Trying the same target again.
    #[serde(default)]
    pub retry: Option<Retry>,
    /// Splitting the traffic between variants.
    #[serde(default)]
    pub ab_test: Option<AbTest>,
    /// A copy of the traffic to another target.
    #[serde(default)]
    pub mirror: Option<Mirror>,
}

impl Providers {
    /// The strategy in force: `routing.strategy`, else `strategy`, else
    /// `ordered`.
    #[must_use]
    pub fn strategy(&self) -> Strategy {
        self.routing
            .as_ref()
            .and_then(|routing| routing.strategy)
            .or(self.strategy)
            .unwrap_or_default()
    }
}

/// How a target is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Routing {
    /// The rule.
    pub strategy: Option<Strategy>,
    /// `lowest_latency`: successes after which a target is ranked.
    pub min_sample_count: Option<NonZeroU32>,
    /// `lowest_latency`: length of the window that is looked at.
    #[schemars(range(min = 1, max = 86_400))]
    pub window_seconds: Option<u64>,
}

/// The rule by which a target is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Strategy {
    /// The first target only.
    Single,
    /// In the order of the file, the next one when one fails.
    #[default]
    Ordered,
    /// The same as `ordered`.
    Fallback,
    /// In turn.
    #[serde(alias = "round-robin")]
    #[schemars(extend("x-aliases" = ["round-robin"]))]
    RoundRobin,
    /// In turn, in proportion to `targets[].weight`.
    #[serde(alias = "weighted-round-robin", alias = "weighted")]
    #[schemars(extend("x-aliases" = ["weighted-round-robin", "weighted"]))]
    WeightedRoundRobin,
    /// At random.
    Random,
    /// Fewest requests in flight.
    #[serde(alias = "least-busy")]
    #[schemars(extend("x-aliases" = ["least-busy"]))]
    LeastBusy,
    /// Shortest time to the first content.
    #[serde(alias = "lowest-latency", alias = "latency")]
    #[schemars(extend("x-aliases" = ["lowest-latency", "latency"]))]
    LowestLatency,
    /// Most tokens per second.
    #[serde(alias = "highest-throughput", alias = "throughput")]
    #[schemars(extend("x-aliases" = ["highest-throughput", "throughput"]))]
    HighestThroughput,
    /// Lowest price.
    #[serde(alias = "lowest-cost", alias = "cost")]
    #[schemars(extend("x-aliases" = ["lowest-cost", "cost"]))]
    LowestCost,
    /// Latency, errors, load and rate limits weighed together.
    Adaptive,
}

impl Strategy {
    /// The name in configuration files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Ordered => "ordered",
            Self::Fallback => "fallback",
            Self::RoundRobin => "round_robin",
            Self::WeightedRoundRobin => "weighted_round_robin",
            Self::Random => "random",
            Self::LeastBusy => "least_busy",
            Self::LowestLatency => "lowest_latency",
            Self::HighestThroughput => "highest_throughput",
            Self::LowestCost => "lowest_cost",
            Self::Adaptive => "adaptive",
        }
    }
}

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
    /// When a policy blocks a target's reply. `fallback` is this project's
    /// addition.
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

/// What follows when a policy blocks a target's reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnContentPolicy {
    /// The block is the answer.
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct CircuitBreaker {
    /// Whether targets are left out.
    pub enabled: bool,
    /// Failures in a row after which a target is left out.
    #[schemars(range(min = 1))]
    pub failure_threshold: u32,
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
            cooldown_seconds: 30,
            half_open_max_requests: 1,
        }
    }
}

/// Trying the same target again. The defaults are this project's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
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

/// Splitting the traffic between variants.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AbTest {
    /// Whether the traffic is split. A block without this key is on.
    #[serde(default = "super::yes")]
    pub enabled: bool,
    /// What keeps a caller on one variant, for example `user_id`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 128))]
    pub sticky_by: Option<String>,
    /// The variants.
    #[schemars(length(min = 1, max = 1_000))]
    pub variants: Vec<Variant>,
}

/// One variant of an A/B test.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Id of the target.
    pub provider_id: String,
    /// Share of the traffic.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub weight: f64,
}

/// A copy of the traffic to another target, sent after the answer. The block's
/// key is this project's.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// Whether copies are sent.
    #[serde(default)]
    pub enabled: bool,
    /// Id of the target.
    pub mirror_target: String,
    /// Share of the requests that is copied.
    #[serde(default = "whole")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub sample_rate: f64,
    /// Record the copy's reply.
    #[serde(default)]
    pub log_mirror_response: bool,
    /// Longest time for a copy.
    #[serde(default = "mirror_timeout")]
    #[schemars(range(min = 1, max = 86_400_000))]
    pub timeout_ms: u64,
}

const fn whole() -> f64 {
    1.0
}

const fn mirror_timeout() -> u64 {
    5_000
}
