use std::{
    mem,
    task::{Context, Poll},
};

use bytes::Bytes;
use fw_stream::BoxError;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::{
    body::{MessagesBody, MessagesRequestBody},
    config::Config,
    future::MessagesFuture,
    route::Route,
};

/// The service that [`MessagesLayer`](crate::MessagesLayer) makes. See the [crate documentation](crate).
#[derive(Clone, Debug)]
pub struct MessagesService<S> {
    inner: S,
    config: Config,
}

// === impl MessagesService ===

impl<S> MessagesService<S> {
    /// Wraps a service that speaks chat completions, with default limits.
    pub fn new(inner: S) -> Self {
        Self::from_config(inner, Config::default())
    }

    pub(crate) const fn from_config(inner: S, config: Config) -> Self {
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

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for MessagesService<S>
where
    S: Service<Request<MessagesRequestBody<ReqBody>>, Response = Response<ResBody>> + Clone,
    ReqBody: Body<Data = Bytes>,
    ReqBody::Error: Into<BoxError>,
    ResBody: Body<Data = Bytes>,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<MessagesBody<ResBody>>;
    type Error = S::Error;
    type Future = MessagesFuture<S, S::Future, ReqBody, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let route = Route::of(request.method(), request.uri().path());
        if route == Route::Other {
            let request = request.map(MessagesRequestBody::inner);
            return MessagesFuture::pass(self.inner.call(request), self.config);
        }
        // The instance that was polled ready makes the call, once the body is read.
        let clone = self.inner.clone();
        let service = mem::replace(&mut self.inner, clone);
        MessagesFuture::read(request, service, route, self.config)
    }
}
