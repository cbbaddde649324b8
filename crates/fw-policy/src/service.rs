use std::{
    mem,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use fw_stream::BoxError;
use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    body::{PolicyBody, PolicyRequestBody},
    chain::IntoChain,
    config::Config,
    future::{self, PolicyFuture},
    layer::PolicyLayer,
    route::Route,
};

/// The service that [`PolicyLayer`] makes. See the [crate documentation](crate).
#[derive(Clone, Debug)]
pub struct PolicyService<S> {
    inner: S,
    config: Arc<Config>,
}

// === impl PolicyService ===

impl<S> PolicyService<S> {
    /// Wraps a service with these policies and default settings.
    pub fn new(inner: S, policies: impl IntoChain) -> Self {
        PolicyLayer::new(policies).layer(inner)
    }

    pub(crate) const fn from_config(inner: S, config: Arc<Config>) -> Self {
        Self { inner, config }
    }

    /// The inner service.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service.
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Gives the inner service back.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for PolicyService<S>
where
    S: Service<Request<PolicyRequestBody<ReqBody>>, Response = Response<ResBody>> + Clone,
    ReqBody: Body<Data = Bytes>,
    ReqBody::Error: Into<BoxError>,
    ResBody: Body<Data = Bytes>,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<PolicyBody<ResBody>>;
    type Error = S::Error;
    type Future = PolicyFuture<S, S::Future, ReqBody, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let config = Arc::clone(&self.config);
        let route = if config.chain.is_empty() {
            Route::Other
        } else {
            Route::of(&request)
        };
        match route {
            Route::Create(endpoint) => {
                // The instance that was polled ready makes the call, once the body is read.
                let clone = self.inner.clone();
                let service = mem::replace(&mut self.inner, clone);
                PolicyFuture::read(request, service, endpoint, config)
            }
            Route::Read(reply) if config.has_response => {
                let (request, then) = future::only_reply(request, reply);
                let future = self.inner.call(request.map(PolicyRequestBody::inner));
                PolicyFuture::call(future, Some(then), config)
            }
            Route::Read(_) | Route::Other => {
                let future = self.inner.call(request.map(PolicyRequestBody::inner));
                PolicyFuture::call(future, None, config)
            }
        }
    }
}
