//! `router_settings` and `litellm_settings`: what holds for all deployments.

use super::super::notes::Notes;
use super::super::section::{Section, unexpected};
use super::super::tree::Tree;

/// LiteLLM's own time limit, where no other is set.
const DEFAULT_TIMEOUT: f64 = 600.0;

/// Settings of routing and of reliability.
#[derive(Default)]
pub(super) struct Settings {
    /// Our name of the routing strategy.
    pub(super) strategy: &'static str,
    pub(super) timeout: f64,
    pub(super) stream_timeout: Option<f64>,
    pub(super) retries: Option<Counted>,
    /// Seconds before a retry.
    pub(super) retry_after: Option<f64>,
    pub(super) allowed_fails: Option<Counted>,
    pub(super) cooldown: Option<f64>,
    pub(super) no_cooldowns: bool,
    pub(super) max_fallbacks: Option<u64>,
    pub(super) fallbacks: Vec<Chain>,
    pub(super) on_context_window: Vec<Chain>,
    pub(super) on_content_policy: Vec<Chain>,
    /// The groups that any other falls back to.
    pub(super) default_fallbacks: Vec<String>,
    /// Further names of groups, with their places.
    pub(super) aliases: Vec<Alias>,
}

/// A number and its place.
pub(super) struct Counted {
    pub(super) path: String,
    pub(super) count: u64,
}

/// The groups that a group falls back to.
pub(super) struct Chain {
    pub(super) path: String,
    pub(super) from: String,
    pub(super) to: Vec<String>,
}

/// Another name of a group.
pub(super) struct Alias {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) group: String,
}

impl Settings {
    /// What both sections say. `router_settings` counts where both say something.
    pub(super) fn read(root: &mut Section<'_>, notes: &mut Notes) -> Self {
        let mut settings = Self {
            strategy: "random",
            timeout: DEFAULT_TIMEOUT,
            ..Self::default()
        };
        if let Some(mut section) = root.section("litellm_settings", notes) {
            settings.common(&mut section, notes);
            if let Some(timeout) = section.number("request_timeout", notes) {
                settings.timeout = timeout;
            }
            settings.aliases(&mut section, "model_alias_map", notes);
            library(section, notes);
        }
        if let Some(mut section) = root.section("router_settings", notes) {
            settings.common(&mut section, notes);
            if let Some(timeout) = section.number("timeout", notes) {
                settings.timeout = timeout;
            }
            settings.stream_timeout = section.number("stream_timeout", notes);
            settings.strategy(&mut section, notes);
            settings.aliases(&mut section, "model_group_alias", notes);
            if section.flag("disable_cooldowns", notes) == Some(true) {
                settings.no_cooldowns = true;
            }
            if let Some(most) = section.whole("max_fallbacks", notes) {
                settings.max_fallbacks = Some(most);
            }
            router(section, notes);
        }
        settings
    }

    /// What may stand in either section.
    fn common(&mut self, section: &mut Section<'_>, notes: &mut Notes) {
        for (key, counted) in [
            ("num_retries", &mut self.retries),
            ("allowed_fails", &mut self.allowed_fails),
        ] {
            if let Some(count) = section.whole(key, notes) {
                let path = section.at(key);
                *counted = Some(Counted { path, count });
            }
        }
        self.retry_after = section.number("retry_after", notes).or(self.retry_after);
        self.cooldown = section.number("cooldown_time", notes).or(self.cooldown);
        for (key, chains) in [
            ("fallbacks", &mut self.fallbacks),
            ("context_window_fallbacks", &mut self.on_context_window),
            ("content_policy_fallbacks", &mut self.on_content_policy),
        ] {
            let found = chains_of(section, key, notes);
            if !found.is_empty() {
                *chains = found;
            }
        }
        let defaults = section.texts("default_fallbacks", notes);
        if !defaults.is_empty() {
            self.default_fallbacks = defaults.into_iter().map(str::to_owned).collect();
        }
    }

    fn strategy(&mut self, section: &mut Section<'_>, notes: &mut Notes) {
        let Some(strategy) = section.text("routing_strategy", notes) else {
            return;
        };
        self.strategy = match strategy {
            "simple-shuffle" => "random",
            "least-busy" => "least_busy",
            "latency-based-routing" => "lowest_latency",
            "cost-based-routing" => "lowest_cost",
            "usage-based-routing" | "usage-based-routing-v2" => {
                notes.changed(
                    section.at("routing_strategy"),
                    "`adaptive` comes nearest: it weighs latency, errors, requests in flight and what is left of \
                     the rate limits that targets report",
                );
                "adaptive"
            }
            _ => {
                notes.changed(
                    section.at("routing_strategy"),
                    "not a strategy that is known here; `random` was written, as LiteLLM's default",
                );
                "random"
            }
        };
    }

    fn aliases(&mut self, section: &mut Section<'_>, key: &str, notes: &mut Notes) {
        let Some(mut map) = section.section(key, notes) else {
            return;
        };
        for (name, value) in map.rest() {
            let path = map.at(name);
            let group = match value {
                Tree::Text(group) => Some(group.as_str()),
                Tree::Map(_) => Section::new(value, path.clone(), notes).and_then(|mut alias| {
                    if alias.flag("hidden", notes) == Some(true) {
                        notes.changed(alias.at("hidden"), "the alias is listed under /v1/models");
                    }
                    alias.text("model", notes)
                }),
                other => {
                    unexpected(&path, "the name of a model", other, notes);
                    None
                }
            };
            if let Some(group) = group {
                self.aliases.push(Alias {
                    path,
                    name: name.to_owned(),
                    group: group.to_owned(),
                });
            }
        }
    }
}

/// A list of `{group: [group, ...]}`.
fn chains_of(section: &mut Section<'_>, key: &str, notes: &mut Notes) -> Vec<Chain> {
    let mut chains = Vec::new();
    for mut map in section.sections(key, notes) {
        for (from, to) in map.rest() {
            let path = map.at(from);
            let items = match to {
                Tree::List(items) => items.as_slice(),
                single => std::slice::from_ref(single),
            };
            let mut names = Vec::new();
            for item in items {
                match item.text() {
                    Some(name) => names.push(name.to_owned()),
                    None => unexpected(&path, "names of models", item, notes),
                }
            }
            if !names.is_empty() {
                chains.push(Chain {
                    path,
                    from: from.to_owned(),
                    to: names,
                });
            }
        }
    }
    chains
}

/// What else stands in `litellm_settings`.
fn library(mut section: Section<'_>, notes: &mut Notes) {
    section.leave(
        &["drop_params", "modify_params", "additional_drop_params"],
        "parameters that Fireworks would refuse are always removed or converted, and named in `x-fw-params`; other \
         providers get them as they are",
        notes,
    );
    section.leave(
        &[
            "callbacks",
            "failure_callback",
            "json_logs",
            "langfuse_default_tags",
            "redact_user_api_key_info",
            "service_callbacks",
            "set_verbose",
            "success_callback",
            "turn_off_message_logging",
        ],
        "there are no callbacks; `audit-logger` in `policies.chain` records every request, `/metrics` counts, \
         RUST_LOG says what is logged",
        notes,
    );
    section.leave(
        &[
            "cache",
            "cache_params",
            "enable_caching_on_provider_specific_optional_params",
        ],
        "replies are not cached; the provider's own prompt cache works",
        notes,
    );
    section.leave(
        &["guardrails"],
        "write guardrails at the top of the file, as LiteLLM does now, and convert it again",
        notes,
    );
    section.leave(
        &[
            "max_budget",
            "budget_duration",
            "default_internal_user_params",
            "key_generation_settings",
        ],
        "there are no budgets and no keys for clients; `fw-gateway audit stats` sums up cost",
        notes,
    );
    section.leave(
        &["ssl_verify", "ssl_certificate", "force_ipv4"],
        "targets are reached over TLS with the system's certificates; there is no setting for it",
        notes,
    );
    section.leave_rest("not known here, or without an equivalent", notes);
}

/// What else stands in `router_settings`.
fn router(mut section: Section<'_>, notes: &mut Notes) {
    section.leave(
        &[
            "redis_db",
            "redis_host",
            "redis_password",
            "redis_port",
            "redis_url",
            "cache_kwargs",
        ],
        "each gateway keeps its own state of targets; nothing is shared over Redis",
        notes,
    );
    section.leave(
        &["retry_policy", "model_group_retry_policy"],
        "write `providers.retry.retry_on`: it says what is tried again, not how often for each",
        notes,
    );
    section.leave(
        &["allowed_fails_policy"],
        "`providers.circuit_breaker` counts all failures of a target together",
        notes,
    );
    section.leave(
        &["routing_strategy_args"],
        "for `lowest_latency` write `providers.routing.window_seconds` and `min_sample_count`",
        notes,
    );
    section.leave(
        &["enable_pre_call_checks", "enable_pre_call_check"],
        "the length of a prompt is not checked beforehand; `fallback.context_window: fallback` sends a request \
         that was too long to the next target",
        notes,
    );
    section.leave(
        &["enable_tag_filtering", "tag_filtering_match_any"],
        "there is no routing by tag; give each its own model group",
        notes,
    );
    section.leave(
        &["default_litellm_params"],
        "parameters are not added to requests; set them in the client",
        notes,
    );
    section.leave(
        &["provider_budget_config"],
        "there are no budgets; `fw-gateway audit stats` sums up cost",
        notes,
    );
    section.leave_rest("not known here, or without an equivalent", notes);
}
