//! Traffic that is split or copied: `ab_test`, `mirror`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::text::StickyBy;

/// Splitting the traffic between variants.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AbTest {
    /// Whether the traffic is split. A block without this key is on.
    #[serde(default = "crate::config::yes")]
    pub enabled: bool,
    /// What keeps a caller on one variant: `user_id` (the header `x-user-id`,
    /// else the request's `user`) or the name of a header. Without it each
    /// request is a new draw.
    #[serde(default)]
    pub sticky_by: Option<StickyBy>,
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
