use std::sync::{Mutex, PoisonError};

use super::{Candidates, Member, Strategy, turn::Turn};
use crate::schedule::Schedule;

/// Each target in turn, in proportion to its weight.
///
/// Choose it when targets have known capacities, or to move traffic from one to another in steps: weights 90
/// and 10 send exactly 9 of any 10 requests in a row to the first. Turns are spread evenly: a target with half of
/// the weight or less never has two in a row.
///
/// Weights are taken exactly where they are decimals of up to six places whose cycle has at most 65,536
/// turns; others are rounded to that. A target of weight 0 has no turn, but is used when no other is ready.
///
/// The turn of a target that is not ready goes to the others in proportion to their weights. A pick costs one
/// atomic addition and a look at one target; a turn passed on takes a short lock and a look at each. The
/// cycle takes 4 bytes a turn.
#[derive(Debug, Default)]
pub struct WeightedRoundRobin {
    schedule: Schedule,
    turn: Turn,
    passed_on: Mutex<PassedOn>,
}

impl WeightedRoundRobin {
    /// In proportion to the weights of the members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Strategy for WeightedRoundRobin {
    fn name(&self) -> &'static str {
        "weighted_round_robin"
    }

    fn prepare(&mut self, members: &[Member]) {
        self.schedule = Schedule::new(members.iter().map(Member::weight));
        let mut passed_on = self
            .passed_on
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        passed_on.credits = vec![0.0; members.len()];
    }

    fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
        // A second attempt is no turn of its own: the shares are those of requests.
        let scheduled = (!candidates.is_retry())
            .then(|| self.schedule.turn(self.turn.advance()))
            .flatten()
            .filter(|position| candidates.is_ready(*position));
        scheduled.or_else(|| {
            let mut passed_on = self
                .passed_on
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            passed_on.deal(candidates)
        })
    }
}

/// Deals the turns of those that are not ready.
#[derive(Debug, Default)]
struct PassedOn {
    credits: Vec<f64>,
}

impl PassedOn {
    /// The smooth weighted round robin of nginx: everyone is given its weight, the richest pays for all.
    fn deal(&mut self, candidates: &Candidates<'_>) -> Option<usize> {
        self.credits.resize(candidates.len(), 0.0);
        let weighted = candidates.ready().any(|candidate| candidate.weight() > 0.0);
        let mut total = 0.0;
        let mut richest: Option<usize> = None;
        for candidate in candidates.ready() {
            let weight = if weighted { candidate.weight() } else { 1.0 };
            if weight > 0.0 {
                let position = candidate.position();
                total += weight;
                self.credits[position] += weight;
                if richest.is_none_or(|richest| self.credits[position] > self.credits[richest]) {
                    richest = Some(position);
                }
            }
        }
        if let Some(richest) = richest {
            self.credits[richest] -= total;
        }
        richest
    }
}
