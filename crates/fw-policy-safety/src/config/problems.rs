//! What is wrong with settings.

use super::{CategoryAction, ResponseConfig, SafetyAction, SafetyConfig};
use crate::category::Category;
use crate::error::Problem;
use crate::terms;

/// Most terms of one's own.
const MAX_TERMS: usize = 10_000;

/// Longest term, in characters.
const MAX_TERM: usize = 512;

/// Longest message, in bytes.
const MAX_MESSAGE: usize = 4096;

/// Largest edit distance.
const MAX_DISTANCE: u32 = 3;

impl SafetyConfig {
    /// What is wrong with these settings as far as it can be seen without reading the weights. Each problem
    /// names the setting.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        self.term_problems(&mut found);
        self.threshold_problems(&mut found);
        self.message_problems(&mut found);
        if self.max_age > 150 {
            found.push(Problem::new("max_age", "write an age from 0 to 150"));
        }
        if self
            .weights
            .as_ref()
            .is_some_and(|path| path.as_os_str().is_empty())
        {
            let message = "names no file; leave it out for the built-in weights";
            found.push(Problem::new("weights", message));
        }
        if !self.request && !self.response.is_on() {
            let message = "`request` and `response` are both false, so nothing is looked at; take the policy out \
                           of the chain instead";
            found.push(Problem::new("response", message));
        }
        let scores = Category::ALL
            .iter()
            .any(|category| self.action_of(*category).is_some());
        if !scores && !self.has_built_in_terms() && self.block_if.is_empty() {
            let message =
                "every category is allowed and there are no terms, so nothing is looked for";
            found.push(Problem::new("categories", message));
        }
        found
    }

    fn term_problems(&self, found: &mut Vec<Problem>) {
        if self.block_if.len() > MAX_TERMS {
            let message = format!("has {} terms; {MAX_TERMS} is the most", self.block_if.len());
            found.push(Problem::new("block_if", message));
        }
        for (index, term) in self.block_if.iter().enumerate() {
            let message = if term.trim().is_empty() {
                "is empty; a term has at least one word".to_owned()
            } else if term.chars().nth(MAX_TERM).is_some() {
                format!("is longer than {MAX_TERM} characters")
            } else if !terms::has_words(term) {
                "has no letter, digit or symbol to look for".to_owned()
            } else {
                continue;
            };
            found.push(Problem::new(format!("block_if[{index}]"), message));
        }
        if self.max_distance > MAX_DISTANCE {
            let message = format!("write a distance from 0 to {MAX_DISTANCE}");
            found.push(Problem::new("max_distance", message));
        } else if self.fuzzy_matching && self.max_distance == 0 {
            let message =
                "is 0, but `fuzzy_matching` is true; write 1 to 3, or turn fuzzy matching off";
            found.push(Problem::new("max_distance", message));
        } else if !self.fuzzy_matching && self.max_distance > 1 {
            // 1 is what it is if it is not written.
            let message =
                "does nothing, because `fuzzy_matching` is false; turn it on, or leave this out";
            found.push(Problem::new("max_distance", message));
        }
    }

    fn threshold_problems(&self, found: &mut Vec<Problem>) {
        // Less than this is 0 for a score.
        let is_wrong = |threshold: Option<f64>| {
            threshold.is_some_and(|it| !(it >= f64::from(f32::MIN_POSITIVE) && it <= 1.0))
        };
        const MESSAGE: &str = "write a number above 0, up to 1";
        if is_wrong(self.threshold) {
            found.push(Problem::new("threshold", MESSAGE));
        }
        if is_wrong(self.response.threshold()) {
            found.push(Problem::new("response.threshold", MESSAGE));
        }
        for category in Category::ALL {
            let Some(config) = self.categories.of(*category) else {
                continue;
            };
            let field = format!("categories.{category}.threshold");
            if is_wrong(config.threshold) {
                found.push(Problem::new(field, MESSAGE));
            } else if config.threshold.is_some() && config.action == Some(CategoryAction::Allow) {
                let message = "does nothing, because the category's action is `allow`";
                found.push(Problem::new(field, message));
            }
        }
    }

    fn message_problems(&self, found: &mut Vec<Problem>) {
        let mut check = |field: &str, message: Option<&str>| {
            if let Some(message) = message
                && (message.trim().is_empty() || message.len() > MAX_MESSAGE)
            {
                let message = format!("write a message of 1 to {MAX_MESSAGE} bytes");
                found.push(Problem::new(field, message));
            }
        };
        check("response.message", self.response.message());
        check("self_harm.message", self.self_harm.message.as_deref());
        let answers = matches!(
            self.action_of(Category::SelfHarm),
            Some(SafetyAction::Block | SafetyAction::Escalate)
        );
        if self.self_harm.message.is_some() && !answers {
            let message = "is never sent, because self-harm is neither blocked nor escalated";
            found.push(Problem::new("self_harm.message", message));
        }
        if let ResponseConfig::Settings(settings) = &self.response
            && settings.message.is_none()
            && settings.threshold.is_none()
        {
            let message =
                "says nothing; write `true`, `false`, or a table with a `message` or a `threshold`";
            found.push(Problem::new("response", message));
        }
    }
}
