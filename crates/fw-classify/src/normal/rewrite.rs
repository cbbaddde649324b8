//! One pass over a text: compatibility form, lower case, single spaces.
//!
//! NFKC works on segments: a character that begins something new, and all that may melt with it. Almost all segments
//! are one character that stays; only the others are decomposed and composed.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, decompose_compatible};

use super::classes::{Class, class, is_invisible};
use crate::offsets::Draft;

/// How many combining marks a character keeps. Vietnamese needs two, Hebrew and Arabic with all signs three or four.
const MAX_MARKS: usize = 4;

/// How many characters without a beginning of their own a segment takes, so that a map stays exact.
const MAX_SEGMENT: usize = 32;

/// What a pass does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// Compatibility form, without invisible characters.
    pub(super) unicode: bool,
    /// Lower case, single spaces.
    pub(super) fold: bool,
}

/// Rewrites `text`.
pub(super) fn rewrite(text: &str, options: Options) -> Draft {
    let mut pass = Pass {
        text,
        options,
        draft: Draft::with_capacity(text.len()),
        segment: None,
        parts: String::new(),
        space: None,
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let ascii = ascii_len(&bytes[at..]);
        if ascii > 0 {
            pass.flush();
            let end = at + ascii;
            // The last one may get a mark.
            let last = if end < bytes.len() { end - 1 } else { end };
            pass.ascii(at..last);
            if last < end {
                pass.next(last, char::from(bytes[last]));
            }
            at = end;
        }
        // Several in a row: most letters of a text are of one kind.
        for c in text[at..].chars() {
            if c.is_ascii() {
                break;
            }
            pass.next(at, c);
            at += c.len_utf8();
        }
    }
    pass.flush();
    pass.flush_space();
    pass.draft
}

/// How many bytes of ASCII there are at the beginning: several at a time, since most texts are nothing else.
fn ascii_len(bytes: &[u8]) -> usize {
    let (chunks, _) = bytes.as_chunks::<32>();
    let whole = 32 * chunks.iter().take_while(|chunk| chunk.is_ascii()).count();
    let rest = bytes[whole..].iter().take_while(|byte| byte.is_ascii());
    whole + rest.count()
}

/// Whether the compatibility form of `text` is `text`, and nothing in it is invisible.
pub(super) fn is_clean(text: &str) -> bool {
    let odd = |byte: u8| byte == 0x7F || (byte < b' ' && !(b'\t'..=b'\r').contains(&byte));
    // All of them, without a look at each: side by side that is faster.
    if text.bytes().fold(false, |any, byte| any | odd(byte)) {
        return false;
    }
    if text.is_ascii() {
        return true;
    }
    // What a mark would stand on, the order of the last mark, and their number.
    let (mut base, mut last, mut marks) = (false, 0, 0);
    let mut rest = text;
    while let Some(start) = rest.bytes().position(|byte| !byte.is_ascii()) {
        if let Some(before) = start.checked_sub(1).and_then(|at| rest.as_bytes().get(at)) {
            (base, last, marks) = (*before > b' ', 0, 0);
        }
        let mut chars = rest[start..].chars();
        for c in chars.by_ref() {
            match if c.is_ascii() { Class::Plain } else { class(c) } {
                Class::Plain => (base, last, marks) = (!c.is_whitespace(), 0, 0),
                Class::Mark(order) => {
                    marks += 1;
                    if !base || last > order || marks > MAX_MARKS {
                        return false;
                    }
                    last = order;
                }
                Class::Changes | Class::Joins | Class::Invisible => return false,
            }
            if c.is_ascii() {
                break;
            }
        }
        rest = chars.as_str();
    }
    true
}

/// A pass over a text.
struct Pass<'a> {
    text: &'a str,
    options: Options,
    draft: Draft,
    segment: Option<Segment>,
    /// The parts of the segment, decomposed, once it has to be composed.
    parts: String,
    /// White space that was not written yet, and whether there is a newline in it.
    space: Option<(Range<usize>, bool)>,
}

/// A character and what may melt with it.
struct Segment {
    source: Range<usize>,
    /// What it begins with.
    head: char,
    /// Whether it has to be decomposed and composed.
    composes: bool,
    /// How many parts there are, and how many marks in a row at the end.
    parts: usize,
    marks: usize,
    /// The order of the last mark.
    last: u8,
    /// Whether the marks have nothing to stand on.
    bare: bool,
}

impl Pass<'_> {
    /// ASCII characters, none of which can get a mark.
    fn ascii(&mut self, range: Range<usize>) {
        let bytes = self.text.as_bytes();
        let mut start = range.start;
        let mut at = range.start;
        while at < range.end {
            let byte = bytes[at];
            if byte > b' ' && byte != 0x7F {
                at += 1;
                continue;
            }
            let white = byte == b' ' || (b'\t'..=b'\r').contains(&byte);
            let stays = if !white {
                !self.options.unicode
            } else if self.options.fold {
                // One space, or one newline, between two words.
                matches!(byte, b' ' | b'\n')
                    && start < at
                    && at + 1 < range.end
                    && bytes[at + 1] > b' '
            } else {
                true
            };
            if !stays {
                self.ascii_words(start..at);
                start = at + 1;
                if white {
                    self.white(at..at + 1, matches!(byte, b'\n' | b'\r'));
                }
            }
            at += 1;
        }
        self.ascii_words(start..range.end);
    }

    fn ascii_words(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        self.flush_space();
        let written = self.draft.text.len();
        self.draft.copy(&self.text[range.clone()], range.start);
        if self.options.fold {
            self.draft.text[written..].make_ascii_lowercase();
        }
    }

    /// The next character.
    fn next(&mut self, at: usize, c: char) {
        let class = if !self.options.unicode {
            Class::Plain
        } else if c.is_ascii() {
            if is_invisible(c) {
                Class::Invisible
            } else {
                Class::Plain
            }
        } else {
            class(c)
        };
        let source = at..at + c.len_utf8();
        match class {
            Class::Plain => self.begin(source, c, false),
            Class::Changes => self.begin(source, c, true),
            Class::Mark(order) => self.mark(source, c, order),
            Class::Joins => self.join(source, c),
            Class::Invisible => {}
        }
    }

    fn begin(&mut self, source: Range<usize>, c: char, composes: bool) {
        self.flush();
        let mut segment = Segment {
            source,
            head: c,
            composes,
            parts: 1,
            marks: 0,
            last: 0,
            bare: c.is_whitespace(),
        };
        if composes {
            self.parts.clear();
            decompose_into(&mut self.parts, &mut segment, c);
        }
        self.segment = Some(segment);
    }

    /// A mark that melts with nothing.
    fn mark(&mut self, source: Range<usize>, c: char, order: u8) {
        let Some(segment) = &mut self.segment else {
            return; // It has nothing to stand on.
        };
        if segment.composes || segment.bare {
            return self.join(source, c);
        }
        if segment.source.end == source.start && segment.last <= order && segment.marks < MAX_MARKS
        {
            segment.source.end = source.end;
            segment.last = order;
            segment.marks += 1;
        } else {
            self.join(source, c);
        }
    }

    /// A character that may melt with the segment.
    fn join(&mut self, source: Range<usize>, c: char) {
        let starter = canonical_combining_class(c) == 0;
        match &mut self.segment {
            None => {
                // A mark has nothing to stand on; a part of a syllable may stand alone.
                self.begin(source, c, true);
            }
            // White space melts with nothing.
            Some(segment) if starter && (segment.bare || segment.parts >= MAX_SEGMENT) => {
                self.begin(source, c, true)
            }
            Some(segment) => {
                if !segment.composes {
                    segment.composes = true;
                    segment.marks = 0;
                    self.parts.clear();
                    for part in self.text[segment.source.clone()].chars() {
                        decompose_into(&mut self.parts, segment, part);
                    }
                }
                segment.source.end = source.end;
                segment.parts += 1;
                decompose_into(&mut self.parts, segment, c);
            }
        }
    }

    /// Writes the segment.
    fn flush(&mut self) {
        let Some(segment) = self.segment.take() else {
            return;
        };
        if !segment.composes {
            let marks = segment.source.start + segment.head.len_utf8()..segment.source.end;
            self.write(segment.head, segment.source.start..marks.start, true);
            self.draft.copy(&self.text[marks.clone()], marks.start);
            return;
        }
        let parts = std::mem::take(&mut self.parts);
        let mut whole: String = parts.nfkc().collect();
        if self.options.fold && whole.chars().any(|c| lower(c) != c) {
            // Some pairs only melt in lower case.
            whole = whole.chars().map(lower).nfkc().collect();
        }
        if whole == self.text[segment.source.clone()] {
            let mut at = segment.source.start;
            for c in whole.chars() {
                self.write(c, at..at + c.len_utf8(), true);
                at += c.len_utf8();
            }
        } else {
            for c in whole.chars().filter(|c| !is_invisible(*c)) {
                self.write(c, segment.source.clone(), false);
            }
        }
        self.parts = parts;
    }

    /// Writes a character. `copy` says that `source` is that one character.
    fn write(&mut self, c: char, source: Range<usize>, copy: bool) {
        if !self.options.fold {
            return self.put(c, source, copy);
        }
        if c.is_whitespace() {
            let newline = matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
            return self.white(source, newline);
        }
        self.flush_space();
        self.put(lower(c), source, copy);
    }

    fn put(&mut self, c: char, source: Range<usize>, copy: bool) {
        self.draft.text.push(c);
        if copy && source.len() == c.len_utf8() {
            self.draft.offsets.copy(source.len(), source.start);
        } else {
            self.draft.offsets.block(c.len_utf8(), source);
        }
    }

    fn white(&mut self, source: Range<usize>, newline: bool) {
        match &mut self.space {
            Some((range, has_newline)) => {
                range.end = source.end;
                *has_newline |= newline;
            }
            None => self.space = Some((source, newline)),
        }
    }

    fn flush_space(&mut self) {
        if let Some((source, newline)) = self.space.take() {
            let copy = source.len() == 1;
            self.put(if newline { '\n' } else { ' ' }, source, copy);
        }
    }
}

/// Appends the parts of `c`, but no more marks than a character may have, and none on white space.
fn decompose_into(parts: &mut String, segment: &mut Segment, c: char) {
    decompose_compatible(c, |part| {
        if canonical_combining_class(part) == 0 {
            segment.marks = 0;
            segment.bare = part.is_whitespace();
        } else {
            segment.marks += 1;
            if segment.marks > MAX_MARKS || segment.bare || parts.is_empty() {
                return;
            }
        }
        parts.push(part);
    });
}

/// Lower case, one character for one.
fn lower(c: char) -> char {
    if let 'а'..='џ' | '\u{600}'..='\u{109F}' | '\u{3000}'..='\u{9FFF}' | '가'..='힣' = c {
        return c; // No capitals, and frequent.
    }
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        // Only İ has two: an i with the dot it has anyway.
        (Some(one), Some(_)) => one,
        (None, _) => c,
    }
}
