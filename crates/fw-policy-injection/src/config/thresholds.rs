//! From which score a text counts as an attack.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::channel::Channel;
use crate::error::Problem;

/// Scores from which a text counts as an attack, by where it comes from. What is not set follows `threshold`,
/// and without that the defaults below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Thresholds {
    /// What a user says. Default: 0.5.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub user: Option<f64>,
    /// System and developer messages, and descriptions of tools, with `scan_system`. They are full of
    /// instructions by right. Default: 0.9.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub system: Option<f64>,
    /// What a tool answered. Default: 0.5.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub tool: Option<f64>,
    /// Documents that a message brings along, and text to embed. Default: 0.5.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub document: Option<f64>,
}

/// What is said of a threshold that is none.
pub(super) const THRESHOLD: &str = "write a number above 0, up to 1";

/// Whether it can be a threshold. From 0 on everything would be an attack, and so from what a score cannot tell
/// from 0.
#[allow(clippy::cast_possible_truncation, reason = "scores have no more")]
pub(super) fn is_threshold(value: f64) -> bool {
    value as f32 > 0.0 && value <= 1.0
}

impl Thresholds {
    /// Those of the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// For what a user says.
    #[must_use]
    pub const fn user(mut self, threshold: f64) -> Self {
        self.user = Some(threshold);
        self
    }

    /// For system and developer messages, and descriptions of tools.
    #[must_use]
    pub const fn system(mut self, threshold: f64) -> Self {
        self.system = Some(threshold);
        self
    }

    /// For what a tool answered.
    #[must_use]
    pub const fn tool(mut self, threshold: f64) -> Self {
        self.tool = Some(threshold);
        self
    }

    /// For documents that a message brings along, and text to embed.
    #[must_use]
    pub const fn document(mut self, threshold: f64) -> Self {
        self.document = Some(threshold);
        self
    }

    /// The threshold of a channel. `all` is the one that is set for all of them.
    pub(crate) fn of(self, channel: Channel, all: Option<f64>) -> f64 {
        let (own, default) = match channel {
            Channel::User => (self.user, 0.5),
            Channel::System => (self.system, 0.9),
            Channel::Tool => (self.tool, 0.5),
            Channel::Document => (self.document, 0.5),
        };
        own.or(all).unwrap_or(default)
    }

    pub(super) fn problems(self, found: &mut Vec<Problem>) {
        let all = [
            ("thresholds.user", self.user),
            ("thresholds.system", self.system),
            ("thresholds.tool", self.tool),
            ("thresholds.document", self.document),
        ];
        for (field, value) in all {
            if value.is_some_and(|value| !is_threshold(value)) {
                found.push(Problem::new(field, THRESHOLD));
            }
        }
    }
}
