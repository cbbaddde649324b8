//! China, Hong Kong, Macau, Taiwan, Japan and Korea.

use super::super::checkdigit::{
    at, is_day, is_yymmdd, is_yyyymmdd, last, mod_11_2, two, value, weighted,
};
use super::super::scheme::Scheme;
use crate::entity::Entity;
use crate::finding::confidence::{CERTAIN, LIKELY};

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(
        Entity::NationalId,
        "cn-resident-id",
        &["99999999999999999*"],
        chinese,
    )
    .alone(CERTAIN)
    .words(&[
        "身份证",
        "身份證",
        "居民身份证",
        "公民身份号码",
        "resident id",
        "resident identity",
        "sfz",
        "shenfenzheng",
        "id card",
    ]),
    Scheme::new(Entity::TaxId, "cn-uscc", &["99999999**********"], uscc).words(&[
        "统一社会信用代码",
        "税号",
        "纳税人识别号",
        "社会信用代码",
        "unified social credit",
    ]),
    Scheme::new(
        Entity::NationalId,
        "hk-hkid",
        &["A999999*", "AA999999*"],
        hkid,
    )
    .written(&["A999999(*)", "AA999999(*)", "A 999999(*)"], CERTAIN)
    .words(&[
        "hkid",
        "hong kong id",
        "香港身份證",
        "hkid card",
        "身份證",
        "identity card",
    ]),
    Scheme::new(Entity::NationalId, "mo-bir", &["99999999"], |digits| {
        matches!(digits[0], b'1' | b'5' | b'7')
    })
    .unchecked()
    .written(&["9999999(9)", "9/999999/9"], LIKELY)
    .words(&["bir", "macau id", "bilhete de identidade"]),
    Scheme::new(Entity::NationalId, "tw-id", &["A999999999"], taiwanese).words(&[
        "身分證",
        "身份證",
        "統一編號",
        "國民身分證",
        "taiwan id",
        "居留證",
        "arc number",
    ]),
    Scheme::new(
        Entity::NationalId,
        "jp-my-number",
        &["999999999999"],
        my_number,
    )
    .words(&[
        "マイナンバー",
        "個人番号",
        "my number card",
        "mynumber",
        "individual number",
        "kojin bango",
    ]),
    Scheme::new(
        Entity::TaxId,
        "jp-houjin-bangou",
        &["9999999999999"],
        corporate_number,
    )
    .words(&["法人番号", "corporate number", "インボイス", "登録番号"]),
    Scheme::new(Entity::NationalId, "kr-rrn", &["9999999999999"], rrn)
        .unchecked()
        .written(&["999999-9999999"], LIKELY)
        .words(&[
            "주민등록",
            "주민번호",
            "외국인등록번호",
            "rrn",
            "resident registration",
            "jumin",
        ]),
    Scheme::new(Entity::TaxId, "kr-brn", &["9999999999"], brn)
        .written(&["999-99-99999"], LIKELY)
        .words(&["사업자등록번호", "사업자번호", "business registration"]),
];

/// GB 11643-1999: area, day of birth, order, check character by ISO/IEC 7064 MOD 11-2.
fn chinese(code: &[u8]) -> bool {
    matches!(two(code, 0), 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91)
        && is_yyyymmdd(&code[6..])
        && mod_11_2(code)
}

/// GB 32100-2015: check character by 31, in an alphabet without I, O, S, V and Z.
fn uscc(code: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let mut weight = 1;
    let mut sum = 0;
    for byte in &code[..17] {
        let Some(value) = ALPHABET.iter().position(|other| other == byte) else {
            return false;
        };
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET[(31 - sum % 31) % 31] == code[17]
}

/// Immigration Department (Hong Kong): letters from A = 10, a blank for a missing one is 36, weights 9 to 1, by 11.
fn hkid(code: &[u8]) -> bool {
    let check = match code[code.len() - 1] {
        b'A' => 10,
        digit @ b'0'..=b'9' => value(digit),
        _ => return false,
    };
    let sum = if code.len() == 8 {
        36 * 9 + weighted(&code[..7], &[8, 7, 6, 5, 4, 3, 2])
    } else {
        weighted(&code[..8], &[9, 8, 7, 6, 5, 4, 3, 2])
    };
    (sum + check).is_multiple_of(11)
}

/// Ministry of the Interior (Taiwan): the letter is two digits, weights 1, 9, 8, ..., 1, by 10. The first digit is the sex (1, 2), or 8 and 9
/// for residents from abroad.
fn taiwanese(code: &[u8]) -> bool {
    let area = b"ABCDEFGHJKLMNPQRSTUVXYWZIO"
        .iter()
        .position(|letter| *letter == code[0])
        .map_or(0, |place| place as u32 + 10);
    let sum = area / 10 + area % 10 * 9 + weighted(&code[1..], &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    matches!(code[1], b'1' | b'2' | b'8' | b'9') && sum.is_multiple_of(10)
}

/// Ordinance 85/2014 of the Ministry of Internal Affairs (Japan), art. 5: weights 6 to 2 and 7 to 2, by 11.
fn my_number(digits: &[u8]) -> bool {
    let rest = weighted(digits, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    last(digits) == if rest <= 1 { 0 } else { 11 - rest }
}

/// National Tax Agency (Japan): the first digit is 9 less the rest by 9, weights 1 and 2 from the right.
fn corporate_number(digits: &[u8]) -> bool {
    9 - weighted(&digits[1..], &[2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]) % 9 == at(digits, 0)
}

/// Resident Registration Act (Korea): day of birth, century and sex, six digits. Since October 2020 the last six are random, without a check
/// digit.
fn rrn(digits: &[u8]) -> bool {
    is_yymmdd(digits) && is_day(None, two(digits, 2), two(digits, 4))
}

/// National Tax Service (Korea): weights 1, 3, 7, 1, 3, 7, 1, 3, 5 and the tens of the ninth product.
fn brn(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + at(digits, 8) * 5 / 10;
    (10 - sum % 10) % 10 == last(digits)
}
