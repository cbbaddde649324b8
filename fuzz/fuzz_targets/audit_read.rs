//! Any bytes are lines or not, the same in any portions; and of a log whose bytes were changed, verification
//! finds the change, and queries end without a panic.
//!
//! The first byte says how many bytes after it are lengths of portions; the rest are a file of a log where
//! it begins with `{`, and changes to one otherwise: a place (two bytes) and a byte to put there, each.

#![no_main]

use std::fs;
use std::io::{self, Read};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::LazyLock;

use fw_audit::{
    AuditLog, KeySource, LogConfig, Query, Reader, RecordKind, Segments, Stats, VerifyOptions,
    verify,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((count, input)) = input.split_first() else {
        return;
    };
    let (portions, bytes) = input.split_at(usize::from(*count % 16).min(input.len()));
    lines(bytes, portions);

    let (name, whole) = &*LOG;
    let changed = if bytes.starts_with(b"{") {
        bytes.to_vec()
    } else {
        let mut changed = whole.clone();
        for change in bytes.chunks_exact(3) {
            let at = usize::from(u16::from_le_bytes([change[0], change[1]]));
            let at = at % changed.len();
            changed[at] = change[2];
        }
        changed
    };
    fs::write(directory().join(name), &changed).expect("the disk is no part of this");
    let options = VerifyOptions::new().threads(NonZero::<usize>::MIN);
    let verified = verify(&directory(), &options, |_| ());
    // All that may be is an end that was cut off.
    let kept = changed
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    assert!(
        verified.is_err() || whole.starts_with(&changed[..kept]),
        "{verified:?}"
    );
    assert!(verified.is_ok() || changed != *whole, "{verified:?}");

    for query in [
        Query::new(),
        Query::new().policy("p").newest_first(),
        Query::new().unfinished(),
    ] {
        let found = query
            .run(&directory())
            .map(|records| records.filter(Result::is_ok).count());
        let scanned = query
            .scan()
            .run(&directory())
            .map(|records| records.filter(Result::is_ok).count());
        assert_eq!(found.ok(), scanned.ok());
    }
    let _ = Stats::of(&directory(), &Query::new());
    let _ = Segments::list(&directory()).and_then(|segments| segments.head());
});

fn lines(bytes: &[u8], portions: &[u8]) {
    let mut expected: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let torn = expected.pop().unwrap_or_default();
    let mut reader = Reader::new(Portions(bytes, portions));
    for line in expected {
        let found = reader.next_line().expect("it can be read").expect("a line");
        assert_eq!(found.bytes(), line);
        if let Ok(parsed) = found.parse() {
            assert!(line.starts_with(parsed.body()));
        }
    }
    assert!(reader.next_line().expect("it can be read").is_none());
    assert_eq!(reader.torn(), torn.len() as u64);
}

/// Gives bytes in portions of these lengths.
struct Portions<'a>(&'a [u8], &'a [u8]);

impl Read for Portions<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = match self.1.split_first() {
            Some((length, rest)) => {
                self.1 = rest;
                usize::from(*length).max(1)
            }
            None => usize::MAX,
        };
        let length = length.min(self.0.len()).min(buffer.len());
        let (portion, rest) = self.0.split_at(length);
        buffer[..length].copy_from_slice(portion);
        self.0 = rest;
        Ok(length)
    }
}

fn directory() -> PathBuf {
    std::env::temp_dir().join(format!("fw-fuzz-audit-read-{}", std::process::id()))
}

/// The name and the bytes of the only file of a small log.
static LOG: LazyLock<(String, Vec<u8>)> = LazyLock::new(|| {
    let _ = fs::remove_dir_all(directory());
    let config = LogConfig::new(directory()).key(KeySource::Seed([7; 32].into()));
    let log = AuditLog::open(config.checkpoint_every(3)).expect("a new log opens");
    for number in 0..5 {
        let record = serde_json::json!({
            "time": "2026-11-21T17:46:14.000123Z", "request_id": number.to_string(),
            "policies": [{"policy": "p", "outcome": "block"}],
        });
        log.append(RecordKind::Finished, &record)
            .expect("there is room");
    }
    drop(log);
    let segments = Segments::list(&directory()).expect("it was made");
    let segment = segments.last().expect("a file was begun");
    let bytes = fs::read(segment.path()).expect("it was written");
    (segment.name().to_owned(), bytes)
});
