//! Numbers of the United States: social security, taxpayer and employer numbers.

use super::checkdigit::{number, two};
use super::scheme::{Scheme, any};
use crate::entity::Entity;
use crate::finding::confidence::LIKELY;

const NINE: &[&str] = &["999999999"];

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::UsSsn, "us-ssn", NINE, ssn)
        .unchecked()
        .written(&["999-99-9999"], LIKELY)
        .words(&[
            "ssn",
            "social security",
            "soc sec",
            "social sec",
            "ss no",
            "ss number",
            "ss num",
            "s s n",
            "ssno",
            "ssnum",
            "socialsecurity*",
            "social security number",
            "social security no",
            "social",
            "ssan",
        ]),
    Scheme::new(Entity::TaxId, "us-itin", NINE, itin)
        .unchecked()
        .written(&["999-99-9999"], LIKELY)
        .words(&[
            "itin",
            "individual taxpayer",
            "taxpayer id",
            "taxpayer identification",
            "atin",
            "ptin",
        ]),
    Scheme::new(Entity::TaxId, "us-ein", NINE, ein)
        .unchecked()
        .words(&[
            "ein",
            "fein",
            "employer identification",
            "employer id",
            "federal tax id",
            "federal id",
            "fed id",
            "federal tax",
        ]),
    Scheme::new(Entity::TaxId, "us-ptin", &["A99999999"], |number| {
        number[0] == b'P'
    })
    .unchecked()
    .words(&["ptin", "preparer tax"]),
    // Medicare beneficiary identifier (CMS, "Understanding the MBI": eleven places, each digit or letter by rule).
    Scheme::new(Entity::MedicalId, "us-mbi", &["9A*9A*9AA99"], mbi)
        .unchecked()
        .alone(LIKELY)
        .written(&["9A*9-A*9-AA99"], 95)
        .words(&["mbi", "medicare"]),
    Scheme::new(
        Entity::MedicalId,
        "us-hicn",
        &["999999999A", "999999999A9"],
        any,
    )
    .unchecked()
    .words(&["hicn", "medicare claim"]),
];

/// Social Security Administration, "Social Security Number Randomization" (2011) and POMS RM 10201.035: no number
/// has area 000, 666 or 900 to 999, group 00 or serial 0000. Two numbers from advertisements belong to nobody.
fn ssn(digits: &[u8]) -> bool {
    let area = number(&digits[..3]);
    let group = two(digits, 3);
    let serial = number(&digits[5..]);
    !matches!(area, 0 | 666 | 900..)
        && group != 0
        && serial != 0
        && !matches!(digits, b"078051120" | b"219099999")
}

/// IRS, "Individual taxpayer identification number", and Internal Revenue Manual 3.21.263: begins with 9, and the
/// fourth and fifth digits are 50 to 65, 70 to 88, 90 to 92 or 94 to 99. 93 is for children to be adopted (ATIN).
fn itin(digits: &[u8]) -> bool {
    digits[0] == b'9' && matches!(two(digits, 3), 50..=65 | 70..=88 | 90..=99)
}

/// IRS, "How EINs are assigned and valid EIN prefixes".
fn ein(digits: &[u8]) -> bool {
    !matches!(two(digits, 0), 0 | 7..=9 | 17..=19 | 28 | 29 | 49 | 69 | 70 | 78 | 79 | 89 | 96 | 97)
}

fn mbi(number: &[u8]) -> bool {
    number[0] != b'0' && !number.iter().any(|byte| b"SLOIBZ".contains(byte))
}
