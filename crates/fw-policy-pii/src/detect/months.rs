//! Names of months.

use super::lexicon::{Beginnings, ROOM, letters};

/// By month: names and usual abbreviations, in lower case without accents, in English, German, French,
/// Spanish, Portuguese, Italian, Dutch, Swedish, Danish, Norwegian, Finnish, Polish, Czech, Romanian, Turkish,
/// and Russian and Ukrainian in the genitive that dates have.
const NAMES: [&[&str]; 12] = [
    &[
        "january",
        "jan",
        "januar",
        "janner",
        "janvier",
        "janv",
        "enero",
        "ene",
        "janeiro",
        "gennaio",
        "januari",
        "tammikuuta",
        "stycznia",
        "ledna",
        "ianuarie",
        "ocak",
        "января",
        "січня",
    ],
    &[
        "february",
        "feb",
        "februar",
        "fevrier",
        "fevr",
        "febrero",
        "fevereiro",
        "febbraio",
        "februari",
        "helmikuuta",
        "lutego",
        "unora",
        "februarie",
        "subat",
        "февраля",
        "лютого",
    ],
    &[
        "march",
        "mar",
        "marz",
        "mars",
        "marzo",
        "marco",
        "maart",
        "marts",
        "maaliskuuta",
        "marca",
        "brezna",
        "martie",
        "mart",
        "марта",
        "березня",
    ],
    &[
        "april",
        "apr",
        "avril",
        "avr",
        "abril",
        "abr",
        "aprile",
        "huhtikuuta",
        "kwietnia",
        "dubna",
        "aprilie",
        "nisan",
        "апреля",
        "квітня",
    ],
    &[
        "may",
        "mai",
        "mayo",
        "maio",
        "maggio",
        "mag",
        "mei",
        "maj",
        "toukokuuta",
        "maja",
        "kvetna",
        "mayis",
        "мая",
        "травня",
    ],
    &[
        "june",
        "jun",
        "juni",
        "juin",
        "junio",
        "junho",
        "giugno",
        "giu",
        "kesakuuta",
        "czerwca",
        "cervna",
        "iunie",
        "haziran",
        "июня",
        "червня",
    ],
    &[
        "july",
        "jul",
        "juli",
        "juillet",
        "juil",
        "julio",
        "julho",
        "luglio",
        "lug",
        "heinakuuta",
        "lipca",
        "cervence",
        "iulie",
        "temmuz",
        "июля",
        "липня",
    ],
    &[
        "august",
        "aug",
        "aout",
        "agosto",
        "ago",
        "augustus",
        "augusti",
        "elokuuta",
        "sierpnia",
        "srpna",
        "agustos",
        "августа",
        "серпня",
    ],
    &[
        "september",
        "sep",
        "sept",
        "septembre",
        "septiembre",
        "setembro",
        "settembre",
        "set",
        "syyskuuta",
        "wrzesnia",
        "zari",
        "septembrie",
        "eylul",
        "сентября",
        "вересня",
    ],
    &[
        "october",
        "oct",
        "oktober",
        "okt",
        "octobre",
        "octubre",
        "outubro",
        "out",
        "ottobre",
        "ott",
        "lokakuuta",
        "pazdziernika",
        "rijna",
        "octombrie",
        "ekim",
        "октября",
        "жовтня",
    ],
    &[
        "november",
        "nov",
        "novembre",
        "noviembre",
        "novembro",
        "marraskuuta",
        "listopada",
        "listopadu",
        "noiembrie",
        "kasim",
        "ноября",
        "листопада",
    ],
    &[
        "december",
        "dec",
        "dezember",
        "dez",
        "decembre",
        "diciembre",
        "dic",
        "dezembro",
        "dicembre",
        "desember",
        "des",
        "joulukuuta",
        "grudnia",
        "prosince",
        "decembrie",
        "aralik",
        "декабря",
        "грудня",
    ],
];

/// The number of the month with this name, from 1.
pub(crate) fn month(word: &str) -> Option<u8> {
    if !BEGINNINGS.may_begin(word) {
        return None;
    }
    let word = word.trim_end_matches('.');
    // Longest: the Finnish and Polish genitives.
    if !(3..=24).contains(&word.len()) || !word.starts_with(char::is_alphabetic) {
        return None;
    }
    let month = if word.is_ascii() {
        let mut room = [0; ROOM];
        let word = letters(word, &mut room)?;
        let is = |name: &&str| name.as_bytes() == word;
        NAMES.iter().position(|names| names.iter().any(is))?
    } else {
        let word = super::person::fold(word);
        NAMES
            .iter()
            .position(|names| names.contains(&word.as_str()))?
    };
    u8::try_from(month + 1).ok()
}

/// How names of months begin.
pub(crate) static BEGINNINGS: Beginnings = {
    let mut beginnings = Beginnings::NONE;
    let mut month = 0;
    while month < NAMES.len() {
        beginnings = beginnings.with(NAMES[month]);
        month += 1;
    }
    beginnings
};

/// Whether this is the name of a month.
pub(crate) fn is_month(word: &str) -> bool {
    month(word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_known_in_many_languages() {
        for (word, number) in [
            ("May", 5),
            ("Jan.", 1),
            ("März", 3),
            ("août", 8),
            ("octubre", 10),
            ("января", 1),
            ("Şubat", 2),
            ("prosince", 12),
        ] {
            assert_eq!(month(word), Some(number), "{word}");
        }
        for word in ["", "monday", "m", "ma", "12", "maybe"] {
            assert_eq!(month(word), None, "{word}");
        }
    }
}
