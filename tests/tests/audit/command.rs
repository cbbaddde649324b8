//! `fw-gateway audit`, as a person runs it.

use std::process::{Command, Stdio};

use fw_tests::gateway_binary;

use super::Trail;

/// What a command said, and how it ended.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) code: Option<i32>,
    pub(super) output: String,
    /// What it printed on standard error.
    pub(super) notes: String,
}

impl Said {
    /// That it succeeded.
    pub(super) fn well(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// That it found the log tampered with, and said `what`.
    pub(super) fn tampered(self, what: &str) -> Self {
        assert_eq!(self.code, Some(3), "{self:#?}");
        assert!(
            self.notes.contains("the log is not as it was written"),
            "{self:#?}"
        );
        assert!(self.notes.contains(what), "no {what:?} in {self:#?}");
        self
    }
}

impl Trail {
    /// Runs a subcommand of `fw-gateway audit` on this log.
    pub(super) fn audit(&self, command: &str, arguments: &[&str]) -> Said {
        let output = Command::new(gateway_binary())
            .args(["audit", command])
            .arg(&self.directory)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("fw-gateway runs");
        Said {
            code: output.status.code(),
            output: String::from_utf8(output.stdout).unwrap(),
            notes: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(super) fn verify(&self, arguments: &[&str]) -> Said {
        self.audit("verify", arguments)
    }

    /// The hash of the last line, as `fw-gateway audit head` prints it.
    pub(super) fn head(&self) -> String {
        let said = self.audit("head", &[]).well();
        let (_, hash) = said.output.trim().split_once(' ').expect("number and hash");
        hash.to_owned()
    }
}
