//! Numbers without a country code.

use super::shape::{TRUNK, even_gaps, is_date, shape};
use super::words::{Speak, speak};
use super::{Candidate, Digits, extension};
use crate::detect::digits::{Gap, Group};
use crate::finding::{Finding, confidence};

/// How sure a shape is when no word speaks for it.
const SHAPE: u8 = confidence::CONTEXT + 5;

pub(super) fn find(candidate: &Candidate<'_>) -> Option<Finding> {
    if candidate.plus {
        return None;
    }
    let most = candidate.groups.len().min(7);
    let mut says = None;
    (1..=most).rev().find_map(|count| {
        let groups = candidate.groups.get(..count)?;
        let end = candidate.end_of(count)?;
        let extended = extension::end(candidate.text, end).is_some();
        let next = candidate.groups.get(count);
        let whole = candidate.left.is_none() && next.is_none_or(|next| next.gap == Gap::Open);
        let ends = match next {
            Some(next) if next.gap == Gap::Open => true,
            Some(next) => next.gap == Gap::Space && !same_rhythm(groups, next),
            None => extended || candidate.right_is_free(end),
        };
        let begins = match candidate.left {
            Some(left) => !groups.iter().take(2).any(|group| group.len() == left.len()),
            None => true,
        };
        if !ends || !begins {
            return None;
        }
        let says =
            *says.get_or_insert_with(|| speak(&candidate.region.words_before(candidate.start)));
        let (scheme, confidence) = judge(candidate, groups, says, whole, extended)?;
        Some(candidate.finding(end, scheme, confidence))
    })
}

fn same_rhythm(groups: &[Group], next: &Group) -> bool {
    groups.len() > 1 && groups.last().is_some_and(|last| last.len() == next.len())
}

fn judge(
    candidate: &Candidate<'_>,
    groups: &[Group],
    says: Speak,
    whole: bool,
    extended: bool,
) -> Option<(&'static str, u8)> {
    let digits = Digits::of(candidate.text, groups)?;
    let digits = digits.as_slice();
    let shape = shape(groups)?;
    if is_date(candidate.text, groups) || digits.iter().all(|digit| Some(digit) == digits.first()) {
        return None;
    }
    let by_shape = by_shape(candidate, groups, shape, digits, whole);
    match says {
        Speak::Label | Speak::For => {
            let labelled = says == Speak::Label;
            let known =
                by_shape.map(|(scheme, confidence)| (scheme, confidence.max(confidence::LIKELY)));
            known.or_else(|| by_word(groups, digits, labelled, whole || groups.len() == 1))
        }
        Speak::Against if !extended => by_shape.map(|(scheme, _)| (scheme, confidence::WEAK)),
        _ => by_shape.map(|(scheme, confidence)| (scheme, confidence + u8::from(extended) * 10)),
    }
}

/// The form of a number that its groups tell.
fn by_shape(
    candidate: &Candidate<'_>,
    groups: &[Group],
    shape: u32,
    digits: &[u8],
    whole: bool,
) -> Option<(&'static str, u8)> {
    if !even_gaps(groups) {
        return None;
    }
    let gap = |at: usize| groups.get(at).map_or(Gap::First, |group| group.gap);
    let all = |wanted: Gap| groups.iter().skip(1).all(|group| group.gap == wanted);
    match (shape, digits) {
        (0x334, _) if nanp(digits) => {
            let spaced = all(Gap::Space) && !candidate.area;
            match spaced {
                true => whole.then_some(("north-america", confidence::CONTEXT)),
                false => Some(("north-america", confidence::LIKELY)),
            }
        }
        (0x1334, [b'1', rest @ ..]) if nanp(rest) => Some(("north-america", confidence::LIKELY)),
        (0x37, _) if candidate.area && nanp(digits) => Some(("north-america", SHAPE)),
        (_, [b'0', b'1'..=b'9', ..]) if TRUNK.contains(&shape) && trunk(groups, digits, &gap) => {
            Some(("national", SHAPE))
        }
        // RU and KZ: trunk prefix 8.
        (0x1_3322 | 0x1334 | 0x1_3223, [b'8', b'3' | b'4' | b'7'..=b'9', ..]) => {
            Some(("national", SHAPE))
        }
        // ES: nine digits in 3-2-2-2.
        (0x3222, [b'6'..=b'9', ..]) if all(Gap::Space) => Some(("national", SHAPE)),
        // CN: mobile numbers.
        (0x344, [b'1', b'3'..=b'9', ..]) if all(Gap::Space) || all(Gap::Dash) => {
            Some(("national", SHAPE))
        }
        // BR: area code, then 9 and eight digits or eight digits.
        (0x254, [_, _, b'9', ..]) if gap(2) == Gap::Dash => Some(("national", SHAPE)),
        (0x244, [b'1'..=b'9', b'1'..=b'9', ..]) if gap(1) == Gap::Space && gap(2) == Gap::Dash => {
            Some(("national", confidence::CONTEXT))
        }
        _ if candidate.area => area(groups, digits),
        _ => None,
    }
}

/// The North American plan: NXX-NXX-XXXX with N from 2 to 9 (ATIS-0300051).
fn nanp(digits: &[u8]) -> bool {
    match digits {
        [area, a, b, office, ..] => {
            (b'2'..=b'9').contains(area)
                && (b'2'..=b'9').contains(office)
                && !matches!((a, b), (b'1', b'1'))
        }
        _ => false,
    }
}

/// A number with trunk prefix: as long as they are, and not counting up.
fn trunk(groups: &[Group], digits: &[u8], gap: &dyn Fn(usize) -> Gap) -> bool {
    let pairs = || {
        digits.chunks(2).map(|pair| {
            pair.iter()
                .fold(0, |value, digit| value * 10 + u16::from(*digit))
        })
    };
    let counts_up = groups.len() == 5
        && pairs()
            .zip(pairs().skip(1))
            .all(|(left, right)| right == left + 1);
    let dotted = gap(1) == Gap::Dot && groups.len() < 4;
    (9..=12).contains(&digits.len()) && !counts_up && !dotted
}

/// An area code in parentheses: `(030) 123456`, `(11) 2345-6789`, `(72) 754-186`.
fn area(groups: &[Group], digits: &[u8]) -> Option<(&'static str, u8)> {
    let first = groups.first()?;
    let year = first.len() == 4 && matches!(digits, [b'1', b'9', ..] | [b'2', b'0', ..]);
    let rest_fits = groups.len() <= 5 && groups.iter().skip(1).all(|group| group.len() >= 2);
    let fits =
        (2..=5).contains(&first.len()) && (8..=11).contains(&digits.len()) && !year && rest_fits;
    fits.then_some(("national", SHAPE))
}

/// A number that only a word tells.
fn by_word(
    groups: &[Group],
    digits: &[u8],
    labelled: bool,
    whole: bool,
) -> Option<(&'static str, u8)> {
    let lengths = if labelled { 7..=13 } else { 8..=12 };
    let dots = groups.iter().filter(|group| group.gap == Gap::Dot).count();
    // One or three dots are decimals and IPv4 addresses; the first group of a number is an area code or more.
    let dotted = matches!(dots, 1 | 3) && groups.len() == dots + 1;
    let pieces = groups.len() <= 6 && groups.iter().skip(1).all(|group| group.len() >= 2);
    let fits = lengths.contains(&digits.len()) && !dotted && pieces && whole;
    fits.then_some((
        "national",
        if labelled {
            confidence::LIKELY
        } else {
            confidence::CONTEXT
        },
    ))
}

#[cfg(test)]
mod tests {
    use crate::detect::phone;
    use crate::detect::testing;

    fn found(text: &str) -> Vec<&str> {
        testing::find(phone::find, text)
            .into_iter()
            .filter(|(.., confidence)| *confidence >= 50)
            .map(|(_, _, text, _)| text)
            .collect()
    }

    #[test]
    fn groups_that_tell() {
        for text in [
            "(201) 555-0123",
            "(201)555-0123",
            "201-555-0123",
            "201.555.0123",
            "201 555 0123",
            "1-800-555-0123",
            "201-555-0123 ext. 12",
            "01 23 45 67 80",
            "01.23.45.67.80",
            "020 7946 0018",
            "07700 900123",
            "0121 496 0123",
            "030 123456",
            "030/1234567",
            "0151-23456789",
            "612 34 56 78",
            "02 1234 5678",
            "(02) 1234 5678",
            "0412 345 678",
            "(11) 2345-6789",
            "11 91234-5678",
            "090-1234-5678",
            "138 1234 5678",
            "044 668 18 00",
            "8 (912) 345-67-89",
            "08-123 456 78",
            "081234 56789",
            "(72) 754-186",
        ] {
            assert_eq!(found(text), [text]);
            assert_eq!(found(&format!("at:{text},")), [text]);
        }
    }

    #[test]
    fn parentheses_around_the_number_stay() {
        assert_eq!(found("(030 123456)"), ["030 123456"]);
        assert_eq!(found("(201-555-0123)"), ["201-555-0123"]);
    }

    #[test]
    fn a_word_makes_a_number_of_plain_digits() {
        for text in [
            "2015550123",
            "612345678",
            "512 345 678",
            "71-33-52-22",
            "668 5702",
            "99 577450",
            "9123 4567",
        ] {
            assert!(found(text).is_empty(), "{text}");
            for label in [
                "phone: ",
                "Mobile: ",
                "tel=",
                "contact_phone: ",
                "Telefon: ",
            ] {
                assert_eq!(found(&format!("{label}{text}")), [text], "{label}");
            }
            assert!(found(&format!("phone or order id: {text}")).is_empty());
        }
    }

    #[test]
    fn other_numbers_are_none() {
        for text in [
            "2024-05-06",
            "06.05.2024",
            "2024-05-06 07:08:09",
            "20240506",
            "2023-2024",
            "1.2.3.4",
            "192.168.100.200",
            "v1.20.300",
            "0.1234567",
            "3.14159265",
            "123-45-6789",
            "978-3-16-148410-0",
            "0-306-40615-2",
            "4242 4242 4242 4242",
            "1700000000",
            "1700000000000",
            "01 02 03 04 05",
            "00 01 02 03 04",
            "1 234 567 890",
            "12 345 678 901",
            "order 201-555-0123",
            "40.7128, 74.0060",
            "550e8400-e29b-41d4-a716-446655440000",
            "$201-555-0123",
            "#201-555-0123",
            "a201-555-0123",
            "201-555-0123-4",
            "201-555-01234",
            "101-555-0123",
            "201-155-0123",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
        for text in ["2024-05-06", "20240506", "12.34", "10.0.0.1", "12:30"] {
            assert!(found(&format!("call me: {text}")).is_empty(), "{text}");
        }
    }
}
