use proptest::prelude::*;

use super::*;
use crate::fuzzy::tests::is_near;

fn own(terms: &[&str], distance: usize) -> Terms {
    let terms = terms
        .iter()
        .map(|term| (TermSet::BlockIf, (*term).to_owned()));
    Terms::new(terms, distance)
}

fn normal(text: &str) -> String {
    Normal::new(text, &NormalConfig::new()).as_str().to_owned()
}

fn found(terms: &Terms, text: &str) -> Vec<String> {
    let text = normal(text);
    let mut hits = Vec::new();
    terms.find(&text, Edges::default(), &mut hits);
    hits.iter()
        .filter(|hit| hit.joins == 0)
        .map(|hit| text[hit.at.clone()].to_owned())
        .collect()
}

#[test]
fn whole_words_in_any_spelling() {
    let terms = own(&["Power Grid", "bomb"], 0);
    assert_eq!(
        found(&terms, "the POWER-grid and the ｐｏｗｅｒ\u{200b} grid"),
        ["power-grid", "power grid"]
    );
    assert_eq!(found(&terms, "a bоmb"), ["bomb"], "with a Cyrillic о");
    for innocent in [
        "bombard",
        "powergrid",
        "power. Grid",
        "grid power",
        "bath-bombs",
    ] {
        assert!(found(&terms, innocent).is_empty(), "{innocent}");
    }
}

#[test]
fn words_of_scripts_without_spaces() {
    let terms = own(&["爆弾", "テロ", "폭탄", "ระเบิด"], 0);
    assert_eq!(found(&terms, "この爆弾は"), ["爆弾"]);
    assert_eq!(found(&terms, "テロップとテロ"), ["テロ"]);
    assert_eq!(found(&terms, "폭탄을 만드는"), ["폭탄"]);
    assert_eq!(found(&terms, "ลูกระเบิดเวลา"), ["ระเบิด"]);
}

#[test]
fn symbols_are_words() {
    let terms = own(&["C++", "💣", "$hell"], 0);
    assert_eq!(found(&terms, "c, c+ and c++"), ["c++"]);
    assert_eq!(found(&terms, "a 💣!"), ["💣"]);
    assert_eq!(found(&terms, "hell and $hell"), ["$hell"]);
}

#[test]
fn misspelt_terms_within_their_distance() {
    let terms = own(&["dangerous weapon", "kill"], 2);
    assert_eq!(found(&terms, "dangreous weapons"), ["dangreous weapons"]);
    assert!(
        found(&terms, "dangreos weapn").is_empty(),
        "three edits in all"
    );
    assert!(found(&terms, "bill, hill, kilt, skill").is_empty());
    assert!(found(&own(&["weapon"], 0), "weapons").is_empty());
}

#[test]
fn a_term_that_may_go_on_is_told() {
    let terms = own(&["shut down the grid", "bomb"], 0);
    let place = |text: &str| {
        let edges = Edges {
            starts_within: false,
            goes_on: true,
        };
        let mut hits = Vec::new();
        let place = terms.find(text, edges, &mut hits);
        (place, hits.len())
    };
    assert_eq!(place("please shut down the "), (Some(7), 0));
    assert_eq!(place("please shut down th"), (Some(7), 0));
    assert_eq!(place("please shut down. "), (Some(7), 0));
    assert_eq!(place("please wait "), (None, 0));
    assert_eq!(place("a bomb"), (Some(2), 0), "a word may go on");
    assert_eq!(place("a bomb "), (None, 1));
    assert_eq!(
        place("incomprehensible"),
        (None, 0),
        "longer than all words"
    );
}

#[test]
fn the_first_word_of_a_cut_text_does_not_count() {
    let terms = own(&["bomb"], 0);
    let edges = Edges {
        starts_within: true,
        goes_on: false,
    };
    let mut hits = Vec::new();
    terms.find("bomb and bomb", edges, &mut hits);
    assert_eq!(hits.iter().map(|hit| hit.at.start).collect::<Vec<_>>(), [9]);
}

#[test]
fn what_stands_between_the_words_of_a_term_makes_no_difference() {
    let terms = own(&["project nightfall", "straße", "naïve", "łódź"], 0);
    for text in [
        "project \"nightfall\"",
        "project “nightfall”",
        "project «nightfall»",
        "project, nightfall",
        "project%20nightfall",
        "project <b>nightfall</b>",
        "<i>project</i><br>nightfall",
        "project - nightfall",
        "project (nightfall)",
        "p\u{336}r\u{336}o\u{336}j\u{336}e\u{336}c\u{336}t\u{336} nightfall",
        "STRASSE",
        "naive",
        "Lodz",
    ] {
        assert_eq!(found(&terms, text).len(), 1, "{text}");
    }
    for text in [
        "project. Nightfall",
        "project; nightfall",
        "project < nightfall >",
    ] {
        assert!(found(&terms, text).is_empty(), "{text}");
    }
}

#[test]
fn one_term_may_be_in_several_sets() {
    let both = [TermSet::Education, TermSet::BlockIf].map(|set| (set, "a b".to_owned()));
    let mut hits = Vec::new();
    Terms::new(both, 0).find("a b", Edges::default(), &mut hits);
    assert_eq!(hits.len(), 2);
}

/// All places of terms by their definition: every run of words is compared with every term.
fn by_definition(terms: &[String], text: &str, most: usize) -> Vec<(usize, usize, usize)> {
    let text = normal(text);
    let read: Vec<Word> = words(&text).collect();
    let mut found = Vec::new();
    for term in terms {
        let term = normal(term);
        let term: Vec<&str> = words(&term).map(|word| &term[word.at]).collect();
        for run in read.windows(term.len()) {
            let joined = run.iter().skip(1).all(|word| word.follows);
            let distances = run.iter().zip(&term).map(|(word, term)| {
                let most = if word.is_open { most } else { 0 };
                is_near(term, &text[word.at.clone()], most)
            });
            let distance: Option<usize> = distances.sum();
            if let Some(distance) = distance.filter(|distance| joined && *distance <= most) {
                found.push((run[0].at.start, run[run.len() - 1].at.end, distance));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn the_pass_finds_what_the_definition_says(
        terms in prop::collection::btree_set("[abc]{1,9}( [ab]{1,5}){0,3}|[日本]{1,3}|[ab]{5}[日+]", 1..8),
        text in "([abc]{1,9}|[日本]{1,3}|[ab]{5,6}|[+, .-]{1,2}| | ){0,24}",
        most in 0..=3_usize,
    ) {
        let terms: Vec<String> = terms.into_iter().collect();
        let list: Vec<&str> = terms.iter().map(String::as_str).collect();
        let normal = normal(&text);
        let mut hits = Vec::new();
        own(&list, most).find(&normal, Edges::default(), &mut hits);
        let mut hits: Vec<_> = hits
            .iter()
            .filter(|hit| hit.joins == 0)
            .map(|hit| (hit.at.start, hit.at.end, hit.distance))
            .collect();
        hits.sort_unstable();
        hits.dedup();
        prop_assume!(hits.len() < 200);
        prop_assert_eq!(hits, by_definition(&terms, &text, most));
    }

    #[test]
    fn what_a_cut_text_may_go_on_to_begins_where_it_says(
        terms in prop::collection::btree_set("[ab]{1,5}( [ab]{1,4}){0,3}|[日本]{1,3}", 1..6),
        text in "([ab]{1,5}|[日本]{1,2}| |-|<b>|</a>|%20|<|%|, |é){0,24}",
        cut in any::<prop::sample::Index>(),
        most in 0..=2_usize,
    ) {
        let list: Vec<&str> = terms.iter().map(String::as_str).collect();
        let terms = own(&list, most);
        let text = normal(&text);
        let cut = text.floor_char_boundary(cut.index(text.len() + 1));
        let (mut all, mut some) = (Vec::new(), Vec::new());
        terms.find(&text, Edges::default(), &mut all);
        let goes_on = Edges { starts_within: false, goes_on: true };
        let place = terms.find(&text[..cut], goes_on, &mut some).unwrap_or(cut);
        prop_assume!(all.len() < 200);
        for hit in all {
            prop_assert!(some.contains(&hit) || hit.at.start >= place);
        }
    }
}
