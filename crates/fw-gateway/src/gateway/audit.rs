//! The audit log of a configuration, and what the gateway knows about a request for its records.

mod accesses;
mod details;

use std::time::Duration;

use fw_audit::{
    AuditLayer, AuditLog, ClientIdentity, ConfigIdentity, FailMode, KeySource, LogConfig,
};

pub(crate) use self::accesses::{FOLDER, KnownAccesses};
use self::details::GatewayDetails;
use super::{StartError, bytes};
use crate::config::policy::{self, AuditLoggerConfig, Capture, Durability, PolicyKind};
use crate::config::{Config, Providers};

/// How long a day of retention is.
const DAY: Duration = Duration::from_secs(86_400);

/// How many records may wait, places for the ends of requests under way among them: so many requests may be
/// under way at once.
const MAX_WAITING: usize = 65_536;

/// The layer that records requests, and its log. Without `audit-logger` in the chain it does nothing.
pub(super) fn layer(
    config: &Config,
    providers: &Providers,
) -> Result<(AuditLayer, Option<AuditLog>), StartError> {
    if !config.policies.chain.contains(&PolicyKind::AuditLogger) {
        return Ok((AuditLayer::disabled(), None));
    }
    let settings = config.policy.audit_logger.clone().unwrap_or_default();
    let log = AuditLog::open(log_config(config, &settings)).map_err(StartError::audit)?;
    tracing::info!(
        directory = %log.directory().display(),
        public_key = %log.public_key(),
        "requests are recorded"
    );
    accesses::record(&log);
    let identity = ConfigIdentity {
        name: config.pack.name.clone(),
        version: config.pack.version.as_str().to_owned(),
        digest: config.digest().to_owned(),
    };
    let layer = AuditLayer::new(log.clone())
        .details(GatewayDetails::new(
            providers,
            settings.capture == Capture::Redacted,
        ))
        .client_identity(match settings.client_identity {
            policy::ClientIdentity::Digest => ClientIdentity::Digest,
            policy::ClientIdentity::Clear => ClientIdentity::Clear,
        })
        .log_all_access(settings.log_all_access)
        .hipaa_audit_controls(settings.hipaa_audit_controls)
        .fail_mode(match settings.fail_mode {
            policy::AuditFailMode::Block => FailMode::Block,
            policy::AuditFailMode::Allow => FailMode::Allow,
        })
        .wait_synced(settings.durability == Durability::Sync)
        .config_identity(identity)
        .max_body_bytes(bytes(config.size_limits.max_body_bytes))
        .max_response_bytes(bytes(config.size_limits.max_response_bytes));
    Ok((layer, Some(log)))
}

fn log_config(config: &Config, settings: &AuditLoggerConfig) -> LogConfig {
    let log = LogConfig::new(&settings.directory)
        .name(format!(
            "{}@{}",
            config.pack.name,
            config.pack.version.as_str()
        ))
        .retention(Some(DAY * settings.retention_days))
        .queue(MAX_WAITING)
        .durability(match settings.durability {
            Durability::Batched => fw_audit::Durability::default(),
            Durability::Sync => fw_audit::Durability::Sync,
        });
    match &settings.signing_key_file {
        Some(file) => log.key(KeySource::File(file.into())),
        None => log,
    }
}
