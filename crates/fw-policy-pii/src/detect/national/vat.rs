//! VAT numbers of the European Union with their country's letters, as VIES (Council Directive 2006/112/EC, art. 215) has them.

use super::super::checkdigit::{at, mod_11_10, number, two, weighted};
use super::super::checksum::luhn;
use super::super::scheme::Scheme;
use crate::entity::Entity;
use crate::finding::confidence::LIKELY;

const WORDS: &[&str] = &[
    "vat",
    "vat id",
    "vat number",
    "vat no",
    "vatin",
    "vat reg",
    "ust id",
    "ust idnr",
    "ustid",
    "ust",
    "uid",
    "umsatzsteuer*",
    "tva",
    "btw",
    "iva",
    "partita iva",
    "p iva",
    "moms",
    "mwst",
    "ddv",
    "pdv",
    "dph",
    "dic",
    "afa",
    "kmkr",
    "pvm",
    "pvn",
    "fpa",
    "ταφ",
    "tax id",
    "tax number",
    "alv",
    "nip",
    "nif",
    "cif",
    "eori",
];

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::TaxId, "eu-vat", &["AA999999999"], nine)
        .alone(LIKELY)
        .written(&["AA 999999999", "AA 999 999 999"], LIKELY)
        .words(WORDS),
    Scheme::new(Entity::TaxId, "eu-vat", &["AA9999999999"], ten)
        .alone(LIKELY)
        .written(
            &[
                "AA 9999999999",
                "AA 9999.999.999",
                "AA9999.999.999",
                "AA 9999 999 999",
            ],
            LIKELY,
        )
        .words(WORDS),
    Scheme::new(Entity::TaxId, "eu-vat", &["AA99999999999"], eleven)
        .alone(LIKELY)
        .written(&["AA 99999999999", "AA 99 999999999"], LIKELY)
        .words(WORDS),
    Scheme::new(
        Entity::TaxId,
        "eu-vat",
        &["AA**999999999"],
        french_with_letters,
    )
    .alone(LIKELY)
    .words(WORDS),
    Scheme::new(Entity::TaxId, "eu-vat", &["AA999999999A99"], |code| {
        code.starts_with(b"NL") && code[11] == b'B'
    })
    .unchecked()
    .alone(LIKELY)
    .words(WORDS),
    Scheme::new(Entity::TaxId, "eu-vat", &["AAA99999999"], |code| {
        code.starts_with(b"ATU")
    })
    .unchecked()
    .alone(LIKELY)
    .words(WORDS),
    Scheme::new(
        Entity::TaxId,
        "eu-vat",
        &["AA*9999999*", "AA99999999", "AA999999999999"],
        any_country,
    )
    .unchecked()
    .words(WORDS),
];

/// Germany (ISO/IEC 7064 MOD 11,10), Portugal, Greece, Estonia, and the United Kingdom (by 97, HMRC VAT Notice 700/2).
fn nine(code: &[u8]) -> bool {
    let digits = &code[2..];
    match &code[..2] {
        b"DE" => digits[0] != b'0' && mod_11_10(digits),
        b"PT" => {
            let rest = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            at(digits, 8) == if rest < 2 { 0 } else { 11 - rest }
        }
        b"EL" | b"GR" => {
            weighted(digits, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == at(digits, 8)
        }
        b"EE" => weighted(digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10),
        b"GB" | b"XI" => {
            let sum = weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) + two(digits, 7);
            sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)
        }
        _ => false,
    }
}

/// Belgium (by 97), Poland, Slovakia (by 11).
fn ten(code: &[u8]) -> bool {
    let digits = &code[2..];
    match &code[..2] {
        b"BE" => digits[0] <= b'1' && 97 - number(&digits[..8]) % 97 == u64::from(two(digits, 8)),
        b"PL" => weighted(digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == at(digits, 9),
        b"SK" => number(digits).is_multiple_of(11),
        _ => false,
    }
}

/// France (key by 97), Italy (Luhn's formula), Croatia and Latvia.
fn eleven(code: &[u8]) -> bool {
    let digits = &code[2..];
    match &code[..2] {
        b"FR" => (12 + 3 * (number(&digits[2..]) % 97)) % 97 == u64::from(two(digits, 0)),
        b"IT" => luhn(digits),
        b"HR" => mod_11_10(digits),
        _ => false,
    }
}

/// France, where the key has a letter: what follows is the company's SIREN, by Luhn's formula.
fn french_with_letters(code: &[u8]) -> bool {
    code.starts_with(b"FR") && code[2..4].iter().any(u8::is_ascii_uppercase) && luhn(&code[4..])
}

fn any_country(code: &[u8]) -> bool {
    const COUNTRIES: &[&[u8; 2]] = &[
        b"AT", b"BE", b"BG", b"CY", b"CZ", b"DE", b"DK", b"EE", b"EL", b"ES", b"FI", b"FR", b"GB",
        b"HR", b"HU", b"IE", b"IT", b"LT", b"LU", b"LV", b"MT", b"NL", b"PL", b"PT", b"RO", b"SE",
        b"SI", b"SK", b"XI", b"NO", b"CH",
    ];
    COUNTRIES.iter().any(|country| code.starts_with(*country))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_french_key_may_have_letters() {
        assert!(french_with_letters(b"FR4Z123456782"));
        assert!(!french_with_letters(b"FR4Z123456783"));
        assert!(!french_with_letters(b"FR44123456782"));
        assert!(!french_with_letters(b"DE4Z123456782"));
    }
}
