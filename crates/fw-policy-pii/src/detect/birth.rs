//! Dates of birth: a date after a word for birth, or after a name in a list (`Ann Lee, 12/05/1980`).

use super::checkdigit::is_day;
use super::months;
use super::word_list::WordList;
use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::{Region, Traits};

/// Words for birth.
static BIRTH: WordList = WordList::new(&[
    "born",
    "dob",
    "d o b",
    "date of birth",
    "birth date",
    "birthdate",
    "birthday",
    "birth day",
    "birth",
    "dateofbirth",
    "bday",
    "birthdt",
    "geboren*",
    "geb am",
    "gebdat*",
    "geburtsdatum",
    "geburtstag",
    "geburt",
    "ne le",
    "nee le",
    "nee",
    "naissance",
    "nacimiento",
    "nacido",
    "nacida",
    "nacio",
    "naci",
    "nato il",
    "nata il",
    "nato",
    "nata",
    "nascita",
    "nascimento",
    "nascido",
    "nascida",
    "nasceu",
    "naixement",
    "geboortedatum",
    "geboorte",
    "fodt",
    "fodselsdato",
    "fodselsdag",
    "fodelsedatum",
    "fodelsedag",
    "fodd",
    "syntynyt",
    "syntymaaika",
    "syntymapaiva",
    "urodzon*",
    "urodzenia",
    "urodzin",
    "narozen*",
    "narodzen*",
    "narodeni*",
    "szuletett",
    "szuletesi*",
    "nascut*",
    "nasterii",
    "rojen*",
    "roden*",
    "rojstva",
    "rodjen*",
    "rodenja",
    "gimimo",
    "gimes",
    "dzimsanas",
    "dzimis",
    "sunniaeg",
    "sundinud",
    "роден*",
    "родился",
    "родилась",
    "рожден*",
    "народжен*",
    "народився",
    "народилася",
    "γεννηση*",
    "γέννηση*",
    "γεννηθηκ*",
    "γεννήθηκ*",
    "dogum*",
    "dogdu*",
    "dogumlu",
    "לידה",
    "נולד",
    "الميلاد",
    "ولد",
    "مواليد",
    "تولد",
    "जन्म",
    "出生",
    "生年月日",
    "誕生日",
    "生日",
    "생년월일",
    "생일",
    "เกิด",
    "ngay sinh",
    "sinh ngay",
    "lahir",
]);

/// Short words for birth that mean other things too: only right before the date.
const BESIDE: &[&str] = &["ne", "geb", "ur", "nar", "b", "f", "n"];

/// How far a word for birth may stand from the date: "born in Springfield, Illinois, on".
const FAR: usize = 48;

pub(crate) fn find(region: &Region<'_>, found: &mut Findings) {
    let traits = region.traits();
    let separators = Traits::SLASH | Traits::DASH | Traits::DOT | Traits::SPACE | Traits::NON_ASCII;
    if traits.digits() < 3
        || !found.wants(Entity::Date)
        || !(traits.any(separators) || traits.digits() == 8)
    {
        return;
    }
    let text = region.text();
    let mut at = region.start();
    while let Some(start) = next_start(text, at) {
        at = start + 1;
        while !text.is_char_boundary(at) {
            at += 1;
        }
        let Some(end) = date_end(text, start) else {
            continue;
        };
        if let Some(confidence) = speaks_for_birth(region, start) {
            found.push(Finding {
                range: start..end,
                entity: Entity::Date,
                scheme: "birth-date",
                confidence,
                checked: false,
            });
        }
        at = end;
    }
}

/// How sure it is that a date after `before` is one of birth.
fn speaks_for_birth(region: &Region<'_>, start: usize) -> Option<u8> {
    let words = region.words_before(start);
    // No other number in between: the date beside the word is the one that is meant.
    let near = |distance: Option<usize>, far| {
        distance.is_some_and(|distance| {
            distance <= far && !words.last(distance).iter().any(u8::is_ascii_digit)
        })
    };
    if near(words.distance_in(&BIRTH), FAR) || near(words.distance(BESIDE), 0) {
        Some(confidence::LIKELY)
    } else if follows_name(&region.text()[..start]) {
        Some(confidence::CONTEXT)
    } else {
        None
    }
}

/// Whether the text ends in two capitalised words and a comma, as a name in a list.
fn follows_name(before: &str) -> bool {
    let Some(list) = before.strip_suffix(", ") else {
        return false;
    };
    let mut words = list.rsplit(' ');
    let mut is_name = || {
        words.next().is_some_and(|word| {
            let mut chars = word.trim_start_matches(['(', '"', '\'']).chars();
            chars.next().is_some_and(char::is_uppercase)
                && chars.clone().any(char::is_lowercase)
                && chars.all(|char| char.is_alphabetic() || matches!(char, '-' | '\'' | '’'))
                && !months::is_month(word)
        })
    };
    is_name() && is_name()
}

/// The next place where a word or number begins.
fn next_start(text: &str, from: usize) -> Option<usize> {
    let mut left = text[..from].chars().next_back();
    text[from..].char_indices().find_map(|(at, char)| {
        let inside = left.is_some_and(|left| {
            left.is_alphanumeric() || matches!(left, '_' | '+' | '$' | '€' | '£' | '#')
        });
        let after_digits = matches!(left, Some('.' | '/' | '-' | ':'))
            && text[..from + at]
                .chars()
                .rev()
                .nth(1)
                .is_some_and(|char| char.is_ascii_alphanumeric());
        left = Some(char);
        (char.is_alphanumeric() && !inside && !after_digits).then_some(from + at)
    })
}

/// A word or number of a date, with what is between it and the one before.
#[derive(Clone, Copy)]
struct Part<'a> {
    gap: &'a str,
    text: &'a str,
    end: usize,
}

/// The part at `at`, which may begin with a gap.
fn part(text: &str, at: usize) -> Option<Part<'_>> {
    let rest = &text[at..];
    let gap_len = rest.find(char::is_alphanumeric)?;
    let gap = &rest[..gap_len];
    let rest = &rest[gap_len..];
    let digits = rest.as_bytes().first()?.is_ascii_digit();
    let len = rest
        .find(|char: char| {
            if digits {
                !char.is_ascii_digit()
            } else {
                !char.is_alphabetic()
            }
        })
        .unwrap_or(rest.len());
    Some(Part {
        gap,
        text: &rest[..len],
        end: at + gap_len + len,
    })
}

/// Where a date that begins at `start` ends.
fn date_end(text: &str, start: usize) -> Option<usize> {
    let first = part(text, start)?;
    let end = if first.text.len() == 8 && first.text.bytes().all(|byte| byte.is_ascii_digit()) {
        let year_first = is_date(&first.text[..4], &first.text[4..6], &first.text[6..]);
        let day_first = is_date(&first.text[4..], &first.text[2..4], &first.text[..2]);
        (year_first || day_first).then_some(first.end)?
    } else {
        let second = next(text, first)?;
        in_digits(text, first, second).or_else(|| in_words(text, first, second))?
    };
    let mut right = text[end..].chars();
    let (next, after) = (right.next(), right.next());
    let goes_on = match next {
        // ISO 8601's time of day.
        Some('T') => after.is_none_or(|after| !after.is_ascii_digit()),
        Some('.' | '/' | '-') => after.is_some_and(|after| after.is_ascii_digit()),
        Some(next) => next.is_alphanumeric() || next == '_' || next == '%',
        None => false,
    };
    (!goes_on).then_some(end)
}

/// The next part, without the ending of an ordinal number.
fn next<'a>(text: &'a str, before: Part<'a>) -> Option<Part<'a>> {
    let part = part(text, before.end)?;
    let ordinal =
        part.gap.is_empty() && matches!(part.text, "st" | "nd" | "rd" | "th" | "er" | "º" | "ª");
    if ordinal {
        self::part(text, part.end)
    } else {
        Some(part)
    }
}

/// `31/12/1980`, `12-31-80`, `1980.12.31`.
fn in_digits(text: &str, first: Part<'_>, second: Part<'_>) -> Option<usize> {
    let third = next(text, second)?;
    let same = second.gap == third.gap
        && matches!(
            second.gap,
            "/" | "-" | "." | " / " | ". " | "\u{2010}" | "\u{2011}" | "\u{2013}"
        );
    let (one, two, three) = (first.text, second.text, third.text);
    let date = is_date(one, two, three) || is_date(three, two, one) || is_date(three, one, two);
    // Two digits for the year need two for the others, or slashes: `1.2.80` is a version.
    let short = one.len() < 4 && three.len() < 4;
    let telling = !short || second.gap == "/" || one.len() == 2 && two.len() == 2;
    (same && date && telling).then_some(third.end)
}

/// `12 May 1980`, `12th of May, 1980`, `12-May-80`, `12 de mayo de 1980`, `May 12, 1980`.
fn in_words<'a>(text: &'a str, first: Part<'a>, second: Part<'a>) -> Option<usize> {
    let skip = |part: Part<'a>| matches!(part.text, "of" | "de" | "del" | "di" | "the");
    let step = |before: Part<'a>| {
        let mut after = next(text, before)?;
        for _ in 0..2 {
            if is_gap(after.gap) && skip(after) {
                after = next(text, after)?;
            }
        }
        is_gap(after.gap).then_some(after)
    };
    let second = if skip(second) && is_gap(second.gap) {
        step(second)?
    } else {
        second
    };
    if !is_gap(second.gap) {
        return None;
    }
    let third = step(second)?;
    let (day, month, year) = if is_digit(first.text) {
        if first.text.len() == 4 {
            (third.text, second.text, first.text)
        } else {
            (first.text, second.text, third.text)
        }
    } else {
        (second.text, first.text, third.text)
    };
    if !is_digit(day) || !is_digit(year) || is_digit(month) {
        return None;
    }
    let month = months::month(month)?;
    (is_year(year)
        && is_day(
            number(year).filter(|_| year.len() == 4),
            u32::from(month),
            number(day)?,
        ))
    .then_some(third.end)
}

fn is_digit(text: &str) -> bool {
    text.starts_with(|char: char| char.is_ascii_digit())
}

fn is_gap(gap: &str) -> bool {
    matches!(
        gap,
        " " | ", " | "-" | "/" | "." | ". " | "., " | "," | "\u{a0}" | " - "
    )
}

fn is_date(year: &str, month: &str, day: &str) -> bool {
    let (Some(month), Some(day), Some(number)) = (number(month), number(day), number(year)) else {
        return false;
    };
    is_year(year) && is_day(Some(number).filter(|_| year.len() == 4), month, day)
}

/// Years in which somebody who lives, or whom people write about, is born.
fn is_year(text: &str) -> bool {
    text.len() == 2
        || text.len() == 4 && number(text).is_some_and(|year| (1850..=2050).contains(&year))
}

/// Up to four digits.
fn number(text: &str) -> Option<u32> {
    (text.len() <= 4).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::super::testing::find_after;

    fn dates<'a>(context: &str, text: &'a str) -> Vec<&'a str> {
        find_after(super::find, context, text)
            .into_iter()
            .map(|(_, _, range, _)| &text[range])
            .collect()
    }

    #[test]
    fn all_usual_forms_are_found_after_a_word_for_birth() {
        for date in [
            "31/12/1980",
            "12/31/1980",
            "31.12.1980",
            "1980-12-31",
            "1980/12/31",
            "31-12-80",
            "3/4/80",
            "12 May 1980",
            "12th of May, 1980",
            "May 12, 1980",
            "May 12th 1980",
            "12-May-1980",
            "12 de mayo de 1980",
            "12. Mai 1980",
            "1er mai 1980",
            "19801231",
            "31121980",
            "12 мая 1980",
            "Sept 3, 1980",
        ] {
            assert_eq!(dates("DOB: ", date), [date], "{date}");
        }
    }

    #[test]
    fn words_for_birth_are_known_in_many_languages() {
        for context in [
            "She was born on ",
            "{\"date_of_birth\": \"",
            "dateOfBirth=",
            "birth_date: ",
            "geboren am ",
            "Geburtsdatum: ",
            "né le ",
            "(née ",
            "Date de naissance : ",
            "fecha de nacimiento: ",
            "nato a Roma il ",
            "data di nascita ",
            "nascida em ",
            "geboortedatum ",
            "født ",
            "född ",
            "syntynyt ",
            "ur. ",
            "data urodzenia: ",
            "narozen ",
            "született: ",
            "дата рождения: ",
            "γεννήθηκε στις ",
            "doğum tarihi: ",
            "生年月日：",
            "出生日期：",
            "생년월일 ",
        ] {
            assert_eq!(dates(context, "03/04/1985"), ["03/04/1985"], "{context}");
        }
    }

    #[test]
    fn a_date_after_a_name_in_a_list_is_one_of_birth() {
        assert_eq!(dates("Ann O'Lee, ", "03/04/1985"), ["03/04/1985"]);
        assert!(dates("the bank, ", "03/04/1985").is_empty());
        assert!(dates("Monday, ", "03/04/1985").is_empty());
    }

    #[test]
    fn other_dates_are_left() {
        for (context, text) in [
            ("released on ", "2024-05-12"),
            ("born 1.5.1980, admitted ", "2024-05-12"),
            ("dob ", "31/02/1980x"),
            ("dob ", "32/13/1980"),
            ("dob ", "1.2.80"),
            ("dob ", "1980-12-31-77"),
        ] {
            assert!(dates(context, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn the_time_of_day_is_no_part_of_it() {
        assert_eq!(dates("birth: ", "1980-12-31T10:00:00Z"), ["1980-12-31"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(text in ".{0,60}", dated in "[0-9 /.,a-zé-]{0,40}") {
            dates("born ", &text);
            dates("born ", &dated);
        }
    }
}
