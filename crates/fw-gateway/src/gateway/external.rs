//! The outside service that is asked about requests.

use std::time::Duration;

use bytes::Bytes;
use fw_policy_external::{ExternalConfig, ExternalLayer, ExternalService};
use fw_provider::HttpClient;
use http::StatusCode;
use http_body_util::Full;

use super::{StartError, bytes};
use crate::config::Config;
use crate::config::policy::PolicyKind;

/// How long opening a connection may take. The whole answer has a limit of its own.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Asks before a request goes on to `S`.
pub(super) type External<S> = ExternalService<S, HttpClient<Full<Bytes>>>;

/// The layer that asks, or one that asks nobody if the chain does not want it. It stands beneath the policies of the
/// chain, so that what leaves was redacted.
pub(super) fn layer(
    config: &Config,
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<ExternalLayer<HttpClient<Full<Bytes>>>, StartError> {
    if !config
        .policies
        .chain
        .contains(&PolicyKind::ExternalModeration)
    {
        return Ok(ExternalLayer::off());
    }
    let settings: ExternalConfig = config
        .policy
        .external_moderation
        .clone()
        .unwrap_or_default();
    let client = HttpClient::new(CONNECT_TIMEOUT).map_err(StartError::policy)?;
    let status = StatusCode::from_u16(config.policies.denial_status);
    let mut layer = ExternalLayer::new(&settings, client)
        .map_err(StartError::policy)?
        .denial_status(status.unwrap_or(StatusCode::BAD_REQUEST))
        .max_body_bytes(bytes(config.size_limits.max_body_bytes));
    if let Some(key) = &settings.secret_key_ref {
        let variable = &key.env;
        let key = lookup(variable).filter(|key| !key.trim().is_empty());
        let key = key.ok_or_else(|| {
            StartError::policy(format!(
                "`external-moderation` has no key: set the environment variable {variable}, or remove `secret_key_ref`"
            ))
        })?;
        layer = layer.bearer(key.trim()).map_err(StartError::policy)?;
    }
    Ok(layer)
}
