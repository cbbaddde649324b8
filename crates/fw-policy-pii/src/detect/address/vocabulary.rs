//! Words that street addresses are made of.
//!
//! English types and their abbreviations are those of USPS Publication 28, appendix C1, that are words of
//! their own; unit designators those of appendix C2. The others are the usual words of each language for ways
//! and squares.

use crate::detect::lexicon::Lexicon;

/// `Main Street`: after the name.
static AFTER: Lexicon = Lexicon::new(&[
    "aly",
    "alley",
    "ave",
    "avenue",
    "blvd",
    "boulevard",
    "bypass",
    "causeway",
    "cir",
    "circle",
    "close",
    "common",
    "court",
    "courts",
    "cove",
    "crescent",
    "cres",
    "crest",
    "crossing",
    "ct",
    "curve",
    "dr",
    "drive",
    "drives",
    "esplanade",
    "estate",
    "estates",
    "expressway",
    "expy",
    "extension",
    "extensions",
    "freeway",
    "fwy",
    "garden",
    "gardens",
    "gate",
    "gateway",
    "glen",
    "green",
    "grove",
    "heights",
    "highway",
    "hill",
    "hills",
    "hollow",
    "hwy",
    "island",
    "islands",
    "junction",
    "junctions",
    "knoll",
    "knolls",
    "landing",
    "lane",
    "ln",
    "locks",
    "loop",
    "manor",
    "meadow",
    "meadows",
    "mews",
    "mount",
    "parade",
    "park",
    "parks",
    "parkway",
    "pass",
    "passage",
    "path",
    "pike",
    "pines",
    "pkwy",
    "pl",
    "place",
    "plain",
    "plains",
    "plaza",
    "plz",
    "point",
    "points",
    "port",
    "prairie",
    "promenade",
    "quay",
    "ramp",
    "ranch",
    "rapids",
    "rd",
    "ridge",
    "ridges",
    "rise",
    "road",
    "roads",
    "route",
    "row",
    "rte",
    "shore",
    "shores",
    "sq",
    "square",
    "squares",
    "st",
    "station",
    "str",
    "strand",
    "strasse",
    "stravenue",
    "stream",
    "street",
    "streets",
    "summit",
    "ter",
    "terrace",
    "throughway",
    "trace",
    "track",
    "trafficway",
    "trail",
    "trl",
    "turnpike",
    "underpass",
    "union",
    "valley",
    "viaduct",
    "view",
    "views",
    "villages",
    "vista",
    "walk",
    "walks",
    "way",
    "ways",
    "wharf",
    // India.
    "marg",
    "nagar",
    "chowk",
    "ganj",
]);

/// `rue Molière`, `Calle Mayor`: before the name.
pub(crate) static BEFORE: Lexicon = Lexicon::new(&[
    // French
    "rue",
    "avenue",
    "boulevard",
    "chemin",
    "place",
    "allee",
    "impasse",
    "quai",
    "cours",
    "route",
    "sentier",
    // Spanish
    "calle",
    "avenida",
    "avda",
    "plaza",
    "paseo",
    "camino",
    "ronda",
    "glorieta",
    "canada",
    "alameda",
    "urbanizacion",
    "carrera",
    "vial",
    "acceso",
    "pasaje",
    "travesia",
    "cuesta",
    "callejon",
    "rambla",
    "via",
    "cl",
    "av",
    // Portuguese
    "rua",
    "travessa",
    "praca",
    "largo",
    "estrada",
    "rodovia",
    // Italian
    "viale",
    "piazza",
    "corso",
    "vicolo",
    "strada",
    "piazzale",
    "lungomare",
    "contrada",
    // Polish, Czech, Romanian
    "ul",
    "ulica",
    "aleja",
    "al",
    "plac",
    "os",
    "ulice",
    "namesti",
    "bulevardul",
    "soseaua",
    "calea",
    // Indonesian, Malay
    "jalan",
    "jl",
    "jln",
    "lorong",
]);

/// `Hövelgasse`, `Storgatan`: ends of words that name a street.
const ENDS: &[&str] = &[
    "strasse", "straße", "str.", "gasse", "weg", "platz", "allee", "ring", "ufer", "damm", "steig",
    "stieg", "veien", "vegen", "veg", "vägen", "gatan", "gata", "vej", "gade", "katu", "tie",
    "kuja", "straat", "laan", "gracht", "plein", "dijk", "kade", "singel",
];

/// For each last letter of those, a bit for each letter before it.
static ENDINGS: [u32; 32] = {
    let mut endings = [0; 32];
    let mut at = 0;
    while at < ENDS.len() {
        if let [.., before, last] = ENDS[at].as_bytes() {
            endings[(*last & 31) as usize] |= 1 << (*before & 31);
        }
        at += 1;
    }
    endings
};

/// `Apt. 117`.
pub(crate) static UNITS: Lexicon = Lexicon::new(&[
    "apt",
    "apartment",
    "suite",
    "ste",
    "unit",
    "flat",
    "studio",
    "floor",
    "room",
    "puerta",
    "piso",
    "planta",
    "lot",
    "building",
    "bldg",
    "bloque",
    "interior",
    "depto",
    "dpto",
    "appt",
    "appartement",
    "wohnung",
    "h.no",
]);

/// Units that are addresses by themselves with a number.
static LONE_UNITS: Lexicon = Lexicon::new(&["apt", "apartment"]);

/// Small words within names of streets.
const SMALL: &[&str] = &[
    "de", "del", "la", "las", "los", "le", "les", "du", "des", "da", "das", "do", "dos", "della",
    "di", "e", "y", "of", "the", "van", "von", "der", "den", "am", "an", "im", "in", "zum", "zur",
    "und",
];

/// Without the full stop of an abbreviation.
fn one_of(list: &Lexicon, word: &str) -> bool {
    list.has(word.trim_end_matches('.'))
}

pub(crate) fn is_type_after(word: &str) -> bool {
    is_capitalised(word) && one_of(&AFTER, word)
}

/// In Latin languages the type is often written in lower case after a number.
pub(crate) fn is_type_before(word: &str) -> bool {
    one_of(&BEFORE, word)
}

/// Whether the word itself names a street: a capital, some letters, and an end such as `gasse`.
pub(crate) fn is_compound(word: &str) -> bool {
    if !is_capitalised(word) {
        return false;
    }
    if let [.., before @ ..0x80, last @ ..0x80] = word.as_bytes()
        && ENDINGS[usize::from(last & 31)] & (1 << (before & 31)) == 0
    {
        return false;
    }
    if !word.is_ascii() {
        let lower = word.to_lowercase();
        return ENDS
            .iter()
            .any(|end| lower.len() >= end.len() + 3 && lower.ends_with(end));
    }
    ENDS.iter().any(|end| {
        word.len() >= end.len() + 3
            && word
                .get(word.len() - end.len()..)
                .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    })
}

pub(crate) fn is_unit(word: &str) -> bool {
    is_capitalised(word) && one_of(&UNITS, word)
}

pub(crate) fn is_lone_unit(word: &str) -> bool {
    is_capitalised(word) && one_of(&LONE_UNITS, word)
}

pub(crate) fn is_small(word: &str) -> bool {
    SMALL.contains(&word)
}

pub(crate) fn is_capitalised(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

/// `12`, `12a`, `12-14`, `19/87`, `88E`: up to five digits in a part.
pub(crate) fn is_house_number(word: &str) -> bool {
    let parts = word.split(['-', '/']);
    word.len() <= 12
        && word
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_digit())
        && parts.clone().count() <= 3
        && parts.into_iter().all(|part| {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let letters = &part.as_bytes()[digits..];
            (1..=5).contains(&digits)
                && letters.len() <= 1
                && letters.iter().all(u8::is_ascii_alphabetic)
        })
}

/// `5th`, `42nd`.
pub(crate) fn is_ordinal(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&digits) && matches!(&word[digits..], "st" | "nd" | "rd" | "th")
}

/// What a street's name is made of: `Main`, `5th`, `N.`, `Émilie`.
pub(crate) fn is_name(word: &str) -> bool {
    is_ordinal(word)
        || (is_capitalised(word) && word.chars().all(|c| c.is_alphabetic() || "-.’".contains(c)))
}

/// `75104`, `SW1A`, `2QZ`, `12345-6789`: a part of a postcode.
pub(crate) fn is_postcode_part(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let upper = word.bytes().filter(u8::is_ascii_uppercase).count();
    let dashes = word.bytes().filter(|byte| *byte == b'-').count();
    digits > 0
        && digits + upper + dashes == word.len()
        && dashes <= 1
        && (2..=10).contains(&word.len())
}

/// `TX`, `NSW`: a state.
pub(crate) fn is_state(word: &str) -> bool {
    (2..=3).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn house_numbers_are_short() {
        for word in ["1", "12a", "12-14", "19/87", "88E", "16884"] {
            assert!(is_house_number(word), "{word}");
        }
        for word in ["", "a12", "123456", "1.5", "12ab", "2024-01-02-03"] {
            assert!(!is_house_number(word), "{word}");
        }
    }

    #[test]
    fn types_are_known_with_and_without_full_stop_and_accent() {
        assert!(is_type_after("St.") && is_type_after("Avenue") && !is_type_after("street"));
        assert!(is_type_before("rue") && is_type_before("Urbanización") && is_type_before("ul."));
        assert!(is_compound("Hövelgasse") && is_compound("Hauptstr.") && !is_compound("Weg"));
    }
}
