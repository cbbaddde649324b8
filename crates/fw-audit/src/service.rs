use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use fw_stream::BoxError;
use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::{AuditBody, AuditRequestBody};
use crate::future::AuditFuture;
use crate::layer::AuditLayer;
use crate::log::AuditLog;
use crate::route::Route;
use crate::settings::Config;

/// The service that [`AuditLayer`] makes. See the [crate documentation](crate).
#[derive(Clone, Debug)]
pub struct AuditService<S> {
    inner: S,
    config: Arc<Config>,
}

// === impl AuditService ===

impl<S> AuditService<S> {
    /// Wraps a service with default settings.
    pub fn new(inner: S, log: AuditLog) -> Self {
        AuditLayer::new(log).layer(inner)
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

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for AuditService<S>
where
    S: Service<Request<AuditRequestBody<ReqBody>>, Response = Response<ResBody>> + Clone,
    ReqBody: Body<Data = Bytes>,
    ReqBody::Error: Into<BoxError>,
    ResBody: Body<Data = Bytes>,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<AuditBody<ResBody>>;
    type Error = S::Error;
    type Future = AuditFuture<S, S::Future, ReqBody, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let log = self.config.log.as_ref();
        let Some((log, route)) = log.and_then(|log| Some((log, Route::of(&request)?))) else {
            return AuditFuture::inner(self.inner.call(request.map(AuditRequestBody::inner)));
        };
        if self.config.blocks() && !log.is_healthy() {
            log.note_refused();
            return AuditFuture::unavailable(route);
        }
        // The instance that was polled ready makes the call, once the body is read.
        let clone = self.inner.clone();
        let service = mem::replace(&mut self.inner, clone);
        AuditFuture::read(request, service, route, Arc::clone(&self.config))
    }
}
