use super::{Candidates, Strategy, turn::Turn};

/// The target with the fewest requests in flight, in turn among equals.
///
/// A request is in flight to the end of its reply's body, so long answers count for as long as they take.
/// Choose it for targets of equal capacity, such as servers of one's own with a queue each. It knows nothing of
/// speed: a target that fails at once has nothing in flight and looks idle until its circuit breaker opens.
///
/// A pick costs a look at each target.
#[derive(Debug, Default)]
pub struct LeastBusy {
    turn: Turn,
}

impl LeastBusy {
    /// By requests in flight.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Strategy for LeastBusy {
    fn name(&self) -> &'static str {
        "least_busy"
    }

    fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
        self.turn
            .lowest(candidates, |candidate| candidate.stats().in_flight())
    }
}
