//! A small simulation: requests arrive by chance, targets answer as they are told to, failures go elsewhere.

use std::collections::BTreeMap;

use http::HeaderMap;

use super::*;
use crate::{breaker::Breaker, permit::Permit};

/// A time in milliseconds since the beginning.
pub(super) type Ms = u64;

/// How a target answers.
#[derive(Clone)]
pub(super) struct Model {
    /// Median time to the first content.
    pub(super) latency: f64,
    /// Requests in flight that double the time.
    pub(super) capacity: f64,
    /// Requests a minute, and whether headers tell.
    pub(super) limit: Option<(u32, bool)>,
    /// The part of requests that fail.
    pub(super) errors: f64,
    pub(super) troubles: Vec<(Ms, Ms, Trouble)>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Trouble {
    /// Times as slow.
    Slow(f64),
    /// Fails within 20 ms.
    Down,
    /// Never answers.
    Silent,
    /// This part of requests fails.
    Errors(f64),
}

impl Model {
    pub(super) fn new(latency: f64) -> Self {
        Self {
            latency,
            capacity: f64::INFINITY,
            limit: None,
            errors: 0.0,
            troubles: Vec::new(),
        }
    }

    pub(super) fn capacity(mut self, capacity: f64) -> Self {
        self.capacity = capacity;
        self
    }

    pub(super) fn limit(mut self, per_minute: u32, told: bool) -> Self {
        self.limit = Some((per_minute, told));
        self
    }

    pub(super) fn errors(mut self, errors: f64) -> Self {
        self.errors = errors;
        self
    }

    pub(super) fn trouble(mut self, from: u64, to: u64, trouble: Trouble) -> Self {
        self.troubles.push((from * 1000, to * 1000, trouble));
        self
    }
}

/// How it went.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) failed: usize,
    pub(super) waits: Vec<Ms>,
    pub(super) attempts: Vec<usize>,
    pub(super) failed_attempts: usize,
}

impl Outcome {
    pub(super) fn success(&self) -> f64 {
        self.waits.len() as f64 / (self.waits.len() + self.failed) as f64
    }

    pub(super) fn quantile(&self, q: f64) -> Ms {
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        waits[((waits.len() - 1) as f64 * q) as usize]
    }
}

enum Step {
    Arrives,
    Begins(Request),
    Ends(Permit),
    Fails(Request, FaultKind, Option<Duration>),
}

struct Request {
    arrived: Ms,
    tried: Tried,
    position: usize,
    permit: Option<Permit>,
}

pub(super) struct Sim<'a> {
    models: &'a [Model],
    members: Vec<Member>,
    strategy: &'a dyn Strategy,
    rng: fastrand::Rng,
    start: Instant,
    now: Ms,
    /// By time and number.
    steps: BTreeMap<(Ms, u64), Step>,
    numbers: u64,
    used: Vec<(Ms, u32)>,
    attempts: usize,
    outcome: Outcome,
}

const TIMEOUT: f64 = 10_000.0;

impl<'a> Sim<'a> {
    pub(super) fn run(
        models: &'a [Model],
        strategy: &'a mut dyn Strategy,
        per_second: f64,
        seconds: u64,
        attempts: usize,
    ) -> Outcome {
        let members: Vec<_> = (0..models.len())
            .map(|i| {
                Member::new(
                    Arc::new(
                        TargetStats::new(format!("t{i}"))
                            .breaker(Breaker::new())
                            .price(i as f64, 1.0),
                    ),
                    1.0,
                )
            })
            .collect();
        strategy.prepare(&members);
        let mut sim = Self {
            models,
            members,
            strategy,
            rng: fastrand::Rng::with_seed(4),
            start: Instant::now(),
            now: 0,
            steps: BTreeMap::new(),
            numbers: 0,
            used: vec![(0, 0); models.len()],
            attempts,
            outcome: Outcome {
                attempts: vec![0; models.len()],
                ..Outcome::default()
            },
        };
        sim.at(0, Step::Arrives);
        while let Some(((now, _), step)) = sim.steps.pop_first() {
            sim.now = now;
            match step {
                Step::Arrives if now > seconds * 1000 => {}
                Step::Arrives => {
                    let wait = -sim.rng.f64().max(1e-9).ln() / per_second * 1000.0;
                    sim.at(now + wait as Ms, Step::Arrives);
                    sim.attempt(Request {
                        arrived: now,
                        tried: Tried::new(),
                        position: 0,
                        permit: None,
                    });
                }
                Step::Begins(mut request) => {
                    sim.outcome.waits.push(now - request.arrived);
                    let mut permit = request.permit.take().unwrap();
                    permit.first_content(sim.instant());
                    sim.tell(request.position);
                    let wait = sim.rng.u64(500..6000);
                    sim.at(now + wait, Step::Ends(permit));
                }
                Step::Ends(permit) => permit.succeed(sim.instant(), Some(200)),
                Step::Fails(mut request, kind, retry_after) => {
                    sim.outcome.failed_attempts += 1;
                    request
                        .permit
                        .take()
                        .unwrap()
                        .fail(sim.instant(), kind, retry_after);
                    sim.attempt(request);
                }
            }
        }
        assert!(
            sim.members
                .iter()
                .all(|member| member.stats.in_flight() == 0)
        );
        sim.outcome
    }

    fn instant(&self) -> Instant {
        self.start + Duration::from_millis(self.now)
    }

    fn at(&mut self, time: Ms, step: Step) {
        self.numbers += 1;
        self.steps.insert((time, self.numbers), step);
    }

    fn attempt(&mut self, mut request: Request) {
        let now = self.instant();
        let candidates = Candidates::new(&self.members, &request.tried, now, None);
        let picked = (request.tried.len() < self.attempts)
            .then(|| self.strategy.pick(&candidates))
            .flatten();
        let Some(position) = picked else {
            self.outcome.failed += 1;
            return;
        };
        request.tried.insert(position);
        request.position = position;
        let model = &self.models[position];
        let mut latency = model.latency * (0.35 * normal(&mut self.rng)).exp();
        latency *= 1.0 + f64::from(self.members[position].stats.in_flight()) / model.capacity;
        request.permit = self.members[position].stats.admit(now);
        assert!(request.permit.is_some());
        self.outcome.attempts[position] += 1;
        let (mut down, mut errors) = (false, model.errors);
        for (from, to, trouble) in &model.troubles {
            if (*from..*to).contains(&self.now) {
                match trouble {
                    Trouble::Slow(times) => latency *= times,
                    Trouble::Down => down = true,
                    Trouble::Silent => latency = f64::INFINITY,
                    Trouble::Errors(part) => errors = *part,
                }
            }
        }
        if let Some((limit, _)) = model.limit {
            let (minute, used) = &mut self.used[position];
            if *minute != self.now / 60_000 {
                (*minute, *used) = (self.now / 60_000, 0);
            }
            *used += 1;
            if *used > limit {
                let left = Duration::from_millis(60_000 - self.now % 60_000);
                self.at(
                    self.now + 20,
                    Step::Fails(request, FaultKind::RateLimited, Some(left)),
                );
                return;
            }
        }
        if down || self.rng.f64() < errors {
            self.at(
                self.now + 20,
                Step::Fails(request, FaultKind::ServerError, None),
            );
        } else if latency > TIMEOUT {
            self.at(
                self.now + TIMEOUT as Ms,
                Step::Fails(request, FaultKind::Timeout, None),
            );
        } else {
            self.at(self.now + latency as Ms, Step::Begins(request));
        }
    }

    /// Sends the headers of a limit.
    fn tell(&self, position: usize) {
        if let Some((limit, true)) = self.models[position].limit {
            let left = limit.saturating_sub(self.used[position].1);
            let mut headers = HeaderMap::new();
            headers.insert("x-ratelimit-limit-requests", limit.into());
            headers.insert("x-ratelimit-remaining-requests", left.into());
            self.members[position]
                .stats
                .observe_headers(&headers, self.instant());
        }
    }
}

fn normal(rng: &mut fastrand::Rng) -> f64 {
    (-2.0 * rng.f64().max(1e-12).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}
