//! `policies`: which policies run, and in which order.

use schemars::JsonSchema;
use serde::Deserialize;

use super::policy::PolicyKind;

/// The policy chain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// Policy kinds in the order in which they run. The first one that blocks
    /// ends the chain. May be empty (`[]`).
    #[schemars(length(max = 64))]
    pub chain: Vec<PolicyKind>,
    /// What becomes of a body or an event that the policies cannot read.
    #[serde(default)]
    pub fail_mode: FailMode,
    /// The HTTP status of a denial. SDKs repeat a request that is answered with 409 on their own.
    #[serde(default = "bad_request")]
    #[schemars(range(min = 400, max = 499))]
    pub denial_status: u16,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            chain: Vec::new(),
            fail_mode: FailMode::default(),
            denial_status: bad_request(),
        }
    }
}

const fn bad_request() -> u16 {
    400
}

/// What becomes of what the policies cannot read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailMode {
    /// It is refused.
    #[default]
    Block,
    /// It passes.
    Allow,
}
