//! Brazil, Mexico, Argentina, Chile, Colombia, Peru, Uruguay, Ecuador and others.

use super::super::checkdigit::{all_same, at, body, is_yymmdd, last, two, value, weighted};
use super::super::checksum::luhn;
use super::super::scheme::{Scheme, any};
use crate::entity::Entity;
use crate::finding::confidence::{CERTAIN, LIKELY};

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::TaxId, "br-cpf", &["99999999999"], cpf)
        .written(&["999.999.999-99"], CERTAIN)
        .words(&["cpf", "c p f", "cadastro de pessoa*", "cpf n", "cpf mf"]),
    Scheme::new(
        Entity::TaxId,
        "br-cnpj",
        &["99999999999999", "************99"],
        cnpj,
    )
    .written(&["99.999.999/9999-99", "**.***.***/****-99"], CERTAIN)
    .words(&["cnpj", "c n p j"]),
    Scheme::new(Entity::NationalId, "br-pis", &["99999999999"], |digits| {
        let rest = weighted(digits, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        last(digits) == if rest < 2 { 0 } else { 11 - rest }
    })
    .written(&["999.99999.99-9", "999.999999.9-9"], LIKELY)
    .words(&["pis", "pasep", "nis", "nit", "pis pasep"]),
    Scheme::new(
        Entity::NationalId,
        "br-rg",
        &["99999999", "999999999", "99999999A"],
        any,
    )
    .unchecked()
    .words(&[
        "rg",
        "registro geral",
        "identidade",
        "carteira de identidade",
    ]),
    Scheme::new(Entity::NationalId, "mx-curp", &["AAAA999999AAAAAA*9"], curp)
        .alone(CERTAIN)
        .words(&["curp"]),
    Scheme::new(
        Entity::TaxId,
        "mx-rfc",
        &["AAAA999999***", "AAA999999***"],
        rfc,
    )
    .alone(LIKELY)
    .written(
        &["AAAA-999999-***", "AAA-999999-***", "AAAA 999999 ***"],
        LIKELY,
    )
    .words(&["rfc", "r f c", "registro federal de contribuyentes"]),
    Scheme::new(Entity::NationalId, "mx-nss", &["99999999999"], luhn).words(&[
        "nss",
        "imss",
        "seguro social",
        "numero de seguridad social",
    ]),
    Scheme::new(Entity::TaxId, "ar-cuit", &["99999999999"], cuit)
        .written(&["99-99999999-9"], LIKELY)
        .words(&["cuit", "cuil", "c u i t", "c u i l", "cdi"]),
    Scheme::new(
        Entity::NationalId,
        "ar-dni",
        &["99999999", "9999999"],
        |digits| digits[0] != b'0',
    )
    .unchecked()
    .words(&[
        "dni",
        "d n i",
        "documento nacional de identidad",
        "documento",
    ]),
    Scheme::new(
        Entity::NationalId,
        "cl-rut",
        &["99999999*", "9999999*"],
        rut,
    )
    .written(&["99.999.999-*", "9.999.999-*"], LIKELY)
    .words(&["rut", "run", "r u t", "rol unico", "rut n"]),
    Scheme::new(Entity::TaxId, "co-nit", &["9999999999", "999999999"], nit)
        .written(&["999.999.999-9"], LIKELY)
        .words(&["nit", "n i t", "rut"]),
    Scheme::new(
        Entity::NationalId,
        "co-cedula",
        &["999999", "9999999", "99999999", "9999999999"],
        any,
    )
    .unchecked()
    .words(&[
        "cedula",
        "cedula de ciudadania",
        "c c",
        "cc",
        "cedula de extranjeria",
        "nuip",
    ]),
    Scheme::new(Entity::TaxId, "pe-ruc", &["99999999999"], ruc).words(&["ruc", "r u c"]),
    Scheme::new(Entity::NationalId, "pe-dni", &["99999999"], any)
        .unchecked()
        .words(&["dni", "d n i"]),
    Scheme::new(
        Entity::NationalId,
        "uy-ci",
        &["99999999", "9999999"],
        uruguayan,
    )
    .written(&["9.999.999-9"], LIKELY)
    .words(&["ci", "c i", "cedula", "cedula de identidad", "documento"]),
    Scheme::new(Entity::NationalId, "ec-cedula", &["9999999999"], ecuadorian).words(&[
        "cedula",
        "cedula de identidad",
        "ci",
        "c i",
    ]),
    Scheme::new(Entity::TaxId, "ec-ruc", &["9999999999999"], |digits| {
        digits.ends_with(b"001") && matches!(two(digits, 0), 1..=24 | 30)
    })
    .unchecked()
    .words(&["ruc"]),
    Scheme::new(
        Entity::NationalId,
        "ve-cedula",
        &["A9999999", "A99999999"],
        |code| b"VE".contains(&code[0]),
    )
    .unchecked()
    .words(&["cedula", "ci", "c i"]),
    Scheme::new(Entity::TaxId, "ve-rif", &["A999999999"], rif)
        .written(&["A-99999999-9", "A-999999999"], LIKELY)
        .words(&["rif", "r i f"]),
    Scheme::new(Entity::NationalId, "do-cedula", &["99999999999"], luhn)
        .written(&["999-9999999-9"], LIKELY)
        .words(&["cedula", "cedula de identidad"]),
    Scheme::new(Entity::NationalId, "gt-cui", &["9999999999999"], guatemalan)
        .words(&["cui", "dpi"]),
];

/// Receita Federal, Instrução Normativa 1.548/2015: two check digits by 11.
fn cpf(digits: &[u8]) -> bool {
    let check = |weights: &[u32], place: usize| {
        let rest = weighted(&digits[..place], weights) * 10 % 11 % 10;
        rest == at(digits, place)
    };
    !all_same(digits)
        && check(&[10, 9, 8, 7, 6, 5, 4, 3, 2], 9)
        && check(&[11, 10, 9, 8, 7, 6, 5, 4, 3, 2], 10)
}

/// Receita Federal, Instrução Normativa 2.229/2024: two check digits by 11; from 2026 with letters, whose value is that in ASCII less 48.
fn cnpj(code: &[u8]) -> bool {
    let check = |weights: &[u32], place: usize| {
        let sum: u32 = code[..place]
            .iter()
            .zip(weights)
            .map(|(byte, weight)| u32::from(byte - b'0') * weight)
            .sum();
        let rest = sum % 11;
        at(code, place) == if rest < 2 { 0 } else { 11 - rest }
    };
    !all_same(code)
        && check(&[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], 12)
        && check(&[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], 13)
}

/// RENAPO, "Instructivo normativo para la asignación de la CURP": letters of the names, day of birth, sex, state, consonants, and a check
/// digit by 10 in an alphabet with Ñ.
fn curp(code: &[u8]) -> bool {
    let value = |byte: u8| value(byte) + u32::from(byte > b'N' && byte.is_ascii_uppercase());
    let sum: u32 = code[..17]
        .iter()
        .zip((2..=18).rev())
        .map(|(byte, weight)| value(*byte) * weight)
        .sum();
    is_yymmdd(&code[4..])
        && b"HMX".contains(&code[10])
        && (code[16].is_ascii_digit() || code[16].is_ascii_uppercase())
        && (10 - sum % 10) % 10 == last(code)
}

/// Código Fiscal and SAT: letters of the name, day of birth or founding, "homoclave" with a check character by 11.
fn rfc(code: &[u8]) -> bool {
    let value = |byte: u8| value(byte) + u32::from(byte > b'N' && byte.is_ascii_uppercase());
    // A company's code has a blank (37) in front.
    let (date, mut sum) = if code.len() == 13 {
        (4, 0)
    } else {
        (3, 37 * 13)
    };
    let weights = (2..=if code.len() == 13 { 13 } else { 12 }).rev();
    sum += body(code)
        .iter()
        .zip(weights)
        .map(|(byte, weight)| value(*byte) * weight)
        .sum::<u32>();
    let check = match 11 - sum % 11 {
        11 => b'0',
        10 => b'A',
        digit => b'0' + digit as u8,
    };
    is_yymmdd(&code[date..]) && code.last() == Some(&check)
}

/// AFIP, Resolución General 2854: kind, document number, check digit by 11.
fn cuit(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    matches!(two(digits, 0), 20 | 23 | 24 | 25 | 26 | 27 | 30 | 33 | 34)
        && [0, 9, 8, 7, 6, 5, 4, 3, 2, 1, 9][sum as usize % 11] == last(digits)
}

/// Servicio de Impuestos Internos (Chile): weights 2 to 7 from the right, by 11; 10 is K.
fn rut(code: &[u8]) -> bool {
    let sum: u32 = body(code)
        .iter()
        .rev()
        .zip([2, 3, 4, 5, 6, 7, 2, 3])
        .map(|(digit, weight)| value(*digit) * weight)
        .sum();
    let check = match 11 - sum % 11 {
        11 => b'0',
        10 => b'K',
        digit => b'0' + digit as u8,
    };
    code.last() == Some(&check)
}

/// DIAN, Orden Administrativa 4/1989 (Colombia): primes as weights, by 11.
fn nit(digits: &[u8]) -> bool {
    let sum: u32 = body(digits)
        .iter()
        .rev()
        .zip([3, 7, 13, 17, 19, 23, 29, 37, 41])
        .map(|(digit, weight)| value(*digit) * weight)
        .sum();
    let rest = sum % 11;
    last(digits) == if rest < 2 { rest } else { 11 - rest }
}

/// SUNAT (Peru): kind of taxpayer, number, check digit by 11.
fn ruc(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    matches!(two(digits, 0), 10 | 15 | 16 | 17 | 20) && (11 - sum % 11) % 10 == last(digits)
}

/// Dirección Nacional de Identificación Civil (Uruguay): weights 2, 9, 8, 7, 6, 3, 4, by 10.
fn uruguayan(digits: &[u8]) -> bool {
    let weights = [2, 9, 8, 7, 6, 3, 4];
    let sum = weighted(body(digits), &weights[8 - digits.len()..]);
    (10 - sum % 10) % 10 == last(digits)
}

/// Registro Civil (Ecuador): province, a third digit of at most 6, Luhn's formula.
fn ecuadorian(digits: &[u8]) -> bool {
    matches!(two(digits, 0), 1..=24 | 30 | 50) && at(digits, 2) <= 6 && luhn(digits)
}

/// SENIAT (Venezuela): a letter with a value, weights 4, 3, 2, 7, 6, 5, 4, 3, 2, by 11.
fn rif(code: &[u8]) -> bool {
    let first = match code[0] {
        b'V' => 1,
        b'E' => 2,
        b'J' | b'C' => 3,
        b'P' => 4,
        b'G' => 5,
        _ => return false,
    };
    let rest = (4 * first + weighted(&code[1..], &[3, 2, 7, 6, 5, 4, 3, 2])) % 11;
    last(code) == if rest < 2 { 0 } else { 11 - rest }
}

/// RENAP (Guatemala): eight digits, a check digit by 11, department and municipality.
fn guatemalan(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[2, 3, 4, 5, 6, 7, 8, 9]);
    (1..=22).contains(&two(digits, 9)) && two(digits, 11) > 0 && sum % 11 == at(digits, 8)
}
