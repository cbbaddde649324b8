//! The audit log of a running gateway, over real sockets.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod command;
mod crash;
mod disk;
mod records;
mod tampering;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use fw_tests::{Config, Launch, PATIENCE, Stage};
use serde_json::Value;

/// The directory of a log, removed on drop.
#[derive(Debug)]
struct Trail {
    directory: PathBuf,
}

// === impl Trail ===

impl Trail {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("fw-tests-audit-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        Self::at(directory)
    }

    fn at(directory: PathBuf) -> Self {
        let _ = fs::remove_dir_all(&directory);
        Self { directory }
    }

    /// A configuration with this log, as the last policy.
    fn of(&self, config: Config, settings: &str) -> Config {
        let directory = self.directory.display();
        config.policy(
            "audit-logger",
            &format!("{{ directory: '{directory}', {settings} }}"),
        )
    }

    /// A gateway with this log in front of a simulator.
    async fn stage(&self, settings: &str) -> Stage {
        Stage::configured(|config| self.of(config, settings)).await
    }

    fn launch(&self, config: Config, settings: &str) -> Launch {
        Launch::new(self.of(config, settings))
    }

    /// The files of the log, oldest first.
    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(&self.directory)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| is_segment(path))
            .collect();
        files.sort();
        files
    }

    /// All of the log, a last line that is not whole included.
    fn content(&self) -> String {
        let files = self.files();
        let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
        texts.collect()
    }

    /// All lines so far, as JSON, the log's own among them. A line that is not whole yet is left out.
    fn lines(&self) -> Vec<Value> {
        let text = self.content();
        let whole = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'));
        whole
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The records of one kind: `accepted`, `finished`.
    fn records(&self, kind: &str) -> Vec<Value> {
        let mut lines = self.lines();
        lines.retain(|line| line["kind"] == kind);
        lines
    }

    /// The only `finished` record. It is there already: the client has all of the reply.
    fn finished(&self) -> Value {
        let mut records = self.records("finished");
        assert_eq!(records.len(), 1, "{records:#?}");
        records.remove(0)
    }

    /// As [`finished`](Self::finished), for a client that has not waited for it.
    async fn finished_soon(&self) -> Value {
        let finished = async {
            loop {
                match self.records("finished").pop() {
                    Some(record) => return record,
                    None => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, finished)
            .await
            .expect("a record")
    }

    /// The bytes of the whole log.
    fn text(&self) -> String {
        self.lines().iter().map(Value::to_string).collect()
    }
}

impl Drop for Trail {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn is_segment(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "jsonl")
}
