//! Street addresses: a house number and the name of a street, and a town after them.

use crate::detect::address::vocabulary::{
    is_capitalised, is_compound, is_house_number, is_name, is_postcode_part, is_small,
    is_type_after, is_type_before, is_unit,
};

/// Words in an address at most, and bytes.
const MOST_WORDS: usize = 14;
const MOST_BYTES: usize = 160;

/// Words between a house number and the type of street.
const MOST_NAMES: usize = 6;

/// How far an address has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// A house number or a unit, and maybe names: the type is to come.
    Number,
    /// The type, and maybe names: the number is to come.
    Type,
    /// A street with its number; a unit and a town may follow.
    Whole,
}

pub(super) fn opens(region: &str) -> bool {
    stage(region).is_some()
}

pub(super) fn links(region: &str, gap: &str, next: &str) -> bool {
    let Some(stage) = stage(region) else {
        return false;
    };
    let starts_digit = next
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_digit());
    match (stage, gap) {
        (Stage::Number, " ") => {
            (starts_digit && is_unit(region))
                || is_name(next)
                || is_type_before(next)
                || has_type_before(region) && is_small(next)
        }
        (Stage::Number, ", ") => {
            is_type_before(next) || is_capitalised(next) && is_unit_or_fraction(region)
        }
        (Stage::Type, " ") => {
            is_name(next) || is_small(next) || is_house_number(next.trim_end_matches('.'))
        }
        (Stage::Type, ", ") => is_house_number(next.trim_end_matches('.')),
        (Stage::Whole, " " | ", ") => {
            is_name(next)
                || is_postcode_part(next.trim_end_matches('.'))
                || is_unit(next)
                || starts_digit
        }
        _ => false,
    }
}

fn stage(region: &str) -> Option<Stage> {
    if region.len() > MOST_BYTES {
        return None;
    }
    // Numbers, capitals and abbreviations begin an address.
    if region.starts_with(|c: char| c.is_ascii_lowercase()) && !region.contains('.') {
        return None;
    }
    if super::is_one(region) {
        return stage_of_word(region);
    }
    let mut words = super::words(region);
    let first = words.next()?;
    let last = words.next_back().unwrap_or(first);
    // The end of a sentence, unless it is an abbreviation.
    if last.ends_with(['!', '?', ':']) || (last.ends_with('.') && last.len() > 5) {
        return None;
    }
    let all = super::words(region);
    if all.clone().count() >= MOST_WORDS {
        return None;
    }
    let has_number = all.clone().any(is_house_number);
    if is_house_number(first) || is_unit(first) {
        let names = all.clone().skip(1);
        if names
            .clone()
            .any(|word| is_type_after(word) || is_type_before(word))
        {
            return Some(Stage::Whole);
        }
        return (names.count() < MOST_NAMES).then_some(Stage::Number);
    }
    if is_compound(first)
        || ((is_capitalised(first) || first.ends_with('.')) && is_type_before(first))
    {
        return Some(if has_number {
            Stage::Whole
        } else {
            Stage::Type
        })
        .filter(|stage| *stage == Stage::Whole || all.count() <= MOST_NAMES);
    }
    None
}

/// [`stage`] of one word, as most regions are.
fn stage_of_word(word: &str) -> Option<Stage> {
    if word.ends_with(['!', '?', ':']) || (word.ends_with('.') && word.len() > 5) {
        None
    } else if is_house_number(word) || is_unit(word) {
        Some(Stage::Number)
    } else {
        let is_type = is_compound(word)
            || ((is_capitalised(word) || word.ends_with('.')) && is_type_before(word));
        is_type.then_some(Stage::Type)
    }
}

fn has_type_before(region: &str) -> bool {
    super::words(region).any(is_type_before)
}

/// `Flat 45, Green Square`, `19/87, Bala Street`.
fn is_unit_or_fraction(region: &str) -> bool {
    let mut words = super::words(region);
    let first = words.next().unwrap_or_default();
    let count = 1 + words.count();
    (is_unit(first) && count == 2) || (count == 1 && first.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_link(text: &str) -> bool {
        let mut end = text.find([' ', ',']).unwrap();
        while end < text.len() {
            let rest = &text[end..];
            let gap = rest.len() - rest.trim_start_matches([' ', ',']).len();
            let next = &rest[gap..];
            let length = next.find([' ', ',']).unwrap_or(next.len());
            if !links(&text[..end], &rest[..gap], &next[..length]) {
                return false;
            }
            end += gap + length;
        }
        true
    }

    #[test]
    fn addresses_are_one_region() {
        for address in [
            "12 Main Street",
            "350 5th Avenue, New York, NY 10118",
            "4 King's Road".replace('\'', "").as_str(),
            "72, rue Victor Hugo",
            "Calle de Alcalá 50, Madrid, 28014",
            "Hauptstraße 12, 10115 Berlin",
            "Flat 4, Mill Lane, Leeds, LS1 4AB",
            "Via Garibaldi 7, 20121 Milano",
        ] {
            assert!(all_link(address), "{address}");
        }
    }

    #[test]
    fn sentences_are_not() {
        assert!(!links("12", " ", "monkeys"));
        assert!(!links("12 Main Street", " ", "said"));
        assert!(!opens("Street"));
        assert!(!opens("Monday"));
    }
}
