//! Extensions: `x12`, `ext. 12`, `ext 12`, `#12` right after a number (ITU-T E.123, 2.7 has a word for it).

/// Most digits of an extension.
const LONGEST: usize = 6;

/// Longest first.
const MARKS: &[&str] = &[
    "extension",
    "durchwahl",
    "extn",
    "poste",
    "ext.",
    "ext",
    "доб.",
    "доб",
    "dw",
    "x",
    "#",
];

/// Where the extension ends that follows a number's end, if there is one.
pub(super) fn end(text: &str, number: usize) -> Option<usize> {
    let rest = text.get(number..)?;
    let after = rest.strip_prefix(' ').unwrap_or(rest);
    let after = MARKS.iter().find_map(|mark| {
        let head = after.get(..mark.len())?;
        head.eq_ignore_ascii_case(mark)
            .then_some(&after[mark.len()..])
    })?;
    let after = after.strip_prefix([':', '.']).unwrap_or(after);
    let after = after.strip_prefix(' ').unwrap_or(after);
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let (digits_text, follows) = after.split_at(digits);
    let ends = match follows.as_bytes() {
        [b'.' | b'-' | b':', next, ..] => !next.is_ascii_alphanumeric(),
        [next, ..] => !next.is_ascii_alphanumeric() && *next != b'_',
        [] => true,
    };
    let fits = (1..=LONGEST).contains(&digits_text.len()) && ends;
    fits.then(|| text.len() - follows.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_and_a_few_digits() {
        for text in [
            "x12",
            " x12",
            " ext. 12",
            " ext 12",
            "ext.12",
            " extension 12",
            "#12",
            " EXT: 1234",
        ] {
            assert_eq!(end(text, 0), Some(text.len()), "{text}");
        }
        assert_eq!(end("555x12.", 3), Some(6));
        for text in ["", " 12", "x", "x1234567", "x12a", "extra 12", "12"] {
            assert_eq!(end(text, 0), None, "{text}");
        }
    }
}
