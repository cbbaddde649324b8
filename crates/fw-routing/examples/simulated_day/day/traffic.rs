//! Who asks for what, and when.

use std::{f64::consts::TAU, time::Duration};

use fastrand::Rng;

use super::Day;

/// The night has that much less and the afternoon that much more.
const SWING: f64 = 0.65;
/// When it is busiest, in hours.
const BUSIEST: f64 = 14.0;
const USERS: u64 = 500;

/// One request of the day. It is the same whoever answers.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Since the start.
    pub(crate) at: Duration,
    pub(crate) user: u64,
    pub(crate) luck: Luck,
}

/// What a request brings with it: how much it asks for, and what happens to it by chance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Luck {
    seed: u64,
    pub(crate) prompt_tokens: f64,
    pub(crate) completion_tokens: f64,
    /// From 0 to 1: whether its stream breaks off for no reason.
    pub(crate) cut: f64,
}

impl Luck {
    /// Random numbers for this request at one target.
    pub(crate) fn at(&self, target: usize) -> Rng {
        seeded(self.seed, target as u64)
    }
}

/// The requests of a day in their order: arrivals of a Poisson process whose rate follows the hour.
#[derive(Debug)]
pub(crate) struct Traffic {
    rng: Rng,
    seed: u64,
    mean_rate: f64,
    begins: Duration,
    length: Duration,
    /// Seconds since the start.
    at: f64,
    count: u64,
}

impl Traffic {
    pub(crate) fn new(day: &Day<'_>) -> Self {
        Self {
            rng: seeded(day.seed, u64::MAX),
            seed: day.seed,
            mean_rate: day.rate,
            begins: day.pattern.begins,
            length: day.pattern.length,
            at: 0.0,
            count: 0,
        }
    }

    /// Requests per second.
    fn rate(&self) -> f64 {
        let hour = (self.begins.as_secs_f64() + self.at) / 3600.0;
        self.mean_rate * (1.0 + SWING * ((hour - BUSIEST) / 24.0 * TAU).cos())
    }
}

impl Iterator for Traffic {
    type Item = Request;

    fn next(&mut self) -> Option<Request> {
        // Thinning: candidates at the highest rate, kept in proportion to the rate of the hour.
        let highest = self.mean_rate * (1.0 + SWING);
        loop {
            self.at -= (1.0 - self.rng.f64()).ln() / highest;
            if self.at >= self.length.as_secs_f64() {
                return None;
            }
            if self.rng.f64() * highest < self.rate() {
                break;
            }
        }
        self.count += 1;
        let mut rng = seeded(self.seed, self.count);
        Some(Request {
            at: Duration::from_secs_f64(self.at),
            user: rng.u64(..USERS),
            luck: Luck {
                prompt_tokens: log_normal(&mut rng, 600.0, 0.8).clamp(20.0, 8000.0),
                completion_tokens: log_normal(&mut rng, 120.0, 0.7).clamp(4.0, 500.0),
                cut: rng.f64(),
                seed: rng.u64(..),
            },
        })
    }
}

/// A number whose logarithm is normally distributed.
pub(crate) fn log_normal(rng: &mut Rng, median: f64, sigma: f64) -> f64 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    median * (sigma * radius * (rng.f64() * TAU).cos()).exp()
}

/// A generator of its own for each pair.
pub(crate) fn seeded(a: u64, b: u64) -> Rng {
    let mut rng = Rng::with_seed(a);
    let a = rng.u64(..);
    Rng::with_seed(a ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}
