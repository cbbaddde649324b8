//! Values that are let alone.

use std::collections::HashSet;
use std::fmt;

use fw_wire::TextKind;
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};

use crate::config::AllowConfig;
use crate::error::{ConfigError, Problem};
use crate::normal::digits_and_letters;
use crate::patterns::syntax_problem;

/// Values that are let alone.
pub(crate) struct Allow {
    /// In lower case.
    values: HashSet<Box<str>>,
    /// Those that are numbers, without their separators.
    numbers: HashSet<Box<str>>,
    patterns: Option<Regex>,
    fields: Vec<TextKind>,
}

impl Allow {
    pub(crate) fn new(config: &AllowConfig) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        for (index, value) in config.values.iter().enumerate() {
            if value.trim().is_empty() {
                let message = "is empty; write the value that is to be let alone";
                problems.push(Problem::new(format!("allow.values[{index}]"), message));
            }
        }
        for (index, pattern) in config.patterns.iter().enumerate() {
            if let Err(message) = regex_syntax::parse(pattern).map_err(|e| syntax_problem(&e)) {
                problems.push(Problem::new(format!("allow.patterns[{index}]"), message));
            }
        }
        crate::error::check(problems)?;
        let values = config.values.iter().map(|value| value.trim());
        Ok(Self {
            values: values.clone().map(|v| v.to_lowercase().into()).collect(),
            numbers: values
                .filter(|value| is_number(value))
                .map(|value| digits_and_letters(value).into())
                .collect(),
            patterns: whole(&config.patterns)?,
            fields: config.fields.iter().map(|field| field.kind()).collect(),
        })
    }

    /// Whether texts of this kind are looked at.
    pub(crate) fn looks_at(&self, kind: TextKind) -> bool {
        !self.fields.contains(&kind)
    }

    /// Whether this value is let alone.
    pub(crate) fn allows(&self, value: &str) -> bool {
        if !self.values.is_empty() {
            if self.values.contains(value.to_lowercase().as_str()) {
                return true;
            }
            if is_number(value) && self.numbers.contains(digits_and_letters(value).as_str()) {
                return true;
            }
        }
        self.patterns.as_ref().is_some_and(|patterns| {
            let input = Input::new(value).anchored(Anchored::Yes);
            patterns.is_match(input)
        })
    }
}

/// Whether it is digits and what separates them.
fn is_number(value: &str) -> bool {
    let separator = |byte: u8| b" -./()+".contains(&byte);
    value.bytes().any(|byte| byte.is_ascii_digit())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_digit() || separator(byte))
}

/// One expression that matches what one of these matches as a whole.
fn whole(patterns: &[String]) -> Result<Option<Regex>, ConfigError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let whole = patterns.iter().map(|pattern| format!(r"\A(?:{pattern})\z"));
    let whole: Vec<String> = whole.collect();
    Regex::new_many(&whole).map(Some).map_err(|error| {
        let message = match error.size_limit() {
            Some(_) => "together they are too large; shorten repetitions such as `{1,500}`",
            None => "cannot be used together with `\\A(?:` before and `)\\z` after them",
        };
        crate::error::unusable("allow.patterns", message)
    })
}

impl fmt::Debug for Allow {
    /// Counts only: values that are allowed here may be private elsewhere.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Allow")
            .field("values", &self.values.len())
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(config: AllowConfig) -> Allow {
        Allow::new(&config).unwrap()
    }

    #[test]
    fn values_are_compared_without_case_and_separators_of_numbers() {
        let allow = allow(
            AllowConfig::new()
                .value("Help@Example.org")
                .value("+49 30 1234567"),
        );
        for value in ["help@example.org", "HELP@example.org", "+49 (30) 123-4567"] {
            assert!(allow.allows(value), "{value}");
        }
        for value in ["elp@example.org", "+49 30 123456", "301234567"] {
            assert!(!allow.allows(value), "{value}");
        }
    }

    #[test]
    fn patterns_have_to_match_all_of_a_value() {
        let allow = allow(AllowConfig::new().pattern(r".*@example\.(org|com)|x"));
        assert!(allow.allows("ann@example.org"));
        assert!(!allow.allows("ann@example.org.evil.test"));
    }

    #[test]
    fn patterns_that_are_none_are_named() {
        let config = AllowConfig::new().pattern("a").pattern("(");
        let error = Allow::new(&config).unwrap_err();
        assert_eq!(error.problems()[0].field(), "allow.patterns[1]");
    }

    #[test]
    fn debug_shows_no_values() {
        let config = AllowConfig::new().value("help@example.org");
        assert!(!format!("{config:?} {:?}", allow(config.clone())).contains("help"));
    }
}
