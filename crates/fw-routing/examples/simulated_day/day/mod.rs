//! A day of an LLM gateway, in seconds: the real router over targets that exist only on paper, under a clock
//! that jumps to the next event.
//!
//! Nothing is left to chance: the same seed gives the same requests, and the same request gets the same luck from
//! the same target whatever the strategy. What differs between strategies is only where they send it.

mod client;
mod fleet;
mod measures;
mod pattern;
mod reply;
mod traffic;

use std::{
    io,
    num::NonZero,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use fw_routing::{Breaker, ConfigError, Router, StickyBy, Target, TargetStats, strategy};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use self::{
    client::ask,
    fleet::{Server, Till},
    traffic::Traffic,
};
pub(crate) use self::{
    fleet::FLEET,
    measures::{BUCKET, Measures},
    pattern::{Fault, Incident, Pattern},
};

/// The strategies that are compared.
pub(crate) const STRATEGIES: [&str; 11] = [
    "adaptive",
    "lowest_latency",
    "highest_throughput",
    "least_busy",
    "lowest_cost",
    "round_robin",
    "weighted_round_robin",
    "random",
    "split",
    "ordered",
    "single",
];

/// What is simulated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day<'a> {
    /// What goes wrong, and when.
    pub(crate) pattern: &'a Pattern,
    /// Which requests come.
    pub(crate) seed: u64,
    /// Requests per second, the mean of a whole day.
    pub(crate) rate: f64,
}

impl Day<'_> {
    /// One day for each strategy, as many at a time as there are processors.
    pub(crate) fn compare(&self, strategies: &[&'static str]) -> io::Result<Vec<Measures>> {
        let next = AtomicUsize::new(0);
        let work = || -> io::Result<Vec<(usize, Measures)>> {
            let mut done = Vec::new();
            loop {
                let place = next.fetch_add(1, Relaxed);
                let Some(strategy) = strategies.get(place) else {
                    return Ok(done);
                };
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_time()
                    .start_paused(true)
                    .build()?;
                done.push((place, runtime.block_on(self.run(strategy))?));
            }
        };
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let mut all = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let mut all = Vec::new();
            for worker in workers {
                let ended = worker.join();
                all.extend(ended.map_err(|_| io::Error::other("a day was not finished"))??);
            }
            io::Result::Ok(all)
        })?;
        all.sort_by_key(|(place, _)| *place);
        Ok(all.into_iter().map(|(_, measures)| measures).collect())
    }

    /// Sends the day's requests through a router with this strategy. Must run under a paused clock.
    async fn run(&self, strategy: &'static str) -> io::Result<Measures> {
        // The strategies' own choices, and the router's.
        fastrand::seed(self.seed);
        let start = next_hour();
        sleep_until(start).await;
        let till = Till::default();
        let router = self.router(strategy, start, &till);
        let router = router.map_err(io::Error::other)?;
        let mut measures = Measures::new(strategy, self.pattern.length);
        let mut under_way = JoinSet::new();
        for request in Traffic::new(self) {
            sleep_until(start + request.at).await;
            under_way.spawn(ask(router.clone(), request));
            while let Some(ended) = under_way.try_join_next() {
                measures.add(&ended?);
            }
        }
        while let Some(ended) = under_way.join_next().await {
            measures.add(&ended?);
        }
        measures.spent = till.total();
        Ok(measures)
    }

    /// All defaults, but for the deadlines: no retry at the same target, up to three others, the breaker on.
    fn router(
        &self,
        strategy: &'static str,
        start: Instant,
        till: &Till,
    ) -> Result<Router<Server>, ConfigError> {
        let mut router = Router::builder()
            .breaker(Breaker::new())
            .first_token_timeout(Duration::from_secs(10))
            .sticky_by(StickyBy::User);
        if let Some(strategy) = strategy::by_name(strategy) {
            router = router.strategy(strategy);
        }
        let pattern = Arc::new(self.pattern.clone());
        for (place, sheet) in FLEET.iter().enumerate() {
            let server = Server::new(place, start, Arc::clone(&pattern), till.clone());
            let target = Target::new(sheet.name, server)
                .weight(sheet.capacity)
                .price(sheet.price.0, sheet.price.1)
                .idle_timeout(Duration::from_secs(20));
            router = router.target(target);
        }
        router.build()
    }
}

/// The next whole hour since the first day, to the millisecond of this runtime's clock.
///
/// The router counts by seconds since its own first use, and tokio's timers by milliseconds since the start of the
/// runtime. Days that begin like this are alike to the last digit, whenever they are simulated.
fn next_hour() -> Instant {
    const HOUR: Duration = Duration::from_secs(3600);
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let now = Instant::now();
    let first = *FIRST.get_or_init(|| {
        let _first_use = TargetStats::new("clock").samples(now.into_std());
        now
    });
    let mut hour = first;
    while hour < now {
        hour += HOUR;
    }
    let milliseconds = hour.duration_since(now).as_nanos().div_ceil(1_000_000);
    now + Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX))
}
