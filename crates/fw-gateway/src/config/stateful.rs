//! `loads`, `history` and `agents`: what a control plane keeps over requests.

use schemars::JsonSchema;
use serde::Deserialize;

/// `loads`: recall of stored knowledge.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Loads {
    /// Whether knowledge is recalled.
    pub enabled: bool,
    /// Where it is kept.
    pub backend: LoadsBackend,
    /// How many pieces are recalled.
    #[schemars(range(min = 1, max = 1_000))]
    pub recall_top_k: u32,
    /// What is written back.
    pub write_mode: WriteMode,
    /// Longest time for it.
    #[schemars(range(min = 1, max = 86_400_000))]
    pub timeout_ms: u64,
    /// Whether a request goes on when it fails.
    pub fail_open: bool,
}

impl Default for Loads {
    fn default() -> Self {
        Self {
            enabled: false,
            backend: LoadsBackend::default(),
            recall_top_k: 5,
            write_mode: WriteMode::default(),
            timeout_ms: 3_000,
            fail_open: true,
        }
    }
}

/// Where knowledge is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoadsBackend {
    /// A control plane.
    #[default]
    Api,
    /// This process.
    Memory,
}

/// What is written back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WriteMode {
    /// Everything.
    #[default]
    Full,
    /// Nothing.
    ReadOnly,
    /// Only data about it.
    MetadataOnly,
}

/// `history`: past conversations.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct History {
    /// Whether conversations are kept.
    pub enabled: bool,
    /// In which form.
    pub mode: HistoryMode,
    /// Also those that were blocked.
    pub include_blocked: bool,
    /// How long.
    #[schemars(range(min = 1, max = 36_500))]
    pub retention_days: u32,
    /// Whether a request goes on when it fails.
    pub fail_open: bool,
}

impl Default for History {
    fn default() -> Self {
        Self {
            enabled: false,
            mode: HistoryMode::default(),
            include_blocked: false,
            retention_days: 90,
            fail_open: true,
        }
    }
}

/// Form in which conversations are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HistoryMode {
    /// As they are. The only value the public documentation shows.
    #[default]
    Raw,
}

/// Limits of one agent. The public documentation names the section but not its
/// keys; these are this project's.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct AgentLimits {
    /// Most money in a day, in USD.
    #[schemars(range(min = 0.0))]
    pub max_cost_usd_per_day: Option<f64>,
    /// Most money for one request, in USD.
    #[schemars(range(min = 0.0))]
    pub max_cost_usd_per_request: Option<f64>,
    /// Most replies in a day.
    pub max_responses_per_day: Option<u64>,
}
