//! Vehicle identification numbers and number plates.

use super::checkdigit::{all_same, at, value};
use super::scheme::Scheme;
use crate::entity::Entity;
use crate::finding::confidence::{CERTAIN, LIKELY};

/// Words for number plates.
pub(super) const PLATE: &[&str] = &[
    "license plate",
    "licence plate",
    "number plate",
    "plate",
    "plate number",
    "plate no",
    "registration plate",
    "vehicle registration",
    "registration number",
    "car registration",
    "vehicle reg",
    "car reg",
    "reg no",
    "vrm",
    "vrn",
    "rego",
    "tag number",
    "licenseplate",
    "license plates",
    "kennzeichen",
    "nummernschild",
    "kfz kennzeichen",
    "autokennzeichen",
    "plaque",
    "immatriculation",
    "plaque d immatriculation",
    "immatricule*",
    "matricula",
    "placa",
    "placas",
    "patente",
    "dominio",
    "targa",
    "chapa",
    "kenteken",
    "nummerplaat",
    "registreringsnummer",
    "nummerplade",
    "regnr",
    "rekisteritunnus",
    "rekisterinumero",
    "tablica*",
    "rejestracyjn*",
    "numer rejestracyjny",
    "spz",
    "rz",
    "rendszam*",
    "numar de inmatriculare",
    "registracija",
    "registarska",
    "plaka",
    "госномер",
    "гос номер",
    "номерной знак",
    "регистрационный знак",
    "πινακιδα*",
    "لوحة",
    "车牌",
    "車牌",
    "ナンバープレート",
    "번호판",
    "차량번호",
    "ทะเบียน",
    "bien so",
];

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(
        Entity::Vin,
        "vin",
        &[
            "***************99",
            "***********999999",
            "*************9999",
        ],
        vin,
    )
    .alone(CERTAIN)
    .words(&[
        "vin",
        "vehicle identification",
        "chassis",
        "chassis number",
        "fin",
        "fahrgestellnummer",
        "bastidor",
        "telaio",
        "numero de chassis",
        "vin number",
        "chassi",
    ]),
    // Forms with two letters, two digits and three letters (GB) or two letters, three digits and two letters (FR, IT) tell a lot.
    Scheme::new(Entity::VehiclePlate, "fr-plate", &["AA999AA"], french)
        .unchecked()
        .written(&["AA-999-AA"], LIKELY)
        .words(PLATE),
    Scheme::new(Entity::VehiclePlate, "plate", FORMS, |_| true)
        .unchecked()
        .words(PLATE),
];

/// Registration marks in use in Europe, the Americas, India, Australia and elsewhere.
const FORMS: &[&str] = &[
    "AA99AAA",
    "A999AAA",
    "AAA999A",
    "AA999",
    "AA9999",
    "AAA999",
    "AAA9999",
    "AA99999",
    "A9999",
    "A99999",
    "AAA99",
    "9999AAA",
    "999AAA",
    "9AAA999",
    "AA99AA9999",
    "AA99A9999",
    "AA9AA9999",
    "AAA9A99",
    "AA999A",
    "AAA99A",
    "A999AA",
    "99AA99",
    "99AAA9",
    "9AAA99",
    "999AA9",
    "AA99AA",
    "9AA9999",
    "99A9999",
    "AA999999",
    "99AAA999",
    "99AA999",
    "99A99999",
    "9A99999",
    "AA9999A",
    "AAA9A999",
    "A99AAA",
    "AA99A",
    "A999A",
    "A99A99",
    "99999AA",
    "9999AA",
    "AAA9AA",
    "A9AAA",
    "A99AA",
    "A999AA99",
    "A999AA999",
    "AA9999AA",
    "AA9999A9",
    "999AAA9",
    "AAAA999",
];

/// 49 CFR 565.15 and ISO 3779: no I, O or Q; the ninth place is a check digit by 11. European makers need not keep the check digit, so without
/// it a word must name the number.
fn vin(code: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = code
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| transliterated(*byte) * weight)
        .sum();
    let check = match code[8] {
        b'X' => 10,
        digit @ b'0'..=b'9' => value(digit),
        _ => return false,
    };
    let letters = code
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    letters >= 3
        && !code.iter().any(|byte| b"IOQ".contains(byte))
        && sum % 11 == check
        && !all_same(code)
}

const fn transliterated(byte: u8) -> u32 {
    match byte {
        b'A'..=b'H' => (byte - b'A') as u32 + 1,
        b'J'..=b'R' => (byte - b'J') as u32 + 1,
        b'S'..=b'Z' => (byte - b'S') as u32 + 2,
        _ => value(byte),
    }
}

/// Arrêté du 9 février 2009 (France): no I, O, U, and no SS in front.
fn french(code: &[u8]) -> bool {
    let letters = [code[0], code[1], code[5], code[6]];
    !letters.iter().any(|letter| b"IOU".contains(letter))
        && !code.starts_with(b"SS")
        && (at(code, 2) + at(code, 3) + at(code, 4)) > 0
}
