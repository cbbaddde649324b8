//! The conversion of parameters for each target, and the names that models have.

use fw_params::{Dialect, ParamsLayer, UnknownModels};
use fw_provider::TargetConfig;

use super::bytes;
use super::members::Member;
use crate::config::{Config, Providers};

/// The resource names of Fireworks' own models begin with this; clients may leave it out.
const FIREWORKS_MODELS: &str = "accounts/fireworks/models/";

/// Every name that the configuration gives a meaning to.
pub(super) struct Params<'c> {
    config: &'c Config,
    providers: Vec<&'c str>,
    /// Names that mean "the target's own model": ids, models, groups and their aliases.
    known: Vec<String>,
}

impl<'c> Params<'c> {
    pub(super) fn new(config: &'c Config, providers: &'c Providers) -> Self {
        let targets = &providers.targets;
        let mut known: Vec<String> = Vec::new();
        for target in targets {
            known.push(target.id.clone());
            known.extend(target.upstream_model().into_iter().flat_map(spellings));
        }
        for group in &config.model_groups {
            known.push(group.name.clone());
            known.extend(group.aliases.iter().cloned());
            for member in Member::of(group, targets) {
                known.push(member.id());
            }
        }
        let names = targets.iter().map(|target| target.provider_name().name);
        Self {
            config,
            providers: names.collect(),
            known,
        }
    }

    /// The conversion for one target that is to use this model.
    pub(super) fn layer(&self, target: &TargetConfig, model: Option<&str>) -> ParamsLayer {
        let limits = &self.config.size_limits;
        let name = target.provider_name().name;
        let layer = ParamsLayer::new(Dialect::for_provider(name))
            .provider(name)
            .known_providers(self.providers.iter().copied())
            .known_models(self.known.iter().cloned())
            .unknown_models(UnknownModels::PassThrough)
            .max_body_bytes(bytes(limits.max_body_bytes))
            .max_response_bytes(bytes(limits.max_response_bytes));
        match model {
            Some(model) => layer.model(model),
            None => layer,
        }
    }

    /// The names under which clients may ask for the target's model.
    pub(super) fn names_of(&self, target: &TargetConfig) -> Vec<String> {
        let provider = target.provider_name().name;
        let models = target.upstream_model().into_iter().flat_map(spellings);
        models
            .flat_map(|model| [format!("{provider}/{model}"), model])
            .collect()
    }
}

/// A model's name as it is, and without the part that clients may leave out.
fn spellings(model: &str) -> impl Iterator<Item = String> {
    let short = model.strip_prefix(FIREWORKS_MODELS);
    std::iter::once(model).chain(short).map(str::to_owned)
}
