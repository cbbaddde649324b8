//! Scores lines of JSON, as evaluations bring them.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::detector::Detector;
use crate::scan::SafetyVerdict;

/// A line that is read. Further members are of no interest.
#[derive(Deserialize)]
struct Row {
    id: Value,
    text: String,
}

/// A line that is written.
#[derive(Serialize)]
struct Scored<'i> {
    id: &'i Value,
    score: f32,
    verdict: &'static str,
}

/// Reads lines `{"id", "text"}` and writes a line `{"id", "score", "verdict"}` for each. Empty lines are skipped.
/// Gives the number of lines that were scored.
///
/// ```
/// use fw_policy_safety::{Detector, SafetyConfig, score_lines};
///
/// let detector = Detector::new(&SafetyConfig::new().block_if(["nightfall"]))?;
/// let mut out = Vec::new();
/// score_lines(&detector, &b"{\"id\": 7, \"text\": \"Nightfall\", \"label\": 1}\n"[..], &mut out)?;
/// assert!(String::from_utf8(out)?.ends_with("\"verdict\":\"block\"}\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When a line cannot be read or written. A line that is no such object is
/// [`InvalidData`](io::ErrorKind::InvalidData), with its number.
pub fn score_lines(
    detector: &Detector,
    input: impl BufRead,
    mut output: impl Write,
) -> io::Result<usize> {
    let mut count = 0;
    for (line, number) in input.lines().zip(1_usize..) {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let row: Row = serde_json::from_str(&line).map_err(|error| {
            let message = format!("line {number} is no object with `id` and `text`: {error}");
            io::Error::new(io::ErrorKind::InvalidData, message)
        })?;
        let scan = detector.scan(&row.text);
        let scored = Scored {
            id: &row.id,
            score: scan.score,
            verdict: SafetyVerdict::name(scan.verdict),
        };
        serde_json::to_writer(&mut output, &scored)?;
        output.write_all(b"\n")?;
        count += 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SafetyConfig;

    #[test]
    fn a_line_that_cannot_be_read_is_named_by_its_number() {
        let detector = Detector::new(&SafetyConfig::new()).unwrap();
        let mut out = Vec::new();
        let input = b"{\"id\":\"a\",\"text\":\"hello\"}\n\n{\"id\":1}\n";
        let error = score_lines(&detector, &input[..], &mut out).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(error.to_string().starts_with("line 3 "));
        let line = String::from_utf8(out).unwrap();
        assert!(line.starts_with("{\"id\":\"a\",\"score\":"));
        assert!(line.ends_with(",\"verdict\":\"allow\"}\n"));
    }
}
