//! The detectors. Each looks at one region and says what it found there.

mod card;
mod checksum;
mod context;
mod digits;
mod person;
pub(crate) mod secrets;
#[cfg(test)]
pub(crate) mod testing;

use crate::finding::Findings;
use crate::region::Region;

/// A family of detectors.
pub(crate) type Detect = fn(&Region<'_>, &mut Findings);

/// All families.
pub(crate) const ALL: &[Detect] = &[person::find, card::find, secrets::find];
