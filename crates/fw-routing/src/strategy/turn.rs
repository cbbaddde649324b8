//! Whose turn it is.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::{Candidate, Candidates};

/// A position in the ring of members.
#[derive(Debug, Default)]
pub(super) struct Turn(AtomicUsize);

impl Turn {
    /// A number that is one higher each time.
    pub(super) fn advance(&self) -> usize {
        self.0.fetch_add(1, Relaxed)
    }

    /// The next one that is ready.
    pub(super) fn next(&self, candidates: &Candidates<'_>) -> Option<usize> {
        let taken = (0..candidates.len())
            .map(|_| self.advance() % candidates.len())
            .find(|position| candidates.is_ready(*position));
        // Other threads may have taken the turns of those that are ready.
        taken.or_else(|| {
            candidates
                .ready()
                .next()
                .map(|candidate| candidate.position())
        })
    }

    /// The one of the lowest cost. Among equals the turn goes round.
    pub(super) fn lowest<K: PartialOrd>(
        &self,
        candidates: &Candidates<'_>,
        cost: impl Fn(&Candidate<'_>) -> K,
    ) -> Option<usize> {
        let mut lowest: Option<(usize, K)> = None;
        for candidate in candidates.ready_from(self.0.load(Relaxed)) {
            let cost = cost(&candidate);
            if lowest.as_ref().is_none_or(|(_, lowest)| cost < *lowest) {
                lowest = Some((candidate.position(), cost));
            }
        }
        let (position, _) = lowest?;
        self.0.store(position + 1, Relaxed);
        Some(position)
    }
}
