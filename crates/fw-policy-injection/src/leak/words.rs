//! Words of a text that comes in pieces, as hashes; and hashes of runs of them.

use std::collections::VecDeque;

use fw_classify::{Normal, NormalConfig};

/// A longer word counts as several, so that one without an end is not waited for.
const LONGEST: usize = 64;

/// An odd number, so that multiplying loses nothing.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// The words of a text, read one character after the other.
#[derive(Debug, Default)]
pub(super) struct Words {
    hash: u64,
    /// Characters of the word that is being read.
    length: usize,
    start: usize,
    /// The last character was a backslash.
    escaped: bool,
}

impl Words {
    pub(super) const fn new() -> Self {
        Self {
            hash: 0,
            length: 0,
            start: 0,
            escaped: false,
        }
    }

    /// Takes the next character, which is at `at`. `found` gets each word that ends with that, and where it
    /// begins.
    pub(super) fn push(&mut self, c: char, at: usize, mut found: impl FnMut(u64, usize)) {
        if is_invisible(c) {
            return;
        }
        let escaped = std::mem::replace(&mut self.escaped, c == '\\');
        if escaped && matches!(c, 'n' | 't' | 'r') {
            // White space, as JSON has it. The backslash has ended the word.
            return;
        }
        if is_styled(c) {
            let normal = Normal::new(c.encode_utf8(&mut [0; 4]), &NormalConfig::new());
            for c in normal.as_str().chars() {
                self.plain(c, at, &mut found);
            }
        } else {
            self.plain(c, at, found);
        }
    }

    fn plain(&mut self, c: char, at: usize, mut found: impl FnMut(u64, usize)) {
        if is_word(c) {
            self.end(&mut found);
            self.letter(c, at);
            self.end(found);
        } else if c.is_alphanumeric() {
            self.letter(c, at);
            if self.length == LONGEST {
                self.end(found);
            }
        } else {
            self.end(found);
        }
    }

    /// Ends the word that is being read.
    pub(super) fn end(&mut self, mut found: impl FnMut(u64, usize)) {
        if self.length > 0 {
            found(mix(self.hash), self.start);
            self.length = 0;
            self.hash = 0;
        }
    }

    /// All words of a text.
    pub(super) fn whole(mut self, text: &str, mut found: impl FnMut(u64)) {
        for c in text.chars() {
            self.push(c, 0, |word, _| found(word));
        }
        self.end(|word, _| found(word));
    }

    fn letter(&mut self, c: char, at: usize) {
        if self.length == 0 {
            self.start = at;
        }
        for lower in c.to_lowercase() {
            self.hash = (self.hash ^ u64::from(lower))
                .wrapping_mul(FACTOR)
                .rotate_left(23);
        }
        self.length += 1;
    }
}

/// Characters that are words by themselves: those of scripts without spaces.
const fn is_word(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Characters that may stand within a word and show nothing.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e01ef}')
}

/// Letters in another style: wide, bold, in circles.
const fn is_styled(c: char) -> bool {
    matches!(c,
        '\u{2100}'..='\u{214f}' | '\u{2460}'..='\u{24ff}' | '\u{fb00}'..='\u{fb06}' | '\u{ff01}'..='\u{ff5e}'
        | '\u{1d400}'..='\u{1d7ff}')
}

const fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 29)).wrapping_mul(FACTOR);
    hash ^ (hash >> 32)
}

/// The hash of the last so many words.
#[derive(Debug)]
pub(super) struct Rolling {
    words: VecDeque<u64>,
    size: usize,
    hash: u64,
    /// What the first word of a run was multiplied with.
    power: u64,
}

impl Rolling {
    pub(super) fn new(size: usize) -> Self {
        let power = (1..size).fold(1_u64, |power, _| power.wrapping_mul(FACTOR));
        Self {
            words: VecDeque::with_capacity(size),
            size,
            hash: 0,
            power,
        }
    }

    /// Takes a word, and gives the hash of the run that ends with it, if there are enough words.
    pub(super) fn push(&mut self, word: u64) -> Option<u64> {
        if self.words.len() == self.size
            && let Some(first) = self.words.pop_front()
        {
            self.hash = self.hash.wrapping_sub(first.wrapping_mul(self.power));
        }
        self.words.push_back(word);
        self.hash = self.hash.wrapping_mul(FACTOR).wrapping_add(word);
        (self.words.len() == self.size).then(|| mix(self.hash))
    }
}
