//! Singapore, Malaysia, Thailand, Indonesia, the Philippines and Vietnam.

use super::super::checkdigit::{at, is_day, is_yymmdd, last, number, two, weighted};
use super::super::scheme::{Scheme, any};
use crate::entity::Entity;
use crate::finding::confidence::{CERTAIN, CONTEXT, LIKELY};

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::NationalId, "sg-nric", &["A9999999A"], nric)
        .alone(LIKELY)
        .words(&[
            "nric",
            "fin",
            "nric no",
            "nric fin",
            "ic number",
            "singapore id",
        ]),
    Scheme::new(Entity::NationalId, "my-nric", &["999999999999"], malaysian)
        .unchecked()
        .written(&["999999-99-9999"], LIKELY)
        .words(&[
            "mykad",
            "nric",
            "ic",
            "ic number",
            "ic no",
            "kad pengenalan",
            "no kp",
            "mypr",
        ]),
    Scheme::new(Entity::NationalId, "th-id", &["9999999999999"], thai)
        .written(&["9-9999-99999-99-9", "9 9999 99999 99 9"], CERTAIN)
        .words(&["thai id", "ประจำตัวประชาชน", "บัตรประชาชน", "เลขบัตร", "pin"]),
    Scheme::new(Entity::NationalId, "id-nik", &["9999999999999999"], nik)
        .unchecked()
        .words(&["nik", "ktp", "nomor induk kependudukan", "no ktp"]),
    Scheme::new(
        Entity::TaxId,
        "id-npwp",
        &["999999999999999", "9999999999999999"],
        any,
    )
    .unchecked()
    .written(&["99.999.999.9-999.999"], CERTAIN)
    .words(&["npwp", "nomor pokok wajib pajak"]),
    Scheme::new(Entity::NationalId, "ph-sss", &["9999999999"], any)
        .unchecked()
        .written(&["99-9999999-9"], CONTEXT)
        .words(&["sss", "sss number", "sss no", "social security system"]),
    Scheme::new(
        Entity::NationalId,
        "ph-psn",
        &["999999999999", "9999999999999999"],
        any,
    )
    .unchecked()
    .words(&["philsys", "psn", "pcn", "philid", "umid", "crn"]),
    Scheme::new(
        Entity::TaxId,
        "ph-tin",
        &["999999999", "999999999999", "99999999999999"],
        any,
    )
    .unchecked()
    .words(&["tin", "bir tin", "tin number", "tin no"]),
    Scheme::new(Entity::MedicalId, "ph-philhealth", &["999999999999"], any)
        .unchecked()
        .words(&["philhealth", "phic"]),
    Scheme::new(
        Entity::NationalId,
        "vn-cccd",
        &["999999999999", "999999999"],
        vietnamese,
    )
    .unchecked()
    .words(&[
        "cccd",
        "cmnd",
        "can cuoc*",
        "cmt",
        "so dinh danh",
        "chung minh nhan dan",
        "chung minh thu",
    ]),
    Scheme::new(
        Entity::TaxId,
        "vn-mst",
        &["9999999999", "9999999999999"],
        |digits| 10 - weighted(digits, &[31, 29, 23, 19, 17, 13, 7, 5, 3]) % 11 == at(digits, 9),
    )
    .words(&["mst", "ma so thue"]),
];

/// Immigration & Checkpoints Authority; the check letter's rule as the registry's published examples show: weights 2, 7, 6, 5, 4, 3, 2, by 11.
fn nric(code: &[u8]) -> bool {
    let sum = weighted(&code[1..], &[2, 7, 6, 5, 4, 3, 2]);
    let (more, letters) = match code[0] {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"KLJNPQRTUWX"),
        _ => return false,
    };
    let rest = (sum + more) as usize % 11;
    // The row of letters for M runs the other way.
    letters[if code[0] == b'M' { 10 - rest } else { rest }] == code[8]
        || code[0] == b'M' && b"XWUTRQPNJLK"[rest] == code[8]
}

/// National Registration Regulations 1990 (Malaysia): day of birth, place of birth, order.
fn malaysian(digits: &[u8]) -> bool {
    is_yymmdd(digits) && !matches!(two(digits, 6), 0 | 17..=20 | 69 | 70 | 73 | 80 | 81 | 94..=97)
}

/// Department of Provincial Administration (Thailand): weights 13 to 2, by 11.
fn thai(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    matches!(digits[0], b'1'..=b'8') && (11 - sum % 11) % 10 == last(digits)
}

/// Permendagri 69/2009 (Indonesia): province, regency, district, day of birth (40 more for women), serial.
fn nik(digits: &[u8]) -> bool {
    let day = two(digits, 6);
    (11..=96).contains(&two(digits, 0))
        && is_day(None, two(digits, 8), if day > 40 { day - 40 } else { day })
        && number(&digits[12..]) > 0
}

/// Decree 137/2015/ND-CP (Vietnam): province, century and sex, year, serial. Old cards have nine digits.
fn vietnamese(digits: &[u8]) -> bool {
    digits.len() == 9 || number(&digits[..3]) <= 96
}
