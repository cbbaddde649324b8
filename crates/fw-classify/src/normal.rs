//! One spelling for all spellings of a text, with a map back to what was written.

mod classes;
mod homoglyphs;
mod rewrite;

use std::ops::Range;

pub(crate) use classes::is_invisible;

use crate::offsets::{Draft, Offsets};

/// What is brought to one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NormalConfig {
    unicode: bool,
    homoglyphs: bool,
}

impl Default for NormalConfig {
    fn default() -> Self {
        Self {
            unicode: true,
            homoglyphs: true,
        }
    }
}

impl NormalConfig {
    /// Everything on.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether characters are brought to their compatibility form (NFKC), invisible characters (zero-width, direction
    /// marks, variation selectors, tag and control characters) removed, and piles of combining marks cut to four.
    /// On by default. Lower case and single spaces are made in any case.
    pub fn unicode(mut self, unicode: bool) -> Self {
        self.unicode = unicode;
        self
    }

    /// Whether letters of other scripts that look like Latin ones are replaced by these. Only in words that mix scripts,
    /// and in words made of nothing else that stand in a line with Latin words: Russian and Greek text stays as it is.
    /// On by default.
    pub fn homoglyphs(mut self, homoglyphs: bool) -> Self {
        self.homoglyphs = homoglyphs;
        self
    }
}

/// A normalised text that knows where each of its bytes came from.
///
/// Letters are in lower case, and each run of white space is one space, or one newline if there was one in it.
/// What [`NormalConfig`] says is done besides. Normalising twice changes nothing.
///
/// ```
/// use fw_classify::{Normal, NormalConfig};
///
/// let written = "Ｐlease  ig\u{200b}nоre"; // a wide P, a zero-width space, a Cyrillic о
/// let normal = Normal::new(written, &NormalConfig::new());
/// assert_eq!(normal.as_str(), "please ignore");
/// assert_eq!(&written[normal.original(7..13)], "ig\u{200b}nоre");
/// ```
#[derive(Clone, Debug)]
pub struct Normal {
    text: String,
    offsets: Offsets,
}

impl Normal {
    /// Normalises `text`.
    pub fn new(text: &str, config: &NormalConfig) -> Self {
        let Draft { text, offsets } = normalise(text, config);
        Self { text, offsets }
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The smallest range of whole characters of the original that `range` (bytes of the normalised text) stands for.
    /// A range that ends inside a character, or outside the text, is extended or cut to what is there.
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        original(&self.text, &self.offsets, range)
    }
}

/// The range of the original for `range` of `text`, in whole characters.
pub(crate) fn original(text: &str, offsets: &Offsets, range: Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(range.start);
    let end = text.ceil_char_boundary(range.end.max(start));
    offsets.source(start..end)
}

/// The normalised form of `text`.
pub(crate) fn normalise(text: &str, config: &NormalConfig) -> Draft {
    normalise_clean(text, clean(text, config).as_ref(), config)
}

/// The normalised form of `text`, of which it is known what [`clean`] says.
pub(crate) fn normalise_clean(text: &str, clean: Option<&Draft>, config: &NormalConfig) -> Draft {
    let folded = rewrite::Options {
        unicode: config.unicode,
        fold: true,
    };
    // Look-alikes are found before the case is lost: Т looks like T, but т not like t.
    let Some(clean) = clean else {
        return rewrite::rewrite(text, folded);
    };
    let mut draft = rewrite::rewrite(&clean.text, folded);
    draft.offsets = draft.offsets.through(&clean.offsets);
    draft
}

/// `text` in compatibility form and without look-alikes, but with its case and spaces: what encodings are looked for
/// in. `None` if that is the text itself.
pub(crate) fn clean(text: &str, config: &NormalConfig) -> Option<Draft> {
    if config.unicode && !rewrite::is_clean(text) {
        let options = rewrite::Options {
            unicode: true,
            fold: false,
        };
        let clean = rewrite::rewrite(text, options);
        let latin = config
            .homoglyphs
            .then(|| homoglyphs::latin(&clean.text))
            .flatten();
        Some(match latin {
            Some(latin) => Draft {
                offsets: latin.offsets.through(&clean.offsets),
                text: latin.text,
            },
            None => clean,
        })
    } else {
        config.homoglyphs.then(|| homoglyphs::latin(text)).flatten()
    }
}

#[cfg(test)]
mod tests;
