//! Patterns of your own.

use schemars::JsonSchema;
use serde::Deserialize;

use super::percent;
use crate::error::Problem;

/// A regular expression for an identifier of your own, alone or with a name.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PatternConfig {
    /// What it finds is called `CUSTOM`.
    Pattern(#[schemars(extend("format" = "rust-regex"))] String),
    /// With a name and a confidence.
    Named(NamedPattern),
}

/// A regular expression with the name of what it finds.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NamedPattern {
    /// What it finds is called, in markers and reports: `EMPLOYEE_ID`.
    #[schemars(extend("format" = "entity"))]
    pub name: String,
    /// The regular expression. It needs an upper length.
    #[schemars(extend("format" = "rust-regex"))]
    pub pattern: String,
    /// How sure a match is. Default: 0.9.
    #[serde(default = "sure")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub confidence: f64,
}

/// The name of what a pattern without a name finds.
const CUSTOM: &str = "CUSTOM";

const fn sure() -> f64 {
    0.9
}

impl PatternConfig {
    /// A pattern whose findings are called `name`.
    pub fn named(name: impl Into<String>, pattern: impl Into<String>) -> Self {
        Self::Named(NamedPattern {
            name: name.into(),
            pattern: pattern.into(),
            confidence: sure(),
        })
    }

    /// The regular expression.
    pub fn pattern(&self) -> &str {
        match self {
            Self::Pattern(pattern) => pattern,
            Self::Named(named) => &named.pattern,
        }
    }

    /// What its findings are called.
    pub fn name(&self) -> &str {
        match self {
            Self::Pattern(_) => CUSTOM,
            Self::Named(named) => &named.name,
        }
    }

    /// How sure a match is, in percent.
    pub(crate) fn confidence(&self) -> u8 {
        match self {
            Self::Pattern(_) => percent(sure()),
            Self::Named(named) => percent(named.confidence),
        }
    }

    pub(super) fn problems(&self, field: &str, least: u8, found: &mut Vec<Problem>) {
        let name = self.name();
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !(1..=64).contains(&name.len()) || !name.bytes().all(letters) {
            let message = "a name has 1 to 64 letters, digits, `_` and `-`, such as `EMPLOYEE_ID`";
            found.push(Problem::new(format!("{field}.name"), message));
        }
        if let Self::Named(named) = self
            && !(0.0..=1.0).contains(&named.confidence)
        {
            let message = "write a number from 0 to 1";
            found.push(Problem::new(format!("{field}.confidence"), message));
        } else if self.confidence() < least {
            let message = "is below `min_confidence`, so the pattern would never count";
            found.push(Problem::new(format!("{field}.confidence"), message));
        }
    }
}

impl From<&str> for PatternConfig {
    fn from(pattern: &str) -> Self {
        Self::Pattern(pattern.to_owned())
    }
}

impl From<String> for PatternConfig {
    fn from(pattern: String) -> Self {
        Self::Pattern(pattern)
    }
}
