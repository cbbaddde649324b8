//! `pack`: what this configuration is called.

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::Version;

/// Name and version of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Pack {
    /// Name, shown at start and in events.
    #[schemars(length(min = 1, max = 128))]
    pub name: String,
    /// Version as in Semantic Versioning 2.0.0, such as `1.0.0`.
    pub version: Version,
    /// Whether this configuration may be used. `false` switches it off as a
    /// whole: it can be checked, but the gateway refuses to run it. It never
    /// means "run without policies".
    #[serde(default = "super::yes")]
    pub enabled: bool,
    /// Label for people.
    #[serde(default)]
    pub description: Option<String>,
}
