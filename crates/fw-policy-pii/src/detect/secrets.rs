//! Keys, tokens and passwords.

mod names;

pub(crate) use names::is_secret_name;

use crate::finding::Findings;
use crate::region::Region;

/// Looks for secrets in one region.
pub(crate) fn find(_region: &Region<'_>, _findings: &mut Findings) {}
