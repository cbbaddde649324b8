//! `ip_allowlist`: who may connect.

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::Network;

/// Addresses that may use the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct IpAllowlist {
    /// Whether the list applies. A block without this key is on.
    #[serde(default = "super::yes")]
    pub enabled: bool,
    /// Networks such as `10.0.0.0/8`, or single addresses.
    #[schemars(length(min = 1, max = 10_000))]
    pub cidrs: Vec<Network>,
    /// Proxies in front of the gateway whose `X-Forwarded-For` is believed.
    #[serde(default)]
    #[schemars(range(min = 0, max = 32))]
    pub trust_proxy_depth: u32,
}
