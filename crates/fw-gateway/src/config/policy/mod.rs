//! `policy`: settings of each policy, by kind.
//!
//! The sections of policies whose crates do not exist yet live here; each moves
//! to its own crate with it.

mod agent_firewall;
mod audit_logger;
mod data_routing;
mod dlp_filter;
mod kind;
mod rbac;
mod response_rewriter;
mod unchecked;

use fw_policy_external::ExternalConfig;
use fw_policy_injection::InjectionConfig;
use fw_policy_pii::PiiConfig;
use fw_policy_safety::SafetyConfig;
use schemars::JsonSchema;
use serde::Deserialize;

pub use agent_firewall::{
    AgentFirewallConfig, KillSwitches, ToolRules, ToolTables, TransactionLimits,
};
pub use audit_logger::{
    AuditLoggerConfig, Capture, ClientIdentity, Durability, FailMode as AuditFailMode,
};
pub use data_routing::{DataRoutingConfig, NoCompliantProvider};
pub use dlp_filter::{DlpAction, DlpFilterConfig};
pub use kind::PolicyKind;
pub use rbac::{DataAccess, MinimumNecessary, RbacConfig, Role, Sensitivity};
pub use response_rewriter::{ResponseRewriterConfig, RewritePosition, RewriteRule};
pub use unchecked::Unchecked;

/// One block per policy kind. A block without its kind in `policies.chain`
/// never runs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
#[schemars(extend("x-keys" = "policy-kind"))]
#[allow(missing_docs, reason = "each field is documented at its type")]
#[non_exhaustive]
pub struct PolicySections {
    pub prompt_injection: Option<InjectionConfig>,
    pub pii_detector: Option<PiiConfig>,
    pub safety_filter: Option<SafetyConfig>,
    pub audit_logger: Option<AuditLoggerConfig>,
    pub data_routing_policy: Option<DataRoutingConfig>,
    pub rbac: Option<RbacConfig>,
    pub agent_firewall: Option<AgentFirewallConfig>,
    pub dlp_filter: Option<DlpFilterConfig>,
    pub response_rewriter: Option<ResponseRewriterConfig>,
    pub hipaa_phi_detector: Option<Unchecked>,
    pub embedding_detector: Option<Unchecked>,
    pub language_validator: Option<Unchecked>,
    pub bot_detector: Option<Unchecked>,
    pub external_moderation: Option<ExternalConfig>,
    pub content_extractor: Option<Unchecked>,
    pub cjis_mode: Option<Unchecked>,
    pub student_privacy: Option<Unchecked>,
    pub case_privacy: Option<Unchecked>,
    pub itar_ear_filter: Option<Unchecked>,
    pub entity_list_filter: Option<Unchecked>,
    pub dual_use_filter: Option<Unchecked>,
    pub code_sanitation: Option<Unchecked>,
    pub quality_scorer: Option<Unchecked>,
    pub citation_verifier: Option<Unchecked>,
    pub human_oversight: Option<Unchecked>,
    pub flagged_review: Option<Unchecked>,
}
