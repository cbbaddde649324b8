//! Times as the log writes them: RFC 3339, UTC, microseconds.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

/// The length of a time as text: `2026-11-21T17:46:14.000123Z`.
const LENGTH: usize = 27;

/// Microseconds in a second.
const SECOND: u64 = 1_000_000;

/// Seconds in a day.
const DAY: u64 = 86_400;

/// The last moment that has four digits for its year.
const LATEST: u64 = 253_402_300_800 * SECOND - 1;

/// A point in time, in whole microseconds, from 1970 to 9999.
///
/// As text it has a fixed width, so text sorts as time does.
///
/// ```
/// use fw_audit::Timestamp;
///
/// let time: Timestamp = "2026-11-21T17:46:14.000123Z".parse()?;
/// assert_eq!(time.as_micros(), 1_795_283_174_000_123);
/// assert_eq!(time.to_string(), "2026-11-21T17:46:14.000123Z");
/// # Ok::<(), fw_audit::BadTimestamp>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

/// Text that is no time as the log writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadTimestamp {
    _private: (),
}

// === impl Timestamp ===

impl Timestamp {
    /// The time of the system's clock.
    #[must_use]
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// This many microseconds after the beginning of 1970. What is after 9999 is its last moment.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(if micros > LATEST { LATEST } else { micros })
    }

    /// Microseconds since the beginning of 1970.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// This much earlier. Nothing is before 1970.
    #[must_use]
    pub fn before(self, by: Duration) -> Self {
        let micros = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(micros))
    }

    /// As text, which is ASCII.
    pub(crate) fn to_ascii(self) -> [u8; LENGTH] {
        let (seconds, micros) = (self.0 / SECOND, self.0 % SECOND);
        let (year, month, day) = date(seconds / DAY);
        let second = seconds % DAY;
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        for (at, width, value) in [
            (0, 4, year),
            (5, 2, month),
            (8, 2, day),
            (11, 2, second / 3600),
            (14, 2, second / 60 % 60),
            (17, 2, second % 60),
            (20, 6, micros),
        ] {
            let mut rest = value;
            for place in text[at..at + width].iter_mut().rev() {
                *place = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
        text
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since = time
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Self::from_micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_ascii();
        // ASCII always.
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl FromStr for Timestamp {
    type Err = BadTimestamp;

    /// Reads exactly what [`Display`](fmt::Display) writes.
    fn from_str(text: &str) -> Result<Self, BadTimestamp> {
        let bad = BadTimestamp { _private: () };
        let bytes: &[u8; LENGTH] = text.as_bytes().try_into().map_err(|_| bad)?;
        let number = |at: usize, width: usize| {
            bytes[at..at + width].iter().try_fold(0, |sum, byte| {
                byte.is_ascii_digit()
                    .then(|| sum * 10 + u64::from(byte - b'0'))
            })
        };
        let read = || {
            let days = days(number(0, 4)?, number(5, 2)?, number(8, 2)?)?;
            let seconds = number(11, 2)? * 3600 + number(14, 2)? * 60 + number(17, 2)?;
            Some(Self((days * DAY + seconds) * SECOND + number(20, 6)?))
        };
        // What is out of range, and every other character, shows in the way back.
        read().filter(|time| time.to_ascii() == *bytes).ok_or(bad)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.to_ascii();
        serializer.serialize_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

// === impl BadTimestamp ===

impl fmt::Display for BadTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no time of the form 2026-11-21T17:46:14.000123Z")
    }
}

impl std::error::Error for BadTimestamp {}

/// Days in 400 years of the Gregorian calendar, after which it repeats.
const ERA: u64 = 146_097;

/// Days from 1 March of the year 0 to 1 January 1970.
const SHIFT: u64 = 719_468;

/// Year, month and day of a day since 1970. Years are counted from March, so that leap days come last:
/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
const fn date(day: u64) -> (u64, u64, u64) {
    let shifted = day + SHIFT;
    let of_era = shifted % ERA;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + shifted / ERA * 400 + (month <= 2) as u64;
    (year, month, day)
}

/// The way back. `None` before 1970.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = year.checked_sub(u64::from(month <= 2))?;
    let from_march = (month + 9) % 12;
    let of_year = (153 * from_march + 2) / 5 + day.checked_sub(1)?;
    let year_of_era = year % 400;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    (year / 400 * ERA + of_era).checked_sub(SHIFT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn well_known_moments() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_709_251_199_999_999, "2024-02-29T23:59:59.999999Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
            (u64::MAX, "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(Timestamp::from_micros(micros).to_string(), text);
        }
    }

    #[test]
    fn only_the_one_form_is_read() {
        for text in [
            "",
            "2026-11-21T17:46:14Z",
            "2026-11-21 17:46:14.000123Z",
            "2026-11-21T17:46:14.000123+",
            "2026-02-29T00:00:00.000000Z",
            "2026-13-01T00:00:00.000000Z",
            "2026-00-01T00:00:00.000000Z",
            "2026-01-00T00:00:00.000000Z",
            "2026-01-01T24:00:00.000000Z",
            "1969-12-31T23:59:59.999999Z",
            "0000-01-01T00:00:00.000000Z",
            "2026-01-01T00:00:00.00000éZ",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_clock_before_1970_is_its_beginning() {
        let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(Timestamp::from(early).as_micros(), 0);
        assert_eq!(
            Timestamp::from_micros(5)
                .before(Duration::from_secs(1))
                .as_micros(),
            0
        );
    }

    proptest! {
        #[test]
        fn text_leads_back_and_sorts(a in 0..=LATEST, b in 0..=LATEST) {
            let (a, b) = (Timestamp::from_micros(a), Timestamp::from_micros(b));
            prop_assert_eq!(a.to_string().parse(), Ok(a));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            let json = serde_json::to_string(&a).unwrap();
            prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), a);
        }
    }
}
