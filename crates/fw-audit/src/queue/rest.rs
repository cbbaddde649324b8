//! How the writer's thread rests.

use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};

use super::{Queue, lock, state::Rest};

/// How long a record may wait that nobody waits for, while others come. A thread that is woken for each of
/// them costs more than writing it.
const NAP: Duration = Duration::from_millis(10);

impl Queue {
    /// Waits until there is something for the thread to do: somebody waits for what nobody else writes, a nap
    /// is over, the queue is closed, a checkpoint is due, or `until`.
    pub(crate) fn wait(&self, until: Instant) {
        let mut state = lock(&self.state);
        let mut nap = None;
        while !state.is_urgent(self.limits.nap) && !self.is_wanted() {
            let now = Instant::now();
            let due = state
                .unsigned_since
                .and_then(|since| since.checked_add(self.limits.checkpoint_interval))
                .map_or(until, |due| due.min(until));
            let comes = state.next_seq != state.looked;
            let due = if comes {
                due.min(*nap.get_or_insert(now + NAP))
            } else {
                due
            };
            if due <= now {
                break;
            }
            state.rest = if comes { Rest::Nap } else { Rest::Asleep };
            let rested = self.wake.wait_timeout(state, due - now);
            state = rested.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.rest = Rest::Awake;
        state.nudged = false;
        state.looked = state.next_seq;
    }

    /// Ends the thread's rest, or has it look again before the next one.
    pub(crate) fn nudge(&self) {
        let mut state = lock(&self.state);
        state.nudged = true;
        self.wake(state);
    }

    /// Waits until the queue is closed, or `until`.
    pub(crate) fn wait_closed(&self, until: Instant) {
        let mut state = lock(&self.state);
        while !state.closed {
            let now = Instant::now();
            if until <= now {
                break;
            }
            let slept = self.wake.wait_timeout(state, until - now);
            state = slept.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
