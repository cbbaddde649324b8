//! What `GET /v1/models` lists.

use fw_provider::{ModelList, catalogue};

use crate::config::Providers;

/// The configured targets' models and ids, then the catalogue of each configured provider.
///
/// The upstream's own listing is not asked: it fails for many accounts, and is forbidden to some keys.
pub(crate) fn list(providers: &Providers) -> ModelList {
    let catalogue = catalogue();
    let mut list = ModelList::new(catalogue.unix_time());
    for target in &providers.targets {
        let provider = target.provider_name();
        let model = target.model.as_deref().or(provider.model);
        let known = model.and_then(|model| catalogue.get(model));
        if let Some(model) = model {
            let name = known.map_or(model, |info| &info.id);
            list = list.model(name, provider.name, known);
        }
        list = list.model(&target.id, provider.name, known);
    }
    let fireworks = providers
        .targets
        .iter()
        .any(|target| target.provider_name().name == "fireworks");
    if fireworks {
        list.catalogue(catalogue)
    } else {
        list
    }
}
