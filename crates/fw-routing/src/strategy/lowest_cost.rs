use super::{Candidates, Strategy, turn::Turn};

/// The cheapest target, by its price in USD per million tokens.
///
/// Prompt and completion prices are blended 3:1, see
/// [`TargetStats::price_per_million`](crate::TargetStats::price_per_million). Among equal prices the fewest
/// requests in flight decide, then the turn. Targets without a price come last. Choose it when any target's
/// answer will do; the dearer ones get what the cheapest cannot take.
///
/// A pick costs a look at each target.
#[derive(Debug, Default)]
pub struct LowestCost {
    turn: Turn,
}

impl LowestCost {
    /// By price.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Strategy for LowestCost {
    fn name(&self) -> &'static str {
        "lowest_cost"
    }

    fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
        self.turn.lowest(candidates, |candidate| {
            let stats = candidate.stats();
            let price = stats.price_per_million().unwrap_or(f64::INFINITY);
            (price, stats.in_flight())
        })
    }
}
