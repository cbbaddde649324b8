//! Runs the segmenter and the detectors over the text of one channel.

use fw_stream::Window;

use crate::detect::{self, Detect};
use crate::entity::EntitySet;
use crate::finding::{Findings, Found, resolve};
use crate::region::Region;
use crate::segment::{Piece, Segmenter};

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
}

impl Scanner {
    /// A scanner for a new channel.
    pub(crate) const fn new() -> Self {
        Self {
            segmenter: Segmenter::new(),
            findings: Findings::new(EntitySet::EMPTY),
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
        loop {
            match self.segmenter.next(window) {
                Piece::Settled(position) => return position,
                Piece::Region(range) => {
                    let context = range.start.saturating_sub(crate::region::CONTEXT);
                    let context = window.text().ceil_char_boundary(context);
                    let text = &window.text()[context..range.end];
                    let region = Region::new(text, range.start - context);
                    self.findings.clear();
                    for detect in families {
                        detect(&region, &mut self.findings);
                    }
                    let list = self.findings.list_mut();
                    resolve(list, wanted.min_confidence);
                    found.extend(list.drain(..).map(|finding| Found {
                        range: finding.range.start + context..finding.range.end + context,
                        entity: finding.entity,
                        scheme: finding.scheme,
                        confidence: finding.confidence,
                        continued: false,
                    }));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Entity;

    #[test]
    fn a_text_without_anything_is_settled_at_its_end() {
        let wanted = Wanted {
            entities: Entity::ALL.iter().copied().collect(),
            min_confidence: 50,
        };
        let mut found = Vec::new();
        let window = Window::new("nothing to see", 0, 0, true);
        assert_eq!(Scanner::new().scan(&window, wanted, &mut found), 14);
        assert!(found.is_empty());
    }
}
