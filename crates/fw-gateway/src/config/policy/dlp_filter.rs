//! `policy.dlp-filter`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::text::Pattern;

/// Confidential terms and patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct DlpFilterConfig {
    /// Tier of sensitivity. Its values are not published.
    pub sensitivity_level: Option<String>,
    /// Identifiers, as regular expressions.
    #[schemars(length(max = 1024))]
    pub detect_patterns: Vec<Pattern>,
    /// Terms that must not leave.
    #[schemars(inner(length(min = 1, max = 512)), length(max = 10_000))]
    pub blocked_terms: Vec<String>,
    /// Also match misspelt terms.
    pub fuzzy_matching: bool,
    /// What happens to what was found.
    pub action: DlpAction,
}

/// What happens to confidential text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DlpAction {
    /// A marker takes its place.
    Redact,
    /// The request is refused.
    #[default]
    Block,
}
