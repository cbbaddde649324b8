//! Filters the text within JSON.

mod decode;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::ops::Range;

use self::decode::{Decoder, Kind, Piece};
use crate::filter::{Edits, Scan, TextFilter, Window};
use crate::pending::{Pending, run};

/// Runs a filter over JSON text, such as the arguments of a tool call, so that what comes out is JSON
/// again.
///
/// Tool arguments are JSON within a JSON string, and come in pieces. Whoever has decoded the outer string
/// wraps its filter in this one:
///
/// ```
/// use fw_stream::{Edits, JsonText, Scan, TextFilter, Window, filter_text};
///
/// /// Hides one name.
/// struct HideAda;
///
/// impl TextFilter for HideAda {
///     fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
///         for (at, name) in window.text().match_indices("Ada") {
///             edits.replace(at..at + name.len(), "\"X\"");
///         }
///         Scan::Settled(window.text().len())
///     }
/// }
///
/// let arguments = r#"{"to": "\u0041da", "text": "Dear Ada,\nhello", "urgent": true}"#;
/// let filtered = filter_text(&mut JsonText::new(HideAda), arguments).unwrap();
/// let expected = r#"{"to": "\"X\"", "text": "Dear \"X\",\nhello", "urgent": true}"#;
/// assert_eq!(filtered.as_deref(), Some(expected));
/// ```
///
/// # What the filter sees
///
/// The text with the escapes within its strings decoded. Quotes, braces, colons and commas are visible as
/// they stand, so a filter can tell a value from its key. A lone surrogate is seen as U+FFFD.
///
/// # What becomes of its edits
///
/// - Within the contents of a string, key or value: the replacement is escaped, and only what it replaces
///   changes.
/// - Within a number, `true`, `false` or `null`: it becomes a string with the replacement in it.
/// - Over more than one of these: the replacement goes into the first and the rest is emptied. What stands
///   between them stays, so the structure is always the same.
/// - Where there is neither, nothing changes.
///
/// So valid JSON stays valid JSON. (A number of more than a kilobyte is not held until it ends: what is to
/// be replaced in it becomes nines, which leave it a number.)
///
/// Text that is not JSON is read all the same, as if it were: each quote begins or ends a string, and a
/// word outside of strings is treated like a number. Nothing of it escapes the filter.
///
/// # What is settled
///
/// Text is settled when the filter says so, but never within an escape, between two surrogates, or within a
/// number that may go on. What is made of a text does not depend on how it was cut.
pub struct JsonText<F> {
    filter: F,
    decoder: Decoder,
    /// What was read and is not settled.
    pieces: VecDeque<Piece>,
    /// Decoded text: some that the filter has settled, for context, and all that it has not.
    text: String,
    /// Where in `text` the part begins that the filter has not settled, and the part it has not seen.
    start: usize,
    shown: usize,
    /// How much of the decoded text went before `text`.
    dropped: usize,
    /// How much of the source is settled.
    settled: usize,
    /// What the filter made of the last window.
    found: Edits,
    /// Edits in decoded text that is not settled for the source, in places counted from its beginning.
    pending: Pending,
}

// === impl JsonText ===

impl<F> JsonText<F> {
    /// Shows decoded text to `filter`.
    pub const fn new(filter: F) -> Self {
        Self {
            filter,
            decoder: Decoder::new(),
            pieces: VecDeque::new(),
            text: String::new(),
            start: 0,
            shown: 0,
            dropped: 0,
            settled: 0,
            found: Edits::new(),
            pending: Pending::new(),
        }
    }

    /// The filter.
    pub const fn get_ref(&self) -> &F {
        &self.filter
    }

    /// The filter.
    pub const fn get_mut(&mut self) -> &mut F {
        &mut self.filter
    }

    /// Gives the filter back.
    pub fn into_inner(self) -> F {
        self.filter
    }

    /// Gets ready for another text, and keeps the memory.
    fn reset(&mut self) {
        self.decoder = Decoder::new();
        self.pieces.clear();
        self.text.clear();
        self.pending.clear();
        (self.start, self.shown, self.dropped, self.settled) = (0, 0, 0, 0);
    }

    /// Settles what the filter has settled, as far as it can be said in the source.
    fn settle(&mut self, source: &Source<'_>, edits: &mut Edits) {
        let until = self.dropped + self.start;
        let open = self.decoder.in_literal() && !source.end;
        while let Some(piece) = self.pieces.front_mut() {
            let part = if piece.decoded_end() <= until {
                *piece
            } else if piece.is_plain() && piece.decoded < until {
                piece.split_front(until - piece.decoded)
            } else {
                return;
            };
            let is_whole = part.decoded_end() == piece.decoded_end();
            if part.kind == Kind::Literal {
                if open && self.pieces.len() == 1 {
                    return;
                }
                self.settle_literal(part, source, edits);
            } else {
                self.settle_part(part, source, edits);
            }
            self.settled = part.source_end();
            if is_whole {
                self.pieces.pop_front();
            }
        }
    }

    fn settle_part(&mut self, part: Piece, source: &Source<'_>, edits: &mut Edits) {
        let decoded = part.decoded..part.decoded_end();
        // What is inserted right before a string's contents goes into them.
        let insert_at_end = part.kind != Kind::Structure;
        self.pending.within(decoded, insert_at_end, |range, with| {
            let range = source.range(part.source_of(&range));
            match part.kind {
                Kind::Structure => {}
                Kind::LongLiteral => edits.replace(range.clone(), nines(source.text(range))),
                _ => edits.replace(range, escaped(mem::take(with))),
            }
        });
    }

    /// Makes a string of a literal in which something changes.
    fn settle_literal(&mut self, literal: Piece, source: &Source<'_>, edits: &mut Edits) {
        let place = source.range(literal.source..literal.source_end());
        let text = source.text(place.clone());
        let mut changed: Option<String> = None;
        let mut copied = 0;
        let decoded = literal.decoded..literal.decoded_end();
        self.pending.within(decoded, false, |range, with| {
            // What is inserted right before it is not within it.
            if range.end > literal.decoded {
                let changed = changed.get_or_insert_default();
                let (from, to) = (range.start - literal.decoded, range.end - literal.decoded);
                changed.push_str(text.get(copied..from).unwrap_or_default());
                changed.push_str(&mem::take(with));
                copied = to;
            }
        });
        if let Some(mut changed) = changed {
            changed.push_str(text.get(copied..).unwrap_or_default());
            let mut string = String::new();
            fw_wire::encode_str(&mut string, &changed);
            edits.replace(place, string);
        }
    }
}

impl<F: TextFilter> JsonText<F> {
    /// Forgets decoded text that the filter does not want as context.
    fn forget(&mut self) {
        let context = self.start.saturating_sub(self.filter.context());
        let context = self.text.floor_char_boundary(context);
        self.text.drain(..context);
        self.start -= context;
        self.shown -= context;
        self.dropped += context;
    }
}

impl<F: TextFilter> TextFilter for JsonText<F> {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let source = Source {
            text: window.text(),
            start: window.start(),
            settled: self.settled,
            end: window.is_end(),
        };
        let unread = source.index(self.decoder.source());
        let unread = source.text(unread..source.text.len());
        self.decoder
            .read(unread, source.end, &mut self.text, &mut self.pieces);

        let decoded = Window::new(&self.text, self.start, self.shown, source.end);
        self.start = match run(&mut self.filter, &decoded, &mut self.found) {
            Ok(settled) => settled,
            Err(error) => return Scan::Stop(error),
        };
        self.pending.add(&mut self.found, &decoded, self.dropped);
        self.shown = self.text.len();
        self.settle(&source, edits);
        let settled = source.index(self.settled);
        if source.end {
            self.reset();
        } else {
            self.forget();
        }
        Scan::Settled(settled)
    }
}

impl<F> fmt::Debug for JsonText<F> {
    /// Lengths only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonText")
            .field("decoder", &self.decoder)
            .field("held_len", &(self.text.len() - self.start))
            .field("pending", &self.pending.len())
            .finish_non_exhaustive()
    }
}

/// The text of a window, by places counted from the beginning of the channel.
struct Source<'a> {
    text: &'a str,
    start: usize,
    settled: usize,
    end: bool,
}

// === impl Source ===

impl<'a> Source<'a> {
    const fn index(&self, place: usize) -> usize {
        self.start + place.saturating_sub(self.settled)
    }

    const fn range(&self, places: Range<usize>) -> Range<usize> {
        self.index(places.start)..self.index(places.end)
    }

    fn text(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }
}

/// What may stand between the quotes of a JSON string.
fn escaped(text: Cow<'static, str>) -> Cow<'static, str> {
    let is_plain = |byte| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        return text;
    }
    let mut string = String::new();
    fw_wire::encode_str(&mut string, &text);
    string.pop();
    string.remove(0);
    string.into()
}

/// A part of a number of the same length that says nothing. Nine is a digit that may stand anywhere.
fn nines(text: &str) -> String {
    let hide = |char: char| match char {
        '0'..='9' => '9',
        '+' | '-' | '.' | 'e' | 'E' => char,
        _ => '*',
    };
    text.chars().map(hide).collect()
}

#[cfg(test)]
mod tests;
