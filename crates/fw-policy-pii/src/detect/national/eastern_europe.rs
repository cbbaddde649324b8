//! Russia, Ukraine, Belarus, Moldova, the Caucasus and Central Asia.

use super::super::checkdigit::{
    all_same, at, is_day, is_ddmmyy, is_yymmdd, last, number, two, weighted,
};
use super::super::scheme::{Scheme, any};
use crate::entity::Entity;
use crate::finding::confidence::{CERTAIN, LIKELY};

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(
        Entity::TaxId,
        "ru-inn",
        &["9999999999", "999999999999"],
        inn,
    )
    .words(&[
        "инн",
        "inn",
        "идентификационный номер налогоплательщика",
        "налогоплательщик*",
    ]),
    Scheme::new(Entity::NationalId, "ru-snils", &["99999999999"], snils)
        .written(&["999-999-999 99", "999-999-999-99"], CERTAIN)
        .words(&["снилс", "snils", "страховой номер", "пенсионн*"]),
    Scheme::new(Entity::TaxId, "ua-rnokpp", &["9999999999"], rnokpp).words(&[
        "рнокпп",
        "rnokpp",
        "іпн",
        "ипн",
        "ідентифікаційний код",
        "податков*",
        "реєстраційний номер",
        "ідентифікаційний номер",
        "ipn",
    ]),
    Scheme::new(
        Entity::NationalId,
        "ua-unzr",
        &["9999999999999"],
        |digits| is_day(None, two(digits, 4), two(digits, 6)),
    )
    .unchecked()
    .written(&["99999999-99999"], LIKELY)
    .words(&["унзр", "unzr", "номер запису"]),
    Scheme::new(Entity::NationalId, "kz-iin", &["999999999999"], iin).words(&[
        "иин",
        "iin",
        "жсн",
        "individual identification number",
    ]),
    Scheme::new(Entity::NationalId, "by-id", &["9999999A999AA9"], belarusian)
        .alone(CERTAIN)
        .words(&[
            "идентификационный номер",
            "ідэнтыфікацыйны нумар",
            "личный номер",
            "personal number",
        ]),
    Scheme::new(
        Entity::NationalId,
        "md-idnp",
        &["9999999999999"],
        |digits| weighted(digits, &[7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1]) % 10 == last(digits),
    )
    .words(&["idnp", "cod personal", "numar de identificare"]),
    Scheme::new(
        Entity::NationalId,
        "uz-pinfl",
        &["99999999999999"],
        |digits| {
            is_ddmmyy(&digits[1..])
                && weighted(digits, &[7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7]) % 10 == last(digits)
        },
    )
    .words(&["pinfl", "jshshir", "пинфл", "jshir"]),
    Scheme::new(
        Entity::NationalId,
        "ge-personal-number",
        &["99999999999"],
        any,
    )
    .unchecked()
    .words(&["პირადი ნომერი", "პირადი", "piradi nomeri"]),
];

/// Приказ ФНС России ММВ-7-6/435: organisations have ten digits with one check digit, persons twelve with two.
fn inn(digits: &[u8]) -> bool {
    let check = |weights: &[u32], place| weighted(digits, weights) % 11 % 10 == at(digits, place);
    !all_same(digits)
        && if digits.len() == 10 {
            check(&[2, 4, 10, 3, 5, 9, 4, 6, 8], 9)
        } else {
            check(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8], 10)
                && check(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8], 11)
        }
}

/// Постановление Правления ПФР 167п: weights 9 to 1, by 101; 100 counts as 00. Numbers to 001-001-998 have none.
fn snils(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100;
    number(&digits[..9]) > 1_001_998 && sum == two(digits, 9)
}

/// Податкова служба: days since 1899, order, sex, check digit; weights -1, 5, 7, 9, 4, 6, 10, 5, 7.
fn rnokpp(digits: &[u8]) -> bool {
    // 10 is -1 by 11.
    let sum = weighted(digits, &[10, 5, 7, 9, 4, 6, 10, 5, 7]) % 11 % 10;
    (1..=55_000).contains(&number(&digits[..5])) && sum == last(digits)
}

/// Government decree 1133/2003 (Kazakhstan): day of birth, century and sex, order, check digit by 11 with a second row of weights.
fn iin(digits: &[u8]) -> bool {
    let first = weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
    let second = weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
    let check = if first < 10 { first } else { second };
    is_yymmdd(digits) && matches!(digits[6], b'0'..=b'6') && check == last(digits)
}

/// Resolution 1104/2006 of the Council of Ministers (Belarus): sex and century, DDMMYY, region, order, citizenship, and a check digit
/// with weights 7, 3, 1.
fn belarusian(number: &[u8]) -> bool {
    is_ddmmyy(&number[1..])
        && b"ABCHKEM".contains(&number[7])
        && weighted(number, &[7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7]) % 10 == last(number)
}
