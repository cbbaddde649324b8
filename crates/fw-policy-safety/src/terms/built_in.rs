//! The terms that come with the crate.

use super::TermSet;

const CRITICAL_INFRASTRUCTURE: &str = include_str!("../../data/terms/critical_infrastructure.txt");
const AUTOMOTIVE: &str = include_str!("../../data/terms/automotive.txt");
const EDUCATION: &str = include_str!("../../data/terms/education.txt");
const LAW_ENFORCEMENT: &str = include_str!("../../data/terms/law_enforcement.txt");

/// The built-in terms of a set, spelt out. A line is a term; `{a|b}` in it stands for each of the two, and
/// lines that begin with `#` are remarks.
pub(super) fn terms(set: TermSet) -> impl Iterator<Item = String> {
    let text = match set {
        TermSet::CriticalInfrastructure => CRITICAL_INFRASTRUCTURE,
        TermSet::Automotive => AUTOMOTIVE,
        TermSet::Education => EDUCATION,
        TermSet::LawEnforcement => LAW_ENFORCEMENT,
        TermSet::BlockIf => "",
    };
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .flat_map(spell_out)
}

/// All terms that a line stands for.
fn spell_out(line: &str) -> Vec<String> {
    let mut terms = vec![String::new()];
    let mut rest = line.trim();
    while let Some((before, choices)) = rest.split_once('{') {
        let (choices, after) = choices.split_once('}').unwrap_or((choices, ""));
        let longer = terms.iter().flat_map(|term| {
            let choices = choices.split('|');
            choices.map(move |choice| [term.as_str(), before, choice].concat())
        });
        terms = longer.collect();
        rest = after;
    }
    for term in &mut terms {
        term.push_str(rest);
        if term.trim().len() < term.len() {
            *term = term.trim().to_owned();
        }
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::has_words;

    #[test]
    fn choices_are_spelt_out() {
        let spelt = spell_out("{disable|cut} the brake{|s}");
        assert_eq!(
            spelt,
            [
                "disable the brake",
                "disable the brakes",
                "cut the brake",
                "cut the brakes"
            ]
        );
    }

    #[test]
    fn every_set_has_terms_of_more_than_one_word_in_several_languages() {
        for set in TermSet::ALL.iter().filter(|set| **set != TermSet::BlockIf) {
            let terms: Vec<String> = terms(*set).collect();
            assert!((100..6000).contains(&terms.len()), "{set}: {}", terms.len());
            for term in &terms {
                assert!(has_words(term), "{set}");
                assert!(!term.contains(['{', '}', '|']), "{set}: {term}");
                let is_phrase = term.contains(' ') || !term.is_ascii();
                assert!(is_phrase, "{set}: single words are not precise: {term}");
            }
            assert!(terms.iter().any(|term| !term.is_ascii()), "{set}");
        }
    }
}
