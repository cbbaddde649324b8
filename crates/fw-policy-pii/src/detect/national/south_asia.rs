//! India, Pakistan, Bangladesh, Sri Lanka and Nepal.

use super::super::checkdigit::{all_same, at, number, two, value, verhoeff};
use super::super::scheme::{Scheme, any};
use crate::entity::Entity;
use crate::finding::confidence::{CERTAIN, CONTEXT, LIKELY};

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::NationalId, "in-aadhaar", &["999999999999"], aadhaar)
        .written(&["9999 9999 9999", "9999-9999-9999"], CONTEXT)
        .words(&[
            "aadhaar",
            "aadhar",
            "adhaar",
            "adhar",
            "uid",
            "uidai",
            "आधार",
            "aadhaar number",
            "aadhaar card",
        ]),
    Scheme::new(Entity::TaxId, "in-pan", &["AAAAA9999A"], |number| {
        b"ABCEFGHLJPT".contains(&number[3])
    })
    .unchecked()
    .alone(LIKELY)
    .words(&["pan", "permanent account number", "pan card", "pan number"]),
    Scheme::new(Entity::TaxId, "in-gstin", &["99AAAAA9999A*A*"], gstin)
        .alone(CERTAIN)
        .words(&["gstin", "gst", "gst number"]),
    Scheme::new(Entity::NationalId, "in-epic", &["AAA9999999"], any)
        .unchecked()
        .words(&[
            "epic",
            "voter id",
            "voter",
            "voters id",
            "election card",
            "voter card",
        ]),
    Scheme::new(
        Entity::NationalId,
        "pk-cnic",
        &["9999999999999"],
        |digits| matches!(digits[0], b'1'..=b'7'),
    )
    .unchecked()
    .written(&["99999-9999999-9"], LIKELY)
    .words(&["cnic", "nicop", "nadra", "شناختی کارڈ"]),
    Scheme::new(
        Entity::NationalId,
        "bd-nid",
        &["9999999999", "9999999999999", "99999999999999999"],
        any,
    )
    .unchecked()
    .words(&[
        "nid",
        "জাতীয় পরিচয়পত্র",
        "bangladesh national id",
        "nid number",
    ]),
    Scheme::new(
        Entity::NationalId,
        "lk-nic",
        &["999999999A", "999999999999"],
        sri_lankan,
    )
    .unchecked()
    .written(&["999999999A"], CONTEXT)
    .words(&["nic", "nic number", "national identity card"]),
    Scheme::new(
        Entity::NationalId,
        "np-citizenship",
        &["9999999999", "99999999999"],
        any,
    )
    .unchecked()
    .words(&[
        "nagarikta",
        "नागरिकता",
        "citizenship no",
        "citizenship number",
    ]),
];

/// UIDAI, "Aadhaar numbering scheme" (2010): twelve digits, the first not 0 or 1, Verhoeff's scheme.
fn aadhaar(digits: &[u8]) -> bool {
    digits[0] >= b'2' && !all_same(digits) && verhoeff(digits)
}

/// CGST Rules 2017 and GSTN: state, PAN, entity, `Z`, check character by 36.
fn gstin(number: &[u8]) -> bool {
    let sum: u32 = number[..14]
        .iter()
        .enumerate()
        .map(|(place, byte)| {
            let product = value(*byte) * (1 + place as u32 % 2);
            product / 36 + product % 36
        })
        .sum();
    matches!(two(number, 0), 1..=38 | 97 | 99) && (36 - sum % 36) % 36 == value(number[14])
}

/// Department for Registration of Persons: year (two or four digits), day of the year (500 more for women), serial; old numbers end in V or X.
fn sri_lankan(code: &[u8]) -> bool {
    let (day, fits) = if code.len() == 10 {
        (number(&code[2..5]), matches!(code[9], b'V' | b'X'))
    } else {
        (
            number(&code[4..7]),
            at(code, 0) == 1 && at(code, 1) == 9 || two(code, 0) == 20,
        )
    };
    fits && matches!(day, 1..=366 | 501..=866)
}
