use super::{Candidate, Candidates, Strategy, eighths, explore::Explore, turn::Turn};

/// The target that writes most tokens per second, from the first content to the end.
///
/// Choose it for long answers, batch work and agents, where the whole answer counts and not its beginning.
/// A target's rate counts only for the part of its requests that do not fail. Rates that differ by less than
/// about a tenth count as the same, and the fewest requests in flight decide.
///
/// Targets without a rate are tried first, one request at a time, unless they fail. One request in a hundred
/// goes to any target that is ready. A pick costs a look at each target.
#[derive(Debug)]
pub struct HighestThroughput {
    explore: Explore,
    turn: Turn,
}

impl HighestThroughput {
    /// Explores with one request in a hundred.
    #[must_use]
    pub fn new() -> Self {
        Self {
            explore: Explore::new(0.01),
            turn: Turn::default(),
        }
    }

    /// The share of requests, 0 to 1, that go to any target. Default 0.01.
    #[must_use]
    pub const fn explore(mut self, share: f64) -> Self {
        self.explore.share(share);
        self
    }

    /// A seed for exploration, for picks that can be repeated.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.explore.seed(seed);
        self
    }
}

impl Default for HighestThroughput {
    fn default() -> Self {
        Self::new()
    }
}

/// The time that a token takes, failures included.
fn cost(candidate: &Candidate<'_>) -> (u64, u32) {
    let stats = candidate.stats();
    let success = 1.0 - stats.error_ratio(candidate.now());
    let in_flight = stats.in_flight();
    let rank = match stats.throughput() {
        Some(rate) => eighths(1.0 / (rate * success).max(f64::MIN_POSITIVE)),
        None if in_flight == 0 && success > 0.5 => 0,
        None => u64::MAX,
    };
    (rank, in_flight)
}

impl Strategy for HighestThroughput {
    fn name(&self) -> &'static str {
        "highest_throughput"
    }

    fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
        self.explore
            .pick(candidates)
            .or_else(|| self.turn.lowest(candidates, cost))
    }
}
