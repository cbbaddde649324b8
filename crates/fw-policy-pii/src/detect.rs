//! The detectors. Each looks at one region and says what it found there.

pub(crate) mod address;
mod card;
mod checksum;
pub(crate) mod context;
mod digits;
mod email;
mod phone;
pub(crate) mod months;
pub(crate) mod person;
pub(crate) mod secrets;
#[cfg(test)]
pub(crate) mod testing;

use crate::finding::Findings;
use crate::region::Region;

/// A family of detectors.
pub(crate) type Detect = fn(&Region<'_>, &mut Findings);

/// All families.
pub(crate) const ALL: &[Detect] = &[
    person::find,
    address::find,
    card::find,
    secrets::find,
    phone::find,
    email::find,
];
