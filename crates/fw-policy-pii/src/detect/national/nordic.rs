//! Sweden, Norway, Denmark, Finland and Iceland.

use super::super::checkdigit::{at, is_day, is_ddmmyy, is_yyyymmdd, last, number, two, weighted};
use super::super::checksum::luhn;
use super::super::scheme::Scheme;
use crate::entity::Entity;
use crate::finding::confidence::{CERTAIN, LIKELY};

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(
        Entity::NationalId,
        "se-personnummer",
        &["9999999999"],
        swedish,
    )
    .written(&["999999-9999"], LIKELY)
    .words(&[
        "personnummer*",
        "personnr",
        "samordningsnummer",
        "pnr",
        "person nr",
        "personal number",
    ]),
    Scheme::new(
        Entity::NationalId,
        "se-personnummer",
        &["999999999999"],
        |digits| is_yyyymmdd(&swedish_day(digits)) && luhn(&digits[2..]),
    )
    .written(&["99999999-9999"], CERTAIN)
    .words(&[
        "personnummer*",
        "personnr",
        "samordningsnummer",
        "pnr",
        "person nr",
        "personal number",
    ]),
    Scheme::new(
        Entity::TaxId,
        "se-organisationsnummer",
        &["9999999999"],
        |digits| two(digits, 2) >= 20 && luhn(digits),
    )
    .words(&["organisationsnummer", "org nr", "orgnr", "org nummer"]),
    Scheme::new(
        Entity::NationalId,
        "no-fodselsnummer",
        &["99999999999"],
        norwegian,
    )
    .alone(LIKELY)
    .written(&["999999 99999", "999999-99999"], LIKELY)
    .words(&[
        "fodselsnummer*",
        "fodselsnr",
        "personnummer*",
        "personnr",
        "d nummer",
        "fnr",
        "national identity",
    ]),
    Scheme::new(Entity::TaxId, "no-orgnr", &["999999999"], |digits| {
        matches!(digits[0], b'8' | b'9')
            && weighted(digits, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    })
    .words(&["organisasjonsnummer", "orgnr", "org nr", "mva"]),
    Scheme::new(Entity::NationalId, "dk-cpr", &["9999999999"], is_danish_day)
        .unchecked()
        .words(&[
            "cpr",
            "cpr nummer",
            "cpr nr",
            "cprnummer",
            "personnummer*",
            "personnr",
            "civil registration",
        ]),
    Scheme::new(Entity::TaxId, "dk-cvr", &["99999999"], |digits| {
        digits[0] != b'0' && weighted(digits, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    })
    .words(&["cvr", "cvr nummer", "cvr nr", "momsnummer", "se nummer"]),
    Scheme::new(
        Entity::NationalId,
        "fi-hetu",
        &["999999999*", "999999A999*"],
        finnish,
    )
    .alone(0)
    .written(&["999999-999*", "999999A999*"], CERTAIN)
    .words(&[
        "hetu",
        "henkilotunnu*",
        "personbeteckning*",
        "sosiaaliturvatunnu*",
        "sotu",
        "personal identity code",
    ]),
    Scheme::new(
        Entity::NationalId,
        "is-kennitala",
        &["9999999999"],
        icelandic,
    )
    .written(&["999999-9999"], LIKELY)
    .words(&["kennitala*", "kt", "kennitolu*"]),
];

/// Skatteverket, SKV 704 and Folkbokföringslagen section 18: day of birth (60 more in a coordination number), order,
/// a check digit by Luhn's formula.
fn swedish(digits: &[u8]) -> bool {
    let day = two(digits, 4);
    is_day(None, two(digits, 2), if day > 60 { day - 60 } else { day }) && luhn(digits)
}

fn swedish_day(digits: &[u8]) -> [u8; 8] {
    let mut day = [b'0'; 8];
    day.copy_from_slice(&digits[..8]);
    if two(&day, 6) > 60 {
        day[6] -= 6;
    }
    day
}

/// Folkeregisterforskriften section 2-2-1: day of birth, individual number, two check digits by 11. The day is 40
/// more in a D-number; months 40, 65 or 80 more are made-up numbers for tests.
fn norwegian(digits: &[u8]) -> bool {
    let day = two(digits, 0);
    let month = two(digits, 2);
    let month = [0, 40, 65, 80]
        .into_iter()
        .filter_map(|more| month.checked_sub(more))
        .any(|month| is_day(None, month, if day > 40 { day - 40 } else { day }));
    month
        && weighted(digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11)
        && weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

/// CPR-kontoret, "Personnummeret i CPR": day of birth and four digits. Numbers given since 2007 need no check digit.
/// Days 60 more are replacement numbers.
fn is_danish_day(digits: &[u8]) -> bool {
    let day = two(digits, 0);
    is_day(None, two(digits, 2), if day > 60 { day - 60 } else { day })
}

/// Digital and Population Data Services Agency, "The personal identity code": day of birth, a sign for the century
/// (`+`, `-`, `A` to `F`, `U` to `Y`), individual number, and a check character by 31.
fn finnish(code: &[u8]) -> bool {
    let serial = &code[code.len() - 4..code.len() - 1];
    let sign = code.len() == 10 || matches!(code[6], b'A'..=b'F' | b'U'..=b'Y');
    let check = (number(&code[..6]) * 1000 + number(serial)) % 31;
    sign && is_ddmmyy(code)
        && number(serial) >= 2
        && code.last() == Some(&b"0123456789ABCDEFHJKLMNPRSTUVWXY"[check as usize])
}

/// Þjóðskrá (Registers Iceland): day of birth, two digits, a check digit by 11, and the century.
fn icelandic(digits: &[u8]) -> bool {
    let day = two(digits, 0);
    is_day(None, two(digits, 2), if day > 40 { day - 40 } else { day })
        && matches!(last(digits), 0 | 8 | 9)
        && weighted(digits, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
        && at(digits, 8) < 10
}
