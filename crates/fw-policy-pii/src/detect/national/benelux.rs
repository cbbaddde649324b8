//! Netherlands, Belgium and Luxembourg.

use super::super::checkdigit::{
    all_same, at, is_day, is_yyyymmdd, last, number, two, verhoeff, weighted,
};
use super::super::checksum::luhn;
use super::super::scheme::{Scheme, any};
use crate::entity::Entity;
use crate::finding::confidence::LIKELY;

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(
        Entity::NationalId,
        "nl-bsn",
        &["999999999", "99999999"],
        bsn,
    )
    .words(&[
        "bsn",
        "burgerservicenummer",
        "burger service nummer",
        "sofi*",
        "sofinummer",
        "citizen service number",
        "bsn nummer",
        "rsin",
    ]),
    Scheme::new(Entity::NationalId, "nl-id", &["A********"], any)
        .unchecked()
        .words(&["identiteitskaart*", "id kaart", "documentnummer"]),
    Scheme::new(
        Entity::NationalId,
        "be-rijksregister",
        &["99999999999"],
        belgian,
    )
    .written(
        &[
            "99.99.99-999.99",
            "99.99.99-999-99",
            "99 99 99 999 99",
            "999999-999-99",
            "999999 999 99",
            "99.99.99.999.99",
        ],
        LIKELY,
    )
    .words(&[
        "rijksregister*",
        "registre national",
        "numero national",
        "nationaal nummer",
        "national register",
        "insz",
        "niss",
        "rrn",
        "nrn",
        "numero de registre",
        "nn",
        "bis nummer",
    ]),
    Scheme::new(Entity::NationalId, "be-id", &["999999999999"], belgian_card)
        .written(&["999-9999999-99"], LIKELY)
        .words(&[
            "identiteitskaart*",
            "carte d identite",
            "eid",
            "identity card",
        ]),
    Scheme::new(
        Entity::NationalId,
        "lu-matricule",
        &["9999999999999"],
        luxembourg,
    )
    .alone(LIKELY)
    .words(&[
        "matricule",
        "numero d identification",
        "identification nationale",
        "securite sociale",
        "ccss",
        "matrikelnummer",
    ]),
];

/// Besluit BSN (Netherlands, 2007): the "elfproef", the last digit counts minus one.
fn bsn(digits: &[u8]) -> bool {
    let (weights, last_at): (&[u32], usize) = if digits.len() == 9 {
        (&[9, 8, 7, 6, 5, 4, 3, 2], 8)
    } else {
        (&[8, 7, 6, 5, 4, 3, 2], 7)
    };
    !all_same(digits) && weighted(digits, weights) % 11 == at(digits, last_at) % 11
}

/// Royal decree of 3 April 1984: day of birth, order, and 97 less the remainder by 97; for those born from 2000 on
/// with a 2 in front. Months 20 or 40 more are "bis" numbers; month and day may be unknown (00).
fn belgian(digits: &[u8]) -> bool {
    let (person, key) = digits.split_at(9);
    let month = two(digits, 2) % 20;
    let day = two(digits, 4);
    let known = month == 0 && day <= 31 || is_day(None, month, day);
    let person = number(person);
    let key = u64::from(two(key, 0));
    two(digits, 2) < 60
        && known
        && number(&digits[6..9]) > 0
        && (97 - person % 97 == key || 97 - (person + 2_000_000_000) % 97 == key)
}

/// Ten digits and their remainder by 97 (97 for 0).
fn belgian_card(digits: &[u8]) -> bool {
    let rest = number(&digits[..10]) % 97;
    u64::from(two(digits, 10)) == if rest == 0 { 97 } else { rest }
}

/// Loi du 19 juin 2013, règlement grand-ducal du 28 novembre 2013: day of birth, order, a digit by Luhn's formula
/// and one by Verhoeff's scheme, both of the first eleven.
fn luxembourg(digits: &[u8]) -> bool {
    let mut with_verhoeff = [b'0'; 12];
    with_verhoeff[..11].copy_from_slice(&digits[..11]);
    with_verhoeff[11] = b'0' + last(digits) as u8;
    is_yyyymmdd(digits) && luhn(&digits[..12]) && verhoeff(&with_verhoeff)
}
