//! `fw-gateway redact`: what the PII policy would change in a text.

use std::io::{self, BufRead, Write};

use fw_policy_pii::{Detection, Detector, PiiConfig};
use serde::Serialize;

use super::{CommandError, input};
use crate::cli::{Color, RedactArgs};
use crate::config::Config;
use crate::gateway::StartError;

/// Bold and yellow, and back.
const HIGHLIGHT: &str = "\u{1b}[1;33m";
const PLAIN: &str = "\u{1b}[0m";

/// Redacts `input` to `output`. `terminal` tells whether a person looks at the output.
///
/// # Errors
///
/// A configuration that cannot be loaded, input that is no UTF-8 text or too large, a line that is no JSON.
pub fn redact(
    args: &RedactArgs,
    input: impl BufRead,
    output: impl Write,
    terminal: bool,
) -> Result<(), CommandError> {
    let detector = detector(args)?;
    let mut output = io::BufWriter::new(output);
    let written = if args.jsonl {
        lines(&detector, input, &mut output)?
    } else {
        let text = input::text(input)?;
        if args.json {
            json(&detector, &text, &mut output)
        } else {
            let color = match args.color {
                Color::Always => true,
                Color::Never => false,
                Color::Auto => {
                    terminal && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty())
                }
            };
            plain(&detector, &text, color, &mut output)
        }
    };
    input::written(written.and_then(|()| output.flush()))
}

/// The detector of the configuration, or one that looks for all it can check.
fn detector(args: &RedactArgs) -> Result<Detector, CommandError> {
    let settings = if args.policy_config.is_empty() {
        PiiConfig::new().healthcare_mode(true)
    } else {
        let config = Config::load(&args.policy_config).map_err(CommandError::configuration)?;
        config.policy.pii_detector.unwrap_or_default()
    };
    Detector::new(&settings).map_err(|error| CommandError::start(StartError::policy(error)))
}

fn plain(detector: &Detector, text: &str, color: bool, output: &mut impl Write) -> io::Result<()> {
    let redacted = detector.redact(text);
    if !color {
        return output.write_all(redacted.text.as_bytes());
    }
    let mut at = 0;
    for marker in redacted.markers {
        let (before, marker_text) = (
            &redacted.text[at..marker.start],
            &redacted.text[marker.clone()],
        );
        write!(output, "{before}{HIGHLIGHT}{marker_text}{PLAIN}")?;
        at = marker.end;
    }
    output.write_all(redacted.text[at..].as_bytes())
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    redacted: &'a str,
    spans: Vec<Span<'a>>,
}

/// A line of output with `--jsonl`.
#[derive(Serialize)]
struct LineReport<'a> {
    id: &'a serde_json::Value,
    spans: Vec<Span<'a>>,
    redacted: &'a str,
}

/// Something found. `start` and `end` count Unicode code points.
#[derive(Serialize)]
struct Span<'a> {
    start: usize,
    end: usize,
    r#type: &'a str,
    scheme: &'a str,
    confidence: f64,
}

impl<'a> From<&'a Detection> for Span<'a> {
    fn from(found: &'a Detection) -> Self {
        Self {
            start: found.chars().start,
            end: found.chars().end,
            r#type: found.name(),
            scheme: found.scheme(),
            confidence: found.confidence(),
        }
    }
}

fn json(detector: &Detector, text: &str, output: &mut impl Write) -> io::Result<()> {
    let redacted = detector.redact(text);
    let report = Report {
        redacted: &redacted.text,
        spans: redacted.detections.iter().map(Span::from).collect(),
    };
    serde_json::to_writer_pretty(&mut *output, &report)?;
    output.write_all(b"\n")
}

/// Each line by itself: a placeholder's number means nothing in another line.
fn lines(
    detector: &Detector,
    input: impl BufRead,
    output: &mut impl Write,
) -> Result<io::Result<()>, CommandError> {
    input::lines(input, |line| {
        let redacted = detector.redact(&line.text);
        let report = LineReport {
            id: &line.id,
            spans: redacted.detections.iter().map(Span::from).collect(),
            redacted: &redacted.text,
        };
        serde_json::to_writer(&mut *output, &report)?;
        output.write_all(b"\n")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args() -> RedactArgs {
        RedactArgs {
            policy_config: Vec::new(),
            json: false,
            jsonl: false,
            color: Color::Never,
        }
    }

    fn run(args: &RedactArgs, input: &[u8]) -> Result<String, String> {
        let mut output = Vec::new();
        redact(args, input, &mut output, false).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(output).unwrap())
    }

    #[test]
    fn a_text_comes_out_with_markers() {
        let text = "Mail jane@corp.example\nor not\n";
        assert_eq!(
            run(&args(), text.as_bytes()).unwrap(),
            "Mail [REDACTED:EMAIL]\nor not\n"
        );
    }

    #[test]
    fn markers_are_highlighted_when_asked_for() {
        let colored = RedactArgs {
            color: Color::Always,
            ..args()
        };
        let expected = format!("Mail {HIGHLIGHT}[REDACTED:EMAIL]{PLAIN}.");
        assert_eq!(run(&colored, b"Mail jane@corp.example.").unwrap(), expected);
    }

    #[test]
    fn json_counts_code_points() {
        let json = RedactArgs {
            json: true,
            ..args()
        };
        let report: serde_json::Value =
            serde_json::from_str(&run(&json, "Ü jane@corp.example".as_bytes()).unwrap()).unwrap();
        let span = &report["spans"][0];
        assert_eq!(
            (&span["start"], &span["end"], &span["type"]),
            (&2.into(), &19.into(), &"EMAIL".into())
        );
        assert_eq!(report["redacted"], "Ü [REDACTED:EMAIL]");
    }

    #[test]
    fn json_lines_go_in_and_out_one_by_one() {
        let jsonl = RedactArgs {
            jsonl: true,
            ..args()
        };
        let input = "{\"id\":\"a\",\"text\":\"jane@corp.example\",\"more\":1}\n\n{\"id\":7,\"text\":\"none\"}";
        let output = run(&jsonl, input.as_bytes()).unwrap();
        let lines: Vec<serde_json::Value> = output
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["redacted"], "[REDACTED:EMAIL]");
        assert_eq!(
            (&lines[1]["id"], lines[1]["spans"].as_array().unwrap().len()),
            (&7.into(), 0)
        );
    }

    #[test]
    fn bad_input_is_refused_with_its_place_and_without_its_text() {
        let jsonl = RedactArgs {
            jsonl: true,
            ..args()
        };
        let error = run(
            &jsonl,
            b"{\"id\":1,\"text\":\"a\"}\n{\"text\":\"jane@corp\"",
        )
        .unwrap_err();
        assert!(
            error.contains("line 2") && !error.contains("jane"),
            "{error}"
        );
        let error = run(&args(), b"ok \xff").unwrap_err();
        assert!(error.contains("UTF-8 (byte 3)"), "{error}");
    }
}
