//! How many instructions the hot paths take, and whether that is more than it was.
//!
//! Time is noisy on a machine that others use; instructions are not. Each piece of [`work`] is done twice
//! under `valgrind --tool=callgrind`, some number of times and twice as often, so that the difference is the
//! work alone, without the start.

use std::{
    fmt::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use crate::{Error, work};

/// How often work is done in the shorter run.
const TIMES: u32 = 200;

/// More than this above the recorded count is a slowdown: compilers and C libraries differ a little.
const TOLERANCE: f64 = 0.15;

/// Instructions for one piece of work, as they were when last recorded.
const RECORDED: [(&str, u64); work::ALL.len()] = [
    ("stream-event", 1_999),
    ("stream-event-router", 2_517),
    ("request-1k-router", 7_933),
    ("params-1k", 12_639),
    ("params-1k-changed", 26_002),
    ("stream-event-pii", 4_880),
    ("request-1k-pii", 106_575),
    ("request-16k-pii", 579_330),
    ("redact-1k-prose", 31_143),
    ("redact-1k-code", 332_269),
    ("redact-1k-dense", 2_309_993),
];

/// What was counted.
#[derive(Debug)]
pub struct Report {
    rows: Vec<(&'static str, u64, u64)>,
}

/// Counts all work with this program under valgrind. `None` if there is no valgrind here.
pub fn count(this: &Path) -> Result<Option<Report>, Error> {
    let valgrind = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !valgrind.is_ok_and(|status| status.success()) {
        return Ok(None);
    }
    let mut rows = Vec::new();
    for (name, recorded) in RECORDED {
        let once = run(this, name, TIMES)?;
        let twice = run(this, name, 2 * TIMES)?;
        let counted = twice.saturating_sub(once) / u64::from(TIMES);
        rows.push((name, recorded, counted));
    }
    Ok(Some(Report { rows }))
}

fn run(this: &Path, name: &str, times: u32) -> Result<u64, Error> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(["work", name, &times.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()?;
    let log = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("valgrind: {name}: {log}").into());
    }
    log.lines()
        .filter_map(|line| line.split_once("Collected :"))
        .find_map(|(_, count)| count.trim().parse().ok())
        .ok_or_else(|| format!("valgrind counted nothing: {log}").into())
}

impl Report {
    /// Whether nothing takes more instructions than it may.
    #[must_use]
    pub fn is_within(&self) -> bool {
        let mut rows = self.rows.iter();
        rows.all(|(_, recorded, counted)| excess(*recorded, *counted) <= TOLERANCE)
    }

    /// A table.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out =
            String::from("| work | recorded | counted | change | |\n|---|---|---|---|---|\n");
        for (name, recorded, counted) in &self.rows {
            let excess = excess(*recorded, *counted);
            let verdict = if excess > TOLERANCE {
                "SLOWER"
            } else if excess < -TOLERANCE {
                "faster: record it"
            } else {
                ""
            };
            // A String takes everything.
            let _ = writeln!(
                out,
                "| {name} | {recorded} | {counted} | {:+.1} % | {verdict} |",
                excess * 100.0
            );
        }
        out
    }
}

fn excess(recorded: u64, counted: u64) -> f64 {
    counted as f64 / recorded.max(1) as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_is_what_is_counted() {
        let names = work::ALL.map(|(name, _)| name);
        assert_eq!(RECORDED.map(|(name, _)| name), names);
        assert!(RECORDED.iter().all(|(_, count)| *count > 0));
    }

    #[test]
    fn a_slowdown_beyond_the_tolerance_is_seen() {
        let report = |counted| Report {
            rows: vec![("a", 100, counted)],
        };
        assert!(report(110).is_within() && report(50).is_within());
        assert!(!report(120).is_within());
        assert!(report(120).markdown().contains("SLOWER"));
    }
}
