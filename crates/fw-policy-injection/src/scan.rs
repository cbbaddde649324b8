//! What is known of a text after it was looked at.

use std::fmt;
use std::ops::Range;

use fw_classify::{Classification, Encoding};

use crate::channel::Channel;
use crate::config::Action;

/// What is known of a text after it was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    pub(crate) channel: Channel,
    pub(crate) score: f32,
    pub(crate) threshold: f32,
    pub(crate) action: Action,
    /// What happens if not all of it was looked at.
    pub(crate) incomplete: Option<Action>,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) views: Vec<ViewScore>,
}

/// Why a text counts as an attack, or what raised its score.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    pub(crate) kind: ReasonKind,
    pub(crate) range: Range<usize>,
    pub(crate) decisive: bool,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ReasonKind {
    /// The text scores as attacks do.
    Classifier,
    /// It holds phrases that are hardly ever said in good faith.
    Phrase,
    /// It matches a pattern of the configuration.
    Pattern,
    /// It forges the turn of another speaker, or the end of data.
    Boundary,
    /// The last turns of the user, taken together, score as attacks do.
    Conversation,
    /// It holds more encoded text than is decoded within the bounds.
    Incomplete,
    /// A reply repeats the request's own system text.
    Leak,
    /// An image or a link in a reply carries data away.
    Link,
}

/// How one way to read a text scored.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewScore {
    path: Vec<Encoding>,
    range: Range<usize>,
    raw: f32,
    phrases: usize,
}

impl Scan {
    /// The channel that the text was looked at for.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// How much the text looks like an attack, from 0 to 1.
    #[must_use]
    pub const fn score(&self) -> f32 {
        self.score
    }

    /// The score from which a text of this channel counts as an attack.
    #[must_use]
    pub const fn threshold(&self) -> f32 {
        self.threshold
    }

    /// Whether the text counts as an attack: its score reaches the threshold, or something was found that
    /// decides by itself.
    #[must_use]
    pub fn is_attack(&self) -> bool {
        self.score >= self.threshold || self.reasons.iter().any(|reason| reason.decisive)
    }

    /// Whether all that the text may decode to was looked at. Otherwise there was more than the bounds have room for.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.incomplete.is_none()
    }

    /// What is to happen to the text: because it is an attack, or because not all of it was looked at. `None` if it
    /// may pass.
    #[must_use]
    pub fn verdict(&self) -> Option<Action> {
        let attack = self.is_attack().then_some(self.action);
        let verdicts = attack.into_iter().chain(self.incomplete);
        verdicts.max_by_key(|action| action.weight())
    }

    /// What was found. Empty if nothing was.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// How the text scored in each way to read it, the best first: as it is, and as what it decodes to.
    #[must_use]
    pub fn views(&self) -> &[ViewScore] {
        &self.views
    }

    /// The reason to tell: one that decides by itself before one that does not.
    pub(crate) fn main_reason(&self) -> ReasonKind {
        let decisive = self.reasons.iter().find(|reason| reason.decisive);
        decisive
            .or_else(|| self.reasons.first())
            .map_or(ReasonKind::Classifier, Reason::kind)
    }
}

impl Reason {
    /// What was found.
    #[must_use]
    pub const fn kind(&self) -> ReasonKind {
        self.kind
    }

    /// Where in the text, in bytes. For something encoded: where its encoded form is.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Whether it makes the text an attack whatever the score is.
    #[must_use]
    pub const fn is_decisive(&self) -> bool {
        self.decisive
    }
}

impl ReasonKind {
    /// Its name in reports: `CLASSIFIER`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Classifier => "CLASSIFIER",
            Self::Phrase => "PHRASE",
            Self::Pattern => "PATTERN",
            Self::Boundary => "BOUNDARY",
            Self::Conversation => "CONVERSATION",
            Self::Incomplete => "INCOMPLETE",
            Self::Leak => "LEAK",
            Self::Link => "LINK",
        }
    }
}

impl fmt::Display for ReasonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ViewScore {
    /// How it was decoded, the outermost encoding first. Empty for the text as it is.
    #[must_use]
    pub fn path(&self) -> &[Encoding] {
        &self.path
    }

    /// The window of the text that scored best, in bytes.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// The score before calibration, in the model's own unit.
    #[must_use]
    pub const fn raw(&self) -> f32 {
        self.raw
    }

    /// How many phrases of the list that window holds.
    #[must_use]
    pub const fn phrases(&self) -> usize {
        self.phrases
    }

    pub(crate) fn of(classification: &Classification) -> Vec<Self> {
        let parts = classification.parts().iter().map(|part| Self {
            path: part.path().to_vec(),
            range: part.range(),
            raw: part.raw(),
            phrases: part.phrases(),
        });
        parts.collect()
    }
}
