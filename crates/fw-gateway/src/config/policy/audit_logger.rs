//! `policy.audit-logger`.

use schemars::JsonSchema;
use serde::Deserialize;

/// The audit trail. Place it last in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct AuditLoggerConfig {
    /// Records cannot be changed after they are written.
    pub immutable: bool,
    /// Age at which records may be removed.
    #[schemars(range(min = 1, max = 36_500))]
    pub retention_days: u32,
    /// Also access time, user identity and data categories.
    pub hipaa_audit_controls: bool,
    /// Record every request, not only those that were not allowed.
    pub log_all_access: bool,
    /// Where records go. Seen in one published sample; its values are unknown.
    pub destination: Option<String>,
    /// Directory of the log.
    #[schemars(length(min = 1, max = 4096))]
    pub directory: String,
    /// When a record counts as written.
    pub durability: Durability,
    /// Which text is kept.
    pub capture: Capture,
}

impl Default for AuditLoggerConfig {
    fn default() -> Self {
        Self {
            immutable: true,
            retention_days: 365,
            hipaa_audit_controls: false,
            log_all_access: true,
            destination: None,
            directory: "audit/".to_owned(),
            durability: Durability::default(),
            capture: Capture::default(),
        }
    }
}

/// When an audit record counts as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// In the operating system's hands at once, on disk soon after.
    #[default]
    Batched,
    /// On disk before the reply ends.
    Sync,
}

/// Which text an audit record keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    /// None.
    #[default]
    None,
    /// The text after redaction.
    Redacted,
}
