use super::{Candidate, Candidates, Strategy, dice::Dice, explore::Explore};

/// What a target that nobody has measured is taken for, in seconds: good enough to be tried soon.
const UNKNOWN_LATENCY: f64 = 0.1;

/// How many targets are compared: all up to here, as many at random of more.
const COMPARED: usize = 10;

/// Everything that is known, weighed together: success first, then the time to the first content.
///
/// Each target has an expected cost in seconds:
///
/// - the mean time to the first content of its last answers, or for how long it has been silent while an answer is
///   waited for, if that is longer: so a target that hangs loses its requests before any deadline passes;
/// - over the twelfth power of the share of attempts that succeed: one in a hundred that fails counts as much as an
///   eighth more time, one in ten as more than three times as much. So failing fast is never worth it;
/// - over the rate limit's headroom where less than a fifth is left: requests turn elsewhere before the 429;
/// - times the requests in flight over what recent successes vouch for, if there are more: two at first, and one more
///   for every four successes of the last minute. So a target of which little is known, or that was idle, gets
///   few requests until their answers come in.
///
/// Targets are drawn by chance in inverse proportion to the eighth power of the cost: equals share the load, one
/// that costs a quarter more gets a sixth of an equal's share, and one that costs twice as much a 256th. So
/// there is no sudden liking of all requests, and of all gateways, for one target; and whoever is close behind is
/// measured all the time.
///
/// A target that comes back from an outage or a rate limit has its chances reduced to as far as it has
/// recovered. One request in 500 goes to any target that is ready. Above 10 targets, 10 taken at random are
/// compared.
///
/// Choose it when in doubt: it does without configuration. It ignores prices and weights. A pick costs a look at
/// up to ten targets.
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

    /// Draws one of the first ten.
    fn draw<'a>(&self, ready: impl Iterator<Item = Candidate<'a>>) -> Option<usize> {
        let mut compared = [(0.0, 0); COMPARED];
        let mut total = 0.0;
        let mut count = 0;
        for (place, candidate) in compared.iter_mut().zip(ready) {
            total += chance(&candidate);
            *place = (total, candidate.position());
            count += 1;
        }
        let lot = self.dice.unit() * total;
        let drawn = compared[..count].iter().find(|(end, _)| lot < *end);
        drawn
            .or(compared[..count].last())
            .map(|(_, position)| *position)
    }
}

/// The inverse of what it costs to send a request there, to the eighth power.
fn chance(candidate: &Candidate<'_>) -> f64 {
    let (stats, now) = (candidate.stats(), candidate.now());
    let (mean, forgotten) = stats
        .mean_at(candidate.ticks())
        .unwrap_or((UNKNOWN_LATENCY, 1.0));
    let latency = mean.max(stats.silence_at(candidate.ticks()) * forgotten);
    let success = (1.0 - stats.error_ratio(now)).max(0.01);
    let headroom = (stats.headroom(now) * 5.0).clamp(0.05, 1.0);
    let in_flight = stats.in_flight();
    let (crowd, vouched) = if in_flight < 2 {
        (1.0, 1.0)
    } else {
        let vouched = 2.0 + f64::from(stats.samples_at(candidate.ticks())) / 4.0;
        (vouched.max(f64::from(in_flight) + 1.0), vouched)
    };
    // One division for all of it, and bounds within which the eighth power is a number like any other.
    let speed = success.powi(12) * headroom * vouched * forgotten / (crowd * latency);
    stats.recovery(now) * speed.clamp(1e-30, 1e4).powi(8)
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
            return self.draw(candidates.ready());
        }
        let any = [(); COMPARED].map(|()| self.dice.below(candidates.len()));
        let any = any
            .iter()
            .filter(|position| candidates.is_ready(**position));
        self.draw(any.filter_map(|position| candidates.get(*position)))
            .or_else(|| {
                let start = self.dice.below(candidates.len());
                self.draw(candidates.ready_from(start))
            })
    }
}
