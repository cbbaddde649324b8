//! `model_groups`: names for several targets.

use schemars::JsonSchema;
use serde::Deserialize;

use super::providers::Strategy;

/// A name that clients use as `model`, and the targets behind it.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ModelGroup {
    /// The name.
    #[schemars(length(min = 1, max = 128))]
    pub name: String,
    /// Ids of the targets, or models of providers.
    #[serde(default)]
    #[schemars(length(min = 1, max = 1_000))]
    pub targets: Option<Vec<GroupTarget>>,
    /// Models of providers. Older spelling.
    #[serde(default)]
    #[schemars(length(min = 1, max = 1_000))]
    pub models: Option<Vec<GroupModel>>,
    /// Other names of the group.
    #[serde(default)]
    #[schemars(length(max = 1_000))]
    pub aliases: Vec<String>,
    /// Group that is tried when this one fails.
    #[serde(default)]
    pub fallback_group: Option<String>,
    /// How a target of the group is chosen.
    #[serde(default)]
    pub strategy: Option<Strategy>,
}

/// One member of a group.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum GroupTarget {
    /// Id of a target.
    Id(String),
    /// A model of a provider.
    Model(GroupModel),
}

/// A model of a provider.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupModel {
    /// Name of the provider, or id of a target.
    pub provider: String,
    /// The model.
    #[serde(default)]
    pub model: Option<String>,
    /// Share of the traffic.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub weight: Option<f64>,
}
