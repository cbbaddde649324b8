//! Whatever is read: what comes out lints, and holds no key.

use fw_gateway::config::Config;
use fw_gateway::convert::{Source, convert};
use proptest::prelude::*;

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
