//! Spain, Portugal and Andorra.

use super::super::checkdigit::{at, body, last, number, two, value, weighted};
use super::super::scheme::Scheme;
use crate::entity::Entity;
use crate::finding::confidence::LIKELY;

const NATIONAL: &[&str] = &[
    "dni",
    "nif",
    "d n i",
    "n i f",
    "documento nacional",
    "nie",
    "n i e",
    "numero de identidad de extranjero",
    "dni nif",
    "nif nie",
    "dni nie",
    "documento de identidad",
];

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::NationalId, "es-nif", &["99999999A"], |number| {
        letter(&number[..8]) == number[8]
    })
    .alone(LIKELY)
    .written(
        &[
            "99999999-A",
            "99.999.999-A",
            "99.999.999A",
            "99999999 A",
            "99.999.999 A",
        ],
        LIKELY,
    )
    .words(NATIONAL),
    Scheme::new(Entity::NationalId, "es-nie", &["A9999999A"], nie)
        .alone(LIKELY)
        .written(
            &[
                "A-9999999-A",
                "A-9999999A",
                "A9999999-A",
                "A 9999999 A",
                "A-9.999.999-A",
            ],
            LIKELY,
        )
        .words(NATIONAL),
    Scheme::new(Entity::TaxId, "es-cif", &["A99999999", "A9999999A"], cif)
        .written(&["A-99999999", "A-9999999-A"], LIKELY)
        .words(&["cif", "c i f", "nif", "identificacion fiscal"]),
    Scheme::new(Entity::NationalId, "es-nss", &["999999999999"], insurance)
        .written(&["99/99999999/99", "99 99999999 99"], LIKELY)
        .words(&[
            "seguridad social",
            "nss",
            "naf",
            "afiliacion",
            "nuss",
            "numero de la seguridad social",
        ]),
    Scheme::new(Entity::TaxId, "pt-nif", &["999999999"], nif).words(&[
        "nif",
        "contribuinte",
        "numero de contribuinte",
        "n contribuinte",
        "identificacao fiscal",
        "nipc",
    ]),
    Scheme::new(Entity::NationalId, "pt-niss", &["99999999999"], niss).words(&[
        "niss",
        "seguranca social",
        "numero de seguranca social",
    ]),
    Scheme::new(
        Entity::NationalId,
        "pt-cc",
        &["999999999AA9", "999999999**9"],
        citizen_card,
    )
    .written(
        &[
            "99999999 9 AA9",
            "99999999 9AA9",
            "99999999-9-AA9",
            "99999999 9 **9",
        ],
        LIKELY,
    )
    .words(&[
        "cartao de cidadao",
        "cartao do cidadao",
        "cc",
        "citizen card",
        "bilhete de identidade",
        "documento de identificacao",
    ]),
    Scheme::new(Entity::TaxId, "ad-nrt", &["A999999A"], |number| {
        b"ACDEFGLOPU".contains(&number[0])
    })
    .unchecked()
    .written(&["A-999999-A"], LIKELY)
    .words(&["nrt", "registre tributari", "tax id", "andorra*"]),
];

/// Real Decreto 1553/2005 and 1065/2007: the letter is the remainder by 23.
fn letter(digits: &[u8]) -> u8 {
    b"TRWAGMYFPDXBNJZSQVHLCKE"[(number(digits) % 23) as usize]
}

/// Orden INT/2058/2008: X, Y and Z count as 0, 1 and 2.
fn nie(number: &[u8]) -> bool {
    let mut digits = [b'0'; 8];
    digits.copy_from_slice(&number[..8]);
    match digits[0] {
        first @ b'X'..=b'Z' => digits[0] = first - b'X' + b'0',
        // K, L and M: numbers for Spaniards abroad, minors and foreigners, without the first digit.
        b'K' | b'L' | b'M' => digits[0] = b'0',
        _ => return false,
    }
    letter(&digits) == number[8]
}

/// Orden EHA/451/2008: a letter for the kind of entity, seven digits, and a check digit or letter as in Luhn's formula.
fn cif(number: &[u8]) -> bool {
    let double = |digit: u32| 2 * digit / 10 + 2 * digit % 10;
    let sum: u32 = (1..8)
        .map(|place| {
            if place % 2 == 1 {
                double(at(number, place))
            } else {
                at(number, place)
            }
        })
        .sum();
    let check = (10 - sum % 10) % 10;
    b"ABCDEFGHJNPQRSUVW".contains(&number[0])
        && (number[8] == b"JABCDEFGHI"[check as usize]
            || number[8].is_ascii_digit() && value(number[8]) == check)
}

/// Tesorería General de la Seguridad Social: province, number, remainder by 97.
fn insurance(digits: &[u8]) -> bool {
    let (number_, key) = digits.split_at(10);
    let serial = number(&number_[2..]);
    let whole = if serial < 10_000_000 {
        u64::from(two(number_, 0)) * 10_000_000 + serial
    } else {
        number(number_)
    };
    matches!(two(number_, 0), 1..=53 | 66) && whole % 97 == u64::from(two(key, 0))
}

/// Decreto-Lei 14/2013 and Portaria 642-J/2014: check digit by 11.
fn nif(digits: &[u8]) -> bool {
    let rest = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { 0 } else { 11 - rest };
    digits[0] != b'0' && (digits[0] != b'4' || digits[1] == b'5') && check == last(digits)
}

/// Segurança Social: begins with 1 or 2; weights are primes, check digit 9 less the sum by 10.
fn niss(digits: &[u8]) -> bool {
    let sum = weighted(body(digits), &[29, 23, 19, 17, 13, 11, 7, 5, 3, 2]);
    matches!(digits[0], b'1' | b'2') && 9 - sum % 10 == last(digits)
}

/// Autoridade Tributária, "Validação de número de documento do Cartão de Cidadão": as in Luhn's formula, letters from A = 10.
fn citizen_card(number: &[u8]) -> bool {
    let sum: u32 = number
        .iter()
        .enumerate()
        .map(|(place, byte)| match (place % 2, value(*byte)) {
            (0, value) if value >= 5 => 2 * value - 9,
            (0, value) => 2 * value,
            (_, value) => value,
        })
        .sum();
    sum.is_multiple_of(10)
}
