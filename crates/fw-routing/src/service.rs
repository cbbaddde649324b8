//! The router as a service.

use std::{
    convert::Infallible,
    error::Error as StdError,
    fmt,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use fw_stream::BoxError;
use http::{HeaderValue, Request, Response};
use http_body::Body;
use http_body_util::Full;
use tokio::time::Instant;
use tower_service::Service;

use crate::{
    body::{Describe, RouterBody},
    builder::RouterBuilder,
    config::{Fallback, Hedge, Retry},
    error::ConfigError,
    fallbacks::FallbacksBelow,
    fault::Fault,
    future::RouterFuture,
    keys::KeyRing,
    mirror::{MirrorHandle, MirrorStatus},
    pool::{Names, Pool},
    probe::{Probe, Probed, Probes, probes},
    stats::TargetStats,
    status::TargetStatus,
    target::Target,
};

/// When to ask again for a target of which only its probes can tell.
const UNHEALTHY: Duration = Duration::from_secs(5);

/// One service over several targets. See the [crate documentation](crate) for what it does.
///
/// A clone is another handle to the same targets and their state. It is always ready, and never fails: a
/// request that no target answers gets a reply that says so.
pub struct Router<S> {
    pub(crate) shared: Arc<Shared<S>>,
}

/// What all handles to a router share.
pub(crate) struct Shared<S> {
    pub(crate) targets: Vec<RoutedTarget<S>>,
    /// The first one is for requests whose model names no other.
    pub(crate) pools: Vec<Pool>,
    pub(crate) names: Names,
    pub(crate) settings: Settings,
    pub(crate) mirror: Option<MirrorHandle<S>>,
}

/// A target with its state.
pub(crate) struct RoutedTarget<S> {
    pub(crate) stats: Arc<TargetStats>,
    pub(crate) keys: KeyRing,
    /// A label and a service for each key.
    pub(crate) services: Vec<(Option<Arc<str>>, S)>,
    pub(crate) first_token: Option<Duration>,
    pub(crate) idle: Option<Duration>,
    pub(crate) total: Option<Duration>,
    pub(crate) probe: Option<Probe>,
    /// The id as a header's value, if it can be one.
    pub(crate) header: Option<HeaderValue>,
}

/// Settings of the router as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) retry: Retry,
    pub(crate) fallback: Fallback,
    pub(crate) hedge: Option<Hedge>,
    pub(crate) max_body_bytes: usize,
    pub(crate) max_reply_bytes: usize,
    pub(crate) classify: fn(&(dyn StdError + 'static)) -> Fault,
    pub(crate) describe: Describe,
    /// Whether anything in a request's body can matter for its way.
    pub(crate) reads_requests: bool,
    /// Whether a request may be sent more than once, though it names no fallbacks.
    pub(crate) repeats: bool,
    /// Whether a request's list of fallbacks goes up with it.
    pub(crate) leaves_fallbacks: bool,
    /// How the targets' services say that a request has such a list, if they do.
    pub(crate) fallbacks_below: Option<FallbacksBelow>,
}

impl<S> Router<S> {
    /// A router over these targets, in this order: the next one when one fails.
    ///
    /// # Errors
    ///
    /// When there is no target, or two of one id.
    pub fn new(targets: impl IntoIterator<Item = Target<S>>) -> Result<Self, ConfigError>
    where
        S: Clone,
    {
        targets
            .into_iter()
            .fold(Self::builder(), RouterBuilder::target)
            .build()
    }

    /// A router with settings of its own.
    #[must_use]
    pub fn builder() -> RouterBuilder<S> {
        RouterBuilder::new()
    }

    /// The state of all targets, in their order.
    #[must_use]
    pub fn status(&self) -> Vec<TargetStatus> {
        let now = Instant::now().into_std();
        self.shared
            .targets
            .iter()
            .map(|target| {
                let labels = target.services.iter().map(|(label, _)| label.clone());
                target
                    .stats
                    .status(now)
                    .with_keys(labels, &target.keys, now)
            })
            .collect()
    }
}

impl<S> Router<S> {
    /// What became of the copies that were sent to the mirror, if there is one.
    #[must_use]
    pub fn mirror_status(&self) -> Option<MirrorStatus> {
        self.shared.mirror.as_ref().map(MirrorHandle::status)
    }

    /// The health probes of all targets that have one, as a future to be spawned. It ends when the last
    /// handle to the router is gone.
    pub fn probes<B>(&self) -> Probes
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: Body + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let probed = self.shared.targets.iter().filter_map(|target| {
            Some(Probed {
                stats: Arc::clone(&target.stats),
                lanes: target
                    .services
                    .iter()
                    .map(|(_, service)| service.clone())
                    .collect(),
                probe: target.probe.clone()?,
            })
        });
        let router = Arc::downgrade(&self.shared);
        probes(probed, move || router.strong_count() > 0)
    }
}

impl<S, ReqBody, B> Service<Request<ReqBody>> for Router<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    ReqBody: Body<Data = Bytes>,
    ReqBody::Error: Into<BoxError>,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<RouterBody<B>>;
    type Error = Infallible;
    type Future = RouterFuture<S, ReqBody, B>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Which target's readiness matters is known when the request is; its attempt waits for it.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        RouterFuture::new(request, Arc::clone(&self.shared))
    }
}

impl<S> Clone for Router<S> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.shared.targets.iter().map(|target| target.stats.id());
        f.debug_struct("Router")
            .field("targets", &ids.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl<S> Shared<S> {
    /// How long until some target of these pools may be ready: a guess for those that are unhealthy. `None` if
    /// none ever will be.
    pub(crate) fn ready_in(&self, pools: impl Iterator<Item = usize>) -> Option<Duration> {
        let now = Instant::now().into_std();
        pools
            .filter_map(|pool| self.pools.get(pool))
            .flat_map(Pool::members)
            .filter(|member| member.stats.is_available())
            .map(|member| match member.stats.ready_at(now) {
                Some(at) => at.saturating_duration_since(now),
                None => UNHEALTHY,
            })
            .min()
    }
}
