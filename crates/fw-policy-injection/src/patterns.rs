//! Patterns of the configuration.

use std::ops::Range;

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

use crate::error::ConfigError;

/// How large all patterns together may be once compiled.
const MAX_BYTES: usize = 4 << 20;

/// How deep a pattern may nest.
const MAX_DEPTH: u32 = 100;

/// Patterns, any of which is looked for. Case counts for nothing. Time is linear in the text.
pub(crate) struct Patterns {
    any: Option<Regex>,
}

impl Patterns {
    /// Compiles patterns, each with the setting that it stands in.
    pub(crate) fn new<'p>(
        patterns: impl Iterator<Item = (String, &'p str)>,
    ) -> Result<Self, ConfigError> {
        let mut all = Vec::new();
        for (field, pattern) in patterns {
            // One by one first, so that an error names the pattern.
            let compiled =
                compile(&[pattern]).map_err(|message| crate::error::unusable(&*field, message))?;
            if compiled.is_match("") {
                let message = "matches the empty text, so every request would be an attack";
                return Err(crate::error::unusable(field, message));
            }
            all.push(pattern);
        }
        let any = if all.is_empty() {
            None
        } else {
            Some(
                compile(&all)
                    .map_err(|message| crate::error::unusable("attack_patterns", message))?,
            )
        };
        Ok(Self { any })
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.any.is_none()
    }

    /// Where the first of them matches.
    pub(crate) fn find(&self, text: &str) -> Option<Range<usize>> {
        Some(self.any.as_ref()?.find(text)?.range())
    }
}

fn compile(patterns: &[&str]) -> Result<Regex, String> {
    let syntax = syntax::Config::new()
        .case_insensitive(true)
        .nest_limit(MAX_DEPTH);
    let compiled = Regex::builder()
        .syntax(syntax)
        .configure(Config::new().nfa_size_limit(Some(MAX_BYTES)))
        .build_many(patterns);
    compiled.map_err(|error| match error.syntax_error() {
        // The message of the parser repeats the pattern, which may be private.
        Some(_) => "is no regular expression of the `regex` crate".to_owned(),
        None if error.size_limit().is_some() => {
            format!(
                "takes more than {} MiB once compiled; bound its repetitions",
                MAX_BYTES >> 20
            )
        }
        None => "cannot be compiled".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(list: &[&str]) -> Result<Patterns, ConfigError> {
        Patterns::new(
            list.iter()
                .map(|text| ("attack_patterns[0]".to_owned(), *text)),
        )
    }

    #[test]
    fn any_of_them_is_found_in_any_case() {
        let patterns = patterns(&["ignore.*previous.*instructions", "launch code"]).unwrap();
        assert_eq!(patterns.find("now LAUNCH Code!"), Some(4..15));
        assert_eq!(patterns.find("ignore the log file"), None);
        assert!(!patterns.is_empty() && self::patterns(&[]).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (pattern, word) in [
            ("(", "regular expression"),
            ("a*", "empty"),
            (r"(\w{999}){999}", "MiB"),
        ] {
            let error = patterns(&[pattern]).err().unwrap().to_string();
            assert!(
                error.contains("attack_patterns[0]") && error.contains(word),
                "{error}"
            );
        }
    }

    #[test]
    fn a_long_text_takes_linear_time() {
        let patterns = patterns(&[r"(a+)+b", r"a.{0,50}c.{0,50}d"]).unwrap();
        assert_eq!(patterns.find(&"a".repeat(1 << 20)), None);
    }
}
