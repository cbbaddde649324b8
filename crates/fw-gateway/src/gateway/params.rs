//! The conversion of parameters for each target, and the names that models have.

use std::collections::{BTreeSet, HashMap};

use fw_params::{Dialect, ParamsLayer, UnknownModels};
use fw_provider::TargetConfig;

use super::bytes;
use super::members::Member;
use crate::config::{Config, Providers};

/// The resource names of Fireworks' own models begin with this; clients may leave it out.
const FIREWORKS_MODELS: &str = "accounts/fireworks/models/";

/// The conversions of a configuration, which know every name that it gives a meaning to.
pub(super) struct Params {
    /// By provider. Layers made of one share the names: they are as many as all targets together.
    layers: HashMap<String, ParamsLayer>,
}

impl Params {
    pub(super) fn new(config: &Config, providers: &Providers) -> Self {
        let limits = &config.size_limits;
        let known = known_names(config, &providers.targets);
        let names: BTreeSet<&str> = providers
            .targets
            .iter()
            .map(|target| target.provider_name().name)
            .collect();
        let layer = |name: &str| {
            ParamsLayer::new(Dialect::for_provider(name))
                .provider(name)
                .known_providers(names.iter().copied())
                .known_models(known.iter().cloned())
                .unknown_models(UnknownModels::PassThrough)
                .return_fallbacks(true)
                .max_body_bytes(bytes(limits.max_body_bytes))
                .max_response_bytes(bytes(limits.max_response_bytes))
        };
        Self {
            layers: names
                .iter()
                .map(|name| ((*name).to_owned(), layer(name)))
                .collect(),
        }
    }

    /// The conversion for one target that is to use this model.
    pub(super) fn layer(&self, target: &TargetConfig, model: Option<&str>) -> ParamsLayer {
        let known = self.layers.get(target.provider_name().name).cloned();
        let layer = known.unwrap_or_default();
        // OpenAI's newer models refuse the older name; Messages, and clients of other providers, know no other.
        let layer = if target.is_openai() {
            layer.newer_token_limit(true)
        } else {
            layer
        };
        match model {
            Some(model) => layer.model(model),
            None => layer,
        }
    }
}

/// The names that mean "the target's own model": ids, models, groups and their aliases.
fn known_names(config: &Config, targets: &[TargetConfig]) -> Vec<String> {
    let mut known = Vec::new();
    for target in targets {
        known.push(target.id.clone());
        known.extend(target.upstream_model().into_iter().flat_map(spellings));
    }
    for group in &config.model_groups {
        known.push(group.name.clone());
        known.extend(group.aliases.iter().cloned());
        known.extend(Member::of(group, targets).iter().map(Member::id));
    }
    known
}

/// The names under which clients may ask for the target's model.
pub(super) fn names_of(target: &TargetConfig) -> Vec<String> {
    let provider = target.provider_name().name;
    let models = target.upstream_model().into_iter().flat_map(spellings);
    models
        .flat_map(|model| [format!("{provider}/{model}"), model])
        .collect()
}

/// A model's name as it is, and without the part that clients may leave out.
fn spellings(model: &str) -> impl Iterator<Item = String> {
    let short = model.strip_prefix(FIREWORKS_MODELS);
    std::iter::once(model).chain(short).map(str::to_owned)
}
