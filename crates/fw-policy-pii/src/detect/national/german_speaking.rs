//! Germany, Austria, Switzerland and Liechtenstein.

use super::super::checkdigit::{
    all_same, at, body, is_day, is_ddmmyy, last, mod_11_10, two, value, weighted,
};
use super::super::checksum::luhn;
use super::super::scheme::{Scheme, any};
use crate::entity::Entity;
use crate::finding::confidence::{CERTAIN, LIKELY};

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::TaxId, "de-steuer-id", &["99999999999"], steuer_id)
        .written(&["99 999 999 999"], LIKELY)
        .words(&[
            "steuer id",
            "steueridentifikation*",
            "steuerliche identifikation*",
            "identifikationsnummer",
            "idnr",
            "id nr",
            "steuer identifikationsnummer",
            "steuer idnr",
            "tin",
            "tax id",
            "tax identification",
            "steuerid",
        ]),
    Scheme::new(
        Entity::TaxId,
        "de-steuernummer",
        &["9999999999", "99999999999", "9999999999999"],
        any,
    )
    .unchecked()
    .words(&[
        "steuernummer",
        "steuernr",
        "steuer nr",
        "st nr",
        "steuer nummer",
    ]),
    Scheme::new(
        Entity::NationalId,
        "de-personalausweis",
        &["A********", "A*********", "9999999999"],
        document,
    )
    .words(&[
        "personalausweis*",
        "ausweisnummer",
        "ausweis nr",
        "ausweis",
        "ausweisnr",
        "german id",
        "identity card",
        "id card",
    ]),
    Scheme::new(
        Entity::NationalId,
        "de-rentenversicherung",
        &["99999999A999"],
        pension,
    )
    .alone(LIKELY)
    .written(&["99 999999 A 999", "99 999999 A999"], CERTAIN)
    .words(&[
        "rentenversicherung*",
        "sozialversicherung*",
        "versicherungsnummer",
        "rvnr",
        "sv nummer",
        "svnr",
        "rv nummer",
        "social security",
        "pension insurance",
    ]),
    Scheme::new(
        Entity::NationalId,
        "at-svnr",
        &["9999999999"],
        austrian_insurance,
    )
    .words(&[
        "svnr",
        "sv nummer",
        "sv nr",
        "sozialversicherung*",
        "versicherungsnummer",
        "social security",
        "social insurance",
    ]),
    Scheme::new(
        Entity::TaxId,
        "at-steuernummer",
        &["999999999"],
        austrian_tax,
    )
    .words(&[
        "steuernummer",
        "steuernr",
        "abgabenkontonummer",
        "st nr",
        "tax number",
    ]),
    Scheme::new(Entity::NationalId, "ch-ahv", &["9999999999999"], ahv)
        .alone(LIKELY)
        .written(&["999.9999.9999.99", "999 9999 9999 99"], CERTAIN)
        .words(&[
            "ahv",
            "avs",
            "ahvn13",
            "navs13",
            "ahv nummer",
            "ahv nr",
            "numero avs",
            "sozialversicherung*",
            "social security",
            "oasi",
            "svn",
        ]),
    Scheme::new(Entity::TaxId, "ch-uid", &["AAA999999999"], swiss_company)
        .alone(LIKELY)
        .written(
            &["AAA-999.999.999", "AAA999.999.999", "AAA 999.999.999"],
            CERTAIN,
        )
        .words(&["uid", "mwst", "ide"]),
];

/// Abgabenordnung section 139b and BZSt: eleven digits, the first not 0, ISO/IEC 7064 MOD 11,10; of the first ten
/// exactly one occurs twice or three times.
fn steuer_id(digits: &[u8]) -> bool {
    let mut counts = [0_u8; 10];
    for place in 0..10 {
        counts[at(digits, place) as usize % 10] += 1;
    }
    let repeated = counts.iter().filter(|count| **count > 1).count();
    digits[0] != b'0'
        && repeated == 1
        && counts.iter().all(|count| *count <= 3)
        && mod_11_10(digits)
}

/// ICAO Doc 9303 part 3: weights 7, 3, 1, letters from A = 10. The tenth place, if written, is the check digit of
/// nine. Personalausweisverordnung: serial numbers have no vowels and none of B, D, Q, S, U.
fn document(number: &[u8]) -> bool {
    let telling = number[..number.len().min(9)]
        .iter()
        .all(|byte| b"0123456789CFGHJKLMNPRTVWXYZ".contains(byte));
    telling
        && (number.len() == 9
            || last(number) == weighted(body(number), &[7, 3, 1, 7, 3, 1, 7, 3, 1]) % 10)
}

/// Versicherungsnummern-, Kontoführungs- und Versicherungsverlaufsverordnung (VKVV) section 2: area, day of birth,
/// letter of the name, serial, check digit.
fn pension(number: &[u8]) -> bool {
    let letter = value(number[8]) - 9;
    let weights = [2, 1, 2, 5, 7, 1, 2, 1];
    let cross = |product: u32| product / 10 + product % 10;
    let mut sum: u32 = weights
        .iter()
        .zip(number)
        .map(|(weight, digit)| cross(weight * value(*digit)))
        .sum();
    sum += cross(2 * (letter / 10))
        + cross(letter % 10)
        + cross(2 * at(number, 9))
        + cross(at(number, 10));
    let day = two(number, 2);
    matches!(two(number, 0), 2..=89)
        && is_day(None, two(number, 4), day)
        && sum % 10 == at(number, 11)
}

/// Dachverband der Sozialversicherungsträger: serial of three digits, check digit, day of birth. Months 13 to 15
/// are given out when a day's serials are used up.
fn austrian_insurance(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
    let month = two(digits, 6);
    digits[0] != b'0'
        && sum == at(digits, 3)
        && ((13..=15).contains(&month) || is_ddmmyy(&digits[4..]))
}

/// Bundesministerium für Finanzen: office (two digits), number, check digit as in Luhn's formula.
fn austrian_tax(digits: &[u8]) -> bool {
    !all_same(digits) && luhn(digits)
}

/// Zentrale Ausgleichsstelle, "AHV-Nummer": country code 756 and a check digit as in GS1's GTIN-13.
fn ahv(digits: &[u8]) -> bool {
    digits.starts_with(b"756")
        && weighted(digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

/// eCH-0097: `CHE`, eight digits and a check digit by 11.
fn swiss_company(number: &[u8]) -> bool {
    let sum = weighted(&number[3..], &[5, 4, 3, 2, 7, 6, 5, 4]) % 11;
    number.starts_with(b"CHE") && (11 - sum) % 11 == at(number, 11)
}
