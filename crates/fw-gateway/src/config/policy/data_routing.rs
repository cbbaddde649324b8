//! `policy.data-routing-policy`.

use schemars::JsonSchema;
use serde::Deserialize;

/// Only targets that declare the required handling of data are used.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct DataRoutingConfig {
    /// The target keeps nothing.
    pub require_zero_data_retention: bool,
    /// The target trains nothing.
    pub require_no_training: bool,
    /// The target keeps data no longer than this.
    pub max_retention_days: Option<u32>,
    /// What happens when no target qualifies.
    pub on_no_compliant_provider: NoCompliantProvider,
    /// Record which target was chosen and why.
    pub log_provider_selection: bool,
}

impl Default for DataRoutingConfig {
    fn default() -> Self {
        Self {
            require_zero_data_retention: false,
            require_no_training: false,
            max_retention_days: None,
            on_no_compliant_provider: NoCompliantProvider::default(),
            log_provider_selection: true,
        }
    }
}

/// What happens when no target qualifies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoCompliantProvider {
    /// The request is refused. The only value the public documentation shows.
    #[default]
    Block,
}
