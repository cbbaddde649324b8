//! What is looked for, and what happens to it: the words of the configuration.
//!
//! Nothing here reads a file. [`Detector::new`](crate::Detector::new) does.

mod categories;
mod messages;
mod problems;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

pub use self::categories::{CategoriesConfig, CategoryAction, CategoryConfig};
pub use self::messages::{ResponseConfig, ResponseSettings, SelfHarmConfig};
use crate::category::Category;

/// The settings of `policy.safety-filter`.
///
/// Both published dialects are accepted: the sector modes, `block_if` and fuzzy matching of the policy pages, and
/// `mode: strict` of the provider pages. All else is ours. The [crate's docs](crate#settings) have a table.
///
/// ```
/// use fw_policy_safety::{SafetyAction, SafetyConfig, SafetyMode};
///
/// let config = SafetyConfig::new()
///     .mode(SafetyMode::Education)
///     .block_if(["exam answers for sale"])
///     .built_in_terms(true)
///     .action(SafetyAction::Escalate);
/// assert!(config.problems().is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct SafetyConfig {
    /// Which built-in terms apply.
    pub mode: SafetyMode,
    /// Terms of your own. They take the place of the built-in terms, unless `built_in_terms` is true.
    #[schemars(inner(length(min = 1, max = 512)), length(max = 10_000))]
    pub block_if: Vec<String>,
    /// Whether the built-in terms of `mode` apply. Default: only if `block_if` is empty.
    pub built_in_terms: Option<bool>,
    /// What happens on detection.
    pub action: SafetyAction,
    /// What happens to a text that holds more encoded text than is decoded within the bounds.
    pub incomplete: SafetyAction,
    /// Also match misspelt terms.
    pub fuzzy_matching: bool,
    /// Largest edit distance of a misspelt term. Short words get less.
    #[schemars(range(min = 0, max = 3))]
    pub max_distance: u32,
    /// Age of the oldest users of an audience of minors, for which stricter rules apply. Zero: off. From 18 on
    /// nothing changes.
    #[schemars(range(min = 0, max = 150))]
    pub max_age: u32,
    /// What is scored, by category.
    pub categories: CategoriesConfig,
    /// A score at or above this is a finding, in each category that does not say otherwise.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub threshold: Option<f64>,
    /// Whether requests are looked at.
    pub request: bool,
    /// Whether replies are looked at, and what a denied client is told.
    pub response: ResponseConfig,
    /// What is said instead of a bare denial when the matter is self-harm.
    pub self_harm: SelfHarmConfig,
    /// A weights file that takes the place of the built-in one.
    pub weights: Option<PathBuf>,
}

/// Which built-in terms apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SafetyAction {
    /// It is refused.
    #[default]
    Block,
    /// It passes, and the finding is recorded.
    Flag,
    /// It is refused until a person has decided.
    Escalate,
}

/// The least score of a finding in a reply. A long reply is judged many times, and each time is a chance for a false
/// alarm.
const REPLY_THRESHOLD: f32 = 0.8;

impl Default for SafetyConfig {
    fn default() -> Self {
        Self {
            mode: SafetyMode::default(),
            block_if: Vec::new(),
            built_in_terms: None,
            action: SafetyAction::default(),
            incomplete: SafetyAction::Flag,
            fuzzy_matching: false,
            max_distance: 1,
            max_age: 0,
            categories: CategoriesConfig::default(),
            threshold: None,
            request: true,
            response: ResponseConfig::default(),
            self_harm: SelfHarmConfig::default(),
            weights: None,
        }
    }
}

impl SafetyConfig {
    /// The defaults: all categories and the terms of critical infrastructure are blocked, in requests and in
    /// replies.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Which built-in terms apply.
    #[must_use]
    pub const fn mode(mut self, mode: SafetyMode) -> Self {
        self.mode = mode;
        self
    }

    /// Adds terms of your own. They take the place of the built-in terms, unless
    /// [`built_in_terms`](Self::built_in_terms) says otherwise.
    #[must_use]
    pub fn block_if<T: Into<String>>(mut self, terms: impl IntoIterator<Item = T>) -> Self {
        self.block_if.extend(terms.into_iter().map(Into::into));
        self
    }

    /// Whether the built-in terms of the mode apply, whatever terms of your own there are.
    #[must_use]
    pub const fn built_in_terms(mut self, on: bool) -> Self {
        self.built_in_terms = Some(on);
        self
    }

    /// What happens on detection.
    #[must_use]
    pub const fn action(mut self, action: SafetyAction) -> Self {
        self.action = action;
        self
    }

    /// What happens to a text that holds more encoded text than is decoded within the bounds. By default it is
    /// flagged.
    #[must_use]
    pub const fn incomplete(mut self, action: SafetyAction) -> Self {
        self.incomplete = action;
        self
    }

    /// Whether misspelt terms match too.
    #[must_use]
    pub const fn fuzzy_matching(mut self, on: bool) -> Self {
        self.fuzzy_matching = on;
        self
    }

    /// Largest edit distance of a misspelt term, 3 at most.
    #[must_use]
    pub const fn max_distance(mut self, distance: u32) -> Self {
        self.max_distance = distance;
        self
    }

    /// Age of the oldest users of an audience of minors.
    #[must_use]
    pub const fn max_age(mut self, age: u32) -> Self {
        self.max_age = age;
        self
    }

    /// Settings of one category.
    #[must_use]
    pub fn category(mut self, category: Category, config: CategoryConfig) -> Self {
        self.categories.set(category, config);
        self
    }

    /// A score at or above this is a finding.
    #[must_use]
    pub const fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// Whether requests are looked at.
    #[must_use]
    pub const fn request(mut self, on: bool) -> Self {
        self.request = on;
        self
    }

    /// Whether replies are looked at (`true`, `false`), or a [`ResponseSettings`] with a message.
    #[must_use]
    pub fn response(mut self, response: impl Into<ResponseConfig>) -> Self {
        self.response = response.into();
        self
    }

    /// What is said instead of a bare denial when the matter is self-harm.
    #[must_use]
    pub fn self_harm_message(mut self, message: impl Into<String>) -> Self {
        self.self_harm.message = Some(message.into());
        self
    }

    /// Reads the weights from a file.
    #[must_use]
    pub fn weights(mut self, path: impl Into<PathBuf>) -> Self {
        self.weights = Some(path.into());
        self
    }

    /// Whether the built-in terms apply.
    pub(crate) fn has_built_in_terms(&self) -> bool {
        self.built_in_terms.unwrap_or(self.block_if.is_empty())
    }

    /// The largest edit distance, zero if terms have to be spelt right.
    pub(crate) const fn distance(&self) -> u32 {
        if self.fuzzy_matching {
            self.max_distance
        } else {
            0
        }
    }

    /// The score from which a category counts. `usual` is what it is without settings.
    pub(crate) fn threshold_of(&self, category: Category, usual: f32) -> f32 {
        let own = self.categories.of(category).and_then(|it| it.threshold);
        #[allow(clippy::cast_possible_truncation, reason = "a share needs no more")]
        let threshold = own.or(self.threshold).map_or(usual, |it| it as f32);
        threshold * self.audience().factor()
    }

    /// The least score of a finding in a reply.
    pub(crate) fn reply_threshold(&self) -> f32 {
        #[allow(clippy::cast_possible_truncation, reason = "a share needs no more")]
        let threshold = self
            .response
            .threshold()
            .map_or(REPLY_THRESHOLD, |it| it as f32);
        threshold * self.audience().factor()
    }

    /// What happens if a category is found. `None` if it is let alone.
    pub(crate) fn action_of(&self, category: Category) -> Option<SafetyAction> {
        match self.categories.of(category).and_then(|it| it.action) {
            None => Some(self.action),
            Some(CategoryAction::Block) => Some(SafetyAction::Block),
            Some(CategoryAction::Flag) => Some(SafetyAction::Flag),
            Some(CategoryAction::Escalate) => Some(SafetyAction::Escalate),
            Some(CategoryAction::Allow) => None,
        }
    }

    pub(crate) const fn audience(&self) -> Audience {
        match self.max_age {
            1..=12 => Audience::Children,
            13..=17 => Audience::Teenagers,
            _ => Audience::All,
        }
    }
}

/// Who reads the replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    All,
    Teenagers,
    Children,
}

impl Audience {
    /// What thresholds are multiplied by.
    const fn factor(self) -> f32 {
        match self {
            Self::All => 1.0,
            Self::Teenagers => 0.75,
            Self::Children => 0.5,
        }
    }

    /// Whether the terms of the education mode apply as well.
    pub(crate) const fn are_minors(self) -> bool {
        !matches!(self, Self::All)
    }
}

#[cfg(test)]
mod tests;
