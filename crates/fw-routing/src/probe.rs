//! Health probes: asking targets how they are.

mod verdict;

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use fw_stream::BoxError;
use http::{Request, Response, Uri};
use http_body::Body;
use http_body_util::Full;
use tokio::time::{self, Instant};
use tower_service::Service;

use self::verdict::{Sign, Streak, Verdict};
use crate::{
    exchange::{Exchanged, exchange},
    fault::{Fault, FaultKind},
    stats::TargetStats,
    status::TargetState,
};

/// As much of a reply is read.
const MAX_READ: u64 = 1024 * 1024;

/// Shorter intervals are taken as this long.
const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// Longer intervals are taken as this long.
const MAX_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// How a target's health is probed: a `GET` now and then, sent through the target's own service.
///
/// Probes find out that a target works again without risking a user's request. By default only a target
/// that is out of rotation is probed: its breaker is open or half-open, or earlier probes found it
/// unhealthy. A target that cools down after a 429 is not. With [`always`](Self::always), probes also find
/// out that a target fails before a request does.
///
/// ```
/// use std::time::Duration;
///
/// use fw_routing::Probe;
///
/// let probe = Probe::new()
///     .path("/health")
///     .interval(Duration::from_secs(10))
///     .success_threshold(2);
/// ```
///
/// # What counts as healthy
///
/// A probe asks whether a target can serve, not whether the path is a good one. A reply that says "not
/// this path" comes from a server that answers.
///
/// | reply | sign |
/// |---|---|
/// | 2xx, 3xx, and every 4xx not named below | good |
/// | 403, 404, 405, 501 | good: the server answers, only not to this path, or not to this key on it. (Keys that may chat need not be allowed to list models.) |
/// | 401, 402, 412 | bad, if all keys of the target are answered so: wrong key, unpaid or suspended account |
/// | 408, 425, 5xx but 500 and 501 | bad |
/// | 429, 500 | neither: it answers, but what it would answer to a request is not known. (The list of models of Fireworks is a 500 for many accounts that work.) |
/// | no connection, an error, a reply that is not whole within the timeout | bad |
///
/// Of a reply, at most 1 MiB is read; what comes after does not count.
///
/// [`failure_threshold`](Self::failure_threshold) bad signs in a row make a target unhealthy: it gets no
/// requests, whatever its breaker says. [`success_threshold`](Self::success_threshold) good signs in a row
/// make it healthy: if its breaker is open, it goes half-open at once. Good signs from before the target
/// went out of rotation do not count. As many signs that are neither as would make it unhealthy, and none that is
/// bad among them, also end bad health: the target answers again, and requests find out the rest.
///
/// So a path that fails while the rest of a target works keeps a good target out. Choose one that tells.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Probe {
    path: String,
    interval: Duration,
    timeout: Duration,
    failure_threshold: u32,
    success_threshold: u32,
    always: bool,
}

impl Default for Probe {
    fn default() -> Self {
        Self::new()
    }
}

impl Probe {
    /// `GET /models` every 30 s with a timeout of 5 s, for a target out of rotation; three failures in a
    /// row make it unhealthy, one success makes it healthy.
    pub fn new() -> Self {
        Self {
            path: "/models".to_owned(),
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            failure_threshold: 3,
            success_threshold: 1,
            always: false,
        }
    }

    /// The path to ask for, with its leading `/`; it may have a query.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// The time from one probe to the next, give or take 10 %; from 100 ms to a day.
    ///
    /// The first probe comes after a random part of it, so that replicas do not probe in step. A probe
    /// that takes longer delays the next: a target never has two at once.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The time within which a reply has to be there, whole.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many bad signs in a row make the target unhealthy; at least 1.
    pub fn failure_threshold(mut self, probes: u32) -> Self {
        self.failure_threshold = probes;
        self
    }

    /// How many good signs in a row make the target healthy; at least 1.
    pub fn success_threshold(mut self, probes: u32) -> Self {
        self.success_threshold = probes;
        self
    }

    /// Whether the target is also probed while it is in rotation.
    pub fn always(mut self, always: bool) -> Self {
        self.always = always;
        self
    }

    /// The address to ask for; `None` if the path is not one. The builder of the router refuses that.
    pub(crate) fn uri(&self) -> Option<Uri> {
        let uri: Uri = self.path.parse().ok()?;
        (self.path.starts_with('/') && uri.authority().is_none()).then_some(uri)
    }
}

/// A target that is probed.
#[derive(Debug)]
pub(crate) struct Probed<S> {
    pub(crate) stats: Arc<TargetStats>,
    /// One service per key. The second is asked only if the first key is refused, and so on.
    pub(crate) lanes: Vec<S>,
    pub(crate) probe: Probe,
}

/// Probes the targets of a router until the router is dropped.
///
/// Nothing is probed unless this is polled: spawn it. Dropping it ends the probes. After the router was
/// dropped it ends when the next probe would be due; without a probed target it ends at once.
#[must_use = "targets are probed only while this future is polled"]
pub struct Probes {
    targets: Vec<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Future for Probes {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.targets
            .retain_mut(|target| target.as_mut().poll(cx).is_pending());
        if self.targets.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl fmt::Debug for Probes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probes")
            .field("targets", &self.targets.len())
            .finish()
    }
}

/// Probes targets for as long as `alive` says so.
pub(crate) fn probes<S, B>(
    targets: impl IntoIterator<Item = Probed<S>>,
    alive: impl Fn() -> bool + Clone + Send + 'static,
) -> Probes
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Error: Into<BoxError>,
{
    let targets = targets
        .into_iter()
        .map(|target| -> Pin<Box<dyn Future<Output = ()> + Send>> {
            Box::pin(run(target, alive.clone(), fastrand::Rng::new()))
        })
        .collect();
    Probes { targets }
}

async fn run<S, B>(mut target: Probed<S>, alive: impl Fn() -> bool, mut rng: fastrand::Rng)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
    S::Error: Into<BoxError>,
    B: Body,
    B::Error: Into<BoxError>,
{
    let Some(uri) = target.probe.uri() else {
        tracing::error!(id = target.stats.id(), "the path of its probe is none");
        return;
    };
    let mut streak = Streak::new(
        target.probe.failure_threshold,
        target.probe.success_threshold,
    );
    let interval = target.probe.interval.clamp(MIN_INTERVAL, MAX_INTERVAL);
    let mut wait = interval.mul_f64(rng.f64());
    let mut was_out = false;
    loop {
        time::sleep(wait).await;
        if !alive() {
            return;
        }
        let started = Instant::now();
        let state = target.state();
        let is_out = is_out(state);
        if is_out && !was_out {
            streak.forget_good();
        }
        was_out = is_out;
        if state == TargetState::Unavailable || !(is_out || target.probe.always) {
            streak.clear();
        } else {
            let result = target.ask(&uri).await;
            if let Some(verdict) = streak.record(Sign::of(&result)) {
                target.tell(verdict, &result);
            }
        }
        let interval = interval.mul_f64(0.9 + 0.2 * rng.f64());
        wait = interval.saturating_sub(started.elapsed());
    }
}

/// Whether a target gets no requests, or few, for a reason that a probe can clear up.
fn is_out(state: TargetState) -> bool {
    matches!(
        state,
        TargetState::Open | TargetState::HalfOpen | TargetState::Unhealthy
    )
}

impl<S> Probed<S> {
    fn state(&self) -> TargetState {
        self.stats.status(Instant::now().into_std()).state
    }

    /// Sends one probe, and another with the next key while keys are refused. The last answer counts.
    async fn ask<B>(&mut self, uri: &Uri) -> Result<Exchanged, Fault>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<BoxError>,
        B: Body,
        B::Error: Into<BoxError>,
    {
        let mut result = Err(Fault::new(FaultKind::Connect));
        for lane in &mut self.lanes {
            let mut request = Request::new(Full::default());
            *request.uri_mut() = uri.clone();
            result = exchange(lane.clone(), request, self.probe.timeout, MAX_READ).await;
            if Sign::of(&result) != Sign::BadKey {
                break;
            }
        }
        result
    }

    /// Changes the target's state where the verdict is news.
    fn tell(&self, verdict: Verdict, result: &Result<Exchanged, Fault>) {
        let id = self.stats.id();
        let state = self.state();
        let now = Instant::now().into_std();
        match verdict {
            Verdict::Healthy if matches!(state, TargetState::Open | TargetState::Unhealthy) => {
                tracing::info!(id, "healthy by its probes");
                self.stats.set_healthy(true, now);
            }
            Verdict::Answers if state == TargetState::Unhealthy => {
                tracing::info!(id, "answers its probes again");
                self.stats.set_healthy(true, now);
            }
            Verdict::Unhealthy if state != TargetState::Unhealthy => {
                match result {
                    Ok(reply) => {
                        let status = reply.status.as_u16();
                        tracing::warn!(id, status, "unhealthy by its probes");
                    }
                    Err(fault) => {
                        tracing::warn!(id, %fault, "unhealthy by its probes");
                    }
                }
                self.stats.set_healthy(false, now);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
