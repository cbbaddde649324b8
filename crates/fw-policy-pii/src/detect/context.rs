//! Words before a candidate that say what it is.
//!
//! Only text to the left is looked at, and of that the last [`NEAR`] bytes. It is read as words: letters in lower
//! case and without accents, and anything between them as one space. `"tax_id":`, `Tax-ID` and `taxId` all read
//! `tax id`. Words to look for are written that way too: `drivers license` (for `driver's license`), `e mail`.
//! A plural `s` is let go; a word that ends in `*` is a beginning. Words of scripts that put no spaces between
//! words (Chinese, Japanese, Korean, Thai) are found anywhere.

use super::word_list::WordList;

/// How many bytes to the left of a candidate count.
pub(crate) const NEAR: usize = 64;

/// Room for the words: one space may come between any two letters.
const ROOM: usize = 2 * NEAR + 8;

/// Whether one of `words` stands near the end of `before`.
pub(crate) fn mentions(before: &str, words: &[&str]) -> bool {
    Words::before(before).mentions(words)
}

/// The last words before a candidate, ready to be asked several times.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    bytes: [u8; ROOM],
    len: usize,
    /// Which pairs of letters words begin with: a row for the first, a bit for the second. Most words of a list
    /// are ruled out by it.
    pairs: [u32; 32],
    /// Where words begin, a bit for each byte.
    begins: [u64; ROOM.div_ceil(64)],
}

impl Words {
    /// Reads the end of `before`.
    pub(crate) fn before(before: &str) -> Self {
        let mut words = Self {
            bytes: [0; ROOM],
            len: 0,
            pairs: [0; 32],
            begins: [0; ROOM.div_ceil(64)],
        };
        words.read(near(before));
        words.note_beginnings();
        words
    }

    /// Whether one of `words` is there.
    pub(crate) fn mentions(&self, words: &[&str]) -> bool {
        self.matches(words).next().is_some()
    }

    /// How far the nearest of `words` is from the candidate: letters and spaces from its end.
    pub(crate) fn distance(&self, words: &[&str]) -> Option<usize> {
        self.matches(words).map(|end| self.len - end).min()
    }

    /// How far the nearest word of a list is.
    pub(crate) fn distance_in(&self, list: &'static WordList) -> Option<usize> {
        let ends = |text: &[u8]| list.lengths(text).max().map(|length| text.len() - length);
        self.starts().filter_map(ends).min()
    }

    /// The last `distance` bytes.
    pub(crate) fn last(&self, distance: usize) -> &[u8] {
        &self.text()[self.len.saturating_sub(distance)..]
    }

    /// Where words of the list end.
    fn matches<'a>(&'a self, words: &'a [&'a str]) -> impl Iterator<Item = usize> + 'a {
        let words = words.iter().filter(|word| self.may_begin(word));
        words.flat_map(move |word| {
            self.starts().filter_map(move |text| {
                let at = self.len - text.len();
                length_if_begins(text, word).map(|len| at + len)
            })
        })
    }

    fn note_beginnings(&mut self) {
        let mut left = b' ';
        let text = self.bytes.get(..self.len).unwrap_or_default();
        for (at, byte) in text.iter().enumerate() {
            if *byte >= SPACELESS || (left == b' ' && *byte != b' ') {
                self.begins[at / 64] |= 1 << (at % 64);
                let second = text.get(at + 1).unwrap_or(&b' ');
                self.pairs[usize::from(byte & 31)] |= 1 << (second & 31);
            }
            left = *byte;
        }
    }

    /// Whether a word that begins like `word` may be there.
    fn may_begin(&self, word: &str) -> bool {
        let mut room = [0; 8];
        let pair = match word.as_bytes() {
            [first @ ..0x80, second @ ..0x80, ..] => [*first, *second],
            _ => {
                let mut at = 0;
                for char in word.chars().take(2) {
                    at += fold(char).encode_utf8(&mut room[at..]).len();
                }
                match room {
                    [first, second, ..] if at > 1 => [first, second],
                    _ => return true,
                }
            }
        };
        if pair[1] == b'*' {
            return true;
        }
        self.pairs[usize::from(pair[0] & 31)] & (1 << (pair[1] & 31)) != 0
    }

    /// The text from each place on where a word begins.
    pub(crate) fn starts(&self) -> impl Iterator<Item = &[u8]> {
        let text = self.text();
        let mut group = 0;
        let mut rest = self.begins[0];
        std::iter::from_fn(move || {
            while rest == 0 {
                group += 1;
                rest = *self.begins.get(group)?;
            }
            let at = 64 * group + rest.trailing_zeros() as usize;
            rest &= rest - 1;
            text.get(at..)
        })
    }

    /// A name as it reads among the words before a candidate.
    pub(crate) fn of_name(name: &str) -> String {
        name.chars().map(fold).collect()
    }

    fn text(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn read(&mut self, text: &str) {
        let mut left = Kind::Break;
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            let kind = Kind::of(char);
            if kind == Kind::Break {
                // The `'s` of "driver's" belongs to its word.
                let genitive = matches!(char, '\'' | '’')
                    && left != Kind::Break
                    && chars.as_str().starts_with('s');
                if !genitive {
                    left = Kind::Break;
                    self.space();
                }
                continue;
            }
            let begins = match (left, kind) {
                (Kind::Lower, Kind::Lower) => false,
                (Kind::Lower, Kind::Upper) => true,
                (Kind::Upper, Kind::Upper) => begins_word(chars.as_str()),
                (Kind::Digit, Kind::Digit) | (Kind::Break, _) => false,
                (Kind::Digit, _) | (_, Kind::Digit) => true,
                _ => false,
            };
            if begins {
                self.space();
            }
            self.push(fold(char));
            left = kind;
        }
        if self.text().last() == Some(&b' ') {
            self.len -= 1;
        }
    }

    fn space(&mut self) {
        if self.text().last().is_some_and(|last| *last != b' ') {
            self.push(' ');
        }
    }

    fn push(&mut self, char: char) {
        if char.is_ascii() {
            if let Some(place) = self.bytes.get_mut(self.len) {
                *place = char as u8;
                self.len += 1;
            }
            return;
        }
        let len = char.len_utf8();
        if let Some(room) = self.bytes.get_mut(self.len..self.len + len) {
            char.encode_utf8(room);
            self.len += len;
        }
    }
}

/// Whether the last of several capitals begins a word: the `N` of `TaxIDNumber`, not the `D` of `IDs`.
fn begins_word(rest: &str) -> bool {
    let mut chars = rest.chars();
    let next = chars.next();
    let is_lower = |char: Option<char>| char.is_some_and(|char| Kind::of(char) == Kind::Lower);
    is_lower(next) && (next != Some('s') || is_lower(chars.next()))
}

/// First byte of the scripts from U+0E00 on, which are taken for scripts without spaces.
pub(crate) const SPACELESS: u8 = 0xE0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lower,
    Upper,
    Digit,
    Break,
}

impl Kind {
    fn of(char: char) -> Self {
        match char {
            'a'..='z' => Self::Lower,
            'A'..='Z' => Self::Upper,
            '0'..='9' => Self::Digit,
            '\0'..='\x7f' => Self::Break,
            _ if char.is_uppercase() => Self::Upper,
            _ if char.is_alphabetic() || is_mark(char) => Self::Lower,
            _ => Self::Break,
        }
    }
}

/// Vowel signs and other marks that stand within words.
const fn is_mark(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36F}' | '\u{E31}'..='\u{E4E}')
}

/// The end of `before`, from the first whole word of its last [`NEAR`] bytes.
fn near(before: &str) -> &str {
    let mut cut = before.len().saturating_sub(NEAR);
    if cut == 0 {
        return before;
    }
    while !before.is_char_boundary(cut) {
        cut += 1;
    }
    let tail = &before[cut..];
    let whole = tail
        .char_indices()
        .find(|(_, char)| Kind::of(*char) == Kind::Break || (*char as u32) >= 0xE00)
        .map_or(0, |(at, _)| at);
    &tail[whole..]
}

/// The first two bytes of a word as it reads among the words before a candidate.
pub(crate) fn folded_beginning(word: &str) -> (u8, Option<u8>) {
    let mut room = [0; 8];
    let mut at = 0;
    for char in word.chars().take(2) {
        at += fold(char).encode_utf8(&mut room[at..]).len();
    }
    (room[0], (at > 1).then_some(room[1]))
}

/// The length of the part of `text` that is `word`, if it begins with it as a whole word.
pub(crate) fn length_if_begins(text: &[u8], word: &str) -> Option<usize> {
    let mut at = 0;
    let mut last = 0;
    for char in word.chars() {
        if char == '*' {
            return Some(at);
        }
        if char.is_ascii() {
            if text.get(at) != Some(&(char as u8)) {
                return None;
            }
            last = char as u8;
            at += 1;
            continue;
        }
        let mut room = [0; 4];
        let folded = fold(char).encode_utf8(&mut room).as_bytes();
        if text.get(at..at + folded.len()) != Some(folded) {
            return None;
        }
        last = folded[0];
        at += folded.len();
    }
    let rest = &text[at..];
    (last >= SPACELESS || ends(rest)).then_some(at)
}

fn ends(rest: &[u8]) -> bool {
    matches!(rest, [] | [b' ', ..] | [b's'] | [b's', b' ', ..])
}

/// The letter in lower case and without accent.
fn fold(char: char) -> char {
    if char.is_ascii() {
        return char.to_ascii_lowercase();
    }
    let lower = match char {
        // Lower case already, or without case.
        'à'..='ÿ' | 'α'..='ώ' | 'а'..='џ' | '\u{590}'..='\u{109f}' | '\u{2e80}'..='\u{a63f}' => {
            char
        }
        _ => char.to_lowercase().next().unwrap_or(char),
    };
    match lower {
        'à'..='æ' | 'ā' | 'ă' | 'ą' | 'ạ'..='ặ' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ð' | 'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ'..='ệ' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ỉ'..='ị' => 'i',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'œ' | 'ơ' | 'ọ'..='ợ' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ß' | 'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ŧ' | 'ț' | 'þ' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ụ'..='ự' => 'u',
        'ý' | 'ÿ' | 'ŷ' | 'ỳ'..='ỹ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_and_labels_read_as_words() {
        for before in [
            "{\"tax_id\": \"",
            "taxId=",
            "Tax-ID: ",
            "my TAX ID is ",
            "taxID ",
            "tax IDs: ",
            "TaxIDNumber: ",
            "TAX_ID_2=",
        ] {
            assert!(mentions(before, &["tax id"]), "{before}");
        }
        for before in ["taxi d ", "syntax id ", "tax idea ", "taxid ", "id tax "] {
            assert!(!mentions(before, &["tax id"]), "{before}");
        }
    }

    #[test]
    fn accents_do_not_count_on_either_side() {
        assert!(mentions(
            "Numéro de SÉCURITÉ sociale : ",
            &["securite sociale"]
        ));
        assert!(mentions(
            "numero de securite sociale : ",
            &["sécurité sociale"]
        ));
        assert!(mentions("rodné číslo ", &["rodne cislo"]));
        assert!(mentions("идентификационный НОМЕР ", &["номер"]));
    }

    #[test]
    fn a_genitive_is_one_word() {
        assert!(mentions("driver's license ", &["drivers license"]));
        assert!(mentions("carte d'identité ", &["d identite"]));
    }

    #[test]
    fn a_star_stands_for_any_ending() {
        assert!(mentions("henkilötunnukseni on ", &["henkilotunnu*"]));
        assert!(!mentions("henkilö on ", &["henkilotunnu*"]));
    }

    #[test]
    fn scripts_without_spaces_match_anywhere() {
        assert!(mentions("我的身份证号码是", &["身份证"]));
        assert!(mentions("주민등록번호는 ", &["주민등록번호"]));
        assert!(mentions("เลขประจำตัวประชาชน ", &["ประจำตัวประชาชน"]));
    }

    #[test]
    fn only_what_is_near_counts_and_a_cut_word_does_not() {
        let far = format!("ssn {}", "x ".repeat(NEAR));
        assert!(!mentions(&far, &["ssn"]));
        let cut = format!("glassn{}", " ".repeat(NEAR - 3));
        assert!(!mentions(&cut, &["ssn"]));
    }

    #[test]
    fn distance_is_that_of_the_nearest() {
        let words = Words::before("ssn or phone: ");
        assert_eq!(words.distance(&["ssn"]), Some(9));
        assert_eq!(words.distance(&["ssn", "phone"]), Some(0));
        assert_eq!(words.distance(&["tax"]), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(text in ".{0,200}") {
            let words = Words::before(&text);
            proptest::prop_assert!(std::str::from_utf8(words.text()).is_ok());
            let _ = words.distance(&["id", "номер", "号"]);
        }
    }
}
