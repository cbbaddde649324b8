//! The four rate-limit sections: requests over all, by address, by user, and
//! tokens.

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::HeaderName;

/// `global_rate_limit`: requests over all callers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GlobalRateLimit {
    /// Most requests in a window.
    #[schemars(range(min = 1))]
    pub max_requests: u64,
    /// Length of the window.
    #[schemars(range(min = 1, max = 31_536_000))]
    pub window_seconds: u64,
}

/// `ip_rate_limit`: requests of one address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IpRateLimit {
    /// Most requests in a window.
    #[schemars(range(min = 1))]
    pub max_requests: u64,
    /// Length of the window.
    #[schemars(range(min = 1, max = 31_536_000))]
    pub window_seconds: u64,
    /// Proxies in front of the gateway whose `X-Forwarded-For` is believed.
    #[serde(default)]
    #[schemars(range(min = 0, max = 32))]
    pub trust_proxy_depth: u32,
}

/// `user_rate_limit`: requests of one user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserRateLimit {
    /// Most requests in a window.
    #[schemars(range(min = 1))]
    pub max_requests: u64,
    /// Length of the window.
    #[schemars(range(min = 1, max = 31_536_000))]
    pub window_seconds: u64,
    /// Headers that name the user, in order.
    #[serde(default = "user_headers")]
    #[schemars(length(min = 1, max = 16))]
    pub header_names: Vec<HeaderName>,
}

/// `token_rate_limit`: tokens.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRateLimit {
    /// Most tokens in a window.
    #[schemars(range(min = 1))]
    pub max_tokens: u64,
    /// Length of the window.
    #[schemars(range(min = 1, max = 31_536_000))]
    pub window_seconds: u64,
    /// Whose tokens are counted together.
    #[serde(default)]
    pub scope: TokenScope,
}

/// Whose tokens are counted together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// Everybody's.
    #[default]
    Global,
    /// Those of one address.
    Ip,
    /// Those of one user.
    User,
}

fn user_headers() -> Vec<HeaderName> {
    HeaderName::all(&["x-user-id"])
}
