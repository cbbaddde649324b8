//! Scores plain text and looks for terms in it.

use std::fmt;
use std::sync::{Arc, LazyLock};

use fw_classify::{Channel, Model, ModelError, View, ViewConfig, views};

use crate::category::Category;
use crate::config::{SafetyAction, SafetyConfig};
use crate::error::ConfigError;
use crate::filter::SafetyFilter;
use crate::messages::{Found, Messages};
use crate::scan::{CategoryScore, SafetyVerdict, Scan, Term};
use crate::scores::Scorer;
use crate::terms::{Edges, TermSet, Terms};

/// The weights that come with the crate, read once.
static WEIGHTS: LazyLock<Result<Model, ModelError>> =
    LazyLock::new(|| Model::from_bytes(include_bytes!("../data/safety.fwm")));

/// From which score a category counts, if nothing else is said.
const THRESHOLD: f32 = 0.5;

/// Scores text by category and finds terms in it.
///
/// Made once of a [`SafetyConfig`], cheap to clone, and shared between threads.
///
/// ```
/// use fw_policy_safety::{Detector, SafetyConfig, SafetyVerdict, TermSet};
///
/// let detector = Detector::new(&SafetyConfig::new().block_if(["project nightfall"]))?;
/// let scan = detector.scan("What do you know about Project-Nightfall?");
/// assert_eq!(scan.verdict, SafetyVerdict::Block);
/// assert_eq!((scan.terms[0].set, scan.terms[0].range.clone()), (TermSet::BlockIf, 23..40));
/// # Ok::<(), fw_policy_safety::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Detector {
    settings: Arc<Settings>,
}

/// A [`SafetyConfig`] made ready.
#[derive(Debug)]
pub(crate) struct Settings {
    scorer: Scorer,
    /// The categories that are looked for.
    rules: Vec<Rule>,
    terms: Terms,
    term_action: SafetyAction,
    incomplete: SafetyAction,
    views: ViewConfig,
    pub(crate) messages: Messages,
    /// The least score of a finding in a reply.
    pub(crate) reply_threshold: f32,
    pub(crate) request: bool,
    pub(crate) response: bool,
}

#[derive(Clone, Copy, Debug)]
struct Rule {
    category: Category,
    threshold: f32,
    action: SafetyAction,
}

/// What is said of a text that may be a part of a longer one.
pub(crate) struct Judged {
    pub(crate) scan: Scan,
    /// From where on a term may be read that the text does not end.
    pub(crate) open: Option<usize>,
}

impl Detector {
    /// Makes the settings ready, and reads the weights.
    ///
    /// # Errors
    ///
    /// Settings that cannot be used, each by name and with what to do.
    pub fn new(config: &SafetyConfig) -> Result<Self, ConfigError> {
        match &config.weights {
            None => {
                let model = WEIGHTS.as_ref().map_err(|error| {
                    crate::error::unusable("weights", format!("the built-in weights: {error}"))
                })?;
                Self::with_model(config, model)
            }
            Some(path) => {
                let bytes = std::fs::read(path).map_err(|error| {
                    let message = format!("{} cannot be read: {error}", path.display());
                    crate::error::unusable("weights", message)
                })?;
                let model = Model::from_bytes(&bytes).map_err(|error| {
                    let message = format!("{} cannot be used: {error}", path.display());
                    crate::error::unusable("weights", message)
                })?;
                Self::with_model(config, &model)
            }
        }
    }

    /// Makes the settings ready, with weights of one's own.
    ///
    /// Heads that are used are `harm`, `toxicity`, and those with the name of a category; one of the first two has
    /// to be there.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new), and a model without such a head.
    pub fn with_model(config: &SafetyConfig, model: &Model) -> Result<Self, ConfigError> {
        crate::error::check(config.problems())?;
        if !model
            .heads()
            .any(|head| head == "harm" || head == "toxicity")
        {
            let message =
                "the weights have neither a head `harm` nor `toxicity`; they are of another policy";
            return Err(crate::error::unusable("weights", message));
        }
        let scorer = Scorer::new(model)
            .map_err(|error| crate::error::unusable("weights", error.to_string()))?;
        let rules = Category::ALL.iter().filter_map(|category| {
            Some(Rule {
                category: *category,
                threshold: config.threshold_of(*category, THRESHOLD),
                action: config.action_of(*category)?,
            })
        });
        let settings = Settings {
            scorer,
            rules: rules.collect(),
            terms: terms(config),
            term_action: config.action,
            incomplete: config.incomplete,
            views: ViewConfig::new(),
            messages: Messages::new(config),
            reply_threshold: config.reply_threshold(),
            request: config.request,
            response: config.response.is_on(),
        };
        Ok(Self {
            settings: Arc::new(settings),
        })
    }

    /// Looks at a whole text, as at something that a person said.
    #[must_use]
    pub fn scan(&self, text: &str) -> Scan {
        self.scan_in(text, Channel::User)
    }

    /// Looks at a whole text of a channel: documents and results of tools are scored by what is usual there.
    #[must_use]
    pub fn scan_in(&self, text: &str, channel: Channel) -> Scan {
        self.settings
            .judge(text, channel, Edges::default(), 0.0)
            .scan
    }

    /// A filter that stops a text which comes in pieces before what is unsafe in it.
    #[must_use]
    pub fn filter(&self) -> SafetyFilter {
        SafetyFilter::new(self.settings.clone(), None)
    }

    pub(crate) const fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }
}

/// The terms of the configuration.
fn terms(config: &SafetyConfig) -> Terms {
    let mut sets: Vec<TermSet> = Vec::new();
    if config.has_built_in_terms() {
        sets.extend(TermSet::of(config.mode));
    }
    if config.audience().are_minors() && !sets.contains(&TermSet::Education) {
        sets.push(TermSet::Education);
    }
    let built_in = sets
        .into_iter()
        .flat_map(|set| set.built_in().map(move |term| (set, term)));
    let own = config
        .block_if
        .iter()
        .map(|term| (TermSet::BlockIf, term.clone()));
    Terms::new(built_in.chain(own), config.distance() as usize)
}

impl Settings {
    /// Looks at a text with what is known about its edges. A score below `least` does not count.
    pub(crate) fn judge(&self, text: &str, channel: Channel, edges: Edges, least: f32) -> Judged {
        let views = views(text, &self.views);
        let scores = self.scorer.score(&views, channel);
        let mut scan = Scan {
            score: scores.overall,
            categories: Vec::with_capacity(self.rules.len()),
            terms: Vec::new(),
            is_complete: views.first().is_none_or(View::is_complete),
            verdict: SafetyVerdict::Allow,
        };
        for rule in &self.rules {
            let score = scores.categories.get(rule.category.index());
            scan.categories.push(CategoryScore {
                category: rule.category,
                score: score.copied().unwrap_or(0.0),
                threshold: rule.threshold.max(least),
                action: rule.action,
            });
        }
        let mut open = None;
        let mut hits = Vec::new();
        for view in &views {
            let is_plain = view.path().is_empty();
            let edges = if is_plain { edges } else { Edges::default() };
            let place = self.terms.find(view.text(), edges, &mut hits);
            if let Some(place) = place.filter(|_| is_plain) {
                open = Some(view.source(place..view.text().len()).start);
            }
            for hit in hits.drain(..) {
                let range = view.source(hit.at);
                let written = text.get(range.clone()).unwrap_or_default();
                // `ProjectNightfall` says where the words end; otherwise a missing space is a misspelling.
                let has_case = is_plain && case_joins(written) >= hit.joins;
                let distance = hit.distance + if has_case { 0 } else { hit.joins };
                if distance <= self.terms.distance() {
                    scan.terms.push(Term {
                        set: hit.set,
                        range,
                        distance,
                        path: view.path().to_vec(),
                    });
                }
            }
        }
        scan.verdict = self.found(&scan).verdict;
        Judged { scan, open }
    }

    /// What a scan comes to.
    pub(crate) fn found(&self, scan: &Scan) -> Found {
        let mut found = Found::default();
        self.add_to(&mut found, scan);
        found
    }

    pub(crate) fn add_to(&self, found: &mut Found, scan: &Scan) {
        for category in scan.categories.iter().filter(|it| it.is_found()) {
            found.add_category(category.category, category.action.into());
        }
        for term in &scan.terms {
            found.add_set(term.set, self.term_action.into());
        }
        if !scan.is_complete {
            found.add_incomplete(self.incomplete.into());
        }
    }

    /// Whether nothing is ever stopped, so that nothing has to wait.
    pub(crate) fn only_flags(&self) -> bool {
        let flags = |action| action == SafetyAction::Flag;
        flags(self.incomplete)
            && self.rules.iter().all(|rule| flags(rule.action))
            && (self.terms.is_empty() || flags(self.term_action))
    }

    /// How long a term may be in a text, in bytes.
    pub(crate) const fn longest_term(&self) -> usize {
        self.terms.longest()
    }
}

/// How many small letters a capital one follows.
fn case_joins(word: &str) -> usize {
    let next = word.chars().skip(1);
    let pairs = word.chars().zip(next);
    pairs
        .filter(|(one, other)| one.is_lowercase() && other.is_uppercase())
        .count()
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector").finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests;
