//! The stretch of text that detectors look at.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::detect::context::Words;

/// A stretch of text that may hold something, with what came before it.
///
/// It is cut where nothing that is looked for can go on, so its end is a boundary: what follows is a break
/// or the end of the text. What comes before it is context: up to [`CONTEXT`] bytes, as they came in.
#[derive(Debug)]
pub(crate) struct Region<'a> {
    text: &'a str,
    start: usize,
    traits: Traits,
    /// The words before the first place that a detector asked about: most ask about the same one.
    words: OnceCell<(usize, Words)>,
}

/// How many bytes before a region detectors see at most.
pub(crate) const CONTEXT: usize = 96;

impl<'a> Region<'a> {
    pub(crate) fn new(text: &'a str, start: usize) -> Self {
        Self {
            text,
            start,
            traits: Traits::of(&text.as_bytes()[start..]),
            words: OnceCell::new(),
        }
    }

    /// The last words before a place of [`text`](Self::text).
    pub(crate) fn words_before(&self, at: usize) -> Cow<'_, Words> {
        // What is no letter or digit says nothing: `+44` and `44` have the same words before them.
        let before = self.text[..at]
            .trim_end_matches(|char: char| char.is_ascii() && !char.is_ascii_alphanumeric());
        let (cached, words) = self
            .words
            .get_or_init(|| (before.len(), Words::before(before)));
        if *cached == before.len() {
            Cow::Borrowed(words)
        } else {
            Cow::Owned(Words::before(before))
        }
    }

    /// Context and region. Findings are ranges of this.
    pub(crate) const fn text(&self) -> &'a str {
        self.text
    }

    /// Where the region begins in [`text`](Self::text).
    pub(crate) const fn start(&self) -> usize {
        self.start
    }

    /// What came before the region.
    pub(crate) fn context(&self) -> &'a str {
        &self.text[..self.start]
    }

    /// The region without its context.
    pub(crate) fn body(&self) -> &'a str {
        &self.text[self.start..]
    }

    /// What bytes the region holds.
    pub(crate) const fn traits(&self) -> Traits {
        self.traits
    }
}

/// Which classes of bytes there are in a region, so that a detector can leave at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Traits {
    classes: u16,
    digits: u16,
}

impl Traits {
    pub(crate) const LOWER: u16 = 1;
    pub(crate) const UPPER: u16 = 1 << 1;
    pub(crate) const DIGIT: u16 = 1 << 2;
    pub(crate) const AT: u16 = 1 << 3;
    pub(crate) const DOT: u16 = 1 << 4;
    pub(crate) const COLON: u16 = 1 << 5;
    pub(crate) const DASH: u16 = 1 << 6;
    pub(crate) const UNDERSCORE: u16 = 1 << 7;
    pub(crate) const SLASH: u16 = 1 << 8;
    pub(crate) const PLUS: u16 = 1 << 9;
    pub(crate) const EQUALS: u16 = 1 << 10;
    pub(crate) const PARENTHESIS: u16 = 1 << 11;
    pub(crate) const SPACE: u16 = 1 << 12;
    pub(crate) const OTHER: u16 = 1 << 13;
    pub(crate) const NON_ASCII: u16 = 1 << 14;

    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut classes = 0;
        let mut digits = 0_u16;
        for byte in bytes {
            let class = Self::class(*byte);
            classes |= class;
            digits = digits.saturating_add(u16::from(class == Self::DIGIT));
        }
        Self { classes, digits }
    }

    pub(crate) const fn class(byte: u8) -> u16 {
        match byte {
            b'a'..=b'z' => Self::LOWER,
            b'A'..=b'Z' => Self::UPPER,
            b'0'..=b'9' => Self::DIGIT,
            b'@' => Self::AT,
            b'.' => Self::DOT,
            b':' => Self::COLON,
            b'-' => Self::DASH,
            b'_' => Self::UNDERSCORE,
            b'/' => Self::SLASH,
            b'+' => Self::PLUS,
            b'=' => Self::EQUALS,
            b'(' | b')' => Self::PARENTHESIS,
            b' ' | b'\t' | b'\n' | b'\r' => Self::SPACE,
            0x80.. => Self::NON_ASCII,
            _ => Self::OTHER,
        }
    }

    /// Whether any of these classes is there.
    pub(crate) const fn any(self, classes: u16) -> bool {
        self.classes & classes != 0
    }

    /// Whether all of these classes are there.
    pub(crate) const fn all(self, classes: u16) -> bool {
        self.classes & classes == classes
    }

    /// How many digits there are.
    pub(crate) const fn digits(self) -> usize {
        self.digits as usize
    }
}
