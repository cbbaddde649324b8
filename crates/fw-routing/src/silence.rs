//! Answers that are overdue.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use crate::clock::{Ticks, seconds};

/// How long a target has been silent while an answer of it is waited for.
///
/// Each request that is waited for has waited at least this long, or is younger than the last answer. So it tells of a
/// target that hangs long before the first deadline passes.
#[derive(Debug, Default)]
pub(crate) struct Silence {
    waiting: AtomicU32,
    since: AtomicU64,
}

impl Silence {
    /// One more answer is waited for.
    pub(crate) fn wait(&self, now: Ticks) {
        if self.waiting.fetch_add(1, Relaxed) == 0 {
            self.since.store(now, Relaxed);
        }
    }

    /// One of the answers has begun.
    pub(crate) fn answered(&self, now: Ticks) {
        self.since.store(now, Relaxed);
        self.given_up();
    }

    /// One of the answers is not waited for any more.
    pub(crate) fn given_up(&self) {
        self.waiting.fetch_sub(1, Relaxed);
    }

    /// In seconds; zero when no answer is waited for.
    pub(crate) fn value(&self, now: Ticks) -> f64 {
        if self.waiting.load(Relaxed) == 0 {
            return 0.0;
        }
        seconds(self.since.load(Relaxed), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn it_lasts_while_an_answer_is_waited_for() {
        let silence = Silence::default();
        assert_eq!(silence.value(9 * SECOND), 0.0);
        silence.wait(10 * SECOND);
        silence.wait(11 * SECOND);
        assert_eq!(silence.value(12 * SECOND), 2.0);
        silence.answered(12 * SECOND);
        assert_eq!(silence.value(15 * SECOND), 3.0);
        silence.given_up();
        assert_eq!(silence.value(16 * SECOND), 0.0);
        silence.wait(20 * SECOND);
        assert_eq!(silence.value(21 * SECOND), 1.0);
    }
}
