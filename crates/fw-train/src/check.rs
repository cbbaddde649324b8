//! Whether a corpus repeats itself, or what it is tested with.

use std::collections::{HashMap, HashSet};

use fw_classify::{Normal, NormalConfig};

use crate::data::Row;

/// From this likeness on two texts are nearly the same.
pub const NEAR: f64 = 0.5;
/// Trigrams that are in more texts than this say nothing.
const COMMON: usize = 2_000;

/// What was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Rows of the corpus with the same letters and digits as an earlier one.
    pub exact: Vec<(usize, usize)>,
    /// Rows of the corpus that are nearly the same as an earlier one. Pairs that differ in what they want are meant to be alike.
    pub alike: usize,
    /// Rows of the corpus that are nearly the same as a row of the tests, and how much.
    pub near_tests: Vec<(usize, usize, f64)>,
    /// Rows of the corpus whose neighbour in text has the other label: the share says whether intent or topic is told apart.
    pub contrasting: usize,
}

/// Compares a corpus with itself and with the rows that it is tested with.
#[must_use]
pub fn check(corpus: &[Row], tests: &[Row]) -> Findings {
    let mut findings = Findings::default();
    let mut seen = HashMap::new();
    for (at, row) in corpus.iter().enumerate() {
        if let Some(earlier) = seen.insert(letters(&row.text), at) {
            findings.exact.push((at, earlier));
        }
    }
    let own: Vec<HashSet<u64>> = corpus.iter().map(|row| trigrams(&row.text)).collect();
    let others: Vec<HashSet<u64>> = tests.iter().map(|row| trigrams(&row.text)).collect();
    let index = Index::new(&others);
    for (at, trigrams) in own.iter().enumerate() {
        if let Some((test, likeness)) = index
            .nearest(trigrams, &others, usize::MAX)
            .filter(|(_, l)| *l >= NEAR)
        {
            findings.near_tests.push((at, test, likeness));
        }
    }
    let index = Index::new(&own);
    for (at, trigrams) in own.iter().enumerate() {
        if let Some((other, _)) = index
            .nearest(trigrams, &own, at)
            .filter(|(_, l)| *l >= NEAR)
        {
            findings.alike += 1;
            findings.contrasting += usize::from(corpus[other].label != corpus[at].label);
        }
    }
    findings
}

struct Index(HashMap<u64, Vec<u32>>);

impl Index {
    fn new(sets: &[HashSet<u64>]) -> Self {
        let mut index: HashMap<u64, Vec<u32>> = HashMap::new();
        for (at, set) in sets.iter().enumerate() {
            for trigram in set {
                index.entry(*trigram).or_default().push(at as u32);
            }
        }
        Self(index)
    }

    /// The set that is most like this one, and how much; not the one with that number.
    fn nearest(
        &self,
        set: &HashSet<u64>,
        sets: &[HashSet<u64>],
        except: usize,
    ) -> Option<(usize, f64)> {
        let mut shared: HashMap<u32, usize> = HashMap::new();
        for rows in set
            .iter()
            .filter_map(|trigram| self.0.get(trigram))
            .filter(|rows| rows.len() <= COMMON)
        {
            for row in rows.iter().filter(|row| **row as usize != except) {
                *shared.entry(*row).or_default() += 1;
            }
        }
        let likeness = shared.into_iter().map(|(row, both)| {
            let all = set.len() + sets[row as usize].len() - both;
            (row as usize, both as f64 / all.max(1) as f64)
        });
        likeness.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
    }
}

fn letters(text: &str) -> String {
    let normal = Normal::new(text, &NormalConfig::default());
    let letters: String = normal
        .as_str()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    // Nothing but signs: they are all there is.
    if letters.is_empty() {
        normal.as_str().to_owned()
    } else {
        letters
    }
}

/// Runs of three words; of three characters where words are not separated. A shorter text is one run.
fn trigrams(text: &str) -> HashSet<u64> {
    let normal = Normal::new(text, &NormalConfig::default());
    let mut words: Vec<String> = Vec::new();
    for part in normal
        .as_str()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
    {
        if part
            .chars()
            .any(|c| ('\u{2e80}'..='\u{9fff}').contains(&c) || ('\u{e00}'..='\u{eff}').contains(&c))
        {
            words.extend(part.chars().map(String::from));
        } else {
            words.push(part.to_owned());
        }
    }
    let hash = |words: &[String]| {
        let digest = blake3::hash(words.join(" ").as_bytes());
        digest
            .as_bytes()
            .iter()
            .take(8)
            .fold(0, |hash, byte| hash << 8 | u64::from(*byte))
    };
    if words.len() < 3 {
        HashSet::from([hash(&words)])
    } else {
        words.windows(3).map(hash).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Row {
        Row {
            id: String::new(),
            text: text.to_owned(),
            label: false,
            source: String::new(),
            category: String::new(),
            lang: String::new(),
            family: String::new(),
            pair: String::new(),
        }
    }

    #[test]
    fn rows_without_letters_are_told_apart_by_their_signs() {
        let corpus = [
            row("... --- ..."),
            row("\u{1f511} \u{27a1}"),
            row("...  --- ..."),
        ];
        assert_eq!(check(&corpus, &[]).exact, [(2, 0)]);
    }

    #[test]
    fn a_row_that_repeats_a_test_or_another_row_is_found() {
        let corpus = [
            row("one two three four five six"),
            row("One, two: three four five SIX!"),
            row("seven eight nine ten"),
        ];
        let tests = [row("zero one two three four five six"), row("all else")];
        let findings = check(&corpus, &tests);
        assert_eq!(findings.exact, [(1, 0)]);
        assert_eq!(
            findings
                .near_tests
                .iter()
                .map(|near| (near.0, near.1))
                .collect::<Vec<_>>(),
            [(0, 0), (1, 0)]
        );
        assert_eq!(findings.alike, 2);
    }
}
