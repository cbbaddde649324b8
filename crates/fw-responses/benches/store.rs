//! What keeping and finding responses costs: `cargo bench -p fw-responses`.

#![allow(clippy::unwrap_used)]

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use divan::{Bencher, black_box};
use fw_responses::{ListQuery, Owner, ResponseStore, ResponsesConfig, Turn};

fn main() {
    divan::main();
}

static NEXT: AtomicU64 = AtomicU64::new(0);

fn id() -> String {
    format!("resp_fw{:032x}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Keeps a response of `bytes` that goes on from another. Gives its id.
fn put(store: &ResponseStore, previous: Option<&str>, bytes: usize) -> String {
    let (id, text) = (id(), "x".repeat(bytes));
    let turn = Turn {
        id: &id,
        previous,
        json: text.as_bytes(),
        input: vec![&text],
        output: vec![&text],
    };
    store.put(Owner::new("k"), &turn).unwrap();
    id
}

/// A store with 1,000 responses of 2 KB in one conversation. Gives the last id.
fn full(store: &ResponseStore) -> String {
    let first = put(store, None, 2048);
    (1..1000).fold(first, |last, _| put(store, Some(&last), 2048))
}

fn path() -> PathBuf {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("fw-responses-{}-{number}", std::process::id()))
}

#[divan::bench(args = [1024, 16 * 1024])]
fn put_in_memory(bencher: Bencher<'_, '_>, bytes: usize) {
    let store = ResponseStore::in_memory().unwrap();
    full(&store);
    bencher.bench_local(|| put(&store, None, bytes));
}

#[divan::bench(args = [1024, 16 * 1024])]
fn put_in_a_file(bencher: Bencher<'_, '_>, bytes: usize) {
    let path = path();
    let mut config = ResponsesConfig::default();
    config.path = Some(path.clone());
    let store = ResponseStore::open(&config).unwrap();
    full(&store);
    bencher.bench_local(|| put(&store, None, bytes));
    drop(store);
    std::fs::remove_file(path).unwrap();
}

#[divan::bench]
fn sync_a_file(bencher: Bencher<'_, '_>) {
    let path = path();
    let mut config = ResponsesConfig::default();
    config.path = Some(path.clone());
    let store = ResponseStore::open(&config).unwrap();
    bencher
        .with_inputs(|| put(&store, None, 16 * 1024))
        .bench_local_values(|_| store.sync().unwrap());
    drop(store);
    std::fs::remove_file(path).unwrap();
}

#[divan::bench]
fn find(bencher: Bencher<'_, '_>) {
    let store = ResponseStore::in_memory().unwrap();
    let id = full(&store);
    bencher.bench_local(|| store.find(Owner::new("k"), black_box(&id)).unwrap());
}

#[divan::bench]
fn list_twenty(bencher: Bencher<'_, '_>) {
    let store = ResponseStore::in_memory().unwrap();
    full(&store);
    bencher.bench_local(|| store.list(Owner::new("k"), &ListQuery::default()).unwrap());
}

#[divan::bench(args = [1, 10, 100, 1000])]
fn history_of_turns(bencher: Bencher<'_, '_>, turns: usize) {
    let store = ResponseStore::in_memory().unwrap();
    let first = put(&store, None, 2048);
    let last = (1..turns).fold(first, |last, _| put(&store, Some(&last), 2048));
    bencher.bench_local(|| store.history(Owner::new("k"), black_box(&last)).unwrap());
}
