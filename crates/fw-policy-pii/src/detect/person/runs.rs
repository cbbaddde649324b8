//! Capitalised words that follow one another.

use std::ops::Range;

/// Words in a run at most; what follows is left out.
const LONGEST: usize = 8;

/// Lower-case words that stand within names.
const PARTICLES: &[&str] = &[
    "van", "von", "de", "der", "den", "del", "della", "di", "da", "dos", "du", "la", "le", "bin",
    "ibn", "al", "el", "ter", "ten", "zu",
];

/// Whether this is a lower-case word that stands within names.
pub(crate) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

/// The runs of `text` from `start` on, each a list of words.
pub(super) fn runs(text: &str, start: usize) -> Vec<Vec<Range<usize>>> {
    let mut found = Vec::new();
    let mut run: Vec<Range<usize>> = Vec::new();
    let mut at = start;
    while let Some(word) = next_word(text, at) {
        at = word.end;
        if is_part_of_more(text, &word) {
            close(text, &mut run, &mut found);
            continue;
        }
        let is_capital = starts_upper(&text[word.clone()]);
        if let Some(last) = run.last() {
            let short = text[last.clone()].chars().count() <= 2;
            let joins = match &text[last.end..word.start] {
                " " | "\u{a0}" => true,
                // Initials.
                ". " => short,
                // O'Brien, D’Angelo.
                "'" | "\u{2019}" => is_capital && short,
                _ => false,
            };
            if !joins {
                close(text, &mut run, &mut found);
            }
        }
        if is_capital || (!run.is_empty() && is_particle(&text[word.clone()])) {
            run.push(word);
        } else {
            close(text, &mut run, &mut found);
        }
    }
    close(text, &mut run, &mut found);
    found
}

fn close(text: &str, run: &mut Vec<Range<usize>>, found: &mut Vec<Vec<Range<usize>>>) {
    while run
        .last()
        .is_some_and(|word| !starts_upper(&text[word.clone()]))
    {
        run.pop();
    }
    run.truncate(LONGEST);
    if run.is_empty() {
        return;
    }
    found.push(std::mem::take(run));
}

/// The next word: letters, with single hyphens between them.
fn next_word(text: &str, from: usize) -> Option<Range<usize>> {
    let start = from + text.get(from..)?.find(char::is_alphabetic)?;
    let mut end = start;
    let mut rest = text[start..].char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if c.is_alphabetic() {
            end = start + at + c.len_utf8();
        } else if c != '-' || !rest.peek().is_some_and(|(_, next)| next.is_alphabetic()) {
            break;
        }
    }
    Some(start..end)
}

/// Whether the word is part of an address, a path, an identifier.
fn is_part_of_more(text: &str, word: &Range<usize>) -> bool {
    let before = text[..word.start].chars().next_back().unwrap_or(' ');
    let mut rest = text[word.end..].chars();
    let (after, next) = (rest.next().unwrap_or(' '), rest.next().unwrap_or(' '));
    "@_/\\#.".contains(before)
        || before.is_numeric()
        || "@_/\\".contains(after)
        || after.is_numeric()
        || (after == '.' && next.is_alphanumeric())
}

pub(super) fn starts_upper(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<&str>> {
        let word = |range: &Range<usize>| &text[range.clone()];
        runs(text, 0)
            .iter()
            .map(|run| run.iter().map(word).collect())
            .collect()
    }

    #[test]
    fn capitalised_words_follow_one_another_with_particles_between() {
        assert_eq!(
            words("Ask Ludwig van Beethoven of Bonn"),
            [vec!["Ask", "Ludwig", "van", "Beethoven"], vec!["Bonn"]]
        );
        assert_eq!(
            words("Jean-Luc O'Neill, J. R. Smith"),
            [vec!["Jean-Luc", "O", "Neill"], vec!["J", "R", "Smith"]]
        );
    }

    #[test]
    fn a_run_ends_at_a_particle_only_if_a_name_follows() {
        assert_eq!(words("Anna de"), [vec!["Anna"]]);
    }

    #[test]
    fn parts_of_identifiers_are_no_words() {
        assert!(
            words("@Override std::Vec.new My_Type Path/To x1Y2")
                .iter()
                .flatten()
                .all(|word| *word == "Vec" || *word == "Path")
        );
    }
}
