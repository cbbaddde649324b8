//! Names of persons: capitalised words and the particles between them.

use crate::detect::context;
use crate::detect::person::is_particle;

/// Words in a name at most.
const LONGEST: usize = 8;

/// Labels after which a name is looked for even if names are not.
const LABELS: &[&str] = &[
    "cardholder",
    "card holder",
    "cardholders",
    "name on card",
    "name on the card",
    "karteninhaber",
    "titular",
    "titulaire",
    "titolare",
    "kaarthouder",
];

pub(super) fn opens(context: &str, region: &str, names: bool) -> bool {
    (names || (is_capitalised(region) && is_labelled(context)))
        && super::words(region)
            .next_back()
            .is_some_and(|word| (is_capitalised(word) && !ends_sentence(word)) || is_particle(word))
        && super::words(region).count() < LONGEST
}

pub(super) fn links(context: &str, region: &str, gap: &str, next: &str, names: bool) -> bool {
    opens(context, region, names)
        && matches!(gap, " " | "\u{a0}" | "'" | "\u{2019}")
        && (is_capitalised(next) || is_particle(next))
}

/// Only what follows a label at once: `Cardholder: Jane`.
fn is_labelled(context: &str) -> bool {
    let label = context.trim_ascii_end();
    matches!(
        label.as_bytes().last(),
        Some(b':' | b'=' | b'"' | b'\'' | b'|')
    ) && context::mentions(label, LABELS)
}

fn is_capitalised(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

/// A full stop after more than two letters ends a sentence; after fewer it is an initial or a title.
fn ends_sentence(word: &str) -> bool {
    word.strip_suffix('.')
        .is_some_and(|word| word.chars().count() > 2 && word != "Prof")
        || word.ends_with(['!', '?', ':', ')'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitalised_words_are_joined_only_if_names_are_looked_for() {
        assert!(opens("", "Maria", true) && links("", "Maria", " ", "Garcia", true));
        assert!(!opens("", "Maria", false));
        assert!(!links("", "Maria", "\n", "Garcia", true));
        assert!(!links("", "Maria", " ", "said", true));
    }

    #[test]
    fn particles_initials_and_apostrophes_join() {
        assert!(
            links("", "Ludwig", " ", "van", true)
                && links("", "Ludwig van", " ", "Beethoven", true)
        );
        assert!(links("", "J.", " ", "Smith", true) && links("", "O", "'", "Neill", true));
        assert!(!opens("", "Garcia.", true));
    }

    #[test]
    fn a_cardholder_label_is_enough() {
        assert!(opens("Cardholder: ", "JANE", false));
        assert!(opens("\"card_holder\": \"", "Jane", false));
        assert!(!opens("the cardholder asked ", "Jane", false));
    }
}
