//! Card numbers: a scheme's first digits and length, right by Luhn, in one piece or in the groups that cards show.

use super::issuer;
use crate::detect::checksum::luhn;
use crate::detect::digits::{Gap, Group, Run, runs};
use crate::detect::word_list::WordList;
use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::Region;

/// Shortest and longest number that is looked for.
const SHORTEST: usize = 12;
const LONGEST: usize = 19;

/// How numbers are grouped on cards and in forms, by scheme and length (4-6-5 is American Express, 4-6-4 Diners
/// Club, 6-13 UnionPay).
const GROUPINGS: &[&[usize]] = &[
    &[4, 4, 4, 4, 3],
    &[4, 4, 4, 4, 2],
    &[4, 4, 4, 4, 1],
    &[4, 4, 4, 4],
    &[4, 4, 4, 3],
    &[4, 4, 4, 2],
    &[4, 4, 4, 1],
    &[4, 4, 5],
    &[4, 4, 4],
    &[4, 6, 5],
    &[4, 6, 4],
    &[4, 3, 3, 3],
    &[6, 13],
    &[6, 10],
    &[8, 8],
    &[4, 12],
];

/// Words that a card number stands after.
static CARD: WordList = WordList::new(&[
    "card",
    "cards",
    "cc",
    "ccn",
    "creditcard",
    "credit",
    "debit",
    "pan",
    "visa",
    "mastercard",
    "maestro",
    "amex",
    "american express",
    "uatp",
    "karte",
    "kreditkarte",
    "kartennummer",
    "carte",
    "carta",
    "tarjeta",
    "cartao",
    "kaart",
    "kreditkort",
    "kort",
    "karta",
    "karty",
    "карта",
    "карты",
    "картой",
    "카드",
    "卡号",
    "信用卡",
    "カード",
]);

/// Words of other numbers with a Luhn digit or of the same length.
static OTHER: WordList = WordList::new(&[
    "imei",
    "iccid",
    "imsi",
    "isbn",
    "ean",
    "gtin",
    "upc",
    "barcode",
    "tracking",
    "trackingnumber",
    "siret",
    "order",
    "order number",
    "order id",
    "id",
    "id number",
    "invoice",
    "timestamp",
    "epoch",
    "snowflake",
    "serial",
]);

pub(super) fn find(region: &Region<'_>, findings: &mut Findings) {
    if region.traits().digits() < SHORTEST || !findings.wants(Entity::CreditCard) {
        return;
    }
    for run in runs(region.text(), region.start()) {
        let range = run.range();
        if range.len() >= SHORTEST {
            in_run(region, &run, findings);
        }
    }
}

fn in_run(region: &Region<'_>, run: &Run, findings: &mut Findings) {
    let groups = run.groups();
    let mut first = 0;
    while first < groups.len() {
        let found = sizes(&groups[first..])
            .filter(|count| stands_alone(region.text(), run, first, first + count))
            .find_map(|count| {
                let end = first + count;
                judge(region, &groups[first..end]).map(|finding| (finding, end))
            });
        match found {
            Some((finding, end)) => {
                findings.push(finding);
                first = end;
            }
            None => first += 1,
        }
    }
}

/// How many groups from the first may be one number: longer ones first.
fn sizes(groups: &[Group]) -> impl Iterator<Item = usize> + '_ {
    let grouped = GROUPINGS.iter().filter(|lengths| {
        let gap = groups.get(1).map_or(Gap::First, |second| second.gap);
        matches!(gap, Gap::Space | Gap::Dash)
            && groups.len() >= lengths.len()
            && groups
                .iter()
                .zip(**lengths)
                .all(|(group, len)| group.len() == *len)
            && groups[1..lengths.len()]
                .iter()
                .all(|group| group.gap == gap)
    });
    let whole = groups
        .first()
        .filter(|group| (SHORTEST..=LONGEST).contains(&group.len()))
        .map(|_| 1);
    grouped.map(|lengths| lengths.len()).chain(whole)
}

/// Whether no digits, letters or groups of the same rhythm go on to the left or right.
fn stands_alone(text: &str, run: &Run, first: usize, end: usize) -> bool {
    let groups = run.groups();
    let (Some(start), Some(last)) = (groups.get(first), groups.get(end - 1)) else {
        return false;
    };
    let grouped = end - first > 1;
    let rhythm = groups
        .get(first + 1)
        .map_or(Gap::First, |second| second.gap);
    let goes_on = |gap: Gap, other: &Group| match gap {
        Gap::Space | Gap::Wide | Gap::Open | Gap::Close => {
            grouped && gap == rhythm && other.len() == 4 && !is_expiry(text, other)
        }
        Gap::Dash | Gap::Dot | Gap::Slash | Gap::First => true,
    };
    let left = match first.checked_sub(1).and_then(|left| groups.get(left)) {
        Some(left) => !goes_on(start.gap, left),
        None => left_is_free(&text.as_bytes()[..start.start]),
    };
    let right = match groups.get(end) {
        Some(right) => !goes_on(right.gap, right),
        None => !run.cut && right_is_free(&text.as_bytes()[last.end..]),
    };
    left && right
}

/// Month and year of two digits each, as they stand after a card number.
fn is_expiry(text: &str, group: &Group) -> bool {
    let month = text.get(group.start..group.start + 2);
    month.is_some_and(|month| ("01"..="12").contains(&month))
}

fn left_is_free(left: &[u8]) -> bool {
    match left {
        [.., before, b'-' | b'.' | b'_' | b'/' | b'+'] => !before.is_ascii_alphanumeric(),
        [.., b'+' | b'$' | b'%' | b'\\'] => false,
        [.., last] => !last.is_ascii_alphanumeric() && *last < 0x80,
        [] => true,
    }
}

fn right_is_free(right: &[u8]) -> bool {
    match right {
        [b'-' | b'.' | b'_' | b'/' | b':', after, ..] => !after.is_ascii_alphanumeric(),
        [b'%' | b'@', ..] => false,
        [next, ..] => !next.is_ascii_alphanumeric() && *next < 0x80,
        [] => true,
    }
}

fn judge(region: &Region<'_>, groups: &[Group]) -> Option<Finding> {
    let bytes = region.text().as_bytes();
    let (first, last) = (groups.first()?, groups.last()?);
    let mut digits = [0; LONGEST];
    let mut len = 0;
    for digit in bytes
        .get(first.start..last.end)?
        .iter()
        .filter(|byte| byte.is_ascii_digit())
    {
        *digits.get_mut(len)? = *digit;
        len += 1;
    }
    let digits = digits.get(..len)?;
    let (scheme, telling) = issuer::of_number(digits)?;
    if !luhn(digits) || digits.iter().all(|digit| digit == &digits[len - 1]) {
        return None;
    }
    let words = region.words_before(first.start);
    let card = words.distance_in(&CARD).unwrap_or(usize::MAX);
    let other = words.distance_in(&OTHER).unwrap_or(usize::MAX);
    let confidence = if card < other {
        confidence::CERTAIN
    } else if other < 12 {
        confidence::WEAK
    } else if groups.len() > 1 {
        confidence::CERTAIN
    } else if telling {
        confidence::LIKELY
    } else if scheme == "visa" {
        confidence::CONTEXT
    } else {
        confidence::WEAK
    };
    Some(Finding {
        range: first.start..last.end,
        entity: Entity::CreditCard,
        scheme,
        confidence,
        checked: true,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::detect::testing;

    fn found(text: &str) -> Vec<(&'static str, &str)> {
        testing::find(find, text)
            .into_iter()
            .filter(|(.., confidence)| *confidence >= 50)
            .map(|(_, scheme, text, _)| (scheme, text))
            .collect()
    }

    #[test]
    fn numbers_in_one_piece_and_in_groups() {
        for (text, scheme, number) in [
            ("4929000000006", "visa", "4929000000006"),
            ("paid:4242424242424242.", "visa", "4242424242424242"),
            ("5555 5555 5555 4444", "mastercard", "5555 5555 5555 4444"),
            ("2223-0031-2200-3222", "mastercard", "2223-0031-2200-3222"),
            ("3782 822463 10005", "american-express", "3782 822463 10005"),
            ("3056 930902 5904", "diners-club", "3056 930902 5904"),
            (
                "(6011\u{a0}1111\u{a0}1111\u{a0}1117)",
                "discover",
                "6011\u{a0}1111\u{a0}1111\u{a0}1117",
            ),
            ("room 12 4242424242424242", "visa", "4242424242424242"),
            ("4242 4242 4242 4242 123", "visa", "4242 4242 4242 4242"),
            ("4242 4242 4242 4242 1127", "visa", "4242 4242 4242 4242"),
        ] {
            assert_eq!(found(text), [(scheme, number)], "{text}");
        }
    }

    #[test]
    fn a_card_inside_something_longer_is_none() {
        for text in [
            "14242424242424242",
            "a4242424242424242",
            "0.4242424242424242",
            "4242424242424242.5",
            "id-4242424242424242",
            "4242424242424242-aa",
            "9999 4242 4242 4242 4242",
            "1111-4242-4242-4242-4242",
            "4242-4242 4242-4242",
            "42 42 42 42 42 42 42 42",
            "4444444444444444",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn a_vague_number_needs_a_word() {
        let maestro = "676770000005";
        assert!(luhn(maestro.as_bytes()));
        assert_eq!(found(maestro), []);
        assert_eq!(found(&format!("card {maestro}")), [("maestro", maestro)]);
        assert_eq!(found("IMEI 4242424242424242"), []);
    }

    /// Adds the Luhn digit.
    fn complete(mut digits: String) -> String {
        for last in '0'..='9' {
            digits.push(last);
            if luhn(digits.as_bytes()) {
                break;
            }
            digits.pop();
        }
        digits
    }

    proptest! {
        #[test]
        fn valid_numbers_are_found(middle in "[0-9]{13}", brand in 0_usize..4) {
            let prefix = ["42", "53", "62", "65"][brand];
            let number = complete(format!("{prefix}{middle}"));
            prop_assert_eq!(number.len(), 16);
            prop_assert_eq!(found(&number).len(), 1);
            let spaced = format!("{} {} {} {}", &number[..4], &number[4..8], &number[8..12], &number[12..]);
            let spaced_found = found(&spaced);
            prop_assert_eq!(spaced_found.len(), 1);
            prop_assert_eq!(spaced_found[0].1, spaced.as_str());
        }

        #[test]
        fn one_wrong_digit_is_refused(middle in "[0-9]{13}", at in 2_usize..16, by in 1_u8..10) {
            let mut number = complete(format!("42{middle}")).into_bytes();
            number[at] = b'0' + (number[at] - b'0' + by) % 10;
            let number = String::from_utf8(number).unwrap_or_default();
            prop_assert_eq!(found(&number), []);
        }

        #[test]
        fn any_text_can_be_looked_at(text in "[0-9 .()\u{a0}a-c/-]{0,80}") {
            let _ = found(&text);
        }
    }
}
