//! Letters with marks that nobody's spelling asks for: `i̶g̶n̶o̶r̶e̶`, `ígñörë`, `ɨɇ`.

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use super::inline::{Decoded, Inline};

/// Of so many letters in a row, more than half have a mark that does not melt with them.
const LOOSE_ROW: u32 = 16;
/// Of so many letters in a row, more than half have a mark of any kind.
const ROW: u32 = 32;
/// How many English words have to come to light otherwise.
const MIN_WORDS: usize = 2;

/// English words that are no word of another language without its accents. In alphabetical order.
const WORDS: [&str; 34] = [
    "about",
    "above",
    "after",
    "answer",
    "before",
    "build",
    "disregard",
    "every",
    "everything",
    "following",
    "forget",
    "from",
    "have",
    "hidden",
    "ignore",
    "instruction",
    "instructions",
    "message",
    "password",
    "previous",
    "print",
    "prompt",
    "repeat",
    "reveal",
    "rules",
    "secret",
    "should",
    "system",
    "tell",
    "what",
    "with",
    "word",
    "write",
    "your",
];

/// Takes the marks off the letters of `text`.
pub(super) fn decode(text: &str, room: usize) -> Option<Decoded> {
    if text.is_ascii() || !is_disguised(text) {
        return None;
    }
    let mut inline = Inline::new(text, room);
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let mut end = start + c.len_utf8();
        let (bare, latin) = bare(c);
        let mut marks = false;
        while let Some((at, mark)) = chars.peek().copied().filter(|_| bare.is_some())
            && is_loose(mark)
        {
            end = at + mark.len_utf8();
            marks = true;
            chars.next();
        }
        // й and ё are letters of their own, and so are those of Greek.
        if let Some(letter) = bare.filter(|letter| marks || (latin && *letter != c)) {
            let letter = if latin { letter } else { c };
            inline.replace(start..end, letter.encode_utf8(&mut [0; 4]));
        }
    }
    inline.finish(true)
}

/// Whether there are more marks than any spelling has, or words under them.
fn is_disguised(text: &str) -> bool {
    let mut row = Row::default();
    let mut word = String::new();
    let (mut words, mut marked) = (0, false);
    for c in text.chars().chain([' ']) {
        if c.is_ascii_alphabetic() {
            word.push(c.to_ascii_lowercase());
            row.letter(false);
        } else if is_loose(c) {
            row.loose |= 1;
            row.any |= 1;
            marked = true;
        } else if let (Some(letter), latin) = bare(c) {
            let mark = latin && letter != c;
            word.push(letter);
            row.letter(mark);
            marked |= mark;
        } else {
            words += usize::from(marked && WORDS.binary_search(&&*word).is_ok());
            word.clear();
            marked = false;
        }
        if words >= MIN_WORDS || row.is_full() {
            return true;
        }
    }
    false
}

/// The last letters, a bit each: whether they have a mark.
#[derive(Default)]
struct Row {
    any: u32,
    loose: u32,
}

impl Row {
    fn letter(&mut self, mark: bool) {
        self.any = self.any << 1 | u32::from(mark);
        self.loose <<= 1;
    }

    fn is_full(&self) -> bool {
        let loose = self.loose & ((1 << LOOSE_ROW) - 1);
        loose.count_ones() * 2 > LOOSE_ROW || self.any.count_ones() * 2 > ROW
    }
}

/// A mark that stands on, in, or through a letter, and is no part of it.
fn is_loose(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}'
    ) && is_combining_mark(c)
}

/// A Latin, Greek or Cyrillic letter, without its marks and in lower case if it is Latin, and whether it is.
fn bare(c: char) -> (Option<char>, bool) {
    match c {
        'a'..='z' | 'A'..='Z' => return (Some(c), true),
        '\0'..'\u{C0}' => return (None, false),
        '\u{370}'..'\u{530}' | '\u{1F00}'..'\u{2000}' => {
            return (c.is_alphabetic().then_some(c), false);
        }
        '\u{C0}'..='\u{24F}' | '\u{1D6C}'..='\u{1D9A}' | '\u{1E00}'..='\u{1EFF}' => {}
        '\u{250}'..='\u{2AF}' | '\u{2C60}'..='\u{2C7F}' | '\u{A740}'..='\u{A7CA}' => {}
        _ => return (None, false),
    }
    let stroked = STROKED
        .iter()
        .find(|(_, letters)| letters.contains(c))
        .map(|(letter, _)| *letter);
    let mut first = None;
    if stroked.is_none() {
        decompose_canonical(c, |part| first = first.or(Some(part)));
    }
    let letter = stroked.or(first.filter(char::is_ascii_alphabetic));
    (
        letter.map(|letter| letter.to_ascii_lowercase()),
        letter.is_some(),
    )
}

/// Letters that have a stroke, a hook or a tail, and do not decompose.
const STROKED: [(char, &str); 23] = [
    ('a', "ⱥȺᶏɑ"),
    ('b', "ƀɃᵬᶀɓƁ"),
    ('c', "ȼȻƈƇ"),
    ('d', "đĐᵭᶁɖɗƊ"),
    ('e', "ɇɆᶒ"),
    ('f', "ᵮᶂƒƑ"),
    ('g', "ǥǤᶃɠƓɡ"),
    ('h', "ħĦɦⱨⱧ"),
    ('i', "ɨƗᶖ"),
    ('j', "ɉɈʝ"),
    ('k', "ꝁꝀᶄƙƘⱪⱩ"),
    ('l', "łŁƚȽɫⱢⱡⱠᶅɬɭ"),
    ('m', "ᵯᶆɱ"),
    ('n', "ᵰᶇɲƝɳƞȠ"),
    ('o', "øØɵƟⱺ"),
    ('p', "ᵽⱣᵱᶈƥƤꝑ"),
    ('q', "ꝗꝖɋɊʠ"),
    ('r', "ɍɌᵲᶉɼɽⱤ"),
    ('s', "ᵴᶊʂȿ"),
    ('t', "ŧŦᵵƭƬʈƮⱦȾƫ"),
    ('u', "ʉɄᶙ"),
    ('y', "ɏɎƴƳ"),
    ('z', "ƶƵᵶᶎʐɀⱬⱫȥȤ"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order() {
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn spelling_is_no_disguise() {
        for text in [
            "Tất cả những điều ấy đều được viết bằng tiếng Việt, và thật là dễ hiểu với mọi người.",
            "Zażółć gęślą jaźń, a potem wróć do domu i zjedz śniadanie.",
            "Příliš žluťoučký kůň úpěl ďábelské ódy.",
            "за́мок и замо́к — ра́зные слова́",
            "ọmọ mi, ẹ́ káàárọ̀, ṣé dáadáa ni ẹ jí?",
            "café, naïve, Ångström, smørrebrød",
        ] {
            assert!(decode(text, 1000).is_none(), "{text}");
        }
    }
}
