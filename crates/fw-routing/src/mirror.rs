//! Mirroring: a sampled copy of a request to another target.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use fw_stream::BoxError;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tokio::{runtime::Handle, time::Instant};
use tower_service::Service;

use crate::exchange::exchange;

/// As much of a reply is read.
const MAX_READ: u64 = 32 * 1024 * 1024;

/// Sends copies of requests to another target, to try a model or a provider with real traffic.
///
/// A copy is sent after the client got its answer, in a task of its own, and never affects the request it
/// is a copy of. Its reply is read to the end and dropped. It does not count for the target's breaker,
/// latency or requests in flight, and no key is put aside for what it is answered.
///
/// ```
/// use std::time::Duration;
///
/// use fw_routing::Mirror;
///
/// let mirror = Mirror::new("canary").sample_rate(0.05).timeout(Duration::from_secs(10));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Mirror {
    target: String,
    sample_rate: f64,
    timeout: Duration,
    max_in_flight: u32,
    log_response: bool,
}

impl Mirror {
    /// Copies of all requests to the target of this id, with a timeout of 5 s and at most 64 in flight;
    /// replies are not logged.
    pub fn new(target: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            sample_rate: 1.0,
            timeout: Duration::from_secs(5),
            max_in_flight: 64,
            log_response: false,
        }
    }

    /// Which share of the requests is copied: from 0 for none to 1 for all. Each is drawn on its own.
    pub fn sample_rate(mut self, share: f64) -> Self {
        self.sample_rate = share;
        self
    }

    /// The time within which the reply has to be there, whole.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many copies may be in flight. Those beyond it are not sent.
    pub fn max_in_flight(mut self, copies: u32) -> Self {
        self.max_in_flight = copies;
        self
    }

    /// Whether the status, duration and length of replies are logged, at level `debug` with the target
    /// `fw_routing::mirror`. Their text never is.
    pub fn log_response(mut self, log: bool) -> Self {
        self.log_response = log;
        self
    }

    /// The id of the target that gets the copies.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }
}

/// How a mirror's copies fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MirrorStatus {
    /// Copies under way.
    pub in_flight: u32,
    /// Copies that were sent.
    pub sent: u64,
    /// Those of them that got no whole reply within the timeout.
    pub failed: u64,
    /// Copies that were not sent: too many were in flight, or the runtime was gone.
    pub dropped: u64,
}

/// A mirror at work: its configuration with the service of its target.
pub(crate) struct MirrorHandle<S> {
    service: S,
    mirror: Mirror,
    rng: Mutex<fastrand::Rng>,
    counts: Arc<Counts>,
}

impl<S> MirrorHandle<S> {
    pub(crate) fn new(mirror: Mirror, service: S) -> Self {
        Self {
            service,
            mirror,
            rng: Mutex::new(fastrand::Rng::new()),
            counts: Arc::default(),
        }
    }

    /// The draws then depend on nothing else.
    #[cfg(test)]
    fn seed(self, seed: u64) -> Self {
        Self {
            rng: Mutex::new(fastrand::Rng::with_seed(seed)),
            ..self
        }
    }

    /// Whether the next request is one of the sample. Ask once per request, before anything is copied.
    pub(crate) fn sampled(&self) -> bool {
        let share = self.mirror.sample_rate;
        if share >= 1.0 {
            return true;
        }
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        rng.f64() < share
    }

    pub(crate) fn status(&self) -> MirrorStatus {
        MirrorStatus {
            in_flight: self.counts.in_flight.load(Relaxed),
            sent: self.counts.sent.load(Relaxed),
            failed: self.counts.failed.load(Relaxed),
            dropped: self.counts.dropped.load(Relaxed),
        }
    }

    /// Sends a copy in a task of its own and returns at once. It may be called from a destructor.
    ///
    /// Where there is no runtime, or too many copies are in flight, the copy is dropped and counted.
    pub(crate) fn send<B>(&self, request: Request<Full<Bytes>>)
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: Body + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let Some((runtime, under_way)) = Handle::try_current().ok().and_then(|runtime| {
            let under_way = UnderWay::begin(&self.counts, self.mirror.max_in_flight)?;
            Some((runtime, under_way))
        }) else {
            self.counts.dropped.fetch_add(1, Relaxed);
            return;
        };
        let service = self.service.clone();
        let timeout = self.mirror.timeout;
        let log = self.mirror.log_response.then(|| self.mirror.target.clone());
        runtime.spawn(async move {
            let started = Instant::now();
            let result = exchange(service, request, timeout, MAX_READ).await;
            under_way.end(result.is_ok());
            if let Some(mirror) = log {
                let milliseconds = started.elapsed().as_millis() as u64;
                match result {
                    Ok(reply) => tracing::debug!(
                        mirror,
                        status = reply.status.as_u16(),
                        milliseconds,
                        bytes = reply.bytes,
                        "replied"
                    ),
                    Err(fault) => tracing::debug!(mirror, %fault, milliseconds, "no whole reply"),
                }
            }
        });
    }
}

/// In the extensions of a request that is a copy for the [`Mirror`]: a service that keeps something of requests may
/// leave it be.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MirrorCopy;

impl<S> fmt::Debug for MirrorHandle<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MirrorHandle")
            .field("mirror", &self.mirror)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Counts {
    in_flight: AtomicU32,
    sent: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
}

/// A copy under way. Dropped before its end, as at the end of a runtime, it counts as failed.
struct UnderWay {
    counts: Arc<Counts>,
    replied: bool,
}

impl UnderWay {
    fn begin(counts: &Arc<Counts>, max_in_flight: u32) -> Option<Self> {
        counts
            .in_flight
            .fetch_update(Relaxed, Relaxed, |count| {
                (count < max_in_flight).then_some(count + 1)
            })
            .ok()?;
        counts.sent.fetch_add(1, Relaxed);
        Some(Self {
            counts: Arc::clone(counts),
            replied: false,
        })
    }

    fn end(mut self, replied: bool) {
        self.replied = replied;
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if !self.replied {
            self.counts.failed.fetch_add(1, Relaxed);
        }
        self.counts.in_flight.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests;
