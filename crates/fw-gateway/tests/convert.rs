//! Configurations of other gateways, and what comes out of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};

use fw_gateway::Gateway;
use fw_gateway::cli::{ConvertArgs, ConvertFrom};
use fw_gateway::commands;
use fw_gateway::config::Config;
use fw_gateway::convert::{Conversion, Source, convert};
use proptest::prelude::*;

/// Keys and passwords that stand in the samples.
const SECRETS: [&str; 8] = [
    "azure-literal-key-1",
    "sk-ant-literal",
    "gsk-literal",
    "sk-literal-openai",
    "fw_literal_key_in_the_file",
    "sk-bf-literal-virtual-key",
    "secret-password",
    "sk-ant-other",
];

fn samples(source: Source) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/convert")
        .join(source.as_str());
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.to_string_lossy().ends_with(".expected.yaml"))
        .collect();
    files.sort();
    assert!(files.len() >= 4);
    files
}

/// The sample under the name that such a file has.
fn converted(source: Source, file: &Path) -> Conversion {
    let name = match source {
        Source::Bifrost => "config.json",
        _ => "config.yaml",
    };
    convert(source, name, &std::fs::read_to_string(file).unwrap()).unwrap()
}

/// What came out of a text, which lints.
fn output(source: Source, text: &str) -> (Config, String) {
    let converted = convert(source, "config", text).unwrap();
    let config = Config::parse("out.yaml", converted.yaml()).unwrap();
    (config, converted.notes().to_owned())
}

/// With `FW_CONVERT_WRITE=1` the expected files are written anew: read their difference before it is kept.
#[test]
fn every_sample_comes_out_as_expected_and_runs() {
    for source in [Source::Bifrost, Source::Litellm] {
        for file in samples(source) {
            let yaml = converted(source, &file).yaml().to_owned();
            let expected = file.with_extension("expected.yaml");
            if std::env::var_os("FW_CONVERT_WRITE").is_some() {
                std::fs::write(&expected, &yaml).unwrap();
            }
            let expected = std::fs::read_to_string(expected).unwrap();
            assert_eq!(yaml, expected, "{}", file.display());

            let config = Config::parse("out.yaml", &yaml).unwrap();
            if config.providers.is_some() {
                assert_eq!(config.unsupported_by_this_build(), Vec::<String>::new());
                Gateway::new(&config, |_| Some("key".to_owned())).unwrap();
            }
        }
    }
}

#[test]
fn keys_that_stand_in_a_file_are_not_copied() {
    for source in [Source::Bifrost, Source::Litellm] {
        for file in samples(source) {
            let converted = converted(source, &file);
            for secret in SECRETS {
                assert!(!converted.yaml().contains(secret), "{secret}");
                assert!(!converted.notes().contains(secret), "{secret}");
            }
        }
    }
}

#[test]
fn broken_input_is_refused_with_line_and_column() {
    let error = convert(Source::Bifrost, "config.json", "{\n  \"providers\": }").unwrap_err();
    assert_eq!(
        error.to_string(),
        "config.json:2:16: not valid JSON: expected value"
    );
    let error = convert(Source::Litellm, "config.yaml", "a: 1\nb: [1\n").unwrap_err();
    assert!(error.to_string().starts_with("config.yaml:"), "{error}");
    for (source, text) in [(Source::Bifrost, "[1]"), (Source::Litellm, "- 1")] {
        let (config, notes) = output(source, text);
        assert!(config.providers.is_none());
        assert!(
            notes.contains("the file: expected a mapping, found a list"),
            "{notes}"
        );
    }
}

#[test]
fn what_would_come_out_too_large_is_refused_at_once() {
    let models: Vec<String> = (0..50_000).map(|number| format!("m{number}")).collect();
    let text = serde_json::json!({"providers": {"openai": {"keys": [{"value": "env.K", "models": models}]}}});
    let error = convert(Source::Bifrost, "config.json", &text.to_string()).unwrap_err();
    assert!(error.to_string().contains("convert it in parts"), "{error}");
}

#[test]
fn unknown_keys_are_listed_and_are_no_faults() {
    let (_, notes) = output(
        Source::Bifrost,
        r#"{"providers": {"openai": {"keys": [{"value": "env.K", "colour": 1}], "speed": 2}}, "zone": 3}"#,
    );
    for place in [
        "providers.openai.keys[0].colour",
        "providers.openai.speed",
        "zone",
    ] {
        assert!(notes.contains(place), "{place} is not in {notes}");
    }
}

#[test]
fn fallbacks_that_lead_in_a_circle_become_groups_that_do_not() {
    let entry = |name: &str| {
        format!(
            "  - {{model_name: {name}, litellm_params: {{model: openai/{name}, api_key: os.environ/K}}}}\n"
        )
    };
    let text = format!(
        "model_list:\n{}{}{}router_settings:\n  fallbacks: [{{a: [b]}}, {{b: [c]}}, {{c: [a, b]}}]\n",
        entry("a"),
        entry("b"),
        entry("c")
    );
    let (config, _) = output(Source::Litellm, &text);
    let fallback = |name: &str| {
        let group = config.model_groups.iter().find(|group| group.name == name);
        group.unwrap().fallback_group.clone()
    };
    assert_eq!(fallback("a").as_deref(), Some("a-fallback"));
    assert_eq!(fallback("a-fallback"), None);
    assert_eq!(fallback("c").as_deref(), Some("c-fallback"));
}

#[test]
fn without_a_rule_nothing_falls_back_to_another_provider() {
    let text = r#"{"providers": {
        "openai": {"keys": [{"value": "env.A"}], "network_config": {"max_retries": 5}},
        "mistral": {"keys": [{"value": "env.B"}], "network_config": {"max_retries": 5}}
    }}"#;
    let (config, _) = output(Source::Bifrost, text);
    let providers = config.providers.unwrap();
    assert!(!providers.fallback.unwrap().enabled);
    assert_eq!(providers.retry.unwrap().max_attempts, 6);
}

#[test]
fn the_command_writes_a_new_file_and_says_what_is_missing() {
    let folder = std::env::temp_dir().join(format!("fw-convert-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let input = folder.join("config.json");
    std::fs::write(&input, r#"{"providers": {}, "mcp": {}}"#).unwrap();
    let args = ConvertArgs {
        from: ConvertFrom::Bifrost,
        file: input,
        output: Some(folder.join("policy-config.yaml")),
    };
    let (mut printed, mut notes) = (Vec::new(), Vec::new());
    commands::convert(&args, &mut printed, &mut notes).unwrap();
    assert!(printed.is_empty());
    assert!(String::from_utf8(notes).unwrap().contains("mcp"));
    Config::load(args.output.as_slice()).unwrap();

    // What is there may have been edited since.
    let error = commands::convert(&args, Vec::new(), Vec::new()).unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("cannot write"));
    std::fs::remove_dir_all(folder).unwrap();
}

/// Keys of both formats, and others.
const KEYS: [&str; 60] = [
    "providers",
    "openai",
    "fireworks",
    "azure",
    "vllm",
    "ollama",
    "anthropic",
    "bedrock",
    "keys",
    "name",
    "value",
    "models",
    "weight",
    "aliases",
    "model_id",
    "network_config",
    "base_url",
    "max_retries",
    "retry_backoff_initial",
    "retry_backoff_max",
    "default_request_timeout_in_seconds",
    "stream_idle_timeout_in_seconds",
    "azure_key_config",
    "endpoint",
    "vllm_key_config",
    "url",
    "model_name",
    "custom_provider_config",
    "base_provider_type",
    "governance",
    "routing_rules",
    "cel_expression",
    "targets",
    "provider",
    "model",
    "fallbacks",
    "plugins",
    "client",
    "max_request_body_size_mb",
    "version",
    "model_list",
    "litellm_params",
    "model_info",
    "api_base",
    "api_key",
    "timeout",
    "order",
    "rpm",
    "input_cost_per_token",
    "router_settings",
    "routing_strategy",
    "num_retries",
    "allowed_fails",
    "cooldown_time",
    "model_group_alias",
    "litellm_settings",
    "context_window_fallbacks",
    "default_fallbacks",
    "guardrails",
    "we ird\n# key",
];

const TEXTS: [&str; 34] = [
    "",
    " ",
    "*",
    "a",
    "b",
    "a/b",
    "openai/*",
    "openai/gpt-4o",
    "fireworks_ai/accounts/fireworks/models/x",
    "azure/d",
    "hosted_vllm/m",
    "anthropic/claude",
    "claude",
    "openai",
    "fireworks",
    "env.KEY",
    "env.",
    "os.environ/KEY",
    "os.environ/a b",
    "sk-literal",
    "http://localhost:8000/v1",
    "https://h.example/openai/",
    "https://u:p@h",
    "https://h?x#y",
    "https://h/../x",
    "ftp://x",
    "model == 'a'",
    "model == \"a/b\"",
    "true",
    "simple-shuffle",
    "least-busy",
    "presidio",
    "yes: [",
    "é\u{85}\u{2028}\n# x",
];

fn leaf() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::json;
    prop_oneof![
        4 => prop::sample::select(TEXTS.as_slice()).prop_map(|text| json!(text)),
        1 => any::<String>().prop_map(|text| json!(text)),
        1 => any::<bool>().prop_map(|flag| json!(flag)),
        1 => Just(json!(null)),
        2 => (0_u64..100).prop_map(|number| json!(number)),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => any::<f64>().prop_map(|number| json!(number)),
    ]
}

fn object(
    keys: &'static [&'static str],
    value: impl Strategy<Value = serde_json::Value>,
) -> impl Strategy<Value = serde_json::Value> {
    let entry = (prop::sample::select(keys), value);
    let entry = entry.prop_map(|(key, value)| (key.to_owned(), value));
    prop::collection::vec(entry, 0..6)
        .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect()))
}

fn any_tree() -> impl Strategy<Value = serde_json::Value> {
    leaf().prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::Array),
            object(&KEYS, inner),
        ]
    })
}

/// Mostly a `config.yaml`.
fn litellm() -> impl Strategy<Value = serde_json::Value> {
    const PARAMS: &[&str] = &[
        "model",
        "model",
        "model",
        "api_base",
        "api_key",
        "timeout",
        "order",
        "weight",
        "rpm",
        "tpm",
        "stream_timeout",
        "custom_llm_provider",
        "input_cost_per_token",
        "x",
    ];
    const ROUTER: &[&str] = &[
        "routing_strategy",
        "num_retries",
        "timeout",
        "stream_timeout",
        "allowed_fails",
        "cooldown_time",
        "retry_after",
        "max_fallbacks",
        "disable_cooldowns",
        "default_fallbacks",
    ];
    let name = || prop::sample::select(["a", "b", "c", "x/*", "*", ""].as_slice());
    let entry = (name(), object(PARAMS, leaf()), leaf()).prop_map(|(name, params, model)| {
        let mut params = params;
        if params.get("model").is_none() {
            params["model"] = model;
        }
        serde_json::json!({"model_name": name, "litellm_params": params})
    });
    let chains = || {
        let chain = (name(), prop::collection::vec(name(), 0..3));
        prop::collection::vec(chain, 0..4).prop_map(|chains| {
            let chain = |(from, to): (&str, Vec<&str>)| serde_json::json!({ from: to });
            serde_json::Value::Array(chains.into_iter().map(chain).collect())
        })
    };
    (
        prop::collection::vec(entry, 0..8),
        object(ROUTER, leaf()),
        chains(),
        chains(),
        prop::collection::vec((name(), name()), 0..3),
        any_tree(),
    )
        .prop_map(|(list, mut router, chains, context, aliases, tree)| {
            router["fallbacks"] = chains;
            router["context_window_fallbacks"] = context;
            router["model_group_alias"] = aliases
                .into_iter()
                .map(|(name, group)| (format!("{name}2"), serde_json::json!(group)))
                .collect();
            serde_json::json!({
                "model_list": list, "router_settings": router, "litellm_settings": tree, "guardrails": tree,
            })
        })
}

/// Mostly a `config.json`.
fn bifrost() -> impl Strategy<Value = serde_json::Value> {
    const KEY: &[&str] = &[
        "name", "value", "weight", "enabled", "models", "aliases", "x",
    ];
    const NETWORK: &[&str] = &[
        "base_url",
        "default_request_timeout_in_seconds",
        "stream_idle_timeout_in_seconds",
        "max_retries",
        "retry_backoff_initial",
        "retry_backoff_max",
    ];
    let models =
        || prop::collection::vec(prop::sample::select(["a", "b", "c", "*"].as_slice()), 0..3);
    let key = (
        object(KEY, leaf()),
        models(),
        any_tree(),
        leaf(),
        any::<bool>(),
    )
        .prop_map(|(mut key, models, aliases, url, own)| {
            key["models"] = serde_json::json!(models);
            key["aliases"] = aliases;
            if own {
                key["vllm_key_config"] = serde_json::json!({ "url": url, "model_name": url });
            }
            key
        });
    let provider = (prop::collection::vec(key, 0..4), object(NETWORK, leaf()))
        .prop_map(|(keys, network)| serde_json::json!({"keys": keys, "network_config": network}));
    const NAMES: &[&str] = &[
        "openai",
        "fireworks",
        "azure",
        "vllm",
        "ollama",
        "groq",
        "anthropic",
        "a:b",
        "bedrock",
    ];
    const RULE: &[&str] = &["provider", "model", "weight"];
    let targets = || prop::collection::vec(object(RULE, leaf()), 0..3);
    let rule = (leaf(), targets(), prop::collection::vec(leaf(), 0..3)).prop_map(|(cel, targets, fallbacks)| {
        serde_json::json!({"cel_expression": cel, "targets": targets, "fallbacks": fallbacks})
    });
    (
        object(NAMES, provider),
        prop::collection::vec(rule, 0..3),
        any_tree(),
        leaf(),
    )
        .prop_map(|(providers, rules, tree, version)| {
            serde_json::json!({
                "version": version, "providers": providers, "governance": {"routing_rules": rules},
                "client": tree, "plugins": tree,
            })
        })
}

/// Puts `secret` wherever the formats have a key.
fn with_keys(mut tree: serde_json::Value, secret: &str) -> serde_json::Value {
    let entries = tree
        .get_mut("model_list")
        .and_then(|list| list.as_array_mut());
    for entry in entries.into_iter().flatten() {
        entry["litellm_params"]["api_key"] = secret.into();
    }
    let providers = tree
        .get_mut("providers")
        .and_then(|map| map.as_object_mut());
    for (_, provider) in providers.into_iter().flatten() {
        let keys = provider
            .get_mut("keys")
            .and_then(|keys| keys.as_array_mut());
        for key in keys.into_iter().flatten() {
            key["value"] = secret.into();
        }
    }
    tree
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_key_that_stands_in_a_file_comes_out(tree in prop_oneof![litellm(), bifrost()]) {
        let text = with_keys(tree, "sk-very-secret").to_string();
        for source in [Source::Bifrost, Source::Litellm] {
            match convert(source, "config", &text) {
                Ok(converted) => prop_assert!(!converted.yaml().contains("very-secret")),
                Err(error) => prop_assert!(!error.to_string().contains("very-secret")),
            }
        }
    }

    /// JSON is YAML too, so each is also read as the other.
    #[test]
    fn whatever_is_read_what_comes_out_lints(
        tree in prop_oneof![any_tree(), litellm(), bifrost()],
    ) {
        let text = tree.to_string();
        for source in [Source::Bifrost, Source::Litellm] {
            // YAML forbids some characters that JSON has.
            match convert(source, "config", &text) {
                Ok(converted) => {
                    let config = Config::parse("out.yaml", converted.yaml());
                    let config = config.map_err(|errors| TestCaseError::fail(errors.to_string()))?;
                    if config.providers.is_some() {
                        prop_assert_eq!(config.unsupported_by_this_build(), Vec::<String>::new());
                    }
                }
                Err(error) => prop_assert!(
                    source == Source::Litellm && error.to_string().starts_with("config:"),
                    "{}", error
                ),
            }
        }
    }

    #[test]
    fn any_text_gives_an_answer(text in any::<String>()) {
        for source in [Source::Bifrost, Source::Litellm] {
            let _ = convert(source, "config", &text);
        }
    }
}
