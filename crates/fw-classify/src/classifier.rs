//! The whole way from a text to a score.

use std::ops::Range;

use crate::calibration::Channel;
use crate::error::ModelError;
use crate::model::Model;
use crate::phrases::{Hit, Phrases, apart};
use crate::sums::Sums;
use crate::view::{Encoding, View, ViewConfig, views};
use crate::windows::Windows;

/// Phrases of which more do not count, in one window.
const COUNTED_PHRASES: usize = 2;
/// Parts that are told.
const MOST_PARTS: usize = 8;

/// Scores texts with one or more heads of a model.
///
/// Every view of a text (the plain one, and what it decodes to) is cut into windows, every window is scored, and
/// the highest score is the text's. Cheap to clone, free of state: the same text always gets the same score.
#[derive(Debug, Clone)]
pub struct Classifier {
    model: Model,
    /// Numbers of heads in the model.
    heads: Vec<usize>,
    phrases: Phrases,
    views: ViewConfig,
    windows: Option<Windows>,
}

/// What a head says of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    raw: f32,
    scores: [f32; 2],
    parts: Vec<Part>,
}

/// What a window of a view says.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    path: Vec<Encoding>,
    range: Range<usize>,
    linear: f32,
    phrases: usize,
    raw: f32,
}

impl Classification {
    /// The calibrated score from 0 to 1, as for something that a person said. 0.5 is the threshold that the model was shipped with.
    #[must_use]
    pub const fn score(&self) -> f32 {
        self.score_in(Channel::User)
    }

    /// The calibrated score from 0 to 1 for a text of this channel.
    #[must_use]
    pub const fn score_in(&self, channel: Channel) -> f32 {
        let [user, document] = self.scores;
        match channel {
            Channel::User => user,
            Channel::Document => document,
        }
    }

    /// The score before calibration. Its unit is the model's own.
    #[must_use]
    pub const fn raw(&self) -> f32 {
        self.raw
    }

    /// What made the score: the best window of each view, the best first. At most eight.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }
}

impl Part {
    /// How the view was decoded; empty for the text as it is.
    #[must_use]
    pub fn path(&self) -> &[Encoding] {
        &self.path
    }

    /// Where it is in the original text, in bytes. For decoded text: where its encoded form is.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// What the n-grams say, less what their number costs.
    #[must_use]
    pub const fn linear(&self) -> f32 {
        self.linear
    }

    /// How many phrases were found, those that overlap counted once.
    #[must_use]
    pub const fn phrases(&self) -> usize {
        self.phrases
    }

    /// The score before calibration, phrases included.
    #[must_use]
    pub const fn raw(&self) -> f32 {
        self.raw
    }
}

impl Classifier {
    /// Scores with the head of this name, every view, and windows as the model was trained with.
    ///
    /// # Errors
    /// If the model has no such head.
    pub fn new(model: &Model, head: &str) -> Result<Self, ModelError> {
        let classifier = Self {
            model: model.clone(),
            heads: Vec::new(),
            phrases: Phrases::default(),
            views: ViewConfig::default(),
            windows: model.parts().windows,
        };
        classifier.and(head)
    }

    /// Scores with one more head, in the same pass: see [`classify_all`](Self::classify_all).
    ///
    /// # Errors
    /// If the model has no such head.
    pub fn and(mut self, head: &str) -> Result<Self, ModelError> {
        self.heads.push(self.model.head(head)?);
        Ok(self)
    }

    /// Adds phrases. Of use are the lists that the model names for the classifier's heads.
    #[must_use]
    pub fn phrases(mut self, phrases: Phrases) -> Self {
        self.phrases = phrases;
        self
    }

    /// Which views are taken of a text.
    #[must_use]
    pub fn views(mut self, views: ViewConfig) -> Self {
        self.views = views;
        self
    }

    /// How long texts are cut; `None`: they are not.
    #[must_use]
    pub const fn windows(mut self, windows: Option<Windows>) -> Self {
        self.windows = windows;
        self
    }

    /// The names of its heads, in the order of [`classify_all`](Self::classify_all).
    pub fn heads(&self) -> impl Iterator<Item = &str> {
        self.heads
            .iter()
            .filter_map(|head| self.model.parts().heads.get(*head))
            .map(|head| head.name.as_str())
    }

    /// What the first head says of a text.
    #[must_use]
    pub fn classify(&self, text: &str) -> Classification {
        let views = views(text, &self.views);
        self.scored(&views, &self.hits(&views), 1)
            .pop()
            .unwrap_or_else(Classification::nothing)
    }

    /// What each head says of a text, in the order in which they were named.
    #[must_use]
    pub fn classify_all(&self, text: &str) -> Vec<Classification> {
        self.classify_views(&views(text, &self.views))
    }

    /// What each head says of views that are there already.
    #[must_use]
    pub fn classify_views(&self, views: &[View]) -> Vec<Classification> {
        self.scored(views, &self.hits(views), self.heads.len())
    }

    /// What each head says of views in which the classifier's phrases were found already: [`hits`](Self::hits).
    #[must_use]
    pub fn classify_found(&self, views: &[View], hits: &[Vec<Hit>]) -> Vec<Classification> {
        self.scored(views, hits, self.heads.len())
    }

    /// The phrases in each of these views.
    #[must_use]
    pub fn hits(&self, views: &[View]) -> Vec<Vec<Hit>> {
        let views = views.iter().map(View::text);
        views.map(|text| self.phrases.hits(text)).collect()
    }

    fn scored(&self, views: &[View], hits: &[Vec<Hit>], count: usize) -> Vec<Classification> {
        let heads = self.heads.get(..count).unwrap_or(&self.heads);
        let mut parts: Vec<Vec<Part>> = vec![Vec::new(); heads.len()];
        let hits = hits
            .iter()
            .map(Vec::as_slice)
            .chain(std::iter::repeat(&[][..]));
        for (view, hits) in views.iter().zip(hits) {
            let sums = Sums::of(&self.model.parts().banks, view.text(), self.windows);
            for (head, parts) in heads.iter().zip(&mut parts) {
                parts.extend(self.part(*head, view, &sums, hits));
            }
        }
        let all = heads.iter().zip(parts);
        all.map(|(head, parts)| self.classification(*head, parts))
            .collect()
    }

    fn classification(&self, head: usize, mut parts: Vec<Part>) -> Classification {
        // Stable: of equal parts the plain view, which comes first, stays first.
        parts.sort_by(|a, b| b.raw.total_cmp(&a.raw));
        parts.truncate(MOST_PARTS);
        match (self.model.parts().heads.get(head), parts.first()) {
            (Some(head), Some(best)) => {
                let raw = best.raw;
                Classification {
                    raw,
                    scores: Channel::ALL.map(|c| head.calibration(c).score(raw)),
                    parts,
                }
            }
            _ => Classification::nothing(),
        }
    }

    /// The best window of a view; `None` for a view without words.
    fn part(&self, number: usize, view: &View, sums: &Sums<'_>, hits: &[Hit]) -> Option<Part> {
        let head = self.model.parts().heads.get(number)?;
        let counts = |hit: &&Hit| {
            let list = self.phrases.name(hit.head);
            list.is_some_and(|list| head.lists.iter().any(|known| known == list))
        };
        let hits = hits.iter().filter(counts).map(|hit| &hit.range);
        let hits: Vec<&Range<usize>> = hits.collect();
        let mut best: Option<(f32, f32, usize, Range<usize>)> = None;
        let windows = sums.windows(self.windows);
        let count = windows.len();
        for window in windows {
            let (range, sum, length, features) = sums.window(window, number, self.model.parts())?;
            let cost = self.model.parts().cost(features, count);
            let linear = head.bias + head.scale * sum / length.sqrt().max(1.0) - cost;
            let inside = hits.iter().copied();
            let inside = inside.filter(|hit| hit.start < range.end && hit.end > range.start);
            let phrases = apart(inside);
            let raw = linear + head.phrase * phrases.min(COUNTED_PHRASES) as f32;
            if best.as_ref().is_none_or(|(best, ..)| raw > *best) {
                best = Some((raw, linear, phrases, range));
            }
        }
        let (raw, linear, phrases, range) = best?;
        Some(Part {
            path: view.path().to_vec(),
            range: view.source(range),
            linear,
            phrases,
            raw,
        })
    }
}

impl Classification {
    /// Of a text without words.
    const fn nothing() -> Self {
        Self {
            raw: f32::MIN,
            scores: [0.0; 2],
            parts: Vec::new(),
        }
    }
}
