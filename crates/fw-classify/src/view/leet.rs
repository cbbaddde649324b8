//! Words with digits for letters: `1gn0r3`.

use std::ops::Range;

use super::common::is_common;
use super::inline::{Decoded, Inline};
use super::letters::{Likeness, follows, letter};

/// The fewest letters of a word that is taken for leet: shorter ones are names of formats and products.
const MIN_WORD: usize = 4;
/// The fewest of such words in a text.
const MIN_WORDS: usize = 2;
/// What a step in such a word has to be worth, in eighths of a bit.
const LIKE: i32 = 4;
/// What it has to be worth in the words beside them.
const LIKE_BESIDE: i32 = 0;

/// Replaces digits by letters in `text`, if there are words that are meant so.
pub(super) fn decode(text: &str, room: usize) -> Option<Decoded> {
    if words(text)
        .filter(|word| is_leet(&text[word.clone()]) || is_common_leet(&text[word.clone()]))
        .take(MIN_WORDS)
        .count()
        < MIN_WORDS
    {
        return None;
    }
    let mut inline = Inline::new(text, room);
    let mut before = false;
    let mut words = words(text).peekable();
    while let Some(word) = words.next() {
        let written = &text[word.clone()];
        let (letters, digits) = count(written);
        if digits > 0 {
            let mut next = || {
                words.peek().is_some_and(|next| {
                    text[word.end..next.start] == *" " && mixed(&text[next.clone()])
                })
            };
            let decoded = plain(written);
            // Numbers beside such words may be words as well.
            let meant = if letters > 0 {
                Likeness::of(&decoded).at_least(LIKE_BESIDE)
            } else {
                (before || next()) && is_word(&decoded)
            };
            if meant {
                inline.replace(word.clone(), &decoded);
            }
        }
        before = letters > 0 && digits > 0 && text[word.end..].starts_with(' ');
    }
    inline.finish(true)
}

/// Rows of letters, digits and signs that stand for letters.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let part = |byte: &u8| byte.is_ascii_alphabetic() || options(*byte).is_some();
    let mut at = 0;
    std::iter::from_fn(move || {
        at += bytes[at..].iter().take_while(|byte| !part(byte)).count();
        let start = at;
        at += bytes[at..].iter().take_while(|byte| part(byte)).count();
        // A sign at the end is a sign.
        let end = start
            + bytes[start..at]
                .iter()
                .rposition(|byte| !matches!(byte, b'!' | b'|' | b'+'))
                .map_or(at - start, |last| last + 1);
        (start < at).then_some(start..end)
    })
}

/// Whether there are letters, and digits for others.
fn mixed(word: &str) -> bool {
    let (letters, digits) = count(word);
    letters > 0 && digits > 0
}

/// Whether a number is a word.
fn is_word(decoded: &str) -> bool {
    match decoded.len() {
        1 => matches!(decoded, "a" | "i"),
        2 => is_common(decoded),
        _ => Likeness::of(decoded).at_least(LIKE),
    }
}

/// How many letters, and how many digits and signs that stand for one.
fn count(word: &str) -> (usize, usize) {
    word.bytes().fold((0, 0), |(letters, digits), byte| {
        let letter = usize::from(byte.is_ascii_alphabetic());
        let digit = usize::from(options(byte).is_some());
        (letters + letter, digits + digit)
    })
}

/// Whether a word can only be meant so: a digit between letters, and it is like a word without digits.
fn is_leet(word: &str) -> bool {
    let (letters, digits) = count(word);
    let bytes = word.as_bytes();
    if letters == 0 || digits == 0 || letters + digits != word.len() || word.len() < MIN_WORD {
        return false;
    }
    let first = bytes.iter().position(u8::is_ascii_alphabetic);
    let last = bytes.iter().rposition(u8::is_ascii_alphabetic);
    let inside = first.zip(last).is_some_and(|(first, last)| {
        bytes[first..last]
            .iter()
            .any(|byte| options(*byte).is_some())
    });
    let hex = bytes.iter().all(u8::is_ascii_hexdigit);
    let sign = bytes.contains(&b'@') && bytes.iter().all(|byte| !byte.is_ascii_digit());
    inside && !hex && !sign && Likeness::of(&plain(word)).at_least(LIKE)
}

/// Whether a word is a common one in letters: `7h3`.
fn is_common_leet(word: &str) -> bool {
    word.len() >= 3 && mixed(word) && is_common(&plain(word))
}

/// The letters that a digit or sign may stand for.
fn options(byte: u8) -> Option<[char; 2]> {
    OPTIONS.get(usize::from(byte)).copied().flatten()
}

/// Those of each character of ASCII.
static OPTIONS: [Option<[char; 2]>; 128] = {
    let mut options = [None; 128];
    let mut byte = 0;
    while byte < 128 {
        options[byte] = stands_for(byte as u8);
        byte += 1;
    }
    options
};

const fn stands_for(byte: u8) -> Option<[char; 2]> {
    Some(match byte {
        b'0' => ['o', 'o'],
        b'1' | b'!' => ['i', 'l'],
        b'2' => ['z', 'z'],
        b'3' => ['e', 'e'],
        b'4' | b'@' => ['a', 'a'],
        b'5' | b'$' => ['s', 's'],
        b'6' => ['g', 'b'],
        b'7' | b'+' => ['t', 't'],
        b'8' => ['b', 'b'],
        b'9' => ['g', 'g'],
        b'|' => ['l', 'i'],
        _ => return None,
    })
}

/// The word in letters. Of two that a digit may stand for, the one that fits between its neighbours.
fn plain(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    let mut last = 0;
    let mut bytes = word.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let c = match options(byte) {
            None => char::from(byte),
            Some([one, other]) => {
                let next = bytes.peek().map_or(0, |next| {
                    letter(options(*next).map_or(char::from(*next), |[first, _]| first))
                });
                let fit = |c| follows(last, letter(c)) + follows(letter(c), next);
                if fit(one) >= fit(other) { one } else { other }
            }
        };
        last = letter(c);
        plain.push(c);
    }
    plain
}
