//! The words of a normalised text.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

/// Between two words of a term there may be this many characters.
const MAX_GAP: usize = 8;

/// No tag of a markup language is longer, in bytes.
const MAX_TAG: usize = 64;

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
/// slashes, underscores, asterisks, commas, quotation marks, brackets, tags of markup languages and `%20` stand between
/// words.
pub(crate) fn words(text: &str) -> Words<'_> {
    Words { text, at: 0 }
}

/// Where the end of a text may be the beginning of a tag or of `%20`. The end, if it is neither.
pub(crate) fn open_space(text: &str) -> usize {
    let least = text.ceil_char_boundary(text.len().saturating_sub(MAX_TAG));
    let tail = text.get(least..).unwrap_or_default();
    let open = tail.rfind('<').filter(|at| {
        let tag = tail.get(at + 1..).unwrap_or_default();
        tag.is_empty() || (is_tag_start(tag) && !tag.contains(['>', '\n']))
    });
    let percent = ["%", "%2"].into_iter().find(|it| tail.ends_with(it));
    let percent = percent.map(|it| tail.len() - it.len());
    [open, percent]
        .into_iter()
        .flatten()
        .min()
        .map_or(text.len(), |at| least + at)
}

/// The length of what stands for a space at the beginning of a text: a tag, or `%20`.
fn space(text: &str) -> Option<usize> {
    if text.starts_with("%20") {
        return Some("%20".len());
    }
    let tag = text.strip_prefix('<').filter(|tag| is_tag_start(tag))?;
    let end = tag
        .bytes()
        .take(MAX_TAG - 2)
        .position(|byte| matches!(byte, b'>' | b'<' | b'\n'))?;
    (tag.as_bytes().get(end) == Some(&b'>')).then_some(end + 2)
}

fn is_tag_start(tag: &str) -> bool {
    let name = tag.strip_prefix('/').unwrap_or(tag);
    name.is_empty() || name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!')
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
            '-' | '_' | '.' | '*' | '/' | '\'' | '|' | '~' | '\\' | '`' | ',' | '"' => Self::Gap,
            '(' | ')' | '[' | ']' => Self::Gap,
            '‘'..='‟' | '«' | '»' | '‹' | '›' | '「'..='』' | '、' => Self::Gap,
            '·' | '•' | '・' | '‐'..='―' => Self::Gap,
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
        let mut offset = 0;
        let (first, kind) = loop {
            let ahead = rest.get(offset..)?;
            let c = ahead.chars().next()?;
            if matches!(c, '%' | '<')
                && let Some(length) = space(ahead)
            {
                gap.add(' ');
                offset += length;
                continue;
            }
            match Kind::of(c) {
                Kind::Gap => gap.add(c),
                kind => break (c, kind),
            }
            offset += c.len_utf8();
        };
        let start = self.at + offset;
        let mut end = start + first.len_utf8();
        let run = match kind {
            Kind::Mark => Kind::Letters,
            kind => kind,
        };
        if run == Kind::Letters {
            // Most letters need no second look.
            let letters = self.text.bytes().skip(end);
            end += letters.take_while(u8::is_ascii_alphanumeric).count();
        }
        if run != Kind::Single {
            for c in self.text.get(end..).unwrap_or_default().chars() {
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
            ["shut", "down", "the", "grid", "now", "!"]
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
    fn tags_and_encoded_spaces_are_spaces() {
        assert_eq!(split("<i>a</i><br/>b%20c “d”"), ["a", "b", "c", "d"]);
        assert_eq!(split("a < b > c"), ["a", "<", "b", ">", "c"]);
        assert_eq!(split("100% x<y"), ["100", "%", "x", "<", "y"]);
        for (text, open) in [
            ("a <", 2),
            ("a </b", 2),
            ("a <b>", 5),
            ("a%2", 1),
            ("a%20", 4),
            ("a < b", 5),
        ] {
            assert_eq!(open_space(text), open, "{text}");
        }
    }

    #[test]
    fn a_sentence_ends_what_may_be_one_term() {
        let follows = |text| words(text).nth(1).unwrap().follows;
        assert!(follows("power grid") && follows("power-grid") && follows("power\ngrid"));
        assert!(follows("power.grid") && !follows("power. Grid"));
        assert!(!follows("power ---------- grid"));
    }
}
