//! `policy.audit-logger`.

use schemars::JsonSchema;
use serde::Deserialize;

/// The audit trail. Place it last in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct AuditLoggerConfig {
    /// Records cannot be changed after they are written. Always so: `false` is refused.
    pub immutable: bool,
    /// Age at which records are removed, by whole files.
    #[schemars(range(min = 1, max = 36_500))]
    pub retention_days: u32,
    /// Also access time, user identity and data categories.
    pub hipaa_audit_controls: bool,
    /// Record every request, not only those that were not allowed or came to nothing.
    pub log_all_access: bool,
    /// Where records go. Seen in one published sample; its values are unknown.
    pub destination: Option<String>,
    /// Directory of the log, from where the gateway was started.
    #[schemars(length(min = 1, max = 4096))]
    pub directory: String,
    /// When a record counts as written.
    pub durability: Durability,
    /// Which text is kept.
    pub capture: Capture,
    /// How clients are written.
    pub client_identity: ClientIdentity,
    /// What becomes of requests while the log cannot be written.
    pub fail_mode: FailMode,
    /// A file with the key that signs: 64 hexadecimal digits. Without one a key is made beside the log.
    #[schemars(length(min = 1, max = 4096))]
    pub signing_key_file: Option<String>,
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
            client_identity: ClientIdentity::default(),
            fail_mode: FailMode::default(),
            signing_key_file: None,
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
    /// That of requests of up to 16 MiB, after redaction.
    Redacted,
}

/// How an audit record names the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientIdentity {
    /// By a keyed digest of its name or key.
    #[default]
    Digest,
    /// By its name in `x-user-id`; a key stays a digest.
    Clear,
}

/// What becomes of requests while the audit log cannot be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AuditFailMode")]
pub enum FailMode {
    /// They are refused with a 503.
    #[default]
    Block,
    /// They pass, and are counted.
    Allow,
}
