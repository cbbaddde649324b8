//! Filters one after the other.

mod relay;

use std::fmt;

use self::relay::Relay;
use crate::filter::{Edits, Scan, TextFilter, Window};
use crate::pending::{range_in, run};

/// Two filters as one: the second sees the text as the first left it.
///
/// ```
/// use fw_stream::{Chained, Edits, Scan, TextFilter, Window, filter_text};
///
/// /// Writes one letter for another.
/// struct Letter(&'static str, &'static str);
///
/// impl TextFilter for Letter {
///     fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
///         for (at, found) in window.text()[window.start()..].match_indices(self.0) {
///             let at = window.start() + at;
///             edits.replace(at..at + found.len(), self.1);
///         }
///         Scan::Settled(window.text().len())
///     }
/// }
///
/// let mut both = Chained::new(Letter("a", "b"), Letter("b", "c"));
/// assert_eq!(filter_text(&mut both, "a cab").unwrap().as_deref(), Some("c ccc"));
/// ```
///
/// Text is settled when both say so. What they change together is said as changes of the text that came in,
/// so that whoever runs this needs to know of one filter only. Chains of chains make any number;
/// [`chain_filters`] makes one of filters that are known only at run time.
///
/// While the first filter changes nothing, the second reads the same text in place: nothing is copied, and
/// nothing allocated.
pub struct Chained<A, B> {
    first: A,
    second: B,
    /// How much of the source the first has settled and the second has not.
    ahead: usize,
    /// The text between the two, where it is not the source.
    relay: Relay,
    found: Edits,
}

// === impl Chained ===

impl<A, B> Chained<A, B> {
    /// Gives to `second` what `first` makes of a text.
    pub const fn new(first: A, second: B) -> Self {
        Self {
            first,
            second,
            ahead: 0,
            relay: Relay::new(),
            found: Edits::new(),
        }
    }

    /// Gives the filters back.
    pub fn into_inner(self) -> (A, B) {
        (self.first, self.second)
    }
}

impl<A: TextFilter, B: TextFilter> TextFilter for Chained<A, B> {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let text = window.text();
        // Up to here the first has settled the text.
        let start = window.start() + self.ahead;
        let (view, cut) = view(window, start, self.first.context());
        let settled = match run(&mut self.first, &view, &mut self.found) {
            Ok(settled) => settled + cut,
            Err(error) => return Scan::Stop(error),
        };
        if self.found.is_empty() && !self.relay.is_open() {
            let whole = Window::new(
                text.get(..settled).unwrap_or(text),
                window.start(),
                start,
                window.is_end(),
            );
            let (view, cut) = self::view(&whole, window.start(), self.second.context());
            let both = match run(&mut self.second, &view, &mut self.found) {
                Ok(settled) => settled + cut,
                Err(error) => return Scan::Stop(error),
            };
            for edit in self.found.drain() {
                let range = range_in(&view, &edit.range);
                edits.replace(range.start + cut..range.end + cut, edit.with);
            }
            self.ahead = settled - both;
            return Scan::Settled(both);
        }
        let context = self.second.context();
        if !self.relay.is_open() {
            self.relay.open(text, window.start(), start, context);
        }
        let mut at = start;
        for edit in self.found.drain() {
            let range = range_in(&view, &edit.range);
            let range = range.start + cut..range.end + cut;
            self.relay
                .copy(text.get(at..range.start).unwrap_or_default());
            self.relay.replace(range.len(), &edit.with);
            at = range.end;
        }
        self.relay.copy(text.get(at..settled).unwrap_or_default());
        let end = window.is_end();
        if let Err(error) = self.relay.scan(&mut self.second, end, &mut self.found) {
            return Scan::Stop(error);
        }
        let both = window.start() + self.relay.settle(window.start(), edits);
        self.ahead = settled - both;
        if end {
            // Ready for another text.
            self.ahead = 0;
            self.relay.close();
        } else {
            self.relay.forget(context);
        }
        Scan::Settled(both)
    }

    fn context(&self) -> usize {
        self.first.context().max(self.second.context())
    }
}

/// What a filter sees that has settled the text up to `start` and wants so much `context`; and how much
/// shorter that is.
fn view<'a>(window: &Window<'a>, start: usize, context: usize) -> (Window<'a>, usize) {
    let text = window.text();
    let cut = text.floor_char_boundary(start.saturating_sub(context));
    let fresh = window.fresh().max(start) - cut;
    let rest = text.get(cut..).unwrap_or_default();
    (Window::new(rest, start - cut, fresh, window.is_end()), cut)
}

impl<A, B> fmt::Debug for Chained<A, B> {
    /// Lengths only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chained")
            .field("ahead", &self.ahead)
            .field("relay", &self.relay)
            .finish_non_exhaustive()
    }
}

/// Filters in order as one, each of which sees what the one before it left. `None` if there are none.
///
/// ```
/// use fw_stream::{TextFilter, chain_filters};
///
/// let none: [Box<dyn TextFilter>; 0] = [];
/// assert!(chain_filters(none).is_none());
/// ```
pub fn chain_filters(
    filters: impl IntoIterator<Item = Box<dyn TextFilter>>,
) -> Option<Box<dyn TextFilter>> {
    filters
        .into_iter()
        .reduce(|first, second| Box::new(Chained::new(first, second)))
}

#[cfg(test)]
mod tests;
