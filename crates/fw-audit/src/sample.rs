//! Logs for tests, line by line, so that they can be tampered with.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::chain::{Hash, line_hash};
use crate::format::{Kind, Line, push_end, push_signature, push_start};
use crate::keys::SigningKey;
use crate::segment::file_name;

/// A log in memory: its files, their lines.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) files: Vec<(String, Vec<Vec<u8>>)>,
    seed: [u8; 32],
    seq: u64,
    last: Hash,
}

/// A directory that goes away with the test.
#[derive(Debug)]
pub(crate) struct TempDir(PathBuf);

/// When everything in a sample happens.
pub(crate) const TIME: &str = "2026-11-21T17:46:14.000123Z";

impl Sample {
    pub(crate) fn new() -> Self {
        Self {
            files: Vec::new(),
            seed: [7; 32],
            seq: 0,
            last: Hash::ZERO,
        }
    }

    /// Two closed files and one that is being written: records, checkpoints, and two records at the end that
    /// are not signed.
    pub(crate) fn three_files() -> Self {
        let mut log = Self::new();
        for file in 0..3 {
            log.begin();
            for record in 0..5 {
                log.finished(&json!({"time": TIME, "request_id": format!("{file}-{record}")}));
                if record == 2 {
                    log.sign(Kind::Checkpoint);
                }
            }
            if file < 2 {
                log.sign(Kind::Seal);
            }
        }
        log
    }

    /// Two files with little in them, the second one signed: for tests that look at it thousands of times.
    pub(crate) fn two_small_files() -> Self {
        let mut log = Self::new();
        for request in ["a", "b"] {
            log.begin();
            log.finished(&json!({"time": TIME, "request_id": request}));
        }
        log.sign(Kind::Checkpoint);
        log
    }

    pub(crate) fn key(&self) -> SigningKey {
        SigningKey::from_seed(&self.seed)
    }

    /// Uses another key from now on.
    pub(crate) fn change_key(&mut self, seed: u8) {
        self.seed = [seed; 32];
    }

    /// Begins a file.
    pub(crate) fn begin(&mut self) {
        let previous = self.files.last().map(|(name, _)| name.clone());
        let header = json!({
            "time": TIME, "version": 1, "cause": "rotation", "previous": previous,
            "previous_hash": self.last, "public_key": self.key().public_key().to_string(), "name": "test",
        });
        self.files.push((file_name(self.seq + 1), Vec::new()));
        self.push(Kind::Segment, &header);
    }

    pub(crate) fn finished(&mut self, members: &Value) {
        self.push(Kind::Finished, members);
    }

    pub(crate) fn sign(&mut self, kind: Kind) {
        self.push(kind, &json!({"time": TIME}));
    }

    pub(crate) fn push(&mut self, kind: Kind, members: &Value) {
        let members = members.to_string();
        let members = &members.as_bytes()[1..members.len() - 1];
        let seq = self.seq + 1;
        let mut line = Vec::new();
        push_start(&mut line, seq, kind, members);
        if kind.is_signed() {
            let signature = self.key().sign(&self.last, &line);
            push_signature(&mut line, &signature);
        }
        self.last = line_hash(&self.last, &line);
        push_end(&mut line, &self.last);
        line.pop();
        if kind != Kind::Segment {
            self.seq = seq;
        }
        self.files.last_mut().unwrap().1.push(line);
    }

    /// The hash of the last line.
    pub(crate) fn head(&self) -> Hash {
        self.last
    }

    /// Removes the oldest files and says so, as retention does.
    pub(crate) fn retain(&mut self, files: usize) {
        let (_, lines) = &self.files[files - 1];
        let last = Line::parse(lines.last().unwrap()).unwrap();
        let stone = json!({
            "time": TIME, "up_to": last.seq(), "up_to_hash": last.hash(), "segments": files,
        });
        self.push(Kind::Tombstone, &stone);
        self.files.drain(..files);
    }

    /// Makes the hashes of all lines from one on right again, as somebody would who changed that one. Numbers
    /// and headers follow; signatures cannot.
    pub(crate) fn rechain(&mut self, file: usize, line: usize) {
        let mut last = match line {
            0 if file == 0 => Hash::ZERO,
            0 => hash(self.files[file - 1].1.last().unwrap()),
            _ => hash(&self.files[file].1[line - 1]),
        };
        for (at, (_, lines)) in self.files.iter_mut().enumerate().skip(file) {
            for (number, bytes) in lines.iter_mut().enumerate() {
                if at == file && number < line {
                    continue;
                }
                let mut text = String::from_utf8(bytes.clone()).unwrap();
                if number == 0 {
                    let mut members: Value = serde_json::from_str(&text).unwrap();
                    let old = members["previous_hash"].take();
                    text = text.replace(old.as_str().unwrap(), &last.to_string());
                }
                let body = &text[..text.len() - 75];
                last = line_hash(&last, body.as_bytes());
                *bytes = body.as_bytes().to_vec();
                push_end(bytes, &last);
                bytes.pop();
            }
        }
        self.last = last;
    }

    /// Where a file's lines are, all together.
    pub(crate) fn bytes(&self, file: usize) -> Vec<u8> {
        let lines = &self.files[file].1;
        lines
            .iter()
            .flat_map(|line| [line, &b"\n"[..]].concat())
            .collect()
    }

    /// Writes it to a new directory, with its public key.
    pub(crate) fn write(&self) -> TempDir {
        let directory = TempDir::new();
        self.write_to(directory.path());
        directory
    }

    pub(crate) fn write_to(&self, directory: &Path) {
        for (at, (name, _)) in self.files.iter().enumerate() {
            fs::write(directory.join(name), self.bytes(at)).unwrap();
        }
        let key = format!("{}\n", self.key().public_key());
        fs::write(directory.join("audit.pub"), key).unwrap();
    }
}

fn hash(line: &[u8]) -> Hash {
    Line::parse(line).unwrap().hash()
}

impl TempDir {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("fw-audit-sample-{}-{next}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
