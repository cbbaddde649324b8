use std::{
    mem,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use fw_stream::BoxError;
use fw_wire::{Endpoint, ErrorShape};
use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    body::{ParamsBody, ParamsRequestBody},
    config::Config,
    dialect::Dialect,
    future::ParamsFuture,
    layer::ParamsLayer,
    reply::plan::ReplyPlan,
    route::Route,
};

/// The service that [`ParamsLayer`] makes. See the [crate documentation](crate).
#[derive(Clone, Debug)]
pub struct ParamsService<S> {
    inner: S,
    config: Arc<Config>,
}

// === impl ParamsService ===

impl<S> ParamsService<S> {
    /// Wraps a service for a provider of this dialect, with default settings.
    pub fn new(inner: S, dialect: Dialect) -> Self {
        ParamsLayer::new(dialect).layer(inner)
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

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for ParamsService<S>
where
    S: Service<Request<ParamsRequestBody<ReqBody>>, Response = Response<ResBody>> + Clone,
    ReqBody: Body<Data = Bytes>,
    ReqBody::Error: Into<BoxError>,
    ResBody: Body<Data = Bytes>,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<ParamsBody<ResBody>>;
    type Error = S::Error;
    type Future = ParamsFuture<S, S::Future, ReqBody, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let config = Arc::clone(&self.config);
        let plan = match Route::of(request.method(), request.uri().path()) {
            Route::Create(endpoint) => {
                // The instance that was polled ready makes the call, once the body is read.
                let clone = self.inner.clone();
                let service = mem::replace(&mut self.inner, clone);
                return ParamsFuture::read(request, service, endpoint, config);
            }
            Route::ReadResponse => Some(response_plan(config.dialect)),
            Route::DeleteResponse(id) => Some(ReplyPlan {
                deleted: Some(id.into()),
                ..response_plan(config.dialect)
            }),
            Route::Other => None,
        };
        let future = self.inner.call(request.map(ParamsRequestBody::inner));
        ParamsFuture::call(future, plan, config)
    }
}

fn response_plan(dialect: Dialect) -> ReplyPlan {
    let endpoint = Endpoint::Responses;
    ReplyPlan::new(endpoint, ErrorShape::for_endpoint(endpoint), dialect)
}
