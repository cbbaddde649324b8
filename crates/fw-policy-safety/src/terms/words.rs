//! The words of a normalised text.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

/// Between two words of a term there may be this many characters.
const MAX_GAP: usize = 8;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Where it is, in bytes.
    pub(crate) at: Range<usize>,
    /// Whether a word of several letters could go on here: letters of a script that writes spaces.
    pub(crate) is_open: bool,
    /// Whether it can be the next word of a term that the word before is in.
    pub(crate) follows: bool,
}

/// The words of a text, in order.
///
/// A word is a run of letters, marks and digits. In scripts that write no spaces between words each character
/// is a word of its own, and so is each symbol; a run of katakana is one word. White space, hyphens, dots,
/// slashes, underscores, asterisks and apostrophes stand between words.
pub(crate) fn words(text: &str) -> Words<'_> {
    Words { text, at: 0 }
}

#[derive(Clone, Debug)]
pub(crate) struct Words<'t> {
    text: &'t str,
    at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gap,
    Letters,
    Katakana,
    Mark,
    Single,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' => Self::Letters,
            '-' | '_' | '.' | '*' | '/' | '\'' | '|' | '~' | '\\' | '`' => Self::Gap,
            '’' | '‘' | '·' | '•' | '・' | '‐'..='―' => Self::Gap,
            _ if c.is_whitespace() || c.is_control() => Self::Gap,
            '\u{30A1}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}' => Self::Katakana,
            _ if is_unspaced(c) => Self::Single,
            _ if c.is_alphanumeric() => Self::Letters,
            _ if is_combining_mark(c) => Self::Mark,
            _ => Self::Single,
        }
    }
}

/// Scripts without spaces between words, and Hangul, whose particles stick to the words before them.
const fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' // Thai, Lao
        | '\u{1000}'..='\u{109F}' // Myanmar
        | '\u{1780}'..='\u{17FF}' // Khmer
        | '\u{3040}'..='\u{309F}' // Hiragana
        | '\u{2E80}'..='\u{2FDF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' // Han
        | '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{AC00}'..='\u{D7FF}' // Hangul
    )
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        let rest = self.text.get(self.at..)?;
        let mut gap = Gap::default();
        let mut chars = rest.char_indices();
        let (offset, first, kind) = loop {
            let (offset, c) = chars.next()?;
            match Kind::of(c) {
                Kind::Gap => gap.add(c),
                kind => break (offset, c, kind),
            }
        };
        let start = self.at + offset;
        let mut end = start + first.len_utf8();
        let run = match kind {
            Kind::Mark => Kind::Letters,
            kind => kind,
        };
        if run != Kind::Single {
            for (_, c) in chars {
                let kind = Kind::of(c);
                if kind != run && kind != Kind::Mark {
                    break;
                }
                end += c.len_utf8();
            }
        }
        self.at = end;
        Some(Word {
            at: start..end,
            is_open: run != Kind::Single,
            follows: gap.joins(),
        })
    }
}

/// What stands before a word.
#[derive(Default)]
struct Gap {
    length: usize,
    /// A dot was the last character.
    dot: bool,
    /// A sentence has ended.
    broken: bool,
}

impl Gap {
    fn add(&mut self, c: char) {
        self.length += 1;
        self.broken |= self.dot && c.is_whitespace();
        self.dot = c == '.';
    }

    const fn joins(&self) -> bool {
        !self.broken && self.length <= MAX_GAP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        words(text).map(|word| &text[word.at]).collect()
    }

    #[test]
    fn words_of_scripts_with_spaces() {
        assert_eq!(
            split("shut-down the_grid, now!"),
            ["shut", "down", "the", "grid", ",", "now", "!"]
        );
        assert_eq!(split("c++ #1"), ["c", "+", "+", "#", "1"]);
        assert_eq!(split("взорвать мост"), ["взорвать", "мост"]);
        assert_eq!(
            split("हिंदी में"),
            ["हिंदी", "में"],
            "vowel signs belong to the word"
        );
    }

    #[test]
    fn words_of_scripts_without() {
        assert_eq!(split("核電廠"), ["核", "電", "廠"]);
        assert_eq!(split("テロを テロップ"), ["テロ", "を", "テロップ"]);
        assert_eq!(split("폭탄을"), ["폭", "탄", "을"]);
        assert_eq!(split("kill爆弾"), ["kill", "爆", "弾"]);
    }

    #[test]
    fn a_sentence_ends_what_may_be_one_term() {
        let follows = |text| words(text).nth(1).unwrap().follows;
        assert!(follows("power grid") && follows("power-grid") && follows("power\ngrid"));
        assert!(follows("power.grid") && !follows("power. Grid"));
        assert!(!follows("power ---------- grid"));
    }
}
