//! The log as a whole, on a disk in memory that fails on command.

use std::{
    collections::BTreeMap,
    fs,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::*;
use crate::{
    chain::{Chain, Hash},
    config::Durability,
    format::{self, Cause, Line},
    keys::KeySource,
    segment::first_seq,
    storage::faulty::Faulty,
    time::Timestamp,
};

mod failures;
mod recovery;
mod retention;
mod rotation;
mod waiting;

/// A directory of its own for each test: the lock and the public key are in it.
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "fw-audit-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

/// Never a checkpoint or a sync by time alone, so that tests are not about how fast they run.
fn config(scratch: &Scratch) -> LogConfig {
    LogConfig::new(&scratch.0)
        .key(KeySource::Seed(Zeroizing::new([7; 32])))
        .checkpoint_interval(Duration::from_secs(3600))
        .durability(Durability::Batched {
            sync_within: Duration::from_secs(3600),
        })
}

fn open_on(config: LogConfig, disk: &Faulty) -> Result<AuditLog, OpenError> {
    AuditLog::start(open::open_in(config, Arc::new(disk.clone()))?)
}

fn append(log: &AuditLog, n: u64) -> Ticket {
    log.append(RecordKind::Finished, &json!({"n": n})).unwrap()
}

/// A line, read back.
#[derive(Clone, Debug)]
struct Read {
    file: String,
    seq: u64,
    kind: Kind,
    value: Value,
}

impl Read {
    fn n(&self) -> Option<u64> {
        self.value["n"].as_u64()
    }
}

/// All lines, after checking that they are as they were written, here and with what everybody has for that.
fn check(files: &BTreeMap<String, Vec<u8>>) -> Vec<Read> {
    let lines = read(files);
    let copy = Scratch::new();
    for (name, bytes) in files {
        fs::write(copy.0.join(name), bytes).unwrap();
    }
    let options = crate::VerifyOptions::new()
        .public_key(key().public_key())
        .threads(std::num::NonZero::<usize>::MIN);
    let verified = crate::verify(&copy.0, &options, |_| ()).unwrap();
    let records = lines.iter().filter(|line| line.kind.is_record());
    assert_eq!(verified.records(), records.count() as u64);
    lines
}

/// All lines, after checking by the documented rules, and nothing else, that they are as they were written.
fn read(files: &BTreeMap<String, Vec<u8>>) -> Vec<Read> {
    let mut lines: Vec<Read> = Vec::new();
    let mut chain: Option<Chain> = None;
    let mut before: Option<(String, Kind)> = None;
    let mut tombstone: Option<format::Tombstone> = None;
    let mut start = Chain::new(Default::default(), Hash::ZERO);
    for (name, bytes) in files.iter().filter(|(name, _)| first_seq(name).is_some()) {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(
            text.ends_with('\n'),
            "{name} has a last line that is not whole"
        );
        for (at, text) in text.lines().enumerate() {
            let line = Line::parse(text.as_bytes()).unwrap();
            assert_eq!(at == 0, line.kind() == Kind::Segment, "{name} {text}");
            if at == 0 {
                let header: format::Segment = line.read().unwrap();
                assert_eq!(first_seq(name), Some(line.seq()));
                if let Some((before, last)) = &before {
                    assert_eq!(header.previous.as_ref(), Some(before));
                    let sealed = *last == Kind::Seal;
                    assert!(
                        sealed || header.cause == Cause::Failure,
                        "{before} is not sealed"
                    );
                } else {
                    let head = Head {
                        seq: line.seq() - 1,
                        hash: header.previous_hash,
                    };
                    start = Chain::new(head, header.previous_hash);
                    chain = Some(start);
                }
            }
            let chain = chain.as_mut().unwrap();
            let previous = *chain.last();
            chain
                .check(&line)
                .unwrap_or_else(|e| panic!("{name}: {e}: {text}"));
            if line.kind().is_signed() {
                assert!(key().public_key().verify(&previous, &line), "{text}");
            }
            if line.kind() == Kind::Tombstone {
                tombstone = Some(line.read().unwrap());
            }
            before = Some((name.clone(), line.kind()));
            lines.push(Read {
                file: name.clone(),
                seq: line.seq(),
                kind: line.kind(),
                value: line.read().unwrap(),
            });
        }
    }
    if start.head().seq > 0 {
        let tombstone = tombstone.expect("files are missing, and nothing says why");
        assert!(tombstone.up_to >= start.head().seq);
        if tombstone.up_to == start.head().seq {
            assert_eq!(&tombstone.up_to_hash, start.last());
        }
    }
    lines
}

/// The records' own numbers, in their order.
fn records(lines: &[Read]) -> Vec<u64> {
    lines.iter().filter_map(Read::n).collect()
}

/// Waits for what another thread is about to do; a minute is never.
fn until(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        thread::yield_now();
    }
}

#[test]
fn what_is_appended_is_there_in_order_and_signed_at_the_end() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch), &disk).unwrap();
    let tickets: Vec<Ticket> = (0..100).map(|n| append(&log, n)).collect();
    drop(log);
    let lines = check(&disk.files());
    assert_eq!(records(&lines), (0..100).collect::<Vec<_>>());
    for (n, ticket) in tickets.iter().enumerate() {
        assert!(ticket.is_written() && ticket.is_synced());
        let line = lines.iter().find(|line| line.n() == Some(n as u64));
        assert_eq!(line.unwrap().seq, ticket.seq());
    }
    assert_eq!(lines.last().unwrap().kind, Kind::Checkpoint);
}

#[test]
fn a_checkpoint_comes_after_so_many_records_exactly() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch).checkpoint_every(10), &disk).unwrap();
    for n in 0..35 {
        append(&log, n);
    }
    drop(log);
    let lines = check(&disk.files());
    let checkpoints = lines.iter().filter(|line| line.kind == Kind::Checkpoint);
    let seqs: Vec<u64> = checkpoints.map(|line| line.seq).collect();
    assert_eq!(seqs, [11, 22, 33, 39]);
}

#[test]
fn a_checkpoint_comes_after_a_time_if_there_is_anything_new() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let config = config(&scratch).checkpoint_interval(Duration::from_millis(1));
    let log = open_on(config, &disk).unwrap();
    append(&log, 0);
    until("a checkpoint", || {
        read(&disk.files()).last().unwrap().kind == Kind::Checkpoint
    });
    append(&log, 1);
    until("another one", || read(&disk.files()).len() == 5);
}

#[test]
fn a_batch_is_one_write_and_one_sync() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch).durability(Durability::Sync), &disk).unwrap();
    let before = disk.tally();
    disk.fail(|faults| faults.hold = true);
    // The first is being written while the others come.
    append(&log, 0);
    until("the first is taken", || log.metrics().lag > Duration::ZERO);
    let tickets: Vec<Ticket> = (1..1001).map(|n| append(&log, n)).collect();
    disk.fail(|faults| faults.hold = false);
    for ticket in tickets {
        ticket.wait_synced().unwrap();
    }
    let after = disk.tally();
    assert!(after.writes - before.writes <= 2, "{after:?}");
    assert!(after.syncs - before.syncs <= 2, "{after:?}");
    assert_eq!(log.metrics().records, 1001);
}

#[test]
fn a_batched_log_is_synced_within_its_time() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let config = config(&scratch).durability(Durability::Batched {
        sync_within: Duration::from_millis(20),
    });
    let log = open_on(config, &disk).unwrap();
    append(&log, 0).wait_synced().unwrap();
    assert_eq!(records(&check(&disk.after_power_cut().files())), [0]);
}

#[test]
fn records_are_written_while_a_sync_goes_on() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let config = config(&scratch).durability(Durability::Batched {
        sync_within: Duration::ZERO,
    });
    let log = open_on(config, &disk).unwrap();
    disk.fail(|faults| faults.hold_syncs = true);
    let syncs = disk.tally().syncs;
    let first = append(&log, 0);
    until("a sync goes on", || disk.tally().syncs > syncs);
    let second = append(&log, 1);
    second.wait_written().unwrap();
    assert!(!first.is_synced());
    disk.fail(|faults| faults.hold_syncs = false);
    first.wait_synced().unwrap();
    second.wait_synced().unwrap();
    assert_eq!(records(&check(&disk.after_power_cut().files())), [0, 1]);
}

#[test]
fn a_synced_record_survives_a_power_cut_and_is_the_head() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch).durability(Durability::Sync), &disk).unwrap();
    let ticket = append(&log, 0);
    ticket.wait_synced().unwrap();
    let lines = check(&disk.after_power_cut().files());
    assert_eq!(records(&lines), [0]);
    let hash = lines.last().unwrap().value["hash"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(log.head().seq, ticket.seq());
    assert_eq!(log.head().hash.to_string(), hash);
}

#[test]
fn a_clock_that_goes_back_changes_no_order() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let micros = Arc::new(AtomicU64::new(2_000_000_000_000_000));
    let clock = micros.clone();
    let config = config(&scratch)
        .checkpoint_every(1)
        .segment_age(Duration::from_secs(60))
        .retention(Some(Duration::from_secs(60)))
        .clock(move || Timestamp::from_micros(clock.load(Relaxed)));
    let log = open_on(config, &disk).unwrap();
    for n in 0..10 {
        append(&log, n).wait_written().unwrap();
        micros.fetch_sub(86_400_000_000, Relaxed);
    }
    drop(log);
    let lines = check(&disk.files());
    assert_eq!(records(&lines), (0..10).collect::<Vec<_>>());
    assert!(lines.iter().all(|line| line.file == lines[0].file));
}

#[test]
fn what_cannot_be_encoded_is_recorded_as_such() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch), &disk).unwrap();
    let no_text = BTreeMap::from([(vec![1], 1)]);
    log.append(RecordKind::Finished, &no_text).unwrap();
    log.append(RecordKind::Finished, &"text").unwrap();
    log.append(RecordKind::Finished, &json!({})).unwrap();
    let lines = "{\n \"a\":\r\n \"b\\n\"\n}";
    let raw: Box<serde_json::value::RawValue> = serde_json::from_str(lines).unwrap();
    log.append(RecordKind::Finished, &raw).unwrap();
    drop(log);
    let lines = check(&disk.files());
    assert_eq!(lines[1].value["unencodable"], "key must be a string");
    assert_eq!(lines[2].value["unencodable"], "not an object");
    assert_eq!(lines[3].value.as_object().unwrap().len(), 3);
    assert_eq!(lines[4].value["a"], "b\n");
}

#[test]
fn what_no_reader_would_take_is_not_written() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch).queue_bytes(usize::MAX), &disk).unwrap();
    let text = "x".repeat(MAX_LINE_BYTES);
    log.append(RecordKind::Finished, &json!({"text": text}))
        .unwrap();
    let rest = MAX_LINE_BYTES - 2000;
    log.append(RecordKind::Finished, &json!({"text": text[..rest]}))
        .unwrap();
    drop(log);
    let lines = check(&disk.files());
    assert_eq!(lines[1].value["unencodable"], "too long");
    assert_eq!(lines[2].value["text"].as_str().unwrap().len(), rest);
}
