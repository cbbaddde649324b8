//! What a text holds.

use std::ops::Range;

use fw_classify::Encoding;

use crate::category::Category;
use crate::config::SafetyAction;
use crate::terms::TermSet;

/// What a [`Detector`](crate::Detector) says of a text: kinds, scores and places, never the text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Scan {
    /// How likely the text is unsafe, from 0 to 1. 0.5 is the threshold that the weights were shipped with.
    pub score: f32,
    /// The categories that are looked for, each with its score.
    pub categories: Vec<CategoryScore>,
    /// The terms that were found. At most 256 of each reading of the text.
    pub terms: Vec<Term>,
    /// Whether all that the text may decode to was looked at. Otherwise there was more than the bounds have room for.
    pub is_complete: bool,
    /// What the settings make of it.
    pub verdict: SafetyVerdict,
}

/// The score of one category.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CategoryScore {
    /// The category.
    pub category: Category,
    /// From 0 to 1.
    pub score: f32,
    /// From which score it counts.
    pub threshold: f32,
    /// What happens if it counts.
    pub action: SafetyAction,
}

/// A term that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Term {
    /// Which terms it is one of.
    pub set: TermSet,
    /// Where it is, in bytes. For decoded text: where its encoded form is.
    pub range: Range<usize>,
    /// How many edits it is away from its right spelling.
    pub distance: usize,
    /// How the text was decoded that it is in. Empty for the text as it is.
    pub path: Vec<Encoding>,
}

/// What the settings make of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SafetyVerdict {
    /// Nothing was found.
    #[default]
    Allow,
    /// Something was found that is only recorded.
    Flag,
    /// A person has to decide.
    Escalate,
    /// It must not pass.
    Block,
}

impl CategoryScore {
    /// Whether it counts.
    #[must_use]
    pub fn is_found(&self) -> bool {
        self.score >= self.threshold
    }
}

impl SafetyVerdict {
    /// `allow`, `flag`, `escalate` or `block`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Flag => "flag",
            Self::Escalate => "escalate",
            Self::Block => "block",
        }
    }
}

impl From<SafetyAction> for SafetyVerdict {
    fn from(action: SafetyAction) -> Self {
        match action {
            SafetyAction::Flag => Self::Flag,
            SafetyAction::Escalate => Self::Escalate,
            SafetyAction::Block => Self::Block,
        }
    }
}

impl std::fmt::Display for SafetyVerdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
