//! Texts that are hidden in a text.

mod base64;
mod cipher;
mod common;
mod digits;
mod entity;
mod escape;
mod explore;
mod hints;
mod inline;
mod leet;
mod letters;
mod marks;
mod markup;
mod morse;
mod parts;
mod percent;
mod reads;
mod spaced;
mod styled;
mod tags;

use std::ops::Range;

use crate::normal::{NormalConfig, original};
use crate::offsets::Offsets;

/// The least that all decoded texts may have together, in bytes.
const MIN_BYTES: usize = 16 * 1024;
/// The most, unless it is set.
const MAX_BYTES: usize = 1024 * 1024;

/// What is looked for, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewConfig {
    normal: NormalConfig,
    decode: bool,
    base64: bool,
    max_bytes: Option<usize>,
    max_depth: usize,
}

impl Default for ViewConfig {
    fn default() -> Self {
        Self {
            normal: NormalConfig::default(),
            decode: true,
            base64: true,
            max_bytes: None,
            max_depth: 3,
        }
    }
}

impl ViewConfig {
    /// Everything on, with the limits below.
    pub fn new() -> Self {
        Self::default()
    }

    /// How the texts are normalised.
    pub fn normal(mut self, normal: NormalConfig) -> Self {
        self.normal = normal;
        self
    }

    /// Whether encoded text is decoded. Otherwise the only view is the plain one. On by default.
    pub fn decode(mut self, decode: bool) -> Self {
        self.decode = decode;
        self
    }

    /// Whether Base64 is decoded, when anything is. On by default.
    pub fn base64(mut self, base64: bool) -> Self {
        self.base64 = base64;
        self
    }

    /// How many bytes all decoded texts may have together. What is over is cut out of the longest pieces, of which the
    /// beginning and the end stay, and [`View::is_complete`] tells it. The plain view does not count: it is always whole. By default four times the length of the text, but at least 16 KiB and at most 1 MiB.
    pub fn max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = Some(max_bytes);
        self
    }

    /// How many encodings may lie in one another. 3 by default; with 0 the only view is the plain one.
    pub fn max_depth(mut self, max_depth: usize) -> Self {
        self.max_depth = max_depth;
        self
    }

    /// The limit for a text of `len` bytes.
    fn limit(&self, len: usize) -> usize {
        self.max_bytes
            .unwrap_or_else(|| len.saturating_mul(4).clamp(MIN_BYTES, MAX_BYTES))
    }
}

/// How a text was hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Encoding {
    /// Base64, standard or for URLs.
    Base64,
    /// Two hexadecimal digits a byte.
    Hex,
    /// Eight binary digits a byte.
    Binary,
    /// A list of decimal character codes.
    Decimal,
    /// `%41`
    Percent,
    /// `&#65;`, `&amp;`
    HtmlEntity,
    /// `\u0041`, `\x41`
    UnicodeEscape,
    /// `i g n o r e`, `i.g.n.o.r.e`
    Spaced,
    /// `1gn0r3`
    Leet,
    /// Letters moved by 13 places.
    Rot13,
    /// Letters moved by another number of places, or in the order from Z to A.
    Caesar,
    /// Written from the end to the beginning.
    Reversed,
    /// Each word written from its end to its beginning.
    ReversedWords,
    /// Invisible characters that stand for others.
    TagCharacters,
    /// Letters drawn by other signs: small capitals, letters in boxes.
    Homoglyphs,
    /// `.. --. -. --- .-. .`
    Morse,
    /// A list of octal character codes.
    Octal,
    /// `=41`
    QuotedPrintable,
    /// Tags and comments inside words: `ig<b></b>nore`
    Markup,
    /// Strings that are added up: `"ig" + "nore"`
    Concatenated,
    /// Letters with marks on, in or through them.
    Marks,
}

impl Encoding {
    /// Its name, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Binary => "binary",
            Self::Decimal => "decimal",
            Self::Percent => "percent",
            Self::HtmlEntity => "html_entity",
            Self::UnicodeEscape => "unicode_escape",
            Self::Spaced => "spaced",
            Self::Leet => "leet",
            Self::Rot13 => "rot13",
            Self::Caesar => "caesar",
            Self::Reversed => "reversed",
            Self::ReversedWords => "reversed_words",
            Self::TagCharacters => "tag_characters",
            Self::Homoglyphs => "homoglyphs",
            Self::Morse => "morse",
            Self::Octal => "octal",
            Self::QuotedPrintable => "quoted_printable",
            Self::Markup => "markup",
            Self::Concatenated => "concatenated",
            Self::Marks => "marks",
        }
    }
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One way to read a text: as it is, or with something in it decoded.
#[derive(Clone, Debug)]
pub struct View {
    text: String,
    path: Vec<Encoding>,
    offsets: Offsets,
    complete: bool,
}

impl View {
    /// The normalised text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What was decoded, the outermost first. Empty for the plain view.
    pub fn path(&self) -> &[Encoding] {
        &self.path
    }

    /// Whether this is all there was. Of a decoded view: it had room, and was not cut. Of the plain view, which is never
    /// cut: so had every other, and nothing that was decoded was left out. Whoever has to be sure that nothing is hidden
    /// in a text asks the first of its views.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The smallest range of whole characters of the original that `range` (bytes of the view) stands for. For decoded
    /// text that is the whole piece that was encoded.
    pub fn source(&self, range: Range<usize>) -> Range<usize> {
        original(&self.text, &self.offsets, range)
    }
}

/// All ways to read `text`. The first is the plain one: the normalised text. The others are decoded texts that read like
/// text, in a fixed order. What it takes is linear in the length of `text`, whatever is in it.
pub fn views(text: &str, config: &ViewConfig) -> Vec<View> {
    explore::explore(text, config)
}
