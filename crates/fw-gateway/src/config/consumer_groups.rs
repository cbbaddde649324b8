//! `consumer_groups`: callers and what they may do.

use fw_provider::LiteralKey;
use schemars::JsonSchema;
use serde::Deserialize;

use super::policies::Policies;

/// Callers that share a key and limits.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ConsumerGroup {
    /// Unique name.
    #[schemars(length(min = 1, max = 128))]
    pub name: String,
    /// The key by which its callers are known. A group without one is the
    /// default group.
    #[serde(default)]
    pub api_key: Option<LiteralKey>,
    /// Limits.
    #[serde(default)]
    pub rate_limits: Option<ConsumerLimits>,
    /// Models its callers may use. Default: all.
    #[serde(default)]
    #[schemars(length(min = 1, max = 10_000))]
    pub allowed_models: Option<Vec<String>>,
    /// Chain of its own, in place of the global one.
    #[serde(default)]
    pub policies: Option<Policies>,
    /// Id of the target.
    #[serde(default)]
    pub upstream: Option<String>,
}

/// Limits of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConsumerLimits {
    /// Requests in a minute.
    #[schemars(range(min = 1))]
    pub requests_per_minute: Option<u64>,
    /// Tokens in a minute.
    #[schemars(range(min = 1))]
    pub tokens_per_minute: Option<u64>,
    /// Tokens in a day.
    #[schemars(range(min = 1))]
    pub tokens_per_day: Option<u64>,
}
