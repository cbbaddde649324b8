//! What a log tells about itself.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use crate::chain::Head;

/// Upper bounds of the buckets for the time that a commit takes, in microseconds.
const BOUNDS: [u64; 12] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 2_500_000,
];

/// Numbers since the log was opened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LogMetrics {
    /// Records that wait to be written.
    pub queue_depth: u64,
    /// Places that are reserved for records to come.
    pub reserved: u64,
    /// Records written, the log's own lines not among them.
    pub records: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Batches written.
    pub commits: u64,
    /// Times that a file was synced to the disk.
    pub syncs: u64,
    /// Files begun.
    pub segments: u64,
    /// Failed writes and syncs.
    pub failures: u64,
    /// Records that were not taken, and counted as such.
    pub dropped: u64,
    /// Requests that were refused, and replies that were broken off, because they could not be recorded.
    pub refused: u64,
    /// How long commits took, from taking the records to their being written or synced.
    pub commit_seconds: Histogram,
    /// How long the oldest record has been waiting that is not written.
    pub lag: Duration,
    /// The last record that is on the disk: for anchoring elsewhere.
    pub head: Head,
    /// Whether the log can be written to.
    pub healthy: bool,
}

/// A count of times by how long they were, as Prometheus has it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Histogram {
    /// All times together, in seconds.
    pub sum: f64,
    /// How many there were.
    pub count: u64,
    /// Upper bounds in seconds, and how many were at most that long.
    pub buckets: Vec<(f64, u64)>,
}

/// What the writer counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) records: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) syncs: AtomicU64,
    pub(crate) segments: AtomicU64,
    pub(crate) failures: AtomicU64,
    pub(crate) refused: AtomicU64,
    micros: AtomicU64,
    buckets: [AtomicU64; BOUNDS.len() + 1],
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Relaxed);
    }

    pub(crate) fn commit(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.partition_point(|bound| *bound < micros);
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.micros.fetch_add(micros, Relaxed);
    }

    pub(crate) fn commit_seconds(&self) -> Histogram {
        let mut count = 0;
        let mut buckets = Vec::with_capacity(BOUNDS.len());
        for (bound, bucket) in BOUNDS.iter().zip(&self.buckets) {
            count += bucket.load(Relaxed);
            buckets.push((*bound as f64 / 1e6, count));
        }
        Histogram {
            sum: self.micros.load(Relaxed) as f64 / 1e6,
            count: count + self.buckets[BOUNDS.len()].load(Relaxed),
            buckets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_count_what_is_at_most_as_long() {
        let counters = Counters::default();
        for micros in [50, 51, 1_000, 9_000_000] {
            counters.commit(Duration::from_micros(micros));
        }
        let histogram = counters.commit_seconds();
        assert_eq!(histogram.count, 4);
        assert_eq!(histogram.buckets[0], (0.000_05, 1));
        assert_eq!(histogram.buckets[1], (0.000_1, 2));
        assert_eq!(histogram.buckets.last(), Some(&(2.5, 3)));
        assert!((histogram.sum - 9.001_101).abs() < 1e-9);
    }
}
