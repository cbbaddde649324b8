//! International bank account numbers (ISO 13616): country, two check digits by ISO/IEC 7064 MOD 97-10, and an
//! account number of the form that the country registered. In one piece or in groups with single spaces or
//! hyphens, in upper or lower case.

mod registry;

use std::ops::Range;

use self::registry::Structure;
use super::checksum::remainder_97;
use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::{Region, Traits};

/// Letters and digits of the shortest and the longest number that the standard allows.
const SHORTEST: usize = 15;
const LONGEST: usize = 34;

pub(crate) fn find(region: &Region<'_>, findings: &mut Findings) {
    let traits = region.traits();
    if traits.digits() < 10
        || region.body().len() < SHORTEST
        || !traits.any(Traits::UPPER | Traits::LOWER)
        || !findings.wants(Entity::Iban)
    {
        return;
    }
    let bytes = region.text().as_bytes();
    let mut at = region.start();
    while let Some(found) = bytes
        .get(at..)
        .and_then(|rest| rest.windows(4).position(begins))
    {
        let start = at + found;
        match number(bytes, region.start(), start) {
            Some((range, confidence)) => {
                at = range.end;
                findings.push(Finding {
                    range,
                    entity: Entity::Iban,
                    scheme: "iban",
                    confidence,
                    checked: true,
                });
            }
            None => at = start + 1,
        }
    }
}

/// Two letters and two digits.
fn begins(head: &[u8]) -> bool {
    matches!(head, [a, b, c, d] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit())
}

/// The number that begins at `start`, and how sure it is.
fn number(bytes: &[u8], region: usize, start: usize) -> Option<(Range<usize>, u8)> {
    if bytes.get(region..start)?.last().is_some_and(is_joined) {
        return None;
    }
    let head = bytes.get(start..start + 2)?;
    let country = [head[0].to_ascii_uppercase(), head[1].to_ascii_uppercase()];
    let structure = registry::structure(country)?;
    let len = structure.len() + 4;
    let whole = of_length(bytes, start, len, structure).map(|range| (range, confidence::CERTAIN));
    // Some generators of made-up numbers leave the last digit out; the check digits are right all the same.
    whole.or_else(|| {
        of_length(bytes, start, len - 1, structure).map(|range| (range, confidence::LIKELY))
    })
}

fn of_length(bytes: &[u8], start: usize, len: usize, structure: Structure) -> Option<Range<usize>> {
    let mut number = [0; LONGEST];
    let end = read(bytes, start, number.get_mut(..len)?)?;
    let number = number.get(..len)?;
    let (head, account) = number.split_at_checked(4)?;
    let ends = match bytes.get(end..)? {
        [b'-' | b'.' | b'/' | b':', next, ..] => !is_joined(next),
        [next, ..] => !is_joined(next),
        [] => true,
    };
    let moved = account.iter().chain(head).copied();
    // Check digits 00, 01 and 99 never come out of the rule.
    let possible = !matches!(head.get(2..), Some(b"00" | b"01" | b"99"));
    (ends && possible && structure.fits(account) && remainder_97(moved) == 1).then_some(start..end)
}

/// Whether the byte beside a number would make it part of something longer.
fn is_joined(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte >= 0x80 || *byte == b'_'
}

/// Reads as many letters and digits as there is room for, over single separators of one kind. The end.
fn read(bytes: &[u8], start: usize, number: &mut [u8]) -> Option<usize> {
    let mut at = start;
    let mut separator: Option<&[u8]> = None;
    for (count, room) in number.iter_mut().enumerate() {
        let rest = bytes.get(at..)?;
        let gap: &[u8] = match rest {
            [b' ' | b'-', ..] => &rest[..1],
            [0xC2, 0xA0, ..] => &rest[..2],
            [0xE2, 0x80, 0x89 | 0xAF, ..] => &rest[..3],
            _ => &[],
        };
        if !gap.is_empty() && (count < 2 || *separator.get_or_insert(gap) != gap) {
            return None;
        }
        at += gap.len();
        *room = *bytes.get(at).filter(|byte| byte.is_ascii_alphanumeric())?;
        at += 1;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::detect::testing;

    fn found(text: &str) -> Vec<&str> {
        testing::find(find, text)
            .into_iter()
            .map(|(_, _, text, _)| text)
            .collect()
    }

    /// Puts the check digits in.
    fn complete(country: &str, account: &str) -> String {
        let rest = remainder_97(format!("{account}{country}00").bytes());
        format!("{country}{:02}{account}", 98 - rest)
    }

    fn spaced(number: &str) -> String {
        let groups: Vec<_> = number
            .as_bytes()
            .chunks(4)
            .map(String::from_utf8_lossy)
            .collect();
        groups.join(" ")
    }

    #[test]
    fn numbers_of_many_countries() {
        for (country, account) in [
            ("DE", "500105175407324931"),
            ("GB", "QQQQ10203012345678"),
            ("NO", "86011117947"),
            ("FR", "20041010050500013M02606"),
            ("MT", "MALT011000012345MTLCAST001S"),
            ("RU", "04452522540817810538091310419"),
            ("SC", "SSCB11010000000000001497USD"),
        ] {
            let number = complete(country, account);
            assert_eq!(found(&number), [number.as_str()]);
            assert_eq!(found(&number.to_lowercase()).len(), 1);
            assert_eq!(found(&format!("IBAN:{number}.")), [number.as_str()]);
            let spaced = spaced(&number);
            assert_eq!(found(&spaced), [spaced.as_str()]);
            assert_eq!(found(&format!("ZZ 12 {spaced} 77")), [spaced.as_str()]);
            let wide = spaced.replace(' ', "\u{a0}");
            assert_eq!(found(&wide), [wide.as_str()]);
        }
    }

    #[test]
    fn what_is_not_one() {
        let number = complete("DE", "500105175407324931");
        for text in [
            format!("X{number}"),
            format!("{number}0"),
            format!("_{number}"),
            format!("{number}-aa"),
            complete("US", "500105175407324931"),
            complete("DE", "5001051754073249310"),
            complete("DE", "5001051754073249"),
            complete("DE", "50010517540732493X"),
            complete("GB", "123410203012345678"),
            format!("{}  {}", &number[..8], &number[8..]),
        ] {
            assert!(found(&text).is_empty(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_valid_number(account in "[0-9]{18}") {
            let number = complete("DE", &account);
            prop_assert_eq!(found(&number), [number.as_str()]);
        }

        #[test]
        fn one_wrong_digit_is_refused(account in "[0-9]{18}", at in 2_usize..22, by in 1_u8..10) {
            let mut number = complete("DE", &account).into_bytes();
            number[at] = b'0' + (number[at] - b'0' + by) % 10;
            let number = String::from_utf8(number).unwrap_or_default();
            prop_assert!(found(&number).is_empty());
        }

        #[test]
        fn any_text_can_be_looked_at(text in "[A-Fa-f0-9 é\u{a0}-]{0,80}") {
            let _ = found(&text);
        }
    }
}
