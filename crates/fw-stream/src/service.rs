//! The service of the layer.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderValue, Request, Response, header};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::error::BoxError;
use crate::future::StreamFuture;
use crate::layer::StreamLayer;
use crate::reply::{ReplyBody, ReplyHead};
use crate::transform::Transform;

/// The service that [`StreamLayer`] makes.
pub struct StreamService<S, M> {
    inner: S,
    make: Arc<M>,
    max_event_bytes: usize,
}

// === impl StreamService ===

impl<S, M> StreamService<S, M> {
    /// Wraps a service; see [`StreamLayer::new`].
    pub fn new<T>(inner: S, make: M) -> Self
    where
        M: Fn(&ReplyHead<'_>) -> Option<T>,
    {
        StreamLayer::new(make).layer(inner)
    }

    pub(crate) const fn from_parts(inner: S, make: Arc<M>, max_event_bytes: usize) -> Self {
        Self {
            inner,
            make,
            max_event_bytes,
        }
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

impl<S, M, T, ReqBody, ResBody> Service<Request<ReqBody>> for StreamService<S, M>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    M: Fn(&ReplyHead<'_>) -> Option<T>,
    T: Transform,
    ResBody: Body,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<ReplyBody<ResBody, T>>;
    type Error = S::Error;
    type Future = StreamFuture<S::Future, M>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let identity = HeaderValue::from_static("identity");
        request
            .headers_mut()
            .insert(header::ACCEPT_ENCODING, identity);
        // Called at once, so the instance that was polled ready is the one that is called.
        let reply = self.inner.call(request);
        let make = Arc::clone(&self.make);
        StreamFuture::new(reply, make, method, uri, self.max_event_bytes)
    }
}

impl<S: Clone, M> Clone for StreamService<S, M> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            make: Arc::clone(&self.make),
            max_event_bytes: self.max_event_bytes,
        }
    }
}

impl<S: fmt::Debug, M> fmt::Debug for StreamService<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamService")
            .field("inner", &self.inner)
            .field("max_event_bytes", &self.max_event_bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
