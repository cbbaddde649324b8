//! The router of a configuration: its targets, the names they have, and what follows when one fails.

use std::collections::HashMap;
use std::time::Duration;

use fw_params::{FallbacksRead, UnreadFallbacks};
use fw_provider::{ApiKey, HealthProbe, Provider, ProviderConfig, TargetConfig, Tier, catalogue};
use fw_responses::ResponseStore;
use fw_routing::strategy::{self, LowestLatency};
use fw_routing::{Group, Probe, StickyBy, Target};
use http::{Extensions, HeaderName, request};
use tower_layer::Layer;

use super::members::Member;
use super::params::{Params, names_of};
use super::upstream::{Client, Conversions, Upstream};
use super::{StartError, bytes, faults, resilience};
use crate::config::{AbTest, Config, ModelGroup, Providers, Strategy};

/// The router over all targets of a configuration.
pub(crate) type Router = fw_routing::Router<Upstream>;

/// Makes the router. `lookup` finds environment variables; it is called for keys only. `store` keeps the responses of
/// targets that do not keep them themselves.
pub(super) fn router(
    config: &Config,
    providers: &Providers,
    store: Option<&ResponseStore>,
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<Router, StartError> {
    let wiring = Wiring {
        config,
        providers,
        params: Params::new(config, providers),
        store,
    };
    let mut builder = Router::builder()
        .max_body_bytes(bytes(config.size_limits.max_body_bytes))
        .max_reply_bytes(bytes(config.size_limits.max_response_bytes))
        .classify(faults::classify)
        .describe(faults::describe)
        .leave_fallbacks()
        .fallbacks_below(mark_fallbacks, returned)
        .default_targets(wiring.default_targets())
        .strategy(wiring.default_strategy());
    let other_models = wiring.other_models();
    let mut targets = 0;
    for target in &providers.targets {
        let (client, keys) = connect(target, &lookup)?;
        let others = other_models.get(target.id.as_str()).into_iter().flatten();
        for model in std::iter::once(None).chain(others.map(|model| Some(*model))) {
            builder = builder.target(wiring.target(target, model, &client, &keys)?);
            targets += 1;
        }
    }
    for group in &config.model_groups {
        builder = builder.group(wiring.group(group));
    }
    if let Some(test) = wiring.ab_test()
        && let Some(by) = &test.sticky_by
    {
        builder = builder.sticky_by(sticky_by(by));
    }
    let routing = providers.routing.as_ref();
    if let Some(window) = routing.and_then(|routing| routing.window_seconds) {
        builder = builder.sample_window(Duration::from_secs(window));
    }
    if let Some(timeout) = providers.first_token_timeout_seconds {
        builder = builder.first_token_timeout(Duration::from_secs(timeout));
    }
    resilience::apply(builder, providers, targets)
        .build()
        .map_err(StartError::routing)
}

/// Tells the conversion of parameters that a request's fallbacks have been read.
fn mark_fallbacks(request: &mut Extensions) {
    request.insert(FallbacksRead);
}

/// The head of a request that the conversion has given back because they have not been.
fn returned(reply: &mut Extensions) -> Option<request::Parts> {
    let unread: UnreadFallbacks = reply.remove()?;
    Some(unread.into_parts())
}

/// What targets are made of.
struct Wiring<'c> {
    config: &'c Config,
    providers: &'c Providers,
    params: Params,
    store: Option<&'c ResponseStore>,
}

impl<'c> Wiring<'c> {
    /// The targets of requests that name no group, in the order in which they are tried.
    fn default_targets(&self) -> Vec<&'c str> {
        let mut targets: Vec<&TargetConfig> = self.providers.targets.iter().collect();
        if matches!(
            self.providers.strategy(),
            Strategy::Single | Strategy::Ordered | Strategy::Fallback
        ) {
            targets.sort_by_key(|target| target.priority.unwrap_or(u32::MAX));
        }
        targets.iter().map(|target| target.id.as_str()).collect()
    }

    /// The models that groups ask of targets instead of their own, by the targets' ids.
    fn other_models(&self) -> HashMap<&'c str, Vec<&'c str>> {
        let mut models: HashMap<&str, Vec<&str>> = HashMap::new();
        for group in &self.config.model_groups {
            for member in Member::of(group, &self.providers.targets) {
                if let Some(model) = member.other_model() {
                    let known = models.entry(&member.target().id).or_default();
                    if !known.contains(&model) {
                        known.push(model);
                    }
                }
            }
        }
        models
    }

    /// A target with its own model, or with the one that groups ask of it.
    fn target(
        &self,
        target: &TargetConfig,
        other_model: Option<&str>,
        client: &Client,
        keys: &[ApiKey],
    ) -> Result<Target<Upstream>, StartError> {
        let id = match other_model {
            Some(model) => format!("{}/{model}", target.id),
            None => target.id.clone(),
        };
        let model = other_model.or_else(|| target.upstream_model());
        let params = self.params.layer(target, model);
        let conversions = Conversions::new(target, self.store, self.config.size_limits);
        let upstream = |client| Upstream::new(params.layer(client), &conversions);
        let client = client.with_id(id.as_str());
        let mut services = Vec::new();
        if keys.len() > 1 {
            for key in keys {
                let client = client
                    .with_api_key(key.secret.clone())
                    .map_err(StartError::target)?;
                services.push((key.label.as_str(), key.weight, upstream(client)));
            }
        }
        let mut routed = Target::with_keys(id.as_str(), services)
            .unwrap_or_else(|| Target::new(id.as_str(), upstream(client.clone())))
            .weight(self.weight(target));
        if !client.availability().is_available() {
            routed = routed.unavailable();
        }
        if let Some((prompt, completion)) = price(target, model) {
            routed = routed.price(prompt, completion);
        }
        if let Some(timeout) = target.first_token_timeout_seconds {
            routed = routed.first_token_timeout(Duration::from_secs(timeout));
        }
        if let Some(timeout) = target.idle_timeout_seconds {
            routed = routed.idle_timeout(Duration::from_secs(timeout));
        }
        if let Some(probe) = self.probe(target) {
            routed = routed.probe(probe);
        }
        if other_model.is_none() {
            routed = routed.prefix(target.provider_name().name);
            if !self.splits() {
                routed = routed.serves(names_of(target));
            }
        }
        Ok(routed)
    }

    /// Whether shares decide who gets a request, whatever model it names.
    fn splits(&self) -> bool {
        self.ab_test().is_some() || self.providers.strategy() == Strategy::WeightedRoundRobin
    }

    /// The target's share; in an A/B test that of its variant. Others stand in for the variants.
    fn weight(&self, target: &TargetConfig) -> f64 {
        match self.ab_test() {
            Some(test) => test
                .variants
                .iter()
                .find(|variant| variant.provider_id == target.id)
                .map_or(0.0, |variant| variant.weight),
            None => target.weight,
        }
    }

    fn ab_test(&self) -> Option<&'c AbTest> {
        self.providers.ab_test.as_ref().filter(|test| test.enabled)
    }

    fn probe(&self, target: &TargetConfig) -> Option<Probe> {
        let monitor = self.config.health_monitor.as_ref();
        match &target.health_probe {
            Some(own) => own.enabled.then(|| probe(own, own.always)),
            None => monitor
                .filter(|monitor| monitor.enabled)
                .map(|monitor| probe(monitor, true)),
        }
    }

    fn default_strategy(&self) -> Box<dyn strategy::Strategy> {
        match self.ab_test() {
            Some(_) => Box::new(strategy::Split::new()),
            None => self.strategy(self.providers.strategy()),
        }
    }

    fn strategy(&self, strategy: Strategy) -> Box<dyn strategy::Strategy> {
        let routing = self.providers.routing.as_ref();
        match strategy {
            Strategy::Single => Box::new(strategy::Single::new()),
            Strategy::Ordered | Strategy::Fallback => Box::new(strategy::Ordered::new()),
            Strategy::RoundRobin => Box::new(strategy::RoundRobin::new()),
            Strategy::WeightedRoundRobin => Box::new(strategy::WeightedRoundRobin::new()),
            Strategy::Random => Box::new(strategy::Random::new()),
            Strategy::LeastBusy => Box::new(strategy::LeastBusy::new()),
            Strategy::LowestLatency => {
                let samples = routing.and_then(|routing| routing.min_sample_count);
                let strategy = LowestLatency::new();
                Box::new(match samples {
                    Some(samples) => strategy.min_samples(samples.get()),
                    None => strategy,
                })
            }
            Strategy::HighestThroughput => Box::new(strategy::HighestThroughput::new()),
            Strategy::LowestCost => Box::new(strategy::LowestCost::new()),
            Strategy::Adaptive => Box::new(strategy::Adaptive::new()),
        }
    }

    fn group(&self, config: &'c ModelGroup) -> Group {
        let strategy = config.strategy.unwrap_or_else(|| self.providers.strategy());
        let mut group = Group::new(&config.name).strategy(self.strategy(strategy));
        for alias in &config.aliases {
            group = group.alias(alias);
        }
        for member in Member::of(config, &self.providers.targets) {
            group = group.weighted_member(member.id(), member.weight());
        }
        if let Some(next) = &config.fallback_group {
            group = group.fallback(next);
        }
        group
    }
}

/// The client of a target, and its keys.
fn connect(
    target: &TargetConfig,
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<(Client, Vec<ApiKey>), StartError> {
    let mut settings = target.clone();
    // The router's: it knows an event with content from one without.
    settings.first_token_timeout_seconds = None;
    settings.idle_timeout_seconds = None;
    let client = ProviderConfig::from_target(&settings, &lookup)
        .and_then(Provider::new)
        .map_err(StartError::target)?;
    Ok((client, target.api_keys(&lookup)))
}

/// USD per million prompt and completion tokens: the configured price, else that of the catalogue.
fn price(target: &TargetConfig, model: Option<&str>) -> Option<(f64, f64)> {
    if let Some(price) = &target.pricing {
        return Some((price.prompt, price.completion));
    }
    let known = model.filter(|_| target.provider_name().name == "fireworks");
    let price = catalogue().get(known?)?.price(Tier::Default);
    let usd = |rate: fw_provider::Rate| rate.as_usd_per_million();
    Some((usd(price.input()), usd(price.output())))
}

fn probe(config: &HealthProbe, always: bool) -> Probe {
    Probe::new()
        .path(&config.path)
        .interval(Duration::from_secs(config.interval_seconds))
        .timeout(Duration::from_secs(config.timeout_seconds))
        .failure_threshold(config.failure_threshold)
        .success_threshold(config.success_threshold)
        .always(always)
}

/// `user_id`, `header:<name>`, or the name of a header.
fn sticky_by(text: &str) -> StickyBy {
    match text
        .strip_prefix("header:")
        .unwrap_or(text)
        .parse::<HeaderName>()
    {
        Ok(name) if text != "user_id" => StickyBy::Header(name),
        _ => StickyBy::User,
    }
}

#[cfg(test)]
mod tests;
