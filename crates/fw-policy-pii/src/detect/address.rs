//! Street addresses.
//!
//! There is no check digit in an address, only an order of parts: a house number, a name and a type of
//! street in the order of the language, then a unit, a town, a state, a postcode. An address without a house
//! number is not one that finds a person, and is left.

pub(crate) mod vocabulary;

use std::ops::Range;

use self::vocabulary::{
    is_capitalised, is_compound, is_house_number, is_lone_unit, is_name, is_ordinal,
    is_postcode_part, is_small, is_state, is_type_after, is_type_before, is_unit,
};
use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::{Region, Traits};

/// Words between a number and a type, or a type and a number.
const MOST_NAMES: usize = 6;

/// Finds addresses.
pub(super) fn find(region: &Region<'_>, found: &mut Findings) {
    let traits = region.traits();
    if !found.wants(Entity::Address)
        || !traits.all(Traits::DIGIT | Traits::SPACE)
        || !traits.any(Traits::UPPER | Traits::LOWER)
    {
        return;
    }
    let words = Words::of(region.text(), region.start());
    let mut at = 0;
    while at < words.list.len() {
        let Some(end) = words.street(at) else {
            at += 1;
            continue;
        };
        let end = words.tail(end);
        let confidence = if end - at > 2 {
            confidence::LIKELY
        } else {
            confidence::CONTEXT
        };
        found.push(Finding {
            range: words.list[at].start..words.trimmed_end(end),
            entity: Entity::Address,
            scheme: "street",
            confidence,
            checked: false,
        });
        at = end;
    }
}

/// The words of a region, and where they are.
struct Words<'a> {
    text: &'a str,
    list: Vec<Range<usize>>,
}

impl<'a> Words<'a> {
    fn of(text: &'a str, start: usize) -> Self {
        let mut list = Vec::new();
        let mut at = start;
        for piece in text[start..].split_inclusive(|c: char| c.is_whitespace() || c == ',') {
            let word = piece.trim_end_matches(|c: char| c.is_whitespace() || c == ',');
            if !word.is_empty() {
                list.push(at..at + word.len());
            }
            at += piece.len();
        }
        Self { text, list }
    }

    fn word(&self, at: usize) -> &'a str {
        self.list
            .get(at)
            .map_or("", |range| &self.text[range.clone()])
    }

    /// Whether a comma stands before this word.
    fn after_comma(&self, at: usize) -> bool {
        let (Some(before), Some(this)) = (
            at.checked_sub(1).and_then(|at| self.list.get(at)),
            self.list.get(at),
        ) else {
            return false;
        };
        self.text[before.end..this.start].contains(',')
    }

    /// The end of the street that begins with this word: a street and its number.
    fn street(&self, at: usize) -> Option<usize> {
        self.number_first(at)
            .or_else(|| self.type_first(at))
            .or_else(|| self.unit_first(at))
    }

    /// `12 Main St`, `12 rue Molière`, `19/87, Bala Street`.
    fn number_first(&self, at: usize) -> Option<usize> {
        if !is_house_number(self.word(at)) {
            return None;
        }
        self.named(at + 1)
    }

    /// A street without its number: `Main St`, `rue Molière`.
    fn named(&self, at: usize) -> Option<usize> {
        if is_type_before(self.word(at)) {
            let end = self.names(at + 1, true);
            // `Avenue` may also stand last, as in `12 Avenue Road`.
            if end > at + 1 {
                return Some(end);
            }
        }
        // The type is the last word that may be one, so that `Park Street` is not cut to `Park`.
        let limit = (at..at + MOST_NAMES)
            .take_while(|place| {
                is_name(self.word(*place)) && (*place == at || !self.after_comma(*place))
            })
            .count();
        let last = (at + 1..at + limit)
            .rev()
            .find(|at| is_type_after(self.word(*at)))?;
        let name = self.word(at);
        (is_ordinal(name) || name.len() > 1).then_some(last + 1)
    }

    /// `Calle de Alcalá 50`, `Hauptstraße 12`, `Piazza Duomo, 1`.
    fn type_first(&self, at: usize) -> Option<usize> {
        let first = self.word(at);
        let names = if is_compound(first) {
            at + 1
        } else if is_type_before(first) && (is_capitalised(first) || first.ends_with('.')) {
            let end = self.names(at + 1, false);
            (end > at + 1).then_some(end)?
        } else {
            return None;
        };
        is_house_number(self.word(names).trim_end_matches('.')).then_some(names + 1)
    }

    /// `Flat 4, Mill Lane`; `Apt. 117` by itself.
    fn unit_first(&self, at: usize) -> Option<usize> {
        let number = self.word(at + 1).trim_end_matches('.');
        if !is_unit(self.word(at)) || !is_house_number(number) {
            return None;
        }
        self.named(at + 2)
            .or(is_lone_unit(self.word(at)).then_some(at + 2))
    }

    /// The end of the words of a name. `to_comma`: a comma ends it.
    fn names(&self, at: usize, to_comma: bool) -> usize {
        let mut end = at;
        while end < at + MOST_NAMES
            && (is_name(self.word(end)) || is_small(self.word(end)))
            && !(self.after_comma(end) && (to_comma || end > at))
        {
            end += 1;
        }
        // A small word belongs to a name only if one follows.
        while end > at && is_small(self.word(end - 1)) {
            end -= 1;
        }
        end
    }

    /// The end of what follows a street: units, then a town with its postcode or state.
    fn tail(&self, mut at: usize) -> usize {
        while is_unit(self.word(at)) && is_house_number(self.word(at + 1).trim_end_matches('.')) {
            at += 2;
        }
        self.town(at).unwrap_or(at)
    }

    /// A town counts only with its postcode: the word after a comma may be anything.
    fn town(&self, at: usize) -> Option<usize> {
        // 10115 Berlin
        if is_postcode_part(self.word(at)) && self.word(at).len() >= 4 {
            let end = self.names(at + 1, true);
            return (end > at + 1).then_some(end);
        }
        // Berlin, 10115 · New York, NY 10118 · Leeds, LS1 4AB · Leeds LS1 4AB
        let name = (at..at + 4)
            .take_while(|place| {
                is_name(self.word(*place)) && (*place == at || !self.after_comma(*place))
            })
            .count();
        if name == 0 || !self.after_comma(at) {
            return None;
        }
        (1..=name).rev().find_map(|length| {
            let mut end = at + length;
            if is_state(self.word(end)) {
                end += 1;
            }
            let code = self.word(end).trim_end_matches('.');
            if !is_postcode_part(code)
                || (code.len() < 4 && !code.bytes().any(|byte| byte.is_ascii_uppercase()))
            {
                return None;
            }
            let second = self.word(end + 1).trim_end_matches('.');
            let goes_on = code.len() <= 4
                && second.len() == 3
                && is_postcode_part(second)
                && !self.after_comma(end + 1);
            Some(end + 1 + usize::from(goes_on))
        })
    }

    /// The end of the last word, without the full stop of a sentence.
    fn trimmed_end(&self, end: usize) -> usize {
        let Some(last) = end.checked_sub(1).and_then(|at| self.list.get(at)) else {
            return 0;
        };
        let word = &self.text[last.clone()];
        let is_sentence_end = word.ends_with('.') && !is_type_after(word);
        last.end - usize::from(is_sentence_end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::find as found_in;

    fn addresses(text: &str) -> Vec<&str> {
        found_in(find, text)
            .into_iter()
            .map(|(_, _, text, _)| text)
            .collect()
    }

    #[test]
    fn streets_with_numbers_are_found_in_the_order_of_each_language() {
        for address in [
            "12 Main Street",
            "350 5th Avenue, New York, NY 10118",
            "8265 Ellis Centers Road Apt. 173",
            "72, rue Victor Hugo",
            "24 avenue de la République",
            "Calle de Alcalá 50, Madrid, 28014",
            "Hauptstraße 12, 10115 Berlin",
            "Flat 4, Mill Lane, Leeds, LS1 4AB",
            "Via Garibaldi 7, 20121 Milano",
            "Rua Augusta 200",
        ] {
            assert_eq!(addresses(address), [address]);
        }
    }

    #[test]
    fn what_is_no_town_is_left() {
        assert_eq!(addresses("12 Main Street, Bob"), ["12 Main Street"]);
    }

    #[test]
    fn numbers_with_other_words_are_no_addresses() {
        for text in [
            "2019 Apple Released Products",
            "3 Days",
            "12 May 1990",
            "Version 2 Beta",
            "10 Downing",
        ] {
            assert!(addresses(text).is_empty(), "{text}");
        }
    }
}
