//! What detectors found, and which of it counts.

use std::cmp::Reverse;
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

/// A finding that counts, at its place in a window's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) range: Range<usize>,
    pub(crate) entity: Entity,
    pub(crate) scheme: &'static str,
    pub(crate) confidence: u8,
    /// This is more of the one before it, which is very long and was cut. It goes without a marker of its own.
    pub(crate) continued: bool,
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

    /// Changes what is asked for.
    pub(crate) const fn want(&mut self, wanted: EntitySet) {
        self.wanted = wanted;
    }

    pub(crate) const fn list_mut(&mut self) -> &mut Vec<Finding> {
        &mut self.list
    }

    #[cfg(test)]
    pub(crate) fn list(&self) -> &[Finding] {
        &self.list
    }
}

/// Leaves those findings that count: sure enough, and of those that overlap the best one. In order.
///
/// A checked finding is better than one that is not, then the longer is better, then the more confident, then
/// the earlier, then the one found first.
pub(crate) fn resolve(findings: &mut Vec<Finding>, min_confidence: u8) {
    findings.retain(|finding| finding.confidence >= min_confidence);
    if findings.len() < 2 {
        return;
    }
    findings.sort_by_key(|finding| {
        (
            Reverse(finding.checked),
            Reverse(finding.range.len()),
            Reverse(finding.confidence),
            finding.range.start,
        )
    });
    let mut kept = 0;
    for index in 0..findings.len() {
        let (best, rest) = findings.split_at(index);
        let best = best.get(..kept).unwrap_or(best);
        let fits = rest.first().is_some_and(|finding| {
            best.iter().all(|other| {
                finding.range.end <= other.range.start || other.range.end <= finding.range.start
            })
        });
        if fits {
            findings.swap(kept, index);
            kept += 1;
        }
    }
    findings.truncate(kept);
    findings.sort_by_key(|finding| finding.range.start);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::single_range_in_vec_init)]

    use super::*;

    fn finding(range: Range<usize>, confidence: u8, checked: bool) -> Finding {
        Finding {
            range,
            entity: Entity::Phone,
            scheme: "test",
            confidence,
            checked,
        }
    }

    fn resolved(mut findings: Vec<Finding>) -> Vec<Range<usize>> {
        resolve(&mut findings, 50);
        findings.into_iter().map(|finding| finding.range).collect()
    }

    #[test]
    fn all_that_do_not_overlap_stay_in_order() {
        let found = resolved(vec![finding(5..8, 60, false), finding(0..5, 60, false)]);
        assert_eq!(found, [0..5, 5..8]);
    }

    #[test]
    fn those_that_are_not_sure_enough_hide_nothing() {
        let found = resolved(vec![finding(0..9, 49, true), finding(2..5, 50, false)]);
        assert_eq!(found, [2..5]);
    }

    #[test]
    fn a_checked_one_is_better_than_a_longer_one() {
        let found = resolved(vec![finding(0..9, 90, false), finding(2..5, 60, true)]);
        assert_eq!(found, [2..5]);
    }

    #[test]
    fn a_longer_one_is_better_than_a_surer_one() {
        let found = resolved(vec![finding(0..4, 90, false), finding(2..9, 60, false)]);
        assert_eq!(found, [2..9]);
    }

    #[test]
    fn of_equal_length_the_surer_one_then_the_earlier_one_is_better() {
        let found = resolved(vec![finding(0..4, 60, false), finding(3..7, 90, false)]);
        assert_eq!(found, [3..7]);
        let found = resolved(vec![finding(3..7, 60, false), finding(0..4, 60, false)]);
        assert_eq!(found, [0..4]);
    }

    #[test]
    fn one_that_lost_hides_nothing() {
        let found = resolved(vec![
            finding(0..6, 60, false),
            finding(5..9, 60, false),
            finding(8..11, 60, false),
        ]);
        assert_eq!(found, [0..6, 8..11]);
    }
}
