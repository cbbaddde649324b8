//! Bifrost's `config.json`.
//!
//! The keys of a provider that serve the same models at the same address become one target. Models that are
//! listed, and aliases, become model groups `provider/model`; a key for all models needs none, because requests
//! find their target by the provider that they name. Nothing falls back to another provider unless a routing rule
//! says so, or the request does.

mod governance;
mod groups;
mod key;
mod provider;

use std::collections::HashMap;

use self::groups::Groups;
use self::provider::Provider;
use super::keys::Variables;
use super::names::Ids;
use super::notes::Notes;
use super::output::{self, Fallback, Output, Retry};
use super::section::Section;
use super::tree::Tree;

/// What a reference to an environment variable begins with.
const VARIABLE: &str = "env.";

/// What everything is read with.
struct Reader<'n> {
    variables: Variables,
    ids: Ids,
    /// Whether an empty list of models allows all, as before Bifrost 1.5.
    empty_is_all: bool,
    notes: &'n mut Notes,
}

pub(super) fn convert(tree: &Tree, notes: &mut Notes) -> Output {
    let mut output = Output::default();
    let Some(mut root) = Section::new(tree, String::new(), notes) else {
        return output;
    };
    root.take("$schema");
    let mut reader = Reader {
        variables: Variables::of(tree, VARIABLE),
        ids: Ids::default(),
        empty_is_all: root.number("version", notes) == Some(1.0),
        notes,
    };
    let mut providers = Vec::new();
    if let Some(mut section) = root.section("providers", reader.notes) {
        for (name, value) in section.rest() {
            if output.targets.len() > output::MAX_TARGETS {
                break;
            }
            let path = section.at(name);
            if let Some(section) = Section::new(value, path, reader.notes) {
                providers.extend(reader.provider(name, section, &mut output));
            }
        }
    }
    let mut groups = Groups::default();
    let rules = reader.governance(&mut root, &providers, &mut groups);
    groups.of_models(&providers, reader.notes);
    retries(&providers, &mut output, reader.notes);
    fallback(&providers, &groups, rules, &mut output, reader.notes);
    output.groups = groups.finish();
    client(&mut root, &mut output, reader.notes);
    plugins(&mut root, reader.notes);
    others(root, reader.notes);
    output
}

/// Retries are one setting for all targets.
fn retries(providers: &[Provider], output: &mut Output, notes: &mut Notes) {
    let asked: Vec<_> = providers.iter().map(|provider| &provider.retries).collect();
    let Some(most) = asked.iter().max_by_key(|retries| retries.most) else {
        return;
    };
    if asked.iter().any(|retries| retries.most != most.most) {
        notes.changed(
            "providers",
            format!(
                "providers have different `max_retries`; retries are the same for all targets, and {} was taken",
                most.most
            ),
        );
    }
    if most.most > 0 {
        let longest = most.longest_ms.clamp(1, 3_600_000);
        output.retry = Some(Retry {
            max_attempts: most.most.saturating_add(1).min(100),
            initial_backoff_ms: Some(most.first_ms.min(longest)),
            max_backoff_ms: Some(longest),
        });
    }
}

/// Bifrost stays with the provider that a request names. It goes to another of its keys, for another attempt.
fn fallback(
    providers: &[Provider],
    groups: &Groups,
    rules: bool,
    output: &mut Output,
    notes: &mut Notes,
) {
    if output.targets.len() < 2 {
        return;
    }
    let several = groups.has_several() || providers.iter().any(|provider| provider.parts.len() > 1);
    let rotates = several && output.retry.is_some();
    output.fallback = Some(Fallback {
        enabled: rules || rotates,
        triggers: (rotates && !rules)
            .then_some("rate_limit")
            .into_iter()
            .collect(),
        ..Fallback::default()
    });
    if rules || rotates {
        notes.changed(
            "providers",
            "`fallback` is one setting: a request whose model is in no group also goes to the next target when its \
             own fails; remove targets from the list, or the block, where that is not wanted",
        );
    }
}

/// `client`: the server.
fn client(root: &mut Section<'_>, output: &mut Output, notes: &mut Notes) {
    let Some(mut section) = root.section("client", notes) else {
        return;
    };
    if let Some(size) = section.whole("max_request_body_size_mb", notes) {
        output.size_limits.max_body_bytes = Some(output::mebibytes(size));
    }
    section.leave(
        &["drop_excess_requests", "initial_pool_size"],
        "nothing to set: there is no queue, and no pool of workers",
        notes,
    );
    section.leave(
        &[
            "disable_content_logging",
            "enable_logging",
            "log_retention_days",
            "logging_headers",
        ],
        "`audit-logger` in `policies.chain` records every request, without its text unless `capture` says so; \
         `retention_days` says how long",
        notes,
    );
    section.leave(
        &[
            "allow_direct_keys",
            "enforce_auth_on_inference",
            "enforce_governance_header",
            "required_headers",
            "whitelisted_routes",
        ],
        "clients are not authenticated; listen on loopback, or put a proxy that checks keys in front",
        notes,
    );
    section.leave(
        &["allowed_headers", "allowed_origins"],
        "web pages of other origins are not let in; `cors` is part of the schema, but not of this build",
        notes,
    );
    section.leave(
        &["header_filter_config"],
        "headers of requests pass as they are, but for credentials and `x-bf-*`",
        notes,
    );
    section.leave(
        &["compat"],
        "parameters are converted for Fireworks always, and named in `x-fw-params`",
        notes,
    );
    section.leave(
        &["prometheus_labels"],
        "`/metrics` has labels of its own",
        notes,
    );
    for (key, _) in section.rest() {
        let message = if key.starts_with("mcp_") {
            MCP
        } else {
            "not known here, or without an equivalent"
        };
        notes.left_out(section.at(key), message);
    }
}

const MCP: &str = "the gateway is no MCP server; clients talk to theirs directly";

/// `plugins`, by name.
fn plugins(root: &mut Section<'_>, notes: &mut Notes) {
    for mut plugin in root.sections("plugins", notes) {
        let name = plugin.text("name", notes).unwrap_or_default();
        let on = plugin.flag("enabled", notes) != Some(false);
        let message = match name {
            _ if !on => continue,
            "governance" => "there are no keys, budgets or limits for clients",
            "logging" | "maxim" => {
                "`audit-logger` in `policies.chain` records every request; `fw-gateway audit export` hands them on"
            }
            "telemetry" | "prometheus" => "nothing to set: `/metrics` is always there",
            "otel" | "datadog" => {
                "no traces are sent; `/metrics` counts, and log lines name each attempt with its times"
            }
            "semantic_cache" | "semanticcache" => {
                "replies are not cached; Fireworks' own prompt cache works, with `prompt_cache_key` as it is"
            }
            "compat" => "parameters are converted for Fireworks always, and named in `x-fw-params`",
            "mocker" => "`fw-gateway demo` has a simulator behind it",
            "jsonparser" => "replies are not repaired; ask for a `response_format`",
            _ => {
                "plugins are not loaded; a policy of one's own is a tower layer over the gateway's crates"
            }
        };
        notes.left_out(plugin.path(), message);
    }
}

/// Sections without an equivalent.
fn others(mut root: Section<'_>, notes: &mut Notes) {
    root.leave(
        &["config_store", "encryption_key", "source_of_truth"],
        "nothing to set: the configuration is this file alone, and holds no key",
        notes,
    );
    root.leave(
        &["audit_logs", "logs_store"],
        "`audit-logger` in `policies.chain` records every request, chained and signed, in a directory",
        notes,
    );
    root.leave(
        &["vector_store"],
        "replies are not cached, so nothing is stored",
        notes,
    );
    root.leave(&["mcp"], MCP, notes);
    root.leave(
        &["guardrails_config"],
        "write `pii-detector` (patterns and secrets), `prompt-injection` and `safety-filter` into `policies.chain`; \
         `external-moderation` asks a service",
        notes,
    );
    root.leave(
        &["load_balancer_config"],
        "`providers.routing.strategy: adaptive` weighs latency, errors, load and rate limits",
        notes,
    );
    root.leave(
        &["framework"],
        "prices of Fireworks' models are known; others stand in `pricing` of a target",
        notes,
    );
    root.leave(
        &["alerting"],
        "there are no alerts; let Prometheus watch `/metrics` and `/keeptrusts/providers/metrics`",
        notes,
    );
    root.leave(
        &["cluster_config"],
        "each gateway keeps its own state of targets",
        notes,
    );
    root.leave(
        &["access_profiles", "auth_config"],
        "clients are not authenticated; listen on loopback, or put a proxy that checks keys in front",
        notes,
    );
    root.leave(
        &["large_payload_optimization", "server"],
        "`size_limits` says how large bodies may be",
        notes,
    );
    root.leave_rest("not known here, or without an equivalent", notes);
}

/// The places of providers by name.
fn places(providers: &[Provider]) -> HashMap<&str, usize> {
    let names = providers.iter().enumerate();
    names
        .map(|(place, provider)| (provider.name.as_str(), place))
        .collect()
}
