//! `policy.rbac`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::text::HeaderName;

/// Who may do what.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct RbacConfig {
    /// Headers without which a request is refused.
    #[schemars(length(max = 64))]
    pub deny_if_missing: Vec<HeaderName>,
    /// Refuse requests without authentication.
    pub require_auth: bool,
    /// Tools, by role.
    pub roles: BTreeMap<String, Role>,
    /// Sensitivity of data, by role.
    pub data_access: BTreeMap<String, DataAccess>,
    /// Minimum-necessary rule for health data.
    pub minimum_necessary: MinimumNecessary,
}

impl Default for RbacConfig {
    fn default() -> Self {
        Self {
            deny_if_missing: HeaderName::all(&["X-User-ID"]),
            require_auth: false,
            roles: BTreeMap::new(),
            data_access: BTreeMap::new(),
            minimum_necessary: MinimumNecessary::default(),
        }
    }
}

/// Tools of one role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Role {
    /// Tools the role may use.
    pub allowed_tools: Vec<String>,
    /// Tools it may not use.
    pub denied_tools: Vec<String>,
}

/// Data one role may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataAccess {
    /// The most sensitive data the role may see.
    pub max_sensitivity: Sensitivity,
}

/// Sensitivity of data, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Sensitivity {
    Public,
    Internal,
    Confidential,
    Restricted,
}

/// Minimum-necessary rule for health data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MinimumNecessary {
    /// Whether the rule applies.
    pub enabled: bool,
    /// Roles that may see health data.
    pub allowed_phi_roles: Vec<String>,
}
