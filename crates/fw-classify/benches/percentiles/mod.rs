//! How long one text of 1 KiB takes, from the median to the slow end.

use std::time::{Duration, Instant};

use crate::texts::{KINDS, text};

/// How often each text is looked at.
const RUNS: usize = 4000;

/// Makes a detector, and prints what it takes to make one and to look at a text of each kind.
pub(crate) fn percentiles<D>(detector: impl FnOnce() -> D, look_at: impl Fn(&D, &str)) {
    // `cargo bench -- --test` only asks whether it runs.
    let runs = if std::env::args().any(|argument| argument == "--test") {
        10
    } else {
        RUNS
    };
    let start = Instant::now();
    let detector = detector();
    println!(
        "the first detector, weights included: {:?}",
        start.elapsed()
    );
    for kind in KINDS {
        let text = text(kind, 1024);
        let mut times: Vec<Duration> = (0..runs)
            .map(|_| {
                let start = Instant::now();
                look_at(&detector, &text);
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        println!("{kind:?}: p50 {:?}, p99 {:?}", at(0.5), at(0.99));
    }
}
