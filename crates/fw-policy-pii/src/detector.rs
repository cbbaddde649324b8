//! Finds and redacts in plain text.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use fw_stream::{Edits, Window};

use crate::allow::Allow;
use crate::config::{Action, PiiConfig};
use crate::entity::{Entity, EntitySet};
use crate::error::ConfigError;
use crate::filter::{PiiFilter, Replace};
use crate::finder::{Finder, Hit, What};
use crate::keyed::Keyed;
use crate::marker::{Label, Markers};
use crate::patterns::Patterns;
use crate::pseudonym::Pseudonyms;

/// Finds personal data and secrets in text, and redacts them.
///
/// Made once of a [`PiiConfig`], cheap to clone, and shared between threads.
///
/// ```
/// use fw_policy_pii::{Detector, PiiConfig};
///
/// let config = PiiConfig::new().detect_pattern(r"EMP-\d{6}");
/// let detector = Detector::new(&config)?;
/// let redacted = detector.redact("Badge EMP-004217 is yours.");
/// assert_eq!(redacted.text, "Badge [REDACTED:CUSTOM] is yours.");
/// assert_eq!(redacted.detections[0].bytes(), 6..16);
/// # Ok::<(), fw_policy_pii::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Detector {
    settings: Arc<Settings>,
}

/// A [`PiiConfig`] made ready.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) action: Action,
    pub(crate) entities: EntitySet,
    pub(crate) min_confidence: u8,
    pub(crate) patterns: Option<Patterns>,
    pub(crate) allow: Allow,
    pub(crate) markers: Markers,
    pub(crate) restore: bool,
    pub(crate) count: bool,
    pub(crate) request: bool,
    pub(crate) response: bool,
    own: Vec<Own>,
    pseudonym_key: Keyed,
}

/// A type of the user's own.
#[derive(Debug)]
struct Own {
    name: Arc<str>,
    /// A built-in type of the same name.
    entity: Option<Entity>,
    confidence: u8,
}

impl Settings {
    /// What a finding is called.
    pub(crate) fn label(&self, what: What) -> Label<'_> {
        let own = match what {
            What::Entity(entity) => {
                return Label {
                    name: entity.name(),
                    entity: Some(entity),
                };
            }
            What::Pattern(index) => self.own.get(index),
            What::Placeholder(_) | What::Marker => None,
        };
        Label {
            name: own.map_or("CUSTOM", |own| &own.name),
            entity: own.and_then(|own| own.entity),
        }
    }

    pub(crate) fn confidence_of(&self, pattern: usize) -> u8 {
        self.own.get(pattern).map_or(0, |own| own.confidence)
    }

    /// Whether a type is called so.
    pub(crate) fn is_name(&self, name: &str) -> bool {
        Entity::ALL.iter().any(|entity| entity.name() == name)
            || self.own.iter().any(|own| *own.name == *name)
    }

    pub(crate) fn pseudonyms(&self) -> Pseudonyms {
        Pseudonyms::new(self.pseudonym_key.clone())
    }

    /// All findings in a whole text.
    pub(crate) fn find(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        let window = Window::new(text, 0, 0, true);
        Finder::new().scan(self, None, &window, &mut hits);
        hits
    }
}

impl Detector {
    /// Makes the settings ready: compiles patterns, and reads the hash key if there is to be one.
    ///
    /// # Errors
    ///
    /// Settings that cannot be used, each by name and with what to do.
    pub fn new(config: &PiiConfig) -> Result<Self, ConfigError> {
        crate::error::check(config.problems())?;
        let own = config.detect_patterns.iter().map(|pattern| Own {
            name: pattern.name().into(),
            entity: Entity::ALL
                .iter()
                .copied()
                .find(|entity| entity.name() == pattern.name()),
            confidence: pattern.confidence(),
        });
        let pseudonym_key = Keyed::random().map_err(|_| {
            crate::error::unusable("action", "the system gave no random key; try again later")
        })?;
        let markers = Markers::new(&config.redaction)?;
        let settings = Settings {
            action: config.action,
            entities: config.wanted(),
            min_confidence: config.least(),
            patterns: Patterns::new(&config.detect_patterns, markers.are_hashes())?,
            allow: Allow::new(&config.allow)?,
            markers,
            restore: config.redaction.restore,
            count: config.redaction.include_metadata,
            request: config.request,
            response: config.response,
            own: own.collect(),
            pseudonym_key,
        };
        for (name, marker) in &config.redaction.custom_markers {
            if let Some(hit) = settings.find(marker).first() {
                let found = settings.label(hit.what).name;
                let message = format!("would be found again, as `{found}`; write another marker");
                let field = format!("redaction.custom_markers.{name}");
                return Err(crate::error::unusable(field, message));
            }
        }
        Ok(Self {
            settings: Arc::new(settings),
        })
    }

    /// What is found in a text, in order and without overlap.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<Detection> {
        self.detections(text, self.settings.find(text))
    }

    fn detections(&self, text: &str, mut hits: Vec<Hit>) -> Vec<Detection> {
        whole(&mut hits);
        let mut at = 0;
        let mut chars = 0;
        let mut count = |to: usize| {
            chars += text.get(at..to).unwrap_or_default().chars().count();
            at = to;
            chars
        };
        hits.into_iter()
            .map(|hit| Detection {
                chars: count(hit.range.start)..count(hit.range.end),
                bytes: hit.range,
                entity: match hit.what {
                    What::Entity(entity) => Name::Known(entity),
                    other => Name::Own(self.settings.label(other).name.into()),
                },
                scheme: hit.scheme,
                confidence: hit.confidence,
            })
            .collect()
    }

    /// The text with markers in the place of what is found, whatever the action: with
    /// [`Action::Pseudonymize`] numbered placeholders that count from this text on.
    pub fn redact<'t>(&self, text: &'t str) -> Redacted<'t> {
        self.redact_with(text, &self.pseudonyms())
    }

    /// [`redact`](Self::redact) with placeholders that go on from other texts.
    pub fn redact_with<'t>(&self, text: &'t str, pseudonyms: &Pseudonyms) -> Redacted<'t> {
        let hits = self.settings.find(text);
        let mut edits = Edits::new();
        if !hits.is_empty() {
            let mut filter = PiiFilter::new(self.settings.clone(), self.assigning(pseudonyms));
            for hit in &hits {
                filter.write(hit, text, &mut edits);
            }
        }
        let detections = self.detections(text, hits);
        let mut markers = Vec::with_capacity(edits.len());
        let (mut removed, mut added) = (0, 0);
        for edit in &edits {
            let start = edit.range.start - removed + added;
            if !edit.with.is_empty() {
                markers.push(start..start + edit.with.len());
            }
            removed += edit.range.len();
            added += edit.with.len();
        }
        Redacted {
            markers,
            text: if edits.is_empty() {
                Cow::Borrowed(text)
            } else {
                Cow::Owned(edits.apply(text))
            },
            detections,
        }
    }

    /// The text with the values of `pseudonyms` in the place of their placeholders.
    ///
    /// ```
    /// use fw_policy_pii::{Action, Detector, PiiConfig};
    ///
    /// let config = PiiConfig::new().action(Action::Pseudonymize).detect_pattern(r"EMP-\d{6}");
    /// let detector = Detector::new(&config)?;
    /// let pseudonyms = detector.pseudonyms();
    /// let question = detector.redact_with("Who is EMP-004217?", &pseudonyms);
    /// assert_eq!(question.text, "Who is [CUSTOM_1]?");
    /// assert_eq!(detector.restore("[CUSTOM_1] is Ann.", &pseudonyms), "EMP-004217 is Ann.");
    /// # Ok::<(), fw_policy_pii::ConfigError>(())
    /// ```
    pub fn restore<'t>(&self, text: &'t str, pseudonyms: &Pseudonyms) -> Cow<'t, str> {
        let mut found = Vec::new();
        crate::restore::scan(pseudonyms, text, 0, true, &mut found);
        let mut edits = Edits::new();
        for (range, slot) in found {
            if let Some(value) = pseudonyms.value(slot) {
                edits.replace(range, value);
            }
        }
        if edits.is_empty() {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(edits.apply(text))
        }
    }

    /// A new table of placeholders.
    #[must_use]
    pub fn pseudonyms(&self) -> Pseudonyms {
        self.settings.pseudonyms()
    }

    /// A filter for a text that comes in pieces, which does what [`redact`](Self::redact) does.
    #[must_use]
    pub fn filter(&self) -> PiiFilter {
        self.filter_with(&self.pseudonyms())
    }

    /// [`filter`](Self::filter) with placeholders that go on from other texts.
    #[must_use]
    pub fn filter_with(&self, pseudonyms: &Pseudonyms) -> PiiFilter {
        PiiFilter::new(self.settings.clone(), self.assigning(pseudonyms))
    }

    pub(crate) const fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    fn assigning(&self, pseudonyms: &Pseudonyms) -> Replace {
        match self.settings.action {
            Action::Pseudonymize => Replace::Assign(pseudonyms.clone()),
            _ => Replace::Marker,
        }
    }
}

/// Makes one finding of each that came in pieces.
fn whole(hits: &mut Vec<Hit>) {
    hits.dedup_by(|next, hit| {
        let more = next.continued && next.range.start == hit.range.end;
        if more {
            hit.range.end = next.range.end;
        }
        more
    });
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector")
            .field("action", &self.settings.action)
            .field("min_confidence", &self.settings.min_confidence)
            .finish_non_exhaustive()
    }
}

/// A text without what was found in it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redacted<'t> {
    /// The text with markers; borrowed if nothing was found.
    pub text: Cow<'t, str>,
    /// What was found, at its place in the text that was given.
    pub detections: Vec<Detection>,
    /// Where markers stand in the redacted text, in bytes.
    pub markers: Vec<Range<usize>>,
}

impl fmt::Debug for Redacted<'_> {
    /// Not the text: what was not found in it may be private as well.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redacted")
            .field("len", &self.text.len())
            .field("detections", &self.detections)
            .finish()
    }
}

/// Something found in a text: where and what, not the text itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    bytes: Range<usize>,
    chars: Range<usize>,
    entity: Name,
    scheme: &'static str,
    confidence: u8,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Known(Entity),
    Own(Arc<str>),
}

impl Detection {
    /// Where it is, in bytes.
    #[must_use]
    pub fn bytes(&self) -> Range<usize> {
        self.bytes.clone()
    }

    /// Where it is, in Unicode code points.
    #[must_use]
    pub fn chars(&self) -> Range<usize> {
        self.chars.clone()
    }

    /// The name of its type: `EMAIL`, or what the configuration calls its pattern.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.entity {
            Name::Known(entity) => entity.name(),
            Name::Own(name) => name,
        }
    }

    /// Its type. `None` if a pattern of one's own found it.
    #[must_use]
    pub const fn entity(&self) -> Option<Entity> {
        match self.entity {
            Name::Known(entity) => Some(entity),
            Name::Own(_) => None,
        }
    }

    /// Which form of the type it is, such as `visa` or `github-pat`.
    #[must_use]
    pub const fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// How sure it is, from 0 to 1.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        f64::from(self.confidence) / 100.0
    }
}
