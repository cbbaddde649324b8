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

use std::{cell::Cell, sync::Arc, time::Duration};

use fw_routing::{Breaker, ConfigError, Router, StickyBy, Target, strategy};
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
    pattern::{Incident, Pattern},
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

/// Days begin at whole hours of the clock, so that nothing depends on what was simulated before.
const HOUR: Duration = Duration::from_secs(3600);

thread_local! {
    static FIRST_HOUR: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// What is simulated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day<'a> {
    /// What goes wrong, and when.
    pub(crate) pattern: &'a Pattern,
    /// Which requests come.
    pub(crate) seed: u64,
}

impl Day<'_> {
    /// Sends the day's requests through a router with this strategy. Must run under a paused clock.
    pub(crate) async fn run(&self, strategy: &'static str) -> Result<Measures, ConfigError> {
        // The strategies' own choices, and the router's.
        fastrand::seed(self.seed);
        let start = next_hour();
        sleep_until(start).await;
        let till = Till::default();
        let router = self.router(strategy, start, &till)?;
        let mut measures = Measures::new(strategy, self.pattern.length);
        let mut under_way = JoinSet::new();
        for request in Traffic::new(self.pattern, self.seed) {
            sleep_until(start + request.at).await;
            under_way.spawn(ask(router.clone(), request));
            while let Some(ended) = under_way.try_join_next() {
                measures.add(ended.ok());
            }
        }
        while let Some(ended) = under_way.join_next().await {
            measures.add(ended.ok());
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

/// The next whole hour, counted from the first day of this thread.
fn next_hour() -> Instant {
    let now = Instant::now();
    let first = FIRST_HOUR.get().unwrap_or(now);
    FIRST_HOUR.set(Some(first));
    let passed = now.duration_since(first).as_secs();
    first + HOUR * u32::try_from(passed.div_ceil(HOUR.as_secs())).unwrap_or(u32::MAX)
}
