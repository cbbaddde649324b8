//! What the tagger knows of a word.

use std::collections::HashSet;
use std::ops::Range;

use super::runs::starts_upper;

/// How many buckets features are hashed to.
pub(super) const SIZE: usize = 1 << 14;

/// How many features a word has.
const FEATURES: usize = 19;

/// How many characters before a run are looked at.
const BEFORE: usize = 48;

/// Names that are well known, without accents.
pub(super) struct Lists {
    pub(super) given: HashSet<&'static str>,
    pub(super) surnames: HashSet<&'static str>,
}

impl Lists {
    fn mark(&self, word: &str) -> &'static str {
        match (self.given.contains(word), self.surnames.contains(word)) {
            (true, true) => "gs",
            (true, false) => "g",
            (false, true) => "s",
            (false, false) => "",
        }
    }
}

/// The words of a run, with the two before it.
pub(super) struct Words<'a> {
    words: Vec<&'a str>,
    folded: Vec<String>,
    marks: Vec<&'static str>,
    before: [String; 2],
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str, run: &[Range<usize>], lists: &Lists) -> Self {
        let words: Vec<&str> = run.iter().map(|range| &text[range.clone()]).collect();
        let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
        Self {
            marks: folded.iter().map(|word| lists.mark(word)).collect(),
            words,
            folded,
            before: last_two(&text[..run.first().map_or(0, |first| first.start)]),
        }
    }

    pub(super) fn is_capital(&self, at: usize) -> bool {
        starts_upper(self.words[at])
    }

    pub(super) fn folded(&self, at: usize) -> &str {
        &self.folded[at]
    }

    /// The features of a word, as buckets.
    pub(super) fn features(&self, at: usize) -> [usize; FEATURES] {
        let [second, first] = [self.before[0].as_str(), self.before[1].as_str()];
        let word = self.folded[at].as_str();
        let (count, place) = (digit(self.words.len().min(4)), digit(at.min(3)));
        let form = form(self.words[at]);
        let mark = self.marks[at];
        let before = |back: usize| at.checked_sub(back).map(|at| self.folded[at].as_str());
        let (previous, previous_mark) = match before(1) {
            Some(word) => (["", word], self.marks[at - 1]),
            None => (["<", first], ""),
        };
        let previous2 = match (before(2), at) {
            (Some(word), _) => ["", word],
            (None, 1) => ["<", first],
            (None, _) => ["<", second],
        };
        let next = self.folded.get(at + 1).map_or(">", String::as_str);
        let next_mark = self.marks.get(at + 1).copied().unwrap_or_default();
        let any = |list: char| {
            if self.marks.iter().any(|mark| mark.contains(list)) {
                "1"
            } else {
                "0"
            }
        };
        let ends =
            [self.marks.first(), self.marks.last()].map(|mark| mark.copied().unwrap_or_default());
        [
            bucket(&["b"]),
            bucket(&["w", word]),
            bucket(&["p", head(word, 3)]),
            bucket(&["s", tail(word, 3)]),
            bucket(&["t", tail(word, 2)]),
            bucket(&["h", form]),
            bucket(&["n", count, ".", place]),
            bucket(&["l", mark]),
            bucket(&["L", mark, "|", form, count, ".", place]),
            bucket(&["a", previous[0], previous[1]]),
            bucket(&["c", previous2[0], previous2[1]]),
            bucket(&["d", next]),
            bucket(&["e", previous_mark, "|", mark, "|", next_mark]),
            bucket(&["f", first]),
            bucket(&["g", first, "|", count]),
            bucket(&["k", next_mark, "|", count]),
            bucket(&["j", previous_mark, "|", place]),
            bucket(&["z", any('g'), any('s'), form, count]),
            bucket(&["q", first, "|", ends[0], "|", ends[1]]),
        ]
    }
}

fn digit(number: usize) -> &'static str {
    ["0", "1", "2", "3", "4"]
        .get(number)
        .copied()
        .unwrap_or("4")
}

fn form(word: &str) -> &'static str {
    let mut letters = word.chars();
    let Some(_) = letters.next() else {
        return "I";
    };
    let rest = letters.as_str();
    if rest.is_empty() {
        "I"
    } else if !word.chars().any(char::is_lowercase) {
        "A"
    } else if !rest.chars().any(char::is_uppercase) {
        "C"
    } else {
        "M"
    }
}

fn head(word: &str, count: usize) -> &str {
    word.char_indices()
        .nth(count)
        .map_or(word, |(at, _)| &word[..at])
}

fn tail(word: &str, count: usize) -> &str {
    let skip = word.chars().count().saturating_sub(count);
    word.char_indices()
        .nth(skip)
        .map_or("", |(at, _)| &word[at..])
}

/// FNV-1a with 32 bits over the parts, one after the other.
fn bucket(parts: &[&str]) -> usize {
    let bytes = parts.iter().flat_map(|part| part.bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash ^ hash >> 15) as usize & (SIZE - 1)
}

/// The last two words, numbers or other characters of a text, in lower case; `^` where there is none.
fn last_two(text: &str) -> [String; 2] {
    let start = text
        .char_indices()
        .rev()
        .nth(BEFORE - 1)
        .map_or(0, |(at, _)| at);
    let mut rest = &text[start..];
    let mut last = ["^".to_owned(), "^".to_owned()];
    while let Some(c) = rest.chars().next() {
        let length = if c.is_alphabetic() {
            let mut end = 0;
            let mut chars = rest.char_indices().peekable();
            while let Some((at, c)) = chars.next() {
                if c.is_alphabetic() {
                    end = at + c.len_utf8();
                } else if c != '-' || !chars.peek().is_some_and(|(_, next)| next.is_alphabetic()) {
                    break;
                }
            }
            end
        } else if c.is_ascii_digit() {
            rest.find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        if !c.is_whitespace() {
            last.swap(0, 1);
            last[1] = token.to_lowercase();
        }
        rest = after;
    }
    last
}

/// A word in lower case without accents. Letters of other scripts are left out, unless there are no others.
pub(crate) fn fold(word: &str) -> String {
    let low = word.to_lowercase();
    let plain: String = low.chars().filter_map(plain).collect();
    if plain.is_empty() { low } else { plain }
}

fn plain(c: char) -> Option<char> {
    match c {
        'a'..='z' => Some(c),
        '\u{c0}'..'\u{250}' => {
            let at = c as usize - 0xc0;
            PLAIN
                .as_bytes()
                .get(at)
                .map(|base| char::from(*base))
                .filter(char::is_ascii_lowercase)
        }
        // Vietnamese and other letters with several accents.
        '\u{1e00}'..='\u{1eff}' => {
            let at = c as usize - 0x1e00;
            MORE.as_bytes()
                .get(at)
                .map(|base| char::from(*base))
                .filter(char::is_ascii_lowercase)
        }
        _ => None,
    }
}

/// The letters from U+00C0 to U+024F without their accents; `-` for what has no plain form.
const PLAIN: &str = "\
    aaaaaaaceeeeiiiidnooooo-ouuuuytsaaaaaaaceeeeiiiidnooooo-ouuuuyty\
    aaaaaaccccccccddddeeeeeeeeeegggggggghh--iiiiiiiiiiiijjkk-lllllll\
    lllnnnnnn---oooooooorrrrrrsssssssstttt--uuuuuuuuuuuuwwyyyzzzzzzs\
    --------------------------------oo-------------uu---------------\
    ----dddlllnnnaaiioouuuuuuuuuu-aaaa----ggkkoooo--jdddgg--nnaa----\
    aaaaeeeeiiiioooorrrruuuusstt--hh------aaeeooooooooyy------------\
    ----------------";

/// The same from U+1E00 to U+1EFF.
const MORE: &str = "\
    aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm\
    mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv\
    wwwwwwwwwwxxxxyyzzzzzzhtwyas----aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee\
    eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy------";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_takes_accents_off() {
        for (word, folded) in [
            ("Émilie", "emilie"),
            ("Łukasz", "lukasz"),
            ("Nguyễn", "nguyen"),
            ("Şahin", "sahin"),
            ("Øystein", "oystein"),
        ] {
            assert_eq!(fold(word), folded);
        }
        assert_eq!(fold("Борис"), "борис");
    }

    #[test]
    fn the_tables_are_as_long_as_their_ranges() {
        assert_eq!((PLAIN.len(), MORE.len()), (0x250 - 0xc0, 0x100));
    }

    #[test]
    fn the_last_two_words_are_those_before() {
        assert_eq!(last_two("Yours, \nMs "), [",", "ms"]);
        assert_eq!(last_two(""), ["^", "^"]);
    }
}
