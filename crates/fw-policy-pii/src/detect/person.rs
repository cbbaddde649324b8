//! Names of persons: a small tagger, off unless asked for.
//!
//! A logistic regression over features of each capitalised word: the word and its ends, the words around it,
//! its place among capitalised words that follow one another, and whether it is in a list of given names or
//! surnames. `training/names.py` defines the features, trains the weights and measures them; this file does
//! the same arithmetic. The weights are one signed byte for each of 16,384 hashed features. They were trained on
//! synthetic records (CC0), presidio-research (MIT), WNUT-17 (CC BY 4.0), and on clean text of axum (MIT), FastChat
//! (Apache-2.0), HumanEval (MIT), CLINC150 (CC BY 3.0), Banking77 (CC BY 4.0), Self-Instruct (Apache-2.0) and
//! awesome-chatgpt-prompts (CC0).

mod features;
mod runs;

use std::collections::HashSet;
use std::sync::LazyLock;

pub(crate) use self::features::fold;
use self::features::{Lists, Words};
pub(crate) use self::runs::is_particle;
use self::runs::runs;
use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::{Region, Traits};

static WEIGHTS: &[u8; features::SIZE] = include_bytes!("../../data/names.bin");

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let words = |text: &'static str| text.split_whitespace().collect::<HashSet<_>>();
    Lists {
        given: words(include_str!("../../data/given_names.txt")),
        surnames: words(include_str!("../../data/surnames.txt")),
    }
});

/// A weight is a byte times 1/24. A word whose sum is above this is a name.
const SEED: i32 = 0;

/// A neighbour of a name is one, too, above this: -3.
const GROW: i32 = -3 * 24;

/// Words that stand next to names, look like them and are none.
const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "sir",
    "herr",
    "frau",
    "senor",
    "sr",
    "sra",
    "ing",
    "univ",
    "dipl",
    "mx",
    "mme",
    "hr",
    "phd",
    "md",
    "jr",
    "mba",
    "ba",
    "ma",
    "bsc",
    "msc",
    "don",
    "doctor",
    "professor",
    "madam",
    "lady",
    "lord",
    "captain",
    "president",
    "inc",
    "ltd",
    "llc",
    "corp",
    "corporation",
    "company",
    "street",
    "st",
    "road",
    "rd",
    "ave",
    "avenue",
    "suite",
    "apt",
    "university",
    "orchestra",
    "gmbh",
];

/// Finds names.
pub(super) fn find(region: &Region<'_>, found: &mut Findings) {
    if !found.wants(Entity::Person) || !region.traits().any(Traits::UPPER | Traits::NON_ASCII) {
        return;
    }
    for run in runs(region.text(), region.start()) {
        let words = Words::new(region.text(), &run, &LISTS);
        let scores: Vec<Score> = (0..run.len()).map(|at| score(&words, at)).collect();
        let names = grow(&scores);
        let mut at = 0;
        while at < run.len() {
            let length = names[at..].iter().take_while(|is_name| **is_name).count();
            if let Some(last) = (at..at + length)
                .rev()
                .find(|at| scores[*at] != Score::Particle)
            {
                found.push(Finding {
                    range: run[at].start..run[last].end,
                    entity: Entity::Person,
                    scheme: "name",
                    confidence: confidence::CONTEXT,
                    checked: false,
                });
            }
            at += length.max(1);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Score {
    /// `van`, `de`: part of a name only between parts of it.
    Particle,
    /// How much speaks for a name.
    Sum(i32),
}

impl Score {
    fn above(self, least: i32) -> bool {
        matches!(self, Self::Sum(sum) if sum > least)
    }
}

fn score(words: &Words<'_>, at: usize) -> Score {
    if !words.is_capital(at) {
        return Score::Particle;
    }
    if TITLES.contains(&words.folded(at)) {
        return Score::Sum(i32::MIN);
    }
    let weights = words
        .features(at)
        .map(|bucket| i32::from(WEIGHTS[bucket] as i8));
    Score::Sum(weights.iter().sum())
}

/// Which words are names: those that say so themselves, and from them on their neighbours.
fn grow(scores: &[Score]) -> Vec<bool> {
    let mut names: Vec<bool> = scores.iter().map(|score| score.above(SEED)).collect();
    loop {
        let mut grown = false;
        for at in 0..scores.len() {
            if names[at] {
                continue;
            }
            let before = at > 0 && names[at - 1];
            let after = names.get(at + 1).is_some_and(|is_name| *is_name);
            let joins = match scores[at] {
                Score::Particle => before && scores[at + 1..].iter().any(|score| score.above(GROW)),
                score => score.above(GROW) && (before || after),
            };
            names[at] = joins;
            grown |= joins;
        }
        if !grown {
            return names;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{find as found_in, find_after};

    fn names(text: &str) -> Vec<&str> {
        found_in(find, text)
            .into_iter()
            .map(|(_, _, text, _)| text)
            .collect()
    }

    #[test]
    fn given_names_with_surnames_are_found_without_their_titles() {
        assert_eq!(names("Maria Garcia"), ["Maria Garcia"]);
        assert_eq!(names("Dr. Peter Schneider"), ["Peter Schneider"]);
        assert_eq!(names("Anna van den Berg"), ["Anna van den Berg"]);
    }

    #[test]
    fn what_came_before_counts() {
        let after = |context, text| find_after(find, context, text).len();
        assert_eq!(after("My name is ", "Kavya Tremblay"), 1);
        assert_eq!(after("Install ", "Docker Desktop"), 0);
    }

    #[test]
    fn ordinary_capitals_are_no_names() {
        for text in [
            "The Internet",
            "HTTP",
            "New Features",
            "January",
            "README",
            "Monday Morning",
        ] {
            assert!(names(text).is_empty(), "{text}: {:?}", names(text));
        }
    }

    #[test]
    fn names_are_only_found_when_asked_for() {
        let mut findings = Findings::new(crate::entity::EntitySet::EMPTY);
        find(&Region::new("Maria Garcia", 0), &mut findings);
        assert!(findings.list().is_empty());
    }
}
