//! `policy.agent-firewall`, in its simple and its expanded shape.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Unchecked;

/// Which tools an agent may use, and how much.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct AgentFirewallConfig {
    /// Tools that may be used. Simple shape.
    pub allowed_tools: Vec<String>,
    /// Tools that may not be used. Simple shape.
    pub blocked_tools: Vec<String>,
    /// Most actions in one session.
    pub max_actions_per_session: Option<u32>,
    /// Tools by role. Expanded shape.
    pub tools: ToolTables,
    /// Rates, for `default` and by tool. Its fields are not published.
    pub rate_limits: Option<Unchecked>,
    /// Limits on money.
    pub transaction_limits: Option<TransactionLimits>,
    /// What stops a session.
    pub kill_switches: Option<KillSwitches>,
    /// Monitoring. Its fields are not published.
    pub monitoring: Option<Unchecked>,
}

/// Tools by role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ToolTables {
    /// Rules of each role.
    pub roles: BTreeMap<String, ToolRules>,
}

/// Tools of one role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ToolRules {
    /// Tools the role may use.
    pub allowed: Vec<String>,
    /// Tools it may not use.
    pub denied: Vec<String>,
}

/// Limits on money.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TransactionLimits {
    /// Largest single transaction.
    #[schemars(range(min = 0.0))]
    pub max_single_transaction: Option<f64>,
    /// Largest sum in a day.
    #[schemars(range(min = 0.0))]
    pub max_daily_total: Option<f64>,
    /// Amount above which a person must approve.
    #[schemars(range(min = 0.0))]
    pub require_approval_above: Option<f64>,
}

/// What stops a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KillSwitches {
    /// This many errors.
    pub max_errors_before_halt: Option<u32>,
    /// Personal data in an action.
    pub halt_on_pii_in_action: bool,
    /// A suspicious pattern.
    pub halt_on_suspicious_pattern: bool,
}
