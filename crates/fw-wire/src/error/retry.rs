//! `Retry-After` (RFC 9110 section 10.2.3), and the `retry-after-ms` of the SDKs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};

const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");

/// When to try again: the header as it was, and what it means if that is known.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use fw_wire::RetryAfter;
///
/// let mut headers = http::HeaderMap::new();
/// headers.insert("retry-after", "7".parse().unwrap());
/// let retry_after = RetryAfter::from_headers(&headers, SystemTime::now()).unwrap();
/// assert_eq!(retry_after.delay(), Some(Duration::from_secs(7)));
/// assert_eq!(retry_after.header(), "7");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryAfter {
    header: HeaderValue,
    delay: Option<Duration>,
}

impl RetryAfter {
    /// A delay of our own, in whole seconds rounded up.
    #[must_use]
    pub fn from_delay(delay: Duration) -> Self {
        let seconds = delay
            .as_secs()
            .saturating_add(u64::from(delay.subsec_nanos() > 0));
        Self {
            header: HeaderValue::from(seconds),
            delay: Some(delay),
        }
    }

    /// Reads the headers of a response: `retry-after-ms`, then `retry-after` as seconds or as a
    /// date. `now` is the time the response came. `None` if there is neither; a header that makes no
    /// sense is kept, without a delay.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap, now: SystemTime) -> Option<Self> {
        let milliseconds = headers.get(&RETRY_AFTER_MS).and_then(number);
        let milliseconds = milliseconds.map(|ms| ms / 1000.0).and_then(seconds);
        let Some(header) = headers.get(RETRY_AFTER) else {
            return milliseconds.map(Self::from_delay);
        };
        let delay = milliseconds
            .or_else(|| number(header).and_then(seconds))
            .or_else(|| {
                Some(
                    date(header.to_str().ok()?)?
                        .duration_since(now)
                        .unwrap_or_default(),
                )
            });
        Some(Self {
            header: header.clone(),
            delay,
        })
    }

    /// How long to wait; nothing if the header makes no sense.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        self.delay
    }

    /// The value of `retry-after` as it was received, or as it will be sent.
    #[must_use]
    pub fn header(&self) -> &HeaderValue {
        &self.header
    }
}

fn number(header: &HeaderValue) -> Option<f64> {
    header.to_str().ok()?.trim().parse().ok()
}

/// Seconds up to a century; what is longer, negative or no number at all makes no sense.
fn seconds(seconds: f64) -> Option<Duration> {
    (0.0..=3.2e9)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))
}

/// An IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`: the only form that may be sent (RFC 9110 section
/// 5.6.7).
fn date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, text) = text.trim().strip_suffix(" GMT")?.split_once(", ")?;
    let mut parts = text.split(' ');
    let day: u64 = parts.next()?.parse().ok()?;
    let name = parts.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? as u64;
    let year: u64 = parts.next()?.parse().ok()?;
    let mut clock = parts
        .next()?
        .split(':')
        .map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let in_range = (1..=31).contains(&day)
        && (1970..=9999).contains(&year)
        && hour < 24
        && minute < 60
        && second <= 60;
    if parts.next().is_some() || clock.next().is_some() || !in_range {
        return None;
    }
    // Days since 1970-01-01, counting years from March so that the leap day is the last.
    let (y, m) = if month < 2 {
        (year - 1, month + 10)
    } else {
        (year, month - 2)
    };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_date_is_read_as_rfc_9110_writes_it() {
        assert_eq!(date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(at(784_111_777)));
        assert_eq!(date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(at(0)));
        assert_eq!(
            date("Thu, 29 Feb 2024 23:59:59 GMT"),
            Some(at(1_709_251_199))
        );
        assert_eq!(
            date("Fri, 01 Mar 2024 00:00:00 GMT"),
            Some(at(1_709_251_200))
        );
        for wrong in [
            "",
            "soon",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 25:49:37 GMT",
            "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn headers_are_read_in_the_order_the_sdks_do() {
        type Case = (&'static [(&'static str, &'static str)], Option<Option<u64>>);
        let now = at(784_111_770);
        let cases: [Case; 9] = [
            (&[], None),
            (&[("retry-after", "3")], Some(Some(3000))),
            (&[("retry-after", "0.5")], Some(Some(500))),
            (&[("retry-after-ms", "250")], Some(Some(250))),
            (
                &[("retry-after", "3"), ("retry-after-ms", "250")],
                Some(Some(250)),
            ),
            (
                &[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")],
                Some(Some(7000)),
            ),
            (
                &[("retry-after", "Sun, 06 Nov 1993 08:49:37 GMT")],
                Some(Some(0)),
            ),
            (&[("retry-after", "-1")], Some(None)),
            (&[("retry-after", "NaN")], Some(None)),
        ];
        for (headers, expected) in cases {
            let map = headers
                .iter()
                .map(|&(name, value)| {
                    (
                        HeaderName::from_static(name),
                        HeaderValue::from_static(value),
                    )
                })
                .collect();
            let retry_after = RetryAfter::from_headers(&map, now);
            let delay = retry_after
                .as_ref()
                .map(|r| r.delay().map(|d| d.as_millis() as u64));
            assert_eq!(delay, expected, "{headers:?}");
            if let Some(&(_, raw)) = headers.iter().find(|(name, _)| *name == "retry-after") {
                assert_eq!(retry_after.unwrap().header(), raw);
            }
        }
    }

    #[test]
    fn our_own_delay_is_sent_in_whole_seconds_rounded_up() {
        for (ms, header) in [(0, "0"), (1, "1"), (1000, "1"), (1001, "2")] {
            let retry_after = RetryAfter::from_delay(Duration::from_millis(ms));
            assert_eq!(retry_after.header(), header);
            assert_eq!(retry_after.delay(), Some(Duration::from_millis(ms)));
        }
    }
}
