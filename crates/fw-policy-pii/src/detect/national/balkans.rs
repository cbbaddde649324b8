//! Romania, Bulgaria, Greece, Cyprus, Malta, Slovenia, Croatia and the other successors of Yugoslavia, Albania.

use super::super::checkdigit::{
    all_same, at, body, is_day, is_ddmmyy, last, mod_11_10, number, two, weighted,
};
use super::super::checksum::luhn;
use super::super::scheme::Scheme;
use crate::entity::Entity;
use crate::finding::confidence::LIKELY;

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::NationalId, "ro-cnp", &["9999999999999"], cnp).words(&[
        "cnp",
        "cod numeric personal",
        "c n p",
        "cod numeric",
    ]),
    Scheme::new(
        Entity::TaxId,
        "ro-cui",
        &["999999", "9999999", "99999999", "999999999", "9999999999"],
        cui,
    )
    .words(&[
        "cui",
        "cif",
        "cod fiscal",
        "codul fiscal",
        "cod unic de inregistrare",
    ]),
    Scheme::new(Entity::NationalId, "ro-ci", &["AA999999"], |_| true)
        .unchecked()
        .words(&["seria", "carte de identitate", "buletin", "ci seria", "ci"]),
    Scheme::new(Entity::NationalId, "bg-egn", &["9999999999"], egn).words(&[
        "egn",
        "егн",
        "единен граждански номер",
        "e g n",
    ]),
    Scheme::new(Entity::NationalId, "bg-lnch", &["9999999999"], |digits| {
        weighted(digits, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10 == last(digits)
    })
    .words(&["lnch", "лнч", "личен номер на чужденец"]),
    Scheme::new(Entity::TaxId, "gr-afm", &["999999999"], afm).words(&[
        "afm",
        "αφμ",
        "α φ μ",
        "αριθμος φορολογικου μητρωου",
        "φορολογικο*",
    ]),
    Scheme::new(Entity::NationalId, "gr-amka", &["99999999999"], |digits| {
        is_ddmmyy(digits) && luhn(digits)
    })
    .words(&["amka", "αμκα", "α μ κ α"]),
    Scheme::new(
        Entity::NationalId,
        "gr-id",
        &["A999999", "AA999999"],
        |_| true,
    )
    .unchecked()
    .words(&[
        "ταυτοτητα*",
        "ταυτότητα*",
        "αδτ",
        "adt",
        "taftotita*",
        "identity card",
        "id card",
    ]),
    Scheme::new(Entity::TaxId, "cy-tic", &["99999999A"], cypriot).words(&[
        "tic",
        "αφτ",
        "tax identification code",
        "tax id",
    ]),
    Scheme::new(Entity::NationalId, "mt-id", &["9999999A"], |number| {
        b"MGAPLHBZ".contains(&number[7])
    })
    .unchecked()
    .words(&[
        "identity card",
        "karta tal identita",
        "id card",
        "maltese id",
    ]),
    Scheme::new(Entity::NationalId, "emso", &["9999999999999"], emso).words(&[
        "emso",
        "jmbg",
        "јмбг",
        "ембг",
        "embg",
        "emsh*",
        "umcn",
        "maticni broj",
        "maticna stevilka",
        "матични број",
        "матичен број",
    ]),
    Scheme::new(Entity::TaxId, "si-davcna", &["99999999"], slovenian_tax).words(&[
        "davcna stevilka",
        "davcna",
        "davcno",
        "id za ddv",
    ]),
    Scheme::new(Entity::NationalId, "hr-oib", &["99999999999"], mod_11_10).words(&[
        "oib",
        "osobni identifikacijski broj",
        "o i b",
    ]),
    Scheme::new(Entity::TaxId, "rs-pib", &["999999999"], |digits| {
        digits[0] != b'0' && mod_11_10(digits)
    })
    .words(&["pib", "пиб", "poreski identifikacioni"]),
    Scheme::new(Entity::NationalId, "al-nid", &["A99999999A"], |number| {
        matches!(number[0], b'A'..=b'T') && matches!(two(number, 2) % 50 % 30, 1..=12)
    })
    .unchecked()
    .alone(0)
    .written(&["A99999999A"], LIKELY)
    .words(&[
        "nipt",
        "nid",
        "numri personal",
        "id number",
        "letërnjoftim",
        "numri i identitetit",
    ]),
];

/// Legea 105/1996 and OUG 97/2005: sex and century, day of birth, county, order, check digit by 11 (10 counts as 1).
fn cnp(digits: &[u8]) -> bool {
    let rest = weighted(digits, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    digits[0] != b'0'
        && is_day(None, two(digits, 3), two(digits, 5))
        && matches!(two(digits, 7), 1..=52 | 70 | 80..=83)
        && rest % 10 + rest / 10 == last(digits)
}

/// ANAF: weights 7, 5, 3, 2, 1, 7, 5, 3, 2 from the right, times 10, by 11.
fn cui(digits: &[u8]) -> bool {
    let weights = [7, 5, 3, 2, 1, 7, 5, 3, 2];
    let body = body(digits);
    let sum = weighted(body, &weights[9_usize.saturating_sub(body.len())..]);
    sum * 10 % 11 % 10 == last(digits)
}

/// Civil Registration Act (Bulgaria), art. 11: day of birth (month 20 more before 1900, 40 more from 2000), order, check digit by 11.
fn egn(digits: &[u8]) -> bool {
    two(digits, 2) <= 52
        && is_day(None, two(digits, 2) % 20, two(digits, 4))
        && weighted(digits, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == last(digits)
}

/// European Commission, "TIN algorithms", Greece: powers of two, by 11.
fn afm(digits: &[u8]) -> bool {
    !all_same(digits)
        && weighted(digits, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == last(digits)
}

/// European Commission, "TIN algorithms", Cyprus: digits in odd places are mapped, the letter is the sum by 26.
fn cypriot(number: &[u8]) -> bool {
    let sum: u32 = (0..8)
        .map(|place| match (place % 2, at(number, place)) {
            (0, digit) => [1, 0, 5, 7, 9, 13, 15, 17, 19, 21][digit as usize % 10],
            (_, digit) => digit,
        })
        .sum();
    b'A' + (sum % 26) as u8 == number[8]
}

/// Yugoslav law on the unique master citizen number (1976), still in force in its successors: DDMMYYY, region, order, check digit by 11.
fn emso(digits: &[u8]) -> bool {
    let rest = weighted(digits, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let year = number(&digits[4..7]);
    is_ddmmyy(digits)
        && matches!(year, 0..=30 | 880..=999)
        && rest != 1
        && (11 - rest) % 11 == last(digits)
}

/// Zakon o davčni službi (Slovenia): weights 8 to 2, by 11.
fn slovenian_tax(digits: &[u8]) -> bool {
    let rest = 11 - weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) % 11;
    digits[0] != b'0' && rest % 10 == last(digits) && rest != 11
}
