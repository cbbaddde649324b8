//! Turkey, Israel, Iran and the Arab countries of Asia.

use super::super::checkdigit::{all_same, at, is_day, is_yymmdd, last, two, weighted};
use super::super::checksum::luhn;
use super::super::scheme::{Scheme, any};
use crate::entity::Entity;
use crate::finding::confidence::{CERTAIN, LIKELY};

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::NationalId, "tr-tckn", &["99999999999"], tckn).words(&[
        "tc",
        "t c",
        "tckn",
        "tc kimlik*",
        "t c kimlik*",
        "kimlik no",
        "kimlik numara*",
        "tc no",
        "turkish id",
        "kimlik*",
    ]),
    Scheme::new(Entity::TaxId, "tr-vkn", &["9999999999"], vkn).words(&[
        "vkn",
        "vergi no",
        "vergi kimlik*",
        "vergi numara*",
        "vergi*",
    ]),
    Scheme::new(
        Entity::NationalId,
        "il-teudat-zehut",
        &["999999999"],
        |digits| !all_same(digits) && luhn(digits),
    )
    .words(&[
        "teudat zehut",
        "tz",
        "t z",
        "תעודת זהות",
        "ת ז",
        "ת״ז",
        "מספר זהות",
        "israeli id",
        "mispar zehut",
    ]),
    Scheme::new(
        Entity::NationalId,
        "ir-code-melli",
        &["9999999999"],
        iranian,
    )
    .words(&[
        "کد ملی",
        "کدملی",
        "شماره ملی",
        "code melli",
        "codemelli",
        "national code",
        "melli code",
    ]),
    Scheme::new(
        Entity::NationalId,
        "ae-eid",
        &["999999999999999"],
        |digits| digits.starts_with(b"784") && luhn(digits),
    )
    .alone(LIKELY)
    .written(&["999-9999-9999999-9"], CERTAIN)
    .words(&[
        "emirates id",
        "eid",
        "الهوية",
        "uae id",
        "emirates identity",
    ]),
    Scheme::new(Entity::NationalId, "sa-id", &["9999999999"], |digits| {
        matches!(digits[0], b'1' | b'2') && luhn(digits)
    })
    .words(&[
        "iqama",
        "الهوية",
        "هوية",
        "اقامة",
        "إقامة",
        "saudi id",
        "رقم الهوية الوطنية",
    ]),
    Scheme::new(
        Entity::NationalId,
        "kw-civil-id",
        &["999999999999"],
        kuwaiti,
    )
    .words(&["civil id", "الرقم المدني", "kuwait id", "paci"]),
    Scheme::new(Entity::NationalId, "qa-qid", &["99999999999"], |digits| {
        matches!(digits[0], b'2' | b'3')
    })
    .unchecked()
    .words(&["qid", "qatar id", "qatari id"]),
    Scheme::new(Entity::NationalId, "bh-cpr", &["999999999"], |digits| {
        matches!(two(digits, 2), 1..=12)
    })
    .unchecked()
    .words(&["cpr", "bahrain id", "personal number"]),
    Scheme::new(
        Entity::NationalId,
        "jo-national-number",
        &["9999999999"],
        any,
    )
    .unchecked()
    .words(&["الرقم الوطني", "jordanian national"]),
];

/// Nüfus Hizmetleri Kanunu (5490): the tenth and eleventh digits are check digits of those before them.
fn tckn(digits: &[u8]) -> bool {
    let odd = weighted(digits, &[1, 0, 1, 0, 1, 0, 1, 0, 1]);
    let even = weighted(digits, &[0, 1, 0, 1, 0, 1, 0, 1]);
    digits[0] != b'0'
        && (7 * odd + 10 * 10 - even) % 10 == at(digits, 9)
        && (odd + even + at(digits, 9)) % 10 == at(digits, 10)
}

/// Gelir İdaresi Başkanlığı, "Vergi kimlik numarası": each digit plus its place from the right, times a power of two, by 9.
fn vkn(digits: &[u8]) -> bool {
    let sum: u32 = (0..9)
        .map(|place| {
            let moved = (at(digits, place) + 9 - place as u32) % 10;
            let product = moved * (1 << (9 - place)) % 9;
            if moved > 0 && product == 0 {
                9
            } else {
                product
            }
        })
        .sum();
    (10 - sum % 10) % 10 == last(digits)
}

/// National Organization for Civil Registration (Iran): weights 10 to 2, by 11.
fn iranian(digits: &[u8]) -> bool {
    let rest = weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    !all_same(digits) && last(digits) == if rest < 2 { rest } else { 11 - rest }
}

/// Public Authority for Civil Information (Kuwait): century, day of birth, order, check digit by 11.
fn kuwaiti(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    matches!(digits[0], b'1'..=b'3')
        && (is_yymmdd(&digits[1..]) || is_day(None, two(digits, 3), two(digits, 5)))
        && 11 - sum % 11 == last(digits)
}
