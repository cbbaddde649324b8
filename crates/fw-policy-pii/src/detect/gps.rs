//! Coordinates: decimal degrees of latitude and longitude (ISO 6709, annex D; RFC 5870 `geo:`), after a word for
//! them, or as the second of two. Four decimals are a house, two a town: fewer than three are not taken.

use super::context::Words;
use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::{Region, Traits};

const WORDS: &[&str] = &[
    "lat",
    "latitude",
    "lon",
    "lng",
    "long",
    "longitude",
    "coordinate",
    "coordinates",
    "coords",
    "coord",
    "gps",
    "geo",
    "geolocation",
    "position",
    "latlng",
    "latlon",
    "breitengrad",
    "langengrad",
    "koordinaten",
    "coordonnees",
    "coordenadas",
    "coordinate gps",
    "latitud",
    "longitud",
    "широта",
    "долгота",
    "координаты",
];

/// How far the word may be, in letters and spaces: `latitude of`.
const NEAR: usize = 10;

pub(crate) fn find(region: &Region<'_>, findings: &mut Findings) {
    if !region.traits().all(Traits::DOT | Traits::DIGIT)
        || region.traits().digits() < 4
        || !findings.wants(Entity::Location)
    {
        return;
    }
    let (text, bytes) = (region.text(), region.text().as_bytes());
    let mut at = region.start();
    while let Some(found) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(u8::is_ascii_digit))
    {
        let digits = at + found;
        let start = digits - usize::from(digits > at && matches!(bytes[digits - 1], b'-' | b'+'));
        let len = bytes[digits..]
            .iter()
            .position(|byte| !byte.is_ascii_digit() && *byte != b'.')
            .unwrap_or(bytes.len() - digits);
        let number = text[digits..digits + len].trim_end_matches('.');
        let end = digits + number.len();
        at = digits + len;
        if is_degrees(number)
            && is_free(&bytes[region.start()..start], &bytes[end..])
            && is_labelled(&text[..start])
        {
            findings.push(Finding {
                range: start..end,
                entity: Entity::Location,
                scheme: "coordinate",
                confidence: confidence::CONTEXT,
                checked: false,
            });
        }
    }
}

/// Up to 180, with three decimals and more.
fn is_degrees(number: &str) -> bool {
    number.split_once('.').is_some_and(|(whole, decimals)| {
        (1..=3).contains(&whole.len())
            && (3..=15).contains(&decimals.len())
            && !decimals.contains('.')
            && number.parse::<f64>().is_ok_and(|degrees| degrees <= 180.0)
    })
}

/// A word is near, or one number with decimals is between it and this one.
fn is_labelled(before: &str) -> bool {
    let near = |before: &str| {
        Words::before(before)
            .distance(WORDS)
            .is_some_and(|far| far <= NEAR)
    };
    let first = || {
        let rest = before.trim_end_matches([' ', ',', ';', '/']);
        let without = rest.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
        let number = &rest[without.len()..];
        is_degrees(number) && near(without.trim_end_matches(['-', '+']))
    };
    near(before) || first()
}

fn is_free(left: &[u8], right: &[u8]) -> bool {
    let left = left.last().is_none_or(|last| {
        !last.is_ascii_alphanumeric() && !matches!(last, b'.' | b'_' | b'$') && *last < 0x80
    });
    let right = match right {
        [b'-' | b'_' | b'.', next, ..] => !next.is_ascii_alphanumeric(),
        [b'N' | b'S' | b'E' | b'W', next, ..] => !next.is_ascii_alphanumeric(),
        [next, ..] => {
            !next.is_ascii_alphabetic() && *next != b'%'
                || matches!(right, [b'N' | b'S' | b'E' | b'W'])
        }
        [] => true,
    };
    left && right
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::find_after;

    fn found<'a>(context: &str, text: &'a str) -> Vec<&'a str> {
        find_after(find, context, text)
            .into_iter()
            .map(|found| &text[found.2])
            .collect()
    }

    #[test]
    fn degrees_after_a_word() {
        for context in ["lat: ", "\"latitude\": ", "GPS ", "coordinates are "] {
            assert_eq!(found(context, "-52.51630"), ["-52.51630"], "{context}");
        }
        assert_eq!(found("", "geo:52.5163"), ["52.5163"]);
        assert_eq!(found("gps 52.5163, ", "13.3777."), ["13.3777"]);
        assert_eq!(found("lat 52.5163 N, lon ", "13.3777E"), ["13.3777"]);
    }

    #[test]
    fn other_numbers_are_none() {
        assert!(found("", "52.5163").is_empty());
        for text in [
            "52.5",
            "352.5163",
            "52.51.63",
            "52.5163%",
            "a52.5163",
            "v1.52.5163",
            "52.5163kg",
        ] {
            assert!(found("lat ", text).is_empty(), "{text}");
        }
        assert!(found("as long as it costs ", "52.5163").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_looked_at(context in "(lat|gps) [0-9., é]{0,20}", text in "[0-9.+-é NE]{0,40}") {
            let _ = found(&context, &text);
        }
    }
}
