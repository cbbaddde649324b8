//! `cache` and `workflow_cache`: answers that are kept.

use schemars::JsonSchema;
use serde::Deserialize;

/// Replies kept by their request. Off without `enabled: true`: kept replies
/// are shared between callers.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Cache {
    /// Whether replies are kept.
    pub enabled: bool,
    /// Which requests count as the same.
    pub mode: CacheMode,
    /// How long a reply is kept.
    #[schemars(range(min = 1, max = 31_536_000))]
    pub ttl_seconds: u64,
    /// Most replies that are kept.
    #[schemars(range(min = 1, max = 100_000_000))]
    pub max_entries: u64,
    /// `semantic`: similarity from which requests count as the same.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub similarity_threshold: Option<f64>,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            enabled: false,
            mode: CacheMode::default(),
            ttl_seconds: 3_600,
            max_entries: 10_000,
            similarity_threshold: None,
        }
    }
}

/// Which requests count as the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheMode {
    /// Equal ones.
    #[default]
    Exact,
    /// Similar ones.
    Semantic,
}

/// Replies shared between workflows. Needs a control plane.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct WorkflowCache {
    /// Whether replies are shared.
    pub enabled: bool,
    /// Where a reply is kept unless something else says so.
    pub default_tier: CacheTier,
    /// Whether replies are shared within the organisation.
    pub org_shared_enabled: bool,
    /// Whether similar requests are answered from it.
    pub direct_semantic_replay_enabled: bool,
    /// How a code base is told apart. Its values are not published.
    pub codebase_identity_mode: Option<String>,
    /// Similarity from which requests count as the same.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub similarity_threshold: f64,
    /// How long a reply is kept.
    #[schemars(range(min = 1, max = 31_536_000))]
    pub ttl_seconds: u64,
    /// Largest reply that is kept.
    #[schemars(range(min = 1))]
    pub max_entry_size_bytes: u64,
    /// Models whose replies are not kept.
    pub excluded_models: Vec<String>,
    /// Agents whose replies are not kept.
    pub excluded_agents: Vec<String>,
}

impl Default for WorkflowCache {
    fn default() -> Self {
        Self {
            enabled: true,
            default_tier: CacheTier::default(),
            org_shared_enabled: true,
            direct_semantic_replay_enabled: true,
            codebase_identity_mode: None,
            similarity_threshold: 0.95,
            ttl_seconds: 86_400,
            max_entry_size_bytes: 524_288,
            excluded_models: Vec::new(),
            excluded_agents: Vec::new(),
        }
    }
}

/// Where a reply is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheTier {
    /// Shared within the organisation.
    #[default]
    OrgShared,
    /// On this gateway.
    PrivateEdge,
}
