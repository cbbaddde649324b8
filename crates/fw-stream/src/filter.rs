//! What looks at the text of a channel and changes it, piece by piece.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use fw_wire::ApiError;

/// Looks at the text of one [`Channel`](crate::Channel) as it grows, and changes it.
///
/// A filter holds no text. Whoever runs it keeps the text that is not settled yet and shows it again with
/// what came since, so a filter only has to say up to where it has made up its mind.
///
/// The one rule: what becomes of a text must not depend on how it was cut into pieces. A filter keeps it if
/// what it decides about a place depends only on the text before that place and on text it waited for.
///
/// ```
/// use fw_stream::{Edits, Scan, TextFilter, Window, filter_text};
///
/// /// Hides numbers. A run of digits at the end may go on, so it is not settled.
/// struct HideNumbers;
///
/// impl TextFilter for HideNumbers {
///     fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
///         let text = window.text();
///         let mut at = window.start();
///         while let Some(found) = text[at..].find(|c: char| c.is_ascii_digit()) {
///             let start = at + found;
///             let rest = &text[start..];
///             let Some(length) = rest.find(|c: char| !c.is_ascii_digit()) else {
///                 if window.is_end() {
///                     edits.replace(start..text.len(), "#");
///                     break;
///                 }
///                 return Scan::Settled(start);
///             };
///             edits.replace(start..start + length, "#");
///             at = start + length;
///         }
///         Scan::Settled(text.len())
///     }
/// }
///
/// assert_eq!(filter_text(&mut HideNumbers, "room 12, floor 3").unwrap(), Some("room #, floor #".into()));
/// ```
pub trait TextFilter: Send {
    /// Looks at the text that is not settled, writes what is to change in it to `edits`, and says up to
    /// where the text is settled now.
    ///
    /// Called once for each piece of text, also an empty one, and a last time with
    /// [`is_end`](Window::is_end) when the channel closes: then everything has to be settled.
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan;

    /// How many bytes of settled text [`Window::text`] is to begin with, at most. None by default.
    fn context(&self) -> usize {
        0
    }
}

impl<F: TextFilter + ?Sized> TextFilter for Box<F> {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        (**self).scan(window, edits)
    }

    fn context(&self) -> usize {
        (**self).context()
    }
}

impl<F: TextFilter + ?Sized> TextFilter for &mut F {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        (**self).scan(window, edits)
    }

    fn context(&self) -> usize {
        (**self).context()
    }
}

/// What a [`TextFilter`] sees of a channel.
#[derive(Clone, Copy)]
pub struct Window<'a> {
    text: &'a str,
    start: usize,
    fresh: usize,
    end: bool,
}

impl<'a> Window<'a> {
    /// `text` is settled text up to `start`, text seen before but not settled up to `fresh`, and then new
    /// text. The positions are clamped to `text`.
    pub fn new(text: &'a str, start: usize, fresh: usize, end: bool) -> Self {
        let start = text.floor_char_boundary(start);
        Self {
            text,
            start,
            fresh: text.floor_char_boundary(fresh).max(start),
            end,
        }
    }

    /// The text: some that is settled, for context, then all that is not. As it came in, before any
    /// filter changed it.
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// Where the text that is not settled begins.
    pub const fn start(&self) -> usize {
        self.start
    }

    /// Where the text begins that was not shown before.
    pub const fn fresh(&self) -> usize {
        self.fresh
    }

    /// Whether no more text will come.
    pub const fn is_end(&self) -> bool {
        self.end
    }
}

impl fmt::Debug for Window<'_> {
    /// Lengths only: the text is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Window")
            .field("len", &self.text.len())
            .field("start", &self.start)
            .field("fresh", &self.fresh)
            .field("end", &self.end)
            .finish()
    }
}

/// What a [`TextFilter`] has decided.
#[derive(Debug)]
#[must_use]
pub enum Scan {
    /// The text before this position of [`Window::text`] is settled, with the edits made.
    Settled(usize),
    /// The reply must not go on. What is not settled is dropped, and the client is told this error.
    Stop(Box<ApiError>),
}

/// Changes to a text: ranges of it, each with what takes its place. In order, without overlap.
#[derive(Default)]
pub struct Edits {
    edits: Vec<Edit>,
}

/// One change to a text.
#[derive(Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced, in bytes.
    pub range: Range<usize>,
    /// What takes its place.
    pub with: Cow<'static, str>,
}

impl Edits {
    /// None yet.
    pub const fn new() -> Self {
        Self { edits: Vec::new() }
    }

    /// Replaces a range of the text.
    ///
    /// Ranges are given in order. One that begins before the end of the last one is cut to begin there; what
    /// is then empty and replaces nothing is ignored.
    pub fn replace(&mut self, range: Range<usize>, with: impl Into<Cow<'static, str>>) {
        let least = self.edits.last().map_or(0, |edit| edit.range.end);
        let range = range.start.max(least)..range.end.max(least);
        let with = with.into();
        if !(range.is_empty() && with.is_empty()) {
            self.edits.push(Edit { range, with });
        }
    }

    /// The changes, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Edit> {
        self.edits.iter()
    }

    /// Takes the changes out, in order, and keeps the memory.
    pub fn drain(&mut self) -> impl Iterator<Item = Edit> + '_ {
        self.edits.drain(..)
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// How many ranges change.
    pub fn len(&self) -> usize {
        self.edits.len()
    }

    /// Forgets all changes and keeps the memory.
    pub fn clear(&mut self) {
        self.edits.clear();
    }

    /// `text` with the changes made. Ranges that are not on character boundaries are widened.
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for edit in &self.edits {
            let start = text.floor_char_boundary(edit.range.start).max(at);
            out.push_str(&text[at..start]);
            out.push_str(&edit.with);
            at = text.ceil_char_boundary(edit.range.end).max(start);
        }
        out.push_str(&text[at..]);
        out
    }
}

impl<'a> IntoIterator for &'a Edits {
    type Item = &'a Edit;
    type IntoIter = std::slice::Iter<'a, Edit>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Edits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.edits).finish()
    }
}

impl fmt::Debug for Edit {
    /// Where and how long: a placeholder may be as private as what it replaces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edit")
            .field("range", &self.range)
            .field("with_len", &self.with.len())
            .finish()
    }
}

/// Runs a whole text through a filter. `None` if nothing changed.
///
/// # Errors
///
/// What the filter stopped with.
pub fn filter_text(
    filter: &mut (impl TextFilter + ?Sized),
    text: &str,
) -> Result<Option<String>, Box<ApiError>> {
    let mut edits = Edits::new();
    match filter.scan(&Window::new(text, 0, 0, true), &mut edits) {
        Scan::Stop(error) => Err(error),
        Scan::Settled(_) if edits.is_empty() => Ok(None),
        Scan::Settled(_) => Ok(Some(edits.apply(text))),
    }
}

#[cfg(test)]
pub(crate) mod drive;
