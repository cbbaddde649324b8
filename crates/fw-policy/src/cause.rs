//! Causes of errors, by type.

use std::error::Error;

/// The first error of this type in a chain of causes.
pub(crate) fn caused_by<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    // A chain that long is a circle.
    for _ in 0..32 {
        let error = next?;
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
