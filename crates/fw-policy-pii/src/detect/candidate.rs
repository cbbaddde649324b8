//! Stretches of a region that can be one number: `162 07 31 555 234 61`, `12.345.678-Z`, `AB123456C`.

use std::ops::Range;

/// The longest number that is looked at, without its separators.
pub(crate) const LONGEST: usize = 20;

/// The shortest.
pub(crate) const SHORTEST: usize = 4;

/// A stretch that can be one number.
#[derive(Clone, Debug)]
pub(crate) struct Candidate<'a> {
    text: &'a str,
    range: Range<usize>,
    compact: [u8; LONGEST],
    len: usize,
    letters: u32,
    digits: u32,
    lower: bool,
    glued: bool,
}

impl<'a> Candidate<'a> {
    /// Where it is in the text.
    pub(crate) fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// As it is written.
    pub(crate) fn written(&self) -> &'a str {
        &self.text[self.range.clone()]
    }

    /// Letters and digits only, letters in upper case.
    pub(crate) fn compact(&self) -> &[u8] {
        &self.compact[..self.len]
    }

    /// One bit for each place of [`compact`](Self::compact) that is a letter.
    pub(crate) const fn letters(&self) -> u32 {
        self.letters
    }

    pub(crate) const fn digits(&self) -> u32 {
        self.digits
    }

    /// Whether there are no separators.
    pub(crate) fn is_compact(&self) -> bool {
        self.range.len() == self.len
    }

    /// Whether it can be taken for a number by its form alone: it is not part of something bigger, and its letters
    /// are capitals.
    pub(crate) const fn stands_alone(&self) -> bool {
        !self.glued && !self.lower
    }

    /// Whether there are small letters.
    pub(crate) const fn is_lower(&self) -> bool {
        self.lower
    }

    fn of(text: &'a str, range: Range<usize>, glued: bool) -> Option<Self> {
        let mut candidate = Self {
            text,
            range: range.clone(),
            compact: [0; LONGEST],
            len: 0,
            letters: 0,
            digits: 0,
            lower: false,
            glued,
        };
        for byte in text.get(range)?.bytes() {
            if !byte.is_ascii_alphanumeric() {
                continue;
            }
            *candidate.compact.get_mut(candidate.len)? = byte.to_ascii_uppercase();
            if byte.is_ascii_digit() {
                candidate.digits += 1;
            } else {
                candidate.letters |= 1 << candidate.len;
                candidate.lower |= byte.is_ascii_lowercase();
            }
            candidate.len += 1;
        }
        (candidate.len >= SHORTEST && candidate.digits > 0).then_some(candidate)
    }
}

/// How many words one number is written in at most: French `1 62 07 31 555 234 61` has seven.
const WORDS: usize = 12;

/// Shows all candidates of `text` from `start` on to `look`, from left to right.
pub(crate) fn each<'a>(text: &'a str, start: usize, mut look: impl FnMut(&Candidate<'a>)) {
    let mut line = Line::default();
    let mut at = start;
    while let Some(word) = next_word(text, at) {
        if !line.goes_on(text, &word) {
            line.each(text, &mut look);
            line = Line::default();
        }
        at = word.range.end;
        line.push(word);
    }
    line.each(text, &mut look);
}

/// Letters, digits and what may stand between them.
#[derive(Clone, Debug, Default)]
struct Word {
    range: Range<usize>,
    has_digit: bool,
    glued: bool,
    /// After a plus sign, which only telephone numbers have.
    phone: bool,
    /// Where the number begins, if the word may be a label, a hyphen and a number.
    after_label: Option<usize>,
}

/// Words with one space between them.
#[derive(Debug, Default)]
struct Line {
    words: [Word; WORDS],
    len: usize,
    /// There are more words than any number has.
    long: bool,
}

impl Line {
    fn goes_on(&self, text: &str, next: &Word) -> bool {
        let Some(last) = self
            .len
            .checked_sub(1)
            .and_then(|last| self.words.get(last))
        else {
            return true;
        };
        is_space(&text[last.range.end..next.range.start])
    }

    fn push(&mut self, word: Word) {
        match self.words.get_mut(self.len) {
            Some(place) => {
                *place = word;
                self.len += 1;
            }
            None => {
                // A row of numbers. Its last words are kept: single words are still looked at.
                self.words.rotate_left(1);
                self.words[WORDS - 1] = word;
                self.long = true;
            }
        }
    }

    fn each<'a>(&self, text: &'a str, look: &mut impl FnMut(&Candidate<'a>)) {
        let words = &self.words[..self.len];
        let mut phone = false;
        for (first, word) in words.iter().enumerate() {
            phone = word.phone || phone && word.has_digit;
            if phone {
                continue;
            }
            // Numbers that go on to the left are no shorter number.
            let free = first == 0 && !self.long
                || !word.has_digit
                || first > 0 && !words[first - 1].has_digit;
            if free && !word.range.is_empty() {
                for (last, end) in words.iter().enumerate().skip(first + 1).rev() {
                    let ends =
                        !end.has_digit || words.get(last + 1).is_none_or(|next| !next.has_digit);
                    let digits = words[first..=last].iter().any(|word| word.has_digit);
                    if ends && digits {
                        let glued = word.glued || end.glued;
                        if let Some(found) =
                            Candidate::of(text, word.range.start..end.range.end, glued)
                        {
                            look(&found);
                        }
                    }
                }
            }
            if word.has_digit
                && let Some(found) = Candidate::of(text, word.range.clone(), word.glued)
            {
                look(&found);
            }
            if let Some(start) = word.after_label
                && word.has_digit
                && let Some(found) = Candidate::of(text, start..word.range.end, true)
            {
                look(&found);
            }
        }
    }
}

/// The first word at or after `at`.
fn next_word(text: &str, at: usize) -> Option<Word> {
    let bytes = text.as_bytes();
    let start = at
        + bytes
            .get(at..)?
            .iter()
            .position(u8::is_ascii_alphanumeric)?;
    let mut end = start;
    let mut has_digit = false;
    let mut label = None;
    let mut cut = false;
    while let Some(byte) = bytes.get(end) {
        if byte.is_ascii_alphanumeric() {
            has_digit |= byte.is_ascii_digit();
            end += 1;
            continue;
        }
        let Some(len) = separator(&bytes[end..]) else {
            break;
        };
        let digits =
            bytes[end - 1].is_ascii_digit() && bytes.get(end + len).is_some_and(u8::is_ascii_digit);
        let goes_on = bytes.get(end + len).is_some_and(u8::is_ascii_alphanumeric);
        // `a/123` and `No.123` are a label and a number.
        let ends = matches!(byte, b'.' | b'/') && !digits;
        if !goes_on || ends {
            cut = goes_on;
            break;
        }
        end += len;
        // `tax-123` may be one too, and `ABC-123` a plate: both are shown.
        if !has_digit && end - start > 2 {
            label = Some(end);
        }
    }
    // The check digit of Hong Kong's numbers stands in parentheses.
    if let [b'(', check, b')', ..] = &bytes[end..]
        && has_digit
        && check.is_ascii_alphanumeric()
    {
        end += 3;
    }
    let left = text[..start].chars().next_back();
    let phone = left == Some('+');
    let right = text[end..].chars().next();
    let glued = cut
        || left.is_some_and(|left| left.is_alphanumeric() || "_+@$€£%&~^/.-".contains(left))
        || right.is_some_and(|right| right.is_alphanumeric() || "_+@$€£%&~^/=".contains(right));
    Some(Word {
        range: start..end,
        has_digit,
        glued,
        phone,
        after_label: label,
    })
}

/// The length of a separator at the start of `bytes`: `-`, `.`, `/`, and hyphens and dashes outside ASCII.
fn separator(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'-' | b'.' | b'/', ..] => Some(1),
        [0xE2, 0x80, 0x90..=0x93, ..] => Some(3),
        _ => None,
    }
}

fn is_space(gap: &str) -> bool {
    matches!(
        gap,
        " " | "\u{A0}" | "\u{202F}" | "\u{2009}" | " - " | " / "
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        each(text, 0, |candidate| {
            found.push(candidate.written().to_owned())
        });
        found
    }

    #[test]
    fn a_number_is_taken_whole_with_its_separators() {
        assert_eq!(all("ssn=123-45-6789."), ["123-45-6789"]);
        assert_eq!(all("ID:A123456(7),"), ["A123456(7)"]);
        assert_eq!(all("1 62 07 31 555"), ["1 62 07 31 555"]);
    }

    #[test]
    fn a_label_in_front_is_left_out() {
        assert!(all("BSN 123456782").contains(&"123456782".to_owned()));
        assert!(all("ID-123456782").contains(&"ID-123456782".to_owned()));
        assert!(all("PPS-1234567A").contains(&"1234567A".to_owned()));
        assert!(all("AB 12 34 56 C").contains(&"AB 12 34 56 C".to_owned()));
    }

    #[test]
    fn digits_that_go_on_are_no_shorter_number() {
        assert_eq!(all("123 456 789 012"), ["123 456 789 012"]);
        assert_eq!(
            all("7c21100c-8de4-4687-8952-5de3ac5e42b3"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn compact_form_has_letters_and_digits_only() {
        let mut seen = 0;
        each("12.345.678-z", 0, |candidate| {
            seen += 1;
            assert_eq!(candidate.compact(), b"12345678Z");
            assert_eq!(candidate.letters(), 1 << 8);
            assert!(!candidate.stands_alone());
        });
        assert_eq!(seen, 1);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(text in "[ -~\u{a0}\u{2013}é0-9]{0,80}") {
            each(&text, 0, |candidate| {
                assert!(candidate.compact().len() <= LONGEST);
                assert!(!candidate.written().is_empty());
            });
        }
    }
}
