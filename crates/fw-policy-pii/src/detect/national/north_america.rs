//! Canada. The numbers of the United States are in `ssn.rs`.

use super::super::checkdigit::all_same;
use super::super::checksum::luhn;
use super::super::scheme::{Scheme, any};
use crate::entity::Entity;
use crate::finding::confidence::LIKELY;

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme::new(Entity::NationalId, "ca-sin", &["999999999"], sin).words(&[
        "sin",
        "sin number",
        "sin no",
        "social insurance",
        "social insurance number",
        "nas",
        "assurance sociale",
        "numero d assurance sociale",
    ]),
    Scheme::new(Entity::TaxId, "ca-bn", &["999999999AA9999"], |number| {
        luhn(&number[..9])
    })
    .alone(LIKELY)
    .words(&["business number", "bn", "gst", "hst"]),
    Scheme::new(
        Entity::MedicalId,
        "ca-health-card",
        &["9999999999", "9999999999AA", "AAAA99999999", "999999999"],
        any,
    )
    .unchecked()
    .words(&[
        "health card",
        "ohip",
        "health card number",
        "ramq",
        "carte soleil",
        "assurance maladie",
        "msp",
        "phn",
        "personal health number",
    ]),
];

/// Employment and Social Development Canada, "The Social Insurance Number Code of Practice": Luhn's formula; none begins with 0 or 8.
fn sin(digits: &[u8]) -> bool {
    !matches!(digits[0], b'0' | b'8') && !all_same(digits) && luhn(digits)
}
