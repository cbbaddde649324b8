//! What the simulator remembers: counters, the last requests, faults counted.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::cache::PromptCache;
use crate::config::Config;
use crate::faults::Fault;
use crate::responses::Store;

/// Fault counters kept; the simulator forgets all of them when there are more.
const MAX_FAULT_IDS: usize = 10_000;

/// Counts of what happened, as [`Running::wait_for`](crate::Running::wait_for) sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Connections accepted.
    pub connections: u64,
    /// Connections open now.
    pub open_connections: u64,
    /// Requests whose body was read.
    pub requests: u64,
    /// Requests whose reply has not ended.
    pub in_flight: u64,
    /// Replies sent to their end, error replies included.
    pub completed: u64,
    /// Replies that ended early because the client hung up.
    pub cancelled: u64,
    /// Replies that a fault broke off.
    pub broken: u64,
    /// Events handed to connections, on all streams.
    pub events: u64,
}

/// A request as it arrived.
pub struct Recorded {
    /// Its method.
    pub method: Method,
    /// Its path, without the query.
    pub path: String,
    /// Its query, without the question mark.
    pub query: Option<String>,
    /// Its headers, credentials included.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// Everything that the handlers share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) counters: watch::Sender<Counters>,
    ring: Mutex<Ring>,
    pub(crate) cache: Mutex<PromptCache>,
    pub(crate) store: Mutex<Store>,
    faults: Mutex<HashMap<String, Struck>>,
    sequence: AtomicU64,
}

struct Ring {
    requests: VecDeque<Arc<Recorded>>,
    bytes: usize,
}

struct Struck {
    first: Instant,
    times: u32,
}

/// Counts a request as in flight until it is dropped.
#[derive(Debug)]
pub(crate) struct InFlight {
    shared: Arc<Shared>,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Cancelled,
    Completed,
    Broken,
}

// === impl Shared ===

impl Shared {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            counters: watch::Sender::new(Counters::default()),
            ring: Mutex::new(Ring {
                requests: VecDeque::new(),
                bytes: 0,
            }),
            cache: Mutex::new(PromptCache::default()),
            store: Mutex::new(Store::default()),
            faults: Mutex::new(HashMap::new()),
            sequence: AtomicU64::new(0),
            config,
        }
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Counters)) {
        self.counters.send_modify(change);
    }

    /// A number that no other request has.
    pub(crate) fn next(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn in_flight(self: &Arc<Self>) -> InFlight {
        self.count(|c| c.in_flight += 1);
        InFlight {
            shared: Arc::clone(self),
            outcome: Outcome::Cancelled,
        }
    }

    pub(crate) fn record(&self, request: &Arc<Recorded>) {
        let (max, max_bytes) = (self.config.recorded_requests, self.config.recorded_bytes);
        if max > 0 && request.body.len() <= max_bytes {
            let mut ring = lock(&self.ring);
            ring.requests.push_back(Arc::clone(request));
            ring.bytes += request.body.len();
            while ring.requests.len() > max || ring.bytes > max_bytes {
                let Some(old) = ring.requests.pop_front() else {
                    break;
                };
                ring.bytes -= old.body.len();
            }
        }
        self.count(|c| c.requests += 1);
    }

    pub(crate) fn recorded(&self) -> Vec<Arc<Recorded>> {
        lock(&self.ring).requests.iter().cloned().collect()
    }

    /// Whether a bounded fault still strikes. Counts the request.
    pub(crate) fn strikes(&self, fault: &Fault, id: &str) -> bool {
        if fault.times.is_none() && fault.lasts.is_none() {
            return true;
        }
        let now = Instant::now();
        let mut faults = lock(&self.faults);
        if faults.len() >= MAX_FAULT_IDS && !faults.contains_key(id) {
            faults.clear();
        }
        let struck = faults.entry(id.to_owned()).or_insert(Struck {
            first: now,
            times: 0,
        });
        let strikes = fault.times.is_none_or(|times| struck.times < times)
            && fault
                .lasts
                .is_none_or(|time| now.duration_since(struck.first) < time);
        struck.times = struck.times.saturating_add(1);
        strikes
    }

    /// Forgets everything but what is in flight.
    pub(crate) fn reset(&self) {
        *lock(&self.ring) = Ring {
            requests: VecDeque::new(),
            bytes: 0,
        };
        *lock(&self.cache) = PromptCache::default();
        *lock(&self.store) = Store::default();
        lock(&self.faults).clear();
        self.count(|c| {
            *c = Counters {
                in_flight: c.in_flight,
                open_connections: c.open_connections,
                ..Counters::default()
            };
        });
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("counters", &*self.counters.borrow())
            .finish_non_exhaustive()
    }
}

// === impl InFlight ===

impl InFlight {
    /// Says how the reply ended; a drop without it means that the client hung up.
    pub(crate) fn ended(&mut self, outcome: Outcome) {
        self.outcome = outcome;
    }

    pub(crate) fn count_event(&self) {
        self.shared.count(|c| c.events += 1);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let outcome = self.outcome;
        self.shared.count(|c| {
            c.in_flight = c.in_flight.saturating_sub(1);
            match outcome {
                Outcome::Cancelled => c.cancelled += 1,
                Outcome::Completed => c.completed += 1,
                Outcome::Broken => c.broken += 1,
            }
        });
    }
}

// === impl Recorded ===

impl Recorded {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Shows neither headers nor body: they may hold a key or a person's text.
impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Locks even after a panic elsewhere: the data is only statistics and caches.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
