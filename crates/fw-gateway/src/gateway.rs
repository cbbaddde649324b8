//! From a configuration to the stack of services that serves it.

mod error;
mod panic;
mod policies;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use fw_params::{Dialect, ParamsLayer, ParamsRequestBody, ParamsService, UnknownModels};
use fw_policy::{PolicyRequestBody, PolicyService};
use fw_provider::{Provider, ProviderConfig, TargetConfig};
use fw_stream::BoxError;
use http::{Request, Response};
use http_body::Body;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_layer::Layer;
use tower_service::Service;

pub use self::error::StartError;
use self::panic::panic_reply;
use crate::config::{Config, Providers};
use crate::front::{Front, Shared};
use crate::health::Health;
use crate::models;
use crate::read_timeout::ReadTimeout;
use crate::request_id::CountedRequestId;

/// A target's stack: parameters converted for the provider, then sent to it.
type Target<B> = ParamsService<Provider<ParamsRequestBody<PolicyRequestBody<ReadTimeout<B>>>>>;

/// A gateway, made of a configuration and ready to serve it. Cheap to clone.
///
/// `B` is the body of the requests it takes.
pub struct Gateway<B> {
    shared: Arc<Shared>,
    stack: PolicyService<Target<B>>,
}

impl<B> Gateway<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    /// Prepares everything `config` asks for. `lookup` finds environment variables; it is called for
    /// the targets' keys only. Opens no connection.
    ///
    /// A target whose key is missing is logged and unavailable; it is no error.
    ///
    /// # Errors
    ///
    /// When the configuration names no target, or one that cannot be used, or a policy whose settings cannot be
    /// used.
    pub fn new(
        config: &Config,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, StartError> {
        let providers = config
            .providers
            .as_ref()
            .ok_or_else(StartError::no_target)?;
        let target = providers
            .targets
            .first()
            .ok_or_else(StartError::no_target)?;
        let provider = ProviderConfig::from_target(target, lookup)
            .and_then(Provider::new)
            .map_err(StartError::target)?;
        let shared = Shared {
            health: Health::new(),
            models: models::list(providers),
            provider: target.provider_name().name.to_owned(),
            targets: vec![(target.id.clone(), provider.availability().is_available())],
            max_response_bytes: bytes(config.size_limits.max_response_bytes),
            policies: config.policies.chain.len(),
        };
        let target = params(config, providers, target).layer(provider);
        Ok(Self {
            shared: Arc::new(shared),
            stack: policies::layer(config)?.layer(target),
        })
    }

    /// Answers `/readyz` and `/health` with 503 from now on, so that load balancers turn away.
    pub fn start_draining(&self) {
        self.shared.health.start_draining();
    }

    /// The whole stack as one service, to be given to a server.
    ///
    /// Outermost first: a request id is set and returned, a panic becomes a 500, a client that stops in the
    /// middle of its body is cut, a span is opened, the policies look at what passes, parameters are
    /// converted for the target.
    pub fn into_service(
        self,
    ) -> impl Service<
        Request<B>,
        Response = Response<impl Body<Data = Bytes, Error = BoxError> + Send + 'static>,
        Error = Infallible,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static {
        ServiceBuilder::new()
            .layer(SetRequestIdLayer::x_request_id(CountedRequestId::new()))
            .layer(PropagateRequestIdLayer::x_request_id())
            .layer(CatchPanicLayer::custom(panic_reply))
            .map_request(|request: Request<B>| request.map(ReadTimeout::new))
            .service(Front::new(self.shared, self.stack))
    }
}

impl<B> Clone for Gateway<B> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            stack: self.stack.clone(),
        }
    }
}

impl<B> fmt::Debug for Gateway<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("shared", &self.shared)
            .finish_non_exhaustive()
    }
}

/// A limit of the configuration. What does not fit a 32-bit address space is no limit there.
fn bytes(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// The conversion for one target, with every name that the configuration gives a meaning to.
fn params(config: &Config, providers: &Providers, target: &TargetConfig) -> ParamsLayer {
    let name = target.provider_name();
    let others = providers.targets.iter().map(TargetConfig::provider_name);
    let known = providers.targets.iter().flat_map(|target| {
        let shorthand = target.provider_name().model.map(str::to_owned);
        [Some(target.id.clone()), target.model.clone(), shorthand]
            .into_iter()
            .flatten()
    });
    let mut layer = ParamsLayer::new(Dialect::for_provider(name.name))
        .provider(name.name)
        .known_providers(others.map(|other| other.name))
        .known_models(known)
        .unknown_models(UnknownModels::PassThrough)
        .max_body_bytes(bytes(config.size_limits.max_body_bytes))
        .max_response_bytes(bytes(config.size_limits.max_response_bytes));
    if let Some(model) = target.model.as_deref().or(name.model) {
        layer = layer.model(model);
    }
    layer
}
