//! Runs the segmenter and the detectors over the text of one channel.

use std::ops::Range;

use fw_stream::Window;

use crate::detect::{self, Detect};
use crate::entity::{Entity, EntitySet};
use crate::finding::{Findings, Found, confidence, resolve};
use crate::region::Region;
use crate::segment::{Piece, Segmenter, context_before};
use crate::shapes;

/// What is looked for, and how sure one has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) entities: EntitySet,
    /// Findings less sure than this do not count.
    pub(crate) min_confidence: u8,
}

/// Finds things in the text of one channel, as it grows. Holds no text.
#[derive(Debug)]
pub(crate) struct Scanner {
    segmenter: Segmenter,
    findings: Findings,
    /// What was found last that may go on.
    last: Option<(Entity, &'static str, u8)>,
}

impl Scanner {
    /// A scanner for a new channel.
    pub(crate) const fn new() -> Self {
        Self {
            segmenter: Segmenter::new(),
            findings: Findings::new(EntitySet::EMPTY),
            last: None,
        }
    }

    /// Appends what is found in `window` to `found`, in order and without overlap, as ranges of the window's
    /// text, and gives the position before which the text is settled.
    ///
    /// `window` has to begin where the last call said, with [`CONTEXT`](crate::region::CONTEXT) bytes before.
    pub(crate) fn scan(
        &mut self,
        window: &Window<'_>,
        wanted: Wanted,
        found: &mut Vec<Found>,
    ) -> usize {
        self.scan_with(window, wanted, detect::ALL, found)
    }

    fn scan_with(
        &mut self,
        window: &Window<'_>,
        wanted: Wanted,
        families: &[Detect],
        found: &mut Vec<Found>,
    ) -> usize {
        self.findings.want(wanted.entities);
        self.segmenter.enter(window, wanted.entities);
        loop {
            match self.segmenter.next(window) {
                Piece::Settled(position) => return position,
                Piece::Region(range) => {
                    self.judge(window.text(), &range, wanted, families, found);
                }
                Piece::Cut(range) => {
                    let before = found.len();
                    self.judge(window.text(), &range, wanted, families, found);
                    let here = found.get(before..).unwrap_or_default();
                    self.last = here
                        .last()
                        .map(|last| (last.entity, last.scheme, last.confidence));
                    let ranges = here.iter().map(|found| found.range.clone());
                    if self.segmenter.after_cut(window, &range, ranges) {
                        found.pop();
                    }
                }
                Piece::Key(range) => {
                    let counts = wanted.entities.contains(Entity::Secret)
                        && wanted.min_confidence <= confidence::CERTAIN;
                    self.last =
                        counts.then_some((Entity::Secret, "pem-private-key", confidence::CERTAIN));
                    self.push(range, false, found);
                }
                Piece::More(range) => self.push(range, true, found),
            }
        }
    }

    /// Lets all families look at a region.
    fn judge(
        &mut self,
        text: &str,
        range: &Range<usize>,
        wanted: Wanted,
        families: &[Detect],
        found: &mut Vec<Found>,
    ) {
        let context = context_before(text, range.start);
        let start = range.start - context.len();
        let region = Region::new(
            text.get(start..range.end).unwrap_or_default(),
            context.len(),
        );
        let fewer = (families.len() == detect::ALL.len()).then(|| shapes::families(region.body()));
        for detect in fewer.flatten().unwrap_or(families) {
            detect(&region, &mut self.findings);
        }
        let list = self.findings.list_mut();
        if list.is_empty() {
            return;
        }
        resolve(list, wanted.min_confidence);
        found.extend(list.drain(..).map(|finding| Found {
            range: finding.range.start + start..finding.range.end + start,
            entity: finding.entity,
            scheme: finding.scheme,
            confidence: finding.confidence,
            continued: false,
        }));
    }

    fn push(&self, range: Range<usize>, continued: bool, found: &mut Vec<Found>) {
        if let Some((entity, scheme, confidence)) = self.last {
            found.push(Found {
                range,
                entity,
                scheme,
                confidence,
                continued,
            });
        }
    }
}

#[cfg(test)]
mod tests;
