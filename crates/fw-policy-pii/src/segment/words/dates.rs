//! Dates with the name of a month: `12 May 1990`, `May 12, 1990`, `12 de mayo de 1990`.

use crate::detect::months::is_month;

/// Joiners within dates: `5th of May`, `12 de mayo`.
const SMALL: &[&str] = &["of", "de", "del", "di"];

/// Longer than `12. tammikuuta 1990` in any script, in bytes.
const LONGEST: usize = 48;

/// A region that may be the start of a date.
pub(super) fn opens(region: &str) -> bool {
    if region.len() > LONGEST {
        return false;
    }
    if super::is_one(region) {
        return is_day(region) || is_capitalised_month(region);
    }
    let mut words = super::words(region);
    let Some(first) = words.next() else {
        return false;
    };
    let rest = words.clone().count();
    if rest == 0 {
        return is_day(first) || is_capitalised_month(first);
    }
    let last = words.next_back().unwrap_or(first);
    rest <= 3
        && (is_day(first) || is_capitalised_month(first))
        && (is_month(last) || is_day(last) || SMALL.contains(&last))
}

pub(super) fn links(region: &str, gap: &str, next: &str) -> bool {
    if !opens(region) || !matches!(gap, " " | ", " | "\u{a0}") {
        return false;
    }
    let has_month = super::words(region).any(is_month);
    let last_is_small = super::words(region)
        .next_back()
        .is_some_and(|last| SMALL.contains(&last));
    if next
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_digit())
    {
        return has_month && next.bytes().take_while(u8::is_ascii_digit).count() <= 4;
    }
    if SMALL.contains(&next) {
        return !last_is_small;
    }
    !has_month && is_month(next)
}

fn is_capitalised_month(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase) && is_month(word)
}

/// `12`, `12.`, `5th`, `1er`, `1º`.
fn is_day(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    (1..=2).contains(&digits)
        && matches!(
            &word[digits..],
            "" | "." | "st" | "nd" | "rd" | "th" | "er" | "º" | "ª"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How much of a text becomes one region.
    fn region(text: &str) -> &str {
        let ends = text
            .char_indices()
            .filter(|(_, c)| *c == ' ')
            .map(|(at, _)| at)
            .chain([text.len()]);
        let mut end = 0;
        for next_end in ends {
            if end == 0 {
                end = next_end;
                continue;
            }
            let whole = text[..end].trim_end_matches(',');
            let word = text[end..next_end].trim_start();
            let gap = &text[whole.len()..next_end - word.len()];
            if !links(whole, gap, word.trim_end_matches(',')) {
                break;
            }
            end = next_end;
        }
        text[..end].trim_end_matches(',')
    }

    #[test]
    fn dates_in_words_are_one_region() {
        for date in [
            "12 May 1990",
            "May 12, 1990",
            "5th of November 1970",
            "12 de mayo de 1990",
            "1er janvier 1990",
            "12. Januar 1990",
        ] {
            assert_eq!(region(&format!("{date} and")), date);
        }
    }

    #[test]
    fn other_words_are_not() {
        assert_eq!(region("12 monkeys came"), "12");
        assert_eq!(region("May we go"), "May");
    }
}
