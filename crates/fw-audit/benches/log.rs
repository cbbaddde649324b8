//! What a record costs where it is made, and how many a second get to the disk, one after another or with
//! many that wait. Run with `cargo bench -p fw-audit --bench log`; `TMPDIR` says on which disk.

#![allow(missing_docs, clippy::unwrap_used)]

use std::{
    path::PathBuf,
    process,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    thread,
    time::Duration,
};

use divan::{Bencher, counter::ItemsCount};
use fw_audit::{AuditLog, Durability, LogConfig, RecordKind, Ticket};
use serde_json::value::RawValue;

fn main() {
    divan::main();
}

/// What is recorded of a usual request: 12 members, 600 bytes.
#[derive(serde::Serialize)]
struct Record {
    time: &'static str,
    accepted: u64,
    request_id: &'static str,
    client: &'static str,
    endpoint: &'static str,
    model: &'static str,
    target: &'static str,
    verdict: &'static str,
    policies: Box<RawValue>,
    status: u16,
    total_ms: f64,
    prompt: &'static str,
    reply: &'static str,
}

fn record() -> Record {
    let policies = r#"[{"policy":"pii-redaction","phase":"input","outcome":"redact","findings":{"EMAIL":2},"us":31},{"policy":"pii-redaction","phase":"output","outcome":"allow","us":12}]"#;
    Record {
        time: "2026-11-21T17:46:14.000123Z",
        accepted: 123_456,
        request_id: "0f8b2e0c6a3d4b7d9d0f1a2b3c4d5e6f",
        client: "digest:8f14e45fceea167a5a36dedd4bea2543",
        endpoint: "chat_completions",
        model: "accounts/fireworks/models/llama-v3p1-70b-instruct",
        target: "fireworks",
        verdict: "redact",
        policies: RawValue::from_string(policies.into()).unwrap(),
        status: 200,
        total_ms: 812.25,
        prompt: "digest:45c48cce2e2d7fbdea1afc51c7c6ad26",
        reply: "digest:d3d9446802a44259755d38e6d163e820",
    }
}

/// A log in a directory of its own, which goes with it.
struct Bench {
    log: Option<AuditLog>,
    directory: PathBuf,
}

impl Bench {
    fn new(durability: Durability) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "fw-audit-bench-{}-{}",
            process::id(),
            NEXT.fetch_add(1, Relaxed)
        );
        let directory = std::env::temp_dir().join(name);
        let config = LogConfig::new(&directory)
            .durability(durability)
            .queue(1 << 17)
            .queue_bytes(1 << 30);
        Self {
            log: Some(AuditLog::open(config).unwrap()),
            directory,
        }
    }

    fn log(&self) -> &AuditLog {
        self.log.as_ref().unwrap()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        drop(self.log.take());
        std::fs::remove_dir_all(&self.directory).unwrap();
    }
}

fn append(log: &AuditLog, record: &Record) -> Ticket {
    loop {
        match log.append(RecordKind::Finished, record) {
            Ok(ticket) => return ticket,
            Err(_) => thread::yield_now(),
        }
    }
}

/// One record, where it is made, while the writer has the others in hand.
#[divan::bench(sample_count = 200, sample_size = 500)]
fn append_one(bencher: Bencher<'_, '_>) {
    let bench = Bench::new(Durability::default());
    let record = record();
    bencher.bench_local(|| append(bench.log(), &record));
}

/// One record after another, each when the one before is written: the writer sleeps in between.
#[divan::bench(sample_count = 100, sample_size = 100)]
fn append_and_wait(bencher: Bencher<'_, '_>) {
    let bench = Bench::new(Durability::default());
    let record = record();
    bencher.bench_local(|| append(bench.log(), &record).wait_written());
}

/// 100,000 records until the last one is on the disk.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn batched(bencher: Bencher<'_, '_>) {
    const RECORDS: u64 = 100_000;
    let record = record();
    let sync_within = Duration::from_millis(100);
    bencher
        .counter(ItemsCount::new(RECORDS))
        .with_inputs(|| Bench::new(Durability::Batched { sync_within }))
        .bench_local_values(|bench| {
            let mut last = None;
            for _ in 0..RECORDS {
                last = Some(append(bench.log(), &record));
            }
            last.map(|last| last.wait_synced()).unwrap().unwrap();
            bench
        });
}

/// Records that are on the disk before the next one comes, from so many threads.
#[divan::bench(sample_count = 5, sample_size = 1, args = [1, 16, 128])]
fn sync(bencher: Bencher<'_, '_>, threads: u64) {
    const EACH: u64 = 20;
    bencher
        .counter(ItemsCount::new(EACH * threads))
        .with_inputs(|| Bench::new(Durability::Sync))
        .bench_local_values(|bench| {
            thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        let record = record();
                        for _ in 0..EACH {
                            append(bench.log(), &record).wait_synced().unwrap();
                        }
                    });
                }
            });
            bench
        });
}
