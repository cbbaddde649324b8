//! What is known of one target.

mod at;
mod report;
mod settings;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use http::HeaderMap;

use crate::{
    breaker::Ticket,
    budget::{BudgetState, RetryBudget},
    clock::{duration, instant, length, ticks},
    cooldown::{DEFAULT_CAP, cooldown},
    ewma::{SharedOutcomes, SharedPeakEwma},
    gate::{Gate, UNKNOWN},
    headroom::{Headroom, headroom},
    permit::Permit,
    silence::Silence,
    status::TargetStatus,
    typical::SharedTypical,
    window::Window,
};

/// In place of a period of the breaker: it must be asked.
const NOT_CLOSED: u64 = u64::MAX;
/// What a target gets of its share when it comes back.
const FIRST_SHARE: f64 = 0.1;

/// What is known of one target: whether it takes requests, how fast it is, how often it fails.
///
/// It is shared between the router, its strategies and its probes. All that a strategy asks is read from atomics and
/// takes no lock and no memory. Time is given by the caller, as `now`, so that tests need not wait.
///
/// ```
/// use std::{sync::Arc, time::{Duration, Instant}};
/// use fw_routing::{Breaker, FaultKind, TargetStats};
///
/// let target = Arc::new(TargetStats::new("fireworks").breaker(Breaker::new().failure_threshold(1)));
/// let now = Instant::now();
///
/// // What an attempt tells of the target goes through its permit.
/// let mut permit = target.admit(now).unwrap();
/// assert_eq!(target.in_flight(), 1);
/// permit.first_content(now + Duration::from_millis(300));
/// permit.succeed(now + Duration::from_secs(2), Some(200));
/// assert_eq!(target.in_flight(), 0);
/// assert_eq!(target.latency(now + Duration::from_millis(300)), Some(Duration::from_millis(300)));
///
/// // One failure opens this breaker.
/// let permit = target.admit(now).unwrap();
/// permit.fail(now, FaultKind::ServerError, None);
/// assert!(!target.is_ready(now));
/// assert_eq!(target.ready_at(now), Some(now + Duration::from_secs(30)));
/// ```
#[derive(Debug)]
pub struct TargetStats {
    id: Arc<str>,
    price: Option<f64>,
    cooldown_cap: Duration,
    /// Time constants a second.
    latency_decay: f64,
    /// Nanoseconds.
    ramp: u64,

    // Read without a lock, and written under that of the gate where two writers could mix.
    available: AtomicBool,
    blocked_until: AtomicU64,
    closed_period: AtomicU64,
    recovers_from: AtomicU64,
    in_flight: AtomicU32,
    silence: Silence,
    latency: SharedPeakEwma,
    typical: SharedTypical,
    outcomes: SharedOutcomes,
    samples: Window,
    /// The bits of a number; zero: nothing is known.
    throughput: AtomicU64,
    headroom: Headroom,
    counts: Counts,

    gate: Mutex<Gate>,
    budget: Mutex<BudgetState>,
}

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU64,
    successes: AtomicU64,
    failures: AtomicU64,
    rate_limited: AtomicU64,
    others: AtomicU64,
}

impl TargetStats {
    /// A target of which nothing is known yet, without a breaker and without a price.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self {
            id: id.into(),
            price: None,
            cooldown_cap: DEFAULT_CAP,
            latency_decay: 0.1,
            ramp: length(Duration::from_secs(10)),
            available: AtomicBool::new(true),
            blocked_until: AtomicU64::new(0),
            closed_period: AtomicU64::new(0),
            recovers_from: AtomicU64::new(0),
            in_flight: AtomicU32::new(0),
            silence: Silence::default(),
            latency: SharedPeakEwma::default(),
            typical: SharedTypical::default(),
            outcomes: SharedOutcomes::default(),
            samples: Window::new(Duration::from_secs(60)),
            throughput: AtomicU64::new(0),
            headroom: Headroom::default(),
            counts: Counts::default(),
            gate: Mutex::new(Gate::new(None)),
            budget: Mutex::new(BudgetState::new(RetryBudget::new())),
        }
    }
}

// === Reading ===

impl TargetStats {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name, to be kept.
    pub(crate) const fn shared_id(&self) -> &Arc<str> {
        &self.id
    }

    /// Whether it takes a request now: [`admit`](Self::admit) would give a permit.
    #[must_use]
    pub fn is_ready(&self, now: Instant) -> bool {
        self.is_ready_at(ticks(now))
    }

    /// When it may take requests again; `None` if it takes them now, or if nobody knows: see
    /// [`is_available`](Self::is_available).
    #[must_use]
    pub fn ready_at(&self, now: Instant) -> Option<Instant> {
        let until = self.blocked_until.load(Relaxed);
        if until == UNKNOWN || until <= ticks(now) {
            return None;
        }
        instant(until)
    }

    /// Whether it can be used at all.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.available.load(Relaxed)
    }

    /// Attempts that have not ended; they end with their bodies.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Relaxed)
    }

    /// How long it takes to the first content, rather too high than too low; `None` as long as nothing is known.
    ///
    /// An estimate that rises at once with a slow answer or a failure, and then falls within seconds to the mean of
    /// the answers. What nobody uses is slowly forgotten. A failure never makes a target look fast.
    #[must_use]
    pub fn latency(&self, now: Instant) -> Option<Duration> {
        self.latency_at(ticks(now)).map(duration)
    }

    /// How long it takes to the first content on average of the last answers, failures aside; `None` as long as
    /// nothing is known. A target that was slow and that nobody uses is slowly taken for what it usually is.
    #[must_use]
    pub fn mean_latency(&self, now: Instant) -> Option<Duration> {
        let (mean, divisor) = self.mean_at(ticks(now))?;
        Some(duration(mean / divisor))
    }

    /// For how long no answer has begun although one is waited for; zero when none is.
    ///
    /// When it is longer than answers usually take, the target may hang: this tells before the first deadline passes.
    #[must_use]
    pub fn silence(&self, now: Instant) -> Duration {
        duration(self.silence_at(ticks(now)))
    }

    /// How many answers began within the last [window](Self::samples_window): what [`latency`](Self::latency) is
    /// taken from, failures aside.
    #[must_use]
    pub fn samples(&self, now: Instant) -> u32 {
        self.samples_at(ticks(now))
    }

    /// Tokens per second within a reply, an average that gives each reply a fifth; `None` as long as nothing is
    /// known.
    #[must_use]
    pub fn throughput(&self) -> Option<f64> {
        let throughput = f64::from_bits(self.throughput.load(Relaxed));
        (throughput > 0.0).then_some(throughput)
    }

    /// Failed attempts of late, from 0 to 1; falls within minutes when nothing happens.
    #[must_use]
    pub fn error_ratio(&self, now: Instant) -> f64 {
        let outcomes = self.outcomes.load();
        if outcomes.has_failures() {
            outcomes.error_ratio(ticks(now))
        } else {
            0.0
        }
    }

    /// Its price in USD per million tokens, three of the prompt for each of the completion: what comparisons of LLM
    /// prices commonly take.
    #[must_use]
    pub const fn price_per_million(&self) -> Option<f64> {
        self.price
    }

    /// What is left of its rate limit, from 0 to 1; 1 where it does not say.
    ///
    /// From the headers of its replies; what they said is worth less with each second and nothing after a minute.
    #[must_use]
    pub fn headroom(&self, now: Instant) -> f64 {
        if self.headroom.is_limited() {
            self.headroom.value(ticks(now))
        } else {
            1.0
        }
    }

    /// How much of its share it should get, from 0.1 to 1: it grows evenly after the breaker has closed, or after the
    /// end of a rest or of bad health. A target that comes back is not met by all that waited for it.
    #[must_use]
    pub fn recovery(&self, now: Instant) -> f64 {
        let from = self.recovers_from.load(Relaxed);
        if from == 0 {
            return 1.0;
        }
        let since = ticks(now).saturating_sub(from);
        if from != UNKNOWN && since >= self.ramp {
            return 1.0;
        }
        FIRST_SHARE + (1.0 - FIRST_SHARE) * since as f64 / self.ramp.max(1) as f64
    }

    /// All of it, for people and metrics.
    #[must_use]
    pub fn status(&self, now: Instant) -> TargetStatus {
        let state = self.gate().state(now);
        TargetStatus {
            id: Arc::clone(&self.id),
            state,
            in_flight: self.in_flight(),
            latency: self.latency(now),
            throughput: self.throughput(),
            error_ratio: self.error_ratio(now),
            headroom: self.headroom(now),
            ready_in: self
                .ready_at(now)
                .map(|at| at.saturating_duration_since(now)),
            requests: self.counts.requests.load(Relaxed),
            successes: self.counts.successes.load(Relaxed),
            failures: self.counts.failures.load(Relaxed),
            rate_limited: self.counts.rate_limited.load(Relaxed),
            others: self.counts.others.load(Relaxed),
            keys: Vec::new(),
        }
    }
}

// === Writing ===

impl TargetStats {
    /// Counts one more attempt, if the target takes one. A breaker that is half-open gives one of its places.
    ///
    /// The attempt ends with the permit.
    pub fn admit(self: &Arc<Self>, now: Instant) -> Option<Permit> {
        let at = ticks(now);
        if !self.is_ready_at(at) {
            return None;
        }
        let period = self.closed_period.load(Relaxed);
        let ticket = if period == NOT_CLOSED {
            self.change(|gate| gate.admit(now))?
        } else {
            Ticket::of_period(period)
        };
        self.in_flight.fetch_add(1, Relaxed);
        self.silence.wait(at);
        self.counts.requests.fetch_add(1, Relaxed);
        self.budget().deposit(at);
        Some(Permit::new(Arc::clone(self), ticket, now, at))
    }

    /// Lets it rest until then; a shorter rest does not end a longer one. See [`cooldown`](Self::cooldown).
    pub fn cool_until(&self, until: Instant) {
        self.change(|gate| gate.cool_until(until));
    }

    /// How long to rest after this `Retry-After`: from a second up to the [cap](Self::cooldown_cap), and 5 s where
    /// the target does not say.
    #[must_use]
    pub fn cooldown(&self, retry_after: Option<Duration>) -> Duration {
        cooldown(retry_after, self.cooldown_cap)
    }

    /// What health probes found: an unhealthy target is out of rotation until it is healthy again.
    ///
    /// If it is healthy and its breaker is open, the breaker need not wait for the end of its cooldown.
    pub fn set_healthy(&self, healthy: bool, now: Instant) {
        self.change(|gate| gate.set_healthy(healthy, now));
    }

    /// Whether it can be used at all. Without a key it cannot.
    pub fn set_available(&self, available: bool) {
        let mut gate = self.gate();
        gate.set_available(available);
        self.available.store(available, Relaxed);
        self.publish(&gate);
    }

    /// Reads what is left of its rate limit from the headers of a reply: see [`headroom`](Self::headroom).
    pub fn observe_headers(&self, headers: &HeaderMap, now: Instant) {
        if let Some(headroom) = headroom(headers) {
            self.headroom.observe(headroom, ticks(now));
        }
    }

    /// The same for a reply that has just come: most say nothing, and need no time.
    pub(crate) fn observe_reply(&self, headers: &HeaderMap) {
        if let Some(headroom) = headroom(headers) {
            let now = tokio::time::Instant::now().into_std();
            self.headroom.observe(headroom, ticks(now));
        }
    }

    /// Whether one more retry or hedge is within the budget; if so it is counted.
    pub fn withdraw_retry(&self, now: Instant) -> bool {
        self.budget().withdraw(ticks(now))
    }
}

impl TargetStats {
    fn change<T>(&self, change: impl FnOnce(&mut Gate) -> T) -> T {
        let mut gate = self.gate();
        let result = change(&mut gate);
        self.publish(&gate);
        result
    }

    fn publish(&self, gate: &Gate) {
        self.blocked_until.store(gate.blocked_until(), Relaxed);
        self.recovers_from.store(gate.recovers_from(), Relaxed);
        self.closed_period
            .store(gate.closed_period().unwrap_or(NOT_CLOSED), Relaxed);
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn budget(&self) -> MutexGuard<'_, BudgetState> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
