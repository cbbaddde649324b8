//! Times on the command line.

use std::time::Duration;

use fw_audit::Timestamp;

use super::CommandError;

/// Reads `2026-11-21`, `2026-11-21T17:46:14Z` with or without a fraction, or a time ago such as `12h`.
pub(super) fn time(text: &str, now: Timestamp) -> Result<Timestamp, CommandError> {
    ago(text)
        .map(|ago| now.before(ago))
        .or_else(|| moment(text))
        .ok_or_else(|| {
            CommandError::option(format!(
                "{text:?} is no time: write 2026-11-21, 2026-11-21T17:46:14Z, or how long ago, such as 30m, 12h or 7d"
            ))
        })
}

fn ago(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    let digits = text.strip_suffix(unit)?;
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(Duration::from_secs(count.checked_mul(seconds)?))
}

/// Completes it to the one form that the log has.
fn moment(text: &str) -> Option<Timestamp> {
    let (date, clock) = text
        .split_once(['T', 't', ' '])
        .map_or((text, None), |(date, clock)| (date, Some(clock)));
    let Some(clock) = clock else {
        return format!("{date}T00:00:00.000000Z").parse().ok();
    };
    let clock = clock.strip_suffix(['Z', 'z'])?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let seconds = if clock.len() == 5 { ":00" } else { "" };
    let micros = fraction.get(..fraction.len().min(6))?;
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    format!("{date}T{clock}{seconds}.{micros:0<6}Z")
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let now: Timestamp = "2026-11-21T12:00:00.000000Z".parse().unwrap();
        time(text, now).ok().map(|time| time.to_string())
    }

    #[test]
    fn times_are_read() {
        for (text, time) in [
            ("2026-11-21", "2026-11-21T00:00:00.000000Z"),
            ("2026-11-21T17:46Z", "2026-11-21T17:46:00.000000Z"),
            ("2026-11-21T17:46:14Z", "2026-11-21T17:46:14.000000Z"),
            ("2026-11-21 17:46:14.5Z", "2026-11-21T17:46:14.500000Z"),
            (
                "2026-11-21T17:46:14.123456789Z",
                "2026-11-21T17:46:14.123456Z",
            ),
            ("90s", "2026-11-21T11:58:30.000000Z"),
            ("30m", "2026-11-21T11:30:00.000000Z"),
            ("12h", "2026-11-21T00:00:00.000000Z"),
            ("7d", "2026-11-14T12:00:00.000000Z"),
            ("99999999d", "1970-01-01T00:00:00.000000Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(time), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_said() {
        for text in [
            "",
            "d",
            "-1d",
            "1y",
            "21.11.2026",
            "2026-13-01",
            "2026-11-21T17:46:14",
            "2026-11-21T17:46:14.éZ",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
