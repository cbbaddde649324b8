//! United Kingdom and Ireland.

use super::super::checkdigit::{value, weighted};
use super::super::scheme::Scheme;
use crate::entity::Entity;
use crate::finding::confidence::LIKELY;

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::NationalId, "uk-nino", &["AA999999A"], nino)
        .unchecked()
        .alone(LIKELY)
        .written(
            &[
                "AA 99 99 99 A",
                "AA 999999 A",
                "AA-99-99-99-A",
                "AA999999 A",
            ],
            LIKELY,
        )
        .words(&[
            "nino",
            "ni number",
            "ni no",
            "nin",
            "national insurance",
            "national insurance number",
            "insurance number",
        ]),
    Scheme::new(Entity::TaxId, "uk-utr", &["9999999999"], utr).words(&[
        "utr",
        "unique taxpayer",
        "unique taxpayer reference",
        "unique tax reference",
        "self assessment",
    ]),
    Scheme::new(
        Entity::NationalId,
        "ie-pps",
        &["9999999A", "9999999AA"],
        pps,
    )
    .words(&[
        "pps",
        "ppsn",
        "pps number",
        "personal public service",
        "rsi number",
    ]),
];

/// HMRC, National Insurance Manual NIM39110: the first two letters are none of D, F, I, Q, U and V, the second is
/// not O, seven pairs are not used, and the last letter is A to D.
fn nino(number: &[u8]) -> bool {
    let unused = [b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"];
    !number[..2].iter().any(|letter| b"DFIQUV".contains(letter))
        && number[1] != b'O'
        && !unused.iter().any(|pair| number.starts_with(*pair))
        && matches!(number[8], b'A'..=b'D')
}

/// HMRC: the first digit is a check digit of the other nine, by 11.
fn utr(digits: &[u8]) -> bool {
    let sum = weighted(&digits[1..], &[6, 7, 8, 9, 10, 5, 4, 3, 2]) as usize % 11;
    b"21987654321"[sum] == digits[0]
}

/// Revenue, Tax and Duty Manual 22-00-02: the eighth place is a letter by 23; a ninth letter has weight 9.
fn pps(number: &[u8]) -> bool {
    let second = number.get(8).map_or(0, |letter| match letter {
        b'A'..=b'I' => value(*letter) - 9,
        _ => 0,
    });
    let sum = weighted(&number[..7], &[8, 7, 6, 5, 4, 3, 2]) + 9 * second;
    b"WABCDEFGHIJKLMNOPQRSTUV"[sum as usize % 23] == number[7]
        && number
            .get(8)
            .is_none_or(|letter| b"ABCDEFGHIWTX".contains(letter))
}
