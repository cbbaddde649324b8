//! What `GET /v1/models` lists.

use fw_provider::{ModelList, catalogue};

use crate::config::{ModelGroup, Providers};
use crate::gateway::Member;

/// The groups and their aliases, the configured targets' models and ids, then the catalogue of each
/// configured provider.
///
/// The upstream's own listing is not asked: it fails for many accounts, and is forbidden to some keys.
pub(crate) fn list(providers: &Providers, groups: &[ModelGroup]) -> ModelList {
    let catalogue = catalogue();
    let mut list = ModelList::new(catalogue.unix_time());
    for group in groups {
        // A group is what its first member is.
        let Some(first) = Member::of(group, &providers.targets).into_iter().next() else {
            continue;
        };
        let known = first.model().and_then(|model| catalogue.get(model));
        let owner = first.target().provider_name().name;
        for name in std::iter::once(&group.name).chain(&group.aliases) {
            list = list.model(name, owner, known);
        }
    }
    for target in &providers.targets {
        let provider = target.provider_name();
        let model = target.upstream_model();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn groups_and_aliases_stand_beside_targets_and_models() {
        let config = Config::parse(
            "f.yaml",
            "
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers: {targets: [{id: main, provider: acme, model: m}]}
model_groups:
  - {name: chat, aliases: [big], targets: [{provider: main, model: accounts/fireworks/models/gpt-oss-20b}]}
",
        );
        let config = config.unwrap();
        let list = list(&config.providers.unwrap(), &config.model_groups);
        let json: serde_json::Value = serde_json::from_str(&list.to_json()).unwrap();
        let ids: Vec<&str> = json["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|model| model["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, ["chat", "big", "m", "main"]);
        assert_eq!(json["data"][1]["owned_by"], "acme");
        assert!(json["data"][0]["context_length"].is_u64());
        assert_eq!(json["data"][2].get("context_length"), None);
    }
}
