//! `policy.response-rewriter`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::text::Pattern;

/// Rules that rewrite replies.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ResponseRewriterConfig {
    /// Keep the structure of the reply.
    pub preserve_structure: bool,
    /// Rules, in order.
    #[schemars(length(max = 1024))]
    pub rules: Vec<RewriteRule>,
}

impl Default for ResponseRewriterConfig {
    fn default() -> Self {
        Self {
            preserve_structure: true,
            rules: Vec::new(),
        }
    }
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RewriteRule {
    /// Name of the rule.
    pub name: String,
    /// What it looks for, as a regular expression.
    pub pattern: Pattern,
    /// What it writes.
    pub replacement: String,
    /// Where it writes it.
    #[serde(default)]
    pub position: RewritePosition,
}

/// Where a rule writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RewritePosition {
    /// In place of what it found.
    #[default]
    Replace,
    /// Before it.
    Prepend,
    /// After it.
    Append,
}
