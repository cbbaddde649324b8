//! `fw-gateway lint`: checks configuration files without running anything.
//!
//! ```no_run
//! let report = fw_gateway::lint::lint(&["policy-config.yaml".into()]);
//! assert!(report.is_valid());
//! print!("{}", report.to_text());
//! ```
//!
//! The JSON form is that of the public policy-lint documentation: `valid`,
//! `file`, `pack`, `chain`, `policy_count` and `warnings`, or `errors` with
//! `code`, `path`, `message` and `suggestion`. Each finding also has `file`,
//! `line` and `column`, and `unsupported` lists what this build would refuse to
//! run.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::config::{Config, ConfigErrors, Finding};

/// What there is to say about a configuration.
#[derive(Clone, Debug)]
pub struct Report {
    file: String,
    result: Result<Config, ConfigErrors>,
}

/// Checks `files`, laid over each other in order.
///
/// The environment is not read, so a missing key variable is no fault here.
#[must_use]
pub fn lint(files: &[PathBuf]) -> Report {
    let names: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    Report {
        file: names.join(", "),
        result: Config::load(files),
    }
}

impl Report {
    /// Whether the configuration is valid. Warnings do not count, nor does what
    /// this build cannot do yet.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.result.is_ok()
    }

    /// The configuration, or what is wrong with it.
    ///
    /// # Errors
    ///
    /// What [`Config::load`] said.
    pub fn result(&self) -> Result<&Config, &ConfigErrors> {
        self.result.as_ref()
    }

    /// The report for people, with a line break at its end.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let (warnings, errors) = match &self.result {
            Ok(config) => (config.warnings(), &[][..]),
            Err(errors) => (errors.warnings(), errors.errors()),
        };
        for finding in errors.iter().chain(warnings) {
            let _ = writeln!(text, "{finding}");
        }
        match &self.result {
            Ok(config) => self.summary(config, &mut text),
            Err(errors) => {
                let _ = writeln!(
                    text,
                    "{}: not valid: {}, {}",
                    self.file,
                    count(errors.errors().len(), "error"),
                    count(warnings.len(), "warning"),
                );
            }
        }
        text
    }

    fn summary(&self, config: &Config, text: &mut String) {
        for finding in config.unsupported() {
            let _ = writeln!(text, "{finding}");
        }
        let chain: Vec<&str> = config
            .policies
            .chain
            .iter()
            .map(|kind| kind.as_str())
            .collect();
        let chain = if chain.is_empty() {
            "none".to_owned()
        } else {
            chain.join(" > ")
        };
        let _ = writeln!(text, "{}: valid", self.file);
        let _ = writeln!(text, "  pack: {}@{}", config.pack.name, config.pack.version);
        let _ = writeln!(
            text,
            "  policies: {} ({chain})",
            config.policies.chain.len()
        );
        let _ = writeln!(
            text,
            "  targets: {}",
            config
                .providers
                .as_ref()
                .map_or(0, |providers| providers.targets.len())
        );
        if !config.warnings().is_empty() {
            let _ = writeln!(text, "  {}", count(config.warnings().len(), "warning"));
        }
        if !config.unsupported().is_empty() {
            let _ = writeln!(
                text,
                "  `run` refuses it: {} not part of this build",
                count(config.unsupported().len(), "setting")
            );
        }
    }

    /// The report for programs: one JSON object and a line break.
    #[must_use]
    pub fn to_json(&self) -> String {
        let value = match &self.result {
            Ok(config) => json!({
                "valid": true,
                "file": self.file,
                "pack": { "name": config.pack.name, "version": config.pack.version.as_str() },
                "chain": config.policies.chain.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
                "policy_count": config.policies.chain.len(),
                "warnings": findings(config.warnings()),
                "unsupported": findings(config.unsupported()),
            }),
            Err(errors) => json!({
                "valid": false,
                "file": self.file,
                "errors": findings(errors.errors()),
                "warnings": findings(errors.warnings()),
            }),
        };
        format!("{value:#}\n")
    }
}

fn findings(list: &[Finding]) -> Vec<Value> {
    list.iter()
        .map(|finding| {
            json!({
                "code": finding.code.as_str(),
                "file": &*finding.file,
                "line": finding.line,
                "column": finding.column,
                "path": finding.path,
                "message": finding.message,
                "suggestion": finding.suggestion,
            })
        })
        .collect()
}

fn count(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
