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
    body::{ResponsesBody, ResponsesRequestBody},
    config::Config,
    future::ResponsesFuture,
    kept::{self, Answer},
    layer::ResponsesLayer,
    route::Route,
    store::{Owner, ResponseStore},
};

/// The service that [`ResponsesLayer`] makes. See the [crate documentation](crate).
#[derive(Clone, Debug)]
pub struct ResponsesService<S> {
    inner: S,
    config: Arc<Config>,
}

// === impl ResponsesService ===

impl<S> ResponsesService<S> {
    /// Wraps a service of chat completions, with default settings.
    pub fn new(inner: S, store: ResponseStore) -> Self {
        ResponsesLayer::new(store).layer(inner)
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

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for ResponsesService<S>
where
    S: Service<Request<ResponsesRequestBody<ReqBody>>, Response = Response<ResBody>> + Clone,
    ReqBody: Body<Data = Bytes>,
    ReqBody::Error: Into<BoxError>,
    ResBody: Body<Data = Bytes>,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<ResponsesBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponsesFuture<S, S::Future, ReqBody, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let config = Arc::clone(&self.config);
        let (parts, body) = request.into_parts();
        match Route::of(&parts.method, parts.uri.path()) {
            Route::Create => {
                // The instance that was polled ready makes the call, once the body is read.
                let clone = self.inner.clone();
                let service = mem::replace(&mut self.inner, clone);
                return ResponsesFuture::read(parts, body, service, config);
            }
            Route::Kept(kept) => {
                let owner = Owner::of(&parts);
                let query = parts.uri.query().unwrap_or_default();
                match kept::answer(&config, owner, kept, query) {
                    Some(Answer::Now(answer)) => return ResponsesFuture::ready(answer, config),
                    Some(Answer::Later(answer)) => return ResponsesFuture::later(answer, config),
                    None => {}
                }
            }
            Route::Other => {}
        }
        let request = Request::from_parts(parts, ResponsesRequestBody::inner(body));
        ResponsesFuture::pass(self.inner.call(request), config)
    }
}
