//! The log on a real disk, as one who embeds it sees it.

#![allow(missing_docs, clippy::unwrap_used)]

use std::{
    fs,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use fw_audit::{
    AuditLog, Durability, Hash, Head, KeySource, Line, LogConfig, PublicKey, RecordKind,
    chain::Chain,
};
use serde_json::{Value, json};

struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "fw-audit-log-{}-{}",
            process::id(),
            NEXT.fetch_add(1, Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn config(&self) -> LogConfig {
        LogConfig::new(&self.0)
    }

    fn segments(&self) -> Vec<PathBuf> {
        let mut names: Vec<PathBuf> = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "jsonl")
            })
            .collect();
        names.sort();
        names
    }

    /// The records' numbers, after checking the chain and the signatures with the key beside the log.
    fn check(&self) -> Vec<u64> {
        let key: PublicKey = fs::read_to_string(self.0.join("audit.pub"))
            .unwrap()
            .parse()
            .unwrap();
        let mut chain = Chain::new(Head::default(), Hash::ZERO);
        let mut records = Vec::new();
        for path in self.segments() {
            let text = fs::read_to_string(path).unwrap();
            assert!(text.ends_with('\n'));
            for text in text.lines() {
                let line = Line::parse(text.as_bytes()).unwrap();
                let previous = *chain.last();
                chain.check(&line).unwrap();
                assert!(!line.kind().is_signed() || key.verify(&previous, &line));
                let value: Value = line.read().unwrap();
                records.extend(value["n"].as_u64());
            }
        }
        records
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn append(log: &AuditLog, numbers: std::ops::Range<u64>) {
    for n in numbers {
        log.append(RecordKind::Finished, &json!({"n": n})).unwrap();
    }
}

#[cfg(unix)]
fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_log_goes_on_where_it_ended() {
    let scratch = Scratch::new();
    for run in 0..5 {
        let log = AuditLog::open(scratch.config().segment_bytes(10_000)).unwrap();
        append(&log, run * 100..(run + 1) * 100);
        drop(log);
        assert_eq!(scratch.check(), (0..(run + 1) * 100).collect::<Vec<_>>());
    }
    assert!(scratch.segments().len() > 3);
}

#[test]
fn a_second_handle_is_refused_and_the_first_goes_on() {
    let scratch = Scratch::new();
    let log = AuditLog::open(scratch.config()).unwrap();
    let error = AuditLog::open(scratch.config()).unwrap_err();
    assert!(error.is_locked());
    assert!(error.to_string().contains("is open already"), "{error}");
    append(&log, 0..3);
    drop(log);
    assert_eq!(scratch.check(), [0, 1, 2]);
    assert!(AuditLog::open(scratch.config()).is_ok());
}

#[test]
fn dropping_the_last_handle_writes_all_there_is() {
    let scratch = Scratch::new();
    let config = scratch.config().durability(Durability::Batched {
        sync_within: Duration::from_secs(3600),
    });
    let log = AuditLog::open(config).unwrap();
    let other = log.clone();
    append(&log, 0..5000);
    drop(log);
    let ticket = other
        .append(RecordKind::Finished, &json!({"n": 5000}))
        .unwrap();
    drop(other);
    assert!(ticket.is_synced());
    assert_eq!(scratch.check().len(), 5001);
}

#[test]
fn a_key_is_made_once_and_kept_private() {
    let scratch = Scratch::new();
    let log = AuditLog::open(scratch.config()).unwrap();
    let key = log.public_key();
    let digests = log.derive_key("a purpose");
    assert_ne!(digests, log.derive_key("another purpose"));
    drop(log);
    #[cfg(unix)]
    assert_eq!(mode(&scratch.0.join("audit.key")), 0o600);
    #[cfg(unix)]
    assert_eq!(mode(&scratch.segments()[0]) & 0o007, 0);
    let beside = fs::read_to_string(scratch.0.join("audit.pub")).unwrap();
    assert_eq!(beside, format!("{key}\n"));
    let log = AuditLog::open(scratch.config()).unwrap();
    assert_eq!(log.public_key(), key);
    assert_eq!(log.derive_key("a purpose"), digests);
}

#[test]
fn a_key_may_be_given_in_a_file() {
    let scratch = Scratch::new();
    fs::create_dir_all(&scratch.0).unwrap();
    let file = scratch.0.join("key-of-mine");
    let config = || scratch.config().key(KeySource::File(file.clone()));
    let error = AuditLog::open(config()).unwrap_err();
    assert!(error.to_string().contains("key-of-mine"), "{error}");
    fs::write(&file, "not a key").unwrap();
    let error = AuditLog::open(config()).unwrap_err();
    assert!(error.to_string().contains("64 digits"), "{error}");
    // The first test of RFC 8032, 7.1.
    fs::write(
        &file,
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\n",
    )
    .unwrap();
    let log = AuditLog::open(config()).unwrap();
    assert_eq!(
        log.public_key().to_string(),
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    );
    assert!(!scratch.0.join("audit.key").exists());
    append(&log, 0..2);
    drop(log);
    assert_eq!(scratch.check(), [0, 1]);
    // Without the file the log does not change its key unnoticed.
    let error = AuditLog::open(scratch.config()).unwrap_err();
    assert!(error.to_string().contains("it is missing"), "{error}");
    assert!(!scratch.0.join("audit.key").exists());
}

#[test]
fn a_torn_last_line_is_removed() {
    let scratch = Scratch::new();
    let log = AuditLog::open(scratch.config()).unwrap();
    append(&log, 0..3);
    drop(log);
    let file = &scratch.segments()[0];
    let whole = fs::read(file).unwrap();
    fs::write(file, [&whole[..], b"{\"seq\":5,\"kind\":\"fini"].concat()).unwrap();
    drop(AuditLog::open(scratch.config()).unwrap());
    assert_eq!(fs::read(file).unwrap(), whole);
}

#[test]
fn a_directory_that_cannot_be_used_is_an_error() {
    let scratch = Scratch::new();
    fs::write(&scratch.0, "a file").unwrap();
    let error = AuditLog::open(scratch.config()).unwrap_err();
    assert!(!error.is_locked() && !error.is_damaged());
    assert!(
        error.to_string().starts_with("the audit log in "),
        "{error}"
    );
    fs::remove_file(&scratch.0).unwrap();
}

#[test]
fn other_files_beside_the_log_are_left_alone() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.0.join("access")).unwrap();
    fs::write(scratch.0.join("notes.txt"), "mine").unwrap();
    fs::write(scratch.0.join("audit-1.jsonl"), "mine").unwrap();
    let log = AuditLog::open(scratch.config()).unwrap();
    append(&log, 0..1);
    let access = AuditLog::open(LogConfig::new(scratch.0.join("access"))).unwrap();
    append(&access, 0..1);
    drop((log, access));
    assert_eq!(fs::read(scratch.0.join("audit-1.jsonl")).unwrap(), b"mine");
    assert_eq!(fs::read(scratch.0.join("notes.txt")).unwrap(), b"mine");
}
