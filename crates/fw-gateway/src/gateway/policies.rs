//! The policies of a configuration, ready to run.

use fw_policy::{FailMode, Policy, PolicyLayer};
use fw_policy_injection::InjectionPolicy;
use fw_policy_pii::PiiPolicy;
use fw_policy_safety::SafetyPolicy;
use http::StatusCode;

use super::{StartError, bytes};
use crate::config::policy::{PolicyKind, PolicySections};
use crate::config::{Config, PolicyFailMode};

/// The layer that runs the chain. Kinds that this build does not have are refused before a gateway is made:
/// [`Config::unsupported`].
pub(super) fn layer(config: &Config) -> Result<PolicyLayer, StartError> {
    let mut chain: Vec<Box<dyn Policy>> = Vec::new();
    for kind in &config.policies.chain {
        chain.extend(policy(*kind, &config.policy)?);
    }
    let fail_mode = match config.policies.fail_mode {
        PolicyFailMode::Block => FailMode::Closed,
        PolicyFailMode::Allow => FailMode::Open,
    };
    let status = StatusCode::from_u16(config.policies.denial_status);
    Ok(PolicyLayer::new(chain)
        .fail_mode(fail_mode)
        .denial_status(status.unwrap_or(StatusCode::BAD_REQUEST))
        .max_body_bytes(bytes(config.size_limits.max_body_bytes))
        .max_response_bytes(bytes(config.size_limits.max_response_bytes)))
}

/// The policy of a kind, with the settings of its block or the defaults. `None` for what is no link of this chain:
/// the audit log is a layer around it.
fn policy(
    kind: PolicyKind,
    blocks: &PolicySections,
) -> Result<Option<Box<dyn Policy>>, StartError> {
    Ok(match kind {
        PolicyKind::PromptInjection => {
            let settings = blocks.prompt_injection.clone().unwrap_or_default();
            let policy = InjectionPolicy::new(&settings).map_err(StartError::policy)?;
            Some(Box::new(policy))
        }
        PolicyKind::PiiDetector => {
            let settings = blocks.pii_detector.clone().unwrap_or_default();
            let policy = PiiPolicy::new(&settings).map_err(StartError::policy)?;
            Some(Box::new(policy))
        }
        PolicyKind::SafetyFilter => {
            let settings = blocks.safety_filter.clone().unwrap_or_default();
            let policy = SafetyPolicy::new(&settings).map_err(StartError::policy)?;
            Some(Box::new(policy))
        }
        _ => None,
    })
}
