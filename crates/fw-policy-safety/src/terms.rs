//! Terms: exact words and phrases, found in one pass over the words of a text.

mod built_in;
mod fold;
mod hash;
mod tree;
mod words;

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use fw_classify::{Normal, NormalConfig};

use self::fold::fold;
use self::hash::Quick;
use self::tree::Tree;
use self::words::{Word, open_space, words};
use crate::config::SafetyMode;
use crate::fuzzy::{Fuzzy, MAX_DISTANCE};

/// More terms than these are not told in one text.
const MOST_HITS: usize = 256;

/// Bytes that a character of a term may take in a text, written in wide letters or with marks that do not count.
const BYTES_A_CHARACTER: usize = 6;

/// No term is longer than this in a text, in bytes.
const LONGEST: usize = 4096;

/// So many words of a text are remembered with what they may be misspellings of, if that is not more than so many.
const MOST_KNOWN: usize = 4096;
const MOST_NEAR: usize = 16;

/// Which terms a term is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TermSet {
    /// The built-in terms of critical infrastructure.
    CriticalInfrastructure,
    /// The built-in terms of the automotive mode.
    Automotive,
    /// The built-in terms of the education mode.
    Education,
    /// The built-in terms of the law enforcement mode.
    LawEnforcement,
    /// Terms of your own.
    BlockIf,
}

impl TermSet {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::CriticalInfrastructure,
        Self::Automotive,
        Self::Education,
        Self::LawEnforcement,
        Self::BlockIf,
    ];

    /// The name: that of the mode, or `block_if`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CriticalInfrastructure => "critical_infrastructure",
            Self::Automotive => "automotive",
            Self::Education => "education",
            Self::LawEnforcement => "law_enforcement",
            Self::BlockIf => "block_if",
        }
    }

    /// What a message calls it.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::CriticalInfrastructure => "critical infrastructure",
            Self::Automotive => "automotive",
            Self::Education => "education",
            Self::LawEnforcement => "law enforcement",
            Self::BlockIf => "own",
        }
    }

    /// What it is called in the findings of a decision.
    pub(crate) const fn finding(self) -> &'static str {
        match self {
            Self::CriticalInfrastructure => "terms.critical_infrastructure",
            Self::Automotive => "terms.automotive",
            Self::Education => "terms.education",
            Self::LawEnforcement => "terms.law_enforcement",
            Self::BlockIf => "terms.block_if",
        }
    }

    /// The built-in terms that a mode has.
    pub(crate) const fn of(mode: SafetyMode) -> &'static [Self] {
        match mode {
            SafetyMode::CriticalInfrastructure => &[Self::CriticalInfrastructure],
            SafetyMode::Automotive => &[Self::Automotive],
            SafetyMode::Education => &[Self::Education],
            SafetyMode::LawEnforcement => &[Self::LawEnforcement],
            SafetyMode::Strict => &[
                Self::CriticalInfrastructure,
                Self::Automotive,
                Self::Education,
                Self::LawEnforcement,
            ],
        }
    }

    /// The built-in terms, spelt out.
    pub(crate) fn built_in(self) -> impl Iterator<Item = String> {
        built_in::terms(self)
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for TermSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether there is anything in a term that can be looked for.
pub(crate) fn has_words(term: &str) -> bool {
    let normal = Normal::new(term, &NormalConfig::new());
    words(normal.as_str()).next().is_some()
}

/// Terms to look for.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    tree: Tree,
    /// The words of all terms, with their numbers.
    words: HashMap<Box<str>, u32, Quick>,
    fuzzy: Fuzzy,
    /// The edits that a term may have.
    distance: usize,
    /// The longest word, in characters.
    longest_word: usize,
    /// The longest term, in bytes of a text.
    longest: usize,
}

/// A term in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) set: TermSet,
    /// Where it is in the normalised text, in bytes.
    pub(crate) at: Range<usize>,
    pub(crate) distance: usize,
    /// Between how many words the space is missing.
    pub(crate) joins: usize,
}

/// What is around a text that is a part of a longer one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Edges {
    /// Its first word may be the rest of a longer one.
    pub(crate) starts_within: bool,
    /// Its last word may go on.
    pub(crate) goes_on: bool,
}

/// A term that is being read.
#[derive(Clone, Copy)]
struct Reading {
    node: u32,
    start: usize,
    distance: usize,
}

impl Terms {
    /// These terms, which may be misspelt by that many edits.
    pub(crate) fn new(terms: impl IntoIterator<Item = (TermSet, String)>, distance: usize) -> Self {
        let mut made = Self {
            distance: distance.min(MAX_DISTANCE),
            ..Self::default()
        };
        for (set, term) in terms {
            made.add(set, &term);
        }
        if made.distance > 0 {
            let words = made.words.iter().map(|(word, number)| (&**word, *number));
            made.fuzzy = Fuzzy::new(words, made.distance);
        }
        made
    }

    fn add(&mut self, set: TermSet, term: &str) {
        let normal = Normal::new(term, &NormalConfig::new());
        let text = normal.as_str();
        let mut numbers = Vec::new();
        let mut joined = String::new();
        let mut can_join = true;
        for word in words(text) {
            can_join &= word.is_open;
            let word = fold(text.get(word.at).unwrap_or_default());
            joined.push_str(&word);
            numbers.push(self.number_of(&word));
        }
        self.tree.add(&numbers, set, 0);
        if can_join && numbers.len() > 1 {
            let number = self.number_of(&joined);
            self.tree.add(&[number], set, numbers.len() - 1);
        }
        let length = (text.chars().count() + MAX_DISTANCE) * BYTES_A_CHARACTER;
        self.longest = self.longest.max(length.min(LONGEST));
    }

    fn number_of(&mut self, word: &str) -> u32 {
        if let Some(number) = self.words.get(word) {
            return *number;
        }
        let next = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.longest_word = self.longest_word.max(word.chars().count());
        self.words.insert(word.into(), next);
        next
    }

    /// The edits that a term may have.
    pub(crate) const fn distance(&self) -> usize {
        self.distance
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How long a term may be in a text, in bytes.
    pub(crate) const fn longest(&self) -> usize {
        self.longest
    }

    /// Finds the terms in a normalised text. Gives the place from which on a term may be read that the text does
    /// not end.
    pub(crate) fn find(&self, text: &str, edges: Edges, hits: &mut Vec<Hit>) -> Option<usize> {
        if self.is_empty() {
            return None;
        }
        let mut readings: Vec<Reading> = Vec::new();
        let mut next: Vec<Reading> = Vec::new();
        let mut numbers: Vec<(u32, usize)> = Vec::new();
        let mut known = Known::default();
        let mut cut = edges.starts_within;
        let mut open = None;
        // What may become a space is let alone until it is known.
        let unknown = if edges.goes_on {
            open_space(text)
        } else {
            text.len()
        };
        let whole = text.len();
        let text = text.get(..unknown).unwrap_or_default();
        for word in words(text) {
            let cut_here = std::mem::take(&mut cut) && word.at.start == 0;
            if !word.follows {
                readings.clear();
            }
            if edges.goes_on && word.is_open && word.at.end == text.len() {
                open = Some(word);
                break;
            }
            numbers.clear();
            if !cut_here {
                self.numbers_of(text, &word, &mut known, &mut numbers);
            }
            next.clear();
            let begun = Reading {
                node: Tree::ROOT,
                start: word.at.start,
                distance: 0,
            };
            for reading in readings.drain(..).chain([begun]) {
                for (number, edits) in &numbers {
                    let distance = reading.distance + edits;
                    if distance > self.distance {
                        continue;
                    }
                    let Some(node) = self.tree.child(reading.node, *number) else {
                        continue;
                    };
                    let at = reading.start..word.at.end;
                    let sets = self.tree.sets(node);
                    let room = MOST_HITS.saturating_sub(hits.len());
                    hits.extend(sets.take(room).map(|(set, joins)| Hit {
                        set,
                        at: at.clone(),
                        distance,
                        joins,
                    }));
                    if self.tree.goes_on(node) {
                        next.push(Reading {
                            node,
                            distance,
                            ..reading
                        });
                    }
                }
            }
            std::mem::swap(&mut readings, &mut next);
        }
        if !edges.goes_on {
            return None;
        }
        let reading = readings.iter().map(|reading| reading.start).min();
        // A word that is longer than all words of terms is none of them.
        let open = open.filter(|word| {
            let word = fold(text.get(word.at.clone()).unwrap_or_default());
            word.chars()
                .nth(self.longest_word + self.distance)
                .is_none()
        });
        let unknown = (unknown < whole).then_some(unknown);
        [reading, open.map(|word| word.at.start), unknown]
            .into_iter()
            .flatten()
            .min()
    }

    /// The words of terms that a word of the text is, or may be misspelt, each with the number of edits.
    fn numbers_of<'t>(
        &self,
        text: &'t str,
        word: &Word,
        known: &mut Known<'t>,
        numbers: &mut Vec<(u32, usize)>,
    ) {
        let written = text.get(word.at.clone()).unwrap_or_default();
        let read = fold(written);
        let same = self.words.get(&*read).copied();
        numbers.extend(same.map(|number| (number, 0)));
        if self.distance == 0
            || !word.is_open
            || read.len() > 4 * (self.longest_word + MAX_DISTANCE)
        {
            return;
        }
        if let Some(near) = known.words.get(written) {
            numbers.extend(near);
            return;
        }
        known.letters.clear();
        known.letters.extend(read.chars());
        let from = numbers.len();
        self.fuzzy.find(&known.letters, |number, distance| {
            if same != Some(number) {
                numbers.push((number, distance));
            }
        });
        let near = numbers.get(from..).unwrap_or_default();
        if near.len() <= MOST_NEAR && known.words.len() < MOST_KNOWN {
            known.words.insert(written, near.to_vec());
        }
    }
}

/// Words of the text that were looked up already: most come again and again.
#[derive(Default)]
struct Known<'t> {
    words: HashMap<&'t str, Vec<(u32, usize)>>,
    letters: Vec<char>,
}

#[cfg(test)]
mod tests;
