//! The detectors. Each looks at one region and says what it found there.

pub(crate) mod address;
mod bank;
mod bic;
mod birth;
mod candidate;
mod card;
mod checkdigit;
mod checksum;
pub(crate) mod context;
mod crypto;
mod digits;
mod email;
mod gps;
mod iban;
mod ids;
mod ip;
mod labels;
pub(crate) mod lexicon;
mod licence;
mod mac;
mod medical;
pub(crate) mod months;
mod national;
mod passport;
pub(crate) mod person;
mod phone;
mod scheme;
pub(crate) mod secrets;
mod ssn;
#[cfg(test)]
pub(crate) mod testing;
mod url;
mod vehicle;
mod word_list;

use crate::finding::Findings;
use crate::region::Region;

/// A family of detectors.
pub(crate) type Detect = fn(&Region<'_>, &mut Findings);

/// Those that may find something in a number of up to four digits alone. Texts are full of such numbers.
pub(crate) const SMALL_NUMBER: &[Detect] = &[card::find, secrets::find, birth::find];

/// Those that may find something in a date with a time.
pub(crate) const TIME: &[Detect] = &[secrets::find, birth::find];

/// Those that may find something in a UUID: it may be a key.
pub(crate) const UUID: &[Detect] = &[secrets::find];

/// All families.
pub(crate) const ALL: &[Detect] = &[
    person::find,
    address::find,
    card::find,
    secrets::find,
    phone::find,
    email::find,
    ids::find,
    birth::find,
    iban::find,
    ip::find,
    mac::find,
    crypto::find,
    bic::find,
    bank::find,
    url::find,
    gps::find,
];
