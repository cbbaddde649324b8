//! Italy and San Marino.

use super::super::checkdigit::{at, value};
use super::super::checksum::luhn;
use super::super::scheme::{Scheme, any};
use crate::entity::Entity;
use crate::finding::confidence::CERTAIN;

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(
        Entity::TaxId,
        "it-codice-fiscale",
        &["AAAAAA**A**A***A"],
        codice_fiscale,
    )
    .alone(CERTAIN)
    .written(
        &[
            "AAA AAA **A** A***A",
            "AAAAAA **A** A***A",
            "AAA-AAA-**A**-A***A",
        ],
        CERTAIN,
    )
    .words(&[
        "codice fiscale",
        "cod fiscale",
        "cf",
        "c f",
        "fiscal code",
        "codicefiscale",
    ]),
    Scheme::new(
        Entity::TaxId,
        "it-partita-iva",
        &["99999999999"],
        |digits| luhn(digits) && at(digits, 0) <= 9,
    )
    .words(&[
        "partita iva",
        "p iva",
        "piva",
        "partitaiva",
        "iva",
        "codice fiscale",
    ]),
    Scheme::new(
        Entity::NationalId,
        "it-carta-identita",
        &["AA99999AA", "AA9999999"],
        any,
    )
    .unchecked()
    .words(&[
        "carta d identita",
        "carta di identita",
        "cie",
        "carta identita",
        "documento d identita",
        "documento",
    ]),
    Scheme::new(Entity::TaxId, "sm-coe", &["AA99999"], |number| {
        number.starts_with(b"SM")
    })
    .unchecked()
    .words(&["coe", "operatore economico"]),
];

/// Decreto ministeriale 23 dicembre 1976: letters of the names, year, month letter, day (40 more for women), place,
/// and a check letter by 26. Letters may stand for digits where two persons would have the same code.
fn codice_fiscale(code: &[u8]) -> bool {
    let digit = |place: usize| match code[place] {
        digit @ b'0'..=b'9' => Some(u32::from(digit - b'0')),
        letter => b"LMNPQRSTUV"
            .iter()
            .position(|other| *other == letter)
            .map(|at| at as u32),
    };
    let numbers = [6, 7, 9, 10, 12, 13, 14]
        .into_iter()
        .all(|place| digit(place).is_some());
    let day = digit(9).unwrap_or(9) * 10 + digit(10).unwrap_or(9);
    let sum: u32 = code[..15]
        .iter()
        .enumerate()
        .map(|(place, byte)| {
            if place % 2 == 0 {
                odd(*byte)
            } else {
                even(*byte)
            }
        })
        .sum();
    numbers
        && b"ABCDEHLMPRST".contains(&code[8])
        && matches!(day, 1..=31 | 41..=71)
        && b'A' + (sum % 26) as u8 == code[15]
}

/// The value of a letter or digit; letters count from A = 0.
const fn even(byte: u8) -> u32 {
    if byte.is_ascii_digit() {
        value(byte)
    } else {
        value(byte) - 10
    }
}

/// The value in the first, third, ... place: the decree's table.
fn odd(byte: u8) -> u32 {
    const TABLE: [u8; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    TABLE
        .get(even(byte) as usize)
        .map_or(0, |value| u32::from(*value))
}
