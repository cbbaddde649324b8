use super::{Candidate, Candidates, Strategy, dice::Dice, explore::Explore};

/// What a target that nobody has measured is taken for, in seconds: good enough to be tried soon.
const UNKNOWN_LATENCY: f64 = 0.1;

/// How many targets are compared: all up to here, as many at random of more.
const COMPARED: usize = 10;

/// Everything that is known, weighed together: success first, then the time to the first content.
///
/// Each target has an expected cost, and the lowest is picked. It is the moving average of the time to the first
/// content, in seconds,
///
/// - over the fourth power of the share of attempts that succeed: 5 % of errors cost a quarter more, 50 % sixteen
///   times as much. A failure also counts as a long time, so failing fast is never worth it;
/// - over the rate limit's headroom where less than a fifth is left, so that the rest goes to whom nobody else can
///   serve, and requests turn elsewhere before the 429;
/// - times half of the target's share of all requests in flight, on top: of near-equals the less busy one wins, and
///   none gets all;
/// - times the requests in flight over what recent successes vouch for: two at first, one more for every four
///   successes. So a target of which little is known, or that was idle, gets few requests until their answers
///   come in, and a sudden liking for one never sends it everything.
///
/// A target that comes back from an outage or a rate limit takes part in the comparison only as often as it has
/// recovered, from one request in twenty to all.
///
/// One request in 500 goes to any target that is ready. Above 10 targets, 10 taken at random are compared.
///
/// Choose it when in doubt: it follows slowdowns within one answer, and does without any configuration. It
/// ignores prices and weights. A pick costs a look at up to ten targets.
#[derive(Debug)]
pub struct Adaptive {
    explore: Explore,
    dice: Dice,
}

impl Adaptive {
    /// Explores with one request in 500.
    #[must_use]
    pub fn new() -> Self {
        Self {
            explore: Explore::new(0.002),
            dice: Dice::default(),
        }
    }

    /// The share of requests, 0 to 1, that go to any target. Default 0.002.
    #[must_use]
    pub const fn explore(mut self, share: f64) -> Self {
        self.explore.share(share);
        self
    }

    /// A seed for all that is left to chance, for picks that can be repeated.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.explore.seed(seed);
        self.dice = Dice::with_seed(!seed);
        self
    }

    /// Whether a target takes part, as it comes back from an outage.
    fn takes_part(&self, candidate: &Candidate<'_>) -> bool {
        let recovery = candidate.stats().recovery(candidate.now());
        recovery >= 1.0 || self.dice.unit() < recovery.max(0.05)
    }

    fn lowest<'a>(&self, ready: impl Iterator<Item = Candidate<'a>>) -> Option<usize> {
        let mut compared = [None; COMPARED];
        let mut in_flight = 1.0;
        for (place, candidate) in compared.iter_mut().zip(ready) {
            in_flight += f64::from(candidate.stats().in_flight());
            *place = Some(candidate);
        }
        let mut lowest: Option<(bool, f64, usize)> = None;
        for candidate in compared.iter().flatten() {
            let absent = !self.takes_part(candidate);
            let cost = cost(candidate, in_flight);
            if lowest.is_none_or(|(a, c, _)| (absent, cost) < (a, c)) {
                lowest = Some((absent, cost, candidate.position()));
            }
        }
        lowest.map(|(_, _, position)| position)
    }
}

/// What it costs to send one more request there, in seconds; `in_flight` is the sum of all compared.
fn cost(candidate: &Candidate<'_>, in_flight: f64) -> f64 {
    let (stats, now) = (candidate.stats(), candidate.now());
    let latency = stats.latency(now);
    let latency = latency.map_or(UNKNOWN_LATENCY, |latency| latency.as_secs_f64());
    let success = (1.0 - stats.error_ratio(now)).max(0.01);
    let headroom = (stats.headroom(now) * 5.0).clamp(0.05, 1.0);
    let own = f64::from(stats.in_flight());
    let share = 1.0 + 0.5 * own / in_flight;
    let crowd = if own < 2.0 {
        1.0
    } else {
        let vouched = 2.0 + f64::from(stats.samples(now)) / 4.0;
        ((own + 1.0) / vouched).max(1.0)
    };
    latency * share * crowd / (success.powi(4) * headroom)
}

impl Default for Adaptive {
    fn default() -> Self {
        Self::new()
    }
}

impl Strategy for Adaptive {
    fn name(&self) -> &'static str {
        "adaptive"
    }

    fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
        if let Some(position) = self.explore.pick(candidates) {
            return Some(position);
        }
        if candidates.len() <= COMPARED {
            return self.lowest(candidates.ready());
        }
        let mut drawn = [0; COMPARED];
        drawn.fill_with(|| self.dice.below(candidates.len()));
        let drawn = drawn
            .iter()
            .filter(|position| candidates.is_ready(**position));
        self.lowest(drawn.filter_map(|position| candidates.get(*position)))
            .or_else(|| {
                let start = self.dice.below(candidates.len());
                self.lowest(candidates.ready_from(start))
            })
    }
}
