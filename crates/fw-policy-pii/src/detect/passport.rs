//! Passports. Their numbers have no check digit outside the machine readable zone, so a word must name them.

use super::scheme::Scheme;
use crate::entity::Entity;

/// Forms of the national passports in use, as the issuers' specimens in PRADO (Council of the EU) and ICAO Doc 9303
/// part 4 (nine places) have them: nine digits (US, UK, FR old), letter and eight digits (US, CN, IN with seven, KR, JP with two
/// letters and seven digits), two letters and six or seven digits (CA, IT, PL, BE, UA), Dutch, German and French mixes.
const FORMS: &[&str] = &[
    "999999999",
    "A99999999",
    "A9999999",
    "AA9999999",
    "AA999999",
    "99AA99999",
    "AAA999999",
    "A9999999A",
    "99999999",
    "9999999999",
    "A999A9999",
    "AA9999999A",
    "AAA999999A",
    "9999999",
    "A999999",
    "A********",
    "AA*******",
    "AA99999",
    "A9999999AA",
];

pub(crate) const SCHEMES: &[Scheme] =
    &[
        Scheme::new(Entity::Passport, "passport", FORMS, is_plausible)
            .unchecked()
            .words(&[
                "passport",
                "passport number",
                "passport no",
                "passport nr",
                "passport num",
                "passport id",
                "passportno",
                "passportnumber",
                "ppt no",
                "travel document",
                "reisepass*",
                "reisepassnummer",
                "pass nr",
                "passnummer",
                "passnr",
                "pass nummer",
                "passeport",
                "numero de passeport",
                "pasaporte",
                "num pasaporte",
                "passaporto",
                "passaporte",
                "paspoort*",
                "paszport*",
                "pasport*",
                "pas cislo",
                "cestovni pas",
                "cestovny pas",
                "utlevel*",
                "pasaport*",
                "pass",
                "putovnica",
                "pasos",
                "potni list",
                "passi number",
                "passinumero",
                "paso numeris",
                "pases numurs",
                "vegabref*",
                "паспорт*",
                "серия и номер паспорта",
                "διαβατηριο*",
                "διαβατήριο*",
                "דרכון",
                "جواز",
                "جواز السفر",
                "گذرنامه",
                "पासपोर्ट",
                "护照",
                "護照",
                "旅券",
                "パスポート",
                "여권",
                "หนังสือเดินทาง",
                "paspor",
                "ho chieu",
            ]),
    ];

/// Some digits must be there: words of the same length are none.
fn is_plausible(number: &[u8]) -> bool {
    number.iter().filter(|byte| byte.is_ascii_digit()).count() >= 4
}
