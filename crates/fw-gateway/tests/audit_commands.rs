//! `fw-gateway audit`, run as a process on logs that were written by the library.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use fw_audit::{AuditLog, LogConfig, RecordKind};
use serde_json::{Value, json};

/// A folder with a log in it, which goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("fw-gateway-audit-{}-{next}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// With a log of nine requests in several segments; every third one was blocked.
    fn with_log() -> Self {
        let folder = Self::new();
        let log = folder.open();
        for number in 1..=9 {
            let id = format!("r{number}");
            let time = format!("2026-11-2{number}T10:00:00.000000Z");
            let model = format!("accounts/x/models/m{}", number % 2);
            let accepted = json!({"time": time, "request_id": id, "model": model});
            let ticket = log.append(RecordKind::Accepted, &accepted).unwrap();
            let blocked = number % 3 == 0;
            let finished = json!({
                "time": time, "accepted": ticket.seq(), "request_id": id, "model": model,
                "client": "=cmd()", "target": "main", "verdict": if blocked { "block" } else { "allow" },
                "policies": [{"policy": "pii", "phase": "request", "outcome": if blocked { "block" } else { "allow" }}],
                "tokens": {"prompt": 100, "cached": 0, "completion": 10}, "cost_usd": 0.5,
                "status": if blocked { 400 } else { 200 }, "end": if blocked { "denied" } else { "complete" },
                "total_ms": 12.5,
            });
            let ticket = log.append(RecordKind::Finished, &finished).unwrap();
            ticket.wait_written().unwrap();
        }
        folder
    }

    fn open(&self) -> AuditLog {
        AuditLog::open(LogConfig::new(self.log()).segment_bytes(2000).name("test")).unwrap()
    }

    fn log(&self) -> PathBuf {
        self.0.join("audit")
    }

    fn segments(&self) -> Vec<PathBuf> {
        segments(&self.log())
    }

    /// Runs `fw-gateway audit` in the folder, whose `audit/` is the log.
    fn audit(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_fw-gateway"))
            .arg("audit")
            .args(args)
            .current_dir(&self.0)
            .env("USER", "anna")
            .output()
            .unwrap()
    }

    /// What it prints when it succeeds.
    fn prints(&self, args: &[&str]) -> String {
        let output = self.audit(args);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The status that it fails with, and what it says.
    fn fails(&self, args: &[&str]) -> (i32, String) {
        let output = self.audit(args);
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), said)
    }

    fn ids(&self, args: &[&str]) -> Vec<String> {
        let lines = self.prints(&[&["query", "--format", "json"], args].concat());
        lines
            .lines()
            .map(|line| member(line, "request_id"))
            .collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn segments(directory: &Path) -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .collect();
    list.sort();
    list
}

fn member(line: &str, name: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    line[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} in {line}"))
        .to_owned()
}

#[test]
fn a_log_as_it_was_written_is_verified() {
    let folder = Folder::with_log();
    assert!(folder.segments().len() > 2);
    let output = folder.audit(&["verify"]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("verified 18 records in "), "{said}");
    assert!(
        said.contains("\naccess: verified 1 records in 1 files"),
        "{said}"
    );
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(notes.contains("the key beside the log"), "{notes}");
    assert!(
        !notes.contains('\r'),
        "no progress bar without a terminal: {notes:?}"
    );

    fs::copy(folder.log().join("audit.pub"), folder.0.join("kept.pub")).unwrap();
    let output = folder.audit(&[
        "verify",
        "audit",
        "--public-key",
        "kept.pub",
        "--signed-end",
    ]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stderr, b"");
}

#[test]
fn a_log_that_was_changed_is_said_to_be_and_where() {
    let folder = Folder::with_log();
    let path = &folder.segments()[1];
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, text.replacen("models/m", "models/n", 1)).unwrap();
    let (status, said) = folder.fails(&["verify"]);
    assert_eq!(status, 3);
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(
        said.contains(&format!(
            "error: the log is not as it was written: {name}:2 (sequence number "
        )),
        "{said}"
    );
}

#[test]
fn an_end_that_was_cut_off_is_found_with_the_head_of_before() {
    let folder = Folder::with_log();
    let head = folder.prints(&["head"]);
    let (number, hash) = head.trim_end().split_once(' ').unwrap();
    assert!(number.parse::<u64>().unwrap() > 18);
    let said = folder.prints(&["verify", "--expect-head", hash]);
    assert!(
        said.contains(&format!("; the expected head is number {number}")),
        "{said}"
    );

    let path = folder.segments().pop().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let cut = text.trim_end().rfind('\n').unwrap();
    fs::write(&path, &text[..=cut]).unwrap();
    folder.prints(&["verify"]);
    let (status, said) = folder.fails(&["verify", "--expect-head", hash]);
    assert_eq!(status, 3);
    assert!(said.contains("the end of the log was cut off"), "{said}");
}

#[test]
fn another_key_is_not_trusted() {
    let folder = Folder::with_log();
    let other = Folder::with_log();
    let key = other.log().join("audit.pub");
    let (status, said) = folder.fails(&["verify", "--public-key", key.to_str().unwrap()]);
    assert_eq!(status, 3);
    assert!(said.contains("is not among the trusted keys"), "{said}");
}

#[test]
fn what_cannot_be_used_is_said() {
    let folder = Folder::new();
    let (status, said) = folder.fails(&["verify"]);
    assert_eq!(status, 1);
    assert!(
        said.contains("there is no audit log in audit/: name its directory"),
        "{said}"
    );
    let folder = Folder::with_log();
    for args in [
        &["verify", "--expect-head", "abc"][..],
        &["verify", "--public-key", "nowhere"],
        &["query", "--since", "yesterday"],
        &["export", "--output", "audit/audit.pub"],
        &["query", "--policy-config", "nowhere.yaml"],
        &["query", "--no-such-option"],
    ] {
        let (status, said) = folder.fails(args);
        assert_eq!(status, 2, "{args:?}: {said}");
    }
}

#[test]
fn records_are_found_by_each_filter() {
    let folder = Folder::with_log();
    let blocked = ["r3", "r6", "r9"];
    assert_eq!(folder.ids(&[]).len(), 9);
    assert_eq!(folder.ids(&["--verdict", "block"]), blocked);
    assert_eq!(folder.ids(&["--policy", "pii"]), blocked);
    assert_eq!(folder.ids(&["--model", "m0"]), ["r2", "r4", "r6", "r8"]);
    assert_eq!(
        folder.ids(&["--client", "=cmd()", "--target", "main", "--limit", "2"]),
        ["r1", "r2"]
    );
    assert_eq!(
        folder.ids(&["--newest-first", "--limit", "2"]),
        ["r9", "r8"]
    );
    assert_eq!(
        folder.ids(&["--request-id", "r4", "--kind", "all"]),
        ["r4", "r4"]
    );
    assert_eq!(
        folder.ids(&["--since", "2026-11-22T10:00:00Z", "--until", "2026-11-24"]),
        ["r2", "r3"]
    );
    // What was looked up in an index is what a reading of everything finds.
    assert!(folder.log().read_dir().unwrap().any(|entry| {
        entry
            .unwrap()
            .path()
            .extension()
            .is_some_and(|extension| extension == "idx")
    }));
    assert_eq!(folder.ids(&["--verdict", "block", "--scan"]), blocked);
}

#[test]
fn requests_that_never_finished_are_found() {
    let folder = Folder::with_log();
    assert!(folder.ids(&["--unfinished"]).is_empty());
    let accepted = json!({"time": "2026-11-29T10:00:00.000000Z", "request_id": "lost"});
    let log = folder.open();
    log.append(RecordKind::Accepted, &accepted).unwrap();
    drop(log);
    assert_eq!(folder.ids(&["--unfinished"]), ["lost"]);
}

#[test]
fn a_table_is_for_people() {
    let folder = Folder::with_log();
    let said = folder.prints(&["query", "--verdict", "block", "--limit", "1"]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("TIME "), "{said}");
    for part in [
        "2026-11-23T10:00:00.000000Z",
        "block",
        "400",
        "denied",
        "models/m1",
        "100+10",
        "0.500000",
        "=cmd()",
        "r3",
    ] {
        assert!(lines[1].contains(part), "{part}: {said}");
    }
}

#[test]
fn exported_lines_are_those_of_the_log() {
    let folder = Folder::with_log();
    let exported = folder.prints(&["export"]);
    let mut log = String::new();
    for path in folder.segments() {
        let text = fs::read_to_string(path).unwrap();
        for line in text.split_inclusive('\n') {
            if line.contains("\"kind\":\"accepted\"") || line.contains("\"kind\":\"finished\"") {
                log += line;
            }
        }
    }
    assert_eq!(exported, log);

    let output = folder.audit(&[
        "export", "--format", "csv", "--kind", "finished", "-o", "out.csv",
    ]);
    assert_eq!(output.stderr, b"9 records in out.csv\n");
    let table = fs::read_to_string(folder.0.join("out.csv")).unwrap();
    assert_eq!(table.matches("\r\n").count(), 10);
    assert!(table.contains(",\"'=cmd()\","), "{table}");
}

#[test]
fn sums_are_by_day_and_model() {
    let folder = Folder::with_log();
    let stats: Value = serde_json::from_str(&folder.prints(&["stats", "--json"])).unwrap();
    assert_eq!(stats["by_day_and_model"].as_array().unwrap().len(), 9);
    assert_eq!(stats["by_day_and_model"][0]["day"], "2026-11-21");
    let total = &stats["total"];
    assert_eq!(total["requests"], 9);
    assert_eq!(total["verdicts"], json!({"allow": 6, "block": 3}));
    assert_eq!(
        (&total["prompt_tokens"], &total["cost_usd"]),
        (&json!(900), &json!(4.5))
    );
    let table = folder.prints(&["stats", "--verdict", "block"]);
    assert_eq!(table.lines().count(), 5);
    assert!(
        table.lines().last().unwrap().starts_with("total "),
        "{table}"
    );
}

#[test]
fn keys_are_named() {
    let folder = Folder::with_log();
    let key = fs::read_to_string(folder.log().join("audit.pub")).unwrap();
    let said = folder.prints(&["keys"]);
    assert!(said.contains(key.trim()), "{said}");
    assert!(said.contains("audit.key, beside the log"), "{said}");
}

#[test]
fn every_access_is_recorded_in_a_log_of_its_own() {
    let folder = Folder::with_log();
    // Also while the gateway has the log open.
    let log = folder.open();
    folder.prints(&["query", "--verdict", "block"]);
    folder.prints(&["stats", "audit"]);
    drop(log);
    let accesses = folder.prints(&[
        "query",
        "audit/access",
        "--kind",
        "access",
        "--format",
        "json",
    ]);
    let commands: Vec<String> = accesses
        .lines()
        .map(|line| member(line, "command"))
        .collect();
    assert_eq!(commands, ["query", "stats", "query"]);
    let first: Value = serde_json::from_str(accesses.lines().next().unwrap()).unwrap();
    assert_eq!(first["user"], "anna");
    assert_eq!(
        first["arguments"],
        json!(["audit", "query", "--verdict", "block"])
    );
    assert!(!folder.log().join("access/access").exists());
    folder.prints(&["verify", "audit/access"]);
}

#[test]
fn what_cannot_be_recorded_is_not_shown_unless_told_to() {
    let folder = Folder::with_log();
    // In place of the folder.
    fs::write(folder.log().join("access"), "").unwrap();
    let (status, said) = folder.fails(&["query"]);
    assert_eq!(status, 1);
    assert!(said.contains("this access cannot be recorded"), "{said}");
    assert_eq!(folder.ids(&["--unrecorded"]).len(), 9);
    // What shows no record goes on.
    let output = folder.audit(&["verify"]);
    assert!(output.status.success(), "{output:?}");
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("is not recorded")
    );
}

#[test]
fn the_configuration_names_the_directory() {
    let folder = Folder::with_log();
    fs::rename(folder.log(), folder.0.join("elsewhere")).unwrap();
    let config = "
pack: {name: x, version: 1.0.0}
policies: {chain: [audit-logger]}
policy: {audit-logger: {directory: elsewhere}}
providers:
  targets:
    - {id: main, provider: fireworks, model: accounts/fireworks/models/gpt-oss-20b}
";
    fs::write(folder.0.join("f.yaml"), config).unwrap();
    assert_eq!(folder.ids(&["--policy-config", "f.yaml"]).len(), 9);
}

#[test]
fn tail_shows_the_last_records_and_those_that_come() {
    let folder = Folder::with_log();
    let said = folder.prints(&["tail", "-n", "3", "--json"]);
    let ids: Vec<String> = said
        .lines()
        .map(|line| member(line, "request_id"))
        .collect();
    assert_eq!(ids, ["r8", "r9", "r9"].map(str::to_owned).to_vec());

    let mut following = Command::new(env!("CARGO_BIN_EXE_fw-gateway"))
        .args(["audit", "tail", "-f", "-n", "1", "--json"])
        .current_dir(&folder.0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(following.stdout.take().unwrap()).lines();
    assert_eq!(member(&lines.next().unwrap().unwrap(), "request_id"), "r9");
    // Over the ends of several segments.
    let log = folder.open();
    for number in 10..30 {
        let record = json!({
            "time": "2026-11-30T10:00:00.000000Z", "request_id": format!("r{number}"),
            "filler": "x".repeat(300),
        });
        let ticket = log.append(RecordKind::Finished, &record).unwrap();
        ticket.wait_written().unwrap();
        let line = lines.next().unwrap().unwrap();
        assert_eq!(member(&line, "request_id"), format!("r{number}"));
    }
    following.kill().unwrap();
    following.wait().unwrap();
}
