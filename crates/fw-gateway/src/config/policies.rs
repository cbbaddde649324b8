//! `policies`: which policies run, and in which order.

use schemars::JsonSchema;
use serde::Deserialize;

use super::policy::PolicyKind;

/// The policy chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// Policy kinds in the order in which they run. The first one that blocks
    /// ends the chain. May be empty (`[]`).
    #[schemars(length(max = 64))]
    pub chain: Vec<PolicyKind>,
}
