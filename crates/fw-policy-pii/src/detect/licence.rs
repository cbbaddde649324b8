//! Driving licences. A word must name them, but for the British form, which tells.

use super::checkdigit::{all_same, at, is_day, two};
use super::scheme::{Scheme, any};
use crate::entity::Entity;
use crate::finding::confidence::LIKELY;

const WORDS: &[&str] = &[
    "drivers license",
    "driver license",
    "driving license",
    "drivers licence",
    "driver licence",
    "driving licence",
    "drivers lic",
    "driver lic",
    "dl",
    "dl number",
    "dl no",
    "dln",
    "driverslicense",
    "driverlicense",
    "driver id",
    "drivers permit",
    "driving permit",
    "learners permit",
    "drivers license number",
    "fuhrerschein*",
    "permis de conduire",
    "permis",
    "permiso de conducir",
    "permiso de conduccion",
    "carnet de conducir",
    "licencia de conducir",
    "licencia de manejo",
    "licencia de conduccion",
    "patente di guida",
    "patente",
    "carta de conducao",
    "carteira de motorista",
    "cnh",
    "rijbewijs*",
    "korkort*",
    "korekort*",
    "forerkort*",
    "ajokort*",
    "prawo jazdy",
    "prawa jazdy",
    "ridicsky prukaz",
    "ridicskeho prukazu",
    "vodicsky preukaz",
    "jogositvany*",
    "vezetoi engedely",
    "permis auto",
    "vozacka dozvola",
    "vozniska dovoljenje",
    "surucu belgesi",
    "ehliyet*",
    "водительск*",
    "права",
    "посвідчення водія",
    "רישיון נהיגה",
    "رخصة القيادة",
    "رخصة قيادة",
    "ड्राइविंग लाइसेंस",
    "驾驶证",
    "驾照",
    "駕駛執照",
    "運転免許",
    "免許証",
    "운전면허",
    "ใบขับขี่",
    "giay phep lai xe",
    "sim number",
];

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(
        Entity::DriverLicense,
        "uk-driving-licence",
        &["*****999999****A", "*****999999***AA"],
        british,
    )
    .unchecked()
    .alone(LIKELY)
    .written(&["***** 999999 ****A", "***** 999999 ***AA"], LIKELY)
    .words(WORDS),
    Scheme::new(
        Entity::DriverLicense,
        "br-cnh",
        &["99999999999"],
        |digits| !all_same(digits),
    )
    .unchecked()
    .words(WORDS),
    Scheme::new(Entity::DriverLicense, "driving-licence", FORMS, any)
        .unchecked()
        .words(WORDS),
];

/// Forms of the licences of the states of the US (AAMVA, "Driver license number formats"), of Canada's provinces, Australia, India and the
/// EU (specimens in PRADO, Council of the EU).
const FORMS: &[&str] = &[
    // digits only: Alabama 7, Texas 8, New York 9, Pennsylvania 8, Georgia 9, North Carolina 12, Idaho 9, North Dakota 9, New Jersey's tail
    "99999",
    "999999",
    "9999999",
    "99999999",
    "999999999",
    "9999999999",
    "999999999999",
    "9999999999999",
    "99999999999999",
    // letter and digits: California 7, Michigan 12, Florida 12, Illinois 11, Maryland 12, Minnesota 12, Wisconsin 13, New Jersey 14, Ontario 14
    "A999999",
    "A9999999",
    "A99999999",
    "A999999999",
    "A99999999999",
    "A999999999999",
    "A9999999999999",
    "A99999999999999",
    "A99999",
    // letters and digits: Ohio, Nevada, Kansas, Iowa, Idaho, Washington, New Hampshire, Kentucky, Poland, India, Italy, Germany, Netherlands, Spain
    "AA999999",
    "AA9999999",
    "AA99999999",
    "AA999999A",
    "AAA999999",
    "AA9999999A",
    "99AAA99999",
    "A99A99A99",
    "999AA9999",
    "AAA9999999",
    "AAAAA99999*9",
    "AAA**AA999A9",
    "AAAAAAA999A9",
    "AAAAA999***9",
    "AA9999999999999",
    "AA99999999999",
    "*9999******",
    "*99*********",
    "A99********",
    "99999999A",
    "9999999A",
    "9999A",
    "99999AAAA",
    "999999999A",
    "AA99999",
    "99AA999999",
    "9999999AA",
    "99999999AAA",
    "A999999999A",
    "999A999999",
];

/// DVLA, "Driver number": five letters of the surname (filled with 9), a digit of the year, month (50 more for women), day, a digit
/// of the year, initials, and check places.
fn british(code: &[u8]) -> bool {
    let letters = code[..5]
        .iter()
        .position(|byte| byte.is_ascii_digit())
        .unwrap_or(5);
    letters > 0
        && code[letters..5].iter().all(|byte| *byte == b'9')
        && is_day(None, two(code, 6) % 50, two(code, 8))
        && at(code, 10) < 10
        && code[11].is_ascii_alphabetic()
        && (code[12].is_ascii_alphabetic() || code[12] == b'9')
}
