//! A process that writes to small files, one after another, is killed again and again.
#![allow(missing_docs, clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::{env, fs};

use fw_audit::{AuditLog, LogConfig, RecordKind, Segments, VerifyOptions, verify};
use serde_json::json;

/// Where the process that is killed writes to; nowhere in the test itself.
const DIRECTORY: &str = "FW_AUDIT_KILLED";

/// Not a test: what is killed. It tells each number when the record is written.
#[test]
fn writes_until_it_is_killed() {
    let Some(directory) = env::var_os(DIRECTORY) else {
        return;
    };
    // A file has five records or so.
    let log = AuditLog::open(LogConfig::new(directory).segment_bytes(1500)).unwrap();
    let mut out = std::io::stdout();
    loop {
        let ticket = log
            .append(RecordKind::Access, &json!({"a": "record"}))
            .unwrap();
        ticket.wait_written().unwrap();
        writeln!(out, "\nwritten {}", ticket.seq()).unwrap();
    }
}

#[test]
fn whatever_file_it_is_at_a_kill_loses_nothing_that_was_written() {
    let directory = env::temp_dir().join(format!("fw-audit-kill-{}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    for round in 0..40 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "writes_until_it_is_killed", "--nocapture"])
            .env(DIRECTORY, &directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut written = 0;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut told = |line: String| {
            let seq = line
                .strip_prefix("written ")
                .and_then(|seq| seq.parse().ok());
            written = seq.unwrap_or(written);
            seq.is_some()
        };
        let mut left = 1 + round * 7 % 23;
        while left > 0 {
            left -= u64::from(told(lines.next().unwrap().unwrap()));
        }
        child.kill().unwrap();
        for line in lines.map_while(Result::ok) {
            told(line);
        }
        child.wait().unwrap();
        let verified = verify(&directory, &VerifyOptions::new(), |_| ()).unwrap();
        assert!(verified.head().seq >= written, "round {round}");
    }
    assert!(Segments::list(&directory).unwrap().len() > 40);
    fs::remove_dir_all(&directory).unwrap();
}
