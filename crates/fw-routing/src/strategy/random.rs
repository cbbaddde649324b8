use super::{Candidates, Member, Strategy, dice::Dice};

/// Any target, in proportion to its weight.
///
/// Choose it when many gateways share the targets: unlike turns, chance does not fall into step. Over a short
/// time shares are uneven; [`WeightedRoundRobin`](super::WeightedRoundRobin) is exact. A target of weight 0 is
/// used only when no other is ready.
///
/// A pick costs a few random numbers and a binary search; a look at each target when most are not ready.
#[derive(Debug, Default)]
pub struct Random {
    dice: Dice,
    /// Where each member's part of the line ends.
    ends: Box<[f64]>,
}

impl Random {
    /// From a random seed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From a seed of one's own, for picks that can be repeated.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.dice = Dice::with_seed(seed);
        self
    }

    /// Draws among all members; `None` if the lot fell on one that is not ready.
    fn draw(&self, candidates: &Candidates<'_>) -> Option<usize> {
        let lot = self.dice.unit() * self.ends.last()?;
        let position = self.ends.partition_point(|end| *end <= lot);
        candidates.is_ready(position).then_some(position)
    }

    /// Draws among those that are ready, each of which has the chances of its weight.
    fn draw_ready(
        &self,
        candidates: &Candidates<'_>,
        weight: impl Fn(f64) -> f64,
    ) -> Option<usize> {
        let mut total = 0.0;
        let mut drawn = None;
        for candidate in candidates.ready() {
            let weight = weight(candidate.weight());
            total += weight;
            if weight > 0.0 && self.dice.unit() * total < weight {
                drawn = Some(candidate.position());
            }
        }
        drawn
    }
}

impl Strategy for Random {
    fn name(&self) -> &'static str {
        "random"
    }

    fn prepare(&mut self, members: &[Member]) {
        let mut end = 0.0;
        let ends = members.iter().map(|member| {
            end += member.weight();
            end
        });
        self.ends = ends.collect();
    }

    fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
        // Drawing again until one is ready keeps the proportions, and is mostly quicker than to look at each.
        (0..4)
            .find_map(|_| self.draw(candidates))
            .or_else(|| self.draw_ready(candidates, |weight| weight))
            .or_else(|| self.draw_ready(candidates, |_| 1.0))
    }
}
