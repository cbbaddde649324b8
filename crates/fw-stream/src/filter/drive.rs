//! Runs a text through a filter piece by piece, as an engine does. Also used by the fuzz targets.

use super::{Edits, Scan, TextFilter, Window};

/// A channel that collects what leaves.
pub(crate) struct Driver<F> {
    filter: F,
    /// Settled text for context, then text that is not settled.
    held: String,
    start: usize,
    /// What a client has.
    pub(crate) out: String,
}

impl<F: TextFilter> Driver<F> {
    pub(crate) fn new(filter: F) -> Self {
        Self {
            filter,
            held: String::new(),
            start: 0,
            out: String::new(),
        }
    }

    /// Shows the filter more text, and lets out what is settled.
    pub(crate) fn push(&mut self, piece: &str, end: bool) {
        let fresh = self.held.len();
        self.held.push_str(piece);
        let mut edits = Edits::new();
        let window = Window::new(&self.held, self.start, fresh, end);
        let Scan::Settled(settled) = self.filter.scan(&window, &mut edits) else {
            panic!("no filter here stops");
        };
        assert!((self.start..=self.held.len()).contains(&settled));
        assert!(
            !end || settled == self.held.len(),
            "all is settled at the end"
        );
        let mut at = self.start;
        for edit in &edits {
            assert!(edit.range.start >= at && edit.range.end <= settled);
            self.out.push_str(&self.held[at..edit.range.start]);
            self.out.push_str(&edit.with);
            at = edit.range.end;
        }
        self.out.push_str(&self.held[at..settled]);
        let context = self
            .held
            .floor_char_boundary(settled.saturating_sub(self.filter.context()));
        self.held.drain(..context);
        self.start = settled - context;
    }
}

/// What a filter makes of a text that is cut at these places.
pub(crate) fn in_pieces(filter: impl TextFilter, text: &str, cuts: &[usize]) -> String {
    let mut cuts: Vec<usize> = cuts
        .iter()
        .map(|cut| text.floor_char_boundary(cut % (text.len() + 1)))
        .collect();
    cuts.sort_unstable();
    let mut driver = Driver::new(filter);
    let mut at = 0;
    for cut in cuts {
        driver.push(&text[at..cut], false);
        at = cut;
    }
    driver.push(&text[at..], true);
    driver.out
}

/// What a filter makes of a text at once.
pub(crate) fn at_once(filter: impl TextFilter, text: &str) -> String {
    in_pieces(filter, text, &[])
}

/// Hides runs of three digits and more, unless a letter stands before them, and what is between angle
/// brackets if it is short. So it needs context, waits, and does not care for structure.
pub(crate) struct Hide {
    pub(crate) brackets: bool,
    pub(crate) with: &'static str,
}

/// The most characters from one bracket to the other.
const MOST: usize = 12;

impl TextFilter for Hide {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let text = window.text();
        let mut at = window.start();
        while let Some(char) = text[at..].chars().next() {
            let rest = &text[at..];
            let mut length = char.len_utf8();
            if char == '<' && self.brackets {
                let mut short = rest.char_indices().take(MOST);
                if let Some((last, _)) = short.find(|(_, char)| *char == '>') {
                    length = last + 1;
                    edits.replace(at..at + length, self.with);
                } else if !window.is_end() && rest.chars().count() < MOST {
                    return Scan::Settled(at);
                }
            } else if char.is_ascii_digit() {
                let other = rest.find(|char: char| !char.is_ascii_digit());
                if other.is_none() && !window.is_end() {
                    return Scan::Settled(at);
                }
                length = other.unwrap_or(rest.len());
                let before = text[..at].chars().next_back();
                if length >= 3 && !before.is_some_and(char::is_alphabetic) {
                    edits.replace(at..at + length, self.with);
                }
            }
            at += length;
        }
        Scan::Settled(at)
    }

    fn context(&self) -> usize {
        4
    }
}
