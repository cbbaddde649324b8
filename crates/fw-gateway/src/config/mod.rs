//! The configuration: a strict contract in YAML.
//!
//! [`Config::load`] reads one file, or several laid over each other, and either
//! returns a configuration in which everything was understood, or every fault
//! with file, line, column, path and advice.
//!
//! ```
//! use fw_gateway::config::Config;
//!
//! let config = Config::parse(
//!     "policy-config.yaml",
//!     "
//! pack: {name: example, version: 1.0.0}
//! policies: {chain: []}
//! providers:
//!   targets:
//!     - id: main
//!       provider: fireworks
//! ",
//! )?;
//! assert_eq!(config.pack.name, "example");
//! assert!(config.unsupported_by_this_build().is_empty());
//!
//! let errors = Config::parse("bad.yaml", "pack: {nam: x, version: 1.0.0}\npolicies: {chain: []}").unwrap_err();
//! assert_eq!(
//!     errors.errors()[1].to_string(),
//!     "bad.yaml:1:8: error[E002] at pack.nam: unknown key `nam`; did you mean `name`?"
//! );
//! # Ok::<(), fw_gateway::config::ConfigErrors>(())
//! ```
//!
//! # How a file is read
//!
//! 1. YAML becomes a tree with places. Files are at most 1 MiB, 32 levels deep
//!    and 50,000 values; aliases may repeat 20,000 values. Merge keys (`<<`) and
//!    application tags are refused.
//! 2. Later files are laid over earlier ones as in RFC 7396 (JSON Merge Patch):
//!    mappings merge key by key, `null` removes a key, lists and everything else
//!    replace. Faults name the file that holds the value.
//! 3. The tree is held against the schema of [`crate::schema`], then against
//!    rules between sections: unique ids, references, settings that agree.
//! 4. Only then does it become these types. The environment is not read.
//!
//! A key without a value is a fault, not a default: an `ip_allowlist:` whose
//! lines are commented out must not mean "no list".
//!
//! `pack.enabled: false` switches a configuration off as a whole. It can be
//! checked, but `run` refuses it; it never means "run without policies".

mod cache;
mod callbacks;
mod check;
mod consumer_groups;
mod cors;
mod formats;
mod ip_allowlist;
mod model_groups;
mod node;
mod pack;
mod path;
mod policies;
pub mod policy;
mod problem;
mod providers;
mod rate_limits;
mod routes;
mod semantics;
mod shape;
mod size_limits;
mod stateful;
mod suggest;
mod support;
mod testing;
mod text;

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use fw_provider::HealthProbe;
use fw_responses::ResponsesConfig;
use schemars::JsonSchema;
use serde::Deserialize;

pub use cache::{Cache, CacheMode, CacheTier, WorkflowCache};
pub use callbacks::{Callback, CallbackSink};
pub use consumer_groups::{ConsumerGroup, ConsumerLimits};
pub use cors::Cors;
pub use ip_allowlist::IpAllowlist;
pub use model_groups::{GroupModel, GroupTarget, ModelGroup};
pub use pack::Pack;
pub use policies::{FailMode as PolicyFailMode, Policies};
pub use policy::{PolicyKind, PolicySections};
pub use problem::{Code, ConfigErrors, Finding};
pub use providers::{
    AbTest, CircuitBreaker, Fallback, FallbackTrigger, Hedge, Mirror, OnContentPolicy,
    OnContextWindow, Providers, Retry, RetryClass, RetryOn, Routing, Strategy, Variant,
};
pub use rate_limits::{GlobalRateLimit, IpRateLimit, TokenRateLimit, TokenScope, UserRateLimit};
pub use routes::{PathMatch, Route};
pub use size_limits::SizeLimits;
pub use stateful::{AgentLimits, History, HistoryMode, Loads, LoadsBackend, WriteMode};
pub use testing::{Suite, TestCase, Testing};
pub use text::{EntityType, HeaderName, Method, Network, Pattern, StickyBy, UrlPath, Version};

use node::{MAX_FILE_BYTES, Node};
use path::Path;
use problem::{Place, Problem};

/// A whole configuration: `policy-config.yaml`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-hints" = {
    "provider_fallback": "write `providers.fallback`",
    "provider_routing": "write `providers.routing`",
    "rate_limits": "write `global_rate_limit`, `ip_rate_limit`, `user_rate_limit` or `token_rate_limit`",
    "rate_limit_defaults": "write `global_rate_limit`, `ip_rate_limit`, `user_rate_limit` or `token_rate_limit`",
    "version": "write `pack.version`"
}))]
#[non_exhaustive]
pub struct Config {
    /// Name and version.
    pub pack: Pack,
    /// The policy chain.
    pub policies: Policies,
    /// Settings of each policy.
    #[serde(default)]
    pub policy: PolicySections,
    /// Where requests go.
    #[serde(default)]
    pub providers: Option<Providers>,
    /// Names for several targets.
    #[serde(default)]
    pub model_groups: Vec<ModelGroup>,
    /// Rules by path.
    #[serde(default)]
    pub routes: Vec<Route>,
    /// Callers and what they may do.
    #[serde(default)]
    pub consumer_groups: Vec<ConsumerGroup>,
    /// Requests over all callers.
    #[serde(default)]
    pub global_rate_limit: Option<GlobalRateLimit>,
    /// Requests of one address.
    #[serde(default)]
    pub ip_rate_limit: Option<IpRateLimit>,
    /// Requests of one user.
    #[serde(default)]
    pub user_rate_limit: Option<UserRateLimit>,
    /// Tokens.
    #[serde(default)]
    pub token_rate_limit: Option<TokenRateLimit>,
    /// How large bodies may be.
    #[serde(default)]
    pub size_limits: SizeLimits,
    /// Who may connect.
    #[serde(default)]
    pub ip_allowlist: Option<IpAllowlist>,
    /// Use from web pages.
    #[serde(default)]
    pub cors: Option<Cors>,
    /// Replies that are kept.
    #[serde(default)]
    pub cache: Option<Cache>,
    /// Replies shared between workflows.
    #[serde(default)]
    pub workflow_cache: Option<WorkflowCache>,
    /// Where reports about requests go.
    #[serde(default)]
    pub callbacks: Vec<Callback>,
    /// Health probes of every target that has none of its own, also while it
    /// serves requests. Its keys are those of `targets[].health_probe`.
    #[serde(default)]
    pub health_monitor: Option<HealthProbe>,
    /// Where the gateway keeps responses of the Responses API for targets that
    /// have none themselves (`targets[].responses: emulate`).
    #[serde(default)]
    pub responses_store: Option<ResponsesConfig>,
    /// Recall of stored knowledge.
    #[serde(default)]
    pub loads: Option<Loads>,
    /// Past conversations.
    #[serde(default)]
    pub history: Option<History>,
    /// Limits by agent.
    #[serde(default)]
    pub agents: BTreeMap<String, AgentLimits>,
    /// Test cases. Never used while running.
    #[serde(default)]
    pub testing: Option<Testing>,
    #[serde(skip)]
    warnings: Vec<Finding>,
    #[serde(skip)]
    unsupported: Vec<Finding>,
    #[serde(skip)]
    digest: String,
}

impl Config {
    /// Reads files and lays each over those before it.
    ///
    /// # Errors
    ///
    /// Every fault that was found, at least one.
    pub fn load(files: &[PathBuf]) -> Result<Self, ConfigErrors> {
        let mut sources = Vec::with_capacity(files.len());
        let mut failed = Vec::new();
        for (index, file) in files.iter().enumerate() {
            let name: Arc<str> = file.display().to_string().into();
            match read(file) {
                Ok(text) => sources.push((name, text)),
                Err(reason) => {
                    sources.push((name, String::new()));
                    failed.push((index, reason));
                }
            }
        }
        if files.is_empty() {
            sources.push((Arc::from("configuration"), String::new()));
            failed.push((
                0,
                "no file was given; name one with `--policy-config`".to_owned(),
            ));
        }
        if failed.is_empty() {
            return Self::from_sources(&sources);
        }
        let names: Vec<Arc<str>> = sources.into_iter().map(|(name, _)| name).collect();
        let errors = failed.into_iter().map(|(index, reason)| {
            let at = Place {
                file: u16::try_from(index).unwrap_or(u16::MAX),
                line: 0,
                column: 0,
            };
            Problem::new(Code::Unreadable, at, Path::root(), reason).named(&names)
        });
        Err(ConfigErrors {
            errors: errors.collect(),
            warnings: Vec::new(),
        })
    }

    /// Reads one document. `name` stands for the file in messages.
    ///
    /// # Errors
    ///
    /// Every fault that was found, at least one.
    pub fn parse(name: &str, text: &str) -> Result<Self, ConfigErrors> {
        Self::from_sources(&[(Arc::from(name), text.to_owned())])
    }

    fn from_sources(sources: &[(Arc<str>, String)]) -> Result<Self, ConfigErrors> {
        let names: Vec<Arc<str>> = sources.iter().map(|(name, _)| Arc::clone(name)).collect();
        let mut problems = Vec::new();
        let parsed = read_layers(sources, &mut problems).and_then(|root| {
            let config = understand(&root, &mut problems)?;
            Some((config, root))
        });
        problems.sort_by_key(|problem| problem.at);
        let (warnings, errors): (Vec<_>, Vec<_>) = problems
            .into_iter()
            .map(|problem| problem.named(&names))
            .partition(|found| found.code.is_warning());
        match parsed {
            Some((mut config, root)) if errors.is_empty() => {
                let mut missing = support::missing(&config, &root);
                missing.sort_by_key(|problem| problem.at);
                config.unsupported = missing
                    .into_iter()
                    .map(|problem| problem.named(&names))
                    .collect();
                config.warnings = warnings;
                config.digest = digest(sources);
                Ok(config)
            }
            _ => Err(ConfigErrors { errors, warnings }),
        }
    }

    /// What is accepted but may not be what was meant.
    #[must_use]
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// What is valid but cannot be done by this build. `run` must refuse a
    /// configuration for which this is not empty: nothing of it may be ignored
    /// in silence.
    #[must_use]
    pub fn unsupported(&self) -> &[Finding] {
        &self.unsupported
    }

    /// BLAKE3 of the text it was read from, of several files one after the other: as `b3sum` has it.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// [`unsupported`](Self::unsupported) as printed, one line each.
    #[must_use]
    pub fn unsupported_by_this_build(&self) -> Vec<String> {
        self.unsupported.iter().map(ToString::to_string).collect()
    }
}

fn digest(sources: &[(Arc<str>, String)]) -> String {
    let mut hasher = blake3::Hasher::new();
    for (_, text) in sources {
        hasher.update(text.as_bytes());
    }
    hasher.finalize().to_hex().as_str().to_owned()
}

/// The tree of all layers together, if all of them are YAML.
fn read_layers(sources: &[(Arc<str>, String)], problems: &mut Vec<Problem>) -> Option<Node> {
    let mut layers = Vec::with_capacity(sources.len());
    for (index, (_, text)) in sources.iter().enumerate() {
        match Node::parse(text, u16::try_from(index).unwrap_or(u16::MAX)) {
            Ok(mut node) => {
                node.take_duplicates(&Path::root(), problems);
                layers.push(node);
            }
            Err(problem) => problems.push(problem),
        }
    }
    if layers.len() < sources.len() {
        return None;
    }
    let foreign = layers.iter().filter_map(shape::foreign);
    let before = problems.len();
    problems.extend(foreign);
    if problems.len() > before {
        return None;
    }
    layers.into_iter().reduce(|mut below, above| {
        below.overlay(above);
        below
    })
}

/// Holds the tree against every rule and makes the types of it.
fn understand(root: &Node, problems: &mut Vec<Problem>) -> Option<Config> {
    let found = check::check(&crate::schema::WORKING, root);
    let errors = found.iter().filter(|problem| !problem.code.is_warning());
    let broken: HashSet<String> = errors
        .map(|problem| problem.path.as_str().to_owned())
        .collect();
    problems.extend(found);
    problems.extend(semantics::check(root, &broken));
    if problems.iter().any(|problem| !problem.code.is_warning()) {
        return None;
    }
    match Config::deserialize(root.to_json()) {
        Ok(config) => Some(config),
        // The schema and the types come from one source; a difference is a bug,
        // and the file is refused rather than guessed at.
        Err(_) => {
            problems.push(Problem::new(
                Code::WrongType,
                root.at,
                Path::root(),
                "the schema accepts this document but its types do not; please report this",
            ));
            None
        }
    }
}

fn read(file: &std::path::Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let limit = MAX_FILE_BYTES as u64 + 1;
    std::fs::File::open(file)
        .and_then(|opened| opened.take(limit).read_to_end(&mut bytes))
        .map_err(|error| format!("cannot be read: {error}"))?;
    String::from_utf8(bytes).map_err(|error| {
        format!(
            "is not UTF-8 text (byte {})",
            error.utf8_error().valid_up_to()
        )
    })
}

/// Whether `format` is a format that the checker knows.
#[cfg(test)]
pub(crate) fn knows_format(format: &str) -> bool {
    formats::check(format, "").is_some()
}

/// Paths of what breaks `schema` in `text`.
#[cfg(test)]
pub(crate) fn faults(schema: &serde_json::Value, text: &str) -> Vec<String> {
    let node = Node::parse(text, 0).unwrap();
    let found = check::check(schema, &node);
    found
        .into_iter()
        .filter(|found| !found.code.is_warning())
        .map(|found| found.path.to_string())
        .collect()
}

const fn yes() -> bool {
    true
}
