use proptest::prelude::*;

use super::*;

/// The distance, by its definition.
pub(crate) fn distance(one: &[char], other: &[char]) -> usize {
    let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
    for i in 0..=one.len() {
        for j in 0..=other.len() {
            table[i][j] = if i == 0 || j == 0 {
                i.max(j)
            } else {
                let same = one[i - 1] == other[j - 1];
                let mut best = (table[i - 1][j] + 1)
                    .min(table[i][j - 1] + 1)
                    .min(table[i - 1][j - 1] + usize::from(!same));
                if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                    best = best.min(table[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    table[one.len()][other.len()]
}

/// Whether a word may be a misspelling of another one, by its definition.
pub(crate) fn is_near(term: &str, word: &str, most: usize) -> Option<usize> {
    let (term, word): (Vec<char>, Vec<char>) = (term.chars().collect(), word.chars().collect());
    let distance = distance(&term, &word);
    let begins = most >= 2 || term.len() >= FREE || term.first() == word.first();
    let is_near = distance == 0 || (begins && distance <= allowance(term.len(), most));
    is_near.then_some(distance)
}

fn near(terms: &[&str], word: &str, most: usize) -> Vec<(u32, usize)> {
    let fuzzy = Fuzzy::new(terms.iter().copied().zip(0..), most);
    let letters: Vec<char> = word.chars().collect();
    let mut found = Vec::new();
    fuzzy.find(&letters, |number, distance| found.push((number, distance)));
    found.sort_unstable();
    found
}

#[test]
fn edits_of_all_four_kinds() {
    for word in ["weapon", "weapn", "weaponn", "weaqon", "waepon"] {
        assert_eq!(near(&["weapon"], word, 3).len(), 1, "{word}");
    }
    assert_eq!(near(&["weapon"], "wepn", 3), []);
    assert_eq!(near(&["infrastructure"], "infrastuctrue", 3), [(0, 2)]);
}

#[test]
fn short_words_and_their_first_letters_have_to_be_right() {
    assert_eq!(near(&["kill", "bomb"], "kilt", 3), []);
    assert_eq!(near(&["grids"], "brids", 1), []);
    assert_eq!(near(&["grids"], "brids", 2), [(0, 1)]);
    assert_eq!(near(&["weapon"], "reapon", 1), [(0, 1)]);
    assert_eq!(near(&["weapon"], "ewapon", 1), [(0, 1)]);
    assert_eq!(near(&["weapon"], "eapon", 1), [(0, 1)]);
}

#[test]
fn hostile_words_end_at_once() {
    let long = "a".repeat(1_000_000);
    assert_eq!(near(&["aaaaaaaaaaaaaaaaaaaaaa"], &long, 3), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn the_walk_finds_what_the_definition_says(
        terms in prop::collection::btree_set("[ab]{1,4}|[abc]{4,15}|[éa日]{5,9}", 0..12),
        word in "[abc]{0,16}|[éa日]{4,10}",
        most in 1..=3_usize,
    ) {
        let terms: Vec<&str> = terms.iter().map(String::as_str).collect();
        let mut expected: Vec<(u32, usize)> = terms
            .iter()
            .zip(0..)
            .filter(|(term, _)| allowance(term.chars().count(), most) > 0)
            .filter_map(|(term, number)| Some((number, is_near(term, &word, most)?)))
            .collect();
        expected.sort_unstable();
        prop_assert_eq!(near(&terms, &word, most), expected);
    }
}
