//! How long it takes to make a detector: `cargo bench -p fw-policy-pii --bench construction`.
//!
//! The first detector of a process also builds what all of them share.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::time::Instant;

use divan::Bencher;
use fw_policy_pii::{Detector, PiiConfig};

fn main() {
    let start = Instant::now();
    let detector = Detector::new(&PiiConfig::new()).unwrap();
    let found = detector.redact("to ann@example.org, password = \"hunter2hunter2\"");
    eprintln!(
        "the first, with its first text: {:?} ({} found)",
        start.elapsed(),
        found.detections.len()
    );
    divan::main();
}

#[divan::bench]
fn defaults(bencher: Bencher<'_, '_>) {
    bencher.bench(|| Detector::new(&PiiConfig::new()).unwrap());
}

#[divan::bench]
fn ten_patterns(bencher: Bencher<'_, '_>) {
    let config = (0..10).fold(PiiConfig::new(), |config, number| {
        config.detect_pattern(format!(r"\bID{number}-[A-Z]{{2,4}}-\d{{4,12}}\b"))
    });
    bencher.bench(|| Detector::new(&config).unwrap());
}
