//! What a day was like for the clients.

use std::time::Duration;

use super::{
    client::{PATIENCE, Seen},
    fleet::FLEET,
};

/// The part of the day that shares are taken over.
pub(crate) const BUCKET: Duration = Duration::from_secs(600);

/// The sums of a day under one strategy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measures {
    pub(crate) strategy: &'static str,
    pub(crate) requests: usize,
    /// Requests with a whole reply.
    pub(crate) whole: usize,
    /// Requests that no target was asked to answer.
    pub(crate) refused: usize,
    pub(crate) attempts: u64,
    /// In USD.
    pub(crate) spent: f64,
    /// Who answered how many requests in each part of the day.
    pub(crate) shares: Vec<[u32; FLEET.len()]>,
    first_tokens: Vec<Duration>,
}

impl Measures {
    pub(crate) fn new(strategy: &'static str, length: Duration) -> Self {
        let buckets = length.as_secs().div_ceil(BUCKET.as_secs()) as usize;
        Self {
            strategy,
            requests: 0,
            whole: 0,
            refused: 0,
            attempts: 0,
            spent: 0.0,
            shares: vec![[0; FLEET.len()]; buckets],
            first_tokens: Vec::new(),
        }
    }

    /// Counts a request.
    pub(crate) fn add(&mut self, seen: &Seen) {
        self.requests += 1;
        self.whole += usize::from(seen.is_whole);
        self.refused += usize::from(seen.attempts == 0);
        self.attempts += u64::from(seen.attempts);
        self.first_tokens.push(seen.first_token.unwrap_or(PATIENCE));
        let bucket = (seen.at.as_secs() / BUCKET.as_secs()) as usize;
        if let (Some(target), Some(shares)) = (seen.target, self.shares.get_mut(bucket)) {
            shares[target] += 1;
        }
    }

    /// Part of the requests that got a whole reply.
    pub(crate) fn success(&self) -> f64 {
        self.whole as f64 / self.requests.max(1) as f64
    }

    /// The time to the first token that this part of the requests did not exceed. One that never came counts as
    /// the patience of the client.
    pub(crate) fn first_token(&self, part: f64) -> Duration {
        let mut sorted = self.first_tokens.clone();
        sorted.sort_unstable();
        let place = (sorted.len() as f64 * part) as usize;
        let last = sorted.len().saturating_sub(1);
        sorted.get(place.min(last)).copied().unwrap_or_default()
    }

    pub(crate) fn attempts_per_request(&self) -> f64 {
        self.attempts as f64 / self.requests.max(1) as f64
    }

    /// What 1,000 whole replies cost in USD, those paid for that failed included.
    pub(crate) fn cost(&self) -> f64 {
        self.spent * 1000.0 / self.whole.max(1) as f64
    }
}
