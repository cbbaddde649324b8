//! Runs one family over a text that is taken for one region.

use super::Detect;
use crate::entity::Entity;
use crate::finding::Findings;
use crate::region::Region;

/// What `detect` finds in `text`, without context: type, scheme, text, confidence.
pub(crate) fn find(detect: Detect, text: &str) -> Vec<(Entity, &'static str, &str, u8)> {
    find_after(detect, "", text)
        .into_iter()
        .map(|(entity, scheme, range, confidence)| (entity, scheme, &text[range], confidence))
        .collect()
}

/// What `detect` finds in `text` after `context`. Ranges are those of `text`.
pub(crate) fn find_after(
    detect: Detect,
    context: &str,
    text: &str,
) -> Vec<(Entity, &'static str, std::ops::Range<usize>, u8)> {
    let all = format!("{context}{text}");
    let mut findings = Findings::new(Entity::ALL.iter().copied().collect());
    detect(&Region::new(&all, context.len()), &mut findings);
    findings
        .list()
        .iter()
        .map(|finding| {
            let range = finding.range.start - context.len()..finding.range.end - context.len();
            (finding.entity, finding.scheme, range, finding.confidence)
        })
        .collect()
}
