//! Hashed n-grams of a normalised text, in one pass and without an allocation per n-gram.
//!
//! A *word* is a run of letters, digits and marks; an apostrophe between letters is left out of it.
//! From each word come itself, its pair with the word before, and the runs of three to five
//! characters of `<word>`. Scripts that are written without spaces have no such words: there every
//! character is one, and the runs are of one to four characters. Hangul syllables are read both as
//! words and as runs of two.
//!
//! The hash is FNV-1a's loop over 32-bit characters with a 64-bit odd multiplier and a final
//! mix; the highest bits are used. It is part of the model format: another hash is another
//! [`VERSION`].

use std::ops::Range;

/// What kind of n-gram a feature is. Each has its own half of a model's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Words and pairs of words.
    Word,
    /// Runs of characters.
    Char,
}

/// The way features are made. A model says with which it was trained, and no other reads it.
pub const VERSION: u16 = 1;

/// Takes the features of a text as they are found.
pub trait Sink {
    /// A word begins at this byte of the text and counts for so many characters, the space before it included.
    /// Features that follow belong to it.
    fn word(&mut self, start: usize, end: usize, width: usize);
    /// A feature of the present word.
    fn feature(&mut self, group: Group, hash: u64);
}

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
const SEED: u64 = 0xCBF2_9CE4_8422_2325;
const WORD: u64 = 0x51;
const PAIR: u64 = 0x52;
const RUN: u64 = 0x53;
const SKIP: u64 = 0x54;

const fn step(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(MULTIPLIER).rotate_left(23)
}

const fn finish(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 29)).wrapping_mul(MULTIPLIER);
    hash ^ (hash >> 32)
}

/// How a character takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Separates words.
    Break,
    /// Part of a word.
    Letter,
    /// A word by itself: scripts without spaces.
    Dense,
    /// Left out, without ending a word.
    Silent,
}

/// The classes of ASCII, which is most of what is asked.
const ASCII: [Class; 128] = {
    let mut classes = [Class::Break; 128];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            classes[byte] = Class::Letter;
        }
        byte += 1;
    }
    classes[b'\'' as usize] = Class::Silent;
    classes
};

#[inline]
pub(crate) fn class(c: char) -> Class {
    match ASCII.get(c as usize) {
        Some(class) => *class,
        None => class_of_others(c),
    }
}

fn class_of_others(c: char) -> Class {
    match c {
        '\u{2019}' | '\u{ad}' => Class::Silent,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => Class::Dense,
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' => {
            if c == '\u{30fb}' {
                Class::Break
            } else {
                Class::Dense
            }
        }
        '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => Class::Dense,
        // Marks that are not alphabetic, and yet inside words: viramas, nuktas, accents.
        '\u{0300}'..='\u{036f}' | '\u{0900}'..='\u{0dff}'
            if !matches!(c, '\u{964}' | '\u{965}') =>
        {
            Class::Letter
        }
        _ if c.is_alphanumeric() => Class::Letter,
        _ => Class::Break,
    }
}

const fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}')
}

/// A word of a text.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    /// Where it is, in bytes.
    pub(crate) range: Range<usize>,
    pub(crate) script: Script,
}

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// In letters and digits of ASCII alone, which need no second look.
    Ascii,
    /// In other letters as well, or with something between them that is left out.
    Mixed,
    /// In one character of a script without spaces.
    Dense,
}

/// The class of the character at a byte, and its length. `None` at the end.
#[inline]
fn class_at(text: &str, at: usize) -> Option<(Class, usize)> {
    let byte = text.as_bytes().get(at)?;
    match ASCII.get(usize::from(*byte)) {
        Some(class) => Some((*class, 1)),
        None => {
            let c = text.get(at..)?.chars().next()?;
            Some((class_of_others(c), c.len_utf8()))
        }
    }
}

/// The words of a text.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Word> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = loop {
            let (class, length) = class_at(text, at)?;
            match class {
                Class::Break | Class::Silent => at += length,
                Class::Letter => break at,
                Class::Dense => {
                    let range = at..at + length;
                    at = range.end;
                    let script = Script::Dense;
                    return Some(Word { range, script });
                }
            }
        };
        let mut end = start;
        let mut script = Script::Ascii;
        while let Some((class, length)) = class_at(text, at) {
            match class {
                Class::Letter => end = at + length,
                Class::Silent => script = Script::Mixed,
                Class::Break | Class::Dense => break,
            }
            if length > 1 {
                script = Script::Mixed;
            }
            at += length;
        }
        let range = start..end;
        Some(Word { range, script })
    })
}

/// Gives the features of a normalised text to `sink`, in the order of the text.
pub fn extract<S: Sink>(text: &str, sink: &mut S) {
    let mut before = SEED;
    let mut before_that = SEED;
    let mut dense = Dense::default();
    for Word { range, script } in words(text) {
        let word = text.get(range.clone()).unwrap_or_default();
        let hash = match script {
            Script::Dense => dense.character(word, range, sink),
            Script::Ascii => {
                sink.word(range.start, range.end, 1 + word.len());
                runs(word.bytes().map(char::from), sink)
            }
            Script::Mixed => {
                sink.word(range.start, range.end, 1 + word.chars().count());
                let heard = word.chars().filter(|c| class(*c) != Class::Silent);
                runs(heard, sink)
            }
        };
        if script != Script::Dense {
            sink.feature(Group::Word, finish(hash));
            if before != SEED {
                sink.feature(Group::Word, finish(step(hash ^ PAIR, before)));
            }
            if before_that != SEED {
                sink.feature(Group::Word, finish(step(hash ^ SKIP, before_that)));
            }
        }
        before_that = before;
        before = hash;
    }
}

/// The last characters in a script without spaces.
#[derive(Default)]
struct Dense {
    /// The last one first.
    run: [u64; 4],
    length: usize,
    end: usize,
}

impl Dense {
    /// Gives the runs that end with this character, and returns its hash as a word.
    fn character<S: Sink>(&mut self, word: &str, range: Range<usize>, sink: &mut S) -> u64 {
        let c = word.chars().next().map_or(0, u64::from);
        sink.word(range.start, range.end, 2);
        if self.end != range.start {
            self.length = 0;
        }
        self.end = range.end;
        let [one, two, three, _] = self.run;
        self.run = [c, one, two, three];
        self.length = (self.length + 1).min(4);
        let mut hash = SEED ^ RUN;
        for (length, c) in self.run.iter().take(self.length).enumerate() {
            hash = step(hash, *c);
            let group = if length < 2 { Group::Word } else { Group::Char };
            sink.feature(group, finish(hash));
        }
        step(SEED ^ WORD, c)
    }
}

/// Gives the runs of a word of these characters, and returns the hash of the word.
#[inline]
fn runs<S: Sink>(word: impl Iterator<Item = char>, sink: &mut S) -> u64 {
    let mut hash = SEED ^ WORD;
    // `<`, up to four characters before this one.
    let mut ring = [0, 0, 0, 0, u64::from('<')];
    let mut seen = 1;
    let mut hangul = false;
    for c in word {
        hangul = is_hangul(c);
        hash = step(hash, u64::from(c));
        ring = [ring[1], ring[2], ring[3], ring[4], u64::from(c)];
        seen += 1;
        runs_at(ring, seen, hangul, sink);
    }
    ring = [ring[1], ring[2], ring[3], ring[4], u64::from('>')];
    runs_at(ring, seen + 1, hangul, sink);
    hash
}

/// Gives the runs that end with the last character of `ring`, of which so many were seen.
#[inline]
fn runs_at<S: Sink>(ring: [u64; 5], seen: usize, hangul: bool, sink: &mut S) {
    let mut hash = SEED ^ RUN;
    if seen >= 5 && !hangul {
        // As below, for almost every character.
        hash = step(step(step(hash, ring[4]), ring[3]), ring[2]);
        sink.feature(Group::Char, finish(hash));
        hash = step(hash, ring[1]);
        sink.feature(Group::Char, finish(hash));
        hash = step(hash, ring[0]);
        return sink.feature(Group::Char, finish(hash));
    }
    for length in 1..=seen.min(5) {
        hash = step(hash, ring[5 - length]);
        if length >= 3 || (hangul && length == 2) {
            sink.feature(Group::Char, finish(hash));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Default, Debug, PartialEq)]
    struct Told(Vec<(usize, usize, usize)>, Vec<(bool, u64)>);

    impl Sink for Told {
        fn word(&mut self, start: usize, end: usize, width: usize) {
            self.0.push((start, end, width));
        }
        fn feature(&mut self, group: Group, hash: u64) {
            self.1.push((group == Group::Word, hash));
        }
    }

    #[test]
    fn features_stay_what_models_were_trained_with() {
        let mut told = Told::default();
        extract("ignore all", &mut told);
        let all = told.1.iter().fold(0, |all, (_, hash)| step(all, *hash));
        assert_eq!(
            (told.0, all),
            (vec![(0, 6, 7), (7, 10, 4)], 616_203_226_275_455_785)
        );
    }

    proptest! {
        /// A soft hyphen is left out, so that with one in it a word is read the general way.
        #[test]
        fn ascii_gives_the_features_of_the_general_way(text in "[a-cX-Z0-9 .,]{0,60}") {
            let mut general = String::new();
            for c in text.chars() {
                general.push(c);
                general.extend(c.is_ascii_alphanumeric().then_some('\u{ad}'));
            }
            let (mut one, mut other) = (Told::default(), Told::default());
            extract(&text, &mut one);
            extract(&general, &mut other);
            prop_assert_eq!(one.1, other.1);
            for (start, end, width) in one.0 {
                prop_assert_eq!(width, 1 + end - start);
            }
        }
    }
}
