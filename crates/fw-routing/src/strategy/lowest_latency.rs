use super::{Candidate, Candidates, Strategy, eighths, explore::Explore, turn::Turn};

/// The target with the shortest time to the first content.
///
/// That time is a moving average that rises at once and falls slowly; a failure counts as a long time, so a
/// target that fails fast never looks fast. Times that differ by less than about a tenth count as the same, and
/// the fewest requests in flight decide, so that near-equals share the load.
///
/// Targets with fewer than `min_samples` successes in the window are tried first, in turn, unless they fail.
/// One request in a hundred goes to any target that is ready, lest a target that was slow is never measured
/// again.
///
/// Choose it when answers should begin soon and the fastest target can take all requests; else choose
/// [`Adaptive`](super::Adaptive). A pick costs a look at each target.
#[derive(Debug)]
pub struct LowestLatency {
    min_samples: u32,
    explore: Explore,
    turn: Turn,
}

impl LowestLatency {
    /// Ranks after one success, explores with one request in a hundred.
    #[must_use]
    pub fn new() -> Self {
        Self {
            min_samples: 1,
            explore: Explore::new(0.01),
            turn: Turn::default(),
        }
    }

    /// How many successes in the window a target must have to be ranked. Default 1.
    #[must_use]
    pub const fn min_samples(mut self, samples: u32) -> Self {
        self.min_samples = samples;
        self
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

    fn cost(&self, candidate: &Candidate<'_>) -> (u64, u32) {
        let stats = candidate.stats();
        let now = candidate.ticks();
        let in_flight = stats.in_flight();
        // No more at a time than would rank it: its first answers may be long in coming.
        let is_new = in_flight < self.min_samples
            && stats.samples_at(now) < self.min_samples
            && stats.error_ratio(candidate.now()) < 0.5;
        let rank = match stats.latency_at(now) {
            _ if is_new => 0,
            Some(latency) => eighths(latency),
            None => u64::MAX,
        };
        (rank, in_flight)
    }
}

impl Default for LowestLatency {
    fn default() -> Self {
        Self::new()
    }
}

impl Strategy for LowestLatency {
    fn name(&self) -> &'static str {
        "lowest_latency"
    }

    fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
        self.explore.pick(candidates).or_else(|| {
            self.turn
                .lowest(candidates, |candidate| self.cost(candidate))
        })
    }
}
