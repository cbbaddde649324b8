//! Forms that texts are full of and that hold nothing by themselves: times, identifiers, small numbers.

use crate::detect::{self, Detect};

/// The families that may find something in a region of such a form. `None` for any other region.
pub(crate) fn families(region: &str) -> Option<&'static [Detect]> {
    if is_small_number(region) {
        Some(detect::SMALL_NUMBER)
    } else if is_time(region) {
        Some(detect::TIME)
    } else if is_uuid(region) {
        Some(detect::UUID)
    } else {
        None
    }
}

fn is_small_number(region: &str) -> bool {
    region.len() <= 4 && region.bytes().all(|byte| byte.is_ascii_digit())
}

/// A date with a time of ISO 8601: `2026-03-12T10:11:12.5Z`. A date alone may be a number after a label.
pub(crate) fn is_time(region: &str) -> bool {
    let [year @ .., b'-', m1, m2, b'-', d1, d2] = region.as_bytes().get(..10).unwrap_or_default()
    else {
        return false;
    };
    let is_date = year.iter().chain([m1, m2, d1, d2]).all(u8::is_ascii_digit)
        && matches!(year, [b'1', b'9', ..] | [b'2', b'0', ..])
        && *m1 <= b'1'
        && *d1 <= b'3';
    let Some(time) = region.get(10..) else {
        return false;
    };
    is_date && is_time_of_day(time)
}

/// `T10:11`, `T10:11:12.123456+01:00`: two digits each, a fraction, a zone.
fn is_time_of_day(time: &str) -> bool {
    let [b'T' | b't', h1, h2, b':', rest @ ..] = time.as_bytes() else {
        return false;
    };
    h1.is_ascii_digit()
        && h2.is_ascii_digit()
        && rest.len() <= 24
        && rest.iter().all(|byte| {
            byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'+' | b'-' | b'Z' | b'z')
        })
        && rest
            .split(|byte| !byte.is_ascii_digit())
            .all(|part| part.len() <= 9)
}

/// The form of RFC 9562, section 4.
fn is_uuid(region: &str) -> bool {
    region.len() == 36
        && region.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_known_in_all_precisions() {
        for time in [
            "1999-12-31T23:59",
            "2026-03-12T10:11:12.123456Z",
            "2026-03-12t10:11:12+01:00",
        ] {
            assert!(is_time(time), "{time}");
        }
        for other in [
            "2026-03-12",
            "2026-03-1",
            "2026-93-12",
            "3026-03-12",
            "2026-03-12 10:11",
            "2026-03-12-4242",
            "2026-03-12T",
            "555-12-1234",
            "2026-03-12T10:11:4242424242424242",
        ] {
            assert!(!is_time(other), "{other}");
        }
    }

    #[test]
    fn uuids_are_known() {
        assert!(is_uuid("6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11"));
        assert!(!is_uuid("6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c1g"));
        assert!(!is_uuid("6a1c9a0e5d0b4d679a541f2d6f1b7c11"));
    }
}
