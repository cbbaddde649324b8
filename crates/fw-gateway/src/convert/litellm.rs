//! The LiteLLM proxy's `config.yaml`.
//!
//! A deployment of `model_list` becomes a target, a `model_name` the model group of its deployments. What
//! `router_settings` and `litellm_settings` say about routing, retries and cooldowns becomes `providers`.

mod deployment;
mod groups;
mod guardrails;
mod reliability;
mod settings;

use self::deployment::Deployment;
use self::settings::Settings;
use super::keys::Variables;
use super::names::Ids;
use super::notes::Notes;
use super::output::{self, MAX_TARGETS, Output};
use super::section::Section;
use super::tree::Tree;

/// What a reference to an environment variable begins with.
const VARIABLE: &str = "os.environ/";

/// What everything is read with.
struct Reader<'n> {
    variables: Variables,
    ids: Ids,
    notes: &'n mut Notes,
}

pub(super) fn convert(tree: &Tree, notes: &mut Notes) -> Output {
    let mut output = Output::default();
    let Some(mut root) = Section::new(tree, String::new(), notes) else {
        return output;
    };
    let mut reader = Reader {
        variables: Variables::of(tree, VARIABLE),
        ids: Ids::default(),
        notes,
    };
    let settings = Settings::read(&mut root, reader.notes);
    let mut entries = root.sections("model_list", reader.notes);
    for entry in &mut entries {
        if let Some(name) = entry.text("model_name", reader.notes) {
            reader.ids.reserve(name);
        }
    }
    for alias in &settings.aliases {
        reader.ids.reserve(&alias.name);
    }
    let mut credentials = root.sections("credential_list", reader.notes);
    let deployments: Vec<Deployment> = entries
        .into_iter()
        .take(MAX_TARGETS + 1)
        .filter_map(|entry| reader.deployment(entry, &settings, &mut credentials))
        .collect();
    if !deployments.is_empty() {
        reader.notes.changed(
            "model_list",
            "LiteLLM refuses a model that is not in the list; here it goes to one of the targets, which then \
             answers for itself",
        );
    }
    groups::build(deployments, &settings, &mut output, reader.notes);
    reader.guardrails(&mut root, &mut output);
    general(&mut root, &mut output, reader.notes);
    others(root, reader.notes);
    output
}

/// `general_settings`: the server, its keys and its database.
fn general(root: &mut Section<'_>, output: &mut Output, notes: &mut Notes) {
    let Some(mut section) = root.section("general_settings", notes) else {
        return;
    };
    if let Some(size) = section.whole("max_request_size_mb", notes) {
        output.size_limits.max_body_bytes = Some(output::mebibytes(size));
    }
    if let Some(size) = section.whole("max_response_size_mb", notes) {
        output.size_limits.max_response_bytes = Some(output::mebibytes(size));
    }
    section.leave(
        &[
            "allowed_routes",
            "custom_auth",
            "enable_jwt_auth",
            "key_management_settings",
            "key_management_system",
            "litellm_jwtauth",
            "master_key",
        ],
        "clients are not authenticated; listen on loopback, or put a proxy that checks keys in front",
        notes,
    );
    section.leave(
        &[
            "allow_requests_on_db_unavailable",
            "database_connection_pool_limit",
            "database_connection_timeout",
            "database_url",
            "disable_spend_logs",
            "store_model_in_db",
            "store_prompts_in_spend_logs",
        ],
        "there is no database; `audit-logger` in `policies.chain` records every request, with tokens and cost",
        notes,
    );
    section.leave(
        &["background_health_checks", "health_check_interval"],
        "write `health_monitor` (it asks a target for its models, not for a completion)",
        notes,
    );
    section.leave(
        &["alerting", "alerting_threshold"],
        "there are no alerts; let Prometheus watch `/metrics` and `/keeptrusts/providers/metrics`",
        notes,
    );
    section.leave(
        &["global_max_parallel_requests", "max_parallel_requests"],
        "there is no limit of requests in flight; `strategy: least_busy` spreads them",
        notes,
    );
    section.leave_rest("not known here, or without an equivalent", notes);
}

/// Sections without an equivalent.
fn others(mut root: Section<'_>, notes: &mut Notes) {
    if let Some(section) = root.section("environment_variables", notes) {
        notes.todo(
            section.path(),
            "values are not copied; set these variables where the gateway runs, as far as targets use them",
        );
    }
    root.leave(
        &["include"],
        "put the content of these files into this one, and convert it again",
        notes,
    );
    root.leave(
        &["mcp_servers", "mcp_tools", "mcp_semantic_tool_filter"],
        "the gateway is no MCP server; clients talk to theirs directly",
        notes,
    );
    root.leave(
        &["callback_settings"],
        "there are no callbacks; `audit-logger` records requests, `/metrics` counts them",
        notes,
    );
    root.leave(
        &[
            "vector_store_registry",
            "search_tools",
            "files_settings",
            "finetune_settings",
        ],
        "the gateway has no such endpoint; let clients use the provider's own",
        notes,
    );
    root.leave_rest("not known here, or without an equivalent", notes);
}
