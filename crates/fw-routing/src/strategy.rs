//! Which target a request goes to.
//!
//! | strategy | optimises | looks at |
//! |---|---|---|
//! | [`Single`] | that it is the one target | the first |
//! | [`Ordered`] | preference | the order of the list |
//! | [`RoundRobin`] | equal shares | turns |
//! | [`WeightedRoundRobin`] | exact shares | turns, weights |
//! | [`Random`] | shares without step | chance, weights |
//! | [`LeastBusy`] | equal load | requests in flight |
//! | [`LowestLatency`] | time to the first content | moving average |
//! | [`HighestThroughput`] | tokens per second | moving average |
//! | [`LowestCost`] | USD per token | prices |
//! | [`Adaptive`] | success first, then time to the first content | all of it, but prices |
//! | [`Split`] | A/B tests | weights, who asks |
//!
//! A strategy is asked for every attempt of a request. It sees the [`Candidates`]: the members of the pool
//! that can take a request now and that this request has not been to. It must be quick, since it runs within
//! the request, and it may be asked by many threads at once.
//!
//! # A strategy of one's own
//!
//! ```
//! use std::{sync::Arc, time::Instant};
//!
//! use fw_routing::{Candidates, Member, Strategy, TargetStats, Tried};
//!
//! /// The first target that has fewer than a number of requests in flight.
//! #[derive(Debug)]
//! struct FillUp {
//!     each: u32,
//! }
//!
//! impl Strategy for FillUp {
//!     fn name(&self) -> &'static str {
//!         "fill_up"
//!     }
//!
//!     fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
//!         let mut ready = candidates.ready();
//!         let free = ready.find(|candidate| candidate.stats().in_flight() < self.each);
//!         let picked = free.or_else(|| candidates.ready().next());
//!         picked.map(|candidate| candidate.position())
//!     }
//! }
//!
//! let members: Vec<Member> = ["first", "second"]
//!     .map(|id| Member::new(Arc::new(TargetStats::new(id)), 1.0))
//!     .into();
//! let (tried, now) = (Tried::new(), Instant::now());
//! let candidates = Candidates::new(&members, &tried, now, None);
//! let strategy = FillUp { each: 1 };
//! assert_eq!(strategy.pick(&candidates), Some(0));
//!
//! // While a request is with the first, the next goes to the second.
//! let permit = members[0].stats.admit(now);
//! assert_eq!(strategy.pick(&candidates), Some(1));
//! drop(permit);
//! assert_eq!(strategy.pick(&candidates), Some(0));
//! ```

mod adaptive;
mod candidates;
mod dice;
mod explore;
mod highest_throughput;
mod least_busy;
mod lowest_cost;
mod lowest_latency;
mod ordered;
mod random;
mod round_robin;
mod single;
mod split;
mod turn;
mod weighted_round_robin;

#[cfg(test)]
mod tests;

use std::fmt;

pub use self::{
    adaptive::Adaptive,
    candidates::{Candidate, Candidates, Member},
    highest_throughput::HighestThroughput,
    least_busy::LeastBusy,
    lowest_cost::LowestCost,
    lowest_latency::LowestLatency,
    ordered::Ordered,
    random::Random,
    round_robin::RoundRobin,
    single::Single,
    split::Split,
    weighted_round_robin::WeightedRoundRobin,
};

/// Which target a request goes to. See the [module](self) for those there are and for one of one's own.
pub trait Strategy: Send + Sync + fmt::Debug {
    /// A name for logs, such as `round_robin`.
    fn name(&self) -> &'static str;

    /// Called once, when the pool is made, with all its members in the order of their positions.
    fn prepare(&mut self, _members: &[Member]) {}

    /// The position of a candidate that is ready; `None` if none is.
    ///
    /// The router asks again, without it, for a candidate that turns out not to be ready.
    fn pick(&self, candidates: &Candidates<'_>) -> Option<usize>;
}

impl<S: Strategy + ?Sized> Strategy for Box<S> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn prepare(&mut self, members: &[Member]) {
        (**self).prepare(members);
    }

    fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
        (**self).pick(candidates)
    }
}

/// The strategy of a name in configuration files, with its defaults.
///
/// ```
/// let strategy = fw_routing::strategy::by_name("weighted_round_robin");
/// assert!(strategy.is_some_and(|strategy| strategy.name() == "weighted_round_robin"));
/// assert!(fw_routing::strategy::by_name("best").is_none());
/// ```
#[must_use]
pub fn by_name(name: &str) -> Option<Box<dyn Strategy>> {
    Some(match name {
        "single" => Box::new(Single::new()),
        "ordered" | "fallback" => Box::new(Ordered::new()),
        "round_robin" => Box::new(RoundRobin::new()),
        "weighted_round_robin" => Box::new(WeightedRoundRobin::new()),
        "random" => Box::new(Random::new()),
        "least_busy" => Box::new(LeastBusy::new()),
        "lowest_latency" => Box::new(LowestLatency::new()),
        "highest_throughput" => Box::new(HighestThroughput::new()),
        "lowest_cost" => Box::new(LowestCost::new()),
        "adaptive" => Box::new(Adaptive::new()),
        "split" => Box::new(Split::new()),
        _ => return None,
    })
}

/// Which of the steps, eight to a doubling, a positive number lies on: numbers on one step differ by less than
/// an eighth. It is the exponent and the first three binary places.
const fn eighths(number: f64) -> u64 {
    number.to_bits() >> 49
}
