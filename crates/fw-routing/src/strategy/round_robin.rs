use super::{Candidates, Strategy, turn::Turn};

/// Each target in turn, whatever its weight.
///
/// Choose it when all targets are alike and requests are, too. Those that are not ready lose their turn, and
/// the others keep equal shares. It costs one atomic addition and a look at one target.
#[derive(Debug, Default)]
pub struct RoundRobin {
    first: Turn,
    // Second attempts count for themselves: otherwise, of two targets one of which fails, the same one would be
    // tried first each time.
    again: Turn,
}

impl RoundRobin {
    /// Beginning with the first target.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Strategy for RoundRobin {
    fn name(&self) -> &'static str {
        "round_robin"
    }

    fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
        let turn = if candidates.is_retry() {
            &self.again
        } else {
            &self.first
        };
        turn.next(candidates)
    }
}
