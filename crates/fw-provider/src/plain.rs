//! A client for addresses that are no provider's.

use std::fmt;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower_service::Service;

use crate::HttpVersions;
use crate::client::HyperClient;
use crate::connector::Connector;
use crate::tls;

/// Connections that wait to be used again, for each host.
const MAX_IDLE: usize = 32;

/// Sends requests as they are, over pooled connections: for services beside the providers, such as one that
/// moderates. Cheap to clone; clones share their connections.
///
/// It trusts whom a [`Provider`](crate::Provider) trusts. It takes no header away and adds no key.
pub struct HttpClient<B> {
    inner: HyperClient<B>,
}

impl<B> HttpClient<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    /// A client that opens connections within this time.
    ///
    /// # Errors
    ///
    /// When TLS cannot be used.
    pub fn new(connect_timeout: Duration) -> io::Result<Self> {
        let tls = tls::client_config(&[], HttpVersions::Auto).map_err(io::Error::other)?;
        let connector = Connector::new(tls, false, connect_timeout);
        let inner = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(MAX_IDLE)
            .build(connector);
        Ok(Self { inner })
    }
}

impl<B> Service<Request<B>> for HttpClient<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Incoming>;
    type Error = legacy::Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), legacy::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        self.inner.request(request)
    }
}

impl<B> Clone for HttpClient<B> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

impl<B> fmt::Debug for HttpClient<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}
