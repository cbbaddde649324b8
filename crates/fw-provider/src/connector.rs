//! Opening connections: DNS, TCP and TLS under one deadline.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tower_service::Service;

use crate::error::BoxError;

/// Interval after which the operating system checks a quiet connection. Long
/// streams may be silent for minutes; a lost peer must still be noticed.
const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

/// hyper's connector has a deadline for TCP only; a peer that accepts and then
/// never answers the TLS handshake would hold a request until its own deadline.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    inner: HttpsConnector<HttpConnector>,
    timeout: Duration,
}

impl Connector {
    pub(crate) fn new(tls: rustls::ClientConfig, tls_only: bool, timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        // Without it Nagle's algorithm holds small writes back until the peer
        // has acknowledged the one before (RFC 896).
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(TCP_KEEPALIVE));
        let inner = HttpsConnector::from((tcp, tls));
        let mut connector = Self { inner, timeout };
        if tls_only {
            connector.inner.enforce_https();
        }
        connector
    }
}

/// What bytes go over.
pub(crate) type Io = MaybeHttpsStream<TokioIo<TcpStream>>;

impl Service<Uri> for Connector {
    type Response = Io;
    type Error = BoxError;
    type Future = Connecting;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        Connecting {
            inner: self.inner.call(address),
            deadline: Box::pin(tokio::time::sleep(self.timeout)),
        }
    }
}

/// hyper-util wants it `Unpin`, hence the box; a connection is rare and dear.
pub(crate) struct Connecting {
    inner: <HttpsConnector<HttpConnector> as Service<Uri>>::Future,
    deadline: Pin<Box<Sleep>>,
}

impl Future for Connecting {
    type Output = Result<Io, BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(result) = self.inner.as_mut().poll(cx) {
            return Poll::Ready(result);
        }
        self.deadline
            .as_mut()
            .poll(cx)
            .map(|()| Err(ConnectTimedOut.into()))
    }
}

/// The deadline for opening a connection passed.
#[derive(Debug)]
pub(crate) struct ConnectTimedOut;

impl fmt::Display for ConnectTimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("opening the connection took too long")
    }
}

impl std::error::Error for ConnectTimedOut {}
