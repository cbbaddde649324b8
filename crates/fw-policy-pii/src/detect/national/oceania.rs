//! Australia and New Zealand.

use super::super::checkdigit::{all_same, at, last, value, weighted};
use super::super::scheme::Scheme;
use crate::entity::Entity;
use crate::finding::confidence::LIKELY;

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::TaxId, "au-tfn", &["999999999", "99999999"], tfn).words(&[
        "tfn",
        "tax file",
        "tax file number",
    ]),
    Scheme::new(Entity::TaxId, "au-abn", &["99999999999"], abn)
        .written(&["99 999 999 999"], LIKELY)
        .words(&["abn", "australian business number", "business number"]),
    Scheme::new(
        Entity::MedicalId,
        "au-medicare",
        &["9999999999", "99999999999"],
        medicare,
    )
    .words(&["medicare", "medicare number", "medicare card"]),
    Scheme::new(Entity::TaxId, "nz-ird", &["999999999", "99999999"], ird).words(&[
        "ird",
        "ird number",
        "inland revenue",
    ]),
    Scheme::new(Entity::MedicalId, "nz-nhi", &["AAA9999", "AAA99AA"], nhi).words(&[
        "nhi",
        "nhi number",
        "national health index",
    ]),
];

/// Australian Taxation Office: weights 1, 4, 3, 7, 5, 8, 6, 9, 10, by 11. Old numbers of eight digits have their own.
fn tfn(digits: &[u8]) -> bool {
    let nine = weighted(digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]);
    let eight = weighted(digits, &[10, 7, 8, 4, 6, 3, 5, 1]);
    !all_same(digits) && (nine.is_multiple_of(11) || digits.len() == 8 && eight.is_multiple_of(11))
}

/// Australian Business Register, "Format of the ABN": the first digit counts one less, by 89.
fn abn(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    digits[0] != b'0' && (sum - 10).is_multiple_of(89)
}

/// Services Australia: begins with 2 to 6, weights 1, 3, 7, 9, by 10; then the issue (and the person's line).
fn medicare(digits: &[u8]) -> bool {
    matches!(digits[0], b'2'..=b'6')
        && weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == at(digits, 8)
}

/// Inland Revenue (New Zealand), "Resident withholding tax specification": by 11, with a second row of weights.
fn ird(digits: &[u8]) -> bool {
    let mut padded = [b'0'; 9];
    padded[9 - digits.len()..].copy_from_slice(digits);
    let rest = |weights: &[u32]| (11 - weighted(&padded, weights) % 11) % 11;
    let first = rest(&[3, 2, 7, 6, 5, 4, 3, 2]);
    let check = if first < 10 {
        first
    } else {
        rest(&[7, 4, 3, 2, 5, 2, 7, 6])
    };
    !all_same(digits) && check == last(digits)
}

/// HISO 10046 (Te Whatu Ora): letters without I and O, from A = 1, weights 7 to 2; by 11, new numbers by 24 with a check letter.
fn nhi(code: &[u8]) -> bool {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut sum = 0;
    for (byte, weight) in code[..6].iter().zip([7, 6, 5, 4, 3, 2]) {
        let value = match byte {
            b'0'..=b'9' => value(*byte),
            letter => match LETTERS.iter().position(|other| other == letter) {
                Some(place) => place as u32 + 1,
                None => return false,
            },
        };
        sum += value * weight;
    }
    match code[6] {
        digit @ b'0'..=b'9' => !sum.is_multiple_of(11) && (11 - sum % 11) % 10 == value(digit),
        letter => LETTERS.get((23 - sum % 24) as usize) == Some(&letter),
    }
}
