//! Lists of words that are looked up by how they begin.

use std::sync::OnceLock;

use super::context::{folded_beginning, length_if_begins};

/// A list of words, written as [`context`](super::context) reads them. It is indexed when it is first asked.
#[derive(Debug)]
pub(crate) struct WordList {
    words: &'static [&'static str],
    index: OnceLock<Vec<Vec<&'static str>>>,
}

/// A slot for each pair of first letters.
const SLOTS: usize = 32 * 32;

impl WordList {
    pub(crate) const fn new(words: &'static [&'static str]) -> Self {
        Self {
            words,
            index: OnceLock::new(),
        }
    }

    /// The lengths of the list's words that `text` begins with.
    pub(crate) fn lengths<'t>(&'static self, text: &'t [u8]) -> impl Iterator<Item = usize> + 't {
        let first = text.first().copied().unwrap_or(b' ');
        let second = text.get(1).copied().unwrap_or(b' ');
        self.index()[slot(first, second)]
            .iter()
            .filter_map(|word| length_if_begins(text, word))
    }

    fn index(&self) -> &Vec<Vec<&'static str>> {
        self.index.get_or_init(|| {
            let mut index = vec![Vec::new(); SLOTS];
            for word in self.words {
                match folded_beginning(word) {
                    // A word of one letter: its end follows, or a plural `s`.
                    (first, None) => {
                        for second in [b' ', b's'] {
                            index[slot(first, second)].push(*word);
                        }
                    }
                    // The beginning of any word with this letter.
                    (first, Some(b'*')) => {
                        for second in 0..32 {
                            index[slot(first, second)].push(*word);
                        }
                    }
                    (first, Some(second)) => index[slot(first, second)].push(*word),
                }
            }
            index
        })
    }
}

const fn slot(first: u8, second: u8) -> usize {
    (first as usize & 31) * 32 + (second as usize & 31)
}

#[cfg(test)]
mod tests {
    use super::super::context::Words;
    use super::*;

    static LIST: WordList =
        WordList::new(&["tax id", "m", "ausweis*", "k*", "電話", "é", "телефон*"]);

    fn is_in(before: &str) -> bool {
        Words::before(before).distance_in(&LIST).is_some()
    }

    #[test]
    fn it_finds_what_a_search_through_the_list_finds() {
        for before in [
            "tax id: ",
            "the tax ids ",
            "m ",
            "ms: ",
            "Ausweisnummer ",
            "kilo ",
            "k ",
            "我的電話",
            "É: ",
            "Телефоны ",
            "taxi ",
            "mm ",
            "my ",
            "sweis ",
            "x",
            "",
            "e ",
            "電 話 ",
        ] {
            let searched = Words::before(before).distance(LIST.words);
            assert_eq!(
                Words::before(before).distance_in(&LIST),
                searched,
                "{before}"
            );
        }
        assert!(is_in("m ") && is_in("Ausweisnummer ") && !is_in("taxi "));
    }
}
