//! What each byte means for where a token ends.

/// A lower-case ASCII letter.
pub(super) const LOWER: u8 = 1;
/// An upper-case ASCII letter.
pub(super) const UPPER: u8 = 1 << 1;
pub(super) const DIGIT: u8 = 1 << 2;
/// A byte that makes a token worth a look: `@` and `=`.
pub(super) const MARK: u8 = 1 << 3;
pub(super) const COLON: u8 = 1 << 4;
/// Any other byte of a token.
pub(super) const OTHER: u8 = 1 << 5;
/// Part of a character that is not ASCII. It may be a break or not.
pub(super) const WIDE: u8 = 1 << 6;
/// No token holds this byte.
pub(super) const BREAK: u8 = 1 << 7;

static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            b'@' | b'=' => MARK,
            b':' => COLON,
            0x80.. => WIDE,
            0..=b' ' | 0x7f | b'"' | b'\'' | b'`' | b',' | b';' => BREAK,
            b'<' | b'>' | b'{' | b'}' | b'[' | b']' | b'|' => BREAK,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
};

pub(super) fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

/// Whether a character that is not ASCII is part of words as Latin, Greek and Cyrillic script write them:
/// their letters and the accents that combine with them. All else ends a token.
const fn is_letter(c: char) -> bool {
    matches!(c,
        'ª' | 'µ' | 'º'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{52f}'
        | '\u{1d00}'..='\u{1fff}' | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}')
}

/// The character at `at`, if it is not ASCII, with its length; whether it is part of a token.
pub(super) fn wide(text: &str, at: usize) -> (usize, bool) {
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        Some(c) => (c.len_utf8(), is_letter(c)),
        None => (1, false),
    }
}

/// The end of the token that goes on at `at`, or that of the text, and the classes of its bytes with those in
/// `classes`.
pub(super) fn token_end(text: &str, mut at: usize, mut classes: u8) -> (usize, u8) {
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        let class = class(*byte);
        if class >= WIDE {
            if class == BREAK {
                break;
            }
            let (length, is_letter) = wide(text, at);
            if !is_letter {
                break;
            }
            at += length;
        } else {
            at += 1;
        }
        classes |= class;
    }
    (at, classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> &str {
        &text[..token_end(text, 0, 0).0]
    }

    #[test]
    fn a_token_ends_at_white_space_quotes_and_brackets() {
        for end in " \t\n\r\"'`,;<>{}[]|\u{0}\u{7f}".chars() {
            assert_eq!(token(&format!("a@b.c{end}d")), "a@b.c");
        }
    }

    #[test]
    fn a_token_ends_at_characters_of_other_scripts_and_symbols() {
        for end in "\u{a0}\u{202f}\u{2009}–—‘’“”…、。１中ア한א؟🙂×÷".chars()
        {
            assert_eq!(token(&format!("a1{end}d")), "a1", "{end:?}");
        }
    }

    #[test]
    fn a_token_goes_on_with_letters_and_what_stands_in_numbers_and_addresses() {
        for text in [
            "Straße",
            "İzmir",
            "нет",
            "ελ",
            "ệ",
            "e\u{301}",
            "nº",
            "+1(2)3-4/5.6:7@8=9_#%&*?!~^$\\",
        ] {
            assert_eq!(token(text), text);
        }
    }

    #[test]
    fn classes_are_those_of_all_bytes() {
        assert_eq!(
            token_end("aB1=:.é x", 0, 0).1,
            LOWER | UPPER | DIGIT | MARK | COLON | OTHER | WIDE
        );
    }
}
