//! Payment cards: numbers, verification values and holders' names.

mod holder;
mod issuer;
mod number;
mod verification;

use crate::finding::Findings;
use crate::region::Region;

pub(crate) fn find(region: &Region<'_>, findings: &mut Findings) {
    number::find(region, findings);
    verification::find(region, findings);
    holder::find(region, findings);
}
