//! What strategies do with targets of every kind.

mod adaptive;
mod allocations;
mod measured;
mod ready;
mod shares;
mod sim;
mod split;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Candidates, Member, Strategy, by_name};
use crate::{fault::FaultKind, stats::TargetStats, tried::Tried};

/// All names but that of `single`, which has no second choice.
const ALL: [&str; 10] = [
    "ordered",
    "round_robin",
    "weighted_round_robin",
    "random",
    "least_busy",
    "lowest_latency",
    "highest_throughput",
    "lowest_cost",
    "adaptive",
    "split",
];

/// A pool and a time.
struct Fleet {
    members: Vec<Member>,
    tried: Tried,
    now: Instant,
    key: Option<u64>,
}

impl Fleet {
    /// Targets a, b, c and so on of these weights, of which nothing is known.
    fn weighted(weights: &[f64]) -> Self {
        let stats = |position: usize| {
            let id = if position < 26 {
                char::from(b'a' + position as u8).to_string()
            } else {
                position.to_string()
            };
            Arc::new(TargetStats::new(id))
        };
        Self::of(
            weights
                .iter()
                .enumerate()
                .map(|(position, weight)| Member::new(stats(position), *weight)),
        )
    }

    fn of(members: impl IntoIterator<Item = Member>) -> Self {
        Self {
            members: members.into_iter().collect(),
            tried: Tried::new(),
            now: Instant::now(),
            key: None,
        }
    }

    fn candidates(&self) -> Candidates<'_> {
        Candidates::new(&self.members, &self.tried, self.now, self.key)
    }

    fn prepared<S: Strategy>(&self, mut strategy: S) -> S {
        strategy.prepare(&self.members);
        strategy
    }

    fn named(&self, name: &str) -> Box<dyn Strategy> {
        let mut strategy = by_name(name).unwrap();
        strategy.prepare(&self.members);
        strategy
    }

    fn take_out(&self, position: usize) {
        self.members[position].stats.set_available(false);
    }

    /// A request that begins to answer after this long and ends at once; the clock goes on.
    fn answers(&mut self, position: usize, after: Duration) {
        let mut permit = self.members[position].stats.admit(self.now).unwrap();
        self.now += after;
        permit.first_content(self.now);
        permit.succeed(self.now, None);
    }

    fn fails(&self, position: usize) {
        let permit = self.members[position].stats.admit(self.now).unwrap();
        permit.fail(self.now, FaultKind::ServerError, None);
    }

    /// How many of so many picks each gets.
    fn counts(&self, strategy: &dyn Strategy, picks: usize) -> Vec<usize> {
        let mut counts = vec![0; self.members.len()];
        for _ in 0..picks {
            counts[strategy.pick(&self.candidates()).unwrap()] += 1;
        }
        counts
    }
}

/// That counts are what chance makes of these shares: within five standard deviations.
#[track_caller]
fn assert_shares(counts: &[usize], shares: &[f64]) {
    let picks = counts.iter().sum::<usize>() as f64;
    let total: f64 = shares.iter().sum();
    for (count, share) in counts.iter().zip(shares) {
        let p = share / total;
        let deviation = (picks * p * (1.0 - p)).sqrt();
        let off = (*count as f64 - picks * p).abs();
        assert!(off <= 5.0 * deviation, "{counts:?} are not {shares:?}");
    }
}

#[test]
fn every_strategy_has_its_name() {
    for name in ALL.into_iter().chain(["single"]) {
        assert_eq!(by_name(name).unwrap().name(), name);
    }
    assert_eq!(by_name("fallback").unwrap().name(), "ordered");
    assert!(by_name("").is_none());
}
