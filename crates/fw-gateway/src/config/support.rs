//! What is valid but cannot be done by this build.
//!
//! A setting that is accepted and then ignored is worse than one that is
//! refused: an address list that nobody enforces protects nobody. So `run`
//! refuses what is listed here, by name. Each entry goes when its function
//! arrives.

use fw_provider::{ProviderConfig, TargetConfig, Transport, WireFormat};

use super::node::Node;
use super::path::Path;
use super::policy::PolicyKind;
use super::problem::{Code, Problem};
use super::{Config, node};

/// Sections that always ask for something when they are there, and what.
const SECTIONS: [(&str, &str); 7] = [
    ("routes", "routes"),
    ("consumer_groups", "consumer groups"),
    ("global_rate_limit", "rate limits"),
    ("ip_rate_limit", "rate limits"),
    ("user_rate_limit", "rate limits"),
    ("token_rate_limit", "rate limits"),
    ("agents", "limits by agent"),
];

/// Everything in `config` that this build cannot do, with its place in `root`.
pub(crate) fn missing(config: &Config, root: &Node) -> Vec<Problem> {
    let mut list = Missing {
        root,
        found: Vec::new(),
    };
    if !config.pack.enabled {
        list.say(
            &["pack", "enabled"],
            "this configuration is switched off",
            "set it to true to run it",
        );
    }
    for (index, kind) in config.policies.chain.iter().enumerate() {
        let is_here = matches!(
            kind,
            PolicyKind::PromptInjection
                | PolicyKind::PiiDetector
                | PolicyKind::SafetyFilter
                | PolicyKind::ExternalModeration
                | PolicyKind::AuditLogger
        );
        if is_here {
            continue;
        }
        list.add(
            &format!("policies.chain[{index}]"),
            format!("the policy `{kind}` is not part of this build"),
            "take it out of the chain, knowing that nothing then replaces it",
        );
    }
    let audit = config.policy.audit_logger.as_ref();
    if audit.is_some_and(|audit| audit.destination.is_some()) {
        list.say(
            &["policy", "audit-logger", "destination"],
            "other destinations than a directory are not part of this build",
            "use `directory`",
        );
    }
    list.sections(config);
    list.providers(config);
    list.found
}

struct Missing<'d> {
    root: &'d Node,
    found: Vec<Problem>,
}

impl Missing<'_> {
    fn say(&mut self, keys: &[&str], message: &str, advice: &str) {
        self.add(&keys.join("."), message.to_owned(), advice);
    }

    fn add(&mut self, path: &str, message: String, advice: &str) {
        let (at, path) = locate(self.root, path);
        self.found
            .push(Problem::new(Code::Unsupported, at, path, message).suggest(advice));
    }

    fn sections(&mut self, config: &Config) {
        const REMOVE: &str = "remove the section";
        const DISABLE: &str = "remove the section, or set `enabled: false`";
        for (key, what) in SECTIONS {
            let present = self
                .root
                .get(key)
                .is_some_and(|node| !node.items().is_empty() || !node.entries().is_empty());
            if present {
                self.add(key, format!("{what} are not part of this build"), REMOVE);
            }
        }
        let switches = [
            (
                "ip_allowlist",
                "the address list is",
                config
                    .ip_allowlist
                    .as_ref()
                    .is_some_and(|list| list.enabled),
            ),
            (
                "cors",
                "cross-origin requests are",
                config.cors.as_ref().is_some_and(|cors| cors.enabled),
            ),
            (
                "cache",
                "the cache is",
                config.cache.as_ref().is_some_and(|cache| cache.enabled),
            ),
            (
                "workflow_cache",
                "the workflow cache is",
                config
                    .workflow_cache
                    .as_ref()
                    .is_some_and(|cache| cache.enabled),
            ),
            (
                "callbacks",
                "callbacks are",
                config.callbacks.iter().any(|callback| callback.enabled),
            ),
            (
                "loads",
                "recall is",
                config.loads.as_ref().is_some_and(|loads| loads.enabled),
            ),
            (
                "history",
                "history is",
                config
                    .history
                    .as_ref()
                    .is_some_and(|history| history.enabled),
            ),
        ];
        for (key, what, on) in switches {
            if on {
                self.add(key, format!("{what} not part of this build"), DISABLE);
            }
        }
    }

    fn providers(&mut self, config: &Config) {
        let Some(providers) = &config.providers else {
            self.add(
                "providers",
                "no target is configured".to_owned(),
                "add `providers.targets`",
            );
            return;
        };
        for (index, target) in providers.targets.iter().enumerate() {
            self.target(index, target);
        }
    }

    fn target(&mut self, index: usize, target: &TargetConfig) {
        let before = self.found.len();
        self.settings(index, target);
        if !target.has_address() {
            self.add(
                &format!("providers.targets[{index}].provider"),
                format!(
                    "no address is known for the provider `{}`",
                    target.provider_name().name
                ),
                "add `base_url`",
            );
        }
        // What the client itself cannot do. A key that is not set is no such
        // thing, so the environment is not asked.
        if self.found.len() == before
            && let Err(error) = ProviderConfig::from_target(target, |_| None)
        {
            let setting = error.setting();
            self.add(
                &format!("providers.targets[{index}].{setting}"),
                format!("`{setting}` cannot be used here"),
                "remove it, or use a provider with an OpenAI-compatible API",
            );
        }
    }

    fn settings(&mut self, index: usize, target: &TargetConfig) {
        let wants = [
            (
                "secret_key_ref",
                target
                    .secret_key_ref
                    .as_ref()
                    .is_some_and(|key| key.store.is_some()),
            ),
            ("keys", target.keys.iter().any(|key| key.store.is_some())),
            ("format", target.format == WireFormat::Anthropic),
            (
                "provider_type",
                target.provider_type == Some(WireFormat::Anthropic),
            ),
            ("transport", target.transport == Transport::Websocket),
            ("escalation_routing", target.escalation_routing.is_some()),
            ("azure_api_version", target.azure_api_version.is_some()),
            ("azure_deployment", target.azure_deployment.is_some()),
            ("path_template", target.path_template.is_some()),
            ("account_id_env", target.account_id_env.is_some()),
        ];
        for (key, wanted) in wants {
            if !wanted {
                continue;
            }
            let path = format!("providers.targets[{index}].{key}");
            let (message, advice) = match key {
                "secret_key_ref" | "keys" => (
                    "secrets in a control plane's store are not part of this build".to_owned(),
                    "write `env: NAME` and put the key in that environment variable",
                ),
                "format" | "provider_type" => (
                    "the wire format `anthropic` is not part of this build".to_owned(),
                    "use `openai`",
                ),
                "transport" => (
                    "the transport `websocket` is not part of this build".to_owned(),
                    "use `http`",
                ),
                _ => (format!("`{key}` is not part of this build"), "remove it"),
            };
            self.add(&path, message, advice);
        }
    }
}

/// The place of the deepest part of `path` that exists.
fn locate(root: &Node, path: &str) -> (super::problem::Place, Path) {
    let mut node = root;
    let mut at = root.at;
    let mut known = Path::root();
    for part in path.split('.') {
        let (key, index) = match part.split_once('[') {
            Some((key, index)) => (key, index.trim_end_matches(']').parse::<usize>().ok()),
            None => (part, None),
        };
        known = known.key(key);
        if let Some(index) = index {
            known = known.index(index);
        }
        let Some(entry) = node.entry(key) else {
            continue;
        };
        at = entry.at;
        node = &entry.value;
        if let Some(item) = index.and_then(|index| node.items().get(index)) {
            at = item.at;
            node = item;
        }
    }
    if matches!(node.value, node::Kind::Text(_) | node::Kind::Bool(_)) {
        at = node.at;
    }
    (at, known)
}
