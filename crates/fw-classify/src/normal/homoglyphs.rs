//! Letters of other scripts that stand for Latin ones.

use std::ops::Range;

use unicode_security::skeleton;

use crate::offsets::Draft;

/// What ends a line.
const NEWLINES: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// `text` with Latin letters where others only look like them. `None` if there are none.
pub(super) fn latin(text: &str) -> Option<Draft> {
    if text.is_ascii() {
        return None;
    }
    // 0xCD begins the first of these scripts.
    let mut letters = text.bytes().enumerate().filter(|(_, byte)| *byte >= 0xCD);
    if !letters.any(|(at, _)| {
        text.get(at..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(is_other)
    }) {
        return None;
    }
    let mut draft = Draft::default();
    let mut written = 0;
    let mut at = 0;
    for line in text.split_inclusive(NEWLINES) {
        if !line.is_ascii() && line.chars().any(is_latin) {
            for word in disguised(line) {
                let word = at + word.start..at + word.end;
                draft.copy(&text[written..word.start], written);
                for (index, c) in text[word.clone()].char_indices() {
                    let start = word.start + index;
                    let source = start..start + c.len_utf8();
                    match is_other(c).then(|| alike(c, true)).flatten() {
                        Some(letter) => draft.block(letter.encode_utf8(&mut [0; 4]), source),
                        None => draft.copy(&text[source.clone()], start),
                    }
                }
                written = word.end;
            }
        }
        at += line.len();
    }
    if written == 0 {
        return None;
    }
    draft.copy(&text[written..], written);
    Some(draft)
}

/// A word with letters of another script.
struct Word {
    range: Range<usize>,
    /// It also has Latin letters.
    mixed: bool,
    /// All its letters are Latin, or look like it.
    alike: bool,
    letters: usize,
}

/// The words of a line that are meant to be read as Latin.
fn disguised(line: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut latin = false;
    let mut start = None;
    for (at, c) in line.char_indices().chain([(line.len(), ' ')]) {
        if c.is_alphanumeric() {
            start.get_or_insert(at);
        } else if let Some(start) = start.take() {
            let range = start..at;
            let word = &line[range.clone()];
            let mixed = word.chars().any(is_latin);
            latin |= mixed;
            if word.chars().any(is_other) {
                words.push(Word {
                    range,
                    mixed,
                    alike: word
                        .chars()
                        .all(|c| !is_other(c) || alike(c, mixed).is_some()),
                    letters: word.chars().filter(|c| c.is_alphabetic()).count(),
                });
            }
        }
    }
    // A line with a word that cannot be read as Latin is in that other language.
    let foreign = words.iter().any(|word| !word.mixed && !word.alike);
    words
        .into_iter()
        .filter(|word| word.alike && word.letters > 1)
        .filter(|word| {
            if word.mixed {
                word.letters > 2 // μm, kΩ
            } else {
                latin && !foreign
            }
        })
        .map(|word| word.range)
        .collect()
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, 'À'..='ɏ' | 'Ḁ'..='ỿ') && c.is_alphabetic()
}

/// Letters of the scripts that have look-alikes of Latin letters: Greek, Cyrillic, Armenian, Cherokee, Coptic, Lisu.
fn is_other(c: char) -> bool {
    if let 'Ѐ'..='ҁ' | '\0'..'\u{370}' = c {
        return c >= 'Ѐ'; // Most of what is asked, without a table.
    }
    matches!(
        c,
        '\u{370}'..='\u{3FF}'
            | '\u{400}'..='\u{58F}'
            | '\u{13A0}'..='\u{13FD}'
            | '\u{1F00}'..='\u{1FFF}'
            | '\u{2C80}'..='\u{2CFF}'
            | '\u{A4D0}'..='\u{A4FF}'
            | '\u{AB70}'..='\u{ABBF}'
    ) && c.is_alphabetic()
}

/// The Latin letter that `c` looks like, in either case. `loose` is for words that have Latin letters anyway: there some
/// resemblance is enough.
fn alike(c: char, loose: bool) -> Option<char> {
    let drawn = |c| exact(c).or_else(|| loose.then(|| similar(c)).flatten());
    drawn(c).or_else(|| {
        let mut lower = c.to_lowercase();
        lower.next().filter(|lower| *lower != c).and_then(drawn)
    })
}

/// The Latin letter that cannot be told from `c`.
fn exact(c: char) -> Option<char> {
    if let 'І' | 'і' | 'Ӏ' | 'ӏ' | 'Ι' | 'ι' = c {
        return Some('i'); // The skeleton is a small L, which also looks like it.
    }
    let mut bytes = [0; 4];
    let mut look = skeleton(c.encode_utf8(&mut bytes));
    match (look.next(), look.next()) {
        (Some(letter), None) if letter.is_ascii_alphabetic() => Some(letter),
        _ => None,
    }
}

/// The Latin letter that `c` may stand for.
fn similar(c: char) -> Option<char> {
    match c {
        'в' => Some('b'),
        'ε' | 'ё' => Some('e'),
        'н' => Some('h'),
        'к' | 'κ' => Some('k'),
        'м' => Some('m'),
        'η' | 'п' => Some('n'),
        'я' => Some('r'),
        'т' | 'τ' => Some('t'),
        'ω' | 'ш' => Some('w'),
        _ => None,
    }
}
