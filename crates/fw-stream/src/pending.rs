//! What adapters of filters have in common: running the inner filter, and keeping its edits until they can
//! be said in terms of the outer text.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;

use fw_wire::ApiError;

use crate::filter::{Edit, Edits, Scan, TextFilter, Window};

/// Runs a filter. `edits` are cleared first. Gives up to where the text is settled, on a character boundary.
///
/// A filter that edits what it has not settled has made up its mind after all: nothing that it wanted
/// changed may leave unchanged.
pub(crate) fn run(
    filter: &mut (impl TextFilter + ?Sized),
    window: &Window<'_>,
    edits: &mut Edits,
) -> Result<usize, Box<ApiError>> {
    edits.clear();
    let text = window.text();
    match filter.scan(window, edits) {
        Scan::Stop(error) => Err(error),
        Scan::Settled(_) if window.is_end() => Ok(text.len()),
        Scan::Settled(at) => {
            let edited = edits.iter().last().map_or(0, |edit| edit.range.end);
            let at = text.floor_char_boundary(at).max(window.start());
            Ok(at.max(text.ceil_char_boundary(edited)))
        }
    }
}

/// The range of an edit in a window, on character boundaries, without what is settled.
pub(crate) fn range_in(window: &Window<'_>, range: &Range<usize>) -> Range<usize> {
    let text = window.text();
    let start = text.floor_char_boundary(range.start).max(window.start());
    start..text.ceil_char_boundary(range.end).max(start)
}

/// Edits that are not made yet, in order.
#[derive(Default)]
pub(crate) struct Pending {
    edits: VecDeque<Edit>,
}

// === impl Pending ===

impl Pending {
    pub(crate) const fn new() -> Self {
        Self {
            edits: VecDeque::new(),
        }
    }

    /// Adds what a filter found in a window whose text begins at `place`.
    pub(crate) fn add(&mut self, found: &mut Edits, window: &Window<'_>, place: usize) {
        for Edit { range, with } in found.drain() {
            let range = range_in(window, &range);
            let range = place + range.start..place + range.end;
            self.edits.push_back(Edit { range, with });
        }
    }

    /// Gives the parts of edits that lie in `part`, each with what takes its place.
    ///
    /// `each` takes the replacement, so that it is written once; where it leaves it, a later part of the
    /// edit will have it. Edits that end within `part` are done with. An insertion at the very end of `part`
    /// belongs to it only if `insert_at_end`.
    pub(crate) fn within(
        &mut self,
        part: Range<usize>,
        insert_at_end: bool,
        mut each: impl FnMut(Range<usize>, &mut Cow<'static, str>),
    ) {
        while let Some(edit) = self.edits.front_mut() {
            let at_end = edit.range.is_empty() && insert_at_end;
            if edit.range.start > part.end || (edit.range.start == part.end && !at_end) {
                return;
            }
            let range = edit.range.start.max(part.start)..edit.range.end.min(part.end);
            each(range, &mut edit.with);
            if edit.range.end > part.end {
                return;
            }
            self.edits.pop_front();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.edits.len()
    }

    pub(crate) fn clear(&mut self) {
        self.edits.clear();
    }
}
