//! The listener: accepts connections, serves HTTP/1.1 and HTTP/2 on them, and drains.
//!
//! On a stop signal no connection is accepted any more, idle connections close, and requests in
//! flight go on until they end or the drain deadline cuts them.

mod draining;
mod head_timer;
mod joined;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use fw_stream::PollAgain;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower_service::Service;

use self::draining::{Draining, Stop, Stopping};
use self::head_timer::HeadTimer;
use self::joined::JoinedWrites;

/// How long a client may take to send a request's head, and how long a new connection may stay silent.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long to wait after the system refused to hand out a connection (no file descriptors left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// How long to wait for more of what looks like the start of HTTP/2; hardly anybody sends that in parts.
const PREFACE_PAUSE: Duration = Duration::from_millis(20);

/// After how long a silence an HTTP/2 client is asked whether it is still there.
const HTTP2_PING_INTERVAL: Duration = Duration::from_secs(30);

/// How long it may take to answer.
const HTTP2_PING_TIMEOUT: Duration = Duration::from_secs(20);

/// The largest head of an HTTP/1.1 request, and the most that is read ahead of the service.
const MAX_HTTP1_BUFFER: usize = 128 * 1024;

/// The largest header list of an HTTP/2 request.
const MAX_HTTP2_HEADERS: u32 = 64 * 1024;

/// What a client sends first that knows that it speaks to a server with HTTP/2 (RFC 9113 section 3.4).
const HTTP2_PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How serving came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Drained {
    /// Every request in flight ended by itself.
    Complete,
    /// The deadline passed; this many connections were cut.
    DeadlinePassed {
        /// Connections still open when the deadline passed.
        connections: usize,
    },
}

/// Serves `service` on `listener` until `shutdown` resolves, then drains for at most `drain`.
///
/// Sets `TCP_NODELAY` on every connection: without it Nagle's algorithm holds the first event of a
/// stream until the client's delayed acknowledgement, some 40 ms.
pub async fn serve<S, B>(
    listener: TcpListener,
    service: S,
    shutdown: impl Future<Output = ()>,
    drain: Duration,
) -> Drained
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let connections = connection_builder();
    let stop = Stop::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(connection(
                        stream,
                        connections.clone(),
                        service.clone(),
                        stop.subscribe(),
                    ));
                }
                Err(error) => pause_after(&error).await,
            },
        }
    }
    // Refuse new connections at once rather than leave them in the backlog.
    drop(listener);

    stop.send();
    tracing::info!(
        connections = stop.connections(),
        deadline_seconds = drain.as_secs(),
        "draining"
    );
    match tokio::time::timeout(drain, stop.closed()).await {
        Ok(()) => Drained::Complete,
        Err(_) => Drained::DeadlinePassed {
            connections: stop.connections(),
        },
    }
}

fn connection_builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HTTP1_BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HTTP2_PING_INTERVAL)
        .keep_alive_timeout(HTTP2_PING_TIMEOUT)
        .max_header_list_size(MAX_HTTP2_HEADERS);
    builder
}

async fn connection<S, B>(
    stream: TcpStream,
    mut builder: auto::Builder<TokioExecutor>,
    service: S,
    mut stopping: Stopping,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "could not set TCP_NODELAY");
    }
    // The protocol detection has no timer of its own: a silent connection would stay for ever.
    let is_http2 = tokio::select! {
        known = tokio::time::timeout(HEAD_TIMEOUT, begins_http2(&stream)) => match known {
            Ok(Ok(known)) => known,
            _ => return,
        },
        () = stopping.stopped() => return,
    };
    builder.http1().timer(HeadTimer::default());
    let builder = if is_http2 {
        builder
    } else {
        // The detection takes the first bytes out and gives them back, and hyper then reads on into a buffer of
        // twice the size, which the connection keeps.
        builder.http1_only()
    };
    let connection = builder
        .serve_connection(
            TokioIo::new(JoinedWrites::new(stream)),
            TowerToHyperService::new(service),
        )
        .into_owned();
    if let Err(error) = PollAgain::new(Draining::new(connection, stopping)).await {
        tracing::debug!(%error, "connection ended");
    }
}

/// Looks at what the client sends first, and leaves it there, until it is clear whether that is HTTP/2.
async fn begins_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut start = [0; HTTP2_PREFACE.len()];
    loop {
        let length = stream.peek(&mut start).await?;
        let start = start.get(..length).unwrap_or_default();
        if start.is_empty() || !HTTP2_PREFACE.starts_with(start) {
            return Ok(false);
        }
        if length == HTTP2_PREFACE.len() {
            return Ok(true);
        }
        // Nothing says when there is more than what was looked at.
        tokio::time::sleep(PREFACE_PAUSE).await;
    }
}

/// A connection that died before it was accepted concerns nobody else; anything else is the system
/// being out of something, which a tight loop would only make worse.
async fn pause_after(error: &io::Error) {
    let of_the_connection = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    );
    if !of_the_connection {
        tracing::error!(%error, "cannot accept connections");
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

#[cfg(test)]
mod tests;
