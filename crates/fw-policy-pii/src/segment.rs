//! Cuts text into regions.
//!
//! A region is one token, or several that a rule links: groups of digits, words of an address, a quoted value.
//! A token is a run of bytes without white space, quotes, brackets and the like ([`bytes`]). Most tokens are
//! words that hold nothing; they are passed over at once.
//!
//! Where a region begins and ends depends only on the text before its end and on the one token that may follow,
//! which is waited for. So the regions of a text are the same however it was cut into pieces.

mod bytes;
mod look;
mod numbers;
mod pem;
mod quoted;
mod words;

use std::ops::Range;

use fw_stream::Window;

use self::bytes::{BREAK, WIDE, class, token_end, wide};
use self::look::{Look, look};
use crate::entity::{Entity, EntitySet};
use crate::region::CONTEXT;

/// No token is linked to a region that would get longer than this.
const LONGEST_LINKED: usize = 512;
/// So much of such a region is judged again with what follows, unless something was found there: more than a
/// number with its separators takes.
const LINKED_OVERLAP: usize = 96;
/// A token longer than this is judged in pieces of this length.
const LONGEST_TOKEN: usize = 4096;
/// So much of a piece is judged again with the next one, unless something was found there.
const OVERLAP: usize = 512;

/// What the segmenter came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A region.
    Region(Range<usize>),
    /// The first piece of a very long token, or of very many linked ones. [`Segmenter::after_cut`] has to be called next.
    Cut(Range<usize>),
    /// A private key begins here.
    Key(Range<usize>),
    /// This belongs to what was found last.
    More(Range<usize>),
    /// The text before this position is settled; no more can be said about the window.
    Settled(usize),
}

/// Cuts the text of one channel into regions, as it grows.
///
/// Positions are those of the window's text while a window is looked at, and count from its settled part in
/// between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segmenter {
    phase: Phase,
    /// Where the region begins. What comes before is settled.
    region: usize,
    /// Where its last token ends.
    end: usize,
    /// Where the token begins that is being read: that of `region`, or the one that may be linked to it.
    token: usize,
    /// All before this was read.
    seen: usize,
    /// The classes of the token's bytes up to `seen`.
    classes: u8,
    /// Whether words may be linked to the region, not only numbers.
    by_words: bool,
    /// Whether the region is worth a look even if nothing is linked to it.
    judge: bool,
    /// Whether people's names are looked for, so that words may be linked as names.
    names: bool,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Between two tokens.
    Between,
    /// In a token.
    Token,
    /// In a token that was judged in part.
    LongToken,
    /// Behind a region that may go on.
    Gap,
    /// Between the quotes of a value.
    Quoted(quoted::Opening),
    /// Behind `-----BEGIN`.
    KeyStart,
    /// In a private key of which so many bytes were passed over.
    Key { length: usize, in_line: bool },
    /// In a long token in which something was found that goes on.
    Rest,
}

impl Segmenter {
    pub(crate) const fn new() -> Self {
        Self {
            phase: Phase::Between,
            region: 0,
            end: 0,
            token: 0,
            seen: 0,
            classes: 0,
            by_words: false,
            judge: false,
            names: false,
        }
    }

    /// Begins to look at a window. Its settled part has to end where the last one was settled.
    pub(crate) fn enter(&mut self, window: &Window<'_>, wanted: EntitySet) {
        self.names = wanted.contains(Entity::Person);
        self.shift(|position| position + window.start());
    }

    /// The next piece of the window. Called until it is [`Piece::Settled`].
    pub(crate) fn next(&mut self, window: &Window<'_>) -> Piece {
        loop {
            let piece = match self.phase {
                Phase::Between => self.between(window),
                Phase::Token => self.token(window),
                Phase::LongToken => self.long_token(window),
                Phase::Gap => self.gap(window),
                Phase::Quoted(opening) => self.quoted(window, opening),
                Phase::KeyStart => self.key_start(window),
                Phase::Key { length, in_line } => self.key(window, length, in_line),
                Phase::Rest => self.rest(window),
            };
            if let Some(piece) = piece {
                return piece;
            }
        }
    }

    /// Goes on after [`Piece::Cut`] in which these ranges were found. Says whether the last one does not
    /// count: it reaches the end of the piece, and will be found as a whole in the next one.
    pub(crate) fn after_cut(
        &mut self,
        window: &Window<'_>,
        piece: &Range<usize>,
        found: impl DoubleEndedIterator<Item = Range<usize>>,
    ) -> bool {
        if matches!(self.phase, Phase::Token) {
            return self.after_linked(window, piece, found);
        }
        let mut found = found.rev();
        let mut last = found.next();
        let mut seam = seam(window.text(), piece);
        let open = last.take_if(|last| last.end >= piece.end);
        match &open {
            Some(open) if open.start + OVERLAP < piece.end => {
                // Too long for that: the rest of the token belongs to it.
                self.phase = Phase::Rest;
                seam = piece.end;
            }
            Some(open) => {
                last = found.next();
                seam = seam.min(open.start);
            }
            None => {}
        }
        self.region = last.map_or(seam, |last| last.end.max(seam));
        self.seen = self.seen.max(self.region);
        self.token = self.region;
        open.is_some() && !matches!(self.phase, Phase::Rest)
    }

    /// Goes on after the first part of a region of very many tokens: with the last of them, or with what was
    /// found at its end and may be only a part.
    fn after_linked(
        &mut self,
        window: &Window<'_>,
        piece: &Range<usize>,
        found: impl DoubleEndedIterator<Item = Range<usize>>,
    ) -> bool {
        let text = window.text();
        let mut found = found.rev();
        let mut last = found.next();
        let open = last.take_if(|last| last.end >= piece.end && last.start > piece.start);
        let mut start = text.ceil_char_boundary(piece.end.saturating_sub(LINKED_OVERLAP));
        start += text
            .get(start..piece.end)
            .and_then(|rest| rest.find(' '))
            .unwrap_or(LINKED_OVERLAP);
        if let Some(open) = &open {
            last = found.next();
            start = start.min(open.start);
        }
        start = last.map_or(start, |last| last.end.max(start));
        let rest = text.get(start..piece.end).unwrap_or_default();
        let skipped = rest.len() - rest.trim_start_matches(numbers::is_gap).len();
        self.region = if start + skipped < piece.end {
            start + skipped
        } else {
            self.token
        };
        open.is_some()
    }

    fn settle(&mut self, position: usize) -> Option<Piece> {
        self.shift(|at| at.saturating_sub(position));
        Some(Piece::Settled(position))
    }

    fn shift(&mut self, by: impl Fn(usize) -> usize) {
        self.region = by(self.region);
        self.end = by(self.end);
        self.token = by(self.token);
        self.seen = by(self.seen);
    }

    /// Passes over breaks and words up to a token that is worth a look.
    fn between(&mut self, window: &Window<'_>) -> Option<Piece> {
        let text = window.text();
        let bytes = text.as_bytes();
        let mut at = self.seen;
        while let Some(byte) = bytes.get(at) {
            let class = class(*byte);
            if class == BREAK {
                at += 1;
                if let b'"' | b'\'' | b'`' = byte
                    && let Some(opening) = quoted::opening(text, at - 1)
                {
                    self.phase = Phase::Quoted(opening);
                    self.region = at;
                    self.seen = at;
                    return None;
                }
                if *byte == b' ' {
                    at = look::after_plain_words(bytes, at);
                }
                continue;
            }
            if class == WIDE
                && let (length, false) = wide(text, at)
            {
                at += length;
                continue;
            }
            let (end, classes) = token_end(text, at, 0);
            let is_whole = end < text.len() || window.is_end();
            if is_whole
                && end - at <= LONGEST_TOKEN
                && look(text, at..end, classes, self.names) == Look::NOTHING
            {
                at = end;
                continue;
            }
            self.phase = Phase::Token;
            self.region = at;
            self.token = at;
            self.seen = end;
            self.classes = classes;
            return None;
        }
        self.seen = at;
        self.settle(at)
    }

    /// In a token: the first of a region, or one that may be linked to it.
    fn token(&mut self, window: &Window<'_>) -> Option<Piece> {
        let text = window.text();
        (self.seen, self.classes) = token_end(text, self.seen, self.classes);
        let is_whole = self.seen < text.len() || window.is_end();
        if self.token != self.region {
            let fits = self.seen - self.region <= LONGEST_LINKED;
            if fits && !is_whole {
                return self.settle(self.region);
            }
            if fits && self.links(text) {
                self.end = self.seen;
                self.judge = true;
                return self.open(text);
            }
            let closed = self.region..self.end;
            if !fits && self.judge {
                // What is found may go on in this token.
                return Some(Piece::Cut(closed));
            }
            // The region ends before this token, which is the first of another one.
            self.region = self.token;
            return self.judge.then_some(Piece::Region(closed));
        }
        if self.seen - self.region > LONGEST_TOKEN {
            self.phase = Phase::LongToken;
            return None;
        }
        if !is_whole {
            return self.settle(self.region);
        }
        self.end = self.seen;
        if text
            .get(self.region..self.end)
            .is_some_and(|token| token.ends_with(pem::BEGIN))
        {
            self.phase = Phase::KeyStart;
            return None;
        }
        self.first(text)
    }

    /// After the first token of a region.
    fn first(&mut self, text: &str) -> Option<Piece> {
        let look = look(text, self.region..self.end, self.classes, self.names);
        self.judge = look.judge;
        if look.opens {
            self.by_words = look.by_words;
            self.phase = Phase::Gap;
            return None;
        }
        self.close()
    }

    /// After a token that was linked to the region: whether it goes on.
    fn open(&mut self, text: &str) -> Option<Piece> {
        let region = text.get(self.region..self.end).unwrap_or_default();
        self.by_words = words::opens(context_before(text, self.region), region, self.names);
        if self.by_words || numbers::opens(region) {
            self.phase = Phase::Gap;
            return None;
        }
        self.close()
    }

    /// Ends the region after its last token.
    fn close(&mut self) -> Option<Piece> {
        self.phase = Phase::Between;
        self.seen = self.end;
        let closed = self.region..self.end;
        self.region = self.end;
        self.judge.then_some(Piece::Region(closed))
    }

    fn links(&self, text: &str) -> bool {
        let part = |range: Range<usize>| text.get(range).unwrap_or_default();
        let region = part(self.region..self.end);
        let gap = part(self.end..self.token);
        let next = part(self.token..self.seen);
        (numbers::opens(region) && numbers::links(region, gap, next))
            || (self.by_words
                && words::links(
                    context_before(text, self.region),
                    region,
                    gap,
                    next,
                    self.names,
                ))
    }

    /// Behind a region that may go on: one to three characters, then a token.
    fn gap(&mut self, window: &Window<'_>) -> Option<Piece> {
        let text = window.text();
        let rest = text.get(self.end..).unwrap_or_default();
        let mut at = self.end;
        for c in rest.chars().take(4) {
            let is_break = match c {
                '\0'..='\x7f' => class(c as u8) == BREAK,
                _ => !wide(text, at).1,
            };
            if !is_break {
                if at == self.end || !(self.by_words || numbers::may_begin(c)) {
                    return self.close();
                }
                self.phase = Phase::Token;
                self.token = at;
                self.seen = at;
                self.classes = 0;
                return None;
            }
            if !(numbers::is_gap(c) || self.by_words && matches!(c, ',' | '\'' | '’')) {
                return self.close();
            }
            at += c.len_utf8();
        }
        if at == text.len() && rest.chars().take(4).count() < 4 && !window.is_end() {
            return self.settle(self.region);
        }
        self.close()
    }

    fn quoted(&mut self, window: &Window<'_>, opening: quoted::Opening) -> Option<Piece> {
        match quoted::closing(window.text(), self.region, opening, window.is_end()) {
            quoted::Closing::Unknown => self.settle(self.region),
            quoted::Closing::Never => {
                self.phase = Phase::Between;
                self.seen = self.region;
                None
            }
            quoted::Closing::At(end, after) => {
                self.phase = Phase::Between;
                self.seen = after;
                (end > self.region).then_some(Piece::Region(self.region..end))
            }
        }
    }

    /// In a token that is longer than any is judged at once.
    fn long_token(&mut self, window: &Window<'_>) -> Option<Piece> {
        let text = window.text();
        (self.seen, self.classes) = token_end(text, self.seen, self.classes);
        if self.seen - self.region > LONGEST_TOKEN {
            let end = text.floor_char_boundary(self.region + LONGEST_TOKEN);
            return Some(Piece::Cut(self.region..end));
        }
        if self.seen == text.len() && !window.is_end() {
            return self.settle(self.region);
        }
        self.end = self.seen;
        self.judge = self.end > self.region;
        self.close()
    }

    /// In a long token all of which belongs to what was found.
    fn rest(&mut self, window: &Window<'_>) -> Option<Piece> {
        let text = window.text();
        let end = token_end(text, self.seen, 0).0;
        self.seen = end;
        if end > self.region {
            let more = self.region..end;
            self.region = end;
            return Some(Piece::More(more));
        }
        if end == text.len() && !window.is_end() {
            return self.settle(end);
        }
        self.phase = Phase::Between;
        None
    }

    fn key_start(&mut self, window: &Window<'_>) -> Option<Piece> {
        let text = window.text();
        let begin = self.end.saturating_sub(pem::BEGIN.len());
        match pem::start(text.get(begin..).unwrap_or_default(), window.is_end()) {
            pem::Start::Unknown => self.settle(self.region),
            pem::Start::Other => {
                self.phase = Phase::Token;
                self.first(text)
            }
            pem::Start::Key(length) => {
                self.seen = begin + length;
                self.phase = Phase::Key {
                    length,
                    in_line: true,
                };
                Some(Piece::Key(begin..self.seen))
            }
        }
    }

    fn key(&mut self, window: &Window<'_>, length: usize, in_line: bool) -> Option<Piece> {
        let rest = window.text().get(self.seen..).unwrap_or_default();
        let limit = pem::LONGEST.saturating_sub(length);
        let more = match pem::body(rest, in_line, window.is_end()) {
            pem::Step::Unknown => return self.settle(self.seen),
            pem::Step::More(more) if more < limit => {
                self.phase = Phase::Key {
                    length: length + more,
                    in_line: true,
                };
                more
            }
            pem::Step::More(more) | pem::Step::Done(more) => {
                self.phase = Phase::Between;
                more.min(limit)
            }
        };
        let start = self.seen;
        self.seen += more;
        (more > 0).then_some(Piece::More(start..self.seen))
    }
}

/// What detectors may see before `at`.
pub(crate) fn context_before(text: &str, at: usize) -> &str {
    let start = text.ceil_char_boundary(at.saturating_sub(CONTEXT));
    text.get(start..at).unwrap_or_default()
}

/// Where the next piece of a long token begins: near the end of `piece`, at the beginning of something like a
/// word, so that the end of a number is not taken for a number.
fn seam(text: &str, piece: &Range<usize>) -> usize {
    let bytes = text.as_bytes();
    let from = piece.end.saturating_sub(OVERLAP).max(piece.start);
    let inner = bytes.get(from..piece.end - OVERLAP / 2).unwrap_or_default();
    let split = inner
        .windows(2)
        .position(|pair| matches!(pair, [a, b] if !is_word(*a) && is_word(*b)));
    split.map_or_else(|| text.ceil_char_boundary(from), |split| from + split + 1)
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}
