//! Words without what writers leave out: accents, and the letters that stand for two.

use std::borrow::Cow;

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// A word without accents on Latin, Greek and Cyrillic letters, and with `ss` for `ß`.
pub(super) fn fold(word: &str) -> Cow<'_, str> {
    if word.is_ascii() {
        return Cow::Borrowed(word);
    }
    let mut folded = String::with_capacity(word.len());
    for c in word.chars() {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'ⱥ' => folded.push('a'),
            '\u{300}'..='\u{36F}' => {}
            '\u{C0}'..='\u{24F}' | '\u{370}'..='\u{52F}' | '\u{1E00}'..='\u{1FFF}' => {
                decompose_canonical(c, |part| {
                    if !is_combining_mark(part) {
                        folded.push(part);
                    }
                });
            }
            _ => folded.push(c),
        }
    }
    Cow::Owned(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_double_letters_make_no_difference() {
        for (word, folded) in [
            ("straße", "strasse"),
            ("naïve", "naive"),
            ("łódź", "lodz"),
            ("smørrebrød", "smorrebrod"),
            ("άνθρωπος", "ανθρωπος"),
            ("ёлка", "елка"),
            ("p\u{336}r\u{336}o\u{336}", "pro"),
            ("हिंदी", "हिंदी"),
            ("ガス", "ガス"),
            ("폭탄", "폭탄"),
        ] {
            assert_eq!(fold(word), folded);
        }
    }
}
