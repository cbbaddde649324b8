//! France.

use super::super::checkdigit::{all_same, number, two};
use super::super::checksum::luhn;
use super::super::scheme::Scheme;
use crate::entity::Entity;
use crate::finding::confidence::{CERTAIN, LIKELY};

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(
        Entity::NationalId,
        "fr-nir",
        &["999999999999999", "999999A99999999"],
        nir,
    )
    .alone(CERTAIN)
    .written(
        &[
            "9 99 99 99 999 999 99",
            "9 99 99 99 999 999-99",
            "9 99 99 9A 999 999 99",
            "9999999999999 99",
            "9-99-99-99-999-999-99",
            "9.99.99.99.999.999.99",
            "9 99 99 99 999 999/99",
        ],
        CERTAIN,
    )
    .words(&[
        "nir",
        "insee",
        "securite sociale",
        "numero de secu",
        "secu",
        "num secu",
        "no secu",
        "n ss",
        "carte vitale",
        "nss",
    ]),
    Scheme::new(Entity::NationalId, "fr-nir", &["9999999999999"], short_nir)
        .unchecked()
        .words(&[
            "nir",
            "insee",
            "securite sociale",
            "numero de secu",
            "secu",
            "carte vitale",
        ]),
    Scheme::new(Entity::TaxId, "fr-spi", &["9999999999999"], spi)
        .written(&["99 99 999 999 999"], LIKELY)
        .words(&[
            "spi",
            "numero fiscal",
            "fiscal",
            "identifiant fiscal",
            "reference fiscale",
            "nif",
            "impots",
        ]),
    Scheme::new(
        Entity::TaxId,
        "fr-siren",
        &["999999999", "99999999999999"],
        |digits| !all_same(digits) && luhn(digits),
    )
    .words(&["siren", "siret"]),
    Scheme::new(
        Entity::NationalId,
        "fr-cni",
        &["999999999999", "*********"],
        card,
    )
    .unchecked()
    .words(&[
        "cni",
        "carte d identite",
        "carte nationale d identite",
        "carte identite",
        "numero de carte d identite",
    ]),
];

/// INSEE, "Numéro de sécurité sociale" (decree 82-103): sex, year and month of birth, department, commune, order,
/// and a key: 97 less the remainder by 97. Corsica's 2A and 2B count as 19 and 18.
fn nir(number: &[u8]) -> bool {
    let (person, key) = number.split_at(13);
    short_nir(person) && 97 - residue(person) == u64::from(two(key, 0))
}

fn residue(person: &[u8]) -> u64 {
    let mut digits = [b'0'; 13];
    for (place, byte) in digits.iter_mut().zip(person) {
        *place = *byte;
    }
    match &person[5..7] {
        b"2A" => digits[5..7].copy_from_slice(b"19"),
        b"2B" => digits[5..7].copy_from_slice(b"18"),
        _ => {}
    }
    number(&digits) % 97
}

/// Month 20 and more stands for a birth certificate that is not complete.
fn short_nir(person: &[u8]) -> bool {
    let letter = person[6];
    matches!(person[0], b'1' | b'2' | b'3' | b'4' | b'7' | b'8')
        && matches!(two(person, 3), 1..=12 | 20 | 30..=42 | 50)
        && (letter.is_ascii_digit() || person[5] == b'2' && matches!(letter, b'A' | b'B'))
}

/// European Commission, "TIN algorithms", France: the last three digits are the remainder of the first ten by 511.
fn spi(digits: &[u8]) -> bool {
    digits[0] <= b'3' && number(&digits[..10]) % 511 == number(&digits[10..])
}

/// Old cards have twelve digits (year, month, department, serial); those since 2021 nine letters and digits.
fn card(number: &[u8]) -> bool {
    number.len() == 12 && matches!(two(number, 2), 1..=12)
        || number.len() == 9 && number.iter().filter(|byte| byte.is_ascii_digit()).count() >= 4
}
