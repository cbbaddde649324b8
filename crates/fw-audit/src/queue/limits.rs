//! How much of what, by the configuration.

use std::time::Duration;

use crate::config::LogConfig;

/// As many records wake the writer's thread at most.
const MANY: usize = 256;

/// What is small enough to be written by one who waits for it, in bytes.
pub(super) const SMALL: usize = 64 * 1024;

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) records: usize,
    pub(super) bytes: usize,
    pub(super) checkpoint_every: u64,
    pub(super) checkpoint_interval: Duration,
    pub(super) segment_bytes: u64,
    /// As many records are not left to wait for a nap's end.
    pub(super) nap: usize,
}

impl Limits {
    pub(super) fn of(config: &LogConfig) -> Self {
        Self {
            records: config.queue,
            bytes: config.queue_bytes,
            checkpoint_every: config.checkpoint_every,
            checkpoint_interval: config.checkpoint_interval,
            segment_bytes: config.segment_bytes,
            nap: MANY.min(config.queue / 2),
        }
    }
}
