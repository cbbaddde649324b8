//! What detectors found, and which of it counts.

use std::ops::Range;

use crate::entity::{Entity, EntitySet};

/// One thing that a detector found. Positions are bytes of [`Region::text`](crate::region::Region::text).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) range: Range<usize>,
    pub(crate) entity: Entity,
    /// Which form of it, such as `visa`, `es-nif` or `github-pat`.
    pub(crate) scheme: &'static str,
    /// 0 to 100: how sure it is. 50 and more counts by default. See [`confidence`].
    pub(crate) confidence: u8,
    /// A check digit or checksum was right (or a vendor's own prefix is there): such findings win over others.
    pub(crate) checked: bool,
}

/// How sure a detector is, as all detectors use it.
pub(crate) mod confidence {
    /// The form alone cannot be anything else: an e-mail address, a vendor's key prefix, a checksum of
    /// two digits and more.
    pub(crate) const CERTAIN: u8 = 95;
    /// The form is rare elsewhere, or one check digit is right and the form is telling.
    pub(crate) const LIKELY: u8 = 75;
    /// The form may be something else; a word nearby speaks for it.
    pub(crate) const CONTEXT: u8 = 60;
    /// The form alone, which many other things have too. Below the default threshold.
    pub(crate) const WEAK: u8 = 30;
}

/// Where detectors put what they find in one region.
#[derive(Debug)]
pub(crate) struct Findings {
    wanted: EntitySet,
    list: Vec<Finding>,
}

impl Findings {
    pub(crate) const fn new(wanted: EntitySet) -> Self {
        Self {
            wanted,
            list: Vec::new(),
        }
    }

    /// Whether this kind is asked for. Detectors need not look for what is not.
    pub(crate) const fn wants(&self, entity: Entity) -> bool {
        self.wanted.contains(entity)
    }

    pub(crate) fn push(&mut self, finding: Finding) {
        if self.wants(finding.entity) && !finding.range.is_empty() {
            self.list.push(finding);
        }
    }

    pub(crate) fn list(&self) -> &[Finding] {
        &self.list
    }

    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }
}
