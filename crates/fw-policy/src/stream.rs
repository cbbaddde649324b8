//! The policies over a streamed reply.

mod leftovers;
mod search;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fw_stream::{Channel, Edits, FilterText, Filters, Scan, TextFilter, Window, chain_filters};
use http::StatusCode;

use self::leftovers::Leftovers;
use crate::chain::{Chain, Link};
use crate::config::Config;
use crate::decisions::{Decision, Decisions, Outcome, Phase};
use crate::denial;
use crate::{Exchange, FailMode, Findings};

/// What runs the policies over the events of a stream.
pub(crate) type PolicyTransform = (FilterText<ChannelFilters>, Leftovers);

pub(crate) fn transform(exchange: Exchange, config: &Config) -> PolicyTransform {
    let endpoint = exchange.endpoint();
    let mode = match config.fail_mode {
        FailMode::Closed => fw_stream::FailMode::Closed,
        FailMode::Open => fw_stream::FailMode::Open,
    };
    let filters = ChannelFilters::new(exchange, config);
    (
        FilterText::new(endpoint, filters.clone()).fail_mode(mode),
        Leftovers::new(endpoint, filters, config.is_open()),
    )
}

/// Makes the filters of a channel: those of the policies that care for it, in order. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ChannelFilters {
    chain: Chain,
    // Locked when a channel begins, not for each event.
    exchange: Arc<Mutex<Exchange>>,
    /// For each policy that looks at replies: what it found, and where its decision stands.
    records: Arc<[(Findings, usize)]>,
    denial_status: StatusCode,
    /// A policy has stopped the stream: what comes now is the error that says so.
    stopped: Arc<AtomicBool>,
}

// === impl ChannelFilters ===

impl ChannelFilters {
    fn new(exchange: Exchange, config: &Config) -> Self {
        let add = |link: &Link| {
            let findings = Findings::default();
            let decision = Decision::new(Arc::clone(&link.kind), Phase::Response, Outcome::Allow)
                .found(findings.clone());
            (findings, exchange.decisions().add(decision))
        };
        Self {
            records: config.chain.responding().map(add).collect(),
            chain: config.chain.clone(),
            exchange: Arc::new(Mutex::new(exchange)),
            denial_status: config.denial_status,
            stopped: Arc::default(),
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

impl Filters for ChannelFilters {
    type Filter = Box<dyn TextFilter>;

    fn filter(&mut self, channel: &Channel) -> Option<Self::Filter> {
        let mut exchange = self.exchange.lock().unwrap_or_else(PoisonError::into_inner);
        let mut filters: Vec<Box<dyn TextFilter>> = Vec::new();
        for (link, (findings, place)) in self.chain.responding().zip(&*self.records) {
            exchange.report_to(findings.clone());
            if let Some(filter) = link.policy.filter(channel, &exchange) {
                filters.push(Box::new(Watched {
                    filter,
                    policy: Arc::clone(&link.kind),
                    decisions: exchange.decisions().clone(),
                    place: *place,
                    changed: false,
                    denial_status: self.denial_status,
                    stopped: Arc::clone(&self.stopped),
                }));
            }
        }
        chain_filters(filters)
    }
}

impl fmt::Debug for ChannelFilters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ChannelFilters").field(&self.chain).finish()
    }
}

/// A policy's filter, with what it does on the record.
struct Watched {
    filter: Box<dyn TextFilter>,
    policy: Arc<str>,
    decisions: Decisions,
    place: usize,
    changed: bool,
    denial_status: StatusCode,
    stopped: Arc<AtomicBool>,
}

impl TextFilter for Watched {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let before = edits.len();
        let scan = self.filter.scan(window, edits);
        if edits.len() > before && !self.changed {
            self.changed = true;
            self.decisions.change(self.place, Outcome::Redact);
        }
        match scan {
            Scan::Settled(_) => scan,
            Scan::Stop(error) => {
                self.stopped.store(true, Ordering::Relaxed);
                let (error, outcome) = denial::stopped(&error, &self.policy);
                self.decisions.change(self.place, outcome);
                Scan::Stop(Box::new(error.with_status(self.denial_status)))
            }
        }
    }

    fn context(&self) -> usize {
        self.filter.context()
    }
}
