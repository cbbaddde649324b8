//! `fw-gateway audit`, as a person runs it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;

use fw_tests::{Config, Sim, chat, gateway_binary, within};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

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

/// `fw-gateway audit tail -f`, ended on drop.
#[derive(Debug)]
struct Tail {
    process: Child,
    lines: UnboundedReceiver<String>,
}

impl Tail {
    fn start(trail: &Trail) -> Self {
        let mut process = Command::new(gateway_binary())
            .args(["audit", "tail", "--follow", "--json"])
            .arg(&trail.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("fw-gateway runs");
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = unbounded_channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { process, lines }
    }

    /// Waits for a line with this in it.
    async fn shows(&mut self, what: &str) {
        within(what, async {
            while !self.lines.recv().await.expect("a line").contains(what) {}
        })
        .await;
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_tail_goes_on_with_a_log_that_was_begun_anew() {
    let trail = some(3).await;
    let mut tail = Tail::start(&trail);
    tail.shows("\"kind\":\"finished\"").await;
    for file in trail.files() {
        fs::remove_file(file).unwrap();
    }
    let stage = trail.stage("").await;
    let call = stage.gateway.post("/v1/chat/completions");
    let call = call.header("x-request-id", "of-the-new-log");
    assert_eq!(call.json(&chat("Hello")).send().await.status, 200);
    tail.shows("of-the-new-log").await;
}

/// A log with a record of each of some requests, of a gateway that has ended.
async fn some(requests: usize) -> Trail {
    let trail = Trail::new();
    let stage = trail.stage("").await;
    for _ in 0..requests {
        let call = stage.gateway.post("/v1/chat/completions");
        assert_eq!(call.json(&chat("Hello")).send().await.status, 200);
    }
    trail
}

#[tokio::test]
async fn records_are_exported_to_a_file_of_ones_own() {
    let trail = some(3).await;
    for (format, start) in [("jsonl", "{\"seq\":"), ("csv", "seq,"), ("parquet", "PAR1")] {
        let path = trail.directory.with_extension(format);
        let file = path.to_string_lossy().into_owned();
        let arguments = ["--kind", "finished", "--format", format, "-o", &file];
        let said = trail.audit("export", &arguments).well();
        assert!(said.notes.contains("3 records in"), "{said:?}");
        let content = fs::read(&path).unwrap();
        assert!(content.starts_with(start.as_bytes()), "{format}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        // Nothing is written over.
        assert_eq!(trail.audit("export", &arguments).code, Some(2));
        fs::remove_file(path).unwrap();
    }
}

#[tokio::test]
async fn a_damaged_line_is_the_log_s_fault_and_not_the_output_s() {
    let trail = some(2).await;
    let file = trail.files().remove(0);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        text.replacen("\"kind\":\"finished\",", "\"kind\":\"finished\";", 1),
    )
    .unwrap();
    for format in ["csv", "parquet", "jsonl"] {
        let said = trail.audit("export", &["--format", format, "--scan"]);
        assert_ne!(said.code, Some(0), "{format}");
        assert!(said.notes.contains("cannot read the audit log"), "{said:?}");
    }
}

#[tokio::test]
async fn a_log_of_accesses_that_was_taken_away_is_missed() {
    let trail = some(1).await;
    trail.head();
    // The next start tells the log of it.
    let sim = Sim::start().await;
    let config = Config::new().base_url(&sim.base_url());
    let mut gateway = trail.launch(config, "").start().await;
    gateway.terminate().await;
    assert!(gateway.ended().await.success());
    trail.verify(&[]).well();

    fs::remove_dir_all(trail.directory.join("access")).unwrap();
    // `verify` itself begins it anew; that is no help.
    trail.verify(&[]).tampered("access");
    fs::remove_dir_all(trail.directory.join("access")).unwrap();
    fs::write(trail.directory.join("access"), "in the way").unwrap();
    trail
        .verify(&["--unrecorded"])
        .tampered("access: it is missing");
}
