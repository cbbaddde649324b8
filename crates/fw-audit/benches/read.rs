//! How fast a log of a million records is verified, searched and summed. Run with
//! `cargo bench -p fw-audit --bench read`; it needs 1.4 GB of disk where `TMPDIR` is, and what it measures
//! is read from the system's cache where that holds it. `RECORDS` sets another number.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use fw_audit::{
    AuditLog, Kind, LogConfig, Query, RecordKind, Segments, Stats, Timestamp, VerifyOptions, verify,
};
use serde_json::json;

fn main() {
    divan::main();
    let _ = fs::remove_dir_all(path());
}

fn records() -> u64 {
    let records = std::env::var("RECORDS").ok();
    records.map_or(1_000_000, |records| records.parse().unwrap())
}

fn path() -> PathBuf {
    std::env::temp_dir().join(format!("fw-audit-read-{}", std::process::id()))
}

/// A log of finished requests: a second apart, 20 models, 1,000 clients, one in a hundred blocked.
fn log() -> &'static Path {
    static LOG: OnceLock<PathBuf> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = AuditLog::open(LogConfig::new(path())).unwrap();
        for number in 0..records() {
            let blocked = number % 100 == 37;
            let outcome = if blocked { "block" } else { "allow" };
            let digest = |of: u64| blake3::hash(&of.to_le_bytes()).to_hex().to_string();
            let record = json!({
                "time": Timestamp::from_micros(1_795_000_000_000_000 + number * 1_000_000),
                "accepted": number + 1, "request_id": &digest(number)[..32],
                "trace_id": &digest(number + 1)[..32],
                "client": format!("digest:{}", &digest(number % 1000)[..32]),
                "endpoint": "chat_completions",
                "model": format!("accounts/fireworks/models/model-{}", number % 20),
                "model_served": format!("accounts/fireworks/models/model-{}", number % 20),
                "target": "fireworks", "attempts": [{"target": "fireworks", "ms": 512.25}],
                "verdict": outcome,
                "policies": [
                    {"policy": "prompt-injection", "phase": "request", "outcome": outcome, "us": 18},
                    {"policy": "pii-detector", "phase": "request", "outcome": "allow", "us": 31},
                ],
                "tokens": {"prompt": 812, "cached": 0, "completion": 133}, "cost_usd": 0.000_851,
                "ttft_ms": 312.5, "total_ms": 1832.125, "status": 200, "end": "complete",
                "bytes": 3811, "reply_bytes": 1811, "prompt": digest(number), "reply": digest(number + 1),
                "config": {"name": "production", "version": "1.4.0", "digest": digest(7)},
            });
            while log.append(RecordKind::Finished, &record).is_err() {
                std::thread::yield_now();
            }
        }
        drop(log);
        // Indexes are made once.
        let found = Query::new().request_id("none").run(&path()).unwrap();
        assert_eq!(found.count(), 0);
        path()
    })
}

#[divan::bench(args = [1, 2], sample_count = 5)]
fn verified(bencher: Bencher<'_, '_>, threads: usize) {
    let directory = log();
    let bytes = Segments::list(directory).unwrap().bytes();
    let options = VerifyOptions::new().threads(NonZero::new(threads).unwrap());
    bencher
        .counter(BytesCount::new(bytes))
        .bench_local(|| verify(directory, &options, |_| ()).unwrap());
}

fn found(bencher: Bencher<'_, '_>, query: &Query) {
    let directory = log();
    bencher
        .counter(ItemsCount::new(records()))
        .bench_local(|| query.run(directory).unwrap().count());
}

/// One request of all.
#[divan::bench(sample_count = 10)]
fn query_by_request_id(bencher: Bencher<'_, '_>) {
    let hash = blake3::hash(&123_u64.to_le_bytes()).to_hex();
    found(bencher, &Query::new().request_id(&hash.as_str()[..32]));
}

/// An hour.
#[divan::bench(sample_count = 10)]
fn query_by_time(bencher: Bencher<'_, '_>) {
    let since = 1_795_000_000_000_000 + 400_000_000_000;
    let query = Query::new()
        .since(Timestamp::from_micros(since))
        .until(Timestamp::from_micros(since + 3_600_000_000));
    found(bencher, &query);
}

/// One in a hundred, all over the log.
#[divan::bench(sample_count = 10)]
fn query_by_verdict(bencher: Bencher<'_, '_>) {
    found(bencher, &Query::new().verdict("block"));
}

/// One in twenty thousand.
#[divan::bench(sample_count = 10)]
fn query_by_client_and_model(bencher: Bencher<'_, '_>) {
    let hash = blake3::hash(&7_u64.to_le_bytes()).to_hex();
    let client = format!("digest:{}", &hash.as_str()[..32]);
    found(bencher, &Query::new().client(client).model("model-7"));
}

/// Without an index: every line is read.
#[divan::bench(sample_count = 2, sample_size = 1)]
fn query_by_verdict_scanning(bencher: Bencher<'_, '_>) {
    found(bencher, &Query::new().verdict("block").scan());
}

/// Every record.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn query_of_all(bencher: Bencher<'_, '_>) {
    found(bencher, &Query::new().kind(Kind::Finished));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn sums(bencher: Bencher<'_, '_>) {
    let directory = log();
    bencher
        .counter(ItemsCount::new(records()))
        .bench_local(|| Stats::of(directory, &Query::new()).unwrap());
}
