//! Numbers of patients, insured persons and prescribers. Those with a country's own rules that are also a person's
//! national number are in [`national`](super::national).

use super::checkdigit::{at, last, value, weighted};
use super::checksum::luhn;
use super::scheme::{Scheme, any};
use crate::entity::Entity;
use crate::finding::confidence::LIKELY;

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::MedicalId, "uk-nhs", &["9999999999"], nhs).words(&[
        "nhs",
        "nhs number",
        "nhs no",
        "health service number",
    ]),
    Scheme::new(Entity::MedicalId, "uk-chi", &["9999999999"], nhs).words(&[
        "chi",
        "chi number",
        "community health index",
        "h c number",
    ]),
    Scheme::new(Entity::MedicalId, "us-npi", &["9999999999"], npi).words(&[
        "npi",
        "national provider",
        "provider id",
        "provider number",
        "prescriber",
    ]),
    Scheme::new(
        Entity::MedicalId,
        "us-dea",
        &["AA9999999", "A99999999"],
        dea,
    )
    .alone(LIKELY)
    .words(&["dea", "dea number", "dea no", "drug enforcement"]),
    Scheme::new(Entity::MedicalId, "de-kvnr", &["A999999999"], kvnr).words(&[
        "kvnr",
        "krankenversicherten*",
        "krankenversicherung*",
        "krankenkasse*",
        "versichertennummer",
        "versicherten nr",
        "versicherungsnummer",
        "gesundheitskarte",
    ]),
    Scheme::new(
        Entity::MedicalId,
        "mrn",
        &[
            "99999",
            "999999",
            "9999999",
            "99999999",
            "999999999",
            "9999999999",
            "999999999999",
            "A999999",
            "A9999999",
            "A99999999",
            "AA999999",
            "AA9999999",
            "AA99999999",
            "AAA99999",
            "AAA999999",
            "AAA9999999",
            "AAA99999999",
            "AAA9999",
            "A99999",
            "AA9999",
            "AA99999",
            "99999999999",
        ],
        any,
    )
    .unchecked()
    .words(&[
        "mrn",
        "medical record",
        "medical record number",
        "med rec",
        "patient id",
        "patient number",
        "patient no",
        "hospital number",
        "chart number",
        "chart no",
        "medical id",
        "patientennummer",
        "patienten id",
        "fallnummer",
        "numero de dossier",
        "numero patient",
        "ipp",
        "historia clinica",
        "nhc",
        "numero de historia",
        "cartella clinica",
        "prontuario",
        "patientnummer",
        "medical number",
        "patient identifier",
        "病历号",
        "病歷號",
        "カルテ番号",
        "患者id",
        "患者番号",
        "медицинская карта",
        "номер карты пациента",
        "unit record",
    ]),
    Scheme::new(
        Entity::MedicalId,
        "health-insurance",
        &[
            "999999999",
            "9999999999",
            "99999999999",
            "999999999999",
            "A99999999",
            "A999999999",
            "AAA999999999",
            "AAA99999999",
            "AAA999A99999",
            "AA99999999",
            "AA999999999",
            "AAA9999999",
            "AAA999999",
            "99999999",
            "9999999",
            "AAAA99999999",
            "9999999999999",
            "9999999999999999",
            "99999999999999999999",
            "A9999999999",
            "AAA9999999999",
        ],
        any,
    )
    .unchecked()
    .words(&[
        "insurance id",
        "health insurance",
        "health plan",
        "member id",
        "medicaid",
        "medicaid id",
        "health insurance number",
        "subscriber id",
        "insurance policy",
        "insurance member",
        "beneficiary",
        "health plan id",
        "policy holder id",
        "ehic",
        "krankenversicherungsnummer",
        "mutuelle",
        "numero d adherent",
        "tarjeta sanitaria",
        "tessera sanitaria",
        "cns",
        "cartao sus",
        "cartao nacional de saude",
        "insurance number",
        "健康保険",
        "医保",
        "健保",
        "полис",
        "омс",
        "полис омс",
        "sus",
    ]),
];

/// NHS Data Dictionary, "NHS NUMBER": weights 10 to 2, by 11; a check digit of 10 is not used.
fn nhs(digits: &[u8]) -> bool {
    let rest = weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    rest != 1 && (11 - rest) % 11 == last(digits)
}

/// CMS, "Requirements for National Provider Identifier and NPI check digit": Luhn's formula with 80840 in front, which adds 24.
fn npi(digits: &[u8]) -> bool {
    let mut prefixed = *b"808400000000000";
    prefixed[5..].copy_from_slice(digits);
    matches!(digits[0], b'1' | b'2') && luhn(&prefixed)
}

/// DEA Diversion Control Division: kind of registrant, first letter of the name, and a check digit: the first, third and fifth digits, and twice
/// the others, by 10.
fn dea(code: &[u8]) -> bool {
    let digits = &code[2..];
    let sum = weighted(digits, &[1, 2, 1, 2, 1, 2]);
    b"ABCDEFGHJKLMPRSTUX".contains(&code[0]) && sum % 10 == at(digits, 6)
}

/// Sozialgesetzbuch V section 290 and GKV-Spitzenverband: a letter as two digits (A = 01), weights 1 and 2, by 10.
fn kvnr(code: &[u8]) -> bool {
    let letter = value(code[0]) - 9;
    let cross = |product: u32| product / 10 + product % 10;
    let mut sum = cross(letter / 10) + cross(2 * (letter % 10));
    for (place, digit) in code[1..9].iter().enumerate() {
        sum += cross(value(*digit) * (1 + place as u32 % 2));
    }
    sum % 10 == last(code)
}
