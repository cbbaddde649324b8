use fw_routing::TargetState;

use super::*;

const HEAD: &str = "pack: {name: x, version: 1.0.0}\npolicies: {chain: []}\n";

fn config(yaml: &str) -> Config {
    let config = Config::parse("f.yaml", &format!("{HEAD}{yaml}")).unwrap();
    assert_eq!(config.unsupported_by_this_build(), Vec::<String>::new());
    config
}

/// A router for which every variable but `UNSET` is set.
fn routed(config: &Config) -> Router {
    let lookup = |name: &str| (name != "UNSET").then(|| format!("key-of-{name}"));
    router(config, config.providers.as_ref().unwrap(), None, lookup).unwrap()
}

fn ids(router: &Router) -> Vec<String> {
    let status = router.status().into_iter();
    status.map(|target| target.id.to_string()).collect()
}

#[test]
fn a_group_with_a_model_of_its_own_is_a_target_of_its_own() {
    let config = config(
        "
providers:
  targets:
    - {id: main, provider: fireworks, model: m1}
    - {id: other, provider: fireworks, model: m2}
model_groups:
  - {name: a, targets: [main, {provider: main, model: m3}, {provider: main, model: m4}]}
  - {name: b, targets: [{provider: main, model: m3}, {provider: other, model: m2}], fallback_group: a}
",
    );
    assert_eq!(
        ids(&routed(&config)),
        ["main", "main/m3", "main/m4", "other"]
    );
}

#[test]
fn keys_are_shown_by_their_labels_and_never_themselves() {
    let config = config(
        "
providers:
  targets:
    - id: several
      provider: fireworks
      keys: [{env: A}, {env: UNSET}, {env: B, name: spare, weight: 0.5}]
    - {id: one, provider: fireworks, keys: [{env: UNSET}, {env: A}]}
    - {id: none, provider: fireworks, keys: [{env: UNSET}]}
    - {id: keyless, provider: vllm, base_url: 'http://127.0.0.1:1/v1'}
",
    );
    let router = routed(&config);
    let status = router.status();
    let names: Vec<_> = status[0]
        .keys
        .iter()
        .map(|key| key.name.as_deref())
        .collect();
    assert_eq!(names, [Some("A"), Some("spare")]);
    assert!(status[1..].iter().all(|target| target.keys.is_empty()));
    let states: Vec<_> = status.iter().map(|target| target.state).collect();
    use TargetState::{Ready, Unavailable};
    assert_eq!(states, [Ready, Ready, Unavailable, Ready]);
    assert!(!format!("{router:?} {status:?}").contains("key-of"));
}

#[test]
fn priority_decides_where_order_does() {
    let order = |strategy: &str| {
        let config = config(&format!(
            "
providers:
  strategy: {strategy}
  targets:
    - {{id: a, provider: fireworks}}
    - {{id: b, provider: fireworks, priority: 2}}
    - {{id: c, provider: fireworks, priority: 1}}
    - {{id: d, provider: fireworks, priority: 2}}
"
        ));
        let providers = config.providers.as_ref().unwrap();
        let wiring = Wiring {
            config: &config,
            providers,
            params: Params::new(&config, providers),
            store: None,
        };
        wiring.default_targets().join(" ")
    };
    for strategy in ["ordered", "fallback", "single"] {
        assert_eq!(order(strategy), "c b d a");
    }
    for strategy in ["round_robin", "adaptive"] {
        assert_eq!(order(strategy), "a b c d");
    }
}

#[test]
fn every_strategy_has_its_counterpart() {
    for name in [
        "single",
        "ordered",
        "round_robin",
        "weighted_round_robin",
        "random",
        "least_busy",
        "lowest_latency",
        "highest_throughput",
        "lowest_cost",
        "adaptive",
    ] {
        let config = config(&format!(
            "providers: {{strategy: {name}, routing: {{min_sample_count: 5, window_seconds: 60}}, \
             targets: [{{id: a, provider: fireworks}}]}}"
        ));
        let providers = config.providers.as_ref().unwrap();
        let wiring = Wiring {
            config: &config,
            providers,
            params: Params::new(&config, providers),
            store: None,
        };
        assert_eq!(wiring.default_strategy().name(), name);
        routed(&config);
    }
}

#[test]
fn prices_come_from_the_file_else_from_the_catalogue() {
    let mut target = TargetConfig::new("a", "fireworks");
    let model = Some("accounts/fireworks/models/gpt-oss-20b");
    assert!(price(&target, model).is_some());
    assert_eq!(price(&target, Some("unheard-of")), None);
    assert_eq!(price(&target, None), None);
    target.pricing = Some(fw_provider::Pricing {
        prompt: 1.0,
        completion: 2.0,
        cached_prompt: None,
    });
    assert_eq!(price(&target, model), Some((1.0, 2.0)));
    // Another provider's model of the same name has another price.
    let other = TargetConfig::new("b", "acme");
    assert_eq!(price(&other, model), None);
}

#[test]
fn callers_are_told_apart_by_user_or_header() {
    let header = |name| StickyBy::Header(HeaderName::from_static(name));
    assert_eq!(sticky_by("user_id"), StickyBy::User);
    assert_eq!(sticky_by("x-team-id"), header("x-team-id"));
    assert_eq!(sticky_by("header:X-Team-Id"), header("x-team-id"));
    assert_eq!(sticky_by("header:user_id"), header("user_id"));
}

#[test]
fn probes_are_those_of_the_target_else_the_monitors() {
    let config = config(
        "
providers:
  targets:
    - {id: own, provider: fireworks, health_probe: {interval_seconds: 7, timeout_seconds: 2}}
    - {id: off, provider: fireworks, health_probe: {enabled: false}}
    - {id: monitored, provider: fireworks}
health_monitor: {interval_seconds: 9, path: /health}
",
    );
    let providers = config.providers.as_ref().unwrap();
    let wiring = Wiring {
        config: &config,
        providers,
        params: Params::new(&config, providers),
        store: None,
    };
    let [own, off, monitored] = [0, 1, 2].map(|index| wiring.probe(&providers.targets[index]));
    let seconds = Duration::from_secs;
    let expected = Probe::new().interval(seconds(7)).timeout(seconds(2));
    assert_eq!(own, Some(expected));
    assert_eq!(off, None);
    let expected = Probe::new()
        .interval(seconds(9))
        .path("/health")
        .always(true);
    assert_eq!(monitored, Some(expected));
}
