//! What a client is told. It names kinds, never what was found.

use fw_policy::Denial;

use crate::category::Category;
use crate::config::SafetyConfig;
use crate::scan::SafetyVerdict;
use crate::terms::TermSet;

/// What the findings of a decision call a text that was not looked at as a whole.
pub(crate) const INCOMPLETE: &str = "incomplete";

/// What is said to somebody for whom the matter may be self-harm. No numbers: they differ by country.
const SELF_HARM: &str = "It sounds as if this may be about hurting yourself. You do not have to go through this \
alone. This service cannot help with the request, but people can: please talk to someone you trust, or call a crisis \
line or the emergency number where you live. If you are in danger right now, please call for help at once.";

/// The messages of denials.
#[derive(Debug)]
pub(crate) struct Messages {
    message: Option<String>,
    self_harm: Option<String>,
}

/// What there is to deny.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) verdict: SafetyVerdict,
    /// What has this verdict, in order, each once.
    pub(crate) categories: Vec<Category>,
    pub(crate) sets: Vec<TermSet>,
    /// Not all of the text was looked at.
    pub(crate) incomplete: bool,
}

impl Messages {
    pub(crate) fn new(config: &SafetyConfig) -> Self {
        Self {
            message: config.response.message().map(str::to_owned),
            self_harm: config.self_harm.message.clone(),
        }
    }

    /// Why a request or a reply must not pass.
    pub(crate) fn denial(&self, subject: &str, found: &Found) -> Denial {
        if found.categories.contains(&Category::SelfHarm) {
            return match &self.self_harm {
                Some(message) => Denial::new(message.clone()),
                None => Denial::new(SELF_HARM),
            };
        }
        if let Some(message) = &self.message {
            return Denial::new(message.clone());
        }
        let mut kinds: Vec<String> = Vec::new();
        kinds.extend(found.categories.iter().map(|it| it.words().to_owned()));
        kinds.extend(found.sets.iter().map(|set| match set {
            TermSet::BlockIf => "a term that is not allowed here".to_owned(),
            set => format!("a term of the {} mode", set.words()),
        }));
        if kinds.is_empty() && found.incomplete {
            let what = format!("The {subject} holds more encoded text than can be looked at");
            return Denial::new(match found.verdict {
                SafetyVerdict::Escalate => format!("{what}; a person has to look at it first."),
                _ => format!("{what}."),
            });
        }
        let kinds = kinds.join(", ");
        Denial::new(match found.verdict {
            SafetyVerdict::Escalate => {
                format!(
                    "The {subject} has to be looked at by a person before it may pass: {kinds}."
                )
            }
            _ => format!("The {subject} was refused because of unsafe content: {kinds}."),
        })
    }
}

impl Found {
    /// Adds what has the highest verdict and forgets what has a lower one.
    pub(crate) fn raise(&mut self, verdict: SafetyVerdict) -> bool {
        if verdict > self.verdict {
            *self = Self {
                verdict,
                ..Self::default()
            };
        }
        verdict == self.verdict && verdict != SafetyVerdict::Allow
    }

    /// Adds all that another text has.
    pub(crate) fn join(&mut self, other: &Self) {
        for category in &other.categories {
            self.add_category(*category, other.verdict);
        }
        for set in &other.sets {
            self.add_set(*set, other.verdict);
        }
        if other.incomplete {
            self.add_incomplete(other.verdict);
        }
    }

    pub(crate) fn add_incomplete(&mut self, verdict: SafetyVerdict) {
        self.incomplete |= self.raise(verdict);
    }

    pub(crate) fn add_category(&mut self, category: Category, verdict: SafetyVerdict) {
        if self.raise(verdict) && !self.categories.contains(&category) {
            self.categories.push(category);
        }
    }

    pub(crate) fn add_set(&mut self, set: TermSet, verdict: SafetyVerdict) {
        if self.raise(verdict) && !self.sets.contains(&set) {
            self.sets.push(set);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_names_what_has_the_highest_verdict() {
        let mut found = Found::default();
        found.add_category(Category::Sexual, SafetyVerdict::Flag);
        found.add_category(Category::Hate, SafetyVerdict::Block);
        found.add_category(Category::Crime, SafetyVerdict::Escalate);
        found.add_set(TermSet::Education, SafetyVerdict::Block);
        found.add_set(TermSet::BlockIf, SafetyVerdict::Block);
        let messages = Messages::new(&SafetyConfig::new());
        assert_eq!(
            messages.denial("request", &found).message(),
            "The request was refused because of unsafe content: hate, a term of the education mode, a term that is not \
             allowed here."
        );
    }

    #[test]
    fn self_harm_is_answered_before_all_else() {
        let mut found = Found::default();
        found.add_category(Category::Violence, SafetyVerdict::Block);
        found.add_category(Category::SelfHarm, SafetyVerdict::Block);
        let own = SafetyConfig::new().self_harm_message("We are here.");
        assert_eq!(
            Messages::new(&own).denial("request", &found).message(),
            "We are here."
        );
        let usual = Messages::new(&SafetyConfig::new()).denial("request", &found);
        assert!(usual.message().contains("not have to go through this"));
        assert!(!usual.message().contains(|c: char| c.is_ascii_digit()));
    }
}
