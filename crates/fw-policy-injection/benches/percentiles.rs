//! How long one text of 1 KiB takes, from the median to the slow end:
//! `cargo bench -p fw-policy-injection --bench percentiles`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod texts;

use std::hint::black_box;
use std::time::{Duration, Instant};

use fw_policy_injection::{Channel, Detector, InjectionConfig};
use texts::{KINDS, text};

/// How often each text is looked at.
const RUNS: usize = 4000;

fn main() {
    // `cargo bench -- --test` only asks whether it runs.
    let runs = if std::env::args().any(|argument| argument == "--test") {
        10
    } else {
        RUNS
    };
    let start = Instant::now();
    let detector = Detector::new(&InjectionConfig::new()).unwrap();
    println!(
        "the first detector, weights included: {:?}",
        start.elapsed()
    );
    for kind in KINDS {
        let text = text(kind, 1024);
        let mut times: Vec<Duration> = (0..runs)
            .map(|_| {
                let start = Instant::now();
                black_box(detector.scan(black_box(&text), Channel::User));
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        println!("{kind:?}: p50 {:?}, p99 {:?}", at(0.5), at(0.99));
    }
}
