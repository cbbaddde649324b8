//! Numbers written in groups: telephone numbers, cards, IBANs.

/// Whether the groups of a number may go on after this region.
pub(super) fn opens(region: &str) -> bool {
    let bytes = region.as_bytes();
    if bytes
        .last()
        .is_some_and(|byte| matches!(byte, b'.' | b'!' | b'?' | b':'))
    {
        return region.ends_with("ext.");
    }
    // What comes after the time in a line of a log is something else.
    if crate::shapes::is_time(region) {
        return false;
    }
    bytes.iter().any(u8::is_ascii_digit) || starts_number(bytes) || is_short_code(bytes)
}

/// Whether `next` is one more group of the number in `region`, which [`opens`].
pub(super) fn links(region: &str, gap: &str, next: &str) -> bool {
    if !matches!(
        gap,
        // One space of any width, or a dash that is no ASCII.
        " " | "\u{a0}" | "\u{2009}" | "\u{202f}" | "‐" | "‑" | "‒" | "–" | " – " | " ‒ "
    ) {
        return false;
    }
    let next = next.as_bytes();
    if next.first().is_some_and(u8::is_ascii_digit) || starts_number(next) {
        return true;
    }
    // A word that is no number yet: only what may belong to it.
    let has_digit = region.bytes().any(|byte| byte.is_ascii_digit());
    (has_digit && matches!(next, b"-" | b"/" | b"x" | b"ext" | b"ext."))
        || is_short_code(trim_end(next))
}

/// Whether a group of a number may begin with this character. See [`links`].
pub(super) const fn may_begin(c: char) -> bool {
    matches!(c, '0'..='9' | 'A'..='Z' | '+' | '(' | '-' | '/' | 'x' | 'e')
}

/// Whether this character may stand between two groups of a number. See [`links`].
pub(super) const fn is_gap(c: char) -> bool {
    matches!(
        c,
        ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '‐' | '‑' | '‒' | '–'
    )
}

/// `+49`, `(030)`, `+(49)`.
fn starts_number(bytes: &[u8]) -> bool {
    match bytes {
        [b'+' | b'(', rest @ ..] => match rest {
            [b'(' | b'+', digit, ..] | [digit, ..] => digit.is_ascii_digit(),
            [] => false,
        },
        _ => false,
    }
}

/// Up to four upper-case letters and digits, as IBANs, national numbers and number plates are grouped.
fn is_short_code(bytes: &[u8]) -> bool {
    matches!(bytes.len(), 1..=4)
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn trim_end(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|byte| !matches!(byte, b'.' | b'!' | b'?' | b':' | b')'))
        .map_or(0, |last| last + 1);
    bytes.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(region: &str, gap: &str, next: &str) -> bool {
        opens(region) && links(region, gap, next)
    }

    #[test]
    fn groups_of_digits_are_one_number() {
        for gap in [" ", "\u{a0}", "\u{202f}", "\u{2009}", "–", "‑", " – "] {
            assert!(joined("4111", gap, "1111"), "{gap:?}");
        }
        for gap in ["  ", "\n", "\t", ", ", "; ", " | "] {
            assert!(!joined("4111", gap, "1111"), "{gap:?}");
        }
    }

    #[test]
    fn a_country_code_and_an_area_code_are_part_of_a_number() {
        assert!(joined("+49", " ", "(30)"));
        assert!(joined("(030)", " ", "1234"));
        assert!(joined("0044", " ", "(0)20"));
    }

    #[test]
    fn an_extension_and_a_lone_dash_are_part_of_a_number() {
        for next in ["-", "/", "x", "ext", "ext."] {
            assert!(joined("555-0100", " ", next), "{next}");
            assert!(joined(&format!("555-0100 {next}"), " ", "12"), "{next}");
        }
        assert!(!joined("MAIN", " ", "ext"));
    }

    #[test]
    fn short_codes_are_part_of_a_number() {
        assert!(joined("ZZ", " ", "49"));
        assert!(joined("ZZ 49 12 47", " ", "T"));
        assert!(joined("ZZ 49 12 47", " ", "T."));
        assert!(joined("GB82", " ", "WEST"));
        assert!(!joined("GB82", " ", "WESTERN"));
    }

    #[test]
    fn words_are_not() {
        for next in ["questions", "Rue", "and", "e.g."] {
            assert!(!joined("12", " ", next), "{next}");
        }
        assert!(!opens("twelve"));
        assert!(!opens("Twelve"));
    }

    #[test]
    fn the_end_of_a_sentence_ends_a_number() {
        for end in [".", "!", "?", ":"] {
            assert!(!opens(&format!("12{end}")), "{end}");
        }
    }
}
