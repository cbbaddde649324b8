//! From a configuration to the stack of services that serves it.

mod audit;
mod error;
mod external;
pub(crate) mod faults;
mod members;
mod panic;
mod params;
mod policies;
mod resilience;
mod responses;
pub(crate) mod routing;
mod upstream;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use fw_audit::AuditLayer;
use fw_policy::PolicyService;
use fw_provider::TargetConfig;
use fw_stream::BoxError;
use http::{Request, Response};
use http_body::Body;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_layer::Layer;
use tower_service::Service;

pub(crate) use self::audit::{FOLDER, KnownAccesses};
pub use self::error::StartError;
use self::external::External;
pub(crate) use self::members::Member;
use self::panic::panic_reply;
use self::routing::Router;
use crate::capture::Capture;
use crate::config::Config;
use crate::front::{Front, Shared};
use crate::health::Health;
use crate::models;
use crate::read_timeout::ReadTimeout;
use crate::request_id::RequestIdLayer;

/// A gateway, made of a configuration and ready to serve it. Cheap to clone: clones share their targets
/// and what is known of them.
#[derive(Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
    stack: PolicyService<Capture<External<Router>>>,
    audit: AuditLayer,
}

impl Gateway {
    /// Prepares everything `config` asks for. `lookup` finds environment variables; it is called for
    /// the targets' keys and that of an external moderation service only. Opens no connection; the audit log is opened, if the chain has one, and
    /// closed with the last clone.
    ///
    /// A target whose key is missing is logged and unavailable; it is no error. An external moderation service whose
    /// key is missing is one.
    ///
    /// # Errors
    ///
    /// When the configuration names no target, or one that cannot be used, or a policy whose settings cannot be
    /// used, or when the audit log or the store of responses cannot be opened.
    pub fn new(
        config: &Config,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, StartError> {
        let providers = config
            .providers
            .as_ref()
            .ok_or_else(StartError::no_target)?;
        let store = responses::store(config, providers)?;
        let router = routing::router(config, providers, store.as_ref(), &lookup)?;
        let policies = policies::layer(config)?;
        let external = external::layer(config, &lookup)?;
        let (audit, log) = audit::layer(config, providers)?;
        let shared = Shared {
            health: Health::new(),
            models: models::list(providers, &config.model_groups),
            provider: provider_names(&providers.targets),
            router: router.clone(),
            has_response_details: responses::have_details(providers),
            max_response_bytes: bytes(config.size_limits.max_response_bytes),
            max_body_bytes: bytes(config.size_limits.max_body_bytes),
            policies: config.policies.chain.len(),
            audit: log,
        };
        Ok(Self {
            shared: Arc::new(shared),
            stack: policies.layer(Capture::new(external.layer(router))),
            audit,
        })
    }

    #[cfg(test)]
    pub(crate) fn shared(self) -> Arc<Shared> {
        self.shared
    }

    /// Answers `/readyz` and `/health` with 503 from now on, so that load balancers turn away.
    pub fn start_draining(&self) {
        self.shared.health.start_draining();
    }

    /// The health probes of all targets that the configuration wants probed, for as long as this is polled:
    /// spawn it beside the server. It is ready at once where none is.
    pub fn probes(&self) -> impl Future<Output = ()> + Send + 'static {
        self.shared.router.probes()
    }

    /// The whole stack as one service, to be given to a server. `B` is the body of the requests it takes.
    ///
    /// Outermost first: a request id is set and returned, a panic becomes a 500, a client that stops in the
    /// middle of its body is cut, the request and its end are recorded, a span is opened, the policies look at what passes, an external service is asked about it, a target is chosen,
    /// parameters are converted for it.
    pub fn into_service<B>(
        self,
    ) -> impl Service<
        Request<B>,
        Response = Response<impl Body<Data = Bytes, Error = BoxError> + Send + 'static>,
        Error = Infallible,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<BoxError>,
    {
        ServiceBuilder::new()
            .layer(RequestIdLayer::new())
            .layer(CatchPanicLayer::custom(panic_reply))
            .map_request(|request: Request<B>| request.map(ReadTimeout::new))
            .layer(self.audit)
            .service(Front::new(self.shared, self.stack))
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("shared", &self.shared)
            .finish_non_exhaustive()
    }
}

/// The configured providers, each once: `fireworks and openai`.
fn provider_names(targets: &[TargetConfig]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for target in targets {
        let name = target.provider_name().name;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" and ")
}

/// A limit of the configuration. What does not fit a 32-bit address space is no limit there.
fn bytes(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
