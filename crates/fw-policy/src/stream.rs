//! The policies over a streamed reply.

use std::fmt;
use std::sync::Arc;

use fw_stream::{Channel, Edits, FilterText, Filters, Scan, TextFilter, Window, chain_filters};
use http::StatusCode;

use crate::chain::Chain;
use crate::config::Config;
use crate::decisions::{Decision, Decisions, Outcome, Phase};
use crate::denial;
use crate::{Exchange, FailMode, Findings};

/// What runs the policies over the events of a stream.
pub(crate) type PolicyTransform = FilterText<ChannelFilters>;

pub(crate) fn transform(exchange: Exchange, config: &Config) -> PolicyTransform {
    let mode = match config.fail_mode {
        FailMode::Closed => fw_stream::FailMode::Closed,
        FailMode::Open => fw_stream::FailMode::Open,
    };
    FilterText::new(exchange.endpoint(), ChannelFilters::new(exchange, config)).fail_mode(mode)
}

/// Makes the filters of a channel: those of the policies that care for it, in order.
pub(crate) struct ChannelFilters {
    chain: Chain,
    exchange: Exchange,
    /// For each policy that looks at replies: what it found, and where its decision stands.
    records: Vec<(Findings, usize)>,
    denial_status: StatusCode,
}

// === impl ChannelFilters ===

impl ChannelFilters {
    fn new(exchange: Exchange, config: &Config) -> Self {
        let add = |kind: &Arc<str>| {
            let findings = Findings::default();
            let decision = Decision::new(Arc::clone(kind), Phase::Response, Outcome::Allow)
                .found(findings.clone());
            (findings, exchange.decisions().add(decision))
        };
        Self {
            records: config
                .chain
                .responding()
                .map(|link| add(&link.kind))
                .collect(),
            chain: config.chain.clone(),
            exchange,
            denial_status: config.denial_status,
        }
    }
}

impl Filters for ChannelFilters {
    type Filter = Box<dyn TextFilter>;

    fn filter(&mut self, channel: &Channel) -> Option<Self::Filter> {
        let mut filters: Vec<Box<dyn TextFilter>> = Vec::new();
        for (link, (findings, place)) in self.chain.responding().zip(&self.records) {
            self.exchange.report_to(findings.clone());
            if let Some(filter) = link.policy.filter(channel, &self.exchange) {
                filters.push(Box::new(Watched {
                    filter,
                    policy: Arc::clone(&link.kind),
                    decisions: self.exchange.decisions().clone(),
                    place: *place,
                    changed: false,
                    denial_status: self.denial_status,
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
