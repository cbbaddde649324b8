//! `routes`: rules by path.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::policies::Policies;
use super::text::{Method, UrlPath};

/// What applies to requests for some path.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Route {
    /// Unique name.
    #[schemars(length(min = 1, max = 128))]
    pub name: String,
    /// The path.
    pub path: UrlPath,
    /// How the path is compared.
    #[serde(default, rename = "match")]
    pub matching: PathMatch,
    /// HTTP methods. Default: all.
    #[serde(default)]
    #[schemars(length(min = 1, max = 16))]
    pub methods: Option<Vec<Method>>,
    /// Headers that a request must have.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Id of the target.
    #[serde(default)]
    pub upstream: Option<String>,
    /// Chain of its own, in place of the global one.
    #[serde(default)]
    pub policies: Option<Policies>,
}

/// How a path is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PathMatch {
    /// It begins with the route's.
    #[default]
    Prefix,
    /// It equals the route's.
    Exact,
}
