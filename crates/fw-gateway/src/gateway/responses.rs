//! The store of responses, for targets that keep none.

use fw_provider::{ResponsesMode, TargetConfig};
use fw_responses::ResponseStore;

use super::StartError;
use crate::config::{Config, Providers};

/// The store, if some target's responses have to be kept here. In memory unless the configuration names a file.
pub(super) fn store(
    config: &Config,
    providers: &Providers,
) -> Result<Option<ResponseStore>, StartError> {
    let emulates = |target: &TargetConfig| target.responses_mode() == ResponsesMode::Emulate;
    if !providers.targets.iter().any(emulates) {
        return Ok(None);
    }
    let settings = config.responses_store.clone().unwrap_or_default();
    let store = ResponseStore::open(&settings).map_err(StartError::responses)?;
    match &settings.path {
        Some(path) => tracing::info!(path = %path.display(), "responses are kept in a file"),
        None => tracing::info!("responses are kept in memory; a restart forgets them"),
    }
    Ok(Some(store))
}

/// Whether some target can list the input of a response and cancel it: all but Fireworks' own API.
pub(super) fn have_details(providers: &Providers) -> bool {
    providers.targets.iter().any(|target| {
        target.provider_name().name != "fireworks"
            || target.responses_mode() == ResponsesMode::Emulate
    })
}
