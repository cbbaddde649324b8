//! Poland, Czechia, Slovakia and Hungary.

use super::super::checkdigit::{all_same, at, body, is_day, last, number, two, weighted};
use super::super::scheme::Scheme;
use crate::entity::Entity;
use crate::finding::confidence::{CONTEXT, LIKELY};

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::NationalId, "pl-pesel", &["99999999999"], pesel).words(&[
        "pesel",
        "nr pesel",
        "numer pesel",
        "pesel*",
    ]),
    Scheme::new(Entity::TaxId, "pl-nip", &["9999999999"], nip)
        .written(&["999-999-99-99", "999-99-99-999"], CONTEXT)
        .words(&["nip", "nr nip", "numer nip", "identyfikacji podatkowej"]),
    Scheme::new(
        Entity::TaxId,
        "pl-regon",
        &["999999999", "99999999999999"],
        regon,
    )
    .words(&["regon"]),
    Scheme::new(Entity::NationalId, "pl-dowod", &["AAA999999"], polish_card).words(&[
        "dowod*",
        "dowodu osobistego",
        "seria i numer",
        "id card",
        "identity card",
    ]),
    Scheme::new(
        Entity::NationalId,
        "cz-rodne-cislo",
        &["9999999999", "999999999"],
        birth_number,
    )
    .written(&["999999/9999"], LIKELY)
    .words(&[
        "rodne cislo",
        "rodneho cisla",
        "rodnym cislem",
        "rc",
        "r c",
        "rod c",
        "birth number",
    ]),
    Scheme::new(
        Entity::TaxId,
        "cz-dic",
        &["AA99999999", "AA999999999", "AA9999999999"],
        |number| number.starts_with(b"CZ") || number.starts_with(b"SK"),
    )
    .unchecked()
    .words(&["dic", "ic dph", "vat", "danove identifikacni"]),
    Scheme::new(
        Entity::NationalId,
        "cz-op",
        &["999999999", "AA999999"],
        |number| !all_same(number),
    )
    .unchecked()
    .words(&[
        "obcansk*",
        "cislo op",
        "obciansk*",
        "cislo obcanskeho prukazu",
    ]),
    Scheme::new(
        Entity::NationalId,
        "hu-szemelyi-szam",
        &["99999999999"],
        hungarian,
    )
    .written(&["9-999999-9999", "9 999999 9999"], LIKELY)
    .words(&["szemelyi szam*", "szemelyi azonosito", "szemelyazonosito"]),
    Scheme::new(
        Entity::TaxId,
        "hu-adoazonosito",
        &["9999999999"],
        hungarian_tax,
    )
    .words(&["adoazonosito*", "ado azonosito", "adojel*"]),
    Scheme::new(Entity::TaxId, "hu-adoszam", &["99999999999"], |digits| {
        weighted(digits, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10)
    })
    .written(&["99999999-9-99"], LIKELY)
    .words(&["adoszam*"]),
    Scheme::new(Entity::NationalId, "hu-taj", &["999999999"], |digits| {
        weighted(digits, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == last(digits)
    })
    .words(&["taj", "taj szam*", "tarsadalombiztositasi*"]),
    Scheme::new(
        Entity::NationalId,
        "hu-szemelyi-igazolvany",
        &["999999AA"],
        |_| true,
    )
    .unchecked()
    .words(&[
        "szemelyi igazolvany*",
        "szig",
        "szemelyi*",
        "id card",
        "identity card",
    ]),
];

/// Ustawa o ewidencji ludności (2010), art. 15 and 16: day of birth, the month 20, 40, 60 or 80 more for other
/// centuries, order and sex, a check digit by 10.
fn pesel(digits: &[u8]) -> bool {
    is_day(None, two(digits, 2) % 20, two(digits, 4))
        && weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
}

/// Ustawa o zasadach ewidencji i identyfikacji podatników: check digit by 11.
fn nip(digits: &[u8]) -> bool {
    two(digits, 0) > 0
        && digits[0] != b'0'
        && weighted(digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == last(digits)
}

/// GUS: check digit by 11, the long number has a second one.
fn regon(digits: &[u8]) -> bool {
    let (short, long) = (
        [8, 9, 2, 3, 4, 5, 6, 7],
        [2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8],
    );
    !all_same(digits)
        && weighted(digits, &short) % 11 % 10 == at(digits, 8)
        && (digits.len() == 9 || weighted(digits, &long) % 11 % 10 == at(digits, 13))
}

/// Identity cards: three letters (A = 10), a check digit, five digits; weights 7, 3, 1.
fn polish_card(number: &[u8]) -> bool {
    weighted(number, &[7, 3, 1, 9, 7, 3, 1, 7, 3]).is_multiple_of(10)
}

/// Zákon 133/2000 Sb. (Czechia) and 301/1995 Z. z. (Slovakia): day of birth (month 50 more for women, 20 more when a day's
/// numbers are used up); ten digits are a multiple of 11. Numbers from before 1954 have nine.
fn birth_number(digits: &[u8]) -> bool {
    let month = two(digits, 2) % 50;
    let month = if month > 20 { month - 20 } else { month };
    let whole = number(digits);
    let rest = number(body(digits)) % 11 % 10;
    is_day(None, month, two(digits, 4))
        && (digits.len() == 9 && two(digits, 0) < 54
            || digits.len() == 10
                && (whole.is_multiple_of(11)
                    || rest == u64::from(last(digits)) && two(digits, 0) < 86))
}

/// Law XX of 1996 (Hungary): sex and century, day of birth, order, check digit by 11; weights run up for those
/// born before 1997 and down for others.
fn hungarian(digits: &[u8]) -> bool {
    let up = weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) % 11;
    let down = weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
    matches!(digits[0], b'1'..=b'8')
        && is_day(None, two(digits, 3), two(digits, 5))
        && (up == last(digits) || down == last(digits))
}

/// The same law: begins with 8, days since 1867, order, check digit by 11.
fn hungarian_tax(digits: &[u8]) -> bool {
    digits[0] == b'8' && weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == last(digits)
}
