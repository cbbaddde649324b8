//! Every example configuration loads, lints and fits the published schema.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};

use fw_gateway::config::policy::PolicyKind;
use fw_gateway::config::{Config, Strategy};
use fw_gateway::lint::lint;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    found.sort();
    found
}

#[test]
fn every_example_loads_and_lints() {
    let seeds = files(&examples().join("seeds"));
    assert_eq!(seeds.len(), 10);
    for file in seeds.iter().chain(&files(&examples())) {
        let report = lint(std::slice::from_ref(file));
        assert!(report.is_valid(), "{}", report.to_text());
        let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
        assert_eq!(json["valid"], true);
    }
}

#[test]
fn the_runnable_example_runs_on_this_build() {
    let config = Config::load(&[examples().join("policy-config.yaml")]).unwrap();
    assert!(config.warnings().is_empty(), "{:?}", config.warnings());
    assert_eq!(config.unsupported_by_this_build(), Vec::<String>::new());
    assert_eq!(config.size_limits.max_body_bytes, 10 << 20);
    assert_eq!(config.size_limits.max_response_bytes, 32 << 20);
}

#[test]
fn the_seed_examples_have_no_warnings() {
    for file in files(&examples().join("seeds")) {
        let config = Config::load(std::slice::from_ref(&file)).unwrap();
        assert!(config.warnings().is_empty(), "{:?}", config.warnings());
        let strategy = config.providers.as_ref().unwrap().strategy();
        assert!(matches!(strategy, Strategy::Single | Strategy::Ordered));
    }
}

#[test]
fn the_drop_in_example_runs_on_this_build() {
    let config = Config::load(&[examples().join("drop-in.yaml")]).unwrap();
    assert_eq!(config.warnings(), []);
    assert_eq!(config.unsupported_by_this_build(), Vec::<String>::new());
    assert!(config.responses_store.is_some());
}

#[test]
fn the_seeds_are_run_by_this_build() {
    let all = files(&examples().join("seeds"));
    let scratch = std::env::temp_dir().join(format!("fw-examples-{}", std::process::id()));
    for file in &all[1..8] {
        let config = Config::load(std::slice::from_ref(file)).unwrap();
        assert_eq!(config.policies.chain, [PolicyKind::AuditLogger]);
    }
    for file in all.iter().chain([&examples().join("routing.yaml")]) {
        let config = Config::load(std::slice::from_ref(file)).unwrap();
        assert_eq!(config.warnings(), []);
        assert_eq!(config.unsupported_by_this_build(), Vec::<String>::new());
        let config = elsewhere(file, &scratch);
        fw_gateway::Gateway::new(&config, |_| Some("fw_key".to_owned())).unwrap();
        // Without any key every target is there and unavailable.
        fw_gateway::Gateway::new(&config, |_| None).unwrap();
    }
    let _ = std::fs::remove_dir_all(scratch);
}

/// The configuration of a file, with its audit log in another directory.
fn elsewhere(file: &Path, directory: &Path) -> Config {
    std::fs::create_dir_all(directory).unwrap();
    let layer = directory.join("layer.yaml");
    let log = directory.join("audit");
    let text = format!(
        "policy: {{audit-logger: {{directory: '{}'}}}}\n",
        log.display()
    );
    std::fs::write(&layer, text).unwrap();
    Config::load(&[file.to_owned(), layer]).unwrap()
}

#[test]
fn both_dialects_of_the_first_seed_are_understood() {
    use fw_policy_injection::Action as InjectionAction;
    use fw_policy_pii::Action;
    use fw_policy_safety::{SafetyAction, SafetyMode};

    let config = Config::load(&[examples().join("seeds/01-configuration.yaml")]).unwrap();
    let injection = config.policy.prompt_injection.as_ref().unwrap();
    assert_eq!(injection.chosen_threshold(), Some(0.8));
    assert_eq!(injection.chosen_action(), InjectionAction::Block);
    let safety = config.policy.safety_filter.as_ref().unwrap();
    assert_eq!(
        (safety.mode, safety.action),
        (SafetyMode::Strict, SafetyAction::Block)
    );
    let pii = config.policy.pii_detector.as_ref().unwrap();
    assert_eq!(pii.action, Action::Redact);
    assert!(pii.pci_mode);
    let audit = config.policy.audit_logger.as_ref().unwrap();
    assert_eq!(audit.retention_days, 365);
    assert!(audit.immutable && audit.log_all_access);
}

#[test]
fn the_tour_has_every_section_and_run_refuses_what_is_missing() {
    let file = examples().join("full.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let schema = fw_gateway::schema::json_schema();
    for section in schema["properties"].as_object().unwrap().keys() {
        assert!(
            text.contains(&format!("\n{section}:")),
            "full.yaml lacks {section}"
        );
    }
    let config = Config::load(&[file]).unwrap();
    let refused: Vec<&str> = config
        .unsupported()
        .iter()
        .map(|finding| finding.path.as_str())
        .collect();
    for path in [
        "routes",
        "consumer_groups",
        "global_rate_limit",
        "ip_rate_limit",
        "user_rate_limit",
        "token_rate_limit",
        "ip_allowlist",
        "cors",
        "cache",
        "callbacks",
        "agents",
    ] {
        assert!(
            refused.contains(&path),
            "{path} is not refused: {refused:?}"
        );
    }
    for path in [
        "providers.hedge",
        "providers.mirror",
        "workflow_cache",
        "loads",
        "history",
        "testing",
    ] {
        assert!(!refused.contains(&path), "{path} is off but refused");
    }
}
