//! `providers`: where requests go.

mod resilience;
mod traffic;

use std::num::NonZeroU32;

use fw_provider::TargetConfig;
use schemars::JsonSchema;
use serde::Deserialize;

pub use self::resilience::{
    CircuitBreaker, Fallback, FallbackTrigger, Hedge, OnContentPolicy, OnContextWindow, Retry,
    RetryClass, RetryOn,
};
pub use self::traffic::{AbTest, Mirror, Variant};

/// Targets and the choice between them.
///
/// A request whose `model` is a group's name or alias goes to that group. One
/// that names a target's id or model goes to that target first, and to the
/// others when it fails; where shares decide (`weighted_round_robin`,
/// `ab_test`), only the id does so. Any other model is passed on to the target
/// that the strategy chooses.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-hints" = {
    "model_groups": "model groups stand at the top of the document: `model_groups`",
    "health_check": "write `health_probe` in each target, or `health_monitor` at the top",
    "provider_fallback": "write `fallback`",
    "provider_routing": "write `routing`",
    "traffic_mirroring": "write `mirror`",
    "hedging": "write `hedge`"
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
    /// set their own. The next target is tried when it passes.
    #[serde(default)]
    #[schemars(range(min = 1, max = 86_400))]
    pub first_token_timeout_seconds: Option<u64>,
    /// Trying another target when one fails. Without this block it is on with
    /// its defaults where there are several targets, except under `single`.
    #[serde(default)]
    pub fallback: Option<Fallback>,
    /// Leaving out targets that keep failing. Without this block it is on with
    /// its defaults where there are several targets, and off for a single one.
    #[serde(default)]
    pub circuit_breaker: Option<CircuitBreaker>,
    /// Trying the same target again. Without this block it is tried once.
    #[serde(default)]
    pub retry: Option<Retry>,
    /// Splitting the traffic between variants. Takes the place of the strategy.
    #[serde(default)]
    pub ab_test: Option<AbTest>,
    /// A copy of the traffic to another target.
    #[serde(default)]
    pub mirror: Option<Mirror>,
    /// A second target beside one that is slow to begin.
    #[serde(default)]
    pub hedge: Option<Hedge>,
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

    /// Whether weights decide who is chosen.
    #[must_use]
    pub const fn uses_weights(self) -> bool {
        matches!(self, Self::WeightedRoundRobin | Self::Random)
    }
}
