//! Estonia, Latvia and Lithuania.

use super::super::checkdigit::{at, is_day, last, two, weighted};
use super::super::scheme::Scheme;
use crate::entity::Entity;
use crate::finding::confidence::LIKELY;

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(
        Entity::NationalId,
        "ee-isikukood",
        &["99999999999"],
        personal_code,
    )
    .words(&[
        "isikukood*",
        "personal code",
        "personal identification",
        "ik",
    ]),
    Scheme::new(
        Entity::NationalId,
        "lt-asmens-kodas",
        &["99999999999"],
        personal_code,
    )
    .words(&["asmens kod*", "personal code", "a k"]),
    Scheme::new(
        Entity::NationalId,
        "lv-personas-kods",
        &["99999999999"],
        latvian,
    )
    .written(&["999999-99999"], LIKELY)
    .words(&[
        "personas kod*",
        "pers kods",
        "p k",
        "personal code",
        "identity number",
    ]),
];

/// EVS 585:2007 (Estonia) and law I-2237 (Lithuania), the same rule: sex and century, day of birth, order, and a
/// check digit by 11 with a second row of weights.
fn personal_code(digits: &[u8]) -> bool {
    let first = weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
    let check = if first < 10 { first } else { second % 10 };
    matches!(digits[0], b'1'..=b'8')
        && is_day(None, two(digits, 3), two(digits, 5))
        && check == last(digits)
}

/// Ministru kabineta noteikumi (Latvia), "personas kods": day of birth, century, order, check digit by 11. Since July
/// 2017 codes begin with 32 and tell nothing.
fn latvian(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    let day = is_day(None, two(digits, 2), two(digits, 0)) && at(digits, 6) <= 2;
    (two(digits, 0) == 32 || day) && (1101 - sum) % 11 % 10 == last(digits)
}
