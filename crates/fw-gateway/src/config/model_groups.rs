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
    /// Ids of the targets, or models of providers. They stay in this order under
    /// `ordered`.
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
    /// How a target of the group is chosen. Default: as under `providers`.
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
    /// Id of a target, or name of a provider: then its target for this model,
    /// else its first one.
    pub provider: String,
    /// The model to ask for. Default: the target's own.
    #[serde(default)]
    pub model: Option<String>,
    /// Share of the group's traffic. Default: the target's `weight`.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub weight: Option<f64>,
}
