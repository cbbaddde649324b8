//! South Africa, Egypt, Nigeria, Kenya, Ghana, Morocco, Tunisia, Algeria and Mauritius.

use super::super::checkdigit::{all_same, is_yymmdd, two};
use super::super::checksum::luhn;
use super::super::scheme::{Scheme, any};
use crate::entity::Entity;
use crate::finding::confidence::LIKELY;

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(
        Entity::NationalId,
        "za-id",
        &["9999999999999"],
        south_african,
    )
    .written(&["999999 9999 999", "999999 9999 99 9"], LIKELY)
    .words(&[
        "sa id",
        "south african id",
        "rsa id",
        "id number",
        "identiteitsnommer",
        "id nommer",
        "said",
    ]),
    Scheme::new(Entity::TaxId, "za-tax", &["9999999999"], |digits| {
        b"01239".contains(&digits[0]) && luhn(digits)
    })
    .words(&[
        "income tax number",
        "income tax reference",
        "sars",
        "tax reference",
    ]),
    Scheme::new(
        Entity::NationalId,
        "eg-national-id",
        &["99999999999999"],
        egyptian,
    )
    .unchecked()
    .words(&["الرقم القومي", "رقم قومي", "egyptian id", "raqam qawmi"]),
    Scheme::new(Entity::NationalId, "ng-nin", &["99999999999"], |digits| {
        !all_same(digits)
    })
    .unchecked()
    .words(&[
        "nin",
        "nimc",
        "national identification number",
        "nin number",
    ]),
    Scheme::new(Entity::NationalId, "ke-id", &["99999999", "9999999"], any)
        .unchecked()
        .words(&["kenyan id", "kitambulisho", "huduma", "maisha"]),
    Scheme::new(Entity::TaxId, "ke-pin", &["A999999999A"], |code| {
        b"AP".contains(&code[0])
    })
    .unchecked()
    .words(&["kra", "kra pin", "pin certificate"]),
    Scheme::new(Entity::NationalId, "gh-card", &["AAA9999999999"], |code| {
        code.starts_with(b"GHA")
    })
    .unchecked()
    .written(&["AAA-999999999-9"], LIKELY)
    .words(&["ghana card", "ghanacard", "nia"]),
    Scheme::new(
        Entity::NationalId,
        "ma-cin",
        &["A99999", "A999999", "AA99999", "AA999999"],
        any,
    )
    .unchecked()
    .words(&["cin", "cnie", "carte nationale", "البطاقة الوطنية"]),
    Scheme::new(Entity::NationalId, "tn-cin", &["99999999"], |digits| {
        matches!(digits[0], b'0' | b'1')
    })
    .unchecked()
    .words(&["cin", "carte d identite", "بطاقة التعريف"]),
    Scheme::new(Entity::NationalId, "dz-nin", &["999999999999999999"], any)
        .unchecked()
        .words(&[
            "nin",
            "numero d identification national",
            "رقم التعريف الوطني",
        ]),
    Scheme::new(
        Entity::NationalId,
        "mu-nid",
        &["A9999999999999", "A999999999999*"],
        any,
    )
    .unchecked()
    .words(&["nid", "mauritian id"]),
];

/// Identification Act 68 of 1997 (South Africa): day of birth, sex and order, citizenship, Luhn's formula.
fn south_african(digits: &[u8]) -> bool {
    is_yymmdd(digits) && matches!(digits[10], b'0'..=b'2') && luhn(digits)
}

/// Civil Status Organization (Egypt): century, day of birth, governorate, order, a check digit whose rule is not published.
fn egyptian(digits: &[u8]) -> bool {
    matches!(digits[0], b'2' | b'3')
        && is_yymmdd(&digits[1..])
        && matches!(two(digits, 7), 1..=35 | 88)
}
