//! `fw-gateway classify`: how a classifier judges a text.

mod report;

use std::io::{self, BufRead, Write};

use fw_policy_injection as injection;
use fw_policy_safety as safety;
use serde::Serialize;

use super::{CommandError, input};
use crate::cli::{ClassifyArgs, ClassifyChannel, ClassifyPolicy};
use crate::config::{Config, PolicySections};
use crate::gateway::StartError;

/// Classifies `input` to `output`.
///
/// # Errors
///
/// A configuration that cannot be loaded, input that is no UTF-8 text or too large, a line that is no JSON.
pub fn classify(
    args: &ClassifyArgs,
    input: impl BufRead,
    output: impl Write,
) -> Result<(), CommandError> {
    let classifier = Classifier::new(args)?;
    let mut output = io::BufWriter::new(output);
    let result = if args.jsonl {
        lines(&classifier, input, &mut output)?
    } else {
        let text = input::text(input)?;
        report::write(&classifier, &text, &mut output)
    };
    input::written(result.and_then(|()| output.flush()))
}

/// A classifier, and the channel that texts are taken to come from.
enum Classifier {
    Injection(injection::Detector, injection::Channel),
    Safety(safety::Detector, fw_classify::Channel),
}

/// A line of output with `--jsonl`.
#[derive(Serialize)]
struct Scored<'a> {
    id: &'a serde_json::Value,
    score: f32,
    verdict: &'static str,
}

impl Classifier {
    /// The classifier of the configuration, or one with the defaults.
    fn new(args: &ClassifyArgs) -> Result<Self, CommandError> {
        let blocks = if args.policy_config.is_empty() {
            PolicySections::default()
        } else {
            let config = Config::load(&args.policy_config).map_err(CommandError::configuration)?;
            config.policy
        };
        let classifier = match args.policy {
            ClassifyPolicy::PromptInjection => {
                let settings = blocks.prompt_injection.unwrap_or_default();
                injection::Detector::new(&settings)
                    .map(|detector| Self::Injection(detector, args.channel.of_injection()))
                    .map_err(StartError::policy)
            }
            ClassifyPolicy::SafetyFilter => {
                let settings = blocks.safety_filter.unwrap_or_default();
                safety::Detector::new(&settings)
                    .map(|detector| Self::Safety(detector, args.channel.of_safety()))
                    .map_err(StartError::policy)
            }
        };
        classifier.map_err(CommandError::start)
    }

    fn score(&self, text: &str) -> (f32, &'static str) {
        match self {
            Self::Injection(detector, channel) => {
                let scan = detector.scan(text, *channel);
                let verdict = scan.verdict().map_or("allow", injection::Action::as_str);
                (scan.score(), verdict)
            }
            Self::Safety(detector, channel) => {
                let scan = detector.scan_in(text, *channel);
                (scan.score, scan.verdict.name())
            }
        }
    }
}

impl ClassifyChannel {
    const fn of_injection(self) -> injection::Channel {
        match self {
            Self::User => injection::Channel::User,
            Self::System => injection::Channel::System,
            Self::Tool => injection::Channel::Tool,
            Self::Document => injection::Channel::Document,
        }
    }

    const fn of_safety(self) -> fw_classify::Channel {
        match self {
            Self::User | Self::System => fw_classify::Channel::User,
            Self::Tool | Self::Document => fw_classify::Channel::Document,
        }
    }
}

/// A line is answered before the next is read, so that a program can ask one by one.
fn lines(
    classifier: &Classifier,
    input: impl BufRead,
    output: &mut impl Write,
) -> Result<io::Result<()>, CommandError> {
    input::lines(input, |line| {
        let (score, verdict) = classifier.score(&line.text);
        let scored = Scored {
            id: &line.id,
            score,
            verdict,
        };
        serde_json::to_writer(&mut *output, &scored)?;
        output.write_all(b"\n")?;
        output.flush()
    })
}

#[cfg(test)]
mod tests;
