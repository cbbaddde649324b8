//! Lists of words that are asked for often, so that a word that is not there is known at once.

use super::person::fold;

/// A list of words in lower case and without accents.
#[derive(Debug)]
pub(crate) struct Lexicon {
    words: &'static [&'static str],
    /// For each first letter, a bit for each length that words have. 31 stands for all longer ones too.
    lengths: [u32; 32],
    beginnings: Beginnings,
}

impl Lexicon {
    pub(crate) const fn new(words: &'static [&'static str]) -> Self {
        let mut lengths = [0; 32];
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_bytes();
            lengths[row(word)] |= length(word);
            at += 1;
        }
        Self {
            words,
            lengths,
            beginnings: Beginnings::NONE.with(words),
        }
    }

    /// How the words begin.
    pub(crate) const fn beginnings(&self) -> &Beginnings {
        &self.beginnings
    }

    /// Whether the word is in the list, in any case and with any accents.
    #[inline]
    pub(crate) fn has(&self, word: &str) -> bool {
        self.beginnings.may_begin(word) && self.search(word)
    }

    fn search(&self, word: &str) -> bool {
        if !word.is_ascii() {
            return self.words.contains(&fold(word).as_str());
        }
        let mut room = [0; ROOM];
        let Some(word) = letters(word, &mut room) else {
            return false;
        };
        self.lengths[row(word)] & length(word) != 0
            && self.words.iter().any(|entry| entry.as_bytes() == word)
    }
}

/// For each first letter of words, a bit for each second letter: most words are in no list by that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beginnings([u32; 32]);

impl Beginnings {
    pub(crate) const NONE: Self = Self([0; 32]);

    /// Those of these words too.
    pub(crate) const fn with(mut self, words: &[&str]) -> Self {
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_bytes();
            if word.len() > 1 {
                self.0[row(word)] |= 1 << (word[1] & 31);
            }
            at += 1;
        }
        self
    }

    /// Those of other words too.
    pub(crate) const fn and(mut self, other: &Self) -> Self {
        let mut row = 0;
        while row < self.0.len() {
            self.0[row] |= other.0[row];
            row += 1;
        }
        self
    }

    /// Whether a word that begins so may be among them, in any case and with any accents.
    #[inline]
    pub(crate) fn may_begin(&self, word: &str) -> bool {
        match word.as_bytes() {
            [first, second, ..] if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() => {
                self.0[usize::from(first & 31)] & (1 << (second & 31)) != 0
            }
            _ => true,
        }
    }
}

/// No word of a list is longer.
pub(crate) const ROOM: usize = 32;

/// The letters of a word in ASCII, in lower case: what [`fold`] makes of it, without asking for memory. `None`
/// if there are more than any list has.
pub(crate) fn letters<'r>(word: &str, room: &'r mut [u8; ROOM]) -> Option<&'r [u8]> {
    let mut length = 0;
    for byte in word.bytes().filter(u8::is_ascii_alphabetic) {
        *room.get_mut(length)? = byte.to_ascii_lowercase();
        length += 1;
    }
    room.get(..length)
}

/// Upper and lower case of a letter share a row.
const fn row(word: &[u8]) -> usize {
    match word {
        [first, ..] => (*first & 31) as usize,
        [] => 0,
    }
}

const fn length(word: &[u8]) -> u32 {
    1 << if word.len() < 31 { word.len() } else { 31 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_with_accents() {
        const LIST: Lexicon = Lexicon::new(&["rue", "strasse", "avenida", "привет"]);
        for word in ["rue", "Rue", "RUE", "(Rue)", "Avenída"] {
            assert!(LIST.has(word), "{word}");
        }
        for word in ["", "ru", "rues", "sue", "avenue"] {
            assert!(!LIST.has(word), "{word}");
        }
    }
}
