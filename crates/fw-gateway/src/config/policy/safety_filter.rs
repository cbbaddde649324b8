//! `policy.safety-filter`, in both published dialects.

use schemars::JsonSchema;
use serde::Deserialize;

/// Detection of unsafe content.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct SafetyFilterConfig {
    /// Which built-in terms apply.
    pub mode: SafetyMode,
    /// Terms of your own. They take the place of the built-in terms.
    #[schemars(inner(length(min = 1, max = 512)), length(max = 10_000))]
    pub block_if: Vec<String>,
    /// What happens on detection.
    pub action: SafetyAction,
    /// Also match misspelt terms.
    pub fuzzy_matching: bool,
    /// Largest edit distance of a misspelt term.
    #[schemars(range(min = 0, max = 3))]
    pub max_distance: u32,
    /// Age of the audience up to which stricter rules apply. Zero: off.
    #[schemars(range(min = 0, max = 150))]
    pub max_age: u32,
}

impl Default for SafetyFilterConfig {
    fn default() -> Self {
        Self {
            mode: SafetyMode::default(),
            block_if: Vec::new(),
            action: SafetyAction::default(),
            fuzzy_matching: false,
            max_distance: 1,
            max_age: 0,
        }
    }
}

/// Which built-in terms apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SafetyMode {
    /// Critical infrastructure.
    #[default]
    CriticalInfrastructure,
    /// Automotive.
    Automotive,
    /// Education.
    Education,
    /// Law enforcement.
    LawEnforcement,
    /// All of them. The provider pages' spelling.
    Strict,
}

/// What happens to unsafe content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SafetyAction {
    /// It is refused.
    #[default]
    Block,
    /// It is refused until a person has decided.
    Escalate,
}
